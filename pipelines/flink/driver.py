"""All the input there is, read and counted by one bounded job of a cluster, and published by this process."""

import contextlib
import hashlib
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pipelines.embedded import Driver
from pipelines.flink.exchange import Found, Job
from pipelines.flink.order import Order
from pipelines.flink.steps import FlinkSteps, see_that_all_rows_came
from pipelines.flink.work import WHOLE_DAY
from pipelines.ingest import ClosedDays, Receipt, Source
from pipelines.planning import name_of
from pipelines.shard_fold import buckets_of
from pipelines.sources.fragment import Fragment
from schemas.errors import SystemFailure

POLL_SECONDS: Final = 0.5
"""How often it is looked how far a job has come."""


class FlinkDriver(FlinkSteps, Driver):
    """The driver of a run whose reading and counting are a job of a cluster."""

    def steps_of(self, waiting: Sequence[Fragment]) -> Iterator[list[Fragment]]:
        """All at once, if there is anything: the job counts what it reads."""
        return iter([list(waiting)] if waiting else [])

    def read(self, some: Sequence[Source], closed: ClosedDays) -> list[Receipt]:
        """Have a job read and count fragments; returns a receipt for each, without spools.

        Goes on waiting for a job that was begun for the same fragments.
        """
        fragments = tuple(part for part in some if isinstance(part, Fragment))
        work, exchange, cluster = self._work_of(fragments), self.exchange, self.cluster
        job = exchange.job
        if job is None or job.work != work or cluster.status(job.number) not in ("running", "waiting", "finished"):
            run = secrets.token_hex(8)
            order = self._order(run, fragments)
            cluster.see_that_it_answers()
            # Two jobs would hand on to one folder.
            cluster.end_all_of(order.name)
            self._commit_unread()
            # What a job has counted of a day is all of it: it stays as it is until it is published.
            counted = frozenset(day for day, known in self.state.days.items() if known.status == "open")
            exchange.clear(counted)
            exchange.begin()
            done = replace(closed, days=closed.days | counted)
            exchange.announce(done, done, run)
            job = Job(cluster.submit(order, exchange.order), work, cluster.address)
            exchange.remember(job)
        self._wait(job.number, len(fragments))
        receipts = exchange.all_told(Receipt)
        if len(receipts) != len(fragments):
            raise SystemFailure(
                f"{exchange.path}: expected what became of {len(fragments)} fragments, got it of {len(receipts)}",
                f"see that all machines of the cluster reach {exchange.path}, then run the same command again",
            )
        return list(receipts.values())

    def count(self, day: str) -> None:
        """Take what the job has counted of a day."""
        known = self.state.days[day]
        if known.status != "open" or known.measures:
            return
        place, shards = self.next_place(day), self.exchange.shards(day)
        ends = self.exchange.sums(day, known.bucket, WHOLE_DAY, buckets_of(self.closing.grid(day)))
        if len(shards) != self.configuration.engine.shards or not ends:
            raise SystemFailure(
                f"{self.exchange.day(day)}: expected what all shards handed on, got it of {len(shards)}",
                f"remove {self.working.path} and run again: nothing of the day is published",
            )
        found = sum((receipt.found for receipt in shards.values()), Found())
        see_that_all_rows_came(day, known.facts.events, found.rows)
        measures, heard = self.exchange.take_sums(day, ends, place.folder)
        moved = replace(
            known,
            bucket=ends[-1],
            measured=self.closing.grid(day).slots.size - 1,
            spools=(),
            measures=(*known.measures, *measures),
            heard=(*known.heard, *heard),
        )
        state = replace(self.state, step=place.step, accounting=self.state.accounting + found.accounting)
        self.commit(state.with_day(day, moved))

    def close(self, day: str) -> None:
        """Publish a day, and let go of what the job handed on of it."""
        super().close(day)
        self.exchange.forget(day)
        if all(known.status == "closed" for known in self.state.days.values()):
            self.exchange.clear()

    def discard(self) -> None:
        """End the job, and leave nothing of it."""
        if self.exchange.job is not None:
            self.cluster.end_all_of(self.job_name("run"))
        self.exchange.clear()
        with contextlib.suppress(OSError):
            self.exchange.path.rmdir()
        super().discard()

    def _commit_unread(self) -> None:
        """Commit what there is before the first fragment: a driver that is begun again knows its job and its keys."""
        read = {name.rpartition("#")[0] for name in self.state.fragments}
        inputs = {name: mark for name, mark in self.state.inputs.items() if name in read}
        self.working.commit(replace(self.state, inputs=inputs))

    def _order(self, run: str, fragments: tuple[Fragment, ...]) -> Order:
        flink, task, step = self.configuration.engine.flink, self.task(run, WHOLE_DAY), self.state.step + 1
        name, settings = self.job_name("run"), self.settings
        return Order(name, flink.address, task, flink.parallelism, step=step, fragments=fragments, settings=settings)

    def _work_of(self, fragments: Sequence[Fragment]) -> str:
        """What tells a job for these fragments from others."""
        marks = (f"{part.file} {self.state.inputs.get(part.file)}" for part in fragments)
        told = [self.state.release_id, str(self.state.step), *map(name_of, fragments), *marks]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def _wait(self, job: str, fragments: int) -> None:
        """Wait until a job is over; raises the error at which a task stopped."""
        name = f"Reading and counting on Flink, {fragments} fragments"
        with self.progress.task(name, fragments) as advance:
            told = 0
            while (status := self.cluster.status(job)) in ("running", "waiting"):
                self._raise_reported(job)
                before, told = told, self.exchange.count_told()
                advance(told - before)
                time.sleep(POLL_SECONDS)
        self._raise_reported(job)
        if status != "finished":
            raise SystemFailure(
                f"Flink at {self.cluster.address}: expected job {job} to finish, got {self.cluster.why(job)}",
                "look into the logs of the TaskManagers, then run the same command again",
            )

    def _raise_reported(self, job: str) -> None:
        try:
            self.exchange.raise_reported()
        except Exception:
            self.cluster.cancel(job)
            raise
