"""The different parts of some tables: what is worked out of a name or of cells is worked out once for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.spans import Cells, Ints, merged_in_groups, spans
from anonymization.checks.tables import cell_counts, cell_values

AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Parts:
    """`code` int64[rows] by table: the number of each row's part, the same in all tables.

    `names` string[parts]; `cells` uint64[n] of all parts, one after the other, `sizes` int64[parts] of each.
    """

    code: dict[str, Ints]
    names: pa.Array
    cells: Cells
    sizes: Ints

    @property
    def count(self) -> int:
        """How many parts there are."""
        return int(self.sizes.size)

    @cached_property
    def owner(self) -> Ints:
        """int64[n]: the part of each cell."""
        return np.repeat(np.arange(self.count), self.sizes)

    @cached_property
    def spans(self) -> tuple[Ints, Ints]:
        """int64[n] twice: the spans of the cells."""
        return spans(self.cells)

    @cached_property
    def extent(self) -> Ints:
        """int64[parts]: how much a part covers, each place once, in cells of the finest resolution."""
        part, low, high = merged_in_groups(self.owner, *self.spans)
        return sums(part, high - low, self.count)

    def cells_of(self, part: int) -> Cells:
        """The cells of one part."""
        end = int(self._ends[part])
        return self.cells[end - int(self.sizes[part]) : end]

    def places(self, code: Ints) -> tuple[Ints, Ints]:
        """int64[m] twice: the row of each cell of some rows, given their parts, and its place in `cells`."""
        return expanded(self._ends[code] - self.sizes[code], self.sizes[code])

    @cached_property
    def _ends(self) -> Ints:
        return np.cumsum(self.sizes)


def parts_of(tables: Mapping[str, pa.Table]) -> Parts:
    """The parts of tables with `zone_id` and `cells`."""
    if not tables:
        return Parts({}, pa.array([], pa.string()), np.zeros(0, np.uint64), np.zeros(0, np.int64))
    together = pa.concat_tables([table.select(["zone_id", "cells"]) for table in tables.values()])
    code = joined_codes(codes([together["zone_id"]])[0], codes([_cells_as_bytes(together)])[0])
    first = np.zeros(1 + code.max(initial=-1), np.int64)
    # The last one that is written stays.
    first[code[::-1]] = np.arange(code.size)[::-1]
    parts = together.take(pa.array(first))
    ends = np.cumsum([table.num_rows for table in tables.values()])
    by_table = dict(zip(tables, np.split(code, ends[:-1]), strict=True))
    return Parts(by_table, parts["zone_id"].combine_chunks(), cell_values(parts), cell_counts(parts))


def codes(columns: Sequence[pa.Array | pa.ChunkedArray]) -> list[Ints]:
    """int64[n] for each column: the same number for the same value, in all of them, from 0 on."""
    chunks = [chunk for column in columns for chunk in (column.chunks if _is_chunked(column) else [column])]
    encoded = pa.chunked_array(chunks, columns[0].type).dictionary_encode()
    pieces = [np.zeros(0, np.int64), *(chunk.indices.to_numpy().astype(np.int64) for chunk in encoded.chunks)]
    return np.split(np.concatenate(pieces), np.cumsum([len(column) for column in columns])[:-1])


def joined_codes(*keys: Ints) -> Ints:
    """int64[n]: the same number where all keys are the same, from 0 on; keys are whole numbers from 0 on."""
    joined = keys[0]
    for key in keys[1:]:
        joined = codes([pa.array(joined * (1 + key.max(initial=0)) + key)])[0]
    return joined


def sums(place: Ints, values: npt.NDArray[np.generic], places: int) -> Ints:
    """int64[places]: the sums of values by place."""
    found = np.zeros(places, np.int64)
    np.add.at(found, place, values.astype(np.int64))
    return found


def expanded(first: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """int64[m] twice: for runs that begin at `first`, the number of the run and the place, of all that are in them."""
    run = np.repeat(np.arange(sizes.size), sizes)
    return run, np.arange(run.size) + (first - (np.cumsum(sizes) - sizes))[run]


def in_groups(part: Ints, sizes: Ints) -> list[Ints]:
    """All rows in groups, so that what belongs to the rows of a group fits in memory; a part is in one group.

    `part`, `sizes` int64[rows]: how much there is of each row.
    """
    order = np.argsort(part, kind="stable")
    group = (np.cumsum(sizes[order]) - sizes[order]) // AT_ONCE
    first_of_part = np.searchsorted(part[order], part[order])
    return np.split(order, 1 + np.flatnonzero(np.diff(group[first_of_part])))


def _is_chunked(column: pa.Array | pa.ChunkedArray) -> bool:
    return isinstance(column, pa.ChunkedArray)


def _cells_as_bytes(table: pa.Table) -> pa.Array:
    """The cells of each row as one value, without copying them: lists cannot be compared directly."""
    lengths = pc.list_value_length(table["cells"]).to_numpy().astype(np.int64) * np.uint64().itemsize
    offsets = np.append(0, np.cumsum(lengths))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(cell_values(table))]
    return pa.Array.from_buffers(pa.large_binary(), table.num_rows, buffers)
