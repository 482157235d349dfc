"""Following events as they arrive: take what is there, advance to the watermark, publish what has fallen due."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from pipelines.embedded import INGEST_ROWS
from pipelines.fold import due_slots
from pipelines.follow.inbox import Inbox, partition_of
from pipelines.follow.log import Log, silent
from pipelines.follow.told import Told, next_due
from pipelines.follow.watermark import watermark
from pipelines.ingest import ClosedDays, Receipt
from pipelines.inputs import Inputs
from pipelines.lateness import BUCKET, first_bucket
from pipelines.planning import cut, name_of
from pipelines.progress import Progress
from pipelines.refusals import mark_of
from pipelines.sources.fragment import Fragment
from pipelines.state import DayState, Partition, State
from pipelines.stays import HOLD
from pipelines.steps import Steps
from pipelines.working_directory import WorkingDirectory
from schemas.errors import InputError

IDLE_SECONDS: Final = 60.0
"""A partition without a delivery for so long holds the others up no more."""


class Follower(Steps):
    """Takes an inbox to a release, round by round; a round that was killed is taken again from its last commit."""

    def __init__(
        self,
        inputs: Inputs,
        working: WorkingDirectory,
        progress: Progress,
        clock: Callable[[], float] = time.monotonic,
        log: Log = silent,
    ) -> None:
        super().__init__(inputs, working, progress)
        self.clock, self.log = clock, log
        self.inbox = Inbox(self.configuration.input.files)
        self.lateness = self.configuration.time.lateness // timedelta(microseconds=1)
        self.delivered: dict[str, float] = {}
        self.told = Told(at=time.time())

    def go_on(self, state: State) -> None:
        """Go on from a state; each partition in it gets its time to deliver again."""
        self.state = state
        self.delivered = dict.fromkeys(state.partitions, self.clock())

    def round(self) -> bool:
        """Take what has arrived and publish what falls due; whether anything arrived."""
        began, before = time.perf_counter(), self.state.accounting.rows_in
        # What a killed round took comes first, or windows would be published with others than without the kill.
        self._advance()
        arrived = self._take()
        self._advance()
        self.told = self._tell(time.perf_counter() - began, self.state.accounting.rows_in - before)
        return arrived

    def _tell(self, seconds: float, rows: int) -> Told:
        state = self.state
        open_days = {day: known for day, known in state.days.items() if known.status == "open"}
        return Told(
            accounting=state.accounting,
            watermark=state.watermark,
            slots={day: known.published for day, known in open_days.items()},
            next_due=next_due(state, {day: self.closing.grid(day) for day in open_days}),
            days=sum(known.status == "closed" for known in state.days.values()),
            partitions=len(state.partitions),
            refused=len(self.inbox.refused),
            seconds=seconds,
            rows=rows,
            at=time.time(),
        )

    # Deliveries

    def _take(self) -> bool:
        """Read whole files in a step; those that cannot be read are refused one by one, and hold nobody up."""
        read = {name.rpartition("#")[0] for name in self.state.fragments}
        refused = dict(self.inbox.refused)
        some = self.inbox.waiting(read, INGEST_ROWS * self.configuration.engine.step_rows)
        for file in self.inbox.refused.keys() - refused.keys():
            self._refuse(file, self.inbox.refused[file])
        if not some:
            return False
        try:
            self._take_files(some)
        except InputError as error:
            if len(some) == 1:
                self._refuse(some[0][0].file, error.message)
            for parts in some if len(some) > 1 else ():
                self._take_one(parts)
        return True

    def _take_one(self, parts: Sequence[Fragment]) -> None:
        try:
            self._take_files([parts])
        except InputError as error:
            self._refuse(parts[0].file, error.message)

    def _refuse(self, file: str, reason: str) -> None:
        self.inbox.refused[file] = reason
        self.log("file refused", file=file, reason=reason)

    def _take_files(self, files: Sequence[Sequence[Fragment]]) -> None:
        """Read files in one step, and enter them in their order."""
        self.closing.refuse_useless_signing_key()
        receipts = iter(self.read([part for parts in files for part in parts], self._closed()))
        state, digests = replace(self.state, step=self.state.step + 1), dict[Path, bytes]()
        for parts in files:
            state = self._with_file(state, parts, [next(receipts) for _ in parts], digests)
        if new := [day for day in state.days if day not in self.state.days]:
            # Stop as soon as a day turns up that may not be published.
            self.closing.refuse(state.release_id, new)
        rows = state.accounting.rows_in - self.state.accounting.rows_in
        late = state.accounting.late - self.state.accounting.late
        self.commit(state)
        self.log("files read", files=len(files), last=files[-1][0].file, rows=rows, late=late)

    def _with_file(
        self, state: State, parts: Sequence[Fragment], receipts: Sequence[Receipt], digests: dict[Path, bytes]
    ) -> State:
        """A state with a file of the inbox: late is what is older than the files before it in its partition allow."""
        file = parts[0].file
        name = partition_of(file)
        self.delivered[name] = self.clock()
        high = state.partitions[name].high if name in state.partitions else None

        def first(day: str) -> int:
            start = int(self.closing.grid(day).slots[0])
            # What the fold has passed is late too: a partition may come back that held nobody up.
            return max(first_bucket(high, self.lateness, start), state.days.get(day, DayState()).bucket)

        for part, receipt in zip(parts, receipts, strict=True):
            state = self.entered(state, part, receipt, first, digests)
        highs = [each for each in (high, *(receipt.high for receipt in receipts)) if each is not None]
        partitions = state.partitions | ({name: Partition(max(highs))} if highs else {})
        inputs = state.inputs | {file: mark_of(parts[0].path)}
        return replace(state, fragments=(*state.fragments, *map(name_of, parts)), partitions=partitions, inputs=inputs)

    def _closed(self) -> ClosedDays:
        """The days whose events are late: those that are over, and those before the one that the watermark is in."""
        closed = frozenset(day for day, known in self.state.days.items() if known.status != "open")
        return ClosedDays(closed, "" if self.state.watermark is None else self._day_of(self.state.watermark))

    def _day_of(self, instant: int) -> str:
        ordinal = int(self.inputs.calendar.day_of(np.array([instant], np.int64))[0])
        return (date(1970, 1, 1) + timedelta(days=ordinal)).isoformat()

    # Windows

    def _advance(self) -> None:
        """Take each open day up to the watermark, the earliest first, and publish the windows that are due."""
        reached = watermark(self.state.partitions, self._idle(), self.lateness, self.state.watermark)
        if reached is None:
            return
        if reached != self.state.watermark:
            self.state = replace(self.state, watermark=reached)
        for day in sorted(self.state.days):
            if self.state.days[day].status != "closed":
                self._advance_day(day, reached)

    def _idle(self) -> list[str]:
        """The partitions that have delivered nothing for a minute, while another has."""
        now = self.clock()
        return [name for name, then in self.delivered.items() if now - then >= IDLE_SECONDS]

    def _advance_day(self, day: str, reached: int) -> None:
        slots = self.closing.grid(day).slots
        start, over = int(slots[0]), reached >= int(slots[-1])
        end = -(-(min(reached, int(slots[-1])) - start) // BUCKET) if over else (reached - start) // BUCKET
        if self.state.days[day].status == "open":
            # Of a day that is over only what is staged: all else is published with the day.
            self._publish_due(day, over=over)
            self._fold_to(day, end, over=over)
        if over:
            self.close(day)
            self.log("day closed", day=day, watermark=written(reached))

    def _fold_to(self, day: str, end: int, *, over: bool) -> None:
        """Take a day up to a bucket, some events at a time."""
        self._notice_late_start(day)
        if not over and not self._is_worth_a_fold(day, end):
            return
        while (known := self.state.days[day]).bucket < end:
            waiting = {bucket: rows for bucket, rows in known.waiting.items() if bucket < end}
            cut_at = min(cut(waiting, self.configuration.engine.step_rows), end) if waiting else end
            # Nothing more to come before the end: one step does for the rest of the way.
            step_end = end if not any(bucket >= cut_at for bucket in waiting) else cut_at
            self.fold(day, step_end, last=over and step_end == end)
            self._publish_due(day, over=over)

    def _is_worth_a_fold(self, day: str, end: int) -> bool:
        """Whether slots fall due by a bucket, or enough events wait: each fold writes all open stays anew."""
        known, slots = self.state.days[day], self.closing.grid(day).slots
        if due_slots(slots, int(slots[0]) + end * BUCKET, HOLD) > known.measured:
            return True
        waiting = sum(rows for bucket, rows in known.waiting.items() if bucket < end)
        return waiting >= self.configuration.engine.step_rows

    def _publish_due(self, day: str, *, over: bool) -> None:
        """Publish the windows that no event can change; a day of differential privacy is published as a whole."""
        known = self.state.days[day]
        if known.waiting_slots or (known.due and not over and not self.inputs.budget):
            self.publish_windows(day)
            self.log(
                "windows published",
                day=day,
                slots=self.state.days[day].published,
                watermark=written(self.state.watermark),
            )

    def _notice_late_start(self, day: str) -> None:
        """Note of a day whose first events are hours after its beginning that it is not whole."""
        known, slots = self.state.days[day], self.closing.grid(day).slots
        if known.bucket or not known.waiting or known.facts.notice:
            return
        first = int(slots[0]) + min(known.waiting) * BUCKET
        if first - int(slots[0]) > HOLD:
            facts = replace(known.facts, notice=f"events only from {self.inputs.calendar.clock(first)}")
            self.state = self.state.with_day(day, replace(known, facts=facts))


def written(instant: int | None) -> str:
    """A time for people: ISO 8601 in UTC, to the second."""
    return (
        "none" if instant is None else datetime.fromtimestamp(instant // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
