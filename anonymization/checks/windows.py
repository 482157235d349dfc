"""The files of a privacy day, read in the order of their windows: an hour and its slots are in memory at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from anonymization.checks.day import Day, starts
from anonymization.checks.evidence import Evidence, listed, place_of
from anonymization.checks.outcome import Unsound
from anonymization.checks.tables import read_batches
from anonymization.checks.terms import Terms, terms_of
from anonymization.checks.zone_map import ZoneMap
from anonymization.entries import Body, Entry
from schemas.indicators import INDICATORS


@dataclass(frozen=True)
class DayFiles:
    """The files of a day by indicator, each with its record.

    `unread`: a sentence for each file that is not there as listed; `unsound`: for each whose form is wrong, once its
    rows have been read.
    """

    root: Path
    terms: Terms
    zones: ZoneMap | None
    files: Mapping[str, Mapping[str, Body]]
    unread: tuple[str, ...]
    unsound: list[str] = field(default_factory=list)

    def pieces(self) -> Iterator[Day]:
        """The figures of the whole day, then those of one hour after the other, each with the slots that go with it."""
        of_day = [name for name in self.files if INDICATORS[name].window == "day"]
        tables = {name: _joined(name, list(self._rows(name))) for name in of_day}
        # All that the hours need of the day is where their movements begin and end.
        ends = Day(self.terms, self.zones, {name: tables[name] for name in tables if name == "attendance"})
        pa.default_memory_pool().release_unused()
        yield Day(self.terms, self.zones, tables)
        tables = {}
        names = [name for name in self.files if name not in of_day]
        runs = [self._runs(name) for name in names]
        for of_hour in zip(*runs, strict=True):
            pa.default_memory_pool().release_unused()
            yield Day(self.terms, self.zones, dict(zip(names, of_hour, strict=True)), ends)

    def _runs(self, name: str) -> Iterator[pa.Table]:
        """The rows of each hour; of slots, from the one that stands for an hour to before that of the next."""
        by_slot = INDICATORS[name].window == "slot"
        begins = self.terms.slots_of_hours() if by_slot else self.terms.edges("hour")[:-1]
        run = 0
        held: list[pa.Table] = []
        for rows in self._rows(name):
            at = np.maximum(np.searchsorted(begins, starts(rows), "right") - 1, 0)
            if at.size and (at[0] < run or (np.diff(at) < 0).any()):
                self.unsound.append(f"{self.terms.day} {name}: rows are not in canonical order")
                held = []
                break
            for number in range(run, int(at.max(initial=run))):
                end = int(np.searchsorted(at, number, "right"))
                begin = int(np.searchsorted(at, number, "left"))
                yield _joined(name, [*held, rows.slice(begin, end - begin)])
                held = []
            run = int(at.max(initial=run))
            held.append(rows.slice(int(np.searchsorted(at, run, "left"))))
        for _ in range(run, begins.size):
            yield _joined(name, held)
            held = []

    def _rows(self, name: str) -> Iterator[pa.Table]:
        """The rows of an indicator, some at a time, as far as its files are sound."""
        for path, record in self.files[name].items():
            rows = 0
            try:
                for batch in read_batches(self.root / path, INDICATORS[name]):
                    rows += batch.num_rows
                    yield batch
            except Unsound as error:
                self.unsound.append(f"{path} {error}")
                continue
            if rows != record.get("rows"):
                self.unsound.append(f"{path} has {rows} rows, but another number is listed")


def files_of_day(evidence: Evidence, entry: Entry, zones: ZoneMap | None) -> DayFiles:
    """The files of an entry; raises Unsound where its terms cannot be read."""
    terms = terms_of(entry)
    files: dict[str, dict[str, Body]] = {}
    unread = []
    for path, record in sorted(listed(entry).items()):
        place = place_of(path)
        if place is None or not evidence.intact(path, record):
            unread.append(f"{path} is not there as listed")
        else:
            files.setdefault(place[0], {})[path] = record
    return DayFiles(evidence.inventory.root, terms, zones, files, tuple(unread))


def _joined(name: str, tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables([INDICATORS[name].table.empty(), *tables])
