"""Location: in which hexagon a device is, given the cell that serves it and the commune of its home."""

import numpy as np
from numpy.typing import NDArray

from pipelines.footprint import Footprint

_NONE, _ALL = np.uint64(0), np.uint64(1 << 32)


def draw(
    footprint: Footprint, cell: NDArray[np.int32], home: NDArray[np.int32], uniform: NDArray[np.uint32]
) -> NDArray[np.int32]:
    """Row of the hexagon at each uniform number in the distribution of its cell and home, by inverse CDF.

    `cell` are rows of the network, none negative; `home` the home areas of the devices, -1 where it is none. The lower
    part of the numbers, as wide as the home area is likely, falls into the home area, the rest anywhere. One number for
    all draws of a device couples them: where footprints overlap, they tend to fall into the same hexagon.
    """
    known = home >= 0
    key = cell.astype(np.int64) * footprint.areas + home + 1
    place = np.minimum(np.searchsorted(footprint.homes, key), footprint.homes.size - 1)
    # A home area that no cell reaches has no place among the keys of a cell.
    reached = known & (home + 1 < footprint.areas) & (footprint.homes[place] == key)
    share = np.where(reached, footprint.home_share[place], np.uint32(0))
    at_home = uniform < share
    hexagon = np.empty(cell.size, np.int32)
    for some, draws, which, low, high in (
        (at_home, footprint.at_home, place, _NONE, share),
        (known & ~at_home, footprint.away, cell, share, _ALL),
        (~known, footprint.anybody, cell, _NONE, _ALL),
    ):
        rows = np.flatnonzero(some)
        bottom, top = (np.broadcast_to(end, cell.shape)[rows].astype(np.uint64) for end in (low, high))
        within = ((uniform[rows].astype(np.uint64) - bottom) << np.uint64(32)) // (top - bottom)
        hexagon[rows] = footprint.hexagon[draws.pick(which[rows], within.astype(np.uint32))]
    return hexagon


def prior_of_home(
    footprint: Footprint, hexagon: NDArray[np.int32], home: NDArray[np.int32], at_home: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64[n]: how likely a person of a home area (-1: unknown) is in a hexagon, before any signal.

    With probability `at_home` in the home area, evenly, else elsewhere.
    """
    if footprint.areas == 1:
        return np.where(home < 0, footprint.prior[hexagon], footprint.elsewhere[hexagon])
    inside = (home >= 0) & (footprint.area[hexagon] == home)
    # A home area that no cell reaches has no size.
    size = footprint.sizes[np.minimum(home + 1, footprint.areas - 1)]
    own = np.where(inside, at_home / size, 0.0)
    return np.where(home < 0, footprint.prior[hexagon], (1 - at_home) * footprint.elsewhere[hexagon] + own)
