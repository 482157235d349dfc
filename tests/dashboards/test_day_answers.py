"""What is said of a zone and a day, against the released files."""

from pathlib import Path

import pytest

from dashboards import queries
from dashboards.queries import Query
from dashboards.store import Store, open_store
from tests.anonymization.releases import publish, whole_draft
from tests.dashboards.opened import asked

SPLIT = {
    "attendance_by_age": (queries.BY_AGE, "age_band"),
    "attendance_by_spc": (queries.BY_SPC, "spc"),
    "attendance_by_category": (queries.BY_CATEGORY, "visitor_category"),
    "attendance_by_origin": (queries.BY_ORIGIN, "origin"),
    "dwell": (queries.BY_DWELL, "dwell_band"),
    "nights": (queries.NIGHTS, "visitor_category"),
    "dwell_by_arrival": (queries.DWELL_BY_ARRIVAL, "dwell_band, arrival_hour"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every indicator, made by hand."""
    return publish(tmp_path_factory.mktemp("whole") / "release", whole_draft())


@pytest.fixture(scope="module")
def by_hand(whole: Path) -> Store:
    return open_store(whole, None)


def rows_of(store: Store, query: Query, **given: str) -> list[tuple]:
    return list(store.ask(query, **given).itertuples(index=False, name=None))


@pytest.mark.parametrize("indicator", SPLIT)
def test_the_classes_of_every_zone_and_day_are_those_of_the_released_files(
    indicator: str, release: Path, store: Store
) -> None:
    query, attributes = SPLIT[indicator]
    compared = 0
    for zone in store.zones:
        for day in store.release.days:
            expected = asked(
                release,
                f"""SELECT zone_id, {attributes}, devices, people, people_low, people_high FROM {{{indicator}}}
                    WHERE date = '{day.date}' AND '|' || zone_id || '|' LIKE '%|{zone}|%' ORDER BY ALL""",
            )
            assert rows_of(store, query, zone=zone, day=day.date.isoformat()) == expected
            compared += len(expected)
    assert compared == asked(release, f"SELECT sum(len(string_split(zone_id, '|'))) FROM {{{indicator}}}")[0][0]


def test_attendance_of_each_day_is_that_of_the_released_files(release: Path, store: Store) -> None:
    for zone in store.zones:
        expected = asked(
            release,
            f"""SELECT strftime(date, '%Y-%m-%d'), zone_id, devices, people, people_low, people_high FROM {{attendance}}
                WHERE '|' || zone_id || '|' LIKE '%|{zone}|%' ORDER BY ALL""",
        )
        assert rows_of(store, queries.DAILY_ATTENDANCE, zone=zone) == expected
        assert expected


@pytest.mark.parametrize("zone", ["B", "C", "V", "21231", "H"])
def test_transit_is_told_by_local_hour_also_of_a_pool(zone: str, whole: Path, by_hand: Store) -> None:
    expected = asked(
        whole,
        f"""SELECT strftime(timezone('Europe/Paris', window_start), '%H:%M'), zone_id, devices, people, people_low,
                people_high
            FROM {{transit}} WHERE date = '2026-06-20' AND '|' || zone_id || '|' LIKE '%|{zone}|%' ORDER BY ALL""",
    )
    answer = by_hand.ask(queries.TRANSIT, zone=zone, day="2026-06-20").drop(columns="window_start")
    assert list(answer.itertuples(index=False, name=None)) == expected
    assert len(expected) == {"B": 2, "C": 1, "V": 1, "21231": 1, "H": 0}[zone]
