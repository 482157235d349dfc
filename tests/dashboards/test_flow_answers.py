"""What is said of flows, against the released files: pools stay pools, and what is not published is not zero."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dashboards import queries
from dashboards.queries import Query
from dashboards.store import Store, open_store
from tests.anonymization.releases import SATURDAY, publish, whole_draft
from tests.dashboards.opened import CHANGE_OF_CLOCKS, asked

HOUR = "hour(timezone('Europe/Paris', window_start))"
BANDS = {(0, 24): "true", (7, 9): f"{HOUR} IN (7, 8)", (22, 3): f"{HOUR} IN (22, 23, 0, 1, 2)"}


def rows_of(store: Store, query: Query, columns: list[str], **given: str | int) -> list[tuple]:
    return sorted(store.ask(query, **given)[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize("band", BANDS, ids=str)
def test_the_trips_of_a_pair_are_the_sum_of_its_published_hours(
    band: tuple[int, int], release: Path, store: Store
) -> None:
    for day in (CHANGE_OF_CLOCKS, "2026-10-25"):
        expected = asked(
            release,
            f"""SELECT origin_zone_id, destination_zone_id, distance_class, count(*), sum(devices), sum(people)
                FROM {{flows}} WHERE date = '{day}' AND {BANDS[band]} GROUP BY ALL ORDER BY ALL""",
        )
        columns = ["origin", "destination", "distance_class", "hours", "devices", "trips"]
        answer = rows_of(store, queries.FLOWS, columns, day=day, from_hour=band[0], to_hour=band[1])
        assert answer == expected
        assert expected


def test_pools_of_zones_are_kept_as_they_were_published(release: Path, store: Store) -> None:
    ends = asked(release, "SELECT DISTINCT origin_zone_id, destination_zone_id FROM {flows} ORDER BY ALL")
    found = {
        pair
        for day in store.release.days
        for pair in rows_of(store, queries.FLOWS, ["origin", "destination"], day=day.date.isoformat())
    }
    assert sorted(found) == ends
    assert any("|" in end for pair in ends for end in pair)


@pytest.mark.parametrize("kind", ["commune", "venue", "epci", "nothing"])
def test_flows_of_a_kind_join_zones_of_it(kind: str, release: Path, store: Store) -> None:
    names = ", ".join(f"'{zone.zone_id}'" for zone in store.zones.values() if zone.kind == kind) or "''"
    expected = asked(
        release,
        f"""SELECT coalesce(sum(people), 0) FROM {{flows}} WHERE date = '{CHANGE_OF_CLOCKS}'
            AND list_has_all([{names}], string_split(origin_zone_id, '|'))""",
    )[0][0]
    assert store.ask(queries.FLOWS, day=CHANGE_OF_CLOCKS, kind=kind)["trips"].sum() == expected
    assert (expected > 0) == (kind == "commune")


def test_every_sum_of_flows_has_all_trips_of_the_day(release: Path, store: Store) -> None:
    whole = asked(release, f"SELECT sum(people) FROM {{flows}} WHERE date = '{CHANGE_OF_CLOCKS}'")[0][0]
    assert store.ask(queries.FLOWS_BY_DISTANCE, day=CHANGE_OF_CLOCKS)["trips"].sum() == whole
    assert store.ask(queries.FLOWS_BY_HOUR, day=CHANGE_OF_CLOCKS)["trips"].sum() == whole
    totals = store.ask(queries.FLOW_TOTALS, day=CHANGE_OF_CLOCKS)
    assert dict(totals.groupby("direction")["trips"].sum()) == {"in": whole, "out": whole}


def test_the_hours_of_a_day_are_those_of_the_released_files(release: Path, store: Store) -> None:
    expected = asked(
        release,
        f"""SELECT window_start, sum(devices), sum(people) FROM {{flows}} WHERE date = '{CHANGE_OF_CLOCKS}'
            GROUP BY ALL ORDER BY ALL""",
    )
    assert rows_of(store, queries.FLOWS_BY_HOUR, ["window_start", "devices", "trips"], day=CHANGE_OF_CLOCKS) == expected


def test_totals_of_a_zone_do_not_take_from_pools(tmp_path: Path) -> None:
    store = open_store(publish(tmp_path / "release", whole_draft()), None)
    totals = rows_of(store, queries.FLOW_TOTALS, ["zone_id", "direction", "devices"], day=SATURDAY.isoformat())
    assert totals == [
        ("21231", "out", 105),
        ("B", "in", 40),
        ("B|C", "in", 40),
        ("B|C", "out", 40),
        ("C", "in", 25),
        ("all", "in", 40),
    ]


MONDAY, TUESDAY = date(2026, 6, 22), date(2026, 6, 23)


def moved(tables: dict[str, pa.Table], to: date) -> dict[str, pa.Table]:
    """The tables of Saturday on another day."""
    later = pa.scalar(to - SATURDAY, pa.duration("us"))
    columns = ("window_start", "window_end")
    found = {}
    for name, rows in tables.items():
        for column in columns:
            place = rows.schema.get_field_index(column)
            rows = rows.set_column(place, rows.schema.field(place), pc.add(rows[column], later))
        found[name] = rows
    return found


@pytest.fixture(scope="module")
def weekdays(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Monday, and Tuesday without the flows of 25 devices."""
    content = whole_draft()
    tables = {day: moved(content.tables[SATURDAY], day) for day in (MONDAY, TUESDAY)}
    flows = tables[TUESDAY]["flows"]
    tables[TUESDAY]["flows"] = flows.filter(pc.not_equal(flows["devices"], 25))
    return open_store(publish(tmp_path_factory.mktemp("weekdays") / "release", replace(content, tables=tables)), None)


def averages(store: Store, **given: int) -> dict[tuple[str, str], dict[str, float]]:
    answer = store.ask(queries.FLOWS_WEEKDAY_AVERAGE, **given)
    return {(row["origin"], row["destination"]): row for row in answer.to_dict("records")}


def test_a_day_on_which_a_pair_was_not_published_is_not_zero(weekdays: Store) -> None:
    row = averages(weekdays)["21231", "C"]
    assert (row["weekday"], row["days"], row["days_published"], row["hours"]) == ("monday-friday", 2, 1, 1)
    assert (row["trips"], row["trips_least"]) == (50, 25)


def test_the_interval_of_an_average_is_the_mean_of_the_bounds(weekdays: Store) -> None:
    row = averages(weekdays)["21231", "B"]
    one = weekdays.ask(queries.FLOWS, day=MONDAY.isoformat()).set_index(["origin", "destination"]).loc[("21231", "B")]
    assert (row["days"], row["days_published"], row["hours"], row["trips"]) == (2, 2, 2, 80)
    assert (row["trips_low"], row["trips_high"]) == (one["trips_low"], one["trips_high"])
    assert one["trips_low"] < one["trips"] < one["trips_high"]


def test_an_average_is_of_the_band_of_hours(weekdays: Store) -> None:
    assert set(averages(weekdays, from_hour=9, to_hour=10)) == {("21231", "B|C")}
    assert ("21231", "B|C") not in averages(weekdays, from_hour=8, to_hour=9)


def test_each_kind_of_weekday_has_an_average_of_its_own(release: Path, store: Store) -> None:
    columns = ["weekday", "origin", "destination", "hours", "trips", "trips_least"]
    expected = asked(
        release,
        """SELECT CASE dayname(date) WHEN 'Saturday' THEN 'saturday' ELSE 'sunday' END, origin_zone_id,
            destination_zone_id, count(*), sum(people), sum(people) FROM {flows} GROUP BY ALL ORDER BY ALL""",
    )
    assert rows_of(store, queries.FLOWS_WEEKDAY_AVERAGE, columns) == expected
