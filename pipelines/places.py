"""Stays to places: the stays of a device that its cells cannot tell apart are at one place, and have one hexagon."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints, starts_of_runs
from pipelines.footprint import EARTH_RADIUS_M, Footprint, unit_vectors
from pipelines.location import prior_of_home

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]

APART: Final = 2.0
"""Two cells are at one place up to this distance of their centres, in units of their joint spread.

Of consecutive events of phones at rest nine in ten pass, of phones that moved by a kilometre three in ten (measured on
simulated days; an oscillation between cells is no movement: Wang and Chen, 2018, Katsikouli and others, 2019).
"""

LEAST_SPREAD_M: Final = 200.0
"""No cell is known better than this: about the radius of a hexagon of resolution 9."""

MOST_PLACES: Final = 6
"""A device has so many places on a day at most; what is far from all of them is at the nearest."""

MOST_CELLS: Final = 3
"""The cells that locate a place: those of most of its signals."""

MOST_SIGNALS: Final = 3
"""A cell counts so many times at most: its signals at one place are no independent evidence."""

UNLIKELY: Final = 1e-3
"""The likelihood of a cell in a hexagon that its footprint leaves out."""


@dataclass(frozen=True)
class Centres:
    """Of each cell, the middle of its footprint, float64[c, 3] metres, and its mean square distance from it."""

    middle: Floats
    spread: Floats


def centres(footprint: Footprint) -> Centres:
    """The centres of the cells for a device of unknown home."""
    weight = footprint.likelihood * footprint.prior[footprint.hexagon]
    first = footprint.first[:-1]
    total = np.add.reduceat(weight, first)
    at = unit_vectors(footprint.hexagons)[footprint.hexagon] * EARTH_RADIUS_M
    middle = np.add.reduceat(at * weight[:, None], first) / total[:, None]
    apart = ((at - middle[footprint.cell]) ** 2).sum(axis=1)
    spread = np.add.reduceat(apart * weight, first) / total
    return Centres(middle, np.maximum(spread, LEAST_SPREAD_M**2))


def places(device: Codes | Ints, cell: Codes, known: Centres) -> Ints:
    """int64[n]: the place of each stay, numbered within its device; `device` are codes, the stays of each in order.

    A stay is at the place of the stay before if its cell is near enough, else at the nearest place of the device that
    is near enough, else at a place of its own.
    """
    found = np.zeros(device.size, np.int64)
    if not device.size:
        return found
    state = _Places.none(int(device.max()) + 1)
    for row in _by_rank(device):
        found[row] = state.take(device[row], known.middle[cell[row]], known.spread[cell[row]])
    return found


def _by_rank(device: Codes | Ints) -> Iterator[Ints]:
    """The first stay of every device, then the second of every device that has one, and so on."""
    index = np.arange(device.size)
    rank = index - np.maximum.accumulate(np.where(starts_of_runs(device), index, 0))
    order = np.argsort(rank, kind="stable")
    yield from np.split(order, np.cumsum(np.bincount(rank))[:-1])


@dataclass(frozen=True)
class _Places:
    """The places of each device so far: `middle` [d, MOST_PLACES, 3], `spread` and `stays` [d, MOST_PLACES]."""

    middle: Floats
    spread: Floats
    stays: Ints
    latest: Ints

    @staticmethod
    def none(devices: int) -> "_Places":
        shape = (devices, MOST_PLACES)
        return _Places(np.zeros((*shape, 3)), np.ones(shape), np.zeros(shape, np.int64), np.zeros(devices, np.int64))

    def take(self, device: Codes | Ints, middle: Floats, spread: Floats) -> Ints:
        """The place of one stay of each of some devices; their places move to the mean of their stays."""
        row, stays = np.arange(device.size), self.stays[device]
        apart = ((self.middle[device] - middle[:, None]) ** 2).sum(axis=2) / (self.spread[device] + spread[:, None])
        apart[stays == 0] = np.inf
        latest, nearest = self.latest[device], apart.argmin(axis=1)
        count = (stays > 0).sum(axis=1)
        place = np.where(apart[row, nearest] <= APART**2, nearest, count)
        place = np.where(apart[row, latest] <= APART**2, latest, place)
        place = np.where(place == MOST_PLACES, nearest, place)
        share = 1 / (stays[row, place] + 1)
        self.middle[device, place] += (middle - self.middle[device, place]) * share[:, None]
        self.spread[device, place] += (spread - self.spread[device, place]) * share
        self.stays[device, place] += 1
        self.latest[device] = place
        return place


@dataclass(frozen=True)
class Evidence:
    """What locates n places: `cells` int32[n, MOST_CELLS], -1 to fill up, and how many times each counts, `signals`."""

    cells: Codes
    signals: Codes


def evidence(place: Ints, cell: Codes, signals: Codes) -> Evidence:
    """The cells of most signals of each place; `place` are codes of the stays' places, ascending or not."""
    # One packed key sorts several times faster than two or three. A device gives some 300 signals a day at most.
    cells = int(cell.max(initial=0)) + 1
    order = np.argsort(place * cells + cell)
    fresh = np.flatnonzero(starts_of_runs(place[order], cell[order]))
    at, served = place[order][fresh], cell[order][fresh]
    total = np.add.reduceat(signals[order].astype(np.int64), fresh) if fresh.size else fresh
    most = int(total.max(initial=0))
    order = np.argsort((at * (most + 1) + most - total) * cells + served)
    at, served, total = at[order], served[order], total[order]
    index = np.arange(at.size)
    rank = index - np.maximum.accumulate(np.where(starts_of_runs(at), index, 0))
    kept = rank < MOST_CELLS
    shape = (int(place.max(initial=-1)) + 1, MOST_CELLS)
    found = Evidence(np.full(shape, -1, np.int32), np.zeros(shape, np.int32))
    found.cells[at[kept], rank[kept]] = served[kept]
    # A cell without a signal of its own, in the middle of a session, still tells where that was.
    found.signals[at[kept], rank[kept]] = np.clip(total[kept], 1, MOST_SIGNALS)
    return found


@dataclass(frozen=True)
class Locator:
    """Draws the hexagon of places from the joint posterior of their cells."""

    footprint: Footprint

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """The pairs' keys, cell x hexagons + hexagon, ascending, and the pair of each."""
        key = self.footprint.cell * self.footprint.hexagons.size + self.footprint.hexagon
        order = np.argsort(key)
        return key[order], order

    @cached_property
    def _powers(self) -> Floats:
        """float64[MOST_SIGNALS, p]: the likelihood of each pair to the power of 1, 2, ..."""
        likelihood = self.footprint.likelihood
        return np.stack([likelihood**power for power in range(1, MOST_SIGNALS + 1)])

    def draw(self, seen: Evidence, home: Codes, at_home: Floats, uniform: npt.NDArray[np.uint32]) -> Codes:
        """int32[n]: the hexagon of each place, among those of the footprint of its first cell.

        `home` area or -1 and how likely people are `at_home` when they are at such a place: see `prior_of_home`; that
        x likelihood of each cell to the power of its signals. `uniform`: a number of the device.
        """
        pieces = [np.zeros(0, np.int32)]
        for at in range(0, home.size, _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            pieces.append(self._draw(seen.cells[some], seen.signals[some], home[some], at_home[some], uniform[some]))
        return np.concatenate(pieces)

    def _draw(
        self, cells: Codes, signals: Codes, home: Codes, at_home: Floats, uniform: npt.NDArray[np.uint32]
    ) -> Codes:
        start = self.footprint.first[cells[:, 0]]
        size = self.footprint.first[cells[:, 0] + 1] - start
        ends = np.cumsum(size)
        row = np.repeat(np.arange(size.size), size)
        pair = np.arange(ends[-1]) + np.repeat(start - ends + size, size)
        hexagon = self.footprint.hexagon[pair]
        weight = prior_of_home(self.footprint, hexagon, home[row], at_home[row])
        weight *= self._powers[signals[row, 0] - 1, pair]
        for other in range(1, MOST_CELLS):
            some = np.flatnonzero(np.repeat(cells[:, other] >= 0, size))
            weight[some] *= self._likelihood(cells[row[some], other], signals[row[some], other], hexagon[some])
        # In whole numbers, each row at its own scale: sums are then the same in whatever company a row stands.
        greatest = np.maximum.reduceat(weight, ends - size)
        below = np.cumsum(np.rint(weight / np.repeat(greatest, size) * _WHOLE).astype(np.int64))
        before = np.append(0, below[ends[:-1] - 1])
        target = before + ((below[ends - 1] - before) * ((uniform + 0.5) / 2.0**32)).astype(np.int64)
        chosen = np.clip(np.searchsorted(below, target, "right"), ends - size, ends - 1)
        drawn: Codes = hexagon[chosen]
        return drawn

    def _likelihood(self, cell: Codes, signals: Codes, hexagon: Codes) -> Floats:
        """How likely each cell is to serve a device in a hexagon, to the power of its signals there."""
        keys, order = self._pairs
        key = cell.astype(np.int64) * self.footprint.hexagons.size + hexagon
        at = np.minimum(np.searchsorted(keys, key), keys.size - 1)
        found: Bools = keys[at] == key
        return np.where(found, np.maximum(self._powers[signals - 1, order[at]], _UNLIKELY[signals]), _UNLIKELY[signals])


_UNLIKELY: Final = UNLIKELY ** np.arange(MOST_SIGNALS + 1.0)

_WHOLE: Final = 2.0**30
"""What the likeliest hexagon of a place weighs."""

_AT_ONCE: Final = 4_096
"""Places that are located in one go: their pairs fit into the processor's cache."""
