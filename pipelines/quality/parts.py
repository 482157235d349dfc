"""Which published parts silent radio cells reach: there people may be missing. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.spans import spans
from pipelines.arrays import Bools, Ints
from pipelines.quality.silence import Silences

Floats = npt.NDArray[np.float64]

LEAST_SHARE: Final = 0.1
"""Of the time that devices are expected to spend in a part: what silent cells must stand for (the project's own)."""


@dataclass(frozen=True)
class Reached:
    """Which hexagons radio cells reach, as pairs in the order of their hexagons.

    `low` int64[p]: where the span of the hexagon begins (`anonymization.checks.spans`), ascending; `cell` int64[p];
    `share` float64[p]: how likely a device of the cell is in the hexagon, if nothing else is known of it.
    """

    low: Ints
    cell: Ints
    share: Floats


@dataclass(frozen=True)
class Window:
    """The bins [first, last) of a window, and the bin before which a silence in it must be known."""

    first: int
    last: int
    horizon: int


def reached(hexagons: npt.NDArray[np.uint64], hexagon: npt.NDArray[np.int32], cell: Ints, share: Floats) -> Reached:
    """Pairs of a footprint in the order of their hexagons; `hexagon` int32[p] are places in `hexagons`."""
    low = spans(hexagons)[0][hexagon]
    order = np.argsort(low, kind="stable")
    return Reached(low[order], cell[order], share[order])


def degraded(parts: pa.Table, window: Window, silences: Silences, devices: Floats, where: Reached, k: int) -> Bools:
    """bool[n]: which parts of a window silent cells degrade; `parts` have a column `cells`.

    `devices` float64[cells, bins]: how many are expected in each cell, 0 where it is not on air. Silent cells
    count that each by itself expect k devices in a silent bin: one device is known in several cells. A part is degraded
    where a tenth of all the time that devices are expected to spend in it would be spent in such cells.
    """
    none = np.zeros(parts.num_rows, np.bool_)
    cells, silent = _silent(window, silences)
    if not cells.size or not parts.num_rows:
        return none
    here = devices[:, window.first : window.last]
    quiet = np.where(silent, here[cells], 0.0)
    many = quiet.max(axis=1) >= k
    lost = np.zeros(devices.shape[0])
    lost[cells[many]] = quiet[many].sum(axis=1)
    row, low, high = spans_of(parts)
    total = _sums(np.cumsum(where.share * here.sum(axis=1)[where.cell]), where, row, low, high, parts.num_rows)
    missing = _sums(np.cumsum(where.share * lost[where.cell]), where, row, low, high, parts.num_rows)
    found: Bools = (missing > 0) & (missing >= LEAST_SHARE * total)
    return found


def _silent(window: Window, silences: Silences) -> tuple[Ints, Bools]:
    """The cells that are silent in a window, and bool[cells, bins] in which bins."""
    first, last = np.maximum(silences.first, window.first), np.minimum(silences.last, window.last)
    chosen = np.flatnonzero((first < last) & (silences.known <= window.horizon))
    cells, at = np.unique(silences.cell[chosen], return_inverse=True)
    steps = np.zeros((cells.size, window.last - window.first + 1), np.int64)
    np.add.at(steps, (at, first[chosen] - window.first), 1)
    np.add.at(steps, (at, last[chosen] - window.first), -1)
    return cells, np.cumsum(steps, axis=1)[:, :-1] > 0


def spans_of(parts: pa.Table) -> tuple[Ints, Ints, Ints]:
    """For each cell of each part: the part, and where its span begins and ends."""
    lists = parts["cells"].combine_chunks()
    sizes = np.diff(lists.offsets.to_numpy())
    low, high = spans(lists.flatten().to_numpy())
    return np.repeat(np.arange(sizes.size), sizes), low, high


def _sums(running: Floats, where: Reached, row: Ints, low: Ints, high: Ints, parts: int) -> Floats:
    """float64[parts]: the sums over the pairs in the spans of each part, from running sums over all pairs."""
    padded = np.append(0.0, running)
    begin, end = np.searchsorted(where.low, low), np.searchsorted(where.low, high)
    return np.bincount(row, padded[end] - padded[begin], parts).astype(np.float64)
