"""The embedded driver over all the input there is: read it, follow each privacy day to its end, publish it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from pipelines.allocator import keep_freed_memory
from pipelines.ingest import ClosedDays
from pipelines.inputs import Inputs, inputs_of_now
from pipelines.opening import opened
from pipelines.planning import cut, fold_rows, ingest_steps, name_of
from pipelines.progress import Progress
from pipelines.refusals import (
    changed_terms,
    driven,
    left_out,
    mark_of,
    refuse_changed_files,
    refuse_missing_files,
    refuse_useless_events,
    resumed,
    see_that_there_are_files,
)
from pipelines.sources.files import discover, fragments
from pipelines.sources.fragment import Fragment
from pipelines.state import State
from pipelines.steps import Steps, Watch
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.errors import InputError, PrivacyRefusal, UsageError

INGEST_ROWS = 2
"""Steps of ingestion take this many times the rows of a step: fragments are read one by one, and memory stays."""


DriverOf: TypeAlias = Callable[[Inputs, WorkingDirectory, Progress], "Driver"]
"""What makes the driver of a run."""


@dataclass(frozen=True)
class Outcome:
    """What a run did: the state that it left, and the warnings of its inputs."""

    state: State
    warnings: tuple[str, ...]
    changed: bool


def run(configuration: Configuration, progress: Progress, driver_of: DriverOf | None = None) -> Outcome:
    """Take all the input there is to a release, by the embedded driver or another.

    Goes on where an earlier run stopped; on a complete release it changes nothing.
    """
    keep_freed_memory()
    see_that_there_are_files(configuration)
    inputs = inputs_of_now(configuration)
    with opened(configuration) as (working, begun):
        driver = (driver_of or Driver)(inputs, working, progress)
        try:
            return driver.run(begun)
        except (InputError, UsageError, PrivacyRefusal):
            # A run that began here, or went on where no step was done, and published nothing leaves nothing.
            if (begun is None or not begun.step) and not driver.state.published:
                driver.discard()
            raise


class Driver(Steps):
    """Cuts the work into steps."""

    def __init__(
        self, inputs: Inputs, working: WorkingDirectory, progress: Progress, watch: Watch | None = None
    ) -> None:
        super().__init__(inputs, working, progress, watch)
        self.changed: list[str] = []

    def run(self, begun: State | None) -> Outcome:
        """All steps that are left to do."""
        if begun is None:
            self.working.clear(self.closing.keys)
        else:
            self.changed = changed_terms(begun, self.inputs.digests)
            begun = driven(begun, self.configuration.engine.driver, self.configuration.path)
            self.state = resumed(begun, self.inputs.digests, self.configuration.path, self.working.path)
        before = self.state
        self.working.sweep(self.state)
        self._ingest()
        self.sweep()
        refuse_useless_events(self.state.accounting, self.configuration.input.files)
        self._notice_partial_days()
        for day in sorted(self.state.days):
            self.count(day)
            self.close(day)
        terms = [f"{name} changed: it holds for privacy days to come" for name in self.changed]
        told = {day: known.facts.notice for day, known in self.state.days.items()}
        notices = [f"privacy day {day}: {notice}" for day, notice in told.items() if notice]
        return Outcome(self.state, (*self.inputs.warnings, *terms, *notices), self.state != before)

    def discard(self) -> None:
        """Leave nothing of a run that published nothing."""
        self.working.remove(self.closing.keys)

    def _ingest(self) -> None:
        """Read what has not been read, a few fragments for each step."""
        try:
            found = discover(self.configuration.input.files)
        except InputError:
            if self.state.fragments and not self.state.unread:
                return
            raise
        marks = {name: mark_of(path) for name, path in found.items()}
        refuse_changed_files(self.state, marks)
        self.state = replace(self.state, inputs={**self.state.inputs, **marks})
        waiting = [part for part in fragments(found) if name_of(part) not in self.state.fragments]
        refuse_missing_files(self.state, map(name_of, waiting))
        if waiting:
            self.closing.refuse_useless_signing_key()
        rows = sum(part.rows or 0 for part in waiting)
        with self.progress.task("Reading events", rows or len(waiting)) as advance:
            for some in self.steps_of(waiting):
                waiting = waiting[len(some) :]
                self._ingest_step(some, waiting)
                advance(sum(part.rows or 0 for part in some) if rows else len(some))

    def steps_of(self, waiting: Sequence[Fragment]) -> Iterator[list[Fragment]]:
        """The fragments of each step of ingestion."""
        return ingest_steps(waiting, INGEST_ROWS * self.configuration.engine.step_rows)

    def _ingest_step(self, some: Sequence[Fragment], later: Sequence[Fragment]) -> None:
        # What the fold has passed does not come again: a file that is delivered after that is late.
        closed = {day for day, state in self.state.days.items() if state.status != "open" or state.bucket}
        receipts = self.read(some, ClosedDays(frozenset(closed), self.state.closed_before))
        state = replace(
            self.state,
            step=self.state.step + 1,
            fragments=(*self.state.fragments, *map(name_of, some)),
            unread=tuple(map(name_of, later)),
        )
        digests: dict[Path, bytes] = {}
        for fragment, receipt in zip(some, receipts, strict=True):
            state = self.entered(state, receipt, lambda day: 0, self.mark_of_file(fragment, digests))
        # Stop as soon as a day turns up that may not be published.
        self.closing.refuse(state.release_id, [day for day, known in state.days.items() if known.status == "open"])
        self.commit(state)

    def count(self, day: str) -> None:
        """Take every event of a day through the fold, in order of time."""
        if self.state.days[day].status != "open":
            return
        waiting = self.state.days[day].waiting
        with self.progress.task(f"Following devices, {day}", sum(waiting.values())) as advance:
            while waiting:
                end = cut(waiting, fold_rows(self.state.days[day], self.configuration.engine.step_rows))
                rows = sum(count for bucket, count in waiting.items() if bucket < end)
                self.fold(day, end, last=rows == sum(waiting.values()))
                waiting = self.state.days[day].waiting
                advance(rows)

    def _notice_partial_days(self) -> None:
        """Say of each day that is about to be counted if its events leave out hours at either end of it."""
        for day, known in self.state.days.items():
            if span := left_out(known, self.closing.grid(day)):
                begin, end = map(self.inputs.calendar.clock, span)
                facts = replace(known.facts, notice=f"events only from {begin} to {end}")
                self.state = self.state.with_day(day, replace(known, facts=facts))
