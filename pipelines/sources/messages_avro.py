"""Messages of Avro in Confluent's framing: a byte 0, the number of the writer's schema, one record."""

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final, TypeAlias

import fastavro
import numpy as np
import pyarrow as pa

from pipelines.sources.columns import Columns
from pipelines.sources.decoded import Decoded, bad, sound
from schemas.errors import InputError

SUFFIX: Final = ".avsc"

Schema: TypeAlias = dict[str, object]
"""A schema that is parsed."""

Record: TypeAlias = Mapping[str, object]

_HEADER: Final = struct.Struct(">bI")
_MAGIC: Final = 0


def rows(value: bytes) -> int:
    """A message is one row."""
    return 1


def check(folder: Path) -> None:
    """Raise InputError unless the folder holds schemas, and every one of them is the schema of a record."""
    numbers = [path.stem for path in folder.glob(f"*{SUFFIX}") if path.stem.isdecimal()]
    if not numbers:
        raise InputError(
            f"{folder}: expected a folder with the schemas of messages, such as 1{SUFFIX}, got none of such a name",
            "write the schemas of the registry there, each under its number",
        )
    for number in numbers:
        _schema(folder / f"{number}{SUFFIX}")


def read(values: Sequence[bytes], columns: Columns, schemas: Path | None) -> Iterator[Decoded]:
    """The wanted fields of the records, absent ones null, a table for all messages of one schema.

    A message of a schema that is unknown or cannot be read, or whose bytes are not one record of it, is malformed.
    """
    records: dict[int, list[Record]] = {}
    places: dict[int, list[int]] = {}
    malformed: list[int] = []
    known: dict[int, Schema | None] = {}
    for place, value in enumerate(values):
        number = _number(value)
        if number not in known:
            known[number] = _find(schemas, number)
        record = _record(value, known[number])
        if record is None:
            malformed.append(place)
        else:
            records.setdefault(number, []).append(record)
            places.setdefault(number, []).append(place)
    for number, some in records.items():
        table = pa.table({ours: _column(some, theirs) for ours, theirs in columns.names.items()})
        yield from sound(table, np.array(places[number], np.int64))
    yield bad(malformed)


def _number(value: bytes) -> int:
    """The number of a message's schema; -1 where it is not framed."""
    if len(value) < _HEADER.size:
        return -1
    magic, number = _HEADER.unpack_from(value)
    return int(number) if magic == _MAGIC else -1


def _find(folder: Path | None, number: int) -> Schema | None:
    """The schema of a number; None where there is none, or none that can be read: a copy may not be complete yet."""
    path = folder and folder / f"{number}{SUFFIX}"
    try:
        return _schema(path) if path and path.is_file() else None
    except InputError:
        return None


@lru_cache(maxsize=1024)
def _schema(path: Path) -> Schema:
    """The schema in a file, read once."""
    try:
        parsed = fastavro.parse_schema(json.loads(path.read_bytes()))
    except (ValueError, LookupError, TypeError, OSError, fastavro.schema.SchemaParseException):
        parsed = None
    if not isinstance(parsed, dict) or parsed.get("type") != "record":
        raise InputError(
            f"{path}: expected the Avro schema of a record, got another or none",
            "write the schema as the registry gives it, in JSON",
        )
    return parsed


def _record(value: bytes, schema: Schema | None) -> Record | None:
    """The record of a message; None where it is not one record of the schema to its last byte."""
    if schema is None:
        return None
    stream = BytesIO(value)
    stream.seek(_HEADER.size)
    try:
        record = fastavro.schemaless_reader(stream, schema, None)
    # What a decoder may raise on bytes that are not of the schema is not listed anywhere.
    except Exception:  # noqa: BLE001
        return None
    return record if isinstance(record, dict) and stream.tell() == len(value) else None


def _column(records: Sequence[Record], name: str) -> pa.Array:
    """A field of the records; as text where its values are of several types, or of one that Arrow has not."""
    values = [record.get(name) for record in records]
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.hex()
    return None if value is None or isinstance(value, (dict, list)) else str(value)
