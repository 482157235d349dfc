"""Following a topic with a job of a cluster: it reads and counts without an end, and this process publishes."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlparse

from anonymization.atomic import remove_tree
from pipelines.flink.ending import Cut, Ending, Handed
from pipelines.flink.exchange import Found, Job, ReaderReceipt
from pipelines.flink.order import Order
from pipelines.flink.steps import FlinkSteps, see_that_all_rows_came
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


class FlinkFollower(FlinkSteps, Follower):
    """Publishes what a job of a cluster finds; begins the job, takes it up again, and ends it with a savepoint."""

    receipts: Sequence[ReaderReceipt] = ()
    _looked = float("-inf")
    _restored: int | None = None
    _goes_on = _seen = False
    _ending: Ending | None = None

    def go_on(self, state: State) -> None:
        """Go on from a state, and with its job."""
        super().go_on(state)
        self._see_that_the_job_is_known()
        self._goes_on = True

    # The job

    def begin_days_with(self, inputs: Inputs) -> None:
        """Have privacy days that begin from now on keep other inputs: the job is ended, and begun anew with them."""
        job = self.exchange.job
        if (self._goes_on or self._seen) and job is not None and self._work_of(inputs) != job.work:
            self.end()
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
            try:
                self.cluster.cancel(job.number)
            except SystemFailure:
                # It may be at work still, and the next follower finds it so.
                return
            place = self._latest(job)
        self.exchange.remember(replace(job, stopped_at=place))
        # The next job is told what the days keep that this one has begun.
        self._enter_receipts()

    def _see_to_the_job(self) -> None:
        """Begin the job, or look how it does; raises the error at which it stopped."""
        if not self._seen:
            self._take_over()
        now, job = self.clock(), self.exchange.job
        self.exchange.raise_reported()
        if job is None or job.stopped_at:
            self._begin(job)
        elif now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look_at(job)

    def _take_over(self) -> None:
        """Take over what the follower before left; of a release that is not there any more, nothing is."""
        if not self._goes_on:
            self.exchange.clear()
        self.exchange.begin()
        if self.exchange.job is not None:
            # A kill may have come between a day's publication and this.
            self._announce()
            self.exchange.forget_published()
            self._enter_receipts()
        self._seen = True

    def _see_that_the_job_is_known(self) -> None:
        """Raise UsageError where the job of a release that was begun is somewhere else: it has what it counted."""
        job, where = self.exchange.job, f"{self.configuration.path}: [engine.flink]"
        if job is None and self.state.partitions:
            raise UsageError(
                f"{where} exchange: expected the folder of the job of this release, got {self.exchange.path}",
                "name the folder of before; what it held of open days is in no other",
            )
        if job is not None and not job.stopped_at and job.address != self.cluster.address:
            raise UsageError(
                f"{where} address: expected {job.address}, where the job of this release runs, "
                f"got {self.cluster.address}",
                "follow there and stop the follower, which ends the job; then change the address",
            )

    def _look_at(self, job: Job) -> None:
        """Look how a job does; one that the cluster does not know any more is begun anew."""
        status = self.cluster.status(job.number)
        if status in ("unknown", "finished"):
            # A job without an end is finished by a savepoint, of which a killed follower told nothing.
            self._begin(job)
            return
        if status == "ended":
            reason = self.cluster.why(job.number)
            self.exchange.raise_reported()
            # The next follower takes it up from its last checkpoint.
            self.exchange.remember(replace(job, stopped_at=self._latest(job)))
            raise SystemFailure(
                f"Flink at {self.cluster.address}: expected job {job.number} to go on, got {reason}",
                "look into the logs of the TaskManagers, then start the follower again: it goes on where it was",
            )
        # One that was submitted by a killed follower may turn up late; it reads nothing.
        self.cluster.end_all_of(self.job_name("follow"), but=job.number)
        restored = self.cluster.restored(job.number)
        if self._restored not in (None, restored):
            self.log("job restored", job=job.number)
        self._restored = restored
        if status == "waiting":
            self.log("job waits", job=job.number, reason=self.cluster.why(job.number))
        self._remove_former(job)

    def _begin(self, job: Job | None) -> None:
        """Submit a job, which goes on from where the one before was."""
        self.closing.refuse_useless_signing_key()
        self._see_that_readers_are_the_same()
        self.cluster.see_that_it_answers()
        self.cluster.end_all_of(self.job_name("follow"))
        place = "" if job is None else self._place(job)
        if not place:
            # What a job left that nobody knew of.
            self.exchange.clear()
            self.exchange.begin()
        # A job belongs to a release that there is: the next follower knows it by its state.
        self.commit(self.state)
        run = secrets.token_hex(8)
        self._announce(run=run)
        number = self.cluster.submit(self._order(run, place), self.exchange.order)
        self._restored, self._ending = None, None
        self.exchange.remember(Job(number, self._work_of(self.inputs), self.cluster.address, begun_from=place))
        self.log("job begun", job=number, restored=bool(place) or None)

    def _see_that_readers_are_the_same(self) -> None:
        """Raise UsageError where a release has been read by other readers: each has the positions of its partitions."""
        readers = self.configuration.engine.flink.readers
        if self.exchange.order.exists() and (before := Order.read(self.exchange.order).readers) != readers:
            raise UsageError(
                f"[engine.flink] readers: expected {before}, as when this release was begun, got {readers}",
                f"write readers = {before}; another number is for another release",
            )

    def _order(self, run: str, place: str) -> Order:
        flink = self.configuration.engine.flink
        begun = {day: known.terms for day, known in self.state.days.items() if known.status != "closed"}
        task = self.task(run, STRIDE, self.state.terms, begun)
        settings = self.settings | {
            "execution.checkpointing.interval": f"{flink.checkpoint_every // timedelta(milliseconds=1)} ms",
            "execution.checkpointing.dir": self._folder("checkpoints"),
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

    def _place(self, job: Job) -> str:
        """What a job is begun from again; '' for its beginning, of which nothing is published.

        Raises SystemFailure where what it was at is lost.
        """
        place = job.stopped_at if _is_whole(job.stopped_at) else self._latest(job)
        counted = self.state.left_out or any(day.bucket or day.status != "open" for day in self.state.days.values())
        if not place and counted:
            raise SystemFailure(
                f"{self.exchange.path}: expected a savepoint or a checkpoint of job {job.number}, found none",
                "restore the folder; without it the open day cannot be counted, so publish to another release",
            )
        return place

    def _latest(self, job: Job) -> str:
        """The last whole checkpoint or savepoint of a job, else what it went on from itself."""
        saved = (self.exchange.path / "savepoints").glob(f"savepoint-{job.number[:6]}-*/_metadata")
        places = [*self._checkpoints(job), *(file.parent for file in saved)]
        latest = max(places, key=lambda folder: (folder / "_metadata").stat().st_mtime_ns, default=None)
        if latest is not None:
            return latest.as_uri()
        return job.begun_from if _is_whole(job.begun_from) else ""

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
        began = {day: read.terms for receipt in self.receipts for day, read in receipt.days.items()}
        for day in sorted(day for day in began.keys() - state.days.keys() if day >= state.closed_before):
            state = state.with_day(day, DayState(terms=began[day]))
        read = sum((receipt.accounting for receipt in self.receipts), Accounting())
        state = replace(state, accounting=read + state.folded)
        if state != self.state:
            self.enter(state)

    def advance(self) -> None:
        """Publish the windows that shards have summed, and the days that are over."""
        highs = [receipt.progress for receipt in self.receipts]
        known = [high for high in highs if high is not None]
        if known and len(known) == len(highs):
            self.state = replace(self.state, watermark=max(min(known) - self.lateness, self.state.watermark or 0))
        for day in [day for day, known in self.state.days.items() if known.status == "staged"]:
            self._close(day)
        if self._can_be_restored():
            for day in self._open_days:
                self._publish_windows(day)
            self._end_days()

    @property
    def _open_days(self) -> list[str]:
        return [day for day, known in self.state.days.items() if known.status == "open"]

    def _publish_windows(self, day: str) -> None:
        buckets = buckets_of(self.closing.grid(day))
        if ends := self.exchange.sums(day, self.state.days[day].bucket, STRIDE, buckets):
            self._take_sums(day, ends, last=ends[-1] == buckets)
        self.publish_due(day, over=self.state.days[day].bucket == buckets)

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
        first = min((receipt.days[day].first for receipt in self.receipts if day in receipt.days), default=0) * BUCKET
        start = int(self.closing.grid(day).slots[0])
        return f"events only from {self.inputs.calendar.clock(start + first)}" if first > HOLD else ""

    # The end of days

    def _end_days(self) -> None:
        """Take days that are over a step further: see `Ending`."""
        job, ending = self.exchange.job, self._ending
        if job is None or job.stopped_at or len(self.receipts) != self.configuration.engine.flink.readers:
            return
        if ending is None:
            if handed := self._handed():
                self._ending = Ending(handed, {day: self._rows(day) for day in handed}, self._cut(job))
            return
        passage = ending.cut.passage(self.receipts)
        if passage == "broken":
            # What shards handed on may be of what a restore went back over.
            self._ending = replace(ending, cut=self._cut(job, ending.handed)) if ending.is_late else None
        elif passage == "passed":
            self._ending = None if ending.is_late else self._late(job, ending)
            if ending.is_late:
                self._publish(ending)

    def _handed(self) -> Handed:
        """The days that are over, all sums of which are taken and all shards of which have handed on.

        Of a day that no reader tells of, that was before a restore to before its beginning: it comes again.
        """
        told = [day for day in self._open_days if any(day in receipt.days for receipt in self.receipts)]
        over = [day for day in told if self.state.days[day].bucket == buckets_of(self.closing.grid(day))]
        handed = {day: self.exchange.shards(day) for day in over}
        return {
            day: {shard: receipt.handed for shard, receipt in shards.items()}
            for day, shards in handed.items()
            if len(shards) == self.configuration.engine.shards
        }

    def _cut(self, job: Job, late: Collection[str] = ()) -> Cut:
        """A cut that is yet to come, with announcements of days that are late from now on."""
        return Cut(lambda: self._announce(late), self.cluster, job.number)

    def _late(self, job: Job, ending: Ending) -> Ending | None:
        """Days whose counts are kept: what still comes of them is late. None where they have to wait.

        A restore to before the beginning of a day leaves what was handed on of it: then readers tell of fewer rows, and
        of more and more. Raises SystemFailure where nothing has come since they set out, and shards found other rows.
        """
        handed = self._handed()
        same = {day: shards for day, shards in ending.handed.items() if handed.get(day) == shards}
        rows = {day: self._rows(day) for day in same}
        for day in same:
            if rows[day] == ending.rows[day]:
                see_that_all_rows_came(day, *rows[day])
        kept = {day: shards for day, shards in same.items() if len(set(rows[day])) == 1}
        if not kept:
            return None
        cut = self._cut(job, kept)
        return Ending(kept, ending.rows, cut, self.exchange.announced.late.before, is_late=True)

    def _publish(self, ending: Ending) -> None:
        """Publish days of which all is counted, and let go of all keys that nobody will ask for."""
        # Receipts that readers wrote since the round began are of no day that is late.
        self._enter_receipts()
        for day in sorted(ending.handed):
            before = self.state
            try:
                self._enter_found(day)
                self._close(day, ending.handed)
            except BaseException:
                # What was found is committed with what is staged, or not at all.
                if self.state.days[day].status == "open":
                    self.state = before
                raise
        if ending.before:
            begun = {day for receipt in self.receipts for day in receipt.days}.union(self._open_days)
            kept = [date.fromisoformat(day) for day in begun if day not in self.exchange.announced.published]
            self.closing.keys.destroy_all_but(kept, since=date.fromisoformat(ending.before))

    def _rows(self, day: str) -> tuple[int, int]:
        """How many rows of a day that is over readers have handed on, and how many its shards have found."""
        handed = sum(receipt.days[day].rows for receipt in self.receipts if day in receipt.days)
        return handed, self._found(day).rows

    def _found(self, day: str) -> Found:
        """What shards have found on a day that is over."""
        return sum((receipt.found for receipt in self.exchange.shards(day).values()), Found())

    def _close(self, day: str, late: Collection[str] = ()) -> None:
        """Publish a day that is over, and forget what was handed on of it; others are late as before."""
        self.close(day)
        self._announce(late)
        self.exchange.forget_published()
        self.commit(without_old_days(self.state))
        self.log("day closed", day=day, watermark=written(self.state.watermark))

    def _enter_found(self, day: str) -> None:
        """Enter what shards found on a day; raises SystemFailure where they did not get all that was handed on."""
        found = self._found(day)
        see_that_all_rows_came(day, *self._rows(day))
        digests = {name: digest for receipt in self.receipts for name, digest in receipt.digests.items()}
        marks = {name: self.closing.input_mark(day, bytes.fromhex(digest)) for name, digest in digests.items()}
        facts = replace(self.state.days[day].facts, events=found.taken, files=marks)
        accounting = self.state.accounting + found.accounting
        state = replace(self.state, folded=self.state.folded + found.accounting, accounting=accounting)
        self.state = state.with_day(day, replace(state.days[day], facts=facts))

    def _announce(self, late: Collection[str] = (), run: str = "") -> int:
        """Announce which days are published, and which are late besides: some, and those before all that are open."""
        done = frozenset(day for day, known in self.state.days.items() if known.status != "open")
        published = ClosedDays(done, self.state.closed_before)
        reached = [] if self.state.watermark is None else [self._day_of(self.state.watermark)]
        before = min([*reached, *self._open_days], default="")
        before = max(before, published.before, self.exchange.announced.late.before)
        return self.exchange.announce(ClosedDays(done.union(late), before), published, run)

    # What is told

    @property
    def refused(self) -> int:
        """None: what cannot be read of a message is a rejected row."""
        return 0

    @property
    def behind(self) -> int:
        """As far as the readers tell."""
        return sum(receipt.behind for receipt in self.receipts)


def _is_whole(place: str) -> bool:
    """Whether a savepoint or a checkpoint is there."""
    return bool(place) and (Path(unquote(urlparse(place).path)) / "_metadata").exists()
