"""What was heard of the network: events by radio cell and five minutes, devices by radio cell and hour. Pure."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints, column, instants, rows, starts_of_runs
from schemas.tables import CELL_HOUR, HEARD

BIN: Final = 5 * 60_000_000
"""Microseconds: silences are told apart by five minutes."""

DENSE: Final = 4
"""Counting into an array of every key is quicker than sorting the keys up to about this ratio (as in `presence`)."""


def heard(cell: npt.NDArray[np.generic], time: Ints, day_start: int) -> pa.Table:
    """HEARD rows of events, by bin and then by cell.

    `cell` integer[n]; `time` int64[n] and `day_start`, when the privacy day begins, in microseconds.
    """
    bins = (time - day_start) // BIN
    return _summed(cell.astype(np.int64, copy=False), bins, None)


def merged_heard(tables: list[pa.Table]) -> pa.Table:
    """HEARD rows of several shards or steps as one, by bin and then by cell."""
    table = pa.concat_tables([HEARD.empty(), *tables])
    cell, bins, events = (column(table, name).astype(np.int64, copy=False) for name in HEARD.names)
    return _summed(cell, bins, events)


def heard_grid(table: pa.Table, identifier: npt.NDArray[np.int32], cells: int, bins: int) -> Ints:
    """int64[cells, bins]: the events of HEARD rows by `identifier` int32[rows of the network] of their cell."""
    cell, at, events = (column(table, name).astype(np.int64, copy=False) for name in HEARD.names)
    key = identifier[cell].astype(np.int64) * bins + at
    return np.bincount(key, events, cells * bins).astype(np.int64).reshape(cells, bins)


def cell_hours(stays: pa.Table, identifier: npt.NDArray[np.int32], hours: Ints) -> pa.Table:
    """CELL_HOUR rows of a shard's STAY rows, of which those of one device stand together; by cell and hour.

    A device is known in a cell from `begin` to `end` of a stay there. `identifier` int32[rows of the network]: cells
    are told apart by it, so that nobody counts twice where the plan gives a cell a new row. `hours` int64[h + 1]: the
    edges of the hours.
    """
    device = np.cumsum(starts_of_runs(column(stays, "device"))) - 1
    cell = identifier[column(stays, "cell")].astype(np.int64)
    size = hours.size - 1
    first = np.clip(np.searchsorted(hours, instants(stays, "begin"), "right") - 1, 0, size - 1)
    last = np.clip(np.searchsorted(hours, instants(stays, "end"), "left") - 1, first, size - 1)
    count = last - first + 1
    at = np.repeat(np.arange(count.size), count)
    hour = np.arange(at.size) - np.repeat(np.cumsum(count) - count, count) + first[at]
    cells = int(cell.max(initial=0)) + 1
    known = np.unique((device[at] * cells + cell[at]) * size + hour)
    places, devices = np.unique(known % (cells * size), return_counts=True)
    return rows(CELL_HOUR, {"cell": places // size, "hour": places % size, "devices": devices})


def device_grid(tables: Iterable[pa.Table], cells: int, hours: int) -> Ints:
    """int64[cells, hours]: the devices of CELL_HOUR rows; those of different shards are different devices."""
    total = np.zeros((cells, hours), np.int64)
    for table in tables:
        cell, hour, devices = (column(table, name).astype(np.int64, copy=False) for name in CELL_HOUR.names)
        total[cell, hour] += devices
    return total


def _summed(cell: Ints, bins: Ints, events: Ints | None) -> pa.Table:
    """HEARD rows with the events of each bin and cell; None stands for one event in each place."""
    if not cell.size:
        return HEARD.empty()
    first, cells = int(bins.min()), int(cell.max()) + 1
    key = (bins - first) * cells + cell
    size = (int(bins.max()) - first + 1) * cells
    if size <= DENSE * key.size:
        # Without weights it takes half as long.
        total = np.bincount(key, minlength=size) if events is None else np.bincount(key, events, size).astype(np.int64)
        place = np.flatnonzero(total)
        total = total[place]
    else:
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(starts_of_runs(key[order]))
        counts = np.ones(key.size, np.int64) if events is None else events[order]
        place, total = key[order][starts], np.add.reduceat(counts, starts)
    return rows(HEARD, {"cell": place % cells, "bin": place // cells + first, "events": total})
