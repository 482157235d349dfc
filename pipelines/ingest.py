"""One fragment of an events file, from its bytes to spooled pseudonymous events: where identifiers end."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymization.atomic import make_directory, replacing
from anonymization.key_service import KeyService
from anonymization.keys import PSEUDONYM
from pipelines.arrays import Ints, instants
from pipelines.boundary import (
    LINE_TYPE_LEFT_OUT,
    SUBSCRIBER_OPTED_OUT,
    cross,
)
from pipelines.conform import conform
from pipelines.day_register import DayRegister
from pipelines.inputs import Inputs
from pipelines.shard_files import write_batches
from pipelines.shards import split
from pipelines.sources.files import read
from pipelines.sources.fragment import MALFORMED_ROW, MAX_BATCH_ROWS, Batch, Fragment
from pipelines.state import Accounting, Spool
from schemas.tables import DEAD_LETTER, PROBE

EPOCH: Final = date(1970, 1, 1)

BUCKET: Final = 5 * 60_000_000
"""Spooled events are counted by buckets of five minutes, the smallest slot: steps are cut between buckets."""

UNLISTED: Final = (SUBSCRIBER_OPTED_OUT, LINE_TYPE_LEFT_OUT)
"""Rows of people who are left out are counted, and kept nowhere, not even by their number."""


@dataclass(frozen=True)
class Receipt:
    """What became of a fragment: rows counted, and spool files, each of one privacy day.

    `high`: the latest time of an event that is accepted or late, in microseconds, if there is any.
    """

    accounting: Accounting
    spools: tuple[tuple[str, Spool], ...]
    high: int | None = None


@dataclass(frozen=True)
class ClosedDays:
    """Privacy days whose figures are final, in ISO 8601: some, and all before a day. Their events are late."""

    days: frozenset[str]
    before: str = ""

    def __contains__(self, day: str) -> bool:
        """Whether a day is one of them."""
        return day in self.days or day < self.before


@dataclass
class Ingestion:
    """Reads fragments for one step."""

    inputs: Inputs
    keys: KeyService
    folder: Path
    dead_letters: Path
    closed: ClosedDays
    _registers: dict[date, tuple[bytes, DayRegister | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ingest(self, number: int, fragment: Fragment) -> Receipt:
        """Read one fragment and write its spool files and dead letters into the step's folders."""
        accounting, high = Accounting(), None
        pieces: dict[date, list[pa.Table]] = {}
        spools: list[tuple[str, Spool]] = []
        letters: list[pa.Table] = []
        for batch in read(fragment, self.inputs.configuration.input.columns.get("events", {})):
            counted, rejected, latest = self._batch(batch, pieces)
            accounting += counted
            high = latest if high is None else max(high, latest or high)
            letters += _letters(fragment.file, rejected)
            if sum(table.num_rows for tables in pieces.values() for table in tables) >= MAX_BATCH_ROWS:
                spools += self._flush(f"{number:03d}-{len(spools):05d}", pieces)
        spools += self._flush(f"{number:03d}-{len(spools):05d}", pieces)
        if letters:
            make_directory(self.dead_letters)
            with replacing(self.dead_letters / f"{self.folder.name}-{number:03d}.parquet") as temporary:
                pq.write_table(pa.concat_tables(letters), temporary)
        return Receipt(accounting, tuple(spools), high)

    def _flush(self, name: str, pieces: dict[date, list[pa.Table]]) -> list[tuple[str, Spool]]:
        """Spool the events read so far, so that memory does not grow with the file."""
        spools = [(day.isoformat(), self._spool(name, day, tables)) for day, tables in sorted(pieces.items())]
        pieces.clear()
        return spools

    def _batch(
        self, batch: Batch, pieces: dict[date, list[pa.Table]]
    ) -> tuple[Accounting, dict[str, Ints], int | None]:
        """Conform, tell the days apart and cross the boundary.

        Returns the counts, the rejected rows by reason, and the latest time of a row that is not rejected.
        """
        rejected: dict[str, list[Ints]] = {MALFORMED_ROW: [np.array(batch.malformed, np.int64)]}
        numbers = batch.row_numbers()
        conformed = conform(batch.table)
        time = instants(conformed.events, "event_time")
        cells = self.inputs.network.lookup(conformed.events["cell_id"], time)
        days = self.inputs.calendar.day_of(time)
        accepted = late = 0
        high: int | None = None
        outcomes = [conformed.rejected]
        for ordinal in np.unique(days).tolist():
            mask = days == ordinal
            day, some, at = EPOCH + timedelta(days=ordinal), conformed.select(mask), cells[mask]
            crossed = cross(some, at, *self._register(day))
            outcomes.append(crossed.rejected)
            if crossed.probes.num_rows:
                high = int(instants(crossed.probes, "event_time").max())
            if day.isoformat() in self.closed:
                late += crossed.probes.num_rows
            elif crossed.probes.num_rows:
                accepted += crossed.probes.num_rows
                pieces.setdefault(day, []).append(crossed.probes)
        for outcome in outcomes:
            for reason, places in outcome.items():
                rejected.setdefault(reason, []).append(numbers[places])
        found = {reason: np.sort(np.concatenate(rows)) for reason, rows in rejected.items() if sum(map(len, rows))}
        counts = Accounting(batch.rows, accepted, 0, late, {reason: len(rows) for reason, rows in found.items()})
        return counts, found, high

    def _register(self, day: date) -> tuple[bytes, DayRegister | None]:
        """The pseudonym key of a day and the register under it."""
        with self._lock:
            if day not in self._registers:
                # The key of a closed day is gone: any other tells whose events are left out before they are late.
                closed = day.isoformat() in self.closed
                key = secrets.token_bytes(16) if closed else self.keys.create_or_open(day).subkey(PSEUDONYM)
                register = self.inputs.register
                self._registers[day] = (key, register.for_day(key, day.year) if register else None)
            return self._registers[day]

    def _spool(self, name: str, day: date, tables: list[pa.Table]) -> Spool:
        """Write a day's events, a record batch for each shard, in the order of time."""
        events = pa.concat_tables(tables)
        start = self.inputs.calendar.privacy_day(day).start
        buckets, counts = np.unique((instants(events, "event_time") - start) // BUCKET, return_counts=True)
        path = self.folder / f"spool-{name}-{day.isoformat()}.arrow"
        write_batches(path, PROBE.schema, split(in_time(events), self.inputs.configuration.engine.shards))
        return Spool(f"{self.folder.name}/{path.name}", tuple(buckets.tolist()), tuple(counts.tolist()))


def in_time(events: pa.Table) -> pa.Table:
    """The rows in the order of their time; ties stay as they are."""
    time = instants(events, "event_time")
    if (time[1:] >= time[:-1]).all():
        return events
    return events.take(pa.array(np.argsort(time, kind="stable")))


def _letters(file: str, rejected: dict[str, Ints]) -> Iterator[pa.Table]:
    """DEAD_LETTER rows: where each rejected row stands in the input, and why; none of its values."""
    for reason, numbers in rejected.items():
        if reason in UNLISTED:
            continue
        count = len(numbers)
        columns = {"file": pa.repeat(file, count), "row": pa.array(numbers), "reason": pa.repeat(reason, count)}
        yield DEAD_LETTER.conform(pa.table(columns))
