"""Messages of Arrow: each an IPC stream of record batches."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.sources.columns import Columns
from pipelines.sources.decoded import Decoded, bad, sound
from pipelines.sources.fragment import MAX_BATCH_ROWS, UNDECODABLE
from schemas.errors import InputError

Shape = tuple[tuple[str, pa.DataType], ...]
"""The wanted columns of a message and their types."""

_FIRST_COLUMN: Final = pa.ipc.IpcReadOptions(included_fields=[0], use_threads=False)
_ALL_COLUMNS: Final = pa.ipc.IpcReadOptions(use_threads=False)
_UNREADABLE = (*UNDECODABLE, OSError, InputError)


class Group:
    """Rows of messages of one shape, as they are read."""

    def __init__(self) -> None:
        self.batches: list[pa.RecordBatch] = []
        self.places: list[int] = []
        self.rows = 0

    def add(self, place: int, batches: Sequence[pa.RecordBatch]) -> None:
        """Add a message."""
        self.batches += batches
        self.places += [place] * len(batches)
        self.rows += sum(batch.num_rows for batch in batches)

    def decoded(self) -> list[Decoded]:
        """The rows, and the messages among them that are none."""
        place = np.repeat(np.array(self.places, np.int64), [batch.num_rows for batch in self.batches])
        return sound(pa.Table.from_batches(self.batches), place) if len(place) else []


def rows(value: bytes) -> int:
    """How many rows a message has; 1 where it is no stream."""
    try:
        return sum(batch.num_rows for batch in pa.ipc.open_stream(value, options=_FIRST_COLUMN))
    except _UNREADABLE:
        return 1


def read(values: Sequence[bytes], columns: Columns, schemas: Path | None) -> Iterator[Decoded]:
    """The wanted columns of the record batches, a table for all messages of one shape.

    A message that does not decode, lacks a required column or has more than a million rows is malformed.
    """
    groups: dict[Shape, Group] = {}
    malformed: list[int] = []
    for place, value in enumerate(values):
        try:
            shape, batches = _message(value, columns)
        except _UNREADABLE:
            malformed.append(place)
            continue
        group = groups.setdefault(shape, Group())
        group.add(place, batches)
        if group.rows >= MAX_BATCH_ROWS:
            yield from groups.pop(shape).decoded()
    for group in groups.values():
        yield from group.decoded()
    yield bad(malformed)


def _message(value: bytes, columns: Columns) -> tuple[Shape, list[pa.RecordBatch]]:
    """The wanted columns of a message; raises one of `_UNREADABLE`."""
    reader = pa.ipc.open_stream(value, options=_ALL_COLUMNS)
    names = reader.schema.names
    found = {ours: names.index(theirs) for ours, theirs in columns.found("message", names).items()}
    shape = tuple((ours, reader.schema.field(place).type) for ours, place in found.items())
    # Those that Python defines need not even have a hash.
    if any(isinstance(kind, pa.BaseExtensionType) for _, kind in shape):
        raise InputError("message: expected columns of Arrow's own types, got an extension", "write its storage type")
    schema = pa.schema(shape)
    batches = []
    total = 0
    for batch in reader:
        total += batch.num_rows
        if total > MAX_BATCH_ROWS:
            raise InputError("message: expected at most a million rows, got more", "cut it into smaller ones")
        arrays = [batch.column(place) for place in found.values()]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return shape, batches
