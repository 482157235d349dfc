"""Parts as rows print them: which rows are of one part and moment, and which parts lie inside another.

Only what is printed counts here: windows, cells, and from the declarations which indicator splits which.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.spans import WHOLE, overlapping, spans
from anonymization.nested import distinct
from pipelines.arrays import Ints, column, instants
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS, Indicator

Windows = tuple[Ints, Ints]
"""Where windows begin and end."""


@dataclass(frozen=True)
class Parts:
    """The parts of a day and population: places of one time.

    `rows`: (name, row, part), each row of each indicator with the number of its part. By part int64[parts] `start` and
    `end` of its time, its `cells` list<uint64>[parts], and its `zones`, as they are printed.
    """

    rows: pa.Table
    start: Ints
    end: Ints
    cells: pa.Array
    zones: tuple[str, ...]

    def of(self, name: str) -> Ints:
        """int64[rows]: the part of each row of an indicator."""
        return column(self.rows.filter(pc.equal(self.rows["name"], name)), "part").astype(np.int64)


def parts_of(rows: Mapping[str, pa.Table]) -> Parts:
    """The parts of rows with their places as `row`, by indicator; all of one population."""
    pieces = [_counted(name, rows) for name in rows]
    found = ask(
        """
        SELECT name, row, start, finish, zone_id, cells,
            dense_rank() OVER (ORDER BY start, finish, zone_id, hash(cells)) - 1 AS part
        FROM printed ORDER BY name, row
        """,
        printed=pa.concat_tables(pieces),
    )
    part = column(found, "part").astype(np.int64)
    _, first = np.unique(part, return_index=True)
    start, end = (column(found, name)[first].astype(np.int64) for name in ("start", "finish"))
    some = found.take(pa.array(first)).combine_chunks()
    return Parts(
        found.select(["name", "row", "part"]),
        start,
        end,
        some["cells"].combine_chunks(),
        tuple(some["zone_id"].to_pylist()),
    )


def _counted(name: str, rows: Mapping[str, pa.Table]) -> pa.Table:
    start, end = counted_in(name, rows)
    return pa.table(
        {
            "name": pa.array([name] * start.size, pa.string()),
            "start": start,
            "finish": end,
            **{each: rows[name][each] for each in ("row", "zone_id", "cells")},
        }
    )


def counted_in(name: str, rows: Mapping[str, pa.Table]) -> Windows:
    """The time in which the devices of each row count.

    Its window; for a row that splits one of another indicator that of the row: the shortest that holds the middle.
    """
    start, end = instants(rows[name], "window_start"), instants(rows[name], "window_end")
    above = first_split(INDICATORS[name]).name
    if above == name or above not in rows or not rows[above].num_rows:
        return start, end
    known = np.unique(np.stack([instants(rows[above], each) for each in ("window_start", "window_end")]), axis=1)
    known = known[:, np.argsort(known[1] - known[0], kind="stable")]
    middle, at = np.unique((start + end) // 2, return_inverse=True)
    holds = (known[0] <= middle[:, None]) & (middle[:, None] < known[1])
    some, shortest = holds.any(axis=1)[at], holds.argmax(axis=1)[at]
    return np.where(some, known[0][shortest], start), np.where(some, known[1][shortest], end)


def first_split(indicator: Indicator) -> Indicator:
    """The indicator that a row splits in the end: itself where it splits none."""
    return first_split(INDICATORS[indicator.splits]) if indicator.splits else indicator


def held(parts: Parts) -> tuple[Ints, Ints]:
    """Numbers of the parts that lie inside another one, in time and space, and of that one."""
    moments = np.unique(np.concatenate([parts.start, parts.end]))
    first, last = np.searchsorted(moments, parts.start), np.searchsorted(moments, parts.end)
    part = np.repeat(np.arange(parts.start.size), pc.list_value_length(parts.cells).to_numpy())
    low, high = spans(parts.cells.flatten().to_numpy())
    again = np.repeat(np.arange(part.size), (last - first)[part])
    moment = first[part[again]] + _counting(again)
    part, low, high = part[again], moment * WHOLE + low[again], moment * WHOLE + high[again]
    if not overlapping(np.zeros(part.size, np.int64), low, high).size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return _inside(part, low, high)


def _counting(runs: Ints) -> Ints:
    """int64[n]: 0, 1, 2 ... in each run of equal numbers."""
    starts = np.flatnonzero(np.append(True, runs[1:] != runs[:-1])[: runs.size])
    return np.arange(runs.size) - np.repeat(starts, np.diff(np.append(starts, runs.size)))


def _inside(part: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """The parts of which every span is in spans of another part, and that one."""
    edges = distinct(np.concatenate([low, high]))
    first, last = np.searchsorted(edges, low), np.searchsorted(edges, high)
    again = np.repeat(np.arange(part.size), last - first)
    piece = first[again] + _counting(again)
    found = ask(
        """
        WITH shared AS (SELECT * FROM pieces JOIN (
            SELECT piece FROM pieces GROUP BY piece HAVING count(*) > 1) USING (piece)),
        sizes AS (SELECT part, count(*) AS size FROM pieces GROUP BY part)
        SELECT a.part AS inner_part, b.part AS outer_part
        FROM shared a JOIN shared b ON a.piece = b.piece AND a.part <> b.part JOIN sizes ON sizes.part = a.part
        GROUP BY a.part, b.part, size HAVING count(*) = size ORDER BY a.part, b.part
        """,
        pieces=pa.table({"part": part[again], "piece": piece}),
    )
    return column(found, "inner_part").astype(np.int64), column(found, "outer_part").astype(np.int64)
