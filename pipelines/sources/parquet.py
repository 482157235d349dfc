"""Parquet files, cut by row groups."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.sources.columns import Columns
from pipelines.sources.fragment import MAX_BATCH_ROWS, Batch, Fragment, reading
from schemas.errors import InputError

KIND = "a Parquet file"
# Columns of few values: reading them as dictionaries halves the time. For subscriber_id it would treble it.
_FEW_VALUES = ("cell_id", "event_type")
_IDENTIFIERS = ("subscriber_id", "holder")
_HEX_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
_HEX_PAIRS = np.stack([np.repeat(_HEX_DIGITS, 16), np.tile(_HEX_DIGITS, 16)], axis=1)


def fragments(file: str, path: Path, rows: int) -> list[Fragment]:
    """Consecutive row groups that hold at most `rows` together, or one row group that holds more."""
    with reading(file, KIND):
        metadata = pq.read_metadata(path)
        sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    found: list[Fragment] = []
    first = held = 0
    for group, size in enumerate(sizes):
        if group > first and held + size > rows:
            found.append(Fragment(file, path, first, group - first, held))
            first, held = group, 0
        held += size
    return [*found, Fragment(file, path, first, len(sizes) - first, held)]


def read(fragment: Fragment, columns: Columns) -> Iterator[Batch]:
    """The wanted columns of the row groups: binary identifiers as lower-case hex, other types as they stand."""
    with reading(fragment.file, KIND):
        metadata = pq.read_metadata(fragment.path)
        schema = metadata.schema.to_arrow_schema()
        found = columns.found(fragment.file, schema.names)
        few = [found[name] for name in _FEW_VALUES if name in found and schema.field(found[name]).type == pa.string()]
        with pq.ParquetFile(
            fragment.path, metadata=metadata, read_dictionary=few, page_checksum_verification=True
        ) as file:
            row = 1 + sum(metadata.row_group(group).num_rows for group in range(fragment.first))
            for table in _tables(file, fragment, list(found.values())):
                # Arrow trusts the file: text that is no UTF-8 would fail where it is used.
                table.validate(full=True)
                named = {ours: table.column(theirs) for ours, theirs in found.items()}
                yield Batch(readable(fragment.file, named), row)
                row += table.num_rows


def readable(file: str, columns: dict[str, pa.ChunkedArray]) -> pa.Table:
    """Columns as a table: binary identifiers as lower-case hex, other binary values as text.

    Raises InputError for one that is no UTF-8 text.
    """
    return pa.table({name: _text_of_binary(file, name, column) for name, column in columns.items()})


def hexadecimal(array: pa.Array) -> pa.Array:
    """The bytes of each value in lower-case hex: large_binary[n] in, large_string[n] out, null to null."""
    _, offsets, data = array.buffers()
    if len(array) == 0 or data is None:
        return array.cast(pa.large_string())
    ends = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    digits = _HEX_PAIRS[np.frombuffer(data, np.uint8)[ends[0] : ends[-1]]]
    valid = pa.array(array.is_valid()).buffers()[1] if array.null_count else None
    buffers = [valid, pa.py_buffer((ends - ends[0]) * 2), pa.py_buffer(digits)]
    return pa.Array.from_buffers(pa.large_string(), len(array), buffers, array.null_count)


def _tables(file: pq.ParquetFile, fragment: Fragment, names: list[str]) -> Iterator[pa.Table]:
    groups = list(range(fragment.first, fragment.first + (fragment.count or 0)))
    # Row groups at once take half the time of batches, which only a greater row group needs.
    if (fragment.rows or 0) <= MAX_BATCH_ROWS:
        yield file.read_row_groups(groups, columns=names, use_threads=False)
        return
    for batch in file.iter_batches(MAX_BATCH_ROWS, groups, columns=names, use_threads=False):
        yield pa.Table.from_batches([batch])


def _text_of_binary(file: str, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not _is_binary(kind):
        return column
    if name in _IDENTIFIERS:
        chunks = [hexadecimal(chunk) for chunk in column.cast(pa.large_binary()).chunks]
        return pa.chunked_array(chunks, pa.large_string())
    try:
        return column.cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        raise InputError(
            f"{file}, column {name}: expected text, got binary values that are not UTF-8",
            f"write {name} as a string column",
        ) from None


def _is_binary(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)
