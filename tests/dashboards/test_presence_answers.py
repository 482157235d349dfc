"""What is said of presence over days, by class and by how coarse it is, against the released files."""

from pathlib import Path

import h3
import pandas as pd
import pytest

from dashboards import queries
from dashboards.store import Store, open_store
from tests.anonymization.releases import EIGHTS, draft, publish
from tests.anonymization.releases import zone as zone_feature
from tests.dashboards.opened import asked, within

CLOCK = "strftime(timezone('Europe/Paris', window_start), '%H:%M')"


def own(release: Path, zone: str) -> str:
    """The condition that a part names only a zone and those inside it."""
    names = ", ".join(f"'{each}'" for each in within(release, zone))
    return f"list_has_all([{names}], string_split(zone_id, '|'))"


def zones_of(store: Store) -> list[str]:
    return [zone.zone_id for zone in store.zones.values() if not zone.sensitive]


def test_the_peak_of_each_day_is_that_of_the_released_files(release: Path, store: Store) -> None:
    compared = 0
    for zone in zones_of(store):
        slots: dict[str, list[tuple]] = {}
        for day, *slot in asked(
            release,
            f"""SELECT strftime(date, '%Y-%m-%d'), sum(people), window_start, sum(devices), count(*) FROM {{presence}}
                WHERE {own(release, zone)} GROUP BY date, window_start ORDER BY window_start""",
        ):
            slots.setdefault(day, []).append(tuple(slot))
        answer = store.ask(queries.DAILY_PEAK, zone=zone).set_index("day")
        assert list(answer.index) == sorted(slots)
        for day, row in answer.iterrows():
            most = max(slots[day], key=lambda slot: (slot[0], -slot[1].timestamp()))
            assert (row["people"], row["window_start"], row["devices"], row["parts"]) == most
            assert row["slots"] == len(slots[day])
            compared += 1
    assert compared > 10


def test_the_slots_of_several_days_are_those_of_each_day(store: Store) -> None:
    days = [day.date.isoformat() for day in store.release.days]
    together = store.ask(queries.PRESENCE_BY_HOUR_OF_DAYS, zone="21231", first_day=days[0], last_day=days[-1])
    apart = pd.concat([store.ask(queries.PRESENCE, zone="21231", day=day) for day in days], ignore_index=True)
    assert together.drop(columns=["day", "clock"]).equals(apart)
    # Of 25 hours, and of 24.
    assert list(together[together["inside"]].groupby("day").size()) == [100, 96]
    assert list(together["clock"][:1]) == ["05:00"]
    assert {"02:30", "02:30b"} <= set(together["clock"])
    assert set(
        store.ask(queries.PRESENCE_BY_HOUR_OF_DAYS, zone="21231", first_day=days[1], last_day=days[1])["day"]
    ) == {days[1]}


@pytest.mark.parametrize(("name", "attribute"), [("presence_by_age", "age_band"), ("presence_by_spc", "spc")])
def test_the_classes_present_at_an_hour_are_those_of_the_released_files(
    name: str, attribute: str, release: Path, store: Store
) -> None:
    compared = 0
    for zone in zones_of(store):
        for day in store.release.days:
            expected = asked(
                release,
                f"""SELECT {CLOCK}, {attribute}, count(*), sum(devices), sum(people) FROM {{{name}}}
                    WHERE {own(release, zone)} AND date = '{day.date}' GROUP BY window_start, {attribute}
                    ORDER BY window_start, {attribute}""",
            )
            answer = store.ask(queries.QUERIES[name], zone=zone, day=day.date.isoformat())
            answer = answer[answer["inside"]].assign(clock=lambda rows: rows["clock"].str.removesuffix("b"))
            columns = answer[["clock", "value", "parts", "devices", "people"]]
            assert list(columns.itertuples(index=False, name=None)) == expected
            compared += len(expected)
    assert compared > 1000


def test_the_interval_of_a_sum_has_the_root_of_the_summed_squares(release: Path, store: Store) -> None:
    ((day, start, people, low, high, parts),) = asked(
        release,
        f"""SELECT strftime(date, '%Y-%m-%d'), window_start, sum(people), sqrt(sum((people - people_low) ** 2)),
                sqrt(sum((people_high - people) ** 2)), count(*)
            FROM {{presence}} WHERE {own(release, "242100410")} GROUP BY ALL
            ORDER BY count(*) DESC, window_start LIMIT 1""",
    )
    answer = store.ask(queries.PRESENCE, zone="242100410", day=day)
    (row,) = answer[(answer["window_start"] == start) & answer["inside"]].to_dict("records")
    assert parts > 1
    assert row["people_low"] <= people - low < row["people_low"] + 10
    assert row["people_high"] - 10 < people + high <= row["people_high"]
    assert row["people_low"] > people - 2 * low


def finest(release: Path) -> int:
    ((most,),) = asked(
        release, "SELECT max((cell >> 52) & 15) FROM (SELECT unnest(cells) AS cell FROM {presence}) AS each"
    )
    return int(most)


def test_the_pooled_share_counts_all_but_single_hexagons_of_the_zone(release: Path, store: Store) -> None:
    resolution, day = finest(release), "2026-10-25"
    some = 0.0
    for zone in zones_of(store):
        single = f"len(cells) = 1 AND (cells[1] >> 52) & 15 = {resolution}"
        expected = asked(
            release,
            f"""SELECT {CLOCK}, coalesce(sum(people) FILTER ({single}), 0),
                    coalesce(sum(people) FILTER (NOT ({single})), 0)
                FROM {{presence}} WHERE {own(release, zone)} AND date = '{day}'
                GROUP BY window_start ORDER BY window_start""",
        )
        answer = store.ask(queries.POOLED_SHARE, zone=zone, day=day)
        assert (answer["people"] == answer[["single_people", "merged_people", "beyond_people"]].sum(axis=1)).all()
        assert (answer["pooled_share"] - (1 - answer["single_people"] / answer["people"])).abs().max() < 1e-12
        mine = answer[answer["single_people"] + answer["merged_people"] > 0]
        columns = mine[["clock", "single_people", "merged_people"]]
        assert list(columns.itertuples(index=False, name=None)) == expected
        some += answer["beyond_people"].sum()
    assert some > 0


def test_coverage_tells_the_hexagons_that_presence_ever_held(release: Path, store: Store) -> None:
    cells = asked(release, "SELECT DISTINCT unnest(cells) FROM {presence}")
    held = {h3.int_to_str(cell) for (cell,) in cells}
    answers = {zone: store.ask(queries.COVERAGE, zone=zone) for zone in store.zones}
    for zone, answer in answers.items():
        names = [h3.int_to_str(cell) for cell in answer["cell"].tolist()]
        whole = {h3.int_to_str(cell) for cell in store.zones[zone].cells.tolist()}
        assert set(names) == set(h3.uncompact_cells(whole, 9))
        ancestors = [{h3.cell_to_parent(name, resolution) for resolution in range(10)} for name in names]
        assert list(answer["covered"]) == [bool(held & own) for own in ancestors]


def test_hexagons_that_no_part_ever_held_are_not_covered(tmp_path: Path) -> None:
    content = draft()
    beyond = zone_feature("D", "commune", h3.cell_to_children(EIGHTS[5], 9))
    content.zones["features"] = [*content.zones["features"], beyond]
    store = open_store(publish(tmp_path / "release", content), None)
    found = {zone: store.ask(queries.COVERAGE, zone=zone)["covered"].tolist() for zone in ("A", "D")}
    assert found == {"A": [True] * 7, "D": [False] * 7}
