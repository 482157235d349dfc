"""Following a topic with a job of a cluster: it reads and counts without an end, and this process publishes."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

from anonymization.atomic import remove_tree
from pipelines.flink.exchange import Found, Job, ReaderReceipt
from pipelines.flink.order import Order
from pipelines.flink.steps import FlinkSteps
from pipelines.follow.follower import Follower, written
from pipelines.follow.forgetting import without_old_days
from pipelines.ingest import ClosedDays
from pipelines.inputs import Inputs
from pipelines.lateness import BUCKET
from pipelines.shard_fold import STRIDE, buckets_of
from pipelines.state import Accounting, DayState, State
from pipelines.stays import HOLD
from schemas.errors import SystemFailure, UsageError

LOOK_SECONDS: Final = 5.0
"""How often it is looked how the job does."""

TOLD_SECONDS: Final = 60.0
"""So long a day that is over waits for readers to tell of all rows that are in its shards."""


class FlinkFollower(FlinkSteps, Follower):
    """Publishes what a job of a cluster finds; begins the job, takes it up again, and ends it with a savepoint."""

    receipts: Sequence[ReaderReceipt] = ()
    _looked = float("-inf")
    _restarts = 0
    _goes_on = _seen = False

    @cached_property
    def _untold(self) -> dict[str, float]:
        """Since when days wait for readers to tell of their rows."""
        return {}

    def go_on(self, state: State) -> None:
        """Go on from a state, and with its job."""
        super().go_on(state)
        self._goes_on = True

    # The job

    def begin_days_with(self, inputs: Inputs) -> None:
        """Have privacy days that begin from now on keep other inputs: the job is ended, and begun anew with them."""
        job = self.exchange.job
        if (self._goes_on or self._seen) and job is not None and self._work_of(inputs) != job.work:
            self.end()
            self._enter_receipts()
        super().begin_days_with(inputs)

    def end(self) -> None:
        """End the job with a savepoint, from which the next follower goes on."""
        job = self.exchange.job
        if job is None or job.stopped_at:
            return
        try:
            place = self.cluster.stop(job.number, self._folder("savepoints"))
        except SystemFailure as failure:
            # It is ended all the same, and has its checkpoints.
            self.log("no savepoint", reason=failure.message)
            with suppress(SystemFailure):
                self.cluster.cancel(job.number)
            place = self._latest(job)
        self.exchange.remember(replace(job, stopped_at=place))

    def _see_to_the_job(self) -> None:
        """Begin the job, or look how it does; raises the error at which it stopped."""
        if not self._seen:
            self._take_over()
        now, job = self.clock(), self.exchange.job
        self.exchange.raise_reported()
        if job is None or job.stopped_at:
            self._begin("" if job is None else job.stopped_at)
        elif now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look_at(job)

    def _take_over(self) -> None:
        """Take over what the follower before left; of a release that is not there any more, nothing is."""
        if not self._goes_on:
            self.cluster.end_all_of(self.job_name("follow"))
            self.exchange.clear()
        self.exchange.begin()
        if self._goes_on:
            # A kill may have come between a day's publication and this.
            self.exchange.close(self._closed())
            self.exchange.forget_closed()
        self._seen = True

    def _look_at(self, job: Job) -> None:
        """Look how a job does; one that the cluster does not know any more is begun anew."""
        status = self.cluster.status(job.number)
        if status == "unknown":
            self._begin(self._latest(job))
            return
        if status in ("ended", "finished"):
            reason = self.cluster.why(job.number)
            self.exchange.raise_reported()
            # The next follower takes it up from its last checkpoint.
            self.exchange.remember(replace(job, stopped_at=self._latest(job)))
            raise SystemFailure(
                f"Flink at {self.cluster.address}: expected job {job.number} to go on, got {reason}",
                "look into the logs of the TaskManagers, then start the follower again: it goes on where it was",
            )
        restarts = self.cluster.restarts(job.number)
        if restarts > self._restarts:
            self.log("job restored", job=job.number, times=restarts)
        self._restarts = restarts
        self._remove_former(job)

    def _begin(self, place: str) -> None:
        """Submit a job, which goes on from a savepoint or a checkpoint where there is one."""
        self.closing.refuse_useless_signing_key()
        order = self._order(place)
        self._see_that_readers_are_the_same(order)
        self.cluster.see_that_it_answers()
        self.cluster.end_all_of(order.name)
        # A job belongs to a release that there is: the next follower knows it by its state.
        self.commit(self.state)
        self.exchange.close(self._closed())
        number = self.cluster.submit(order, self.exchange.order)
        self._restarts = 0
        self.exchange.remember(Job(number, self._work_of(self.inputs), begun_from=place))
        self.log("job begun", job=number, restored=bool(place) or None)

    def _see_that_readers_are_the_same(self, order: Order) -> None:
        """Raise UsageError where a release has been read by other readers: each has the positions of its partitions."""
        if self.exchange.order.exists() and (before := Order.read(self.exchange.order).readers) != order.readers:
            raise UsageError(
                f"[engine.flink] readers: expected {before}, as when this release was begun, got {order.readers}",
                f"write readers = {before}; another number is for another release",
            )

    def _order(self, place: str) -> Order:
        flink = self.configuration.engine.flink
        begun = {day: known.terms for day, known in self.state.days.items() if known.status != "closed"}
        task = self.task(STRIDE, self.state.terms, begun)
        settings = self.settings | {
            "execution.checkpointing.interval": f"{flink.checkpoint_every // timedelta(milliseconds=1)} ms",
            "execution.checkpointing.dir": self._folder("checkpoints"),
            "execution.checkpointing.num-retained": "2",
            "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
            # A machine may be gone for long, and an operator who wants an end to it stops the follower.
            "restart-strategy.fixed-delay.attempts": "1000000",
            "pipeline.auto-watermark-interval": "200 ms",
        }
        if place:
            settings["execution.state-recovery.path"] = place
        name = self.job_name("follow")
        return Order(name, flink.address, task, flink.parallelism, flink.readers, settings=settings)

    def _work_of(self, inputs: Inputs) -> str:
        """What tells a job with some inputs from others."""
        flink = self.configuration.engine.flink
        told = [*map(str, sorted(inputs.digests.items())), str(flink.parallelism), str(flink.readers)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def _folder(self, name: str) -> str:
        return (self.exchange.path / name).as_uri()

    def _latest(self, job: Job) -> str:
        """What a job is begun from again: its last whole checkpoint, else what it went on from itself."""
        found = self._checkpoints(job)
        latest = max(found, key=lambda folder: int(folder.name.partition("-")[2]), default=None)
        return job.begun_from if latest is None else latest.as_uri()

    def _checkpoints(self, job: Job) -> list[Path]:
        """The whole checkpoints of a job."""
        found = (self.exchange.path / "checkpoints" / job.number).glob("chk-*/_metadata")
        return [file.parent for file in found]

    def _can_be_restored(self) -> bool:
        """Whether what the job has counted could be counted again: before that nothing of it is published."""
        job = self.exchange.job
        return job is not None and bool(job.begun_from or job.stopped_at or self._checkpoints(job))

    def _remove_former(self, job: Job) -> None:
        """Remove checkpoints and savepoints that hold devices of days before; the job has its own by now."""
        if self._checkpoints(job):
            folders = (self.exchange.path / name for name in ("checkpoints", "savepoints"))
            for former in [each for folder in folders for each in folder.glob("*") if each.name != job.number]:
                remove_tree(former)

    # Rounds

    def take(self) -> bool:
        """Enter what the readers have told; whether they have read anything."""
        self._see_to_the_job()
        rows = self.state.accounting.rows_in
        self._enter_receipts()
        return self.state.accounting.rows_in > rows

    def _enter_receipts(self) -> None:
        """Enter how far readers have come, and the days that they have begun."""
        self.receipts = list(self.exchange.all_told(ReaderReceipt).values())
        state = self.state
        for receipt in self.receipts:
            partitions, topics = state.partitions | receipt.partitions, state.topics | receipt.topics
            state = replace(state, partitions=partitions, topics=topics)
        began = {day for receipt in self.receipts for day in receipt.days} - state.days.keys()
        for day in sorted(day for day in began if day >= state.closed_before):
            state = state.with_day(day, DayState(terms=state.terms))
        read = sum((receipt.accounting for receipt in self.receipts), Accounting())
        state = replace(state, accounting=read + state.folded)
        if state != self.state:
            self.enter(state)

    def advance(self) -> None:
        """Publish the windows that shards have summed, and the days that are over."""
        open_days = [day for day, known in self.state.days.items() if known.status != "closed"]
        for day in sorted(open_days) if self._can_be_restored() else ():
            self._publish_day(day)
        highs = [receipt.progress for receipt in self.receipts]
        known = [high for high in highs if high is not None]
        if known and len(known) == len(highs):
            self.state = replace(self.state, watermark=max(min(known) - self.lateness, self.state.watermark or 0))

    def _publish_day(self, day: str) -> None:
        buckets = buckets_of(self.closing.grid(day))
        if self.state.days[day].status == "open":
            if ends := self.exchange.sums(day, self.state.days[day].bucket, STRIDE, buckets):
                self._take_sums(day, ends, last=ends[-1] == buckets)
            self.publish_due(day, over=self.state.days[day].bucket == buckets)
        known = self.state.days[day]
        shards = self.exchange.shards(day)
        if known.status != "open" or (known.bucket == buckets and len(shards) == self.configuration.engine.shards):
            self._close(day)

    def _take_sums(self, day: str, ends: Sequence[int], *, last: bool) -> None:
        """Take what all shards have counted of some strides."""
        place, known = self.next_place(day), self.state.days[day]
        step = self.inputs_of(day).ground.step(self.closing.grid(day), ends[-1], known.measured, last=last)
        measures, heard = self.exchange.take_sums(day, ends, place.folder)
        moved = replace(
            known,
            bucket=ends[-1],
            measured=step.due,
            measures=(*known.measures, *measures),
            heard=(*known.heard, *heard),
            facts=replace(known.facts, notice=known.facts.notice or self._late_start(day)),
        )
        self.commit(replace(self.state, step=place.step).with_day(day, moved))

    def _late_start(self, day: str) -> str:
        """What is told of a day whose first events are hours after its beginning."""
        first = min((receipt.days[day][0] for receipt in self.receipts if day in receipt.days), default=0) * BUCKET
        start = int(self.closing.grid(day).slots[0])
        return f"events only from {self.inputs.calendar.clock(start + first)}" if first > HOLD else ""

    def _close(self, day: str) -> None:
        """Publish a day that is over; readers hear first that what still comes of it is late: its key goes."""
        known = self.state.days[day]
        if known.status == "open" and not known.facts.files and not self._enter_found(day):
            return
        self.exchange.close(self._closed(day))
        self.close(day)
        self.exchange.forget_closed()
        self.commit(without_old_days(self.state))
        self.log("day closed", day=day, watermark=written(self.state.watermark))

    def _enter_found(self, day: str) -> bool:
        """Enter what shards found on a day that is over; whether readers have told of all of it."""
        found = sum((receipt.found for receipt in self.exchange.shards(day).values()), Found())
        # Shards may be further than readers were when they were asked.
        self._enter_receipts()
        if not self._have_rows_come(day, found):
            return False
        digests = {name: digest for receipt in self.receipts for name, digest in receipt.digests.items()}
        marks = {name: self.closing.input_mark(day, bytes.fromhex(digest)) for name, digest in digests.items()}
        known = self.state.days[day]
        facts = replace(known.facts, events=found.taken, files=marks)
        state = replace(
            self.state, folded=self.state.folded + found.accounting, accounting=self.state.accounting + found.accounting
        )
        # Readers tell no more of a day once they have heard that it is closed.
        self.commit(state.with_day(day, replace(known, facts=facts)))
        return True

    def _have_rows_come(self, day: str, found: Found) -> bool:
        """Whether readers have told of all rows that are in shards; that there are fewer in these is logged.

        A reader tells of rows after it has handed them on, and after a failure again from its last checkpoint on.
        Raises SystemFailure where it has not told of them after a while.
        """
        handed = sum(receipt.days[day][1] for receipt in self.receipts if day in receipt.days)
        if found.rows > handed:
            if self.clock() - self._untold.setdefault(day, self.clock()) < TOLD_SECONDS:
                return False
            raise SystemFailure(
                f"privacy day {day}: expected at most the {handed:,} rows that were read, got {found.rows:,} in shards",
                "the cluster counted some twice, and nothing more of the day is published; please report it",
            )
        self._untold.pop(day, None)
        if found.rows < handed:
            self.log("rows that came after the end of their day", day=day)
        return True

    def _closed(self, also: str = "") -> ClosedDays:
        days = frozenset(day for day, known in self.state.days.items() if known.status != "open" or day == also)
        return ClosedDays(days, self.state.closed_before)

    # What is told

    @property
    def refused(self) -> int:
        """None: what cannot be read of a message is a rejected row."""
        return 0

    @property
    def behind(self) -> int:
        """As far as the readers tell."""
        return sum(receipt.behind for receipt in self.receipts)
