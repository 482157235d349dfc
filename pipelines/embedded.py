"""The embedded driver: bounded Beam runs in this process, one for each step, with one atomic commit after each."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import apache_beam as beam

from anonymization.publications import refuse_second_publication
from pipelines import graph, release
from pipelines.closing import Closing, Visited
from pipelines.fold import Step, merged
from pipelines.graph import MEASURES, Batch, Place, ShardInput
from pipelines.ingest import BUCKET, UNLISTED, Receipt
from pipelines.inputs import HOLD, Inputs, inputs_of
from pipelines.progress import Progress
from pipelines.receipts import FoldReceipt, VisitReceipt, raise_reported, read_receipts, system_failure
from pipelines.shard_files import read_table
from pipelines.sources.files import discover, fragments
from pipelines.sources.fragment import Fragment
from pipelines.state import Accounting, DayState, State
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.errors import InputError, PrivacyRefusal, UsageError


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
    inputs = inputs_of(configuration)
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
                working.remove()
            raise
        except OSError as error:
            raise system_failure(error, directory.parent) from None


class Driver:
    """Cuts the work into steps and commits each; `state` is what is committed."""

    def __init__(self, inputs: Inputs, working: WorkingDirectory, progress: Progress) -> None:
        self.inputs, self.working, self.progress = inputs, working, progress
        self.configuration = inputs.configuration
        self.closing = Closing(inputs, working)
        self.state = State(secrets.token_hex(8), dict(inputs.digests))

    def run(self, begun: State | None) -> Outcome:
        """All steps that are left to do."""
        if begun is None:
            self.working.clear()
        else:
            self.state = begun
            self._refuse_changed_terms()
        before = self.state
        self._sweep()
        self._ingest()
        self._sweep()
        self._refuse_useless_events()
        partial = [self._notice(day) for day in sorted(self.state.days)]
        for day in sorted(self.state.days):
            self._fold(day)
            self._close(day)
        warnings = (*self.inputs.warnings, *(notice for notice in partial if notice))
        return Outcome(self.state, warnings, self.state != before)

    def _sweep(self) -> None:
        """Remove what a killed run left, and the keys of days without an event that counts."""
        self.working.sweep(self.state)
        kept = [date.fromisoformat(day) for day, known in self.state.days.items() if known.status != "closed"]
        self.closing.keys.destroy_all_but(kept)

    def _commit(self, state: State) -> None:
        self.working.commit(state)
        self.state = state

    def _refuse_changed_terms(self) -> None:
        """A release keeps the configuration that it began with."""
        current = dict(self.inputs.digests)
        changed = sorted(name for name in current if self.state.digests.get(name) != current[name])
        if not changed:
            return
        message = f"{self.configuration.path}: {', '.join(changed)} changed since this release was begun"
        if self.state.published:
            raise PrivacyRefusal(
                f"{message}; its privacy days are published, and each is published once",
                "restore what it began with, or publish new privacy days to another [release] directory",
            )
        raise UsageError(message, f"restore it, or remove {self.working.path} to begin again")

    # Ingestion

    def _ingest(self) -> None:
        """Read what has not been read, a few fragments for each step."""
        try:
            found = discover(self.configuration.input.events)
        except InputError:
            if self.state.fragments and not self.state.unread:
                return
            raise
        self._refuse_changed_files({name: _mark(path) for name, path in found.items()})
        waiting = [part for part in fragments(found) if _name(part) not in self.state.fragments]
        self._refuse_missing_files(waiting)
        if waiting:
            self.closing.refuse_useless_signing_key()
        rows = sum(part.rows or 0 for part in waiting)
        with self.progress.task("Reading events", rows or len(waiting)) as advance:
            for some in _steps(waiting, self.configuration.engine.step_rows):
                waiting = waiting[len(some) :]
                self._ingest_step(some, waiting)
                advance(sum(part.rows or 0 for part in some) if rows else len(some))

    def _refuse_useless_events(self) -> None:
        """Events of which none can be used are the wrong ones, or are read under the wrong names."""
        counted = self.state.accounting
        if counted.all_rejected < counted.rows_in or not counted.rejected.keys() - set(UNLISTED):
            return
        reasons = ", ".join(f"{reason}: {rows:,}" for reason, rows in counted.rejected.items())
        raise InputError(
            f"{self.configuration.input.events}: expected events, got {counted.rows_in:,} rows "
            f"of which every one is rejected ({reasons})",
            "check that events and cells name cells alike, and the names of columns in [input.columns.events]",
        )

    def _refuse_changed_files(self, marks: dict[str, tuple[int, int]]) -> None:
        """A file that was read, even in part, must not change."""
        for name, mark in marks.items():
            if self.state.inputs.get(name, mark) != mark:
                raise InputError(
                    f"{name}: expected the file that was read before, got another size or time",
                    "restore it, and deliver new events in a new file",
                )
        self.state = replace(self.state, inputs={**self.state.inputs, **marks})

    def _refuse_missing_files(self, waiting: Sequence[Fragment]) -> None:
        """What was found when the release was begun must all be read: its privacy days are published once."""
        for name in self.state.unread:
            if name not in map(_name, waiting):
                raise InputError(
                    f"{name.rpartition('#')[0]}: expected the rest of a file that was there before, got no such file",
                    "restore it: what is published without its events cannot be published again",
                )

    def _ingest_step(self, some: Sequence[Fragment], later: Sequence[Fragment]) -> None:
        place = self._next_place()
        # What the fold has passed does not come again: a file that is delivered after that is late.
        closed = frozenset(day for day, state in self.state.days.items() if state.status != "open" or state.bucket)
        self._beam(place, lambda pipeline: graph.ingest(pipeline, place, some, closed))
        state = replace(
            self.state,
            step=place.step,
            fragments=(*self.state.fragments, *map(_name, some)),
            unread=tuple(map(_name, later)),
        )
        for receipt in read_receipts(place.folder, Receipt):
            state = replace(state, accounting=state.accounting + receipt.accounting)
            for day, spool in receipt.spools:
                known = state.days.get(day, DayState())
                state = state.with_day(day, replace(known, spools=(*known.spools, spool)))
        self._refuse_second_publication(state)
        self._commit(state)

    def _refuse_second_publication(self, state: State) -> None:
        """Stop as soon as a day turns up that was published before, in another way."""
        open_days = [day for day, known in state.days.items() if known.status == "open"]
        refuse_second_publication(
            self.configuration.release.register, self.closing.publications(self.state.release_id, open_days)
        )

    # The fold

    def _fold(self, day: str) -> None:
        """Take every event of a day through the fold, in order of time."""
        if self.state.days[day].status != "open":
            return
        waiting = self.state.days[day].waiting
        with self.progress.task(f"Following devices, {day}", sum(waiting.values())) as advance:
            while waiting:
                end = _cut(waiting, self.configuration.engine.step_rows)
                rows = sum(count for bucket, count in waiting.items() if bucket < end)
                self._fold_step(day, end, last=rows == sum(waiting.values()))
                waiting = self.state.days[day].waiting
                advance(rows)

    def _notice(self, day: str) -> str:
        """A warning where the events of a day that is about to be published leave out hours at either end of it."""
        known = self.state.days[day]
        if known.status != "open" or known.bucket or not known.waiting:
            return ""
        grid = self.closing.grid(day)
        first, last = (int(grid.slots[0]) + bucket * BUCKET for bucket in (min(known.waiting), max(known.waiting) + 1))
        if first - grid.slots[0] <= HOLD and grid.slots[-1] - last <= HOLD:
            return ""
        begin, end = (self.inputs.calendar.clock(moment) for moment in (first, last))
        return f"privacy day {day}: events only from {begin} to {end}; what is published of it is final"

    def _fold_step(self, day: str, end: int, *, last: bool) -> None:
        place, known = self._next_place(), self.state.days[day]
        grid = self.closing.grid(day)
        step = Step(
            watermark=int(grid.slots[-1]) if last else int(grid.slots[0]) + end * BUCKET,
            edges=grid.slots,
            measured=known.measured,
            half_hours=grid.half_hours,
            hold=HOLD,
            hexagons=self.inputs.footprint.hexagons.size,
            domestic_mcc=self.configuration.area.domestic_mcc,
            last=last,
        )
        span = (int(grid.slots[0]) + known.bucket * BUCKET, int(grid.slots[0]) + end * BUCKET)
        shards = list(_shard_inputs(known, self.configuration.engine.shards, span, end))
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
                files = self._stage(day)
            self.closing.enter(self.state, day)
            self._commit(self.state.with_day(day, DayState("staged", files=files)))
        if self.state.days[day].status == "staged":
            self.closing.publish(self.state, day)
            self._commit(self.state.with_day(day, DayState("closed")))

    def _stage(self, day: str) -> dict[str, tuple[str, int]]:
        """Count, protect and write the tables of a day where they wait for publication."""
        known, place = self.state.days[day], self._next_place()
        stays: dict[int, list[Batch]] = {}
        for file in known.closed_stays:
            for at, shard in enumerate(file.shards):
                stays.setdefault(shard, []).append((file.file, at))
        elements = [(shard, tuple(files)) for shard, files in sorted(stays.items())]
        self._beam(place, lambda pipeline: graph.close(pipeline, place, elements))
        visited = Visited(self.working, [receipt.visits for receipt in read_receipts(place.folder, VisitReceipt)])
        measures = merged([read_table(self.working.resolve(file)) for file in known.measures])
        return self.closing.stage(day, measures, visited)

    # Beam

    def _next_place(self) -> Place:
        return Place(self.configuration, self.working, self.state.step + 1)

    def _beam(self, place: Place, build: Callable[[beam.Pipeline], object]) -> None:
        """Run one step; an error for people comes out as itself, not wrapped in Beam's."""
        for file in place.folder.iterdir():
            file.unlink()
        try:
            graph.run(build)
        except Exception:
            raise_reported(place.folder)
            raise


def _mark(path: Path) -> tuple[int, int]:
    """What tells that a file has changed: its size and time of modification."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _name(fragment: Fragment) -> str:
    """What a fragment is called in the state."""
    return f"{fragment.file}#{fragment.first}"


def _steps(waiting: Sequence[Fragment], rows: int) -> Iterator[list[Fragment]]:
    """Fragments for each step: about `rows` events, or one file of unknown length."""
    some: list[Fragment] = []
    for fragment in waiting:
        size = rows if fragment.rows is None else fragment.rows
        if some and size + sum(rows if part.rows is None else part.rows for part in some) > rows:
            yield some
            some = []
        some.append(fragment)
    if some:
        yield some


def _cut(waiting: dict[int, int], rows: int) -> int:
    """The bucket before which a step ends: about `rows` events, at least one bucket."""
    total = 0
    for bucket, count in waiting.items():
        if total and total + count > rows:
            return bucket
        total += count
    return bucket + 1


def _shard_inputs(known: DayState, shards: int, span: tuple[int, int], end: int) -> Iterator[ShardInput]:
    """What each shard takes into a step that ends before bucket `end`."""
    files = [spool.file for spool in known.spools if any(known.bucket <= bucket < end for bucket in spool.buckets)]
    carried = {shard: (file.file, at) for file in known.open_stays for at, shard in enumerate(file.shards)}
    for shard in range(shards):
        open_stays = (carried[shard],) if shard in carried else ()
        yield ShardInput(shard, open_stays, tuple((file, shard) for file in files), span)
