"""Stays to visits: all of a device's time in a zone on a day, silences at one place included, and where it slept."""

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arrays import column
from pipelines.calendar import Calendar
from pipelines.visits import (
    EDGE,
    GAP_LIMIT,
    SHORTEST_VISIT,
    DayHours,
    Located,
    asleep,
    nests,
    nights,
    ordered,
    timed,
    visited_enough,
    visits,
)
from schemas.tables import STAY, VISIT
from tests.pipelines.made import DAY, HOUR, HOURS, MINUTE, at, located, made, zones
from tests.tables import assert_same_rows, rows, table

ZONE_EACH = zones((0,), (1,), (2,), ())
"""Three hexagons, each a zone, and one outside of all."""


def stays(text: str) -> Located:
    """From `device place begin end start last signals`: the stays with their time."""
    read = table(text, day=DAY)
    place = np.unique(column(read, "place"), return_inverse=True)[1].astype(np.int64)
    return timed(made(STAY, text), place)


def spans(found: Located) -> list[tuple[int, int]]:
    return list(zip(found.begin.tolist(), found.end.tolist(), strict=True))


def clocks(*pairs: tuple[str, str]) -> list[tuple[int, int]]:
    return [tuple(at(*pair).tolist()) for pair in pairs]


def test_the_thresholds_are_those_that_the_method_states() -> None:
    assert (SHORTEST_VISIT, GAP_LIMIT, EDGE) == (15 * MINUTE, 4 * HOUR, 0.25)


def test_stays_of_several_steps_come_by_device_in_the_order_of_time() -> None:
    steps = ((2, 6), (1, 6), (1, 7), (2, 8), (1, 9))
    lines = "\n".join(f"{device} {' '.join([f'{hour:02}:00'] * 4)}" for device, hour in steps)
    read = made(STAY, "device start last begin end\n" + lines)
    found = [(row["device"], row["start"].hour) for row in ordered(read).to_pylist()]
    assert found == [(1, 6), (1, 7), (1, 9), (2, 6), (2, 8)]


@pytest.mark.parametrize(
    ("begin", "end", "place", "first", "second"),
    [
        ("11:59:59.999999", "14:00", "a", ("06:15", "11:59:59.999999"), ("11:59:59.999999", "13:15")),
        ("12:00", "14:00", "a", ("06:15", "12:00"), ("12:00", "13:15")),
        ("12:00:00.000001", "14:00:00.000001", "a", ("06:15", "07:15"), ("12:45", "13:15")),
        ("12:00", "14:00", "b", ("06:15", "07:15"), ("12:45", "13:15")),
        ("08:00", "10:00", "b", ("06:15", "08:00"), ("08:00", "10:00")),
    ],
)
def test_a_silence_at_one_place_is_filled_up_to_four_hours(
    begin: str, end: str, place: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    # 4 h are known with 4 signals: one an hour, so that stays last a quarter of an hour beyond their events.
    text = f"""
        device place   begin   end   start last  signals
        1      a       06:00   08:00 06:30 07:00 2
        1      {place} {begin} {end} 13:00 13:00 2
    """
    if begin == "08:00":
        text = text.replace("13:00 13:00", "09:00 09:50")
    assert spans(stays(text)) == clocks(first, second)


def test_a_stay_lasts_a_quarter_of_the_time_between_signals_beyond_its_events_and_no_longer_than_it_reaches() -> None:
    text = """
        device place begin end   start last  signals
        1      a     06:00 10:00 06:10 08:00 4
        2      b     06:00 10:00 08:00 09:50 2
        3      c     06:00 10:00 08:00 08:00 0
    """
    # Mean times between signals of 1 h, 2 h and (no signal counts as one) 4 h.
    expected = clocks(("06:00", "08:15"), ("07:30", "10:00"), ("07:00", "09:00"))
    assert spans(stays(text)) == expected


def test_silences_of_other_devices_are_none() -> None:
    text = """
        device place begin end   start last  signals
        1      a     06:00 08:00 07:00 07:00 2
        2      a     08:00 10:00 09:00 09:00 2
    """
    assert spans(stays(text)) == clocks(("06:45", "07:15"), ("08:45", "09:15"))


def test_zones_around_a_hexagon_are_listed_from_the_innermost_on() -> None:
    found = nests(np.array([2, -1, 0, 3], np.int32), [-1, 0, 1, -1])
    assert found.chain.tolist() == [[2, 1, 0], [-1, -1, -1], [0, -1, -1], [3, -1, -1]]
    assert found.zones == 4
    assert nests(np.array([-1, -1], np.int32), []).chain.tolist() == [[-1], [-1]]


@pytest.mark.parametrize(("end", "visit"), [("09:14:59.999999", False), ("09:15", True), ("09:15:00.000001", True)])
def test_a_visit_lasts_a_quarter_of_an_hour(end: str, visit: bool) -> None:
    found = located(f"device place hexagon begin end\n 1 a 0 09:00 {end}")
    made_of = visits(found, ZONE_EACH, HOURS)
    assert rows(made_of, ["device", "zone", "dwell"]) == ([(1, 0, int(at(end)[0] - at("09:00")[0]))] if visit else [])
    pair, enough = visited_enough(found, ZONE_EACH)
    assert (pair.tolist(), enough.tolist()) == ([0], [visit])


def test_all_the_time_of_a_device_in_a_zone_is_one_visit() -> None:
    found = located("""
        device place hexagon begin end   signals
        1      a     0       09:00 09:10 2
        1      b     1       09:10 10:00 1
        1      a     0       10:00 10:05 1
        2      c     0       11:00 12:00 5
        2      d     3       12:00 13:00 5
        3      e     3       11:00 13:00 5
    """)
    expected = """
        device zone dwell      arrival signals
        1      0    900000000  9       3
        1      1    3000000000 9       1
        2      0    3600000000 11      5
    """
    assert_same_rows(visits(found, ZONE_EACH, HOURS), table(expected))


def test_a_device_visits_every_zone_around_its_hexagons() -> None:
    venue_in_town_in_country = zones((2, 1, 0), (1, 0), (0,))
    found = located("""
        device place hexagon begin end
        1      a     0       09:00 09:10
        1      b     1       09:10 09:20
        1      c     2       09:20 10:00
    """)
    expected = "device zone dwell\n 1 0 3600000000\n 1 1 1200000000"
    assert_same_rows(visits(found, venue_in_town_in_country, HOURS), table(expected))
    pair, enough = visited_enough(found, venue_in_town_in_country)
    assert (pair.tolist(), enough.tolist()) == ([0, 1, 2], [True, True, False])


@pytest.mark.parametrize(
    ("begin", "hour"),
    [("05:00", 5), ("09:59:59.999999", 9), ("10:00", 10), ("23:59:59.999999", 23), ("24:00", 0), ("28:30", 4)],
)
def test_the_hour_of_arrival_is_that_of_the_clock_when_the_first_stay_begins(begin: str, hour: int) -> None:
    found = located(f"device place hexagon begin end\n 1 a 0 {begin} 29:00")
    assert visits(found, ZONE_EACH, HOURS)["arrival"].to_pylist() == [hour]


def test_a_device_arrives_when_it_is_estimated_to_and_not_with_its_first_event() -> None:
    found = located("device place hexagon begin end start last\n 1 a 0 09:50 11:00 10:10 10:20")
    assert visits(found, ZONE_EACH, HOURS)["arrival"].to_pylist() == [9]


def test_the_home_network_of_a_visit_is_that_of_the_last_stay_of_the_device() -> None:
    found = located("""
        device place hexagon begin end   home_mcc age_band
        1      a     0       09:00 10:00 0        3
        1      b     3       10:00 11:00 262      3
        2      c     0       09:00 10:00 208      4
    """)
    expected = "device home_mcc age_band\n 1 262 3\n 2 208 4"
    assert_same_rows(visits(found, ZONE_EACH, HOURS), table(expected))


@pytest.mark.parametrize("text", ["", "\n 1 a 3 09:00 12:00"])
def test_nobody_in_a_zone_is_no_visit(text: str) -> None:
    found = located("device place hexagon begin end" + text)
    assert visits(found, ZONE_EACH, HOURS).schema.equals(VISIT.schema)
    assert visits(found, ZONE_EACH, HOURS).num_rows == 0
    assert [values.size for values in visited_enough(found, ZONE_EACH)] == [0, 0]


minutes = st.integers(0, 40)
wanderings = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), minutes, minutes), max_size=12)


@given(wanderings)
def test_dwell_is_the_sum_of_the_stays_in_a_zone(moves: list[tuple[int, int, int, int]]) -> None:
    nested = zones((2, 0), (1, 0), (0,), ())
    clock: dict[int, int] = {}
    lines, dwell = [], {}
    for device, hexagon, silence, length in sorted(moves, key=lambda move: move[0]):
        begin = clock.get(device, 360) + silence
        clock[device] = begin + length
        span = " ".join(f"{t // 60:02}:{t % 60:02}" for t in (begin, begin + length))
        lines.append(f"{device} {device} {hexagon} {span}")
        for zone in ((2, 0), (1, 0), (0,), ())[hexagon]:
            dwell[device, zone] = dwell.get((device, zone), 0) + length * MINUTE
    found = located("device place hexagon begin end\n" + "\n".join(lines))
    expected = sorted((*pair, total) for pair, total in dwell.items() if total >= SHORTEST_VISIT)
    assert rows(visits(found, nested, HOURS), ["device", "zone", "dwell"]) == expected


def slept(text: str, hours: DayHours = HOURS) -> list[int]:
    """The zones in which the one device spends the night."""
    found = visits(located(text), ZONE_EACH, hours)
    return sorted(row["zone"] for row in found.to_pylist() if row["night"])


@pytest.mark.parametrize(
    ("change", "zones_slept_in"),
    [("26:29:59.999998", [1]), ("26:30", [0, 1]), ("26:30:00.000002", [0])],
)
def test_a_device_sleeps_where_it_spends_half_of_the_night(change: str, zones_slept_in: list[int]) -> None:
    text = f"device place hexagon begin end\n 1 a 0 22:00 {change}\n 1 b 1 {change} 29:00"
    assert slept(text) == zones_slept_in
    assert np.flatnonzero(asleep(located(text), HOURS)).tolist() == zones_slept_in


def test_the_night_of_several_places_in_one_zone_adds_up() -> None:
    text = (
        "device place hexagon begin end\n 1 a 0 22:00 25:20\n 1 b 1 25:20 27:00\n 1 c 0 27:00 28:30\n 1 d 1 28:30 29:00"
    )
    assert slept(text) == [0]
    assert not asleep(located(text), HOURS).any()


@pytest.mark.parametrize(("last", "sleeps"), [("19:59:59.999999", []), ("20:00", [0]), ("21:00", [0])])
def test_a_phone_that_falls_silent_in_the_evening_sleeps_where_it_is(last: str, sleeps: list[int]) -> None:
    text = f"device place hexagon begin end last\n 1 a 0 18:00 21:30 {last}"
    assert slept(text) == sleeps


@pytest.mark.parametrize(
    ("last", "hours_asleep"), [("21:00", [1.0, 4.0]), ("20:00", [1.0, 4.0]), ("19:59:59.999999", [0.0, 1.0])]
)
def test_the_silence_of_a_night_is_halved_between_the_places_around_it(last: str, hours_asleep: list[float]) -> None:
    found = located(
        f"device place hexagon begin end start last\n 1 a 0 18:00 22:00 18:00 {last}\n 1 b 1 28:00 29:00 28:00 28:00"
    )
    # From 22:00 to 28:00: the middle is 25:00.
    assert (nights(found, HOURS) / HOUR).tolist() == hours_asleep


def test_a_night_is_spent_between_its_instants_only() -> None:
    found = located("device place hexagon begin end\n 1 a 0 20:00 24:00\n 1 b 1 24:00 25:00\n 1 a 0 25:00 29:00")
    assert (nights(found, HOURS) / HOUR).tolist() == [0, 1, 4]


def hours_of(day: str, starts: time = time(5)) -> DayHours:
    calendar = Calendar("Europe/Paris", starts, timedelta(minutes=15))
    on = date.fromisoformat(day)
    edges = calendar.hours(on)
    clock = np.array([int(calendar.clock(int(edge))[:2]) for edge in edges[:-1]], np.int8)
    return DayHours(edges, clock, calendar.night(on))


@pytest.mark.parametrize(
    ("day", "length", "half"),
    [
        ("2026-03-27", 5, "2026-03-28T01:30"),
        ("2026-03-28", 4, "2026-03-29T01:00"),
        ("2026-10-24", 6, "2026-10-25T01:00"),
    ],
)
def test_half_of_a_night_in_which_the_clock_changes_is_half_of_its_time(day: str, length: int, half: str) -> None:
    hours = hours_of(day)
    start, end = hours.night
    assert end - start == length * HOUR
    for off, expected in ((-1, [1]), (0, [0, 1]), (1, [0])):
        middle = start + length * HOUR // 2 + off
        times = pa.array([start - HOUR, middle, middle, end]).view(pa.timestamp("us", "UTC")).to_pylist()
        text = [instant.isoformat() for instant in times]
        if off == 0:
            assert text[1].startswith(half)
        assert slept(
            f"device place hexagon begin end\n 1 a 0 {text[0]} {text[1]}\n 1 b 1 {text[2]} {text[3]}", hours
        ) == (expected)


@pytest.mark.parametrize(("day", "clock"), [("2026-03-28", [0, 1, 3, 4]), ("2026-10-24", [0, 1, 2, 2, 3, 4])])
def test_the_hours_of_arrival_follow_a_clock_that_changes(day: str, clock: list[int]) -> None:
    assert hours_of(day).clock[-len(clock) :].tolist() == clock


def test_nobody_spends_a_night_that_the_day_does_not_have() -> None:
    hours = hours_of("2026-06-10", time(0))
    assert hours.night[0] == hours.night[1]
    text = "device place hexagon begin end\n 1 a 0 2026-06-10T00:00Z 2026-06-10T20:00Z"
    assert slept(text, hours) == []
    assert not asleep(located(text), hours).any()


@pytest.mark.parametrize(
    ("instant", "hour"),
    [("04:00", 0), ("05:00", 0), ("05:59:59.999999", 0), ("06:00", 1), ("28:59", 23), ("29:00", 23)],
)
def test_an_instant_is_in_the_hour_that_begins_with_it_and_the_end_in_the_last(instant: str, hour: int) -> None:
    assert HOURS.of(at(instant)).tolist() == [hour]


def test_located_stays_keep_the_events_beside_the_time() -> None:
    found = replace(stays("device place begin end start last signals\n 1 a 06:00 08:00 07:00 07:10 1"))
    assert [found.start.tolist(), found.last.tolist()] == [at("07:00").tolist(), at("07:10").tolist()]
    assert found.hexagon.tolist() == [0]
