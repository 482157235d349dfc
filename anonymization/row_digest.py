"""A digest of the rows of a table that does not depend on how a file encodes them.

Each column gives one stream of bytes, or two, over all its rows from the first to the last:

- whole numbers, instants (microseconds since 1970, UTC) and floating-point numbers: 8 bytes each, little-endian;
- truth values: one byte each, 0 or 1;
- texts: their lengths in bytes as whole numbers, and in a second stream their UTF-8 bytes, one after the other;
- lists of cells: their lengths, and in a second stream their cells as whole numbers.

The digest is the SHA-256 of the SHA-256 of all streams, 32 bytes each, in the order of the columns.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_BATCH_ROWS = 1 << 16
_BUFFER = 1 << 20


class RowDigest:
    """The digest of rows that are added some at a time: where they are cut changes nothing."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self._streams = [hashlib.sha256() for field in schema for _ in range(1 + _has_lengths(field.type))]

    def add(self, rows: pa.Table) -> None:
        """Add rows of the schema; raises ValueError for others, and for nulls."""
        if not rows.schema.equals(self.schema):
            raise ValueError("expected rows of the declared schema, got others")
        pieces = (piece for column in rows.columns for piece in _streams(column))
        for stream, piece in zip(self._streams, pieces, strict=True):
            for some in piece:
                stream.update(some)

    def hexdigest(self) -> str:
        """The digest of all rows so far: 64 hex digits."""
        return hashlib.sha256(b"".join(stream.digest() for stream in self._streams)).hexdigest()


def digest_of_file(path: Path, schema: pa.Schema) -> str:
    """The digest of the rows of a Parquet file, in their order; raises OSError and Arrow's errors as reading does."""
    digest = RowDigest(schema)
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            digest.add(pa.Table.from_batches([batch]).cast(schema))
    return digest.hexdigest()


def _has_lengths(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_list(kind))


def _streams(column: pa.ChunkedArray) -> Iterator[list[memoryview]]:
    """The streams of a column, each in pieces."""
    if column.null_count:
        raise ValueError("expected values, got nulls")
    kind = column.type
    if pa.types.is_string(kind):
        yield _numbers(pc.binary_length(column).cast(pa.int64()))
        yield [_text(chunk) for chunk in column.chunks]
    elif pa.types.is_list(kind):
        yield _numbers(pc.list_value_length(column).cast(pa.int64()))
        yield _numbers(pa.chunked_array([chunk.flatten() for chunk in column.chunks], kind.value_type))
    elif pa.types.is_boolean(kind):
        yield _numbers(column.cast(pa.uint8()))
    else:
        yield _numbers(column.cast(pa.int64()) if pa.types.is_timestamp(kind) else column)


def _numbers(column: pa.ChunkedArray) -> list[memoryview]:
    if column.null_count:
        raise ValueError("expected values, got nulls")
    values = column.to_numpy()
    return [np.ascontiguousarray(values, values.dtype.newbyteorder("<")).data.cast("B")] if values.size else []


def _text(chunk: pa.StringArray) -> memoryview:
    """The bytes of the texts of an array, without what its buffer holds before and after them."""
    _, offsets, data = chunk.buffers()
    if not len(chunk) or data is None:
        return memoryview(b"")
    first, last = np.frombuffer(offsets, np.int32)[[chunk.offset, chunk.offset + len(chunk)]]
    return memoryview(data)[first:last]
