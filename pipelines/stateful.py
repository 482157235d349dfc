"""The fold as a stateful Beam transform: event-time timers, not a driver, take each shard of a privacy day further.

Runners that fire such timers when the watermark has passed them, and not before, make it right: those for unbounded
sources, such as Flink, and BundleBasedDirectRunner, which plays TestStream. FnApiRunner is right for bounded input
alone. With an unbounded source it fires timers after every element, and says nothing of it: windows would come early,
in pieces, and more than once.

A window is final when every shard has told its part of it, not when a watermark says so: BundleBasedDirectRunner does
not hold the watermark back for a timer, so that what a timer tells may come late, and a window would drop it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

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

from pipelines.coder import ArrowTableCoder
from pipelines.fold import Advance, Step, merged
from pipelines.shard_fold import BEGINNING, Key, ShardFold, Terms
from pipelines.state import Accounting
from schemas.tables import OPEN_STAY

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

    The state of a day that is over is two numbers for each shard, by which rows that still come are known as late.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def setup(self) -> None:
        """Beam's hook: no day is known yet."""
        self.fold = ShardFold(self.terms)

    def process(
        self,
        element: tuple[Key, pa.Table],
        waiting: BagRuntimeState = WAITING,
        come: ReadModifyWriteRuntimeState = COME,
        passed: RuntimeTimer = PASSED,
    ) -> Iterator[Told]:
        """Keep rows until they are due, and count those that are late."""
        (day, _), events = element
        reached = come.read()
        if reached is None:
            come.write(BEGINNING)
            passed.set(Timestamp(micros=self.fold.next(day)))
        kept = self.fold.in_time(day, events, reached or BEGINNING)
        if late := events.num_rows - kept.num_rows:
            yield Counted("counted", (day, Accounting(rows_in=late, late=late)))
        if kept.num_rows:
            waiting.add(kept)

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
        stepped = self.fold.step(key[0], come.read(), open_stays.read() or OPEN_STAY.empty(), list(waiting.read()))
        come.write(stepped.reached)
        waiting.clear()
        open_stays.clear()
        if stepped.waiting.num_rows:
            waiting.add(stepped.waiting)
        if stepped.moved.open_stays.num_rows:
            open_stays.write(stepped.moved.open_stays)
        if stepped.next is not None:
            passed.set(Timestamp(micros=stepped.next))
        yield from _told(key, stepped.moved, stepped.step)


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


def _same(element: tuple[Key, pa.Table]) -> tuple[Key, pa.Table]:
    """The element: what passes here takes the type that the graph states, and with it a key that compares as bytes."""
    return element
