"""Following events as they arrive: take what is there, advance to the watermark, publish what has fallen due."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from pipelines.dead_letters import remove_oldest
from pipelines.fold import due_slots
from pipelines.follow.deliveries import Deliveries
from pipelines.follow.forgetting import without_old_days
from pipelines.follow.log import Log
from pipelines.follow.told import Told, coarse, next_due, outcomes
from pipelines.follow.watermark import watermark
from pipelines.ingest import ClosedDays
from pipelines.inputs import Inputs
from pipelines.instants import iso_utc
from pipelines.lateness import BUCKET, first_bucket
from pipelines.planning import cut, fold_rows
from pipelines.progress import Progress
from pipelines.state import DayState, Partition, State, name_of_terms
from pipelines.stays import HOLD
from pipelines.steps import Steps
from pipelines.working_directory import WorkingDirectory


class Follower(Steps, ABC):
    """Takes events to a release as they arrive, round by round.

    A round that was killed goes on from its last commit.
    """

    def __init__(
        self,
        inputs: Inputs,
        working: WorkingDirectory,
        progress: Progress,
        log: Log,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(inputs, working, progress)
        self.log, self.clock = log, clock
        self.lateness = self.configuration.time.lateness_us
        self.deliveries = Deliveries(clock)
        self.told = Told(at=time.time())

    def go_on(self, state: State) -> None:
        """Go on from a state; each partition in it gets its time to deliver again."""
        self.state = state
        self.deliveries.expect(state.partitions)

    def begin_days_with(self, inputs: Inputs) -> None:
        """Have privacy days that begin from now on keep inputs, which are those of kept copies."""
        self.inputs, self.configuration = inputs, inputs.configuration
        self.closing = self.closing.under(inputs)
        self.state = replace(self.state, digests=dict(inputs.digests), terms=name_of_terms(inputs.digests))

    def round(self) -> bool:
        """Take what has arrived and publish what falls due; whether anything arrived."""
        began, before = time.perf_counter(), self.state.accounting.rows_in
        # What a killed round took comes first, or windows would be published with others than without the kill.
        self.advance()
        arrived = self.take()
        self.advance()
        self.told = self._tell(time.perf_counter() - began, self.state.accounting.rows_in - before)
        return arrived

    def _tell(self, seconds: float, rows: int) -> Told:
        state, behind = self.state, self.behind
        open_days = {day: known for day, known in state.days.items() if known.status == "open"}
        return Told(
            outcomes=outcomes(state.accounting, self.k),
            watermark=state.watermark,
            slots={day: known.published for day, known in open_days.items()},
            next_due=next_due(state, {day: self.closing.grid(day) for day in open_days}),
            days=state.closed_days,
            partitions=len(state.partitions),
            refused=self.refused,
            behind=None if behind is None else coarse(behind, self.k),
            seconds=seconds,
            rows=coarse(rows, self.k),
            at=time.time(),
        )

    @abstractmethod
    def take(self) -> bool:
        """Read some of what has arrived in a step, if anything has; whether it has."""

    def expected(self) -> Collection[str]:
        """The partitions that are known to be there, whether they have delivered or not."""
        return ()

    def forgetting(self, state: State) -> State:
        """A state without what is not needed any more now that a day is closed."""
        return state

    @abstractmethod
    def end(self) -> None:
        """Leave what events come from."""

    @property
    @abstractmethod
    def refused(self) -> int:
        """How many deliveries could not be read, and are not waited for."""

    @property
    def behind(self) -> int | None:
        """How many messages are still to be read; None where that is not known."""
        return None

    @property
    def k(self) -> int:
        """The k of the privacy days to come, by which rows are told."""
        return self.inputs.policy.k

    def enter(self, state: State) -> None:
        """Commit a step of ingestion; raises PrivacyRefusal as soon as a day turns up that may not be published."""
        if new := [day for day in state.days if day not in self.state.days]:
            self.closing.refuse(state.release_id, new)
        self.commit(state)
        remove_oldest(self.working.dead_letters)

    def first_taken(self, state: State, high: int | None) -> Callable[[str], int]:
        """For each day its first bucket that is not late in a delivery after events of up to `high`.

        What the fold has passed is late too: a partition may come back that held nobody up.
        """

        def first(day: str) -> int:
            start = int(self.closing.grid(day).slots[0])
            return max(first_bucket(high, self.lateness, start), state.days.get(day, DayState()).bucket)

        return first

    def closed(self) -> ClosedDays:
        """The days whose events are late: those that are over, and those before the one that the watermark is in."""
        closed = frozenset(day for day, known in self.state.days.items() if known.status != "open")
        reached = "" if self.state.watermark is None else self._day_of(self.state.watermark)
        return ClosedDays(closed, max(reached, self.state.closed_before))

    def _day_of(self, instant: int) -> str:
        ordinal = int(self.inputs.calendar.day_of(np.array([instant], np.int64))[0])
        return (date(1970, 1, 1) + timedelta(days=ordinal)).isoformat()

    # Windows

    def advance(self) -> None:
        """Take each open day up to the watermark, the earliest first, and publish the windows that are due."""
        silent = {name: Partition(None) for name in self.expected()}
        reached = watermark(silent | self.state.partitions, self.idle(), self.lateness, self.state.watermark)
        if reached is None:
            return
        if reached != self.state.watermark:
            self.state = replace(self.state, watermark=reached)
        for day in sorted(self.state.days):
            if self.state.days[day].status != "closed":
                self._advance_day(day, reached)

    def idle(self) -> list[str]:
        """The partitions that have delivered nothing for a minute."""
        return self.deliveries.idle()

    def _advance_day(self, day: str, reached: int) -> None:
        slots = self.closing.grid(day).slots
        start, over = int(slots[0]), reached >= int(slots[-1])
        end = -(-(min(reached, int(slots[-1])) - start) // BUCKET) if over else (reached - start) // BUCKET
        if self.state.days[day].status == "open":
            # Of a day that is over only what is staged: all else is published with the day.
            self.publish_due(day, over=over)
            self._fold_to(day, end, over=over)
        if over:
            self.close(day)
            # Also the keys of days that were never begun: what came of them was late, or far ahead.
            today = date.fromisoformat(self._day_of(reached))
            self.sweep(coming=(today, today + timedelta(days=1)))
            self.commit(self.forgetting(without_old_days(self.state)))
            self.log("day closed", day=day, watermark=written(reached))
            report = self.working.quality / f"date={day}.json"
            if report.exists():
                self.log("quality report written", day=day, file=f"quality/{report.name}")

    def _fold_to(self, day: str, end: int, *, over: bool) -> None:
        """Take a day up to a bucket, some events at a time."""
        self._notice_late_start(day)
        if not over and not self._is_worth_a_fold(day, end):
            return
        while (known := self.state.days[day]).bucket < end:
            waiting = {bucket: rows for bucket, rows in known.waiting.items() if bucket < end}
            rows = fold_rows(known, self.configuration.engine.step_rows)
            cut_at = min(cut(waiting, rows), end) if waiting else end
            # Nothing more to come before the end: one step does for the rest of the way.
            step_end = end if not any(bucket >= cut_at for bucket in waiting) else cut_at
            self.fold(day, step_end, last=over and step_end == end)
            self.publish_due(day, over=over)

    def _is_worth_a_fold(self, day: str, end: int) -> bool:
        """Whether slots fall due by a bucket, or enough events wait: each fold writes all open stays anew."""
        known, slots = self.state.days[day], self.closing.grid(day).slots
        if due_slots(slots, int(slots[0]) + end * BUCKET, HOLD) > known.measured:
            return True
        waiting = sum(rows for bucket, rows in known.waiting.items() if bucket < end)
        return waiting >= fold_rows(known, self.configuration.engine.step_rows)

    def publish_due(self, day: str, *, over: bool) -> None:
        """Publish the windows that no event can change; a day of differential privacy is published as a whole."""
        known = self.state.days[day]
        if known.waiting_slots or (known.due and not over and not self.inputs_of(day).budget):
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
    return "none" if instant is None else iso_utc(instant)
