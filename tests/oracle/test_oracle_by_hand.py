"""The oracle itself, checked on tables small enough to count by hand.

The first letter of a cell is the hexagon drawn for it. The privacy day is 10 June 2026 from 05:00 UTC unless
said otherwise, so that `29:00` is its end.
"""

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.oracle.edges import Day, privacy_day
from tests.oracle.oracle import Oracle
from tests.tables import assert_same_rows, rows, table

DAY = privacy_day(date(2026, 6, 10), timezone="UTC")
TEXT = {"subscriber_id": pa.string(), "spc": pa.string()}
COMMUNE = table("""
    hexagon zone_id
    A       town
    B       town
""")


class Counted:
    """The counts of one day over events written as text."""

    def __init__(self, events: str, *, zones: pa.Table = COMMUNE, register: str | None = None, day: Day = DAY) -> None:
        seen = table(events, types=TEXT)
        cells = pa.table({"cell_id": seen["cell_id"].unique().drop_null()})
        known = table(register, types=TEXT) if register else None
        self.oracle, self.day = Oracle(seen, cells, known), day
        pairs = self.oracle.to_draw(day)
        hexagons = pairs.append_column("hexagon", pc.utf8_slice_codeunits(pairs["cell_id"], 0, 1))
        self.counts = self.oracle.count(day, hexagons, zones)

    def whereabouts(self) -> list[str]:
        """Presence as `05:00 A 1`: UTC clock of the slot's start, hexagon, devices."""
        starts = self.day.slots["starts"].to_pylist()
        return [f"{starts[s]:%H:%M} {hexagon} {n}" for s, hexagon, n in rows(self.counts["presence"])]

    def __getitem__(self, indicator: str) -> pa.Table:
        return self.counts[indicator]


def test_a_single_event_is_held_for_an_hour_and_is_no_attendance() -> None:
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:07      A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence hexagon start left  held  linked
            d1     0        A       10:07 10:07 11:07 false
        """),
    )
    assert counted.whereabouts() == ["10:00 A 1", "10:15 A 1", "10:30 A 1", "10:45 A 1", "11:00 A 1"]
    assert rows(counted["attendance"]) == []


def test_a_hold_that_ends_on_a_slot_edge_does_not_touch_the_next_slot() -> None:
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:00      A1
    """)
    assert counted.whereabouts() == ["10:00 A 1", "10:15 A 1", "10:30 A 1", "10:45 A 1"]


def test_linked_events_in_one_hexagon_are_one_stay_that_is_left_at_the_last() -> None:
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:00      A1
        d1            10:40      A2
        d1            10:20      A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence hexagon start left  held  linked
            d1     0        A       10:00 10:40 11:40 false
        """),
    )
    assert rows(counted["dwell"]) == [("town", "30-60 min", 1)]
    assert counted.whereabouts()[-1] == "11:30 A 1"


def test_most_of_a_slot_is_summed_over_the_stays_in_a_hexagon() -> None:
    # In the first slot: A 4 + 5 = 9 minutes, B 6 minutes, though B's is the longest stay. d2: B 8, A 7.
    counted = Counted("""
        subscriber_id event_time cell_id
        d1            10:00      A1
        d1            10:04      B1
        d1            10:10      A1
        d2            10:00      A1
        d2            10:07      B1
        d2            10:15      C1
    """)
    assert counted.whereabouts()[:4] == ["10:00 A 1", "10:00 B 1", "10:15 A 1", "10:15 C 1"]


@pytest.mark.parametrize(
    ("times", "winner"),
    [
        ("10:00 A1  10:05 B1  10:10 C1  10:15 D1", "C"),  # 5, 5, 5
        ("10:00 C1  10:07:30 B1  10:15 D1", "B"),  # 7.5, 7.5
        ("10:00 A1  10:03 B1  10:09 A1  10:12 C1  10:15 D1", "A"),  # 3 + 3, 6, 3
        ("10:00 A1  10:07:30.000001 B1  10:15 D1", "A"),
        ("10:00 A1  10:07:29.999999 B1  10:15 D1", "B"),
    ],
)
def test_of_hexagons_with_equal_time_in_a_slot_the_one_of_the_latest_stay_wins(times: str, winner: str) -> None:
    words = times.split()
    lines = [f"d1 {time} {cell}" for time, cell in zip(words[::2], words[1::2], strict=True)]
    counted = Counted("\n".join(["subscriber_id event_time cell_id", *lines]))
    assert counted.whereabouts()[0] == f"10:00 {winner} 1"


def test_stays_without_length_follow_the_bytes_of_the_cell_and_yield_to_stays_with_length() -> None:
    # In bytes A1 < Z1 < a1, so the device is in `a` from 10:14 on, and in C until then.
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            10:14           Z1
        d1            10:14           a1
        d1            10:00           C1
        d1            10:14           A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence hexagon start left  held  linked
            d1     0        C       10:00 10:14 10:14 true
            d1     1        A       10:14 10:14 10:14 true
            d1     2        Z       10:14 10:14 10:14 true
            d1     3        a       10:14 10:14 11:14 false
        """),
    )
    assert counted.whereabouts()[:2] == ["10:00 C 1", "10:15 a 1"]


def test_a_gap_of_sixty_minutes_links_and_one_microsecond_more_does_not() -> None:
    counted = Counted("""
        subscriber_id event_time      cell_id
        d1            10:00           A1
        d1            11:00           B1
        d2            10:00           A1
        d2            11:00:00.000001 B1
        d3            10:00           A1
        d3            11:00:00.000001 A1
        d4            10:00           A1
        d4            10:59:59.999999 A1
        d5            10:00           A1
        d5            11:00           A1
    """)
    assert_same_rows(
        counted.oracle.stays(),
        table("""
            device sequence hexagon start           left            held            linked
            d1     0        A       10:00           11:00           11:00           true
            d1     1        B       11:00           11:00           12:00           false
            d2     0        A       10:00           10:00           11:00           false
            d2     1        B       11:00:00.000001 11:00:00.000001 12:00:00.000001 false
            d3     0        A       10:00           10:00           11:00           false
            d3     1        A       11:00:00.000001 11:00:00.000001 12:00:00.000001 false
            d4     0        A       10:00           10:59:59.999999 11:59:59.999999 false
            d5     0        A       10:00           11:00           12:00           false
        """),
    )
    assert rows(counted["dwell"]) == [("town", "1-2 h", 2), ("town", "30-60 min", 1)]
    assert [line for line in counted.whereabouts() if line >= "11:45"] == [
        "11:45 A 3",
        "11:45 B 2",
        "12:00 A 1",
        "12:00 B 1",
    ]


def test_a_hold_ends_with_the_privacy_day_and_so_does_a_link() -> None:
    # d2's event of 29:00 is of the next day: d2 is not linked to it, and d3 does not appear at all.
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
            device sequence hexagon start           left            held  linked
            d1     0        A       28:30           28:30           29:00 false
            d2     0        A       28:59:59.999999 28:59:59.999999 29:00 false
            d4     0        B       05:00           05:00           06:00 false
        """),
    )
    assert counted.whereabouts() == [
        "05:00 B 1",
        "05:15 B 1",
        "05:30 B 1",
        "05:45 B 1",
        "04:30 A 1",
        "04:45 A 2",
    ]


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
    assert rows(counted["presence"]) == [
        *((slot, "A", 1) for slot in range(4)),
        *((slot, "C", 1) for slot in range(83, 89)),
        (91, "B", 1),
    ]


def test_a_device_stands_in_the_half_hours_only_of_the_slots_that_hold_them() -> None:
    # The half hours are 10:30 and 11:30; the hold from 10:20 ends at 11:20.
    events = """
        subscriber_id event_time cell_id
        d1            10:20      A1
    """
    by_quarter = Counted(events)
    assert rows(by_quarter["presence_by_age"]) == [(4 * 5 + 2, "A", "unknown", 1)]
    hourly = privacy_day(date(2026, 6, 10), slot=timedelta(hours=1), timezone="UTC")
    by_hour = Counted(events, day=hourly)
    assert rows(by_hour["presence_by_age"]) == [(5, "A", "unknown", 1), (6, "A", "unknown", 1)]


def _stayed(device: str, minutes: float) -> str:
    """Events in A from 06:00 on, an hour apart and one at the end."""
    whole = [60 * hour for hour in range(9) if 60 * hour < minutes]
    microseconds = [round(minute * 60_000_000) for minute in [*whole, minutes]]
    clocks = [divmod(us + 6 * 3_600_000_000, 3_600_000_000) for us in microseconds]
    texts = [
        f"{hour:02d}:{us // 60_000_000:02d}:{us % 60_000_000 // 10**6:02d}.{us % 10**6:06d}" for hour, us in clocks
    ]
    return "\n".join(f"{device} {clock} A1" for clock in texts)


MICROSECOND = 1 / 60_000_000


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
    around = {"below": minutes - MICROSECOND, "at": minutes, "above": minutes + MICROSECOND}
    lines = [_stayed(device, stayed) for device, stayed in around.items()]
    counted = Counted("\n".join(["subscriber_id event_time cell_id", *lines]))
    bands = {band: devices for _, band, devices in rows(counted["dwell"])}
    assert bands == ({before: 1} if before else {}) | {from_here_on: 2}


def test_a_visit_is_all_of_the_time_in_a_zone_and_in_the_zones_inside_it() -> None:
    # d1: venue 10 + 8 = 18, town 18 + 20 = 38, county 38 + 10 = 48. d2: venue 5, town 15. d3: never in town.
    # d4: in the venue 15 minutes in all, by two stays with an outing that nothing links.
    counted = Counted(
        """
        subscriber_id event_time cell_id
        d1            10:00      V1
        d1            10:10      B1
        d1            10:30      V2
        d1            10:38      C1
        d1            10:48      X1
        d2            10:00      V1
        d2            10:05      B1
        d2            10:15      X1
        d3            10:00      C1
        d3            11:00      C1
        d4            10:00      V1
        d4            10:07      V1
        d4            15:00      V1
        d4            15:08      V1
        """,
        zones=table("""
            hexagon zone_id
            V       venue
            V       town
            V       county
            B       town
            B       county
            C       county
        """),
    )
    assert_same_rows(
        counted.oracle.visits().set_column(2, "min", pc.divide(counted.oracle.visits()["dwell_us"], 60_000_000)),
        table("""
            device zone_id min
            d1     venue   18
            d1     town    38
            d1     county  48
            d2     venue   5
            d2     town    15
            d2     county  15
            d3     county  60
            d4     venue   15
            d4     town    15
            d4     county  15
        """),
    )
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
    # d1 and both IMSIs with two events stayed for 15 minutes or more.
    assert rows(counted["attendance_by_age"]) == [("town", "foreign", 1), ("town", "unknown", 2)]


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
    at = {slot: [row[1:] for row in rows(counted["presence_by_age"]) if row[0] == slot] for slot in (22, 26)}
    assert at == {22: [("A", "unknown", 3)], 26: [("B", "foreign", 2), ("B", "unknown", 1)]}
    assert rows(counted["attendance_by_age"]) == [("town", "foreign", 2), ("town", "unknown", 1)]


def test_a_slot_is_counted_as_what_is_known_of_the_latest_stay_in_its_hexagon() -> None:
    # A has 4 + 5 minutes; its first stay there is before the country is stated, its last is after.
    counted = Counted("""
        subscriber_id event_time cell_id home_mcc
        d1            10:30      A1      -
        d1            10:34      B1      262
        d1            10:40      A1      -
        d1            10:45      C1      -
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
    assert rows(counted["presence_by_age"])[0:2] == [(22, "A", "foreign", 1), (22, "A", "unknown", 1)]


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
    events = table(
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
    oracle = Oracle(events, pa.table({"cell_id": ["A1", "A2"]}), register)
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
    assert rows(counted["attendance_by_age"]) == [("town", "foreign", 1)]
    assert counted.whereabouts()[:2] == ["10:00 A 2", "10:15 A 2"]


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
        subscriber_id holder age_band spc line_type
        s1            h      18-24    1   -
        S2            h      65+      2   -
        k1            k      -        -   -
        k2            k      35-44    4   -
        m1            m      25-34    3   watch
        m2            m      45-54    5   -
        """,
    )
    half_past_ten = [row[1:] for row in rows(counted["presence_by_age"]) if row[0] == 22]
    assert half_past_ten == [("A", "65+", 1), ("B", "unknown", 1), ("C", "25-34", 1)]
    assert [row[2] for row in rows(counted["presence_by_spc"]) if row[0] == 22] == ["2", "unknown", "3"]


def test_a_holder_is_not_a_subscriber_of_the_same_name() -> None:
    counted = Counted(
        """
        subscriber_id event_time cell_id
        h             10:00      A1
        s1            10:00      A1
        """,
        register="""
        subscriber_id holder
        s1            h
        """,
    )
    assert counted.whereabouts()[0] == "10:00 A 2"


def test_a_cell_without_a_drawn_hexagon_is_an_error() -> None:
    events = table("""
        subscriber_id event_time cell_id
        d1            10:00      A1
    """)
    oracle = Oracle(events, pa.table({"cell_id": ["A1"]}))
    undrawn = oracle.to_draw(DAY).append_column("hexagon", pa.array(["A"])).slice(0, 0)
    with pytest.raises(ValueError, match="1 events need one hexagon each"):
        oracle.count(DAY, undrawn, COMMUNE)
