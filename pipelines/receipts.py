"""What a stage leaves for the driver: receipts of what it wrote, or the error that stopped it."""

import contextlib
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from anonymization.atomic import write_bytes
from pipelines.ingest import Receipt
from pipelines.state import ShardFile
from schemas.errors import HexafluxError, SystemFailure

R = TypeVar("R")


@dataclass(frozen=True)
class FoldReceipt:
    """The files that a step of the fold wrote for a bundle of shards, and what became of its events.

    `carried`: how many open stays it wrote.
    """

    open_stays: ShardFile
    carried: int
    closed_stays: ShardFile
    accepted: int
    duplicates: int


@dataclass(frozen=True)
class DayReceipt:
    """The files with what a bundle of shards did on a day, and how many devices they are."""

    devices: int
    visits: ShardFile
    trips: ShardFile
    crossings: ShardFile
    cell_hours: ShardFile


_STOPPED: dict[Path, HexafluxError] = {}
"""Errors for people on their way from a stage to the driver, which runs in the same process."""


def write_receipt(folder: Path, number: int, receipt: Receipt | FoldReceipt | DayReceipt) -> None:
    """Leave a receipt in the step's folder."""
    data = TypeAdapter(type(receipt)).dump_json(receipt)
    write_bytes(folder / f"receipt-{number:06d}.json", data, 0o600)


def read_receipts(folder: Path, kind: type[R]) -> list[R]:
    """The receipts of a step, in order."""
    adapter = TypeAdapter(kind)
    return [adapter.validate_json(path.read_bytes()) for path in sorted(folder.glob("receipt-*.json"))]


@contextlib.contextmanager
def reporting(folder: Path) -> Iterator[None]:
    """Keep an error for people where the driver finds it: Beam hands on only its text, inside a traceback."""
    try:
        yield
    except HexafluxError as error:
        _STOPPED.setdefault(folder, error)
        raise
    except OSError as error:
        failure = system_failure(error, folder)
        _STOPPED.setdefault(folder, failure)
        raise failure from None


def raise_reported(folder: Path) -> None:
    """Raise the error that a stage met in a step, if any."""
    error = _STOPPED.pop(folder, None)
    if error is not None:
        raise error


def system_failure(error: OSError, near: Path | None = None) -> SystemFailure:
    """What the operating system refused, for whoever runs the machine; `near` where the error names no file."""
    path = error.filename or near
    where = f"{path}: " if path else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return SystemFailure(
            f"{where}no space left on the disk",
            "free some space and run the same command again: it goes on from the last finished step",
        )
    reason = error.strerror or type(error).__name__
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        reason = "expected a folder, got a file"
    return SystemFailure(f"{where}{reason}", "check the path and its permissions, then run the same command again")
