"""Movements: a trip joins two activities; a crossing is a zone passed without a visit."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.trips import crossings, trips, zones_of_layers
from pipelines.visits import visits
from schemas.tables import CROSSING, TRIP
from tests.pipelines.made import HOURS, located, zones
from tests.tables import assert_same_rows, rows, table

NESTED = zones((2, 1), (3, 1), (0,), ())
"""Hexagons 0 and 1 are districts (2 and 3) of a town (1), hexagon 2 is another town (0), hexagon 3 is outside."""

TOWNS = np.array([1, 1, 0, -1], np.int32)
DISTRICTS = np.array([2, 3, -1, -1], np.int32)


def moves(text: str, *layers: np.ndarray) -> list[tuple]:
    """(device, hour, from, to) of the trips."""
    found = trips(located("device place hexagon begin end start last\n" + text), layers or (TOWNS,), HOURS)
    return rows(found, ["device", "hour", "from_zone", "to_zone"])


def still(place: str, hexagon: int, begin: str, end: str) -> str:
    """A stay of device 1 whose events are at its ends."""
    return f"1 {place} {hexagon} {begin} {end} {begin} {end}\n"


def test_a_layer_holds_its_zone_around_each_hexagon() -> None:
    found = zones_of_layers(NESTED, [[0, 1], [2, 3], []])
    assert [layer.tolist() for layer in found] == [TOWNS.tolist(), DISTRICTS.tolist(), [-1, -1, -1, -1]]
    assert {layer.dtype for layer in found} == {np.dtype(np.int32)}


def test_a_trip_joins_an_activity_and_the_next_one_in_another_zone() -> None:
    day = still("a", 0, "06:00", "07:00") + still("b", 2, "07:30", "09:00") + still("a", 0, "09:10", "29:00")
    assert moves(day) == [(1, 2, 1, 0), (1, 4, 0, 1)]


def test_every_layer_has_trips_of_its_own() -> None:
    day = still("a", 0, "06:00", "07:00") + still("b", 1, "07:30", "09:00") + still("c", 2, "09:10", "29:00")
    assert moves(day, TOWNS) == [(1, 4, 1, 0)]
    assert moves(day, DISTRICTS) == [(1, 2, 2, 3)]
    assert moves(day, TOWNS, DISTRICTS) == [(1, 2, 2, 3), (1, 4, 1, 0)]


@pytest.mark.parametrize(
    ("end", "found"), [("07:14:59.999999", []), ("07:15", [(1, 2, 1, 0)]), ("07:16", [(1, 2, 1, 0)])]
)
def test_an_activity_lasts_a_quarter_of_an_hour(end: str, found: list[tuple]) -> None:
    assert moves(still("a", 0, "07:00", end) + still("b", 2, "07:20", "09:00")) == found
    back = [(1, 2, 0, 1)] if found else []
    assert moves(still("b", 2, "06:00", "07:00") + still("a", 0, "07:00", end)) == back


def test_what_is_shorter_is_on_the_way() -> None:
    between = still("c", 3, "07:00", "07:10") + still("d", 1, "07:10", "07:20")
    assert moves(still("a", 0, "06:00", "07:00") + between + still("b", 2, "07:20", "09:00")) == [(1, 2, 1, 0)]
    assert (
        moves(still("a", 0, "06:00", "07:00") + still("b", 2, "07:00", "07:14") + still("a", 0, "07:14", "09:00")) == []
    )


def test_an_activity_outside_of_all_zones_ends_a_journey() -> None:
    day = still("a", 0, "06:00", "07:00") + still("c", 3, "07:00", "07:15") + still("b", 2, "07:20", "09:00")
    assert moves(day) == []


@pytest.mark.parametrize(("start", "found"), [("10:59:59.999999", 1), ("11:00", 1), ("11:00:00.000001", 0)])
def test_between_the_events_of_two_activities_lie_four_hours_at_most(start: str, found: int) -> None:
    day = f"1 a 0 06:00 08:00 06:00 07:00\n 1 b 2 09:00 13:00 {start} 13:00"
    assert len(moves(day)) == found


@pytest.mark.parametrize(("end", "hour"), [("06:59:59.999999", 1), ("07:00", 2), ("07:59:59.999999", 2), ("27:30", 22)])
def test_a_trip_is_of_the_hour_in_which_the_device_leaves(end: str, hour: int) -> None:
    assert moves(still("a", 0, "06:00", end) + still("b", 2, end, "29:00")) == [(1, hour, 1, 0)]


def test_a_device_leaves_when_it_is_estimated_to_and_not_with_its_last_event() -> None:
    assert moves("1 a 0 06:00 07:10 06:00 06:50\n 1 b 2 07:10 09:00 08:20 09:00") == [(1, 2, 1, 0)]


def test_stays_at_one_place_are_one_activity_unless_a_silence_between_them_is_not_filled() -> None:
    whole = still("a", 0, "06:00", "06:10") + still("a", 0, "06:10", "06:20")
    broken = still("a", 0, "06:00", "06:10") + still("a", 0, "06:11", "06:20")
    assert moves(whole + still("b", 2, "06:30", "09:00")) == [(1, 1, 1, 0)]
    assert moves(broken + still("b", 2, "06:30", "09:00")) == []


def test_a_move_within_a_zone_is_no_trip() -> None:
    assert moves(still("a", 0, "06:00", "07:00") + still("b", 1, "07:00", "09:00")) == []


def test_a_device_makes_the_same_trip_once_in_an_hour() -> None:
    day = (
        still("a", 0, "06:30", "07:00")
        + still("b", 2, "07:00", "07:15")
        + still("a", 0, "07:15", "07:30")
        + still("b", 2, "07:30", "08:00")
        + still("a", 0, "08:00", "08:30")
        + still("b", 2, "08:30", "09:00")
    )
    assert moves(day) == [(1, 2, 0, 1), (1, 2, 1, 0), (1, 3, 0, 1), (1, 3, 1, 0)]


def test_devices_do_not_continue_each_other() -> None:
    assert moves("1 a 0 06:00 07:00 06:00 07:00\n 2 b 2 07:00 08:00 07:00 08:00") == []


def test_who_moves_is_as_in_the_last_stay_of_the_device() -> None:
    day = located("""
        device place hexagon begin end   home_mcc age_band
        1      a     0       06:00 07:00 0        2
        1      b     2       07:00 08:00 0        2
        1      c     3       08:00 08:05 262      2
    """)
    assert_same_rows(trips(day, [TOWNS], HOURS), table("device home_mcc age_band\n 1 262 2"))
    assert_same_rows(crossings(day, zones((), (), (), (0,)), HOURS), table("device home_mcc age_band\n 1 262 2"))


def crossed(text: str) -> list[tuple]:
    """(device, hour, zone) of the crossings."""
    found = crossings(located("device place hexagon begin end start last\n" + text), NESTED, HOURS)
    return rows(found, ["device", "hour", "zone"])


@pytest.mark.parametrize(("end", "found"), [("07:14:59.999999", [(1, 2, 0)]), ("07:15", []), ("07:15:00.000001", [])])
def test_a_device_crosses_a_zone_in_which_it_is_less_than_a_quarter_of_an_hour_of_the_day(
    end: str, found: list[tuple]
) -> None:
    assert crossed(still("a", 2, "07:00", end)) == found


def test_a_visit_at_another_time_of_the_day_makes_no_crossing() -> None:
    assert (
        crossed(still("a", 2, "07:00", "07:05") + still("b", 3, "07:05", "09:00") + still("a", 2, "09:00", "10:00"))
        == []
    )
    twice = still("a", 2, "07:00", "07:05") + still("b", 3, "07:05", "09:00") + still("a", 2, "09:00", "09:10")
    assert crossed(twice) == []


def test_a_crossing_is_of_each_hour_in_which_a_first_event_of_a_stay_lies() -> None:
    day = """
        1 a 2 06:55 07:01 07:00 07:01
        1 b 3 07:01 09:00 07:30 08:00
        1 a 2 09:00 09:03 09:01 09:02
        1 a 2 09:03 09:04 09:03 09:04
    """
    assert crossed(day) == [(1, 2, 0), (1, 4, 0)]


def test_zones_around_each_other_are_crossed_each_by_itself() -> None:
    day = still("a", 0, "07:00", "07:10") + still("b", 1, "07:10", "07:20")
    # Twenty minutes in the town are a visit; ten in either district are not.
    assert crossed(day) == [(1, 2, 2), (1, 2, 3)]


@pytest.mark.parametrize(("make", "wanted"), [(trips, TRIP), (crossings, CROSSING)])
def test_nobody_makes_no_movement(make, wanted) -> None:
    for text in ("", "\n 1 a 3 09:00 12:00 09:00 12:00"):
        found = make(
            located("device place hexagon begin end start last" + text), [TOWNS] if make is trips else NESTED, HOURS
        )
        assert isinstance(found, pa.Table)
        assert found.schema.equals(wanted.schema)
        assert found.num_rows == 0


stretches = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 60)), max_size=10)


@given(stretches)
def test_a_zone_of_a_day_is_visited_or_crossed_and_trips_go_between_zones_that_are_visited(
    day: list[tuple[int, int, int]],
) -> None:
    clock, lines = 360, []
    for hexagon, silence, length in day:
        begin, clock = clock + silence, clock + silence + length
        span = " ".join(f"{t // 60:02}:{t % 60:02}" for t in (begin, clock))
        lines.append(f"1 {hexagon} {hexagon} {span}")
    found = located("device place hexagon begin end\n" + "\n".join(lines))
    touched = {zone for hexagon, _, _ in day for zone in ((2, 1), (3, 1), (0,), ())[hexagon]}
    visited = set(visits(found, NESTED, HOURS)["zone"].to_pylist())
    passed = set(crossings(found, NESTED, HOURS)["zone"].to_pylist())
    assert visited | passed == touched
    assert not visited & passed
    moved = trips(found, [TOWNS, DISTRICTS], HOURS)
    assert set(moved["from_zone"].to_pylist()) | set(moved["to_zone"].to_pylist()) <= visited
