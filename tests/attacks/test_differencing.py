"""Rows that hold others by what they say, and what is left of them by subtraction."""

from collections.abc import Mapping

import h3
import numpy as np
import pyarrow as pa
import pytest

from anonymization.inclusions import INCLUSIONS
from pipelines.arrays import instants
from pipelines.attacks.figures.cases import Cases
from pipelines.attacks.figures.classes import attribute
from pipelines.attacks.figures.differences import Compared, Differences
from pipelines.attacks.figures.differencing import DIFFERENCING, atom_sizes, compared
from pipelines.attacks.figures.ends import Clock, ends_held
from pipelines.attacks.figures.moves import moves_held
from pipelines.attacks.figures.parts import counted_in, held, parts_of
from pipelines.attacks.figures.reach import Nesting, Printed, part_of, unions
from pipelines.attacks.figures.sets import sets_of
from pipelines.attacks.figures.shown import Shown, shown
from pipelines.attacks.finding import Weakness
from pipelines.attacks.members import MEMBERS
from pipelines.attacks.target import Target
from schemas.indicators import INDICATORS
from tests.anonymization.territories import SEVENS, below, zone
from tests.tables import table

K = 20
CELLS = {
    "town": [h3.str_to_int(SEVENS[0])],
    "venue": [h3.str_to_int(below(SEVENS[0], 0))],
    "village": [h3.str_to_int(SEVENS[1])],
}
CELL_LISTS = pa.list_(pa.uint64())

Row = tuple[str, tuple[str, ...], range]
"""A place, a value for each attribute, and the devices."""
Rows = Mapping[str, list[Row]]


def rows_of(name: str, printed: list[Row]) -> pa.Table:
    day = table("window_start window_end\n" + "05:00 29:00\n" * len(printed))
    columns = {
        "row": pa.array(range(len(printed))),
        "zone_id": pa.array([place for place, _, _ in printed]),
        "cells": pa.array([CELLS[place] for place, _, _ in printed], CELL_LISTS),
    }
    for at, each in enumerate(INDICATORS[name].attributes):
        columns[each] = pa.array([values[at] for _, values, _ in printed])
    return pa.table({**{each: day[each] for each in day.column_names}, **columns})


def members_of(printed: list[Row]) -> pa.Table:
    pairs = [(row, device) for row, (_, _, devices) in enumerate(printed) for device in devices]
    return pa.table({"row": [row for row, _ in pairs], "device": [device for _, device in pairs]}, schema=MEMBERS)


def found(printed: Rows, homes: Mapping[str, str] | None = None) -> Differences:
    """What the rows of a day leave of each other; `homes`: the one home in a place."""
    rows = {name: rows_of(name, each) for name, each in printed.items()}
    parts = parts_of(rows)
    values: dict[str, list[str]] = {}
    for name, each in rows.items():
        for attributes in INDICATORS[name].attributes:
            values.setdefault(attributes, []).extend(each[attributes].to_pylist())
    known = {name: attribute(name, each, 5) for name, each in values.items()}
    sets = sets_of(rows, {name: members_of(each) for name, each in printed.items()}, parts)

    def residents(place: str) -> frozenset[str]:
        return frozenset({homes[place]} if homes and place in homes else ())

    return Compared(sets, parts.zones, held(parts), known, residents, K).differences()


@pytest.mark.parametrize(("left", "few"), [(0, 0), (1, 1), (19, 1), (20, 0), (21, 0)])
def test_a_zone_leaves_nobody_or_k_of_the_one_around_it(left: int, few: int) -> None:
    rows: Rows = {"attendance": [("town", (), range(60 + left)), ("venue", (), range(60))]}
    assert found(rows).few == few


def test_zones_beside_each_other_are_not_subtracted() -> None:
    assert found({"attendance": [("town", (), range(65)), ("village", (), range(60))]}).tried == 0


def test_hours_of_arrival_that_do_not_make_up_their_dwell_class_leave_the_others() -> None:
    rows: Rows = {
        "dwell": [("town", ("2-4 h",), range(40)), ("town", (">=8 h",), range(40, 65))],
        "dwell_by_arrival": [("town", ("2-4 h", "12"), range(40)), ("town", (">=8 h", "18"), range(40, 62))],
    }
    assert found(rows).few == 1
    rows["dwell_by_arrival"][1] = ("town", (">=8 h", "18"), range(40, 65))
    assert found(rows).few == 0


def test_foreign_origins_are_subtracted_from_the_categories_that_hold_them() -> None:
    pool = "tourist|foreign excursionist|foreign tourist"
    rows: Rows = {
        "attendance": [("town", (), range(100))],
        "attendance_by_category": [("town", ("resident|excursionist",), range(50)), ("town", (pool,), range(50, 100))],
        "attendance_by_origin": [("town", ("DE|IT",), range(65, 100)), ("town", ("21|town",), range(65))],
    }
    assert found(rows, {"town": "town"}).few > 0


def test_foreign_origins_are_subtracted_from_unknown_ages_where_foreign_devices_have_no_row() -> None:
    ages = [("town", ("18-24",), range(40)), ("town", ("unknown",), range(40, 100))]
    rows: Rows = {
        "attendance_by_age": ages,
        "attendance_by_origin": [("town", ("DE",), range(48, 100)), ("town", ("21",), range(48))],
    }
    assert found(rows).few > 0
    apart = [*ages[:1], ("town", ("unknown",), range(40, 48)), ("town", ("foreign",), range(48, 100))]
    assert found({**rows, "attendance_by_age": apart}).few == 0


def test_a_class_leaves_nobody_or_k_of_the_same_class_around() -> None:
    def ages(young: int) -> Rows:
        return {
            "attendance_by_age": [
                ("town", ("18-24",), range(young)),
                ("town", ("65+",), range(100, 200)),
                ("venue", ("18-24",), range(45)),
                ("venue", ("65+",), range(100, 130)),
            ]
        }

    assert found(ages(50)).few == 1
    assert found(ages(65)).few == 0


def test_who_stays_long_inside_stays_as_long_around() -> None:
    rows: Rows = {
        "dwell": [
            ("town", ("<30 min|30-60 min|1-2 h|2-4 h",), range(40, 90)),
            ("town", ("4-8 h|>=8 h",), range(40)),
            ("venue", ("2-4 h",), range(40, 65)),
            ("venue", ("4-8 h|>=8 h",), range(30)),
        ]
    }
    assert found(rows).few == 1


@pytest.mark.parametrize(("left", "few"), [(0, 0), (1, 1), (19, 1), (20, 0)])
def test_who_did_not_sleep_there_is_left_of_who_came(left: int, few: int) -> None:
    rows: Rows = {
        "attendance_by_category": [("town", ("resident",), range(60)), ("town", ("excursionist",), range(60, 90))],
        "nights": [("town", ("resident",), range(60 - left))],
    }
    assert found(rows).few == few


def test_a_home_in_the_town_around_makes_a_visitor_a_resident_there() -> None:
    def town(residents: int) -> Rows:
        return {
            "attendance_by_category": [
                ("town", ("resident",), range(residents)),
                ("town", ("excursionist",), range(100, 150)),
                ("venue", ("excursionist",), range(30)),
            ],
            "attendance_by_origin": [
                ("town", ("home",), range(residents)),
                ("town", ("21",), range(100, 150)),
                ("venue", ("home",), range(30)),
            ],
        }

    homes = {"town": "home"}
    assert found(town(35), homes).few > 0
    assert found(town(50), homes).few == 0


def test_classes_that_are_left_out_may_hold_anybody() -> None:
    rows: Rows = {
        "attendance_by_age": [("town", ("18-24",), range(50)), ("town", ("65+",), range(50, 100))],
        "dwell": [("town", ("1-2 h",), range(85))],
    }
    assert found(rows).pairs == {("dwell", "attendance_by_age")}


def test_an_attribute_that_is_not_known_is_the_same_in_a_part_and_anything_around() -> None:
    known = {"dwell_band": attribute("mood", ["calm", "gay"], 5)}
    part = part_of({"dwell": [Printed(("calm",)), Printed(("gay",))]}, known, frozenset(), ["dwell"])
    assert Nesting(part, part, True, known).reached("dwell", "dwell") == [0b01, 0b10]
    assert Nesting(part, part, False, known).reached("dwell", "dwell") == [0b11, 0b11]


def test_unions_are_of_rows_that_share_a_row_around() -> None:
    assert unions([0b0011, 0b0110, 0b1000]) == [(0b0011, 0b001), (0b0110, 0b010), (0b1000, 0b100), (0b0111, 0b011)]


def test_a_row_by_the_hour_counts_in_the_slot_that_holds_the_half_hour() -> None:
    slots = "window_start window_end\n" + "".join(f"10:{at:02} 10:{at + 15:02}\n" for at in (0, 15, 30))
    rows = {"presence": table(slots), "presence_by_age": table("window_start window_end\n10:00 11:00")}
    start, end = counted_in("presence_by_age", rows)
    assert (start[0], end[0]) == tuple(each[2] for each in counted_in("presence", rows))


def test_a_part_lies_in_another_in_space_and_time() -> None:
    text = """
        row window_start window_end zone_id
        0   10:00        10:15      town
        1   10:00        10:15      venue
        2   10:15        10:30      venue
        3   10:00        10:30      venue
    """
    rows = table(text)
    rows = rows.append_column("cells", pa.array([CELLS[each] for each in rows["zone_id"].to_pylist()], CELL_LISTS))
    parts = parts_of({"presence": rows})
    row = np.argsort(parts.of("presence"))
    pairs = sorted(zip(*(row[each].tolist() for each in held(parts)), strict=True))
    assert pairs == [(1, 0), (1, 3), (2, 3)]


def test_atoms_are_of_the_devices_that_are_in_the_same_parts() -> None:
    text = """
        row window_start window_end
        0   10:00        10:15
        1   10:00        10:15
        2   10:15        10:30
    """
    behind = members_of([("", (), range(60)), ("", (), range(40, 90)), ("", (), range(25))])
    assert atom_sizes(table(text), behind).tolist() == [20, 25, 30, 40]


TOWNS = (
    zone("A", SEVENS[:1]),
    zone("a", [below(SEVENS[0], 0)], parent=0, kind="venue"),
    zone("B", SEVENS[1:2]),
    zone("b", [below(SEVENS[1], 0)], parent=2, kind="venue"),
    zone("c", [below(SEVENS[1], 1)], parent=2, kind="venue"),
)


def movements(pairs: str, parts: str = "A B a b c") -> list[tuple[str, str]]:
    """Which of the flows of an hour, written as A>B, lie in which others."""
    flows = [pair.split(">") for pair in pairs.split()]
    rows = table("window_start\n" + "08:00\n" * len(flows))
    for at, name in enumerate(("start", "end")):
        rows = rows.append_column(name, pa.array([flow[at] for flow in flows]))
    inner, outer = moves_held(rows, ("start", "end"), pa.table({"zone_id": parts.split()}), TOWNS)
    return [(pairs.split()[one], pairs.split()[other]) for one, other in zip(inner, outer, strict=True)]


def test_a_movement_between_venues_is_one_between_their_towns() -> None:
    assert movements("A>B a>b") == [("a>b", "A>B")]
    assert movements("A>all a>b|c") == [("a>b|c", "A>all")]


def test_a_movement_inside_a_part_is_none_of_those_that_leave_it() -> None:
    assert movements("B>all b>c B>A") == [("B>A", "B>all")]
    assert movements("A|B>all a>b") == [("a>b", "A|B>all")]
    assert movements("A|B>all a>b", parts="A|B a b c") == []


def test_where_a_movement_to_everywhere_ends_is_not_known() -> None:
    assert movements("A>B a>all") == []


def test_movements_of_another_hour_are_others() -> None:
    rows = table("window_start start end\n08:00 A B\n09:00 a b")
    inner, _ = moves_held(rows, ("start", "end"), pa.table({"zone_id": list("ABabc")}), TOWNS)
    assert inner.size == 0


CLOCK = Clock(
    instants(table("at\n" + "".join(f"{hour}:00\n" for hour in range(5, 30))), "at"), (5 + np.arange(24)) % 24
)


def moved(flow: str, hour: int, devices: range, arrivals: list[Row], visitors: list[Row]) -> Differences:
    """What a flow from A, B or another zone, written as A>B, leaves of the visitors of its ends."""
    start, end = flow.split(">")
    rows = {
        "flows": table(f"row window_start start end\n0 {hour}:00 {start} {end}"),
        "attendance": at_zones("attendance", visitors),
        "dwell_by_arrival": at_zones("dwell_by_arrival", arrivals),
    }
    behind = {
        "flows": members_of([("", (), devices)]),
        "attendance": members_of(visitors),
        "dwell_by_arrival": members_of(arrivals),
    }
    ends = ends_held("flows", ("start", "end"), rows, "attendance", TOWNS, CLOCK)
    return ends.differences("flows", behind, K)


def at_zones(name: str, printed: list[Row]) -> pa.Table:
    columns = {
        "row": pa.array(range(len(printed)), pa.int64()),
        "zone_id": pa.array([place for place, _, _ in printed], pa.string()),
    }
    for at, each in enumerate(INDICATORS[name].attributes):
        columns[each] = pa.array([values[at] for _, values, _ in printed], pa.string())
    return pa.table(columns)


VISITORS: list[Row] = [("A", (), range(300)), ("B", (), range(300))]


@pytest.mark.parametrize(("left", "few"), [(0, 0), (1, 1), (19, 1), (20, 0)])
def test_a_flow_leaves_nobody_or_k_of_the_visitors_of_a_part(left: int, few: int) -> None:
    visitors: list[Row] = [("A", (), range(60 + left)), ("B", (), range(300))]
    assert moved("A>B", 8, range(60), [], visitors).few == few
    assert moved("B>A", 8, range(60), [], visitors).few == few


def test_a_flow_from_a_venue_is_of_visitors_of_its_town() -> None:
    assert moved("a>all", 8, range(60), [], [("A", (), range(70))]).few == 1
    assert moved("a>all", 8, range(60), [], [("B", (), range(70))]).tried == 0


def test_who_leaves_had_come_by_then() -> None:
    arrivals: list[Row] = [
        ("A", ("1-2 h", "05|06|07"), range(40)),
        ("A", (">=8 h", "08"), range(40, 70)),
        ("A", ("1-2 h", "09|10"), range(70, 300)),
    ]
    assert moved("A>all", 8, range(60), arrivals, VISITORS).few == 1
    assert moved("A>all", 9, range(60), arrivals, VISITORS).few == 0


def test_who_arrives_does_so_within_four_hours() -> None:
    arrivals: list[Row] = [("B", ("1-2 h", "12|13"), range(70)), ("B", ("1-2 h", "14"), range(70, 300))]
    assert moved("A>B", 9, range(60), arrivals, VISITORS).few == 1
    assert moved("A>B", 10, range(60), arrivals, VISITORS).few == 0


def test_hours_after_midnight_are_late_ones() -> None:
    arrivals: list[Row] = [("A", ("1-2 h", "23|00"), range(70)), ("A", ("1-2 h", "01"), range(70, 300))]
    assert moved("A>all", 24, range(60), arrivals, VISITORS).few == 1


def test_every_declared_inclusion_is_looked_at() -> None:
    values = {
        "age_band": "18-24",
        "spc": "1",
        "visitor_category": "tourist",
        "origin": "21",
        "dwell_band": "1-2 h",
        "arrival_hour": "12",
    }
    pairs = moved("A>B", 12, range(60), [("A", ("1-2 h", "12"), range(300))], VISITORS).pairs
    flows = Cases.of_pairs("flows", np.array([0]), np.array([0]))
    pairs |= flows.differences("flows", {"flows": members_of([("", (), range(60))])}, K).pairs
    for population in ("presence", "attendance"):
        rows = {
            name: [
                (place, tuple(values[attribute] for attribute in each.attributes), range(60))
                for place in ("town", "venue")
            ]
            for name, each in INDICATORS.items()
            if each.population == population
        }
        pairs |= found(rows).pairs
    assert {(each.inner, each.outer) for each in INCLUSIONS} <= pairs


def test_all_devices_of_a_row_are_in_the_rows_around_that_it_can_reach(small_target: Target) -> None:
    subject, day = shown(small_target), small_target.days[0]
    checked = 0
    for population in ("presence", "attendance"):
        rows = {name: each for name, each in subject.rows(day).items() if INDICATORS[name].population == population}
        sets = compared(rows, subject.of_day(day), subject, day, small_target)
        for alike in sets.alike():
            for one, other in alike.indicators():
                inside = sets.rows(alike.insides, alike.inner.rows[one])
                outside = sets.rows(alike.outsides, alike.outer.rows[other])
                for row, reach in enumerate(alike.nesting.reached(one, other)):
                    around = [at for at in range(outside.shape[1]) if reach >> at & 1]
                    for pair in range(alike.insides.size):
                        held = sets.sets.union(outside[pair, around])
                        assert np.isin(sets.sets.union(inside[pair, [row]]), held).all(), (one, other)
                        checked += 1
    assert checked > 500


def test_no_difference_in_a_release_is_of_fewer_than_k(small_target: Target) -> None:
    measured = DIFFERENCING.measure(DIFFERENCING.subject(small_target), small_target)
    assert set(measured.figures.values()) == {0}
    assert measured.tried["differences"] > 500
    assert measured.tried["of sets that are not held"] == 0


@pytest.mark.parametrize("weakness", DIFFERENCING.weaknesses, ids=lambda each: each.name.en)
@pytest.mark.slow
def test_rows_that_do_not_nest_are_subtracted(small_target: Target, weakness: Weakness[Shown]) -> None:
    assert DIFFERENCING.measure(weakness.build(small_target), small_target).figures["differences below k"] > 0
