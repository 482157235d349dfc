"""Probe events as the values of Kafka messages: Arrow batches, JSON objects, and Avro in Confluent's framing."""

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.fields import INSTANT

Cuts: TypeAlias = Sequence[tuple[int, int]]
"""From which row to before which one."""

SCHEMA_NUMBER: Final = 1

_FRAME: Final = struct.pack(">bI", 0, SCHEMA_NUMBER)
_NULL, _PRESENT = b"\x00", b"\x02"
_VARINT_BYTES: Final = 10
"""Bytes of the longest integer."""


def arrow(events: pa.Table, cuts: Cuts) -> list[list[bytes]]:
    """For each cut one message: an IPC stream of one record batch."""
    return [[_stream(events.slice(start, end - start))] for start, end in cuts]


def json_objects(events: pa.Table, cuts: Cuts) -> list[list[bytes]]:
    """For each cut a message for each event: an object with all columns, times as ISO 8601 text."""
    return _cut(_objects(events), cuts)


def avro(events: pa.Table, cuts: Cuts) -> list[list[bytes]]:
    """For each cut a message for each event: the frame, and a record of `avro_schema`."""
    return _cut(_records(events), cuts)


FORMATS: Final[Mapping[str, Callable[[pa.Table, Cuts], list[list[bytes]]]]] = {
    "arrow": arrow,
    "json": json_objects,
    "avro": avro,
}


def avro_schema(schema: pa.Schema) -> str:
    """The Avro schema of events, in JSON: every field may be null."""
    fields = [{"name": field.name, "type": ["null", _avro_type(field.type)]} for field in schema]
    return json.dumps({"type": "record", "name": "ProbeEvent", "namespace": "hexaflux", "fields": fields}, indent=2)


def _stream(events: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, events.schema) as writer:
        for batch in events.combine_chunks().to_batches():
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def _cut(values: pa.Array, cuts: Cuts) -> list[list[bytes]]:
    return [values.slice(start, end - start).to_pylist() for start, end in cuts]


def _objects(events: pa.Table) -> pa.Array:
    """binary[n]: each event as a JSON object."""
    # strftime of a time with a time zone would need an extension of DuckDB.
    iso = "strftime(make_timestamp(epoch_us({0})), '%Y-%m-%dT%H:%M:%S.%fZ')"
    values = {field.name: iso if field.type == INSTANT else "{0}" for field in events.schema}
    members = ", ".join(f'"{name}": {value.format(_quoted(name))}' for name, value in values.items())
    with duckdb.connect() as connection:
        connection.register("events", events)
        found = connection.sql(f"SELECT to_json({{{members}}})::VARCHAR AS object FROM events").to_arrow_table()
    return found["object"].combine_chunks().cast(pa.binary())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# Avro


def _avro_type(of: pa.DataType) -> str | dict[str, str]:
    if pa.types.is_timestamp(of):
        return {"type": "long", "logicalType": "timestamp-micros"}
    if pa.types.is_integer(of):
        return "long"
    if pa.types.is_string(of):
        return "string"
    raise TypeError(f"expected a time, an integer or a text, got {of}")


def _records(events: pa.Table) -> pa.Array:
    """binary[n]: each event as a framed record; whole columns at a time, as a writer per event is far slower."""
    fields = [_field(column.combine_chunks()) for column in events.columns]
    frame = pa.scalar(_FRAME, pa.binary())
    empty = pa.scalar(b"", pa.binary())
    return pc.binary_join_element_wise(pa.repeat(frame, events.num_rows), *fields, empty)


def _field(column: pa.Array) -> pa.Array:
    """binary[n]: the branch of the union, and the value where there is one."""
    if pa.types.is_string(column.type):
        values = column.cast(pa.binary())
        lengths = pc.fill_null(pc.binary_length(values), 0).to_numpy(zero_copy_only=False)
        body = pc.binary_join_element_wise(_varints(lengths), values, b"")
    elif pa.types.is_integer(column.type) or pa.types.is_timestamp(column.type):
        body = _varints(pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False))
    else:
        raise TypeError(f"expected a time, an integer or a text, got {column.type}")
    present = pc.binary_join_element_wise(pa.repeat(pa.scalar(_PRESENT, pa.binary()), len(column)), body, b"")
    return pc.if_else(column.is_valid(), present, pa.scalar(_NULL, pa.binary()))


def _varints(numbers: npt.NDArray[np.integer]) -> pa.Array:
    """binary[n]: each number in zigzag, seven bits to a byte, the lowest first, the top bit where more follow."""
    signed = numbers.astype(np.int64)
    zigzag = ((signed << 1) ^ (signed >> 63)).view(np.uint64)
    groups = zigzag[:, None] >> (np.arange(_VARINT_BYTES, dtype=np.uint64) * np.uint64(7))
    length = np.maximum((groups > 0).sum(axis=1), 1)
    place = np.arange(_VARINT_BYTES)
    more = np.where(place < length[:, None] - 1, 0x80, 0)
    data = ((groups & np.uint64(0x7F)).astype(np.uint8) | more.astype(np.uint8))[place < length[:, None]]
    offsets = np.concatenate([[0], np.cumsum(length)]).astype(np.int32)
    return pa.BinaryArray.from_buffers(pa.binary(), len(numbers), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
