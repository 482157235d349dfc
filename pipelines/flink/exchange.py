"""The exchange: a folder through which tasks of a cluster hand on what they find, to the one process that publishes.

A task writes a file as a whole, under a name that tells what is in it. Taken again after a failure, it writes the same
file. Tasks read `announced.json` in it, and readers that are idle how far others are; nothing else.

read/NAME.json                          what became of what a reader read, so far
days/DAY/measures-END.arrow             PRESENCE_COUNT of all shards of a stride, which ends before bucket END
days/DAY/heard-END.arrow                HEARD of the same
days/DAY/TABLE-SHARD.arrow              what a shard did on a day that is over: a file for each of `DAY_TABLES`
days/DAY/shard-SHARD.json               the receipt of these, written last
stopped.json                            the error for people at which a task stopped
announced.json                          the days whose events are late, and those that are published
order.json, job.json                    the job that is at work
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeVar

import pyarrow as pa

from anonymization.atomic import make_directory, remove_tree, replacing, write_bytes
from pipelines.days import DAY_TABLES, DayTables
from pipelines.flink.kept import read, written
from pipelines.ingest import ClosedDays, Receipt
from pipelines.receipts import DayReceipt, system_failure
from pipelines.shard_files import write_batches
from pipelines.state import Accounting, Partition, ShardFile
from pipelines.sums import SUMS
from schemas.errors import HexafluxError, InputError, PrivacyRefusal, SystemFailure, UsageError

R = TypeVar("R")

DEBUG: Final = "HEXAFLUX_DEBUG"

_ERRORS: Final[Mapping[str, type[HexafluxError]]] = {
    kind.__name__: kind for kind in (InputError, PrivacyRefusal, SystemFailure, UsageError)
}


@dataclass(frozen=True)
class ReadDay:
    """What a reader has handed on of a privacy day: the first bucket with an event, how many, and under which terms."""

    first: int
    rows: int
    terms: str = ""

    def __add__(self, other: "ReadDay") -> "ReadDay":
        return replace(self, first=min(self.first, other.first), rows=self.rows + other.rows)


@dataclass(frozen=True)
class ReaderReceipt:
    """What a reader of a topic has read so far: rows counted, how far its partitions have come, and their days.

    `digests`: of each partition that of all its messages; `topics`: see `State`. `progress`: the time, in microseconds,
    before which it has seen every event, but for late ones. `behind`: messages that were still to be read. `round`: how
    often it has read something. `heard`: the number of the announcement that it goes by. `opened`: when it was, in
    nanoseconds, which tells it from the same reader before a restore.
    """

    accounting: Accounting
    partitions: dict[str, Partition]
    days: dict[str, ReadDay]
    topics: dict[str, str]
    digests: dict[str, str] = field(default_factory=dict)
    progress: int | None = None
    behind: int = 0
    round: int = 0
    heard: int = 0
    opened: int = 0


@dataclass(frozen=True)
class Found:
    """What a shard of a day found of the rows that readers handed on: taken, with duplicates among these; late."""

    taken: int = 0
    duplicates: int = 0
    late: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.taken + other.taken, self.duplicates + other.duplicates, self.late + other.late)

    @property
    def rows(self) -> int:
        """All of them."""
        return self.taken + self.late

    @property
    def accounting(self) -> Accounting:
        """What changes in an accounting where readers have counted all of them as accepted."""
        return Accounting(accepted=-self.duplicates - self.late, duplicates=self.duplicates, late=self.late)


@dataclass(frozen=True)
class ShardReceipt:
    """What became of the rows of a shard on a day that is over, and how many devices have a stay in it.

    `handed` tells one time that it was handed on from others: nanoseconds.
    """

    devices: int
    found: Found
    handed: int


@dataclass(frozen=True)
class Announced:
    """What tasks go by: `late` are days whose events are late, of `published` ones the keys are gone as well.

    `number`: readers tell it, so that it is known what they have heard of. `run` names the job that is at work: another
    reads nothing.
    """

    late: ClosedDays = field(default_factory=lambda: ClosedDays(frozenset()))
    published: ClosedDays = field(default_factory=lambda: ClosedDays(frozenset()))
    number: int = 0
    run: str = ""


@dataclass(frozen=True)
class Job:
    """A job of a cluster: its number there, what marks its work, what it went on from, and where it was stopped.

    `address` is that of the cluster; `begun_from` and `stopped_at` are savepoints or checkpoints, '' for none.
    """

    number: str
    work: str
    address: str
    begun_from: str = ""
    stopped_at: str = ""


@dataclass(frozen=True)
class _Stopped:
    kind: str
    message: str
    hint: str


@dataclass(frozen=True)
class Exchange:
    """The exchange of a release."""

    path: Path

    # Readers

    def tell(self, name: str, receipt: Receipt | ReaderReceipt) -> None:
        """Tell what became of what a reader has read, in place of what it told before."""
        _write(self._reads / f"{name}.json", receipt)

    def all_told(self, kind: type[R]) -> dict[str, R]:
        """What each reader has told, by their names, in order."""
        found = {file.stem: _read(file, kind) for file in sorted(self._reads.glob("*.json"))}
        return {name: receipt for name, receipt in found.items() if receipt is not None}

    def count_told(self) -> int:
        """How many readers have told something."""
        return sum(1 for _ in self._reads.glob("*.json"))

    @property
    def _reads(self) -> Path:
        return self.path / "read"

    # Days

    def day(self, day: str) -> Path:
        """The folder of a privacy day."""
        return self.path / "days" / day

    def hand_sum(self, day: str, end: int, name: str, table: pa.Table) -> None:
        """Hand on the sum of all shards of a stride, one of SUMS."""
        folder = self.day(day)
        make_directory(folder)
        write_batches(folder / f"{name}-{end:05d}.arrow", SUMS[name][0].schema, [table])

    def sums(self, day: str, after: int, stride: int, buckets: int) -> list[int]:
        """The ends of the strides of a day from a bucket on, one after the other, as far as all sums are there.

        Sums come in any order: what follows a gap waits until that is closed.
        """
        folder = self.day(day)
        measured, heard = ({_end(file) for file in folder.glob(f"{name}-*.arrow")} for name in SUMS)
        there, ends, end = measured & heard, list[int](), after
        while end < buckets and (end := min(end + stride, buckets)) in there:
            ends.append(end)
        return ends

    def hand_shard(self, day: str, shard: int, tables: DayTables, receipt: ShardReceipt) -> None:
        """Hand on what a shard did on a day that is over."""
        folder = self.day(day)
        make_directory(folder)
        for name, declared in DAY_TABLES.items():
            write_batches(folder / f"{name}-{shard:05d}.arrow", declared.schema, [getattr(tables, name)])
        self.tell_shard(day, shard, receipt)

    def tell_shard(self, day: str, shard: int, receipt: ShardReceipt) -> None:
        """Tell what became of all rows of a shard whose tables are handed on."""
        _write(self.day(day) / f"shard-{shard:05d}.json", receipt)

    def take_back(self, day: str, shard: int, bucket: int) -> None:
        """Remove what was handed on of a day before a failure, where a shard goes on from a bucket before that.

        No sum that ends after the bucket is whole without this shard.
        """
        (self.day(day) / f"shard-{shard:05d}.json").unlink(missing_ok=True)
        for file in [file for name in SUMS for file in self.day(day).glob(f"{name}-*.arrow") if _end(file) > bucket]:
            file.unlink(missing_ok=True)

    def shards(self, day: str) -> dict[int, ShardReceipt]:
        """The receipts of the shards of a day that are over."""
        found = {_end(file): _read(file, ShardReceipt) for file in sorted(self.day(day).glob("shard-*.json"))}
        return {shard: receipt for shard, receipt in found.items() if receipt is not None}

    def take_sums(self, day: str, ends: Sequence[int], folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Have sums of a day stand in a folder of the working directory; names of the measures, and of the heard."""
        measures, heard = (
            tuple(_stand(self.day(day) / f"{name}-{end:05d}.arrow", folder) for end in ends) for name in SUMS
        )
        return measures, heard

    def take_shards(self, day: str, folder: Path) -> list[DayReceipt]:
        """Have what all shards did on a day stand in a folder of the working directory."""
        return [
            DayReceipt(receipt.devices, **{name: self._shard_file(day, name, shard, folder) for name in DAY_TABLES})
            for shard, receipt in self.shards(day).items()
        ]

    def _shard_file(self, day: str, name: str, shard: int, folder: Path) -> ShardFile:
        return ShardFile(_stand(self.day(day) / f"{name}-{shard:05d}.arrow", folder), (shard,))

    def forget_published(self) -> None:
        """Remove what was handed on of days that are published."""
        published = self.announced.published
        for folder in (self.path / "days").glob("*"):
            if folder.name in published:
                remove_tree(folder)

    def forget(self, day: str) -> None:
        """Remove what was handed on of a day."""
        remove_tree(self.day(day))

    # What tasks go by

    def announce(self, late: ClosedDays, published: ClosedDays, run: str = "") -> int:
        """Tell tasks which days are late, and which are published, perhaps of another job; the number of that."""
        make_directory(self.path)
        before = self.announced
        announced = Announced(late, published, before.number + 1, run or before.run)
        _write(self.path / "announced.json", announced)
        return announced.number

    @property
    def announced(self) -> Announced:
        """What tasks go by."""
        return _read(self.path / "announced.json", Announced) or Announced()

    # Errors

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Keep an error for people where the driver finds it: of others a cluster tells a traceback.

        One that nobody foresaw is told by its kind alone: its text may hold what it could not do something with.
        """
        try:
            yield
        except HexafluxError as error:
            self._report(error)
            raise
        except OSError as error:
            failure = system_failure(error, self.path)
            self._report(failure)
            raise failure from None
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            # Not for the driver: a task that is cancelled, because another was lost, meets many, and is restored.
            raise SystemFailure(
                f"a task: unexpected {type(error).__name__}",
                f"set {DEBUG}=1 for the TaskManagers and begin again to see where; report it with what that tells",
            ) from None

    def raise_reported(self) -> None:
        """Raise the error at which a task stopped, if any."""
        if stopped := _read(self.path / "stopped.json", _Stopped):
            raise _ERRORS.get(stopped.kind, SystemFailure)(stopped.message, stopped.hint)

    def _report(self, error: HexafluxError) -> None:
        if not (self.path / "stopped.json").exists():
            with contextlib.suppress(OSError):
                _write(self.path / "stopped.json", _Stopped(type(error).__name__, error.message, error.hint))

    def remember(self, job: Job | None) -> None:
        """Remember the job that is at work; none any more."""
        if job is None:
            (self.path / "job.json").unlink(missing_ok=True)
        else:
            _write(self.path / "job.json", job)

    @property
    def job(self) -> Job | None:
        """The job that was at work last."""
        return _read(self.path / "job.json", Job)

    @property
    def order(self) -> Path:
        """Where the order of a job is written."""
        return self.path / "order.json"

    def begin(self) -> None:
        """Make the folders, and remove the error of a job before."""
        for folder in (self.path, self._reads):
            make_directory(folder, 0o700)
            folder.chmod(0o700)
        (self.path / "stopped.json").unlink(missing_ok=True)

    def clear(self, kept: Collection[str] = ()) -> None:
        """Remove all that was handed on, but for some privacy days."""
        for name in ("read", "checkpoints", "savepoints"):
            remove_tree(self.path / name)
        for folder in self.path.glob("days/*"):
            if folder.name not in kept:
                remove_tree(folder)
        if not kept:
            remove_tree(self.path / "days")
        for name in ("stopped.json", "announced.json", "job.json", "order.json"):
            (self.path / name).unlink(missing_ok=True)


def _stand(file: Path, folder: Path) -> str:
    """Have a file stand in a folder of the working directory too; its name there, as the state names it."""
    target = folder / file.name
    target.unlink(missing_ok=True)
    try:
        os.link(file, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP):
            raise
        with replacing(target) as temporary:
            shutil.copyfile(file, temporary)
    return f"{folder.name}/{file.name}"


def _end(file: Path) -> int:
    """The number at the end of a file's name."""
    return int(file.stem.rpartition("-")[2])


def _write(path: Path, value: object) -> None:
    write_bytes(path, written(value), 0o600)


def _read(path: Path, kind: type[R]) -> R | None:
    try:
        return read(path.read_bytes(), kind)
    except FileNotFoundError:
        return None
