"""Steps of the embedded driver: each is a bounded Beam run in this process, with one atomic commit after it."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import apache_beam as beam
import pyarrow as pa

from anonymization.key_service import DayKey
from pipelines import graph
from pipelines.allocator import release_freed_memory
from pipelines.closing import Closing
from pipelines.fold import merged
from pipelines.graph import Place, file_of
from pipelines.ingest import ClosedDays, Receipt, Source
from pipelines.inputs import Inputs
from pipelines.kept_inputs import KeptInputs
from pipelines.open_registers import OPEN_REGISTERS
from pipelines.planning import Batch, shard_inputs
from pipelines.progress import Progress
from pipelines.receipts import DayReceipt, FoldReceipt, raise_reported, read_receipts
from pipelines.release import sha256_of
from pipelines.shard_files import read_table, write_batches
from pipelines.sources.fragment import Fragment
from pipelines.staging import Counted, ShardFiles
from pipelines.state import Accounting, DayFacts, DayState, State
from pipelines.sums import HEARD_EVENTS, MEASURES
from pipelines.working_directory import WorkingDirectory
from schemas.tables import HEARD, PRESENCE_COUNT

MarkInput = Callable[[str, dict[str, str]], dict[str, str]]
"""Takes a day, and the keyed digests of its inputs by their names; returns them with one more."""

Watch = Callable[[DayKey, ShardFiles, pa.Table, Counted], None]
"""The key of a day, its closed stays, its measures, and what else is counted of it."""


class Steps:
    """What a driver does, one step at a time; `state` is what is committed.

    `watch` sees the devices of each day before they are protected: attacks on test releases need them.
    """

    def __init__(
        self, inputs: Inputs, working: WorkingDirectory, progress: Progress, watch: Watch | None = None
    ) -> None:
        self.inputs, self.working, self.progress, self.watch = inputs, working, progress, watch
        self.configuration = inputs.configuration
        self.closing = Closing(inputs, working)
        self.kept = KeptInputs(working.kept_inputs)
        self.state = State(secrets.token_hex(8), dict(inputs.digests), driver=self.configuration.engine.driver)

    def inputs_of(self, day: str) -> Inputs:
        """What a privacy day began with; the inputs of now where it is yet to begin, or nothing is kept."""
        known = self.state.days.get(day, DayState(terms=self.state.terms))
        return (
            self.inputs if known.terms in ("", self.state.terms) else self.kept.inputs(known.terms, self.configuration)
        )

    def closing_of(self, day: str) -> Closing:
        """What closes a day, under what it began with."""
        return self.closing.under(self.inputs_of(day))

    def commit(self, state: State) -> None:
        """Make a state the one that a killed run goes on from."""
        self.working.commit(state)
        self.state = state

    def sweep(self, coming: Collection[date] = ()) -> None:
        """Remove what a killed run left, and the keys of days without an event that counts, but for days to come.

        A step that was killed may have made the key of a day, and is taken again: not before that is it known which
        days have no event. So it is not for the beginning of a run.
        """
        self.working.sweep(self.state)
        kept = [date.fromisoformat(day) for day, known in self.state.days.items() if known.status != "closed"]
        kept += [day for day in coming if day.isoformat() not in self.state.days]
        self.closing.keys.destroy_all_but(kept)
        OPEN_REGISTERS.keep(kept)

    # Ingestion

    def read(self, some: Sequence[Source], closed: ClosedDays) -> list[Receipt]:
        """Spool the events of fragments or of messages in a step of its own; returns a receipt for each."""
        place = self.next_place()
        begun = {day: self.inputs_of(day).configuration for day in self.state.days if day not in closed}
        self._beam(place, lambda pipeline: graph.ingest(pipeline, place, some, closed, begun))
        return read_receipts(place.folder, Receipt)

    def entered(self, state: State, receipt: Receipt, first: Callable[[str], int], mark: MarkInput) -> State:
        """A state with what was read of a fragment, or of messages; `mark` adds what tells them again to a day's facts.

        Rows of a day in buckets before `first(day)` are late.
        """
        state = replace(state, accounting=state.accounting + receipt.accounting)
        for day, spool in receipt.spools:
            known = state.days.get(day, DayState(terms=state.terms))
            kept, late = spool.since(first(day))
            state = replace(state, accounting=state.accounting + Accounting(accepted=-late, late=late))
            if kept.buckets:
                facts = replace(known.facts, events=known.facts.events + sum(kept.rows))
                facts = replace(facts, files=mark(day, facts.files))
                state = state.with_day(day, replace(known, spools=(*known.spools, kept), facts=facts))
        return state

    def mark_of_file(self, fragment: Fragment, digests: dict[Path, bytes]) -> MarkInput:
        """What marks a file among a day's inputs: its digest, read once for all days, which `digests` keep."""

        def mark(day: str, files: dict[str, str]) -> dict[str, str]:
            if fragment.file in files:
                return files
            if fragment.path not in digests:
                digests[fragment.path] = sha256_of(fragment.path)
            return {**files, fragment.file: self.closing.input_mark(day, digests[fragment.path])}

        return mark

    # The fold

    def fold(self, day: str, end: int, *, last: bool) -> None:
        """Take the events of a day before bucket `end` through the fold; with `last`, the day is over."""
        place, known = self.next_place(day), self.state.days[day]
        grid = self.closing.grid(day)
        start = int(grid.slots[0])
        step = self.inputs_of(day).ground.step(grid, end, known.measured, last=last)
        shards = list(shard_inputs(known, self.configuration.engine.shards, start, end))
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
            carried=0 if last else sum(receipt.carried for receipt in receipts),
            closed_stays=(*known.closed_stays, *(receipt.closed_stays for receipt in receipts)),
            measures=(*known.measures, f"{place.folder.name}/{file_of(MEASURES)}"),
            heard=(*known.heard, f"{place.folder.name}/{file_of(HEARD_EVENTS)}"),
        )
        state = replace(self.state, step=place.step, accounting=self.state.accounting + counted)
        self.commit(state.with_day(day, moved))

    # Windows of an open day

    def publish_windows(self, day: str) -> None:
        """Publish the windows of an open day that are due; each part can be repeated until the next is committed."""
        known = self.state.days[day]
        if not known.waiting_slots:
            place = self.next_place(day)
            # One file for all steps so far: there are many steps, and the next windows need them all again.
            measures = self._measures(known)
            write_batches(place.folder / file_of(MEASURES), PRESENCE_COUNT.schema, [measures])
            write_batches(place.folder / file_of(HEARD_EVENTS), HEARD.schema, [self.closing_of(day).heard(known)])
            folder = place.folder.name
            heard = (f"{folder}/{file_of(HEARD_EVENTS)}",) if known.is_heard_whole else ()
            summed = replace(known, measures=(f"{folder}/{file_of(MEASURES)}",), heard=heard)
            staged = self.closing_of(day).stage_windows(day, measures, summed)
            self.closing_of(day).tell(day, summed, over=False)
            self.closing_of(day).enter(self.state, day)
            self.commit(replace(self.state, step=place.step).with_day(day, staged))
        known = self.state.days[day]
        self.closing_of(day).publish_windows(self.state, day)
        self.commit(self.state.with_day(day, replace(known, published=known.waiting_slots, waiting_slots=0)))

    # Closing a day

    def close(self, day: str) -> None:
        """Publish a day that is over and destroy its key; each part can be repeated until the next is committed."""
        if self.state.days[day].status == "open":
            if self.state.days[day].waiting_slots:
                self.publish_windows(day)
            with self.progress.task(f"Publishing {day}", None):
                staged = self._stage(day)
            self.closing_of(day).enter(self.state, day)
            self.commit(self.state.with_day(day, staged))
        if self.state.days[day].status == "staged":
            self.closing_of(day).publish(self.state, day)
            notice = self.state.days[day].facts.notice
            self.commit(self.state.with_day(day, DayState("closed", facts=DayFacts(notice=notice))))

    def _stage(self, day: str) -> DayState:
        """Count, protect and write the tables of a day where they wait for publication; returns its state with them."""
        known, place = self.state.days[day], self.next_place(day)
        receipts = self.day_receipts(day, known, place)
        counted = Counted(
            visits=ShardFiles(self.working, [receipt.visits for receipt in receipts]),
            trips=ShardFiles(self.working, [receipt.trips for receipt in receipts]),
            crossings=ShardFiles(self.working, [receipt.crossings for receipt in receipts]),
        )
        release_freed_memory()
        measures = self._measures(known)
        if self.watch:
            key = self.closing.keys.open(date.fromisoformat(day))
            self.watch(key, ShardFiles(self.working, known.closed_stays), measures, counted)
        facts = replace(known.facts, devices=sum(receipt.devices for receipt in receipts))
        staged = self.closing_of(day).stage(day, measures, counted, replace(known, facts=facts))
        cell_hours = ShardFiles(self.working, [receipt.cell_hours for receipt in receipts])
        # Killed before the commit, a run does it all again, and finds the same.
        self.closing_of(day).tell(day, known, over=True)
        if known.is_heard_whole:
            listening, heard = self.closing_of(day).listening(day), self.closing_of(day).heard(known)
            listening.keep(heard, cell_hours)
            listening.report(heard, staged, self.state)
        return staged

    def day_receipts(self, day: str, known: DayState, place: Place) -> list[DayReceipt]:
        """What all shards did on a day that is over; files of it are written into the folder of a step."""
        stays: dict[int, list[Batch]] = {}
        for file in known.closed_stays:
            for at, shard in enumerate(file.shards):
                stays.setdefault(shard, []).append((file.file, at))
        elements = [(shard, tuple(files)) for shard, files in sorted(stays.items())]
        self._beam(place, lambda pipeline: graph.close(pipeline, place, date.fromisoformat(day), elements))
        return read_receipts(place.folder, DayReceipt)

    def _measures(self, known: DayState) -> pa.Table:
        """The PRESENCE_COUNT rows of all steps of a day so far."""
        return merged([read_table(self.working.resolve(file)) for file in known.measures])

    # Beam

    def next_place(self, day: str = "") -> Place:
        """Where the next step works, under what a day began with."""
        configuration = self.inputs_of(day).configuration if day else self.configuration
        return Place(configuration, self.working, self.state.step + 1)

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
        finally:
            release_freed_memory()
