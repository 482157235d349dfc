"""The stages of a job on Flink: each keeps state for a key, and calls the functions that the other driver calls.

Elements are `(day, shard, bytes, progress)`: the PROBE rows of a shard of a privacy day, and up to when, in
milliseconds, the reader has seen every event. Sums are `(day, end, name, bytes)`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa
from pyflink.common import Types
from pyflink.common.typeinfo import TypeInformation
from pyflink.common.watermark_strategy import TimestampAssigner
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import FlatMapFunction
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor

from pipelines.days import DayTables
from pipelines.flink.exchange import HEARD_EVENTS, MEASURES, Found, ReaderReceipt
from pipelines.flink.kept import packed, read, unpacked, written
from pipelines.flink.order import Order
from pipelines.flink.share import Share
from pipelines.flink.work import Task, Work
from pipelines.fold import Advance, merged
from pipelines.ingest import Receipt
from pipelines.quality.heard import merged_heard
from pipelines.shards import split
from schemas.tables import CROSSING, HEARD, OPEN_STAY, PRESENCE_COUNT, PROBE, STAY, TRIP, VISIT, Table

Element: TypeAlias = tuple[str, int, bytes, int]
Sum: TypeAlias = tuple[str, int, str, bytes]

MILLISECOND: Final = 1_000
"""In microseconds: the grain of Flink's watermarks."""

NO_ROWS: Final = packed(PROBE.empty())

NEVER: Final = -(1 << 62)
"""The progress of what says nothing of time."""

NO_SHARD: Final = -1
"""The shard of an element that tells of progress alone."""

KEPT_FOR: Final = 3 * 86_400_000
"""Milliseconds after the end of a day in which shards know that it is over; readers know it for ever."""

NOTHING: Final = DayTables(0, VISIT.empty(), TRIP.empty(), CROSSING.empty())
"""What a shard without a stay did."""

SUMS: Final = {MEASURES: (PRESENCE_COUNT, merged), HEARD_EVENTS: (HEARD, merged_heard)}
"""What is summed over all shards."""

MERGE_AT_ONCE: Final = 8
"""So many tables are added up in one go: each holds little, and all together would hold much."""


def bytes_type() -> TypeInformation:
    """How bytes travel."""
    return Types.PRIMITIVE_ARRAY(Types.BYTE())


def element_type() -> TypeInformation:
    """How elements travel."""
    return Types.TUPLE([Types.STRING(), Types.INT(), bytes_type(), Types.LONG()])


def sum_type() -> TypeInformation:
    """How sums travel."""
    return Types.TUPLE([Types.STRING(), Types.INT(), Types.STRING(), bytes_type()])


class Progress(TimestampAssigner):
    """Takes the progress that an element tells for its time, so that watermarks follow it."""

    def extract_timestamp(self, value: Element, record_timestamp: int) -> int:
        """Milliseconds."""
        return value[3]


class ByShard:
    """PROBE rows of privacy days to elements.

    The first of each day in a process is one without rows for every shard: so all shards of a day begin together, and
    go on together after a restore.
    """

    def __init__(self, shards: int) -> None:
        self.shards = shards
        self.begun: set[str] = set()

    def begin(self, days: Iterable[str]) -> Iterator[Element]:
        """Have every shard of some days begin, or go on."""
        for day in days:
            if day not in self.begun:
                self.begun.add(day)
                yield from ((day, shard, NO_ROWS, NEVER) for shard in range(self.shards))

    def elements(self, day: date, events: pa.Table) -> Iterator[Element]:
        """The elements of events of a day."""
        name = day.isoformat()
        yield from self.begin([name])
        for shard, table in enumerate(split(events, self.shards)):
            if table.num_rows:
                yield name, shard, packed(table), NEVER


class ReadFragment(FlatMapFunction):
    """Fragments of files, by their numbers in the order, to elements; leaves a receipt of each."""

    def __init__(self, task: Task, step: int) -> None:
        self.task, self.step = task, step

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: nothing is read yet."""
        self.work, self.by_shard = Work(self.task), ByShard(self.task.shards)
        self.fragments = Order.read(self.work.exchange.order).fragments or ()

    def flat_map(self, value: int) -> Iterator[Element]:
        """Read one fragment."""
        number, work = int(value), self.work
        with work.exchange.reporting():
            ingestion = work.ingestion(Path(f"{self.step:06d}"), work.working.dead_letters, work.exchange.closed)
            events, spools = ingestion.events(number, self.fragments[number]), []
            while True:
                try:
                    day, some = next(events)
                except StopIteration as end:
                    receipt: Receipt = end.value
                    break
                spools.append((day.isoformat(), ingestion.spool_of("", day, some)))
                yield from self.by_shard.elements(day, some)
            work.exchange.tell(f"fragment-{number:06d}", replace(receipt, spools=tuple(spools)))


class ReadTopic(KeyedProcessFunction):
    """Reads a share of the partitions of a topic whenever it is woken; its positions are its state."""

    def __init__(self, task: Task, reader: int, readers: int) -> None:
        self.task, self.reader, self.readers = task, reader, readers

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: the brokers are asked when the first message is taken."""
        self.state = runtime_context.get_state(ValueStateDescriptor("read", bytes_type()))
        self.work, self.by_shard = Work(self.task), ByShard(self.task.shards)
        self.share: Share | None = None

    def close(self) -> None:
        """Flink's hook: leave the brokers."""
        if self.share is not None:
            self.share.close()

    def process_element(self, value: object, ctx: KeyedProcessFunction.Context) -> Iterator[Element]:
        """Take what has arrived; an element that tells of progress comes after all that it speaks of."""
        with self.work.exchange.reporting():
            before = None if self.share is None else self.share.receipt
            if self.share is None:
                kept = self.state.value()
                known = None if kept is None else read(bytes(kept), ReaderReceipt)
                self.share = Share(self.work, self.reader, self.readers, known)
                yield from self.by_shard.begin(self.share.open_days())
            elif self.share.is_fresh():
                return
            for day, events in self.share.take():
                yield from self.by_shard.elements(day, events)
            receipt = self.share.receipt
            # A reader without news is silent, and so idle after a while; watermarks are not kept over a restore.
            if before is None or (receipt.round, receipt.progress) != (before.round, before.progress):
                progress = NEVER if receipt.progress is None else receipt.progress // MILLISECOND
                yield "", NO_SHARD, b"", progress
            if receipt != before:
                self.state.update(written(receipt))
                self.work.exchange.tell(self.share.name, receipt)


@dataclass(frozen=True)
class ShardDay:
    """How far a shard of a day has come, and what became of its rows since its reader handed them on."""

    bucket: int = 0
    measured: int = 0
    found: Found = field(default_factory=Found)
    over: bool = False


class FoldShard(KeyedProcessFunction):
    """Keeps the events of a shard of a day until the watermark has passed their stride, and folds them then."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: what is kept for each shard of a day."""
        self.work = Work(self.task)
        self.known = runtime_context.get_state(ValueStateDescriptor("shard_day", bytes_type()))
        self.open_stays = runtime_context.get_state(ValueStateDescriptor("open_stays", bytes_type()))
        self.waiting = runtime_context.get_list_state(ListStateDescriptor("waiting", bytes_type()))
        self.closed_stays = runtime_context.get_list_state(ListStateDescriptor("closed_stays", bytes_type()))

    def process_element(self, value: Element, ctx: KeyedProcessFunction.Context) -> Iterable[Sum]:
        """Keep rows until they are due, and count those that are late."""
        day, shard, data, _ = value
        if shard == NO_SHARD:
            return ()
        with self.work.exchange.reporting():
            fold, known = self.work.fold, self._known()
            if known is None:
                known = ShardDay()
                self.known.update(written(known))
            events = unpacked(bytes(data), PROBE)
            if not events.num_rows and not known.over:
                # The first of a day, or the first after a restore, where PyFlink may have lost the timer.
                ctx.timer_service().register_event_time_timer(_timer(fold.next(day, known.bucket)))
            in_time = fold.in_time(day, events, (known.bucket, known.measured))
            if late := events.num_rows - in_time.num_rows:
                self.known.update(written(replace(known, found=known.found + Found(late=late))))
            if in_time.num_rows:
                self.waiting.add(packed(in_time))
        return ()

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Sum]:
        """Take the strides that the watermark has passed through the fold, and wait for the one after them."""
        day, _, shard = str(ctx.get_current_key()).partition("/")
        known, watermark = self._known(), ctx.timer_service().current_watermark()
        if known is None or known.over:
            self.known.clear()
            return
        with self.work.exchange.reporting():
            while not known.over and (due := _timer(self.work.fold.next(day, known.bucket))) <= watermark:
                known, told = self._step(day, known)
                yield day, known.bucket, MEASURES, packed(told.measures)
                yield day, known.bucket, HEARD_EVENTS, packed(told.heard)
            if known.over:
                self._end(day, int(shard), known)
                due = timestamp + KEPT_FOR
            ctx.timer_service().register_event_time_timer(due)

    def _step(self, day: str, known: ShardDay) -> tuple[ShardDay, Advance]:
        """One stride of a shard, which is kept."""
        stepped = self.work.fold.step(
            day,
            (known.bucket, known.measured),
            _table(self.open_stays.value(), OPEN_STAY),
            [unpacked(bytes(some), PROBE) for some in self.waiting.get()],
        )
        moved = stepped.moved
        found = known.found + Found(moved.accepted + moved.duplicates, moved.duplicates)
        after = ShardDay(*stepped.reached, found, over=stepped.next is None)
        self.known.update(written(after))
        self.waiting.clear()
        self.open_stays.clear()
        if stepped.waiting.num_rows:
            self.waiting.add(packed(stepped.waiting))
        if moved.open_stays.num_rows:
            self.open_stays.update(packed(moved.open_stays))
        if moved.closed.num_rows:
            self.closed_stays.add(packed(moved.closed))
        return after, moved

    def _known(self) -> ShardDay | None:
        kept = self.known.value()
        return None if kept is None else read(bytes(kept), ShardDay)

    def _end(self, day: str, shard: int, known: ShardDay) -> None:
        """Hand on what the shard did on a day that is over; one that did nothing needs no key."""
        stays = pa.concat_tables([STAY.empty(), *(unpacked(bytes(some), STAY) for some in self.closed_stays.get())])
        tables = NOTHING if stays.num_rows == 0 else self.work.day(day).tables(stays.combine_chunks())
        self.work.exchange.hand_shard(day, shard, tables, known.found)
        self.closed_stays.clear()


class SumShards(KeyedProcessFunction):
    """The sum of a stride over all shards, handed on once every shard has told its own."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def open(self, runtime_context: RuntimeContext) -> None:
        """Flink's hook: how many shards have told theirs, and what."""
        self.work = Work(self.task)
        self.shards = runtime_context.get_state(ValueStateDescriptor("shards", Types.INT()))
        self.told = runtime_context.get_list_state(ListStateDescriptor("told", bytes_type()))

    def process_element(self, value: Sum, ctx: KeyedProcessFunction.Context) -> Iterable[Sum]:
        """Wait for the other shards, or sum them all."""
        day, end, name, data = value
        declared, total = SUMS[name]
        heard = (self.shards.value() or 0) + 1
        tables = [bytes(some) for some in self.told.get()]
        tables.append(bytes(data))
        if heard == self.task.shards:
            with self.work.exchange.reporting():
                summed = total([unpacked(some, declared) for some in tables])
                self.work.exchange.hand_sum(day, end, name, declared, summed)
            self.shards.clear()
            self.told.clear()
            return ()
        self.shards.update(heard)
        if len(tables) >= MERGE_AT_ONCE:
            self.told.update([packed(total([unpacked(some, declared) for some in tables]))])
        else:
            self.told.add(tables[-1])
        return ()


def _timer(instant: int) -> int:
    """Milliseconds: the timer that fires once a watermark tells that every event before an instant has been seen.

    Of elements up to a time Flink makes a watermark that is a millisecond before it.
    """
    return instant // MILLISECOND - 1


def _table(kept: bytes | None, declared: Table) -> pa.Table:
    return declared.empty() if kept is None else unpacked(bytes(kept), declared)
