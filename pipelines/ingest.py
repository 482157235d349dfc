"""Events of a file or of messages, from their bytes to spooled pseudonymous events: where identifiers end."""

import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from anonymization.key_service import KeyService
from anonymization.keys import PSEUDONYM
from pipelines.ahead import FAR_AHEAD, Reach, far_ahead
from pipelines.arrays import Bools, Ints, instants
from pipelines.boundary import cross
from pipelines.conform import conform
from pipelines.day_register import DayRegister
from pipelines.dead_letters import write_letters
from pipelines.inputs import Inputs
from pipelines.lateness import BUCKET, first_buckets, latest_before
from pipelines.open_registers import OPEN_REGISTERS
from pipelines.shard_files import write_batches
from pipelines.shards import split
from pipelines.sources.files import read
from pipelines.sources.fragment import MALFORMED_ROW, MAX_BATCH_ROWS, Batch, Fragment
from pipelines.sources.messages import Messages, read_messages
from pipelines.state import Accounting, Spool
from schemas.tables import PROBE

EPOCH: Final = date(1970, 1, 1)

FEW: Final = 1_000
"""Events of a day for which the whole register is not worth hashing: those of a day to come, of one that is closed, or
of a clock that is wrong by years."""

Source: TypeAlias = Fragment | Messages
"""What one element of an ingestion is."""


@dataclass(frozen=True)
class Receipt:
    """What became of a fragment or of messages: rows counted, and spool files, each of one privacy day.

    `high`: the latest time of an event that is accepted or late, in microseconds, if there is any; after messages, of
    all events of the partition up to them, but for those far ahead; `doubted`: see `Reach`.
    """

    accounting: Accounting
    spools: tuple[tuple[str, Spool], ...]
    high: int | None = None
    doubted: int = 0

    def buckets(self, start_of: Callable[[str], int]) -> tuple[Ints, Ints]:
        """int64[n] each: when buckets of its events begin, in ascending order, and the rows in them.

        `start_of` tells when a privacy day begins, in microseconds. Rows of closed days are left out.
        """
        time = _joined([start_of(day) + np.array(spool.buckets, np.int64) * BUCKET for day, spool in self.spools])
        rows = _joined([np.array(spool.rows, np.int64) for _, spool in self.spools])
        order = np.argsort(time, kind="stable")
        return time[order], rows[order]

    def until(self, limit: int, start_of: Callable[[str], int]) -> "Receipt":
        """The same with the rows of buckets that begin after `limit` rejected as far ahead."""
        spools, far = list[tuple[str, Spool]](), 0
        for day, spool in self.spools:
            kept, dropped = spool.until((limit - start_of(day)) // BUCKET + 1)
            spools += [(day, kept)] if kept.rows else []
            far += dropped
        return replace(self, accounting=self.accounting + far_ahead_of(far), spools=tuple(spools))


def far_ahead_of(rows: int) -> Accounting:
    """What changes in an accounting where some accepted rows are far ahead."""
    return Accounting(accepted=-rows, rejected={FAR_AHEAD: rows} if rows else {})


@dataclass(frozen=True)
class Passed:
    """What became of the rows of a batch at the boundary.

    `days`: for each privacy day its events as PROBE rows, and the number of each in its input, int64[n]. `rejected`:
    the numbers of the rejected rows by reason.
    """

    rows: int
    days: Sequence[tuple[date, pa.Table, Ints]]
    rejected: Mapping[str, Ints]

    def accounting(self, accepted: int, late: int) -> Accounting:
        """The counts of all rows, of which some are accepted or late."""
        counts = {reason: len(rows) for reason, rows in self.rejected.items()}
        return Accounting(self.rows, accepted, 0, late, counts)


@dataclass(frozen=True)
class ClosedDays:
    """Privacy days whose figures are final, in ISO 8601: some, and all before a day. Their events are late."""

    days: frozenset[str]
    before: str = ""

    def __contains__(self, day: str) -> bool:
        """Whether a day is one of them."""
        return day in self.days or day < self.before


Events: TypeAlias = Generator[tuple[date, pa.Table], None, Receipt]
"""Events of privacy days, and in the end what became of what was read."""


class Reading:
    """The events of what is read, a privacy day at a time; `receipt` is there once all are, without spools.

    Gives PROBE rows in no order, again for the same day where there are many.
    """

    receipt: Receipt

    def __init__(self, events: Events) -> None:
        self._events = events

    def __iter__(self) -> Iterator[tuple[date, pa.Table]]:
        self.receipt = yield from self._events


@dataclass
class Ingestion:
    """Reads fragments and messages for one step; `begun` has the inputs of the privacy days that began with others."""

    inputs: Inputs
    keys: KeyService
    folder: Path
    dead_letters: Path
    closed: ClosedDays
    begun: Mapping[str, Inputs] = field(default_factory=dict)
    _pseudonym_keys: dict[date, bytes] = field(default_factory=dict)
    _registers: dict[date, DayRegister] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ingest(self, number: int, source: Source) -> Receipt:
        """Read one fragment, or messages, and write spool files and dead letters into the step's folders."""
        reading, spools = self.events(number, source), list[tuple[str, Spool]]()
        for day, some in reading:
            spools.append((day.isoformat(), self._spool(f"{number:03d}-{len(spools):05d}", day, some)))
        return replace(reading.receipt, spools=tuple(spools))

    def events(self, number: int, source: Source) -> Reading:
        """The events of one fragment, or of messages; writes dead letters."""
        return Reading(
            self._fragment(number, source) if isinstance(source, Fragment) else self._messages(number, source)
        )

    def spool_of(self, file: str, day: date, events: pa.Table) -> Spool:
        """What is told of PROBE rows of a day that are in a file."""
        buckets, counts = np.unique(self._buckets(day, events), return_counts=True)
        return Spool(file, tuple(buckets.tolist()), tuple(counts.tolist()))

    def _fragment(self, number: int, fragment: Fragment) -> Events:
        accounting, high = Accounting(), None
        pieces: dict[date, list[pa.Table]] = {}
        rejected: list[Mapping[str, Ints]] = []
        for batch in read(fragment, self._columns):
            passed = self._pass(batch)
            accepted = late = 0
            for day, probes, _ in passed.days:
                latest = int(instants(probes, "event_time").max())
                high = latest if high is None else max(high, latest)
                if day.isoformat() in self.closed:
                    late += probes.num_rows
                else:
                    accepted += probes.num_rows
                    pieces.setdefault(day, []).append(probes)
            accounting += passed.accounting(accepted, late)
            rejected.append(passed.rejected)
            # Memory does not grow with the file.
            if sum(table.num_rows for tables in pieces.values() for table in tables) >= MAX_BATCH_ROWS:
                yield from _by_day(pieces)
                pieces.clear()
        yield from _by_day(pieces)
        write_letters(self._letters(number), fragment.file, rejected)
        return Receipt(accounting, (), high)

    def _messages(self, number: int, messages: Messages) -> Events:
        """All rows first: what is late depends on the messages before, and batches are not in their order."""
        passed = [self._pass(batch) for batch in read_messages(messages, self._columns)]
        found = [each for some in passed for each in some.days]
        place = np.searchsorted(messages.offsets, _joined([offsets for _, _, offsets in found]))
        time = _joined([instants(probes, "event_time") for _, probes, _ in found])
        reach = Reach(messages.high, messages.doubted)
        far, reach = far_ahead(place, time, len(messages.offsets), reach)
        before, high = latest_before(place[~far], time[~far], len(messages.offsets), messages.high)
        pieces: dict[date, list[pa.Table]] = {}
        begins = np.cumsum([0, *(len(offsets) for _, _, offsets in found)])
        for (day, probes, offsets), begin in zip(found, begins[:-1].tolist(), strict=True):
            highs = before[np.searchsorted(messages.offsets, offsets)]
            in_time = self._in_time(day, probes, highs, messages.lateness)
            kept = probes.filter(pa.array(in_time & ~far[begin : begin + len(offsets)]))
            if kept.num_rows:
                pieces.setdefault(day, []).append(kept)
        accepted = sum(table.num_rows for tables in pieces.values() for table in tables)
        accounting = sum((some.accounting(0, 0) for some in passed), Accounting())
        rejected = np.sort(messages.offsets[place[far]])
        accounting += Accounting(accepted=accepted + rejected.size, late=len(time) - rejected.size - accepted)
        accounting += far_ahead_of(rejected.size)
        letters = [*(some.rejected for some in passed), {FAR_AHEAD: rejected}]
        yield from _by_day(pieces)
        write_letters(self._letters(number), messages.partition, letters)
        return Receipt(accounting, (), high, reach.doubted)

    def _in_time(self, day: date, probes: pa.Table, highs: Ints, lateness: int) -> Bools:
        """Which events of a day are not late; `highs` tells the latest time before the message of each."""
        if day.isoformat() in self.closed:
            return np.zeros(probes.num_rows, np.bool_)
        start = self.inputs.calendar.privacy_day(day).start
        return self._buckets(day, probes) >= first_buckets(highs, lateness, start)

    def _letters(self, number: int) -> Path:
        return self.dead_letters / f"{self.folder.name}-{number:03d}.parquet"

    @property
    def _columns(self) -> Mapping[str, str]:
        return self.inputs.configuration.input.columns.get("events", {})

    def _pass(self, batch: Batch) -> Passed:
        """Conform, tell the days apart and cross the boundary."""
        rejected: dict[str, list[Ints]] = {MALFORMED_ROW: [np.array(batch.malformed, np.int64)]}
        numbers = batch.row_numbers()
        conformed = conform(batch.table)
        time = instants(conformed.events, "event_time")
        ordinals = self.inputs.calendar.day_of(time)
        days: list[tuple[date, pa.Table, Ints]] = []
        outcomes = [conformed.rejected]
        for ordinal in np.unique(ordinals).tolist():
            mask = ordinals == ordinal
            day, some = EPOCH + timedelta(days=ordinal), conformed.select(mask)
            at = self._of(day).network.lookup(some.events["cell_id"], time[mask])
            crossed = cross(some, at, *self._register(day, some.events["subscriber_id"]))
            outcomes.append(crossed.rejected)
            if crossed.probes.num_rows:
                days.append((day, crossed.probes, numbers[_without(some.row, crossed.rejected)]))
        for outcome in outcomes:
            for reason, places in outcome.items():
                rejected.setdefault(reason, []).append(numbers[places])
        found = {reason: np.sort(np.concatenate(rows)) for reason, rows in rejected.items() if sum(map(len, rows))}
        return Passed(batch.rows, days, found)

    def _of(self, day: date) -> Inputs:
        return self.begun.get(day.isoformat(), self.inputs)

    def _register(self, day: date, subscribers: pa.ChunkedArray) -> tuple[bytes, DayRegister | None]:
        """The pseudonym key of a day, and the register under it: at least the lines of some subscribers."""
        with self._lock:
            key, register = self._key(day), self._of(day).register
            if register is None:
                return key, None
            if len(subscribers) < FEW and day.isoformat() not in self.begun:
                return key, register.only(subscribers).for_day(key, day.year)
            if day.isoformat() not in self.closed:
                return key, OPEN_REGISTERS.of(register, self.keys.open(day))
            if day not in self._registers:
                self._registers[day] = register.for_day(key, day.year)
            return key, self._registers[day]

    def _key(self, day: date) -> bytes:
        """The key of a closed day is gone: any other tells whose events are left out before they are late."""
        if day not in self._pseudonym_keys:
            closed = day.isoformat() in self.closed
            key = secrets.token_bytes(16) if closed else self.keys.create_or_open(day).subkey(PSEUDONYM)
            self._pseudonym_keys[day] = key
        return self._pseudonym_keys[day]

    def _spool(self, name: str, day: date, events: pa.Table) -> Spool:
        """Write a day's events, a record batch for each shard, in the order of time."""
        path = self.folder / f"spool-{name}-{day.isoformat()}.arrow"
        write_batches(path, PROBE.schema, split(in_time(events), self.inputs.configuration.engine.shards))
        return self.spool_of(f"{self.folder.name}/{path.name}", day, events)

    def _buckets(self, day: date, events: pa.Table) -> Ints:
        """The bucket of each event, counted from the start of its privacy day."""
        return (instants(events, "event_time") - self.inputs.calendar.privacy_day(day).start) // BUCKET


def _by_day(pieces: Mapping[date, Sequence[pa.Table]]) -> Iterator[tuple[date, pa.Table]]:
    return ((day, pa.concat_tables(tables)) for day, tables in sorted(pieces.items()))


def _joined(arrays: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *arrays])


def _without(rows: Ints, rejected: Mapping[str, Ints]) -> Ints:
    """The rows that are not rejected, in their order."""
    return rows[~np.isin(rows, _joined(list(rejected.values())))] if rejected else rows


def in_time(events: pa.Table) -> pa.Table:
    """The rows in the order of their time; ties stay as they are."""
    time = instants(events, "event_time")
    if (time[1:] >= time[:-1]).all():
        return events
    return events.take(pa.array(np.argsort(time, kind="stable")))
