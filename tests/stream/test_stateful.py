"""The fold as a stateful transform: the watermark alone makes figures final, and they are those of one step."""

from datetime import date

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest

from pipelines.arrays import column, instants
from pipelines.lateness import BUCKET
from pipelines.presence import Lattice
from pipelines.shard_fold import STRIDE, keyed
from pipelines.shards import shard_of
from pipelines.state import Accounting
from pipelines.stays import HOLD
from schemas.tables import PROBE, STAY
from tests.pipelines.made import HOUR, MINUTE
from tests.stream.streamed import (
    CALENDAR,
    HEXAGONS,
    LATENESS,
    MILLISECOND,
    TERMS,
    Outcome,
    at_once,
    by_shard,
    crowd,
    hexagon_of,
    in_delay,
    run,
    signals,
    start_of,
    streamed,
)

DAY, NEXT = "2026-06-10", "2026-06-11"
START, END = start_of(DAY), start_of(NEXT)
CROWD = crowd(START, END, seed=1)
FOLDED = STRIDE * BUCKET


@pytest.fixture(scope="module")
def delayed() -> Outcome:
    """A day whose events arrive in a disorder of up to the lateness."""
    return streamed(in_delay(CROWD, seed=1))


def assert_as_at_once(found: Outcome, events: pa.Table, day: str) -> None:
    stays, measures = at_once(events, day)
    assert stays
    assert found.stays(day) == stays
    assert found.measures(day).equals(measures)


def slots_told(found: Outcome, day: str) -> list[int]:
    """The slots of a day for which measures were told, each as often as it was."""
    windows = [(first, end) for of, first, end in found.windows if of == day]
    return sorted(slot for first, end in windows for slot in range(first, end))


def present(found: Outcome, day: str, device: int, cell: int) -> list[int]:
    """The slots in which somebody is counted in the hexagon of a device and a cell."""
    slots = len(slots_told(found, day))
    measures = found.measures(day)
    group, hexagon, slot = Lattice(HEXAGONS, slots).unkey(instants(measures, "place"))
    own = (group == 0) & (hexagon == hexagon_of(np.array([device]), np.array([cell]), date.fromisoformat(day)))
    total = np.zeros(slots + 1, np.int64)
    np.add.at(total, slot[own], instants(measures, "devices")[own])
    return np.flatnonzero(total.cumsum()).tolist()


# In any order


def test_events_in_any_order_within_the_lateness_give_the_stays_and_measures_of_one_step_over_all(
    delayed: Outcome,
) -> None:
    assert_as_at_once(delayed, CROWD, DAY)
    assert slots_told(delayed, DAY) == list(range(96))
    different = CROWD.group_by(CROWD.column_names).aggregate([]).num_rows
    assert 0 < different < CROWD.num_rows
    assert delayed.counted(DAY) == Accounting(CROWD.num_rows, different, CROWD.num_rows - different, 0)


@pytest.mark.slow
def test_another_order_of_the_same_events_tells_the_same_window_by_window(delayed: Outcome) -> None:
    other = streamed(in_delay(CROWD, seed=2))
    assert other.of("taken") != delayed.of("taken")
    assert other.of("measures") == delayed.of("measures")
    assert other.stays(DAY) == delayed.stays(DAY)
    assert other.counted(DAY) == delayed.counted(DAY)


@pytest.mark.slow
def test_a_bounded_run_on_the_runner_of_steps_tells_the_same(delayed: Outcome) -> None:
    elements = [element for start in (0, 400) for element in by_shard(CROWD.slice(start, 400 + start))]
    found = run(lambda pipeline: pipeline | beam.Create(elements), TERMS, "FnApiRunner")
    assert found.stays(DAY) == delayed.stays(DAY)
    assert found.measures(DAY).equals(delayed.measures(DAY))
    assert found.counted(DAY) == delayed.counted(DAY)
    assert slots_told(found, DAY) == list(range(96))


def test_a_delivery_reaches_every_shard_of_its_day_also_with_nothing() -> None:
    elements = list(keyed(DAY, signals((1, START, 0)), 4))
    assert [(key, table.num_rows) for key, table in elements] == [((DAY, shard), int(not shard)) for shard in range(4)]
    assert all(table.schema == PROBE.schema for _, table in elements)


# The watermark

EDGES = CALENDAR.slots(date.fromisoformat(DAY))
FINAL = [int(EDGES[1]) + HOLD + LATENESS, int(EDGES[8]) + HOLD + LATENESS, END + LATENESS]
AWAITED = [at for final in FINAL for at in (final - MILLISECOND, final)]
"""Just before, and when the first slot, the first eight, and all of them are final."""


@pytest.fixture(scope="module")
def idle() -> Outcome:
    """Two events, then watermarks; after each of them a delivery of nothing, which shows what was told before it."""
    seen = signals((1, START + MINUTE, 0), (3 << 62, START + 2 * HOUR, 1))
    return streamed([START, seen, *(item for watermark in AWAITED for item in (watermark, DAY))])


def told_at(found: Outcome, watermark: int, name: str) -> list:
    """What an output told before the delivery after a watermark; a delivery is an element for each shard."""
    deliveries = [place for place, (where, *_) in enumerate(found.told) if where == "taken"]
    before = deliveries[(1 + watermark) * TERMS.shards]
    return [key for where, key, _ in found.told[:before] if where == name]


@pytest.mark.parametrize(("watermark", "windows"), [(0, 0), (1, 1), (2, 7), (3, 8), (4, 88), (5, 96)])
def test_a_window_is_told_when_the_watermark_has_passed_it_by_the_hold_and_the_lateness_and_not_before(
    idle: Outcome, watermark: int, windows: int
) -> None:
    told = told_at(idle, watermark, "measures")
    assert sorted(slot for _, first, end in told for slot in range(first, end)) == list(range(windows))


@pytest.mark.parametrize(("watermark", "stays"), [(4, 0), (5, 2)])
def test_the_last_stay_of_a_device_closes_when_the_watermark_has_passed_the_day_by_the_lateness(
    idle: Outcome, watermark: int, stays: int
) -> None:
    assert len(told_at(idle, watermark, "stays")) == stays


def test_an_idle_source_makes_every_window_due_once_also_those_without_anybody(idle: Outcome) -> None:
    assert slots_told(idle, DAY) == list(range(96))
    assert sum(table.num_rows for _, table in idle.of("taken")) == 2
    rows = {first: table.num_rows for (_, first, _), table in idle.of("measures")}
    assert rows[0] > 0
    assert rows[40] == 0


# Late events


def late_events(script: list[int | pa.Table], place: int) -> pa.Table:
    """Events in strides that the watermark at a place has passed by the lateness, up to their last microsecond."""
    passed = START + (script[place] - LATENESS - START) // FOLDED * FOLDED
    known = CROWD.slice(0, 200)
    early = known.filter(pa.array(instants(known, "event_time") < passed))
    return pa.concat_tables([early, signals((5 << 60, passed - 1, 3), (3 << 62, passed - HOUR, 3))])


@pytest.fixture(scope="module")
def disturbed() -> tuple[Outcome, int]:
    """The same as `delayed`, with events that come too late: during the day, and when it is over. Also how many."""
    script = in_delay(CROWD, seed=1)
    place = next(place for place, item in enumerate(script) if isinstance(item, int) and item > START + 8 * HOUR)
    late, again = late_events(script, place), CROWD.slice(0, 300)
    tail = [END + LATENESS, again, END + 6 * HOUR, again]
    return streamed([*script[: place + 2], late, *script[place + 2 :], *tail]), late.num_rows + 2 * again.num_rows


def test_events_beyond_the_lateness_are_counted_as_late(disturbed: tuple[Outcome, int], delayed: Outcome) -> None:
    found, late = disturbed
    assert late > 650
    assert found.counted(DAY) == delayed.counted(DAY) + Accounting(rows_in=late, late=late)
    assert found.counted(DAY).balances


def test_events_beyond_the_lateness_change_no_stay_and_no_measure(
    disturbed: tuple[Outcome, int], delayed: Outcome
) -> None:
    assert disturbed[0].of("measures") == delayed.of("measures")
    assert disturbed[0].stays(DAY) == delayed.stays(DAY)


def test_events_beyond_the_lateness_repeat_no_window(disturbed: tuple[Outcome, int]) -> None:
    assert slots_told(disturbed[0], DAY) == list(range(96))


@pytest.mark.slow
def test_an_event_is_late_from_the_instant_at_which_the_watermark_passes_its_stride_by_the_lateness() -> None:
    begun = START + 3 * HOUR
    passed, last = begun + FOLDED + LATENESS, begun + FOLDED - 1
    # The third is the first of its shard: that begins with the first delivery of the day all the same.
    seen, in_time, late = signals((1, START, 0)), signals((2, last, 1)), signals((3 << 62, last, 1))
    assert shard_of(column(seen, "device"), TERMS.shards) != shard_of(column(late, "device"), TERMS.shards)
    found = streamed([START, seen, passed - MILLISECOND, in_time, passed, late])
    assert found.counted(DAY) == Accounting(3, 2, 0, 1)
    assert [row[STAY.names.index("device")] for row in found.stays(DAY)] == [1, 2]
    assert slots_told(found, DAY) == list(range(96))


@pytest.mark.slow
def test_a_day_begins_with_its_first_delivery_however_late_that_comes() -> None:
    first, second = signals((1, START + MINUTE, 0)), signals((2, START + 2 * MINUTE, 0))
    found = streamed([END, first, END + FOLDED, second])
    assert found.counted(DAY) == Accounting(2, 1, 0, 1)
    assert slots_told(found, DAY) == list(range(96))


# Days


@pytest.mark.slow
def test_a_day_in_which_the_clock_shows_an_hour_twice_has_25_hours_of_slots() -> None:
    day = "2026-10-24"
    # 02:30 in summer time and, an hour later, 02:30 in winter time, in another cell.
    first, second = start_of(day) + 21 * HOUR + 30 * MINUTE, start_of(day) + 22 * HOUR + 30 * MINUTE
    assert [CALENDAR.clock(instant) for instant in (first, second)] == ["02:30", "02:30"]
    seen, at_last = signals((5, first, 0), (5, second, 1)), signals((6, start_of(day) + 24 * HOUR + 50 * MINUTE, 2))
    found = streamed([start_of(day), seen, start_of(day) + 24 * HOUR + LATENESS + FOLDED, at_last])
    assert slots_told(found, day) == list(range(100))
    assert_as_at_once(found, pa.concat_tables([seen, at_last]), day)
    assert found.counted(day) == Accounting(3, 3)
    # 110 minutes to either side, and to the middle between them.
    assert present(found, day, 5, 0) == list(range(78, 88))
    assert present(found, day, 5, 1) == list(range(88, 98))


@pytest.mark.slow
def test_a_day_in_which_the_clock_skips_an_hour_has_23_hours_of_slots() -> None:
    day = "2026-03-28"
    # 01:45 in winter time and, half an hour later, 03:15 in summer time, in another cell.
    first, second = start_of(day) + 20 * HOUR + 45 * MINUTE, start_of(day) + 21 * HOUR + 15 * MINUTE
    assert [CALENDAR.clock(instant) for instant in (first, second)] == ["01:45", "03:15"]
    seen, too_late = signals((5, first, 0), (5, second, 1)), signals((6, start_of(day) + 23 * HOUR - 1, 0))
    found = streamed([start_of(day), seen, start_of(day) + 23 * HOUR + LATENESS, too_late])
    assert slots_told(found, day) == list(range(92))
    assert len(told_at(found, 0, "measures")) == len(found.windows)
    assert_as_at_once(found, seen, day)
    assert found.counted(day) == Accounting(3, 2, 0, 1)
    # The day ends before the second event has reached its 110 minutes.
    assert present(found, day, 5, 0) == list(range(75, 84))
    assert present(found, day, 5, 1) == list(range(84, 92))


@pytest.mark.slow
def test_at_the_change_of_the_privacy_day_stays_are_cut_and_the_key_of_the_next_day_is_used() -> None:
    before, after = signals((5, END - 10 * MINUTE, 0)), signals((5, END + 10 * MINUTE, 0))
    # The first event comes when the next day is open already.
    found = streamed([END - HOUR, after, END + 15 * MINUTE, before])
    events = pa.concat_tables([before, after])
    for day in (DAY, NEXT):
        assert_as_at_once(found, events, day)
        assert slots_told(found, day) == list(range(96))
        assert found.counted(day) == Accounting(1, 1)
    assert present(found, DAY, 5, 0) == list(range(88, 96))
    assert present(found, NEXT, 5, 0) == list(range(8))
    # In another hexagon, though in the same cell.
    assert not present(found, NEXT, 4, 0)
    end, begin = (STAY.names.index(name) for name in ("end", "begin"))
    assert found.stays(DAY)[0][end] == found.stays(NEXT)[0][begin]
    assert found.stays(DAY)[0][end].timestamp() * 1_000_000 == END
