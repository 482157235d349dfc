"""What a run has done: where every row went, how far every day has come."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Literal

from anonymization.degraded import Degraded

Status = Literal["open", "staged", "closed"]


@dataclass(frozen=True)
class Accounting:
    """Where every input row went: rows in = accepted + duplicates + rejected + late, always."""

    rows_in: int = 0
    accepted: int = 0
    duplicates: int = 0
    late: int = 0
    rejected: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Accounting") -> "Accounting":
        reasons = sorted({*self.rejected, *other.rejected})
        return Accounting(
            self.rows_in + other.rows_in,
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.late + other.late,
            {reason: self.rejected.get(reason, 0) + other.rejected.get(reason, 0) for reason in reasons},
        )

    @property
    def all_rejected(self) -> int:
        """Rejected rows, whatever the reason."""
        return sum(self.rejected.values())

    @property
    def balances(self) -> bool:
        """Whether every row is accounted for once."""
        return self.rows_in == self.accepted + self.duplicates + self.late + self.all_rejected


@dataclass(frozen=True)
class Spool:
    """Pseudonymised events of one privacy day in one file: record batch i holds those of shard i, in the order of time.

    `rows[j]` of them are in bucket `buckets[j]`; those in buckets before `first` are late, those from `end` on are
    far ahead: they count for nothing.
    """

    file: str
    buckets: tuple[int, ...]
    rows: tuple[int, ...]
    first: int = 0
    end: int | None = None

    def since(self, bucket: int) -> "tuple[Spool, int]":
        """The same without the rows of buckets before one, and how many these are."""
        kept = self._where([each >= bucket for each in self.buckets])
        return replace(kept, first=max(bucket, self.first)), sum(self.rows) - sum(kept.rows)

    def until(self, bucket: int) -> "tuple[Spool, int]":
        """The same without the rows of buckets from one on, and how many these are."""
        kept = self._where([each < bucket for each in self.buckets])
        return replace(kept, end=bucket), sum(self.rows) - sum(kept.rows)

    def _where(self, mask: Sequence[bool]) -> "Spool":
        buckets, rows = (tuple(compress(values, mask)) for values in (self.buckets, self.rows))
        return replace(self, buckets=buckets, rows=rows)


@dataclass(frozen=True)
class ShardFile:
    """A file with a record batch for each of some shards: batch i is that of `shards[i]`."""

    file: str
    shards: tuple[int, ...]


@dataclass(frozen=True)
class DayFacts:
    """What is told of a day's input: `files` gives a keyed digest of each events file by its name.

    `events` are accepted rows, duplicates included; `devices` and `widths` (see `widths_of_day`) are known once the day
    is counted. `notice` is what the operator must know.
    """

    files: dict[str, str] = field(default_factory=dict)
    events: int = 0
    devices: int = 0
    widths: dict[str, int | bool] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True)
class DayState:
    """How far a privacy day has come.

    Buckets before `bucket` and slots before `measured` are done, and `carried` stays are open, and slots before
    `published` are in the release, if any is there before the day is over: `files` gives the SHA-256 and the rows of
    each of their files. `waiting_slots`, where there are any: windows up to there are staged, and among `files`, but it
    is not known whether the release has them. While `staged`, the day's tables are final and wait to be copied into the
    release, and are all among `files`. `degraded`: the degraded parts among all that is in `files`.
    """

    status: Status = "open"
    bucket: int = 0
    measured: int = 0
    published: int = 0
    waiting_slots: int = 0
    spools: tuple[Spool, ...] = ()
    open_stays: tuple[ShardFile, ...] = ()
    carried: int = 0
    closed_stays: tuple[ShardFile, ...] = ()
    measures: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    degraded: tuple[Degraded, ...] = ()
    facts: DayFacts = field(default_factory=DayFacts)
    terms: str = ""

    @property
    def is_heard_whole(self) -> bool:
        """Whether each step counted what was heard: a version that did not may have begun the day."""
        return len(self.heard) == len(self.measures)

    @property
    def due(self) -> range:
        """The slots that no event to come can change, and that are not published."""
        return range(self.published, self.measured)

    @property
    def waiting(self) -> dict[int, int]:
        """Rows by bucket that the fold has not seen, in order."""
        rows: dict[int, int] = {}
        for spool in self.spools:
            for bucket, count in zip(spool.buckets, spool.rows, strict=True):
                if bucket >= self.bucket:
                    rows[bucket] = rows.get(bucket, 0) + count
        return dict(sorted(rows.items()))


@dataclass(frozen=True)
class Partition:
    """How far one of the parts has come in which events are delivered, each in an order of its own.

    `high`: the latest time of an event in it, in microseconds, if any could be read; `offset`: the place of its next
    message, where it has messages; `doubted`: see `Reach`.
    """

    high: int | None
    offset: int = 0
    doubted: int = 0


@dataclass(frozen=True)
class State:
    """All that a run has done: committed after every step, in one atomic replacement.

    `digests` are those of the configuration and of the small inputs, `inputs` the size and modification time of each
    events file, `fragments` those already read, `unread` those that were found and not yet read. Where events arrive
    as time goes by, `partitions` tells how far each part of them has come, and every event before `watermark` has been
    seen, or is late; `topics` gives the id of each topic that was read, where brokers tell it. `terms` names the kept
    inputs and settings of the privacy days that begin from now on, and `driver` what counts them. `folded`: what shards
    of a cluster changed in the accounting of its readers, on days that are over. All days before `closed_before` are
    closed: `left_out` of them are not among `days`.
    """

    release_id: str
    digests: dict[str, str]
    step: int = 0
    inputs: dict[str, tuple[int, int]] = field(default_factory=dict)
    fragments: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    accounting: Accounting = field(default_factory=Accounting)
    days: dict[str, DayState] = field(default_factory=dict)
    partitions: dict[str, Partition] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    watermark: int | None = None
    terms: str = ""
    driver: str = "embedded"
    folded: Accounting = field(default_factory=Accounting)
    closed_before: str = ""
    left_out: int = 0

    @property
    def closed_days(self) -> int:
        """How many privacy days are published as a whole."""
        return self.left_out + sum(day.status == "closed" for day in self.days.values())

    @property
    def published(self) -> bool:
        """Whether the figures of a privacy day are final."""
        return self.left_out > 0 or any(day.status != "open" or day.files for day in self.days.values())

    def with_day(self, day: str, state: DayState) -> "State":
        """The same with one day changed."""
        return replace(self, days=dict(sorted({**self.days, day: state}.items())))

    def step_files(self) -> Iterator[str]:
        """The step files that are still needed."""
        for day in self.days.values():
            yield from (spool.file for spool in day.spools)
            yield from (file.file for file in (*day.open_stays, *day.closed_stays))
            yield from (*day.measures, *day.heard)

    def kept_terms(self) -> set[str]:
        """The names of the terms that are still needed."""
        return {self.terms, *(day.terms for day in self.days.values())} - {""}


def name_of_terms(digests: Mapping[str, str]) -> str:
    """The name of the terms with some digests: 16 hex digits."""
    return hashlib.sha256(json.dumps(dict(digests), sort_keys=True).encode()).hexdigest()[:16]
