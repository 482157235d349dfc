"""People per square kilometre, by hour and hexagon, from the published presence of a privacy day.

The people of a part are spread evenly over the hexagons of the part: nothing finer was published. An hour is the mean
of its slots, each measure by itself, so that every density is a sum of published numbers with public weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.terms import HOUR, Terms
from anonymization.degraded import Degraded
from anonymization.hexagons import FINEST, Cells, resolutions
from pipelines.arrays import instants
from pipelines.quality.flags import names
from pipelines.server.population.grid import Numbers, Places, Shares

Truths: TypeAlias = npt.NDArray[np.bool_]
MEASURES: Final = ("people", "people_low", "people_high")
"""In the order of the last axis of a density."""


@dataclass(frozen=True)
class Hourly:
    """One privacy day over `hexagons` (sorted, of one resolution); hours are counted from 1970 in UTC.

    `density` float64[h, n, 3]: people per km2, their low and their high; of an hour of which a slot gives none, NaN.
    `degraded` bool[h, n]: whether a part over the hexagon was flagged in a slot of the hour.
    `known` bool[h]: whether all of the hour was published, or was held back below k.
    """

    first: int
    hexagons: Cells
    density: Numbers
    degraded: Truths
    known: Truths

    def at(self, hour: int) -> Numbers | None:
        """float64[n, 3]: the densities of an hour; None where the day does not know it as a whole."""
        place = hour - self.first
        return self.density[place] if 0 <= place < len(self.known) and self.known[place] else None

    def laid_on(self, hexagons: Cells) -> "Hourly":
        """The same over other hexagons (sorted, of the same resolution): NaN where the day has none."""
        places = np.minimum(np.searchsorted(self.hexagons, hexagons), max(self.hexagons.size - 1, 0))
        laid = np.full((len(self.density), hexagons.size, len(MEASURES)), np.nan)
        degraded = np.zeros(laid.shape[:2], np.bool_)
        if self.hexagons.size:
            there = self.hexagons[places] == hexagons
            laid[:, there] = self.density[:, places[there]]
            degraded[:, there] = self.degraded[:, places[there]]
        return Hourly(self.first, hexagons, laid, degraded, self.known)


def hourly(presence: pa.Table, terms: Terms, over: bool, resolution: int, flags: Sequence[Degraded] = ()) -> Hourly:
    """The rows of `presence` of a privacy day, as hours over its territory in hexagons of a resolution.

    The territory is what the parts of every published slot list: a pool of whole zones lists cells besides in which
    nobody can be. `over`: whether the day is published as a whole; of an open one, the hours up to its last window are
    known. Hours that lie in two privacy days are left out. Memory: 25 bytes an hour and hexagon.
    """
    parts = _Parts.of(presence, resolution)
    starts, flagged = instants(presence, "window_start"), _flagged(presence, flags)
    parts = parts.within(parts.listed(np.ones(starts.size, np.bool_)) == np.unique(starts).size)
    first, last = -(-terms.start // HOUR), terms.end // HOUR
    people = np.stack([presence[name].to_numpy() for name in MEASURES], axis=1)
    density = np.full((last - first, parts.hexagons.size, len(MEASURES)), np.nan)
    degraded = np.zeros(density.shape[:2], np.bool_)
    slots = terms.edges("slot")[:-1] // HOUR
    for hour in range(first, last):
        rows = starts // HOUR == hour
        expected = int(np.count_nonzero(slots == hour))
        if expected and np.unique(starts[rows]).size == expected:
            density[hour - first] = parts.mean(rows, people, expected)
        degraded[hour - first] = parts.listed(rows & flagged) > 0
    ends = instants(presence, "window_end").max(initial=0)
    known = over | ((np.arange(first, last) + 1) * HOUR <= ends)
    return Hourly(first, parts.hexagons, density, degraded, known)


def of_boxes(density: Numbers, shares: Shares, boxes: int) -> Numbers:
    """float64[boxes, 3]: the densities of boxes, each the mean of its hexagons, weighted by the area that they share.

    Hexagons without a density, and what lies outside the territory, have no weight; NaN where nothing has one.
    """
    given = density[shares.hexagon]
    there = np.isfinite(given[:, 0])
    weight = np.where(there, shares.share, 0.0)
    sums = [np.bincount(shares.box, weight * np.where(there, each, 0.0), boxes) for each in given.T]
    with np.errstate(invalid="ignore"):
        return np.stack(sums, axis=1) / np.bincount(shares.box, weight, boxes)[:, None]


@dataclass(frozen=True)
class _Parts:
    """The rows of a table as runs of hexagons: `low[i]:high[i]` of `hexagons` belong to row `row[i]`, in order of rows.

    `area` float64[n]: of each hexagon on the sphere, in km2; 0 for one outside the territory.
    """

    hexagons: Cells
    area: Numbers
    row: Places
    low: Places
    high: Places

    @classmethod
    def of(cls, presence: pa.Table, resolution: int) -> "_Parts":
        """The parts of a table, of which no cell is finer than `resolution`."""
        lists = presence["cells"].combine_chunks()
        listed, bounds = lists.values.to_numpy(), lists.offsets.to_numpy()
        hexagons = _uncompacted(np.unique(listed), resolution)
        area = np.array([h3.cell_area(h3.int_to_str(cell), unit="km^2") for cell in hexagons.tolist()])
        row = np.repeat(np.arange(presence.num_rows), np.diff(bounds))
        low, high = _descendants(listed, resolution)
        return cls(hexagons, area, row, np.searchsorted(hexagons, low), np.searchsorted(hexagons, high, "right"))

    def listed(self, rows: Truths) -> Places:
        """int64[n]: how many of some rows list each hexagon; `rows` is over all of them."""
        runs = rows[self.row]
        changes = np.zeros(self.hexagons.size + 1, np.int64)
        np.add.at(changes, self.low[runs], 1)
        np.add.at(changes, self.high[runs], -1)
        return np.cumsum(changes)[:-1]

    def within(self, territory: Truths) -> "_Parts":
        """The same without the hexagons outside of a territory."""
        before = np.append(0, np.cumsum(territory))
        hexagons, area = self.hexagons[territory], self.area[territory]
        return _Parts(hexagons, area, self.row, before[self.low], before[self.high])

    def mean(self, rows: Truths, people: Numbers, slots: int) -> Numbers:
        """float64[n, 3]: the densities of an hour, from the rows of its slots; `people` are of all rows."""
        runs = rows[self.row]
        length = (self.high - self.low)[runs]
        owner = np.repeat(self.row[runs], length)
        place = np.arange(owner.size) + np.repeat(self.low[runs] - (np.cumsum(length) - length), length)
        area = np.bincount(owner, self.area[place], len(people))[owner]
        sums = [np.bincount(place, each[owner] / area, self.hexagons.size) for each in people.T]
        return np.stack(sums, axis=1) / slots


def _flagged(presence: pa.Table, flags: Sequence[Degraded]) -> Truths:
    """bool[n]: the rows that flags name."""
    told = {(flag.start, *part) for flag in flags if flag.indicator == "presence" for part in flag.parts}
    if not told:
        return np.zeros(presence.num_rows, np.bool_)
    rows = zip(instants(presence, "window_start").tolist(), names(presence), strict=True)
    return np.array([(start, *name) in told for start, name in rows], np.bool_)


def _uncompacted(cells: Cells, resolution: int) -> Cells:
    """uint64[n], sorted: the cells of one resolution that cells of it and of coarser ones hold."""
    finest = h3.uncompact_cells([h3.int_to_str(cell) for cell in cells.tolist()], resolution)
    return np.unique(np.array([h3.str_to_int(cell) for cell in finest], np.uint64))


def _descendants(cells: Cells, resolution: int) -> tuple[Cells, Cells]:
    """uint64[n] twice: the first and the last index that a descendant of a resolution may have, 6 in every digit."""
    own = resolutions(cells)
    free = (np.uint64(1) << (3 * (FINEST - own)).astype(np.uint64)) - np.uint64(1)
    unused = np.uint64((1 << 3 * (FINEST - resolution)) - 1)
    digits = (cells & ~np.uint64(15 << 52) | np.uint64(resolution << 52)) & ~free | unused
    sixes = np.uint64(0o666666666666666) & free & ~unused
    return digits, digits | sixes
