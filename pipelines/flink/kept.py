"""What tasks keep in the state of a cluster, as bytes that a later version can read.

A table is an Arrow IPC stream: it carries its columns. Where a later version of a table has a column more, `ADDED` says
what stands in it for rows that were kept before; columns that are gone are left out. Numbers are JSON objects: a key
that is missing takes its default.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import pyarrow as pa
from pydantic import TypeAdapter

from pipelines.ipc import unpacked
from schemas.errors import InputError, SystemFailure
from schemas.tables import Table

T = TypeVar("T")

ADDED: Final[Mapping[tuple[str, str], object]] = {}
"""By table and column: the value, in rows that were kept before, of a column that may not be null."""


def kept_table(data: bytes, declared: Table) -> pa.Table:
    """The table of an IPC stream, with the columns that are declared now.

    Raises SystemFailure for rows of a version from which no way leads to the columns of now.
    """
    found = unpacked(data)
    return found if found.schema.equals(declared.schema) else _evolved(found, declared)


def written(value: object) -> bytes:
    """Numbers as bytes."""
    return _adapter(type(value)).dump_json(value)


def read(data: bytes, kind: type[T]) -> T:
    """Numbers from bytes."""
    found: T = _adapter(kind).validate_json(data)
    return found


_ADAPTERS: Final[dict[type[object], TypeAdapter[Any]]] = {}


def _adapter(kind: type[object]) -> TypeAdapter[Any]:
    """What writes and reads values of a type: to make it takes a millisecond, and to use it 2 µs (measured)."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _evolved(found: pa.Table, declared: Table) -> pa.Table:
    for field in declared.fields:
        if field.name in found.column_names or field.nullable:
            continue
        if (declared.name, field.name) not in ADDED:
            raise _lost(declared, f"a column {field.name}", "rows of a version without it")
        value = pa.scalar(ADDED[declared.name, field.name], field.type)
        found = found.append_column(field.name, pa.repeat(value, found.num_rows))
    try:
        return declared.conform(found)
    except InputError:
        raise _lost(declared, "rows that fit its columns", "those of another version") from None


def _lost(declared: Table, expected: str, got: str) -> SystemFailure:
    return SystemFailure(
        f"state of {declared.name}: expected {expected}, got {got}",
        "end the open day with the version that began it: restore its savepoint there",
    )
