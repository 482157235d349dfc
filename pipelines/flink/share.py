"""A reader's share of the partitions of a topic: what it has taken of them, and up to when it has seen every event."""

import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa

from pipelines.dead_letters import remove_oldest
from pipelines.flink.exchange import Exchange, ReadDay, ReaderReceipt
from pipelines.flink.work import Work
from pipelines.follow.deliveries import Deliveries
from pipelines.follow.watermark import watermark
from pipelines.ingest import Ingestion
from pipelines.sources.kafka import Topic, refuse_another_topic
from pipelines.sources.messages import Messages
from pipelines.state import Accounting, Partition
from schemas.errors import UsageError

ROWS: Final = 500_000
"""About so many events are taken at once: they are in memory together, and a checkpoint waits for them."""

WAIT_SECONDS: Final = 0.2
"""How long messages are waited for."""

AGAIN_SECONDS: Final = 0.02
"""A reader that is woken sooner than this after it was done is late: what woke it had waited for it."""

EVERY_SECONDS: Final = 2.0
"""How often a reader takes what has come where it is not behind: shards keep less of fewer and larger tables."""

LATELY_SECONDS: Final = 10.0
"""A reader that has read something so long ago or less is not idle; one that is waits for it."""

_LOG: Final = logging.getLogger("hexaflux.reader")


class Share:
    """The partitions whose numbers leave `reader` when they are divided by `readers`.

    `receipt` is all that has to be kept to go on. Raises what `Topic` does.
    """

    def __init__(self, work: Work, reader: int, readers: int, known: ReaderReceipt | None) -> None:
        settings = work.configuration.input.kafka
        if settings is None:
            raise UsageError("[input.kafka]: expected a topic, found none", "restore it, and start the follower again")
        self.work, self.name = work, f"reader-{reader:03d}"
        self.topic = Topic(settings, lambda trouble: _LOG.warning("%s", trouble), (reader, readers))
        self.receipt = replace(known or ReaderReceipt(Accounting(), {}, {}, {}), opened=time.time_ns())
        self.deliveries = Deliveries(time.monotonic)
        self.deliveries.expect(self.receipt.partitions)
        self._others = _Others(work.exchange, self.name)
        self._done = 0.0

    def is_fresh(self) -> bool:
        """Whether it was asked a moment ago."""
        return time.monotonic() - self._done < (AGAIN_SECONDS if self.receipt.behind else EVERY_SECONDS)

    def take(self) -> Iterator[tuple[date, pa.Table]]:
        """The events of the messages that have arrived, a privacy day at a time; enters them in the receipt."""
        expected, announced = self.topic.partitions(), self.work.announced
        self.deliveries.expect(expected)
        taken = self.topic.take(self._positions, ROWS, WAIT_SECONDS)
        refuse_another_topic(self.receipt.topics, self.topic.ids())
        if taken:
            self.receipt = replace(self.receipt, round=self.receipt.round + 1)
            letters = self.work.working.dead_letters / self.name
            ingestion = self.work.ingestion(Path(f"{self.receipt.round:06d}"), letters, announced.late)
            for number, messages in enumerate(taken):
                yield from self._events(ingestion, number, messages)
            remove_oldest(letters)
            self.topic.committed(self._positions)
        self._look(expected)
        days = {day: read for day, read in self.receipt.days.items() if day not in announced.published}
        self.receipt = replace(self.receipt, days=days, heard=announced.number)
        self._done = time.monotonic()

    def open_days(self) -> list[str]:
        """The privacy days of which something was handed on, and that are not published."""
        published = self.work.announced.published
        return sorted(day for day in self.receipt.days if day not in published)

    def close(self) -> None:
        """Leave the brokers."""
        self.topic.close()

    @property
    def _positions(self) -> dict[str, int]:
        return {name: partition.offset for name, partition in self.receipt.partitions.items()}

    def _events(self, ingestion: Ingestion, number: int, messages: Messages) -> Iterator[tuple[date, pa.Table]]:
        known = self.receipt.partitions.get(messages.partition, Partition(None))
        after = replace(messages, high=known.high, doubted=known.doubted, lateness=self.work.task.lateness)
        reading, days = ingestion.events(number, after), dict(self.receipt.days)
        for day, some in reading:
            name, spool = day.isoformat(), ingestion.spool_of("", day, some)
            read = ReadDay(spool.buckets[0], some.num_rows, self.work.terms_of(name))
            days[name] = days[name] + read if name in days else read
            yield day, some
        receipt = reading.receipt
        self.deliveries.arrived(messages.partition)
        partition = Partition(receipt.high, messages.next_offset, receipt.doubted)
        self.receipt = replace(
            self.receipt,
            accounting=self.receipt.accounting + receipt.accounting,
            partitions=self.receipt.partitions | {messages.partition: partition},
            days=days,
            digests=self.receipt.digests | {messages.partition: self._digest(messages)},
        )

    def _digest(self, messages: Messages) -> str:
        """A chain of SHA-256 over the values of all messages of a partition so far, the same however they are taken.

        Each link is over the one before, the length of the value and the value.
        """
        link = bytes.fromhex(self.receipt.digests.get(messages.partition, ""))
        for value in messages.values:
            digest = hashlib.sha256(link)
            digest.update(len(value or b"").to_bytes(8, "big"))
            digest.update(value or b"")
            link = digest.digest()
        return link.hex()

    def _look(self, expected: tuple[str, ...]) -> None:
        """Look how far all partitions have come that hold the others up."""
        behind = self.topic.behind(self._positions)
        idle = self.deliveries.idle(behind)
        silent = {name: Partition(None) for name in expected}
        partitions = silent | self.receipt.partitions
        progress = watermark(partitions, idle, 0, self.receipt.progress)
        if self.topic.is_known and partitions.keys() <= set(idle) and (others := self._others.progress()) is not None:
            progress = others if progress is None else max(progress, others)
        topics = self.receipt.topics | self.topic.ids()
        self.receipt = replace(self.receipt, progress=progress, behind=sum(behind.values()), topics=topics)


class _Others:
    """The other readers of a topic, as they tell: which of them have read something lately, and how far they are.

    A reader whose partitions are all idle holds nobody up: it tells the progress of those that read. It does not tell
    of none: where nobody reads, as when brokers are away, it stays where it is, and so do all.
    """

    def __init__(self, exchange: Exchange, own: str) -> None:
        self._exchange, self._own = exchange, own
        self._rounds: dict[str, tuple[int, float]] = {}

    def progress(self) -> int | None:
        """The least progress of those that have read something since it was last asked, or lately; None for none."""
        now, active = time.monotonic(), list[ReaderReceipt]()
        for name, receipt in self._exchange.all_told(ReaderReceipt).items():
            known, at = self._rounds.get(name, (receipt.round, float("-inf")))
            self._rounds[name] = (receipt.round, at if receipt.round == known else now)
            if name != self._own and now - self._rounds[name][1] <= LATELY_SECONDS:
                active.append(receipt)
        told = [receipt.progress for receipt in active if receipt.progress is not None]
        return min(told) if told and len(told) == len(active) else None
