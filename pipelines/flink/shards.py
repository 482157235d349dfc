"""Shards of privacy days in a cluster, and the sums over them, whatever the engine is that keeps their state.

An engine calls for one key at a time, with what it keeps for that key. A sum is `(day, end, name, bytes)`: what a shard
has counted of the stride that ends before bucket `end`.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeAlias

import pyarrow as pa

from pipelines.days import DayTables
from pipelines.flink.exchange import Found, ShardReceipt
from pipelines.flink.kept import kept_table, read, written
from pipelines.flink.reading import MILLISECOND, NO_ROWS, NO_SHARD, Element, Value
from pipelines.flink.work import Work
from pipelines.fold import Advance
from pipelines.ipc import packed
from pipelines.sums import HEARD_EVENTS, MEASURES, MERGE_AT_ONCE, SUMS
from schemas.tables import CROSSING, OPEN_STAY, PROBE, STAY, TRIP, VISIT, Table

Sum: TypeAlias = tuple[str, int, str, bytes]

AGAIN: Final = 86_400_000
"""Milliseconds after which a shard that is over looks again whether its day is published, and it may be forgotten."""

ENDED: Final = (1 << 63) - 1
"""The watermark of a stream that has ended: every timer is before it, so one that is set anew never ceases to fire."""

NOTHING: Final = DayTables(0, VISIT.empty(), TRIP.empty(), CROSSING.empty())
"""What a shard without a stay did."""


class Values(Protocol):
    """Bytes in an order that an engine keeps for a key."""

    def get(self) -> Iterable[bytes]:
        """All of them."""

    def add(self, value: bytes) -> None:
        """Keep one more."""

    def update(self, values: Sequence[bytes]) -> None:
        """Keep others in their place."""

    def clear(self) -> None:
        """Keep none."""


class Timers(Protocol):
    """What an engine knows of time, in milliseconds of events."""

    def current_watermark(self) -> int:
        """Up to when every event has been seen."""

    def register_event_time_timer(self, timestamp: int) -> None:
        """Be called for the key once the watermark has reached a time."""


@dataclass(frozen=True)
class ShardDay:
    """How far a shard of a day has come, and what became of its rows since its reader handed them on.

    `receipt`: what it told once the day was over, None until then.
    """

    bucket: int = 0
    measured: int = 0
    found: Found = field(default_factory=Found)
    receipt: ShardReceipt | None = None


@dataclass(frozen=True)
class KeptShard:
    """What is kept for a shard of a day: a `ShardDay`, OPEN_STAY rows, PROBE rows that wait, and closed STAY rows."""

    known: Value[bytes]
    open_stays: Value[bytes]
    waiting: Values
    closed_stays: Values


class Shards:
    """Keeps the events of a shard of a day until the watermark has passed their stride, and folds them then."""

    def __init__(self, work: Work, kept: KeptShard) -> None:
        self.work, self.kept = work, kept

    def take(self, element: Element, timers: Timers) -> None:
        """Keep rows until they are due, and count those that are late."""
        day, shard, data, _ = element
        if shard == NO_SHARD:
            return
        with self.work.exchange.reporting():
            known, begins = self._known(), data == NO_ROWS
            if (begins or known is None or known.receipt is not None) and self._is_published(day):
                return
            known = known or ShardDay()
            if begins:
                self._go_on(day, shard, known, timers)
            events = kept_table(bytes(data), PROBE)
            in_time = self.work.fold.in_time(day, events, (known.bucket, known.measured))
            if in_time.num_rows:
                self.kept.waiting.add(packed(in_time))
            if begins or in_time.num_rows < events.num_rows:
                self._count_late(day, shard, known, events.num_rows - in_time.num_rows)

    def due(self, day: str, shard: int, timestamp: int, timers: Timers) -> Iterator[Sum]:
        """Take the strides that the watermark has passed through the fold, and wait for the one after them."""
        with self.work.exchange.reporting():
            known, watermark = self._known(), timers.current_watermark()
            if known is None or self._is_published(day):
                return
            while known.receipt is None and self._next(day, known) <= watermark:
                known, told = self._step(day, shard, known)
                yield day, known.bucket, MEASURES, packed(told.measures)
                yield day, known.bucket, HEARD_EVENTS, packed(told.heard)
            if known.receipt is None:
                timers.register_event_time_timer(self._next(day, known))
            elif watermark < ENDED:
                timers.register_event_time_timer(timestamp + AGAIN)

    def _go_on(self, day: str, shard: int, known: ShardDay, timers: Timers) -> None:
        """Begin a day, or go on with it after a restore: timers of PyFlink may be lost there."""
        timers.register_event_time_timer(self._next(day, known))
        if known.receipt is None:
            self.work.exchange.take_back(day, shard, known.bucket)
        else:
            self.work.exchange.tell_shard(day, shard, known.receipt)

    def _count_late(self, day: str, shard: int, known: ShardDay, rows: int) -> None:
        """Count rows that came too late; a shard that is over tells of them."""
        found, receipt = known.found + Found(late=rows), known.receipt
        if rows and receipt is not None:
            receipt = replace(receipt, found=found)
            self.work.exchange.tell_shard(day, shard, receipt)
        self.kept.known.update(written(replace(known, found=found, receipt=receipt)))

    def _step(self, day: str, shard: int, known: ShardDay) -> tuple[ShardDay, Advance]:
        """One stride of a shard, which is kept; after the last one it hands on what it did on the day."""
        kept = self.kept
        stepped = self.work.fold.step(
            day,
            (known.bucket, known.measured),
            _table(kept.open_stays.value(), OPEN_STAY),
            [kept_table(bytes(some), PROBE) for some in kept.waiting.get()],
        )
        moved = stepped.moved
        found = known.found + Found(moved.accepted + moved.duplicates, moved.duplicates)
        kept.waiting.clear()
        kept.open_stays.clear()
        if stepped.waiting.num_rows:
            kept.waiting.add(packed(stepped.waiting))
        if moved.open_stays.num_rows:
            kept.open_stays.update(packed(moved.open_stays))
        if moved.closed.num_rows:
            kept.closed_stays.add(packed(moved.closed))
        after = ShardDay(*stepped.reached, found, None if stepped.next else self._end(day, shard, found))
        kept.known.update(written(after))
        return after, moved

    def _next(self, day: str, known: ShardDay) -> int:
        """When the next stride of a day is due, in milliseconds."""
        return _timer(self.work.fold.next(day, known.bucket))

    def _is_published(self, day: str) -> bool:
        """Whether a day is published, and its key gone: what a former checkpoint has of it is forgotten."""
        if day not in self.work.announced.published:
            return False
        for kept in (self.kept.known, self.kept.open_stays, self.kept.waiting, self.kept.closed_stays):
            kept.clear()
        return True

    def _known(self) -> ShardDay | None:
        kept = self.kept.known.value()
        return None if kept is None else read(bytes(kept), ShardDay)

    def _end(self, day: str, shard: int, found: Found) -> ShardReceipt:
        """Hand on what the shard did on a day that is over; one that did nothing needs no key."""
        closed = [kept_table(bytes(some), STAY) for some in self.kept.closed_stays.get()]
        stays = pa.concat_tables([STAY.empty(), *closed])
        tables = NOTHING if stays.num_rows == 0 else self.work.day(day).tables(stays.combine_chunks())
        receipt = ShardReceipt(tables.devices, found, time.time_ns())
        self.work.exchange.hand_shard(day, shard, tables, receipt)
        self.kept.closed_stays.clear()
        return receipt


class Summing:
    """The sum of a stride over all shards, handed on once every shard has told its own.

    `heard`: how many have; `told`: what, some of it added up.
    """

    def __init__(self, work: Work, heard: Value[int], told: Values) -> None:
        self.work, self.heard, self.told = work, heard, told

    def take(self, some: Sum) -> None:
        """Wait for the other shards, or sum them all."""
        day, end, name, data = some
        declared, total = SUMS[name]
        heard = (self.heard.value() or 0) + 1
        tables = [bytes(each) for each in self.told.get()]
        tables.append(bytes(data))
        if heard == self.work.task.shards:
            with self.work.exchange.reporting():
                summed = total([kept_table(each, declared) for each in tables])
                self.work.exchange.hand_sum(day, end, name, summed)
            self.heard.clear()
            self.told.clear()
            return
        self.heard.update(heard)
        if len(tables) >= MERGE_AT_ONCE:
            self.told.update([packed(total([kept_table(each, declared) for each in tables]))])
        else:
            self.told.add(tables[-1])


def _timer(instant: int) -> int:
    """Milliseconds: the timer that fires once a watermark tells that every event before an instant has been seen.

    Of elements up to a time Flink makes a watermark that is a millisecond before it.
    """
    return instant // MILLISECOND - 1


def _table(kept: bytes | None, declared: Table) -> pa.Table:
    return declared.empty() if kept is None else kept_table(bytes(kept), declared)
