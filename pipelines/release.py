"""Writing a release: the only place from which a table leaves the working directory."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anonymization import atomic
from anonymization.records import FileRecord
from schemas.errors import InputError, PrivacyRefusal, UsageError
from schemas.indicators import INDICATORS
from schemas.tables import Sensitivity, Table

ROWS_PER_GROUP = 1_000_000


WHOLE_DAY = "part-0"
"""The file of an indicator for a day that is over."""

WINDOWS_FROM = "part-from-"
"""The file of an indicator for windows of an open day: then comes the number of the first."""


def stage(folder: Path, day: str, tables: Mapping[str, pa.Table], names: Mapping[str, str] | None = None) -> None:
    """Write a day's final tables below a folder of the working directory, as they will stand in the release.

    `names`: of the files of some indicators, without suffix; others hold the whole day. An indicator without rows has
    no file. Whatever an earlier attempt left is replaced.
    """
    atomic.remove_tree(folder)
    for name, table in sorted(tables.items()):
        if table.num_rows:
            path = folder / name / f"date={day}" / f"{(names or {}).get(name, WHOLE_DAY)}.parquet"
            atomic.make_directory(path.parent)
            write_public(path, INDICATORS[name].table, table)


def write_public(path: Path, declared: Table, table: pa.Table) -> None:
    """Write a table that may leave the working directory; raises PrivacyRefusal for any other.

    Plain encodings: a dictionary would keep values that were filtered out of the rows (measured).
    """
    if declared.sensitivity is not Sensitivity.PUBLIC:
        raise PrivacyRefusal(
            f"table {declared.name}: expected a public table, got a {declared.sensitivity.value} one",
            "release it through anonymization/protect.py, which makes publishable tables of exact counts",
        )
    rows = declared.conform(table)
    with atomic.replacing(path) as temporary:
        pq.write_table(rows, temporary, use_dictionary=False, compression="zstd", row_group_size=ROWS_PER_GROUP)


def sha256_of(path: Path) -> bytes:
    """SHA-256 of a file, 32 bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def files_of(folder: Path) -> dict[str, FileRecord]:
    """What the manifest says of a day's files: SHA-256 and rows, by path relative to the release."""
    return {
        path.relative_to(folder).as_posix(): FileRecord(sha256_of(path).hex(), pq.read_metadata(path).num_rows)
        for path in sorted(folder.rglob("*.parquet"))
    }


def copy_into(release: Path, folder: Path, files: Iterable[str]) -> None:
    """Copy a day's staged files into the release, each in one step; what is there already is replaced by the same."""
    for name in files:
        target = release / name
        atomic.make_directory(target.parent)
        for leftover in atomic.leftovers(target):
            leftover.unlink()
        atomic.write_bytes(target, (folder / name).read_bytes())


def with_windows(
    release: Path, files: Mapping[str, tuple[str, int]], left: Mapping[str, pa.Table]
) -> dict[str, pa.Table]:
    """The tables of a day by indicator: the rows of its windows as they were published, and those that are left.

    `files`: SHA-256 and rows of each released file of windows. Raises InputError where one has changed.
    """
    published: dict[str, list[pa.Table]] = {}
    for path, (sha256, _) in sorted(files.items()):
        name = path.split("/")[0]
        rows = pq.ParquetFile(pa.BufferReader(_as_published(release / path, sha256))).read()
        published.setdefault(name, []).append(INDICATORS[name].table.conform(rows))
    joined = {
        name: pa.concat_tables([*tables, *([left[name]] if name in left else [])]) for name, tables in published.items()
    }
    return {**left, **joined}


def remove_windows(release: Path, day: str, listed: Iterable[str]) -> None:
    """Remove the files of a day's windows that the entry of the day does not list."""
    kept = {release / path for path in listed}
    for name in INDICATORS:
        folder = release / name / f"date={day}"
        former = sorted(path for path in folder.glob(f"{WINDOWS_FROM}*.parquet") if path not in kept)
        for path in former:
            path.unlink()
        if former:
            atomic.fsync_directory(folder)


def _as_published(path: Path, sha256: str) -> bytes:
    data = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise InputError(
            f"{path}: expected the file as it was published, got {'another' if data else 'none'}",
            "restore it from a copy of the release: the day cannot be ended without what was published of it",
        )
    return data


def write_shared(release: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """Write what the days of a release share, as it is from this day on; returns the SHA-256 of each."""
    for name, data in files.items():
        path = release / name
        for leftover in atomic.leftovers(path):
            leftover.unlink()
        if not path.exists() or path.read_bytes() != data:
            atomic.make_directory(path.parent)
            atomic.write_bytes(path, data)
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def refuse_foreign_directory(release: Path, begun: bool) -> None:
    """Raise an error where the release directory holds something that this run did not put there."""
    if not release.exists():
        return
    if not release.is_dir():
        raise UsageError(f"{release}: expected a folder for the release, got a file", "set another [release] directory")
    if begun or not any(release.iterdir()):
        return
    if (release / "manifest").is_dir():
        raise PrivacyRefusal(
            f"{release}: a release stands there, but its working directory {release}.work is gone",
            "what is published is final: choose another [release] directory for new privacy days",
        )
    raise UsageError(f"{release}: expected an empty folder, got other files", "set another [release] directory")
