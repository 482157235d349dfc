"""The durable state of a run: one small record, replaced in one step; what it does not name does not exist."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from anonymization.atomic import write_bytes
from schemas.errors import SystemFailure

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
    """Pseudonymised events of one privacy day in one file: record batch i holds bucket `buckets[i]`, `rows[i]` rows."""

    file: str
    buckets: tuple[int, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class ShardFile:
    """A file with a record batch for each of some shards: batch i is that of `shards[i]`."""

    file: str
    shards: tuple[int, ...]


@dataclass(frozen=True)
class DayState:
    """How far a privacy day has come.

    Buckets before `bucket` and slots before `measured` are done. While `staged`, the day's tables are final and wait
    to be copied into the release: `files` gives the SHA-256 and the rows of each.
    """

    status: Status = "open"
    bucket: int = 0
    measured: int = 0
    spools: tuple[Spool, ...] = ()
    open_stays: tuple[ShardFile, ...] = ()
    closed_stays: tuple[ShardFile, ...] = ()
    measures: tuple[str, ...] = ()
    files: dict[str, tuple[str, int]] = field(default_factory=dict)

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
class State:
    """All that a run has done: committed after every step, in one atomic replacement.

    `digests` are those of the configuration and of the small inputs, `inputs` the size and modification time of each
    events file, `fragments` those already read.
    """

    release_id: str
    digests: dict[str, str]
    step: int = 0
    inputs: dict[str, tuple[int, int]] = field(default_factory=dict)
    fragments: tuple[str, ...] = ()
    accounting: Accounting = field(default_factory=Accounting)
    days: dict[str, DayState] = field(default_factory=dict)

    def with_day(self, day: str, state: DayState) -> "State":
        """The same with one day changed."""
        return replace(self, days=dict(sorted({**self.days, day: state}.items())))


_ADAPTER = TypeAdapter(State)


@dataclass(frozen=True)
class WorkingDirectory:
    """RELEASE.work: private to its owner, a sibling of the release."""

    path: Path

    @property
    def keys(self) -> Path:
        """Where the open day keys are, apart from all state."""
        return self.path / "keys"

    @property
    def dead_letters(self) -> Path:
        """Where the rejected rows are listed."""
        return self.path / "dead_letters"

    def step(self, number: int) -> Path:
        """The folder of a step's files, made if need be."""
        folder = self.path / "steps" / f"{number:06d}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def staged(self, day: str) -> Path:
        """Where a day's final tables wait to be moved into the release."""
        return self.path / "staged" / day

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Make the directory, closed to others, and hold it; raises SystemFailure where another run holds it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.chmod(0o700)
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise SystemFailure(
                f"{self.path}: another run of this release is at work", "wait until it ends, then run the command again"
            ) from None
        finally:
            os.close(descriptor)

    def load(self) -> State | None:
        """The committed state, or None before the first commit."""
        path = self.path / "state.json"
        if not path.exists():
            return None
        try:
            return _ADAPTER.validate_json(path.read_bytes())
        except ValidationError:
            raise SystemFailure(
                f"{path}: expected the state of a run, got something else",
                "restore the file, or remove the working directory and publish under a new privacy day",
            ) from None

    def commit(self, state: State) -> None:
        """Replace the state in one step, then remove the files that it no longer names."""
        write_bytes(self.path / "state.json", _ADAPTER.dump_json(state, indent=1) + b"\n", 0o600)
        self.sweep(state)

    def sweep(self, state: State) -> None:
        """Remove step files that the state does not name: of a step that died, or done with."""
        named = set(_named(state))
        for folder in sorted((self.path / "steps").glob("*")):
            for file in folder.iterdir():
                if f"{folder.name}/{file.name}" not in named:
                    file.unlink()
            if not any(folder.iterdir()):
                folder.rmdir()

    def resolve(self, file: str) -> Path:
        """The path of a step file that the state names."""
        return self.path / "steps" / file


def _named(state: State) -> Iterator[str]:
    """The step files that a state still needs."""
    for day in state.days.values():
        yield from (spool.file for spool in day.spools)
        yield from (file.file for file in (*day.open_stays, *day.closed_stays))
        yield from day.measures
