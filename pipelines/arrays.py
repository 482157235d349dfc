"""Between Arrow columns and NumPy arrays, without copies where the types allow it."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.tables import Table

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def column(table: pa.Table, name: str) -> npt.NDArray[np.generic]:
    """A column without nulls as an array; instants as int64 microseconds, booleans as bytes of 0 and 1."""
    chunked = table.column(name)
    array = chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()
    if pa.types.is_timestamp(array.type):
        array = array.view(pa.int64())
    values: npt.NDArray[np.generic] = array.to_numpy(zero_copy_only=False)
    return values


def instants(table: pa.Table, name: str) -> Ints:
    """A column of instants as int64 microseconds since the epoch."""
    return column(table, name).astype(np.int64, copy=False)


def rows(table: Table, columns: Mapping[str, npt.NDArray[np.generic]]) -> pa.Table:
    """Arrays as rows of a declared table, in its column order; int64 arrays become instants where it says so."""
    arrays = []
    for field in table.schema:
        values = columns[field.name]
        if pa.types.is_timestamp(field.type):
            arrays.append(pa.array(values.astype(np.int64, copy=False)).view(field.type))
        else:
            arrays.append(pa.array(values, field.type))
    return pa.Table.from_arrays(arrays, schema=table.schema)


def starts_of_runs(*keys: npt.NDArray[np.generic]) -> Bools:
    """bool[n]: where a row differs from the one before in any key."""
    fresh = np.zeros(keys[0].size, np.bool_)
    fresh[:1] = True
    for key in keys:
        fresh[1:] |= key[1:] != key[:-1]
    return fresh
