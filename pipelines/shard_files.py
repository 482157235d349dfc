"""Working files: Arrow IPC files in which every record batch has a number, so that one can be read alone."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from anonymization.atomic import replacing


def write_batches(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write each table as one record batch, durably; a file of this name appears whole or not at all."""
    with (
        replacing(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for table in tables:
            writer.write_batch(_one_batch(table, schema))


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
