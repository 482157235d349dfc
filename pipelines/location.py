"""Location: in which hexagon a device is, given the cell that serves it and the commune of its home."""

import numpy as np
from numpy.typing import NDArray

from pipelines.census import AT_HOME
from pipelines.footprint import Footprint


def draw(
    footprint: Footprint, cell: NDArray[np.int32], home: NDArray[np.int32], uniform: NDArray[np.uint32]
) -> NDArray[np.int32]:
    """Row of the hexagon at each uniform number in the distribution of its cell and home, by inverse CDF.

    `cell` are rows of the network, none negative; `home` the home areas of the devices, -1 where it is none. The lower
    part of the numbers, as wide as the home area is likely, falls into the home area, the rest anywhere. One number for
    all draws of a device couples them: where footprints overlap, they tend to fall into the same hexagon.
    """
    key = cell.astype(np.int64) * footprint.areas + home + 1
    place = np.minimum(np.searchsorted(footprint.homes, key), footprint.homes.size - 1)
    # The share of hexagons in no area is 0, so that an unknown home falls to nobody's.
    share = np.where(footprint.homes[place] == key, footprint.home_share[place], np.uint32(0))
    at_home = uniform < share
    hexagon = np.empty(cell.size, np.int32)
    inner, outer = np.flatnonzero(at_home), np.flatnonzero(~at_home)
    for some, draws, which, low, high in (
        (inner, footprint.at_home, place, np.uint64(0), share[inner].astype(np.uint64)),
        (outer, footprint.anybody, cell, share[outer].astype(np.uint64), np.uint64(1 << 32)),
    ):
        within = ((uniform[some].astype(np.uint64) - low) << np.uint64(32)) // (high - low)
        hexagon[some] = footprint.hexagon[draws.pick(which[some], within.astype(np.uint32))]
    return hexagon


def home_areas_prior(footprint: Footprint, hexagon: NDArray[np.int32], home: NDArray[np.int32]) -> NDArray[np.float64]:
    """float64[n]: how likely a person of a home area (-1: unknown) is in a hexagon, before any signal.

    At home for AT_HOME of the time, evenly over the area, else anywhere as the prior has it.
    """
    anywhere = footprint.prior[hexagon]
    sizes = np.bincount(footprint.area + 1, minlength=footprint.areas)
    inside = (home >= 0) & (footprint.area[hexagon] == home)
    at_home = np.where(inside, AT_HOME / np.maximum(sizes[home + 1], 1), 0.0)
    return np.where(home < 0, anywhere, (1 - AT_HOME) * anywhere + at_home)
