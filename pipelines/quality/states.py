"""What the events of an hour tell of a radio cell: on air, silent, or nothing. Pure.

The state of an hour is judged at its end, by events before it: it does not depend on who asks, when, or how often.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints, starts_of_runs
from pipelines.footprint import Footprint
from pipelines.network import Network
from pipelines.quality.silence import LEAST_MISSING, Silences

Floats = npt.NDArray[np.float64]
States = npt.NDArray[np.int8]

HOUR: Final = 3_600_000_000
"""Microseconds: states are told by whole hours of UTC."""

UNKNOWN, UP, SILENT = range(3)
"""States; where fewer than k devices are expected, it is unknown whatever was heard."""

USUAL_SHARE: Final = 0.5
"""Of the events that are expected in an hour: with so many a cell is on air (the project's own)."""


@dataclass(frozen=True)
class Served:
    """Which radio cells serve a hexagon, by hexagon and then by cell.

    `hexagon` uint64[p] H3 cells, ascending; `cell` int64[p] identifiers of the network; `share` float64[p]: how likely
    the cell is to serve a device in the hexagon, adding up to 1 in each hexagon.
    """

    hexagon: npt.NDArray[np.uint64]
    cell: Ints
    share: Floats


def served(found: Footprint, network: Network, start: int, end: int) -> Served:
    """The cells that the plan has on air some time of [start, end), in microseconds, and the hexagons they serve."""
    on_air = (network.valid_from < end) & (network.valid_to > start)
    taken = np.flatnonzero(on_air[found.cell] & (found.likelihood > 0))
    hexagon, cell = found.hexagon[taken].astype(np.int64), network.identifier[found.cell[taken]].astype(np.int64)
    order = np.lexsort((cell, hexagon))
    hexagon, cell = hexagon[order], cell[order]
    first = np.flatnonzero(starts_of_runs(hexagon, cell))
    # A cell of several periods serves once.
    likelihood = np.maximum.reduceat(found.likelihood[taken][order], first) if first.size else np.zeros(0)
    hexagon, cell = hexagon[first], cell[first]
    total = np.bincount(hexagon, likelihood, found.hexagons.size)
    return Served(found.hexagons[hexagon], cell, likelihood / total[hexagon])


def whole_hours(edges: Ints) -> Ints:
    """int64[h + 1]: the bins at which the whole hours of UTC among some bins begin, and the end of the last one.

    `edges` int64[bins + 1] in microseconds. Part of an hour before the first or after the last is left out.
    """
    at = np.flatnonzero(edges % HOUR == 0)
    return at if at.size > 1 else np.zeros(1, np.int64)


def states(expected: Floats, devices: Floats, events: Ints, silences: Silences, hours: Ints, k: int) -> States:
    """int8[cells, h]: UP, SILENT or UNKNOWN in each hour.

    `expected`, `devices` float64[cells, bins]: the events and the devices to expect in a bin, 0 where the plan has no
    cell on air. `events` int64[cells, bins]; `hours` int64[h + 1]: the bins of whole hours, all over.
    Nothing is told of a cell that by itself expects fewer than k devices, nor of one that expects fewer events in the
    hour than an outage takes to be known.
    """
    last = int(hours[-1])
    if hours.size < 2:
        return np.zeros((events.shape[0], 0), np.int8)
    at = hours[:-1]
    told = np.minimum.reduceat(devices[:, :last], at, axis=1) >= k
    wanted = np.add.reduceat(expected[:, :last], at, axis=1, dtype=np.float64)
    heard = np.add.reduceat(events[:, :last], at, axis=1)
    silent = _silent(silences, hours, events.shape[0])
    up = ~silent & (wanted >= LEAST_MISSING) & (heard >= USUAL_SHARE * wanted)
    return np.where(told & silent, SILENT, np.where(told & up, UP, UNKNOWN)).astype(np.int8)


def _silent(silences: Silences, hours: Ints, cells: int) -> Bools:
    """bool[cells, h]: whether a silence reaches into the hour that is known by its end."""
    begin, end = hours[:-1], hours[1:]
    reaches = (silences.first[:, None] < end) & (silences.last[:, None] > begin) & (silences.known[:, None] <= end)
    found = np.zeros((cells, begin.size), np.bool_)
    row, hour = np.nonzero(reaches)
    found[silences.cell[row], hour] = True
    return found


def beside_others(found: States, where: Served) -> States:
    """The same, but unknown where a cell is silent and no other that reaches one of its hexagons is on air.

    Where all are silent, the delivery of events may have failed, and not the network.
    """
    place = np.cumsum(starts_of_runs(where.hexagon)) - 1
    told = found.copy()
    for hour in np.flatnonzero((found == SILENT).any(axis=0)).tolist():
        lit = np.bincount(place, found[where.cell, hour] == UP, int(place[-1]) + 1) > 0 if place.size else place > 0
        beside = np.bincount(where.cell, lit[place], found.shape[0]) > 0
        told[(found[:, hour] == SILENT) & ~beside, hour] = UNKNOWN
    return told
