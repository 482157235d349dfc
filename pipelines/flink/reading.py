"""What readers of a cluster hand on: elements, each with the events of a shard of a privacy day, or with progress.

An element is `(day, shard, bytes, progress)`: the PROBE rows of a shard of a privacy day, and up to when, in
milliseconds, the reader has seen every event.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final, Protocol, TypeAlias, TypeVar

import pyarrow as pa

from pipelines.flink.exchange import ReaderReceipt
from pipelines.flink.kept import read, written
from pipelines.flink.order import Order
from pipelines.flink.share import Share
from pipelines.flink.work import Work
from pipelines.ipc import packed
from pipelines.shards import split
from schemas.tables import PROBE

Element: TypeAlias = tuple[str, int, bytes, int]

V = TypeVar("V")

MILLISECOND: Final = 1_000
"""In microseconds: the grain of Flink's watermarks."""

NO_ROWS: Final = packed(PROBE.empty())

NEVER: Final = -(1 << 62)
"""The progress of what says nothing of time."""

NO_SHARD: Final = -1
"""The shard of an element that tells of progress alone."""


class Value(Protocol[V]):
    """One value that an engine keeps for a key."""

    def value(self) -> V | None:
        """The value; None where there is none."""

    def update(self, value: V) -> None:
        """Keep a value in place of the one before."""

    def clear(self) -> None:
        """Keep none."""


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


class FragmentReader:
    """Reads fragments of files by their numbers in the order of a job; leaves a receipt of each."""

    def __init__(self, work: Work, step: int) -> None:
        self.work, self.step = work, step
        self.by_shard = ByShard(work.task.shards)
        self.fragments = Order.read(work.exchange.order).fragments or ()

    def read(self, number: int) -> Iterator[Element]:
        """The elements of one fragment."""
        work = self.work
        work.see_that_it_is_at_work()
        with work.exchange.reporting():
            ingestion = work.ingestion(Path(f"{self.step:06d}"), work.working.dead_letters, work.announced.late)
            reading, spools = ingestion.events(number, self.fragments[number]), []
            for day, some in reading:
                spools.append((day.isoformat(), ingestion.spool_of("", day, some)))
                yield from self.by_shard.elements(day, some)
            work.exchange.tell(f"fragment-{number:06d}", replace(reading.receipt, spools=tuple(spools)))


class TopicReader:
    """Reads a share of the partitions of a topic whenever it is woken; `kept` is what it goes on from."""

    def __init__(self, work: Work, reader: int, readers: int, kept: Value[bytes]) -> None:
        self.work, self.reader, self.readers, self.kept = work, reader, readers, kept
        self.by_shard = ByShard(work.task.shards)
        self.share: Share | None = None

    def close(self) -> None:
        """Leave the brokers."""
        if self.share is not None:
            self.share.close()

    def read(self) -> Iterator[Element]:
        """Take what has arrived; an element that tells of progress comes after all that it speaks of."""
        # Not reported: it is no error of the job that is at work.
        self.work.see_that_it_is_at_work()
        with self.work.exchange.reporting():
            before = None if self.share is None else self.share.receipt
            if self.share is None:
                kept = self.kept.value()
                known = None if kept is None else read(bytes(kept), ReaderReceipt)
                self.share = Share(self.work, self.reader, self.readers, known)
                yield from self.by_shard.begin(self.share.open_days())
            elif self.share.is_fresh():
                return
            for day, events in self.share.take():
                yield from self.by_shard.elements(day, events)
            receipt = self.share.receipt
            if receipt != before:
                self.kept.update(written(receipt))
                # Before shards can know that a day is over, it is told how many rows of it were handed on.
                self.work.exchange.tell(self.share.name, receipt)
            # Watermarks are not kept over a restore: the first tells how far it is, news or not.
            if before is None or (receipt.round, receipt.progress) != (before.round, before.progress):
                progress = NEVER if receipt.progress is None else receipt.progress // MILLISECOND
                yield "", NO_SHARD, b"", progress
