"""Working files: Arrow IPC files in which every record batch has a number, so that one can be read alone."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from anonymization.atomic import replacing


class BatchFile:
    """A working file that grows by a record batch for each table; it appears under its name, durably, once closed.

    Left by an exception, or never closed, it does not appear.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._open = ExitStack()
        temporary = self._open.enter_context(replacing(path))
        sink = self._open.enter_context(pa.OSFile(str(temporary), "wb"))
        self._writer = self._open.enter_context(pa.ipc.new_file(sink, schema))

    def append(self, table: pa.Table) -> None:
        """Write a table as the next record batch."""
        self._writer.write_batch(_one_batch(table, self._schema))

    def close(self) -> None:
        """Finish the file and put it in its place."""
        self._open.close()

    def __enter__(self) -> "BatchFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)


def write_batches(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write each table as one record batch, durably; a file of this name appears whole or not at all."""
    with BatchFile(path, schema) as file:
        for table in tables:
            file.append(table)


def read_batch(path: Path, number: int) -> pa.Table:
    """One of a file's record batches; the others are not read."""
    # A memory map would count every page that was touched as memory of this process.
    with pa.OSFile(str(path), "rb") as source:
        return pa.Table.from_batches([pa.ipc.open_file(source).get_batch(number)])


def read_table(path: Path) -> pa.Table:
    """All of a file's rows."""
    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()


def _one_batch(table: pa.Table, schema: pa.Schema) -> pa.RecordBatch:
    """A table as a single record batch."""
    batches = table.combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], schema)
