"""A release that verifies: its days, its tables, read only as they were published, and what it says of itself."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anonymization.checks.terms import Terms, terms_of
from anonymization.degraded import DEGRADED, Degraded, read_degraded
from anonymization.entries import DAY, EVENTS, SHARED, STATEMENTS, ZONES, Entry, days_of
from anonymization.happenings import Happening, read_events
from anonymization.manifest import read_chain
from anonymization.passed import refused, see_that_it_passes
from anonymization.records import FileRecord
from schemas.indicators import INDICATORS


@dataclass(frozen=True)
class Day:
    """One privacy day as its entries state it; `unit` is what k counts, `files` is keyed by path.

    `over`: whether it is published as a whole; of an open day there are windows of presence so far. `degraded`: figures
    during which radio cells were silent. `published`: when the last of its entries was made, ISO 8601, UTC.
    """

    terms: Terms
    timezone: str
    unit: str
    files: dict[str, FileRecord]
    over: bool = True
    degraded: tuple[Degraded, ...] = ()
    published: str = ""

    @property
    def date(self) -> date:
        """The privacy day."""
        return self.terms.day

    def files_of(self, indicator: str) -> dict[str, FileRecord]:
        """The files of an indicator, in the order of their names."""
        return {path: self.files[path] for path in sorted(self.files) if path.partition("/")[0] == indicator}

    def rows(self, indicator: str) -> int:
        """How many rows of an indicator the day has."""
        return sum(record.rows for record in self.files_of(indicator).values())


@dataclass(frozen=True)
class Release:
    """A verified release; `days` in order; `head` is the SHA-256 of the last entry of its chain.

    `shared`: the SHA-256 of the files that the last day shares with others.
    """

    root: Path
    release_id: str
    head: str
    days: tuple[Day, ...]
    shared: dict[str, str]

    @property
    def test(self) -> bool:
        """Whether a day of it is marked as a test."""
        return any(day.terms.test for day in self.days)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that have rows, in the order in which they are declared."""
        return tuple(name for name in INDICATORS if self.rows(name))

    def rows(self, indicator: str) -> int:
        """How many rows of an indicator there are over all days."""
        return sum(day.rows(indicator) for day in self.days)

    def table(self, indicator: str, day: Day) -> pa.Table:
        """The rows of a day in their published order; raises CheckFailed where a file has changed."""
        declared = INDICATORS[indicator].table
        files = [self._read(path, record.sha256) for path, record in day.files_of(indicator).items()]
        tables = [pq.ParquetFile(pa.BufferReader(data)).read() for data in files]
        return declared.conform(pa.concat_tables(tables) if tables else declared.empty())

    def tables(self, indicator: str) -> Iterator[tuple[Day, pa.Table]]:
        """The days that have rows of an indicator, one in memory at a time."""
        for day in self.days:
            if day.rows(indicator):
                yield day, self.table(indicator, day)

    def zones(self) -> bytes:
        """The GeoJSON of the zones of the last day."""
        return self._read(ZONES, self.shared[ZONES])

    def events(self) -> tuple[Happening, ...]:
        """The events that the last day states, in the order of their start; of an earlier version's release none."""
        return read_events(self._read(EVENTS, self.shared[EVENTS])) if EVENTS in self.shared else ()

    def statements(self) -> dict[str, bytes]:
        """By file name: what was done to the figures, in words, in each language."""
        return {Path(path).name: self._read(path, self.shared[path]) for path in STATEMENTS.values()}

    def _read(self, path: str, sha256: str) -> bytes:
        try:
            data = (self.root / path).read_bytes()
        except OSError as error:
            raise refused(self.root, f"{path} cannot be read ({error.strerror})") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise refused(self.root, f"{path} is not as it was published")
        return data


def open_release(root: Path, verified: str = "") -> Release:
    """The release in a folder.

    It is audited in full, unless its head is `verified`: that of an audit which has just passed. Raises CheckFailed
    with the reasons where it does not pass.
    """
    entries = read_chain(root) if verified else []
    if not entries or entries[-1].sha256 != verified:
        see_that_it_passes(root)
        entries = read_chain(root)
    return _as_stated(root, entries)


def as_stated(root: Path) -> Release:
    """The release in a folder as its manifest states it, which nobody has verified."""
    return _as_stated(root, read_chain(root))


def _as_stated(root: Path, entries: Sequence[Entry]) -> Release:
    published = days_of(entries)
    days = tuple(sorted((_day(entry) for entry in published), key=lambda day: day.date))
    stated = published[-1].block("shared")
    shared = {path: str(stated[path]) for path in SHARED if path in stated}
    return Release(root, str(published[-1].body["release_id"]), entries[-1].sha256, days, shared)


def _day(entry: Entry) -> Day:
    """A day whose entries passed the audit."""
    files = {path: _record(record) for path, record in entry.block("files").items()}
    timezone, unit = str(entry.block("time")["timezone"]), str(entry.body["unit"])
    degraded = read_degraded(entry.body[DEGRADED]) if DEGRADED in entry.body else ()
    return Day(terms_of(entry), timezone, unit, files, entry.kind == DAY, degraded, str(entry.body["created_at"]))


def _record(stated: object) -> FileRecord:
    record = stated if isinstance(stated, dict) else {}
    return FileRecord(str(record["sha256"]), int(record["rows"]))
