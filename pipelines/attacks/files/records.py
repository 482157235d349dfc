"""Records: rows that may be about one device, as anybody finds them in a table of any form."""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.spans import valid
from pipelines.arrays import Ints
from pipelines.attacks.covers import hexagons_in
from pipelines.instants import instants
from pipelines.texts import combined

U64: TypeAlias = npt.NDArray[np.uint64]

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]")
"""How an instant begins where it is written as text."""

_NOT_HEXADECIMAL: Final = "[^0-9a-fA-F]+"
_DIGITS: Final = 15
"""Of an H3 index in hexadecimal."""


def records(rows: pa.Table, hexagons: U64, starts: Ints) -> Iterator[pa.Table]:
    """(record, row, slot, hexagon): each way in which the rows of one value of a column may be about one device.

    Any column of instants gives the slot, of those that begin at `starts`, any column of H3 cells the `hexagons`, and
    any other column the record. A cell that is larger stands for all hexagons in it, a list for all that it lists.
    """
    times = [field.name for field in rows.schema if _is_time(rows[field.name])]
    if not times or not rows.num_rows:
        return
    begin = instants(rows[times[0]]).microseconds
    slot = starts[np.maximum(np.searchsorted(starts, begin, "right") - 1, 0)]
    for name in rows.column_names:
        row, hexagon = _inside(*_cells(combined(rows[name])), rows.num_rows, hexagons)
        if row.size:
            for other in rows.schema:
                if other.name not in (times[0], name) and not pa.types.is_nested(other.type):
                    record = combined(rows[other.name]).dictionary_encode().indices.take(pa.array(row))
                    yield pa.table({"record": record, "row": row, "slot": slot[row], "hexagon": hexagon})


def _is_time(column: pa.ChunkedArray) -> bool:
    """Whether a column holds instants, in their own type or as text."""
    if not _is_text(column.type):
        return bool(pa.types.is_timestamp(column.type))
    first = pc.drop_null(column)[:1].to_pylist()
    return bool(first and _DAY.match(first[0]))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _cells(values: pa.Array) -> tuple[Ints, U64]:
    """int64[n] and uint64[n]: the places of rows in a column, and the whole numbers that may be cells there."""
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        outer = pc.list_parent_indices(values).to_numpy().astype(np.int64)
        place, found = _cells(pc.list_flatten(values))
        return outer[place], found
    if pa.types.is_integer(values.type):
        known = np.flatnonzero(pc.is_valid(values).to_numpy(zero_copy_only=False))
        return known, pc.drop_null(values).cast(pa.uint64(), safe=False).to_numpy()
    if _is_text(values.type):
        words = pc.split_pattern_regex(values, _NOT_HEXADECIMAL)
        place, word = pc.list_parent_indices(words).to_numpy().astype(np.int64), pc.list_flatten(words)
        long = pc.equal(pc.utf8_length(word), _DIGITS).to_numpy(zero_copy_only=False)
        coded = word.filter(pa.array(long)).dictionary_encode()
        numbers = np.array([int(text, 16) for text in coded.dictionary.to_pylist()], np.uint64)
        return place[long], numbers[coded.indices.to_numpy()]
    return np.zeros(0, np.int64), np.zeros(0, np.uint64)


def _inside(row: Ints, cell: U64, rows: int, hexagons: U64) -> tuple[Ints, U64]:
    """The rows, and the hexagons that lie in their cells."""
    sound = valid(cell)
    row, cell = row[sound], cell[sound]
    if not row.size:
        return row, cell
    ends = np.append(0, np.cumsum(np.bincount(row, minlength=rows))).astype(np.int32)
    listed = pa.ListArray.from_arrays(pa.array(ends), pa.array(cell))
    found, inside = hexagons_in(pa.table({"cells": listed}), hexagons)
    return found, hexagons[inside]
