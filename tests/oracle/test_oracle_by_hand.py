"""The oracle itself, checked on tables small enough to count by hand.

The first letter of a cell is the hexagon drawn for it and the place of all stays there. The privacy day is 10 June 2026
from 05:00 UTC unless said otherwise, so that `29:00` is its end. An event reaches 110 minutes to either side.
"""

from datetime import date, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.oracle.definitions import AGE_BANDS
from tests.oracle.edges import Day, privacy_day
from tests.oracle.oracle import Given, Oracle
from tests.tables import Value, assert_same_rows, rows, table

JUNE = date(2026, 6, 10)
DAY = privacy_day(JUNE, timezone="UTC")
TEXT = {"subscriber_id": pa.string(), "spc": pa.string(), "home_zone": pa.string(), "zone_id": pa.string()}
COMMUNE = """
    hexagon zone_id
    A       town
    B       town
"""
COMMUNES = """
    hexagon zone_id
    A       a
    B       b
    C       c
"""
MINUTE = 60_000_000


class Counted:
    """The counts of one day over events written as text.

    `nesting` says which zones are within which; without it, all zones are of one layer and none within another.
    `weights`: thousandths of people by age band; 1000 where it says nothing, 4000 for foreign devices.
    """

    def __init__(
        self,
        events: str,
        *,
        zones: str = COMMUNE,
        nesting: str | None = None,
        register: str | None = None,
        day: Day = DAY,
        weights: dict[str, int] | None = None,
    ) -> None:
        seen = table(events, types=TEXT, day=day.starts.date())
        cells = pa.table({"cell_id": seen["cell_id"].unique().drop_null()})
        known = table(register, types=TEXT) if register else None
        self.oracle, self.day = Oracle(seen, cells, known), day
        self.oracle.open_day(day)
        pairs, stays = self.oracle.to_draw(), self.oracle.to_place()
        letter = pc.utf8_slice_codeunits(stays["cell_id"], 0, 1)
        self.oracle.place(stays.append_column("place", pc.binary_join_element_wise(stays["device"], letter, " ")))
        place = self.oracle.to_locate()["place"]
        around = table(zones, types=TEXT)
        given = Given(
            hexagons=pairs.append_column("hexagon", pc.utf8_slice_codeunits(pairs["cell_id"], 0, 1)),
            sites=pa.table({"place": place, "hexagon": pc.utf8_slice_codeunits(place, -1)}),
            zones=around,
            nesting=table(nesting, types=TEXT) if nesting else _apart(around),
            domestic_weights=_weights(known, weights or {}),
            foreign_weights=pa.table({"mcc": range(200, 800), "weight": [4000] * 600}),
        )
        self.counts = self.oracle.count(given)

    def whereabouts(self) -> list[str]:
        """Presence as `05:00 A 1`: UTC clock of the slot's start, hexagon, devices."""
        starts = self.day.slots["starts"].to_pylist()
        return [f"{starts[s]:%H:%M} {hexagon} {n}" for s, hexagon, n in rows(self["presence"])]

    def at(self, clock: str) -> list[str]:
        """The whereabouts in the slot that starts at a clock, without the clock."""
        return [line.removeprefix(f"{clock} ") for line in self.whereabouts() if line.startswith(clock)]

    def dwell(self) -> dict[tuple[Value, Value], Value]:
        """Microseconds by device and zone, of visits."""
        columns = ["device", "zone_id", "dwell_us"]
        return {(device, zone): us for device, zone, us in rows(self.counts["visits"], columns)}

    def arrivals(self) -> list[tuple[Value, ...]]:
        """The local hours of arrival of devices."""
        return rows(self.counts["visits"], ["device", "arrival"])

    def asleep(self) -> set[Value]:
        """The devices that spend the night in a zone."""
        return {device for device, night in rows(self.counts["visits"], ["device", "night"]) if night}

    def __getitem__(self, indicator: str) -> pa.Table:
        """Counts without weights."""
        found = self.counts[indicator]
        return found.drop_columns("weight") if "weight" in found.column_names else found


def _apart(zones: pa.Table) -> pa.Table:
    names = zones["zone_id"].unique()
    return pa.table({"zone_id": names, "layer": ["zone"] * len(names), "within": names})


def _weights(register: pa.Table | None, weights: dict[str, int]) -> pa.Table:
    known = register is not None and "home_zone" in register.column_names
    homes = {None, *(register["home_zone"].to_pylist() if known else [])}
    found = [(home, age, weights.get(age, 1000)) for home in homes for age in (*AGE_BANDS, "unknown")]
    home, age, weight = zip(*found, strict=True)
    return pa.table({"home_zone": pa.array(home, pa.string()), "age_band": list(age), "weight": list(weight)})


def path(device: str, text: str) -> str:
    """Events, a minute from each change of place on both sides: `X 09:00 A 10:00` is in A from 10:00 on."""
    words = text.split()
    places, since = words[::2], [_us(clock) for clock in words[1::2]]
    found = []
    for at, place in enumerate(places):
        times = [since[at] + MINUTE] if at else []
        times += [since[at + 1] - MINUTE] if at + 1 < len(places) else []
        # A stay is broken by more than 220 minutes.
        between = range(times[0] + 60 * MINUTE, times[-1], 60 * MINUTE) if place != "X" else []
        found += [f"{device} {_clock(us)} {place}1" for us in sorted({*times, *between})]
    return "\n".join(found)


def events(*lines: str) -> str:
    """A table of events."""
    return "\n".join(["subscriber_id event_time cell_id", *lines])


def _us(clock: str) -> int:
    hours, minutes, *seconds = clock.split(":")
    return (60 * int(hours) + int(minutes)) * MINUTE + round(float(seconds[0]) * 10**6 if seconds else 0)


def _clock(us: int) -> str:
    return f"{us // (60 * MINUTE):02d}:{us // MINUTE % 60:02d}:{us % MINUTE // 10**6:02d}.{us % 10**6:06d}"


# Stays


def test_a_single_event_reaches_110_minutes_to_either_side() -> None:
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:07      A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence cell_id start last  begin end   signals
            d1     0        A1      10:07 10:07 08:17 11:57 1
        """),
    )
    assert counted.whereabouts()[0] == "08:15 A 1"
    assert counted.whereabouts()[-1] == "11:45 A 1"
    assert len(counted.whereabouts()) == 15


def test_a_reach_that_begins_or_ends_on_a_slot_edge_does_not_touch_the_slot_beyond() -> None:
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:05      A1
        d2            10:10      B1
    """)
    assert counted.whereabouts()[0] == "08:15 A 1"
    assert counted.whereabouts()[-1] == "11:45 B 1"


def test_a_stay_is_in_one_cell_and_ends_half_of_the_way_to_the_next_event() -> None:
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            10:00           A1
        d1            10:40           A2
        d1            10:20           A1
        d1            10:40:00.000001 B1
        d1            10:40:00.000004 A2
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence cell_id start           last            begin           end             signals
            d1     0        A1      10:00           10:20           08:10           10:30           2
            d1     1        A2      10:40           10:40           10:30           10:40           1
            d1     2        B1      10:40:00.000001 10:40:00.000001 10:40           10:40:00.000002 0
            d1     3        A2      10:40:00.000004 10:40:00.000004 10:40:00.000002 12:30:00.000004 0
        """),
    )


def test_events_less_than_five_minutes_after_the_one_before_are_no_signal_of_their_own() -> None:
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            10:00           A1
        d1            10:05           A1
        d1            10:10           A1
        d1            10:15:00.000001 A1
        d2            10:00           A1
        d2            10:05           B1
        d2            10:10:00.000001 B1
    """)
    assert rows(counted.oracle.stays(), ["device", "cell_id", "signals"]) == [
        ("d1", "A1", 2),
        ("d2", "A1", 1),
        ("d2", "B1", 1),
    ]


def test_reaches_that_meet_link_and_one_microsecond_more_does_not() -> None:
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            10:00           A1
        d1            13:40           B1
        d2            10:00           A1
        d2            13:40:00.000001 B1
        d3            10:00           A1
        d3            13:40:00.000001 A1
        d4            10:00           A1
        d4            13:39:59.999999 A1
        d5            10:00           A1
        d5            13:40           A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence cell_id start           last            begin           end             signals
            d1     0        A1      10:00           10:00           08:10           11:50           1
            d1     1        B1      13:40           13:40           11:50           15:30           1
            d2     0        A1      10:00           10:00           08:10           11:50           1
            d2     1        B1      13:40:00.000001 13:40:00.000001 11:50:00.000001 15:30:00.000001 1
            d3     0        A1      10:00           10:00           08:10           11:50           1
            d3     1        A1      13:40:00.000001 13:40:00.000001 11:50:00.000001 15:30:00.000001 1
            d4     0        A1      10:00           13:39:59.999999 08:10           15:29:59.999999 2
            d5     0        A1      10:00           13:40           08:10           15:30           2
        """),
    )
    # Each has an edge of 55 minutes; d2 is twice in town for 110 minutes, the others from 09:05 to 14:35.
    assert rows(counted["dwell"]) == [("town", "2-4 h", 1), ("town", "4-8 h", 4)]
    assert counted.at("11:45") == ["A 3", "B 2"]


def test_reaches_end_with_the_privacy_day() -> None:
    # d2's event of 29:00 is of the next day: it does not halve the reach, and d3 does not appear at all.
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            28:30           A1
        d2            28:59:59.999999 A1
        d2            29:00           B1
        d3            29:00           A1
        d3            04:59:59.999999 A1
        d4            05:00           B1
        d4            04:59:59.999999 A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence cell_id start           last            begin           end   signals
            d1     0        A1      28:30           28:30           26:40           29:00 1
            d2     0        A1      28:59:59.999999 28:59:59.999999 27:09:59.999999 29:00 1
            d4     0        B1      05:00           05:00           05:00           06:50 1
        """),
    )
    hours = [(hour, quarter) for hour in range(8) for quarter in range(0, 60, 15)]
    clocks = [f"{hour:02d}:{quarter:02d}" for hour, quarter in hours]
    alone, both = (
        slice(clocks.index("02:30"), clocks.index("03:00")),
        slice(clocks.index("03:00"), clocks.index("05:00")),
    )
    assert counted.whereabouts() == [
        *(f"{clock} B 1" for clock in clocks[clocks.index("05:00") : clocks.index("07:00")]),
        *(f"{clock} A 1" for clock in clocks[alone]),
        *(f"{clock} A 2" for clock in clocks[both]),
    ]


# Presence


def test_most_of_a_slot_is_summed_over_the_stays_in_a_hexagon() -> None:
    # In the slot of 10:00: A 4 + 5 = 9 minutes, B 6 minutes, though B's is the longest stay. d2: B 8, A 7.
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:02      A1
        d1            10:06      B1
        d1            10:14      A1
        d1            10:16      C1
        d2            10:00      A1
        d2            10:14      B1
        d2            10:16      C1
    """)
    assert counted.at("10:00") == ["A 1", "B 1"]
    assert counted.at("10:15") == ["C 2"]


@pytest.mark.parametrize(
    ("times", "winner"),
    [
        ("10:02:30 A1  10:07:30 B1  10:12:30 C1  10:17:30 D1", "C"),  # 5, 5, 5
        ("10:00 C1  10:15 B1  10:15 D1", "B"),  # 7.5, 7.5
        ("09:59 A1  10:07 B1  10:11 A1  10:13 C1  10:17 D1", "A"),  # 3 + 3, 6, 3
        ("10:01:00.000002 A1  10:14 B1  10:16 D1", "A"),
        ("10:01:00.000001 A1  10:14 B1  10:16 D1", "B"),  # the half microsecond is B's
        ("10:00:59.999998 A1  10:14 B1  10:16 D1", "B"),
    ],
)
def test_of_hexagons_with_equal_time_in_a_slot_the_one_of_the_latest_stay_wins(times: str, winner: str) -> None:
    words = times.split()
    counted = Counted(events(*(f"d1 {time} {cell}" for time, cell in zip(words[::2], words[1::2], strict=True))))
    assert counted.at("10:00") == [f"{winner} 1"]


def test_stays_without_length_follow_the_bytes_of_the_cell_and_yield_to_stays_with_length() -> None:
    # In bytes A1 < Z1 < a1, so the device is in A from 10:08, in `a` from 10:14 on, and in C until then.
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            10:14           Z1
        d1            10:14           a1
        d1            10:02           C1
        d1            10:14           A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence cell_id start last  begin end   signals
            d1     0        C1      10:02 10:02 08:12 10:08 1
            d1     1        A1      10:14 10:14 10:08 10:14 1
            d1     2        Z1      10:14 10:14 10:14 10:14 0
            d1     3        a1      10:14 10:14 10:14 12:04 0
        """),
    )
    assert counted.at("10:00") == ["C 1"]
    assert counted.at("10:15") == ["a 1"]


def test_who_is_known_stands_for_those_who_are_missing_in_all_of_a_slot() -> None:
    # d1 is known until 11:50 and missing until 14:50. d4 is missing from 11:50 to 12:15, when it is known again.
    # From 12:15 on there are three known for one missing: 1001 x 4/3 = 1334.67.
    counted = Counted(
        events(
            *("d1 10:00 A1", "d2 09:00 B1", "d2 12:00 B1", "d2 15:00 B1", "d3 09:00 C1", "d3 12:00 C1", "d3 15:00 C1"),
            *("d4 10:00 D1", "d4 14:05 D1"),
        ),
        register="""
        subscriber_id age_band
        d2            18-24
        d3            25-34
        """,
        weights={"18-24": 1001, "25-34": 1003},
    )
    weight = {(slot, hexagon): weight for slot, hexagon, _, weight in rows(counted.counts["presence"])}
    starts = [f"{start:%H:%M}" for start in DAY.slots["starts"].to_pylist()]
    assert [weight[starts.index("11:45"), hexagon] for hexagon in "ABCD"] == [1000, 1001, 1003, 1000]
    assert [weight.get((starts.index("12:00"), hexagon)) for hexagon in "ABCD"] == [None, 2002, 2006, None]
    for clock in ("12:15", "14:30"):
        assert [weight.get((starts.index(clock), hexagon)) for hexagon in "BCD"] == [1335, 1337, 1333]
    assert [weight.get((starts.index("14:45"), hexagon)) for hexagon in "BCD"] == [1001, 1003, 1000]


def test_what_devices_stand_for_is_rounded_with_halves_to_even() -> None:
    # At 12:00 two devices are known and one is missing: 1001 x 3/2 = 1501.5 and 1003 x 3/2 = 1504.5.
    counted = Counted(
        events("d1 10:00 A1", "d2 11:00 B1", "d3 11:00 C1"),
        register="""
        subscriber_id age_band
        d2            18-24
        d3            25-34
        """,
        weights={"18-24": 1001, "25-34": 1003},
    )
    assert [row[3] for row in rows(counted.counts["presence"]) if row[0] == 4 * 7] == [1502, 1504]


def test_a_device_is_missing_for_no_longer_than_the_day_and_three_hours() -> None:
    counted = Counted(events("d1 26:00 A1", "d2 20:00 B1"))
    missing = rows(counted.oracle.ask("SELECT slot, missing FROM raised WHERE missing > 0"))
    # d2 from 21:50 to 24:50, d1 from 27:50 to the end.
    assert missing == [
        *((slot, 1) for slot in range(4 * 17, 4 * 20 - 1)),
        *((slot, 1) for slot in range(4 * 23, 4 * 24)),
    ]


def test_a_device_stands_in_the_half_hours_only_of_the_slots_that_hold_them() -> None:
    # The device is known from 08:30 to 12:10; the half hour of 12:30 is outside.
    lines = events("d1 10:20 A1")
    by_quarter = Counted(lines)
    assert rows(by_quarter["presence_by_age"]) == [(slot, "A", "unknown", 1) for slot in (14, 18, 22, 26)]
    hourly = privacy_day(JUNE, slot=timedelta(hours=1), timezone="UTC")
    by_hour = Counted(lines, day=hourly)
    assert rows(by_hour["presence_by_age"]) == [(slot, "A", "unknown", 1) for slot in range(3, 8)]


# The day


@pytest.mark.parametrize(
    ("day", "starts", "ends", "hours"),
    [
        (date(2026, 3, 27), "2026-03-27T05:00+01:00", "2026-03-28T05:00+01:00", 24),
        (date(2026, 3, 28), "2026-03-28T05:00+01:00", "2026-03-29T05:00+02:00", 23),
        (date(2026, 3, 29), "2026-03-29T05:00+02:00", "2026-03-30T05:00+02:00", 24),
        (date(2026, 10, 24), "2026-10-24T05:00+02:00", "2026-10-25T05:00+01:00", 25),
        (date(2026, 10, 25), "2026-10-25T05:00+01:00", "2026-10-26T05:00+01:00", 24),
    ],
)
def test_the_privacy_day_of_the_night_when_the_clocks_change_has_23_or_25_hours(
    day: date, starts: str, ends: str, hours: int
) -> None:
    paris = privacy_day(day)
    first, last = rows(
        table(f"""
            edge
            {starts}
            {ends}
        """)
    )
    assert (paris.starts, paris.ends) == (first[0], last[0])
    assert (paris.slots.num_rows, paris.hours.num_rows) == (4 * hours, hours)
    assert paris.slots["ends"][-1].as_py() == paris.ends


@pytest.mark.parametrize(
    ("day", "midnight", "five", "clocks"),
    [
        (date(2026, 3, 28), "2026-03-29T00:00+01:00", "2026-03-29T05:00+02:00", [0, 1, 3, 4]),
        (date(2026, 10, 24), "2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00", [0, 1, 2, 2, 3, 4]),
        (date(2026, 10, 25), "2026-10-26T00:00+01:00", "2026-10-26T05:00+01:00", [0, 1, 2, 3, 4]),
    ],
)
def test_the_night_when_the_clocks_change_has_four_or_six_hours(
    day: date, midnight: str, five: str, clocks: list[int]
) -> None:
    paris = privacy_day(day)
    [(first,), (last,)] = rows(table(f"edge\n{midnight}\n{five}"))
    assert paris.night == (first, last)
    assert paris.hours["clock"].to_pylist() == [*range(5, 24), *clocks]


def test_the_edges_of_a_day_of_23_hours_part_the_events_of_the_days_around_it() -> None:
    # 05:00 in Paris is 04:00 UTC on 28 March and 03:00 UTC on 29 March.
    counted = Counted(
        """
        subscriber_id event_time                  cell_id
        d1            2026-03-28T03:59:59.999999Z A1
        d2            2026-03-28T04:00:00Z        A1
        d3            2026-03-29T02:59:59.999999Z B1
        d4            2026-03-29T03:00:00Z        A1
        d5            2026-03-29T00:55:00Z        C1
        d5            2026-03-29T01:05:00Z        C1
        """,
        day=privacy_day(date(2026, 3, 28)),
    )
    # Until 05:50; from 01:09:59.999999, which is 21 h 10 into the day; from 23:05 to 02:55, 19 h 05 to 22 h 55 into it.
    assert rows(counted["presence"]) == sorted(
        [
            *((slot, "A", 1) for slot in range(8)),
            *((slot, "B", 1) for slot in range(84, 92)),
            *((slot, "C", 1) for slot in range(76, 92)),
        ]
    )


# Visits


@pytest.mark.parametrize(
    ("minutes", "before", "from_here_on"),
    [
        (15, None, "<30 min"),
        (30, "<30 min", "30-60 min"),
        (60, "30-60 min", "1-2 h"),
        (120, "1-2 h", "2-4 h"),
        (240, "2-4 h", "4-8 h"),
        (480, "4-8 h", ">=8 h"),
    ],
)
def test_a_dwell_band_holds_its_lower_bound(minutes: int, before: str | None, from_here_on: str) -> None:
    around = {"below": -1, "at": 0, "above": 1}
    ends = {device: _clock(_us("06:00") + minutes * MINUTE + more) for device, more in around.items()}
    counted = Counted(events(*(path(device, f"X 05:30 A 06:00 X {end}") for device, end in ends.items())))
    bands = {band: devices for _, band, devices in rows(counted["dwell"])}
    assert bands == ({before: 1} if before else {}) | {from_here_on: 2}


def test_a_visit_is_all_of_the_time_in_a_zone_and_in_the_zones_inside_it() -> None:
    # d1: venue 10 + 8 = 18, town 18 + 20 = 38, county 38 + 10 = 48. d2: venue 5, town 15. d3: never in town.
    # d4: in the venue 15 minutes in all, by two stays with an outing that nothing links.
    counted = Counted(
        events(
            path("d1", "X 09:00 V 10:00 B 10:10 V 10:30 C 10:38 X 10:48"),
            path("d2", "X 09:00 V 10:00 B 10:05 X 10:15"),
            path("d3", "X 09:00 C 10:00 X 11:00"),
            path("d4", "X 09:00 V 10:00 X 10:07 V 15:00 X 15:08"),
        ),
        zones="""
            hexagon zone_id
            V       venue
            V       town
            V       county
            B       town
            B       county
            C       county
        """,
    )
    minutes = {pair: us / MINUTE for pair, us in counted.dwell().items()}
    assert minutes == {
        ("d1", "venue"): 18,
        ("d1", "town"): 38,
        ("d1", "county"): 48,
        ("d2", "town"): 15,
        ("d2", "county"): 15,
        ("d3", "county"): 60,
        ("d4", "venue"): 15,
        ("d4", "town"): 15,
        ("d4", "county"): 15,
    }
    assert_same_rows(
        counted["dwell"],
        table("""
            zone_id | dwell_band | devices
            venue   | <30 min    | 2
            town    | <30 min    | 2
            town    | 30-60 min  | 1
            county  | <30 min    | 2
            county  | 30-60 min  | 1
            county  | 1-2 h      | 1
        """),
    )
    assert rows(counted["attendance"]) == [("county", 4), ("town", 3), ("venue", 2)]


def test_a_side_that_meets_no_stay_ends_a_quarter_of_the_mean_time_between_signals_from_the_event() -> None:
    # d1: known for 220 minutes with one signal, 55 minutes each side. d2: 340 minutes with three, 28:20 each side.
    # d3: 8 h of packets are one signal: a quarter of 700 minutes is more than the reach. d4: 220 minutes and 2 us
    # with one signal: a quarter of that is 55 minutes and half a microsecond.
    packets = [f"d3 {_clock(us)} A1" for us in range(_us("10:00"), _us("18:00") + 1, 5 * MINUTE)]
    counted = Counted(
        events(
            "d1 10:00 A1", "d2 10:00 A1", "d2 11:00 A1", "d2 12:00 A1", *packets, "d4 10:00 A1", "d4 10:00:00.000002 A1"
        )
    )
    assert counted.dwell() == {
        ("d1", "town"): 110 * MINUTE,
        ("d2", "town"): (120 + 2 * 28) * MINUTE + 40_000_000,
        ("d3", "town"): 700 * MINUTE,
        ("d4", "town"): 110 * MINUTE + 2,
    }
    assert counted.arrivals() == [("d1", 9), ("d2", 9), ("d3", 8), ("d4", 9)]


def test_a_silence_of_four_hours_at_one_place_is_time_there_and_a_longer_one_is_not() -> None:
    # The silence is the gap less 220 minutes; each side has an edge of 55 minutes.
    counted = Counted(
        events(
            *("d1 10:00 A1", "d1 17:40 A2", "d2 10:00 A1", "d2 17:40:00.000001 A1", "d3 10:00 A1", "d3 17:40 B1"),
            *("d4 10:00 A1", "d4 13:40:00.000001 B1", "d4 17:20 A1"),
        )
    )
    dwell = {device: us for (device, _), us in counted.dwell().items()}
    assert dwell["d1"] == (460 + 2 * 55) * MINUTE
    assert dwell["d2"] == dwell["d3"] == 4 * 55 * MINUTE
    # Of d4 only the end of A and the begin of B do not meet: four edges are left, each 1 us less than 55 minutes.
    assert dwell["d4"] == 4 * (55 * MINUTE - 1) + 2 * 110 * MINUTE - 1


@pytest.mark.parametrize(
    ("start", "since", "hour"),
    [
        (JUNE, "07:59:59.999999", 9),
        (JUNE, "08:00", 10),
        (date(2026, 3, 28), "24:59:59.999999", 1),
        (date(2026, 3, 28), "25:00", 3),
        (date(2026, 10, 24), "24:30", 2),
        (date(2026, 10, 24), "25:30", 2),
        (date(2026, 10, 24), "26:00", 3),
    ],
)
def test_the_hour_of_arrival_is_what_the_local_clock_shows(start: date, since: str, hour: int) -> None:
    counted = Counted(events(path("d1", f"X 06:30 A {since} X 26:30")), day=privacy_day(start))
    assert counted.arrivals() == [("d1", hour)]
    assert rows(counted["dwell_by_arrival"], ["arrival_hour"]) == [(f"{hour:02d}",)]


def test_a_visit_with_few_signals_stands_for_those_like_it_that_nobody_noticed() -> None:
    # zeta(3), zeta(4), zeta(5), zeta(13), zeta(14), and zeta(14) again.
    signals = {"d1": 1, "d2": 2, "d3": 3, "d11": 11, "d12": 12, "d13": 13}
    lines = [
        f"{device} {_clock(_us('06:00') + 6 * MINUTE * at)} A1" for device, n in signals.items() for at in range(n)
    ]
    weights = {"unknown": 1_000_000}
    counted = Counted(events(*lines), weights=weights)
    assert rows(counted.oracle.ask("SELECT name, a.weight FROM attended a JOIN devices USING (device)")) == [
        ("d1", 1_202_057),
        ("d11", 1_000_123),
        ("d12", 1_000_061),
        ("d13", 1_000_061),
        ("d2", 1_082_323),
        ("d3", 1_036_928),
    ]
    # Signals of all stays in a zone count.
    both = Counted(events("d1 10:00 A1", "d1 11:00 B1"), zones=COMMUNES, weights=weights)
    assert rows(both.counts["attendance"]) == [("a", 1, 1_202_057), ("b", 1, 1_202_057)]
    assert rows(Counted(events("d1 10:00 A1", "d1 11:00 B1"), weights=weights).counts["attendance"]) == [
        ("town", 1, 1_082_323)
    ]


# Nights


def test_a_device_lies_where_it_was_last_if_that_was_not_before_eight_in_the_evening() -> None:
    counted = Counted(events("d1 20:00 A1", "d2 19:59:59.999999 A1"))
    assert counted.asleep() == {"d1"}
    assert rows(counted["nights"]) == [("town", "excursionist", False, 1), ("town", "tourist", True, 1)]


def test_a_device_lies_where_it_was_until_the_middle_of_its_silence() -> None:
    # The middle is 26:30, half of the night, and 1 us before.
    counted = Counted(events("d1 24:30 A1", "d1 28:30 X1", "d2 24:30 A1", "d2 28:29:59.999998 X1"))
    assert counted.asleep() == {"d1"}
    # From the other side: where it wakes up it has been since the middle.
    counted = Counted(events("d1 24:30 X1", "d1 28:30 A1", "d2 24:30 X1", "d2 28:30:00.000002 A1"))
    assert counted.asleep() == {"d1"}


def test_a_silence_that_begins_before_eight_in_the_evening_is_spent_nowhere() -> None:
    # d1 wakes up in A at 25:00, d2 slept there in the silence.
    counted = Counted(events("d1 19:59:59.999999 A1", "d1 28:00 B1", "d2 20:00 A1", "d2 28:30 A1"), zones=COMMUNES)
    assert rows(counted.counts["visits"], ["device", "zone_id", "night"]) == [
        ("d1", "a", False),
        ("d1", "b", False),
        ("d2", "a", True),
    ]


@pytest.mark.parametrize(
    ("start", "half"), [(date(2026, 3, 28), "25:00"), (date(2026, 10, 24), "25:00"), (JUNE, "24:30")]
)
def test_half_of_a_night_is_two_or_three_hours_when_the_clocks_change(start: date, half: str) -> None:
    # In Paris the night begins at 23:00 UTC in spring, at 22:00 in summer.
    less = _clock(_us(half) - 1)
    lines = events(path("d1", f"X 20:00 A 21:00 X {half} X 28:00"), path("d2", f"X 20:00 A 21:00 X {less} X 28:00"))
    assert Counted(lines, day=privacy_day(start)).asleep() == {"d1"}


def test_a_privacy_day_that_starts_at_midnight_has_no_night() -> None:
    counted = Counted(events("d1 23:30 A1"), day=privacy_day(JUNE, timezone="UTC", starts_at=time(0)))
    assert counted.dwell()
    assert counted.asleep() == set()


# Movements


def test_a_trip_leaves_in_the_hour_that_holds_the_end_of_the_stay() -> None:
    counted = Counted(events(path("d1", "A 09:00 B 10:00"), path("d2", "A 09:00 B 09:59:59.999999")), zones=COMMUNES)
    assert rows(counted["trips"], ["device", "hour", "from_zone", "to_zone"]) == [
        ("d1", 5, "a", "b"),
        ("d2", 4, "a", "b"),
    ]
    assert rows(counted["flows"]) == [(4, "a", "b", 1), (5, "a", "b", 1)]


def test_what_is_shorter_than_a_quarter_of_an_hour_is_on_the_way() -> None:
    through = {"d1": "10:15", "d2": "10:14:59.999999"}
    counted = Counted(
        events(*(path(device, f"A 09:00 B 10:00 C {until}") for device, until in through.items())), zones=COMMUNES
    )
    assert rows(counted["trips"], ["device", "from_zone", "to_zone"]) == [
        ("d1", "a", "b"),
        ("d1", "b", "c"),
        ("d2", "a", "c"),
    ]
    # d2 crosses B in the hour of its first event there, and visits the others.
    assert rows(counted["crossings"], ["device", "hour", "zone_id"]) == [("d2", 5, "b")]


def test_a_trip_is_between_events_at_most_four_hours_apart() -> None:
    counted = Counted(
        events("d1 09:00 A1", "d1 13:00 B1", "d2 09:00 A1", "d2 13:00:00.000001 B1", "d3 09:00 A1", "d3 13:00 A1"),
        zones=COMMUNES,
    )
    # It leaves at 09:55, a quarter of the mean time between signals after the event.
    assert rows(counted["trips"], ["device", "hour", "from_zone", "to_zone"]) == [("d1", 4, "a", "b")]


def test_a_pair_counts_a_device_once_in_an_hour() -> None:
    counted = Counted(events(path("d1", "A 09:00 B 10:00 A 10:15 B 10:30 A 10:45 B 11:00")), zones=COMMUNES)
    assert rows(counted["flows"]) == [(5, "a", "b", 1), (5, "b", "a", 1), (6, "a", "b", 1)]


def test_a_trip_joins_zones_of_one_layer_only() -> None:
    counted = Counted(
        events(path("d1", "A 09:00 B 10:00 C 11:00")),
        zones=COMMUNES,
        nesting="""
            zone_id layer   within
            a       commune a
            b       venue   b
            c       commune c
        """,
    )
    # B is an activity, so that there is no trip past it.
    assert counted["flows"].num_rows == 0


def test_a_zone_is_crossed_once_in_an_hour_and_not_where_it_is_visited() -> None:
    # d1 is in B for 5 + 6 minutes in two hours, twice in the first. d2 is there for 15 minutes in all.
    counted = Counted(
        events(
            path("d1", "A 09:00 B 10:00 A 10:03 B 10:30 A 10:32 B 11:00 A 11:06"),
            path("d2", "A 09:00 B 10:00 A 10:07 B 10:30 A 10:38"),
        ),
        zones=COMMUNES,
    )
    assert rows(counted["transit"]) == [(5, "b", 1), (6, "b", 1)]


# People


def test_visitors_are_residents_where_their_commune_is_the_zone_or_inside() -> None:
    homes = {"d1": "21231", "d2": "21166", "d3": "21054", "d4": "97105", "d5": "2A004", "d6": "99999", "d7": "-"}
    counted = Counted(
        "subscriber_id event_time cell_id home_mcc\n"
        + "\n".join(
            [*(f"{device} 10:00 A1 208" for device in homes), "d8 10:00 A1 262", "d9 10:00 A1 701", "d1 12:00 B1 -"]
        ),
        zones="""
            hexagon zone_id
            A       21231
            A       around
            B       21166
            B       around
        """,
        nesting="""
            zone_id layer   within
            21231   commune 21231
            21231   commune around
            21166   commune 21166
            21166   commune around
            around  epci    around
        """,
        register="\n".join(["subscriber_id home_zone", *(f"{device} {home}" for device, home in homes.items())]),
    )
    assert rows(counted["attendance_by_category"]) == [
        ("21166", "excursionist", 1),
        ("21231", "excursionist", 6),
        ("21231", "foreign excursionist", 2),
        ("21231", "resident", 1),
        ("around", "excursionist", 5),
        ("around", "foreign excursionist", 2),
        ("around", "resident", 2),
    ]
    origins = {origin: devices for zone, origin, devices in rows(counted["attendance_by_origin"]) if zone == "21231"}
    assert origins == {"21231": 1, "21166": 1, "21": 1, "971": 1, "2A": 1, "unknown": 2, "DE": 1, "ZZ": 1}


def test_a_stay_is_foreign_by_the_first_country_that_its_device_states_up_to_its_first_event() -> None:
    # An IMSI has 15 digits, so 262..3 is none. In their order: no type, then call, sms, data.
    counted = Counted("""
        subscriber_id   event_time cell_id event_type home_mcc
        208010000000001 10:00      A1      -          -
        208010000000001 10:20      A1      -          262
        262010000000001 10:00      A1      -          -
        262010000000001 10:20      A1      -          208
        262010000000002 10:00      A1      -          208
        901010000000001 10:00      A1      -          -
        26201000000003  10:00      A1      -          -
        d1              10:00      A1      -          -
        d1              10:20      A1      -          262
        d1              10:30      A1      -          208
        d2              10:00      A1      -          199
        d2              10:10      A1      -          800
        d3              10:00      A1      -          200
        d4              10:00      A1      -          799
        d5              10:00      A1      data       208
        d5              10:00      A1      sms        262
        d6              10:00      A1      call       208
        d6              10:00      A1      -          262
    """)
    half_past_ten = [row for row in rows(counted["presence_by_age"]) if row[0] == 4 * 5 + 2]
    # Foreign: 262010000000001, d3, d4, d5, d6. Not: 208..1, 262..2, 262..3, 901..1, d2, and d1, which says it too late.
    assert half_past_ten == [(22, "A", "foreign", 5), (22, "A", "unknown", 6)]
    assert rows(counted["attendance_by_age"]) == [("town", "foreign", 5), ("town", "unknown", 6)]
    # Foreign devices stand for four, and so does no other.
    assert [row[4] for row in rows(counted.counts["presence_by_age"]) if row[0] == 22] == [20_000, 6_000]


def test_a_device_is_foreign_on_a_day_if_its_last_stay_is() -> None:
    # d1 states its country within its first stay, d2 within its last, d3 at the first event of its last.
    counted = Counted("""
        subscriber_id event_time cell_id home_mcc
        d1            10:00      A1      -
        d1            10:20      A1      262
        d1            10:40      B1      208
        d2            10:00      A1      -
        d2            10:40      B1      -
        d2            10:50      B1      262
        d3            10:00      A1      -
        d3            10:40      B1      262
    """)
    at = {slot: [row[1:] for row in rows(counted["presence_by_age"]) if row[0] == slot] for slot in (18, 26)}
    assert at == {18: [("A", "unknown", 3)], 26: [("B", "foreign", 2), ("B", "unknown", 1)]}
    assert rows(counted["attendance_by_age"]) == [("town", "foreign", 2), ("town", "unknown", 1)]


def test_a_slot_is_counted_as_what_is_known_of_the_latest_stay_in_its_hexagon() -> None:
    # A has 4 + 5 minutes; its first stay there is before the country is stated, its last is after.
    counted = Counted("""
        subscriber_id event_time cell_id home_mcc
        d1            10:32      A1      -
        d1            10:36      B1      262
        d1            10:44      A1      -
        d1            10:46      C1      -
    """)
    assert [row for row in rows(counted["presence_by_spc"]) if row[0] == 22] == [(22, "A", "foreign", 1)]


def test_of_equal_rows_the_smallest_known_country_counts() -> None:
    counted = Counted("""
        subscriber_id event_time cell_id home_mcc
        d1            10:30      A1      -
        d1            10:30      A1      262
        d1            10:30      A1      208
        d2            10:30      A1      199
        d2            10:30      A1      262
    """)
    assert rows(counted["presence_by_age"])[0:2] == [(14, "A", "foreign", 1), (14, "A", "unknown", 1)]


def test_what_the_register_does_not_know_is_unknown() -> None:
    counted = Counted(
        """
        subscriber_id event_time cell_id home_mcc
        d1            10:00      A1      208
        d2            10:00      A1      262
        d3            10:00      A1      208
        d4            10:00      A1      208
        d5            10:00      A1      208
        d1            10:30      A1      208
        d2            10:30      A1      262
        d3            10:30      A1      208
        d4            10:30      A1      208
        d5            10:30      A1      208
        """,
        register="""
        subscriber_id age_band spc
        d1            25-34    3
        d2            25-34    3
        d3            -        3
        d4            33-44    9
        """,
    )
    assert_same_rows(
        counted["attendance_by_age"],
        table("""
            zone_id age_band devices
            town    25-34    1
            town    foreign  1
            town    unknown  3
        """),
    )
    assert_same_rows(
        counted["attendance_by_spc"],
        table(
            """
            zone_id spc     devices
            town    3       2
            town    foreign 1
            town    unknown 2
            """,
            types=TEXT,
        ),
    )


def test_every_row_is_counted_once_by_its_first_reason() -> None:
    lines = table(
        """
        subscriber_id event_time cell_id event_type home_mcc
        d1            10:00      A1      -          -
        d1            10:00      A1      -          -
        d1            10:00      A1      call       -
        d1            10:00      A1      call       262
        d1            10:00      A2      call       -
        d2            10:00      A1      call       -
        d2            10:01      A1      call       -
        -             10:00      Q1      fax        -
        d1            -          Q1      fax        -
        d1            10:00      -       fax        -
        d1            10:00      Q1      fax        -
        d1            10:00      Q1      fax        -
        d1            10:00      Q1      call       -
        out           10:00      A1      call       -
        out           10:00      A1      call       -
        meter         10:00      A1      call       -
        spare         10:00      A1      call       -
        """,
        types=TEXT,
    )
    register = table(
        """
        subscriber_id line_type opted_out
        d1            mobile    false
        d2            -         -
        out           M2M       true
        meter         M2M       false
        spare         Secondary-SIM false
        """
    )
    oracle = Oracle(lines, pa.table({"cell_id": ["A1", "A2"]}), register)
    assert_same_rows(
        oracle.accounting(),
        table("""
            outcome   | reason                | rows
            rows in   |                       | 17
            accepted  |                       | 5
            duplicate |                       | 2
            rejected  | missing event_time    | 1
            rejected  | missing subscriber_id | 1
            rejected  | missing cell_id       | 1
            rejected  | unknown event_type    | 2
            rejected  | unknown cell          | 1
            rejected  | opted out             | 2
            rejected  | line type left out    | 2
        """),
    )


def test_the_sims_of_one_holder_are_one_device() -> None:
    # One time, cell and type on both lines: no duplicate. The line of s1 comes first, so its country holds.
    counted = Counted(
        """
        subscriber_id event_time cell_id home_mcc
        s2            10:00      A1      208
        s1            10:00      A1      262
        s2            10:40      B1      208
        s3            10:00      A1      208
        """,
        register="""
        subscriber_id holder
        s1            h
        s2            h
        s3            -
        """,
    )
    assert rows(counted.oracle.accounting(), ["outcome", "rows"]) == [
        ("accepted", 4),
        ("duplicate", 0),
        ("rows in", 4),
    ]
    assert rows(counted["attendance_by_age"]) == [("town", "foreign", 1), ("town", "unknown", 1)]
    assert counted.whereabouts()[:2] == ["08:00 A 2", "08:15 A 2"]


def test_the_first_sim_of_a_holder_in_the_order_of_bytes_states_the_attributes_of_all() -> None:
    # `S` is before `s`. The first SIM of k is unknown, that of m is left out: it speaks for its holder all the same.
    counted = Counted(
        """
        subscriber_id event_time cell_id
        s1            10:30      A1
        S2            11:30      A1
        k1            10:30      B1
        k2            10:30      B1
        m2            10:30      C1
        """,
        register="""
        subscriber_id holder age_band spc line_type home_zone
        s1            h      18-24    1   -         21231
        S2            h      65+      2   -         21166
        k1            k      -        -   -         -
        k2            k      35-44    4   -         21231
        m1            m      25-34    3   watch     2A004
        m2            m      45-54    5   -         -
        """,
    )
    half_past_ten = [row[1:] for row in rows(counted["presence_by_age"]) if row[0] == 22]
    assert half_past_ten == [("A", "65+", 1), ("B", "unknown", 1), ("C", "25-34", 1)]
    assert [row[2] for row in rows(counted["presence_by_spc"]) if row[0] == 22] == ["2", "unknown", "3"]
    assert rows(counted["devices"], ["device", "origin"]) == [
        ("holder|h", "21"),
        ("holder|k", "unknown"),
        ("holder|m", "2A"),
    ]


def test_a_holder_is_not_a_subscriber_of_the_same_name() -> None:
    counted = Counted(
        events("h 10:00 A1", "s1 10:00 A1"),
        register="""
        subscriber_id holder
        s1            h
        """,
    )
    assert counted.whereabouts()[0] == "08:00 A 2"


def test_a_stay_without_a_place_is_an_error() -> None:
    oracle = Oracle(table(events("d1 10:00 A1")), pa.table({"cell_id": ["A1"]}))
    oracle.open_day(DAY)
    stays = oracle.to_place().append_column("place", pa.array(["d1 A"]))
    with pytest.raises(ValueError, match="1 rows by device, sequence are wanted"):
        oracle.place(stays.slice(0, 0))
