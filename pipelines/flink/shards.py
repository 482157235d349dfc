"""Shards of privacy days in a cluster, and the sums over them, whatever the engine is that keeps their state.

An engine calls for one key at a time, with what it keeps for that key. A sum is `(day, end, name, bytes)`: what a shard
has counted of the stride that ends before bucket `end`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeAlias

import pyarrow as pa

from pipelines.days import DayTables
from pipelines.flink.exchange import Found
from pipelines.flink.kept import kept_table, read, written
from pipelines.flink.reading import MILLISECOND, NO_ROWS, NO_SHARD, Element, Value
from pipelines.flink.work import Work
from pipelines.fold import Advance
from pipelines.ipc import packed
from pipelines.sums import HEARD_EVENTS, MEASURES, MERGE_AT_ONCE, SUMS
from schemas.tables import CROSSING, OPEN_STAY, PROBE, STAY, TRIP, VISIT, Table

Sum: TypeAlias = tuple[str, int, str, bytes]

KEPT_FOR: Final = 3 * 86_400_000
"""Milliseconds after the end of a day in which shards know that it is over; readers know it for ever."""

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
    """How far a shard of a day has come, and what became of its rows since its reader handed them on."""

    bucket: int = 0
    measured: int = 0
    found: Found = field(default_factory=Found)
    over: bool = False


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
            if data == NO_ROWS and self._is_published(day):
                return
            fold, known = self.work.fold, self._known()
            if known is None:
                known = ShardDay()
                self.kept.known.update(written(known))
            events = kept_table(bytes(data), PROBE)
            if not events.num_rows and not known.over:
                # The first of a day, or the first after a restore, where PyFlink may have lost the timer.
                timers.register_event_time_timer(_timer(fold.next(day, known.bucket)))
            in_time = fold.in_time(day, events, (known.bucket, known.measured))
            if late := events.num_rows - in_time.num_rows:
                self.kept.known.update(written(replace(known, found=known.found + Found(late=late))))
            if in_time.num_rows:
                self.kept.waiting.add(packed(in_time))

    def due(self, day: str, shard: int, timestamp: int, timers: Timers) -> Iterator[Sum]:
        """Take the strides that the watermark has passed through the fold, and wait for the one after them."""
        known, watermark = self._known(), timers.current_watermark()
        if known is None or known.over:
            self.kept.known.clear()
            return
        with self.work.exchange.reporting():
            if self._is_published(day):
                return
            while not known.over and (due := _timer(self.work.fold.next(day, known.bucket))) <= watermark:
                known, told = self._step(day, known)
                yield day, known.bucket, MEASURES, packed(told.measures)
                yield day, known.bucket, HEARD_EVENTS, packed(told.heard)
            if known.over:
                self._end(day, shard, known)
                due = timestamp + KEPT_FOR
            timers.register_event_time_timer(due)

    def _step(self, day: str, known: ShardDay) -> tuple[ShardDay, Advance]:
        """One stride of a shard, which is kept."""
        kept = self.kept
        stepped = self.work.fold.step(
            day,
            (known.bucket, known.measured),
            _table(kept.open_stays.value(), OPEN_STAY),
            [kept_table(bytes(some), PROBE) for some in kept.waiting.get()],
        )
        moved = stepped.moved
        found = known.found + Found(moved.accepted + moved.duplicates, moved.duplicates)
        after = ShardDay(*stepped.reached, found, over=stepped.next is None)
        kept.known.update(written(after))
        kept.waiting.clear()
        kept.open_stays.clear()
        if stepped.waiting.num_rows:
            kept.waiting.add(packed(stepped.waiting))
        if moved.open_stays.num_rows:
            kept.open_stays.update(packed(moved.open_stays))
        if moved.closed.num_rows:
            kept.closed_stays.add(packed(moved.closed))
        return after, moved

    def _is_published(self, day: str) -> bool:
        """Whether a day is published, and its key gone: what a former checkpoint has of it is forgotten."""
        if day not in self.work.closed:
            return False
        for kept in (self.kept.known, self.kept.open_stays, self.kept.waiting, self.kept.closed_stays):
            kept.clear()
        return True

    def _known(self) -> ShardDay | None:
        kept = self.kept.known.value()
        return None if kept is None else read(bytes(kept), ShardDay)

    def _end(self, day: str, shard: int, known: ShardDay) -> None:
        """Hand on what the shard did on a day that is over; one that did nothing needs no key."""
        closed = [kept_table(bytes(some), STAY) for some in self.kept.closed_stays.get()]
        stays = pa.concat_tables([STAY.empty(), *closed])
        tables = NOTHING if stays.num_rows == 0 else self.work.day(day).tables(stays.combine_chunks())
        self.work.exchange.hand_shard(day, shard, tables, known.found)
        self.kept.closed_stays.clear()


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
