"""Following an inbox: whole files, in the order of their names in each of its folders."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipelines.ahead import FAR_AHEAD, FOREVER, Reach
from pipelines.embedded import INGEST_ROWS
from pipelines.follow.follower import Follower
from pipelines.follow.forgetting import without_gone_files
from pipelines.follow.inbox import Inbox, in_turn, partition_of
from pipelines.follow.log import Log
from pipelines.follow.told import coarse
from pipelines.ingest import Receipt
from pipelines.inputs import Inputs
from pipelines.planning import name_of
from pipelines.progress import Progress
from pipelines.refusals import mark_of
from pipelines.sources.fragment import Fragment
from pipelines.state import Partition, State
from pipelines.working_directory import WorkingDirectory
from schemas.errors import InputError


class FileFollower(Follower):
    """Takes the files of an inbox."""

    def __init__(
        self,
        inputs: Inputs,
        working: WorkingDirectory,
        progress: Progress,
        log: Log,
        clock: Callable[[], float],
    ) -> None:
        super().__init__(inputs, working, progress, log, clock)
        self.inbox = Inbox(self.configuration.input.files)
        self._behind: frozenset[str] | None = None

    @property
    def refused(self) -> int:
        """How many files could not be read."""
        return len(self.inbox.refused)

    def end(self) -> None:
        """Nothing: an inbox is a folder."""

    def expected(self) -> frozenset[str]:
        """The partitions with files that are still to be read: these may have the earliest events."""
        if self._behind is None:
            self._behind = frozenset(partition_of(file) for file, _ in self._unread())
        return self._behind

    def idle(self) -> list[str]:
        """The partitions that have delivered nothing for a minute, and have nothing that is still to be read."""
        return [name for name in super().idle() if name not in self.expected()]

    def _unread(self) -> list[tuple[str, Path]]:
        read = {name.rpartition("#")[0] for name in self.state.fragments}
        return self.inbox.unread({file: mark for file, mark in self.state.inputs.items() if file in read})

    def take(self) -> bool:
        """Read whole files in a step; those that cannot be read are refused one by one, and hold nobody up."""
        refused = dict(self.inbox.refused)
        highs = {name: known.high for name, known in self.state.partitions.items() if known.high is not None}
        waiting = in_turn(self._unread(), highs)
        some = self.inbox.some(waiting, INGEST_ROWS * self.configuration.engine.step_rows)
        taken = {parts[0].file for parts in some} | self.inbox.refused.keys()
        self._behind = frozenset(partition_of(file) for file, _ in waiting if file not in taken)
        self.deliveries.expect(self._behind)
        for file in self.inbox.refused.keys() - refused.keys():
            self._refuse(file, self.inbox.refused[file])
        if not some:
            return False
        try:
            self._take_files(some)
        except (InputError, FileNotFoundError):
            # It does not say which one: each by itself does.
            for parts in some:
                self._take_one(parts)
        return True

    def forgetting(self, state: State) -> State:
        """A state without the names of files that are gone, and belong to no open day."""
        there = {file for file, _ in self.inbox.files()}
        self.inbox.refused = {file: reason for file, reason in self.inbox.refused.items() if file in there}
        if state.watermark is None:
            return state
        kept = without_gone_files(state, there, self._start_of(self._day_of(state.watermark)), self.lateness)
        self.deliveries.keep(kept.partitions)
        return kept

    def _take_one(self, parts: Sequence[Fragment]) -> None:
        try:
            self._take_files([parts])
        except (InputError, FileNotFoundError) as error:
            # With one that was moved away in the meantime nothing is wrong: it is taken where it is there again.
            if not parts[0].path.exists():
                return
            if not isinstance(error, InputError):
                raise
            self._refuse(parts[0].file, error.message)

    def _refuse(self, file: str, reason: str) -> None:
        self.inbox.refused[file] = reason
        self.log("file refused", file=file, reason=reason)

    def _take_files(self, files: Sequence[Sequence[Fragment]]) -> None:
        """Read files in one step, and enter them in their order."""
        self.closing.refuse_useless_signing_key()
        # Before it is read: what comes to a file in the meantime changes it.
        marks = {parts[0].file: mark_of(parts[0].path) for parts in files}
        receipts = iter(self.read([part for parts in files for part in parts], self.closed()))
        state, digests = replace(self.state, step=self.state.step + 1), dict[Path, bytes]()
        for parts in files:
            state = self._with_file(state, parts, [next(receipts) for _ in parts], digests)
        state = replace(state, inputs=state.inputs | marks)
        rows = state.accounting.rows_in - self.state.accounting.rows_in
        late = state.accounting.late - self.state.accounting.late
        self.enter(state)
        told = {"rows": coarse(rows, self.k), "late": coarse(late, self.k)}
        self.log("files read", files=len(files), last=files[-1][0].file, **told)

    def _in_reach(
        self, file: str, receipts: Sequence[Receipt], known: Partition
    ) -> tuple[Sequence[Receipt], Partition]:
        """The receipts of a file without what is far ahead of its partition, and the partition after it."""
        counted = [receipt.buckets(self._start_of) for receipt in receipts]
        time, rows = (np.concatenate(arrays) for arrays in zip(*counted, strict=True))
        order = np.argsort(time, kind="stable")
        limit, reach = FOREVER, Reach(known.high, known.doubted)
        if time.size:
            limit, reach = reach.with_delivery(time[order], rows[order])
        highs = [each for each in (known.high, *(receipt.high for receipt in receipts)) if each is not None]
        if limit == FOREVER:
            return receipts, Partition(max(highs, default=None), 0, reach.doubted)
        taken = [receipt.until(limit, self._start_of) for receipt in receipts]
        far = sum(receipt.accounting.rejected.get(FAR_AHEAD, 0) for receipt in taken)
        self.log("events far ahead", file=file, rows=coarse(far, self.k))
        return taken, Partition(reach.high, 0, reach.doubted)

    def _start_of(self, day: str) -> int:
        return int(self.closing.grid(day).slots[0])

    def _with_file(
        self, state: State, parts: Sequence[Fragment], receipts: Sequence[Receipt], digests: dict[Path, bytes]
    ) -> State:
        """A state with a file: late is what is older than the files before it in its partition allow."""
        file = parts[0].file
        name = partition_of(file)
        self.deliveries.arrived(name)
        known = state.partitions.get(name, Partition(None))
        taken, partition = self._in_reach(file, receipts, known)
        for part, receipt in zip(parts, taken, strict=True):
            state = self.entered(state, receipt, self.first_taken(state, known.high), self.mark_of_file(part, digests))
        partitions = state.partitions | ({} if partition == Partition(None) else {name: partition})
        return replace(state, fragments=(*state.fragments, *map(name_of, parts)), partitions=partitions)
