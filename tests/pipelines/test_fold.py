"""The fold: cutting a day into steps changes nothing, and what it counts follows from the stays by definition."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.arrays import column, instants
from pipelines.bounded import Sampling
from pipelines.fold import Step, advance, between, is_foreign, merged
from pipelines.presence import ATTRIBUTES, UNKNOWN
from schemas.tables import OPEN_STAY, PRESENCE_COUNT, PROBE, STAY
from schemas.vocabulary import AGE_BANDS, SPC
from tests.pipelines.made import HOUR, MINUTE, at, filled, made
from tests.tables import assert_same_rows, rows, table

EDGES = np.arange(at("05:00")[0], at("13:00")[0] + 1, 15 * MINUTE)
HEXAGONS = 5
DOMESTIC = (208,)
SLOTS = EDGES.size - 1


def step(watermark: int, measured: int = 0, *, last: bool = False) -> Step:
    """A step of a day of eight hours; events reach half an hour, and devices are missing for an hour more."""
    half_hours = np.arange(2, SLOTS, 4).astype(np.int32)
    return Step(watermark, EDGES, measured, half_hours, 30 * MINUTE, HOUR, HEXAGONS, DOMESTIC, last)


def hexagon_of_cell(device: np.ndarray, cell: np.ndarray, home_zone: np.ndarray) -> np.ndarray:
    return ((cell + device.astype(np.int64)) % HEXAGONS).astype(np.int32)


def stands_for(rows: pa.Table) -> np.ndarray:
    return 1000 + 10 * column(rows, "age_band").astype(np.int64) + column(rows, "home_mcc").astype(np.int64)


def folded(events: pa.Table, watermarks: list[int], sampling: Sampling | None = None) -> tuple[pa.Table, pa.Table, int]:
    """Closed stays, measures and accepted events of a day cut at some instants."""
    open_stays, measured, before = OPEN_STAY.empty(), 0, int(EDGES[0])
    closed, measures, accepted = [], [], 0
    for watermark in [*sorted(watermarks), int(EDGES[-1])]:
        now = step(watermark, measured, last=watermark == EDGES[-1])
        found = advance(open_stays, between(events, before, watermark), now, hexagon_of_cell, stands_for, sampling)
        open_stays, measured, before = found.open_stays, max(now.due, measured), watermark
        closed.append(found.closed)
        measures.append(found.measures)
        accepted += found.accepted + found.duplicates
    assert open_stays.num_rows == 0
    return pa.concat_tables(closed), merged(measures), accepted


seen = st.tuples(
    st.integers(1, 3), st.integers(0, 95), st.integers(0, 2), st.sampled_from([0, 0, 208, 262]), st.booleans()
)
days = st.lists(seen, max_size=30)
cuts = st.lists(st.integers(1, 95), max_size=6, unique=True)


def probe(events: list[tuple[int, int, int, int, bool]]) -> pa.Table:
    """PROBE rows in the order of time, from (device, five minutes, cell, home network, whether a microsecond later)."""
    events = sorted(events, key=lambda event: (event[1], event[4]))
    device, time, cell, home, later = (
        (np.array(list(c), np.int64) for c in zip(*events, strict=True)) if events else (np.zeros((5, 0), np.int64))
    )
    instant = pa.array(EDGES[0] + time * 5 * MINUTE + later).view(pa.timestamp("us", "UTC"))
    columns = {"device": device, "event_time": instant, "cell": cell, "home_mcc": home}
    return filled(PROBE, pa.table({**columns, "age_band": device % 8, "spc": device % 9}))


@settings(max_examples=150, deadline=None)
@given(days, cuts)
def test_cutting_the_day_anywhere_gives_the_same_stays_and_measures(
    events: list[tuple[int, int, int, int, bool]], at_marks: list[int]
) -> None:
    read = probe(events)
    whole, cut = folded(read, []), folded(read, [int(EDGES[0]) + mark * 5 * MINUTE for mark in at_marks])
    assert rows(cut[0]) == rows(whole[0])
    assert rows(cut[1]) == rows(whole[1])
    assert cut[2] == whole[2] == len(events)


def unpacked(measures: pa.Table) -> dict[int, np.ndarray]:
    """By group: [2, slots, hexagons]; of the plain count and the unknown the running sums."""
    group, hexagon, slot = step(0).lattice.unkey(instants(measures, "place"))
    found = {}
    for number in range(UNKNOWN + 1):
        own = group == number
        total = np.zeros((2, SLOTS + 1, HEXAGONS), np.int64)
        for row, name in enumerate(("devices", "weight")):
            np.add.at(total[row], (slot[own], hexagon[own]), instants(measures, name)[own])
        found[number] = (total.cumsum(axis=1) if number in (0, UNKNOWN) else total)[:, :SLOTS]
    return found


@settings(max_examples=100, deadline=None)
@given(days, cuts, st.integers(1, SLOTS), st.binary(min_size=16, max_size=16))
def test_under_differential_privacy_a_device_changes_at_most_as_many_counts_as_its_slots(
    events: list[tuple[int, int, int, int, bool]], at_marks: list[int], kept: int, key: bytes
) -> None:
    sampling = Sampling(key, SLOTS, kept, 1)
    marks = [int(EDGES[0]) + mark * 5 * MINUTE for mark in at_marks]
    everybody, others = (
        unpacked(folded(probe(some), marks, sampling)[1])
        for some in (events, [each for each in events if each[0] != 1])
    )
    change = everybody[0][0] - others[0][0]
    assert set(np.unique(change).tolist()) <= {0, 1}
    assert change.sum() <= kept
    # Nothing but plain counts comes of it.
    assert not any(counts.any() for group, counts in everybody.items() if group)


@settings(max_examples=100, deadline=None)
@given(days)
def test_the_classes_of_an_attribute_sum_to_the_plain_count_in_devices_and_in_weight(
    events: list[tuple[int, int, int, int, bool]],
) -> None:
    counts = unpacked(folded(probe(events), [])[1])
    half_hours = step(0).half_hours
    first = 1
    for classes in ATTRIBUTES.values():
        total = sum(counts[group] for group in range(first, first + classes))
        assert (total[:, half_hours] == counts[0][:, half_hours]).all()
        assert total.sum() == total[:, half_hours].sum()
        first += classes


@settings(max_examples=100, deadline=None)
@given(days)
def test_a_device_is_in_one_hexagon_or_unknown_or_away(events: list[tuple[int, int, int, int, bool]]) -> None:
    stays, measures, _ = folded(probe(events), [])
    counts = unpacked(measures)
    present, missing = np.zeros(SLOTS, np.int64), np.zeros(SLOTS, np.int64)
    for device in set(column(stays, "device").tolist()):
        own = sorted(row[1:] for row in rows(stays, ["device", "begin", "end"]) if row[0] == device)
        spans = [tuple((t - own[0][0]).total_seconds() * 1e6 + _microseconds(own[0][0]) for t in span) for span in own]
        for slot in range(SLOTS):
            low, high = EDGES[slot], EDGES[slot + 1]
            touches = any((b < high and e > low) or (b == e and low <= b < high) for b, e in spans)
            present[slot] += touches
            for place, (_, end) in enumerate(spans):
                following = spans[place + 1][0] if place + 1 < len(spans) else EDGES[-1]
                missing[slot] += end <= low and high <= min(end + HOUR, following)
    assert (counts[0][0].sum(axis=1) == present).all()
    assert (counts[UNKNOWN][0].sum(axis=1) == missing).all()
    assert not counts[UNKNOWN][1].any()


def _microseconds(instant) -> float:
    return instant.timestamp() * 1e6


@pytest.mark.parametrize(
    ("watermark", "due"),
    [
        ("05:00", 0),
        ("05:44:59.999999", 0),
        ("05:45", 1),
        ("05:59:59.999999", 1),
        ("06:00", 2),
        ("12:59", 29),
        ("13:00", 30),
    ],
)
def test_a_slot_is_due_once_no_event_to_come_can_reach_it(watermark: str, due: int) -> None:
    assert step(int(at(watermark)[0])).due == due


def test_at_the_end_of_the_day_every_slot_is_due() -> None:
    assert step(int(at("13:00")[0]), last=True).due == SLOTS


def test_what_is_carried_is_open_or_reaches_a_slot_that_is_not_yet_due() -> None:
    events = made(
        PROBE, "device event_time cell\n 1 05:10 0\n 1 07:55 1\n 1 08:00 0\n 2 05:00 0\n 3 07:56 0\n 3 07:58 1"
    )
    found = advance(OPEN_STAY.empty(), events, step(int(at("08:30")[0])), hexagon_of_cell, stands_for)
    # Due are the slots up to 08:00. The first stay of device 1 and its silence end by 06:40.
    expected = """
        device start begin    end   open
        1      08:00 07:57:30 08:30 true
        2      05:00 05:00    05:30 true
        3      07:58 07:57    08:28 true
    """
    assert_same_rows(found.open_stays, table(expected))
    assert_same_rows(found.closed.select(["device", "start"]), table("device start\n1 05:10\n1 07:55\n3 07:56"))


@pytest.mark.parametrize(("end", "carried"), [("08:00", 0), ("08:00:00.000002", 1)])
def test_a_closed_stay_is_carried_from_the_first_microsecond_in_a_slot_not_yet_due(end: str, carried: int) -> None:
    # The stay ends in the middle of the way from 07:55.
    late = at(end) * 2 - at("07:55")
    events = made(PROBE, "device event_time cell\n 1 07:55 0\n 1 08:05 1")
    time = pa.array([at("07:55")[0], late[0]]).view(pa.timestamp("us", "UTC"))
    events = events.set_column(1, "event_time", time).cast(PROBE.schema)
    found = advance(OPEN_STAY.empty(), events, step(int(at("08:30")[0])), hexagon_of_cell, stands_for)
    assert found.open_stays.num_rows == 1 + carried


def test_a_day_without_events_has_nothing() -> None:
    stays, measures, accepted = folded(PROBE.empty(), [int(at("07:00")[0])])
    assert (stays.schema, measures.schema, accepted) == (STAY.schema, PRESENCE_COUNT.schema, 0)
    assert (stays.num_rows, measures.num_rows) == (0, 0)


def test_a_step_that_makes_no_slot_due_measures_nothing() -> None:
    events = made(PROBE, "device event_time cell\n 1 05:10 0")
    now = replace(step(int(at("05:44")[0])), measured=0)
    assert advance(OPEN_STAY.empty(), events, now, hexagon_of_cell, stands_for).measures.num_rows == 0


@pytest.mark.parametrize(("home_mcc", "foreign"), [(0, False), (208, False), (262, True), (1, True)])
def test_a_device_is_foreign_where_its_home_network_is_known_and_not_domestic(home_mcc: int, foreign: bool) -> None:
    read = made(PROBE, f"device event_time cell home_mcc\n 1 05:10 0 {home_mcc}")
    assert is_foreign(read, DOMESTIC).tolist() == [foreign]


@pytest.mark.parametrize(("home_mcc", "age", "spc"), [(0, 2, 4), (208, 2, 4), (262, len(AGE_BANDS), len(SPC))])
def test_foreign_devices_are_a_class_of_their_own_after_those_of_each_attribute(
    home_mcc: int, age: int, spc: int
) -> None:
    text = f"device event_time cell home_mcc age_band spc\n 1 05:30 0 {home_mcc} 2 4"
    counts = unpacked(folded(made(PROBE, text), [])[1])
    groups = [group for group, total in counts.items() if total.any() and group != UNKNOWN]
    assert groups == [0, 1 + age, 1 + len(AGE_BANDS) + 1 + spc]


def test_events_between_instants_hold_the_first_and_not_the_last() -> None:
    events = made(PROBE, "device event_time cell\n 1 05:10 0\n 2 05:20 0\n 3 05:30 0")
    low, high = (int(instant) for instant in at("05:20", "05:30"))
    assert column(between(events, low, high), "device").tolist() == [2]


@given(st.lists(st.lists(st.tuples(st.integers(0, 40), st.integers(-2, 2), st.integers(-50, 50)), max_size=8)))
def test_merged_measures_are_the_sums_by_place(pieces: list[list[tuple[int, int, int]]]) -> None:
    tables = []
    for piece in pieces:
        values = np.array(piece, np.int64).reshape(-1, 3).T
        tables.append(PRESENCE_COUNT.conform(pa.table(dict(zip(PRESENCE_COUNT.names, values, strict=True)))))
    expected: dict[int, tuple[int, int]] = {}
    for place, devices, weight in (row for piece in pieces for row in piece):
        before = expected.get(place, (0, 0))
        expected[place] = (before[0] + devices, before[1] + weight)
    kept = [(place, *sums) for place, sums in sorted(expected.items()) if sums != (0, 0)]
    assert [tuple(row.values()) for row in merged(tables).to_pylist()] == kept
