"""The embedded driver: bounded Beam runs in this process, one for each step, with one atomic commit after each."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from anonymization.key_service import DayKey
from pipelines import graph, release
from pipelines.allocator import keep_freed_memory, release_freed_memory
from pipelines.closing import Closing
from pipelines.fold import Step, merged
from pipelines.graph import MEASURES, Place
from pipelines.ingest import BUCKET, Receipt
from pipelines.inputs import Inputs, inputs_of_now
from pipelines.planning import Batch, cut, ingest_steps, name_of, shard_inputs
from pipelines.progress import Progress
from pipelines.receipts import DayReceipt, FoldReceipt, raise_reported, read_receipts, system_failure
from pipelines.refusals import (
    changed_terms,
    left_out,
    mark_of,
    refuse_changed_files,
    refuse_missing_files,
    refuse_useless_events,
    resumed,
)
from pipelines.release import sha256_of
from pipelines.shard_files import read_table
from pipelines.sources.files import discover, fragments
from pipelines.sources.fragment import Fragment
from pipelines.staging import Counted, ShardFiles
from pipelines.state import Accounting, DayFacts, DayState, State
from pipelines.stays import HOLD, MISSING
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.errors import InputError, PrivacyRefusal, UsageError

INGEST_ROWS = 2
"""Steps of ingestion take this many times the rows of a step: fragments are read one by one, and memory stays."""


Watch = Callable[[DayKey, ShardFiles, pa.Table, Counted], None]
"""The key of a day, its closed stays, its measures, and what else is counted of it."""


@dataclass(frozen=True)
class Outcome:
    """What a run did: the state that it left, and the warnings of its inputs."""

    state: State
    warnings: tuple[str, ...]
    changed: bool


def run(configuration: Configuration, progress: Progress) -> Outcome:
    """Take all the input there is to a release.

    Goes on where an earlier run stopped; on a complete release it changes nothing.
    """
    keep_freed_memory()
    inputs = inputs_of_now(configuration)
    directory = configuration.release.directory
    working = WorkingDirectory(directory.with_name(f"{directory.name}.work"))
    release.refuse_foreign_directory(directory, begun=working.load() is not None)
    with working.locked():
        begun = working.load()
        driver = Driver(inputs, working, progress)
        try:
            return driver.run(begun)
        except (InputError, UsageError, PrivacyRefusal):
            # A run that began here and published nothing leaves nothing.
            if begun is None and not driver.state.published:
                working.remove(driver.closing.keys)
            raise
        except OSError as error:
            raise system_failure(error, directory.parent) from None


class Driver:
    """Cuts the work into steps and commits each; `state` is what is committed.

    `watch` sees the devices of each day before they are protected: attacks on test releases need them.
    """

    def __init__(
        self, inputs: Inputs, working: WorkingDirectory, progress: Progress, watch: Watch | None = None
    ) -> None:
        self.inputs, self.working, self.progress, self.watch = inputs, working, progress, watch
        self.configuration = inputs.configuration
        self.closing = Closing(inputs, working)
        self.state = State(secrets.token_hex(8), dict(inputs.digests))
        self.changed: list[str] = []

    def run(self, begun: State | None) -> Outcome:
        """All steps that are left to do."""
        if begun is None:
            self.working.clear(self.closing.keys)
        else:
            self.changed = changed_terms(begun, self.inputs.digests)
            self.state = resumed(begun, self.inputs.digests, self.configuration.path, self.working.path)
        before = self.state
        self._sweep()
        self._ingest()
        self._sweep()
        refuse_useless_events(self.state.accounting, self.configuration.input.events)
        self._notice_partial_days()
        for day in sorted(self.state.days):
            self._fold(day)
            self._close(day)
        terms = [f"{name} changed: it holds for privacy days to come" for name in self.changed]
        told = {day: known.facts.notice for day, known in self.state.days.items()}
        notices = [f"privacy day {day}: {notice}" for day, notice in told.items() if notice]
        return Outcome(self.state, (*self.inputs.warnings, *terms, *notices), self.state != before)

    def _sweep(self) -> None:
        """Remove what a killed run left, and the keys of days without an event that counts."""
        self.working.sweep(self.state)
        kept = [date.fromisoformat(day) for day, known in self.state.days.items() if known.status != "closed"]
        self.closing.keys.destroy_all_but(kept)

    def _commit(self, state: State) -> None:
        self.working.commit(state)
        self.state = state

    # Ingestion

    def _ingest(self) -> None:
        """Read what has not been read, a few fragments for each step."""
        try:
            found = discover(self.configuration.input.events)
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
            for some in ingest_steps(waiting, INGEST_ROWS * self.configuration.engine.step_rows):
                waiting = waiting[len(some) :]
                self._ingest_step(some, waiting)
                advance(sum(part.rows or 0 for part in some) if rows else len(some))

    def _ingest_step(self, some: Sequence[Fragment], later: Sequence[Fragment]) -> None:
        place = self._next_place()
        # What the fold has passed does not come again: a file that is delivered after that is late.
        closed = frozenset(day for day, state in self.state.days.items() if state.status != "open" or state.bucket)
        self._beam(place, lambda pipeline: graph.ingest(pipeline, place, some, closed))
        state = replace(
            self.state,
            step=place.step,
            fragments=(*self.state.fragments, *map(name_of, some)),
            unread=tuple(map(name_of, later)),
        )
        digests: dict[Path, bytes] = {}
        for fragment, receipt in zip(some, read_receipts(place.folder, Receipt), strict=True):
            state = replace(state, accounting=state.accounting + receipt.accounting)
            for day, spool in receipt.spools:
                known = state.days.get(day, DayState())
                facts = self._with_input(known.facts, day, fragment, sum(spool.rows), digests)
                state = state.with_day(day, replace(known, spools=(*known.spools, spool), facts=facts))
        # Stop as soon as a day turns up that may not be published.
        self.closing.refuse(state.release_id, [day for day, known in state.days.items() if known.status == "open"])
        self._commit(state)

    def _with_input(
        self, facts: DayFacts, day: str, fragment: Fragment, events: int, digests: dict[Path, bytes]
    ) -> DayFacts:
        """The facts of a day with some events of a file; the file is read once for all days of a step."""
        files = facts.files
        if fragment.file not in files:
            if fragment.path not in digests:
                digests[fragment.path] = sha256_of(fragment.path)
            files = {**files, fragment.file: self.closing.input_mark(day, digests[fragment.path])}
        return replace(facts, files=files, events=facts.events + events)

    # The fold

    def _fold(self, day: str) -> None:
        """Take every event of a day through the fold, in order of time."""
        if self.state.days[day].status != "open":
            return
        waiting = self.state.days[day].waiting
        with self.progress.task(f"Following devices, {day}", sum(waiting.values())) as advance:
            while waiting:
                end = cut(waiting, self.configuration.engine.step_rows)
                rows = sum(count for bucket, count in waiting.items() if bucket < end)
                self._fold_step(day, end, last=rows == sum(waiting.values()))
                waiting = self.state.days[day].waiting
                advance(rows)

    def _notice_partial_days(self) -> None:
        """Say of each day that is about to be counted if its events leave out hours at either end of it."""
        for day, known in self.state.days.items():
            if span := left_out(known, self.closing.grid(day)):
                begin, end = map(self.inputs.calendar.clock, span)
                facts = replace(known.facts, notice=f"events only from {begin} to {end}")
                self.state = self.state.with_day(day, replace(known, facts=facts))

    def _fold_step(self, day: str, end: int, *, last: bool) -> None:
        place, known = self._next_place(), self.state.days[day]
        grid = self.closing.grid(day)
        step = Step(
            watermark=int(grid.slots[-1]) if last else int(grid.slots[0]) + end * BUCKET,
            edges=grid.slots,
            measured=known.measured,
            half_hours=grid.half_hours,
            hold=HOLD,
            missing=MISSING,
            hexagons=self.inputs.footprint.hexagons.size,
            domestic_mcc=self.configuration.area.domestic_mcc,
            last=last,
        )
        span = (int(grid.slots[0]) + known.bucket * BUCKET, int(grid.slots[0]) + end * BUCKET)
        shards = list(shard_inputs(known, self.configuration.engine.shards, span, end))
        privacy_day = date.fromisoformat(day)
        self._beam(place, lambda pipeline: graph.fold(pipeline, place, privacy_day, step, shards))
        receipts = read_receipts(place.folder, FoldReceipt)
        duplicates = sum(receipt.duplicates for receipt in receipts)
        counted = Accounting(accepted=-duplicates, duplicates=duplicates)
        moved = replace(
            known,
            bucket=end,
            measured=step.due,
            spools=tuple(spool for spool in known.spools if spool.buckets[-1] >= end),
            open_stays=() if last else tuple(receipt.open_stays for receipt in receipts),
            closed_stays=(*known.closed_stays, *(receipt.closed_stays for receipt in receipts)),
            measures=(*known.measures, f"{place.folder.name}/{MEASURES}"),
        )
        state = replace(self.state, step=place.step, accounting=self.state.accounting + counted)
        self._commit(state.with_day(day, moved))

    # Closing a day

    def _close(self, day: str) -> None:
        """Publish a day that is over and destroy its key; each part can be repeated until the next is committed."""
        if self.state.days[day].status == "open":
            with self.progress.task(f"Publishing {day}", None):
                staged = self._stage(day)
            self.closing.enter(self.state, day)
            self._commit(self.state.with_day(day, staged))
        if self.state.days[day].status == "staged":
            self.closing.publish(self.state, day)
            self._commit(
                self.state.with_day(day, DayState("closed", facts=DayFacts(notice=self.state.days[day].facts.notice)))
            )

    def _stage(self, day: str) -> DayState:
        """Count, protect and write the tables of a day where they wait for publication; returns its state with them."""
        known, place = self.state.days[day], self._next_place()
        stays: dict[int, list[Batch]] = {}
        for file in known.closed_stays:
            for at, shard in enumerate(file.shards):
                stays.setdefault(shard, []).append((file.file, at))
        elements = [(shard, tuple(files)) for shard, files in sorted(stays.items())]
        self._beam(place, lambda pipeline: graph.close(pipeline, place, date.fromisoformat(day), elements))
        receipts = read_receipts(place.folder, DayReceipt)
        counted = Counted(
            visits=ShardFiles(self.working, [receipt.visits for receipt in receipts]),
            trips=ShardFiles(self.working, [receipt.trips for receipt in receipts]),
            crossings=ShardFiles(self.working, [receipt.crossings for receipt in receipts]),
        )
        release_freed_memory()
        measures = merged([read_table(self.working.resolve(file)) for file in known.measures])
        if self.watch:
            key = self.closing.keys.open(date.fromisoformat(day))
            self.watch(key, ShardFiles(self.working, known.closed_stays), measures, counted)
        facts = replace(known.facts, devices=sum(receipt.devices for receipt in receipts))
        return self.closing.stage(day, measures, counted, facts)

    # Beam

    def _next_place(self) -> Place:
        return Place(self.configuration, self.working, self.state.step + 1)

    def _beam(self, place: Place, build: Callable[[beam.Pipeline], object]) -> None:
        """Run one step; an error for people comes out as itself, not wrapped in Beam's."""
        for file in place.folder.iterdir():
            file.unlink()
        release_freed_memory()
        try:
            graph.run(build)
        except Exception:
            raise_reported(place.folder)
            raise
