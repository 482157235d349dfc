"""The fold as a stateful Beam transform: event-time timers, not a driver, take each shard of a privacy day further.

Runners that fire such timers when the watermark has passed them, and not before, make it right: those for unbounded
sources, such as Flink, and BundleBasedDirectRunner, which plays TestStream. FnApiRunner is right for bounded input
alone. With an unbounded source it fires timers after every element, and says nothing of it: windows would come early,
in pieces, and more than once.

A window is final when every shard has told its part of it, not when a watermark says so: BundleBasedDirectRunner does
not hold the watermark back for a timer, so that what a timer tells may come late, and a window would drop it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias, cast

import apache_beam as beam
import pyarrow as pa
from apache_beam.coders import TupleCoder, VarIntCoder
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import (
    BagRuntimeState,
    BagStateSpec,
    ReadModifyWriteRuntimeState,
    ReadModifyWriteStateSpec,
    RuntimeTimer,
    TimerSpec,
    on_timer,
)
from apache_beam.transforms.window import GlobalWindows
from apache_beam.utils.timestamp import Timestamp

from pipelines.arrays import Bools, instants
from pipelines.calendar import Calendar
from pipelines.coder import ArrowTableCoder
from pipelines.fold import Advance, Prepared, Step, advance, merged
from pipelines.lateness import BUCKET
from pipelines.planning import Ground
from pipelines.publish import DayGrid, day_grid
from pipelines.shards import split
from pipelines.state import Accounting
from schemas.tables import OPEN_STAY, PRESENCE_COUNT, PROBE, STAY

Key: TypeAlias = tuple[str, int]
"""A privacy day in ISO 8601, and a shard."""

Slots: TypeAlias = tuple[str, int, int]
"""A privacy day in ISO 8601, and its slots that fall due together, [from, to)."""

# What a step says, each to an output of its own: Beam takes types, and so coders, from here.
Stays: TypeAlias = TaggedOutput[Literal["stays"], tuple[Key, pa.Table]]
Measures: TypeAlias = TaggedOutput[Literal["measures"], tuple[Slots, pa.Table]]
Counted: TypeAlias = TaggedOutput[Literal["counted"], tuple[str, Accounting]]
Told: TypeAlias = Stays | Measures | Counted

# Parameters of the stages, in whose place Beam puts the state and the timer of the key.
WAITING = cast(BagRuntimeState, beam.DoFn.StateParam(BagStateSpec("waiting", ArrowTableCoder())))
OPEN_STAYS = cast(
    ReadModifyWriteRuntimeState, beam.DoFn.StateParam(ReadModifyWriteStateSpec("open_stays", ArrowTableCoder()))
)
COME = cast(
    ReadModifyWriteRuntimeState,
    beam.DoFn.StateParam(ReadModifyWriteStateSpec("come", TupleCoder((VarIntCoder(), VarIntCoder())))),
)
TOLD = cast(BagRuntimeState, beam.DoFn.StateParam(BagStateSpec("told", ArrowTableCoder())))
SHARDS = cast(ReadModifyWriteRuntimeState, beam.DoFn.StateParam(ReadModifyWriteStateSpec("shards", VarIntCoder())))
BUCKET_PASSED = TimerSpec("bucket_passed", TimeDomain.WATERMARK)
PASSED = cast(RuntimeTimer, beam.DoFn.TimerParam(BUCKET_PASSED))
KEY = cast(Key, beam.DoFn.KeyParam)

STRIDE: Final = 5
"""Buckets that are folded together, the shortest slot: each fold writes all open stays anew."""


@dataclass(frozen=True)
class Terms:
    """What holds for every privacy day; `prepare` is pickled, and called in the worker.

    `lateness` in microseconds, a whole number of milliseconds: watermarks tell no finer times apart.
    """

    calendar: Calendar
    ground: Ground
    lateness: int
    shards: int
    prepare: Callable[[date], Prepared]


def keyed(day: str, events: pa.Table, shards: int) -> Iterator[tuple[Key, pa.Table]]:
    """PROBE rows of a privacy day by shard, also for shards without any: so all shards of a day begin together."""
    return (((day, shard), table) for shard, table in enumerate(split(events, shards)))


@dataclass(frozen=True)
class Folded:
    """What comes of the fold.

    `stays`: (Key, STAY rows) as they close. `measures`: (Slots, PRESENCE_COUNT rows of all shards), once for each slot,
    also where nobody is, when the watermark has passed it by the hold and the lateness. `counted`: (privacy day,
    Accounting) of rows that were taken, were duplicates or came late.
    """

    stays: beam.PCollection[tuple[Key, pa.Table]]
    measures: beam.PCollection[tuple[Slots, pa.Table]]
    counted: beam.PCollection[tuple[str, Accounting]]


def fold(events: beam.PCollection[tuple[Key, pa.Table]], terms: Terms) -> Folded:
    """PROBE rows by shard, as of `keyed`, to what `advance` makes of them as the watermark passes."""
    told = (
        events
        # State and timers are of a key and a window: any other would cut the day.
        | "One window" >> beam.WindowInto(GlobalWindows())
        | "By shard" >> beam.Map(_same).with_output_types(tuple[Key, pa.Table])
        | "Advance in time" >> beam.ParDo(AdvanceInTime(terms)).with_outputs("stays", "measures", "counted")
    )
    measures = told.measures | "Sum of all shards" >> beam.ParDo(SumShards(terms.shards))
    return Folded(told.stays, measures, told.counted)


class AdvanceInTime(beam.DoFn):
    """Keeps the events of a shard until the watermark has passed their stride by the lateness, and folds them then.

    A row is late if its stride has been folded. A day begins with its first delivery, whenever that comes: nothing was
    told of it before. The state of a day that is over is two numbers for each shard, by which rows that still come are
    known as late.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def setup(self) -> None:
        """Beam's hook: no day is known yet."""
        self.prepared: dict[str, Prepared] = {}

    def process(
        self,
        element: tuple[Key, pa.Table],
        waiting: BagRuntimeState = WAITING,
        come: ReadModifyWriteRuntimeState = COME,
        passed: RuntimeTimer = PASSED,
    ) -> Iterator[Told]:
        """Keep rows until they are due, and count those that are late."""
        (day, _), events = element
        grid = self._grid(day)
        known = come.read()
        if known is None:
            come.write((0, 0))
            passed.set(self._passed(grid, STRIDE))
        late = _before(events, int(grid.slots[0]) + (known[0] if known else 0) * BUCKET)
        if rows := int(late.sum()):
            yield Counted("counted", (day, Accounting(rows_in=rows, late=rows)))
        if rows < events.num_rows:
            waiting.add(events.filter(pa.array(~late)))

    @on_timer(BUCKET_PASSED)
    def bucket_passed(
        self,
        key: Key = KEY,
        waiting: BagRuntimeState = WAITING,
        open_stays: ReadModifyWriteRuntimeState = OPEN_STAYS,
        come: ReadModifyWriteRuntimeState = COME,
        passed: RuntimeTimer = PASSED,
    ) -> Iterator[Told]:
        """Take the next buckets through the fold, and wait for those after them."""
        grid = self._grid(key[0])
        bucket, measured = come.read()
        end = min(bucket + STRIDE, _buckets(grid))
        step = self.terms.ground.step(grid, end, measured, last=end == _buckets(grid))
        events = pa.concat_tables([PROBE.empty(), *waiting.read()])
        due = _before(events, step.watermark)
        moved = self._advance(key[0], open_stays.read() or OPEN_STAY.empty(), events.filter(pa.array(due)), step)
        come.write((end, step.due))
        waiting.clear()
        open_stays.clear()
        if not due.all():
            waiting.add(events.filter(pa.array(~due)))
        if moved.open_stays.num_rows:
            open_stays.write(moved.open_stays)
        if not step.last:
            passed.set(self._passed(grid, end + STRIDE))
        yield from _told(key, moved, step)

    def _advance(self, day: str, open_stays: pa.Table, events: pa.Table, step: Step) -> Advance:
        """One step; a shard with nothing needs no key, and the key of a day that is over is let go."""
        moved = Advance(STAY.empty(), PRESENCE_COUNT.empty(), OPEN_STAY.empty(), 0, 0)
        if open_stays.num_rows or events.num_rows:
            if day not in self.prepared:
                self.prepared[day] = self.terms.prepare(date.fromisoformat(day))
            by = self.prepared[day]
            moved = advance(open_stays, events, step, by.locate, by.weigh, by.sampling)
        if step.last:
            self.prepared.pop(day, None)
        return moved

    def _grid(self, day: str) -> DayGrid:
        return day_grid(self.terms.calendar, date.fromisoformat(day))

    def _passed(self, grid: DayGrid, buckets: int) -> Timestamp:
        """When the watermark has passed some buckets of a day by the lateness."""
        end = min(int(grid.slots[0]) + buckets * BUCKET, int(grid.slots[-1]))
        return Timestamp(micros=end + self.terms.lateness)


class SumShards(beam.DoFn):
    """The measures of some slots, once every shard has told its own."""

    def __init__(self, shards: int) -> None:
        self.shards = shards

    def process(
        self,
        element: tuple[Slots, pa.Table],
        told: BagRuntimeState = TOLD,
        shards: ReadModifyWriteRuntimeState = SHARDS,
    ) -> Iterator[tuple[Slots, pa.Table]]:
        """Wait for the other shards, or sum them all."""
        slots, measures = element
        heard = (shards.read() or 0) + 1
        if heard < self.shards:
            shards.write(heard)
            if measures.num_rows:
                told.add(measures)
            return
        summed = merged([*told.read(), measures])
        shards.clear()
        told.clear()
        yield slots, summed


def _told(key: Key, moved: Advance, step: Step) -> Iterator[Told]:
    """What a step of a shard says."""
    day = key[0]
    if moved.closed.num_rows:
        yield Stays("stays", (key, moved.closed))
    if step.due > step.measured:
        yield Measures("measures", ((day, step.measured, step.due), moved.measures))
    if rows := moved.accepted + moved.duplicates:
        yield Counted("counted", (day, Accounting(rows, moved.accepted, moved.duplicates)))


def _before(events: pa.Table, instant: int) -> Bools:
    """bool[n]: which events are before an instant."""
    earlier: Bools = instants(events, "event_time") < instant
    return earlier


def _buckets(grid: DayGrid) -> int:
    """The buckets of a day; the last one may be shorter."""
    return -(-(int(grid.slots[-1]) - int(grid.slots[0])) // BUCKET)


def _same(element: tuple[Key, pa.Table]) -> tuple[Key, pa.Table]:
    """The element: what passes here takes the type that the graph states, and with it a key that compares as bytes."""
    return element
