"""Programmes: the least and the most that unpublished cells can be, by linear programming.

Equations that share no cell are apart, and equal ones are solved once. A cell of which a row of at least k is the sum
is not asked for: it is published or, where it stands for several finest cells, each of these can be nobody or all of
them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from anonymization.bounds import Floats, System, intervals
from pipelines.arrays import Bools, Ints
from pipelines.attacks.solving.equations import Equations

SYSTEMS: Final = 100
"""Systems of equations of one kind that are solved, drawn by the seed."""

ASKED: Final = 8
"""Cells that are asked for in each, drawn likewise."""


@dataclass(frozen=True)
class Bounds:
    """The least and the most of each cell that was asked for, with `times` and `rest` of `Equations`, [n] each.

    `rounded`: whether figures were; `systems`: how many were solved; `unsolved`: how many of them no devices explain.
    """

    least: Ints
    most: Ints
    times: Ints
    rest: Bools
    k: int
    rounded: bool
    systems: int
    unsolved: int

    @property
    def told(self) -> Bools:
        """bool[n]: cells that are confined to fewer than k numbers, one of them from 1 to k - 1.

        A rest is told where it cannot be at least k; by rounding alone it may look as if somebody were left.
        """
        narrow = (self._width < self.k - 1) & (self._lowest < self.k) & (self.most > 0)
        few = (self.most < self.k) & (self.most > 0) & ((self._lowest > 0) | (not self.rounded))
        found: Bools = np.where(self.rest, few, narrow)
        return found

    @property
    def single(self) -> Bools:
        """bool[n]: cells that can be one number only."""
        found: Bools = self._width == 0
        return found

    @property
    def widths(self) -> Ints:
        """int64[...]: the difference of most and least of each cell that can be below k and is no rest."""
        found: Ints = self._width[(self._lowest < self.k) & (self.most > 0) & ~self.rest]
        return found

    def cells(self, chosen: Bools) -> int:
        """How many finest cells some of the cells stand for."""
        return int(self.times[chosen].sum())

    @property
    def _lowest(self) -> Ints:
        """Of several finest cells that nothing tells apart each may be nobody, or nearly all of them together."""
        return np.where(self.times > 1, 0, self.least)

    @property
    def _width(self) -> Ints:
        return self.most - self._lowest


def bounds_of(equations: Equations, devices: Ints, slack: int, k: int, seed: Sequence[int]) -> Bounds:
    """The bounds of the unpublished cells of a sample of the systems.

    `devices` int64[rows]: those of the rows, up to `slack` off; a row has k where that is possible.
    """
    least, most = _limits(equations, devices, slack, k)
    known: dict[bytes, Ints | None] = {}
    cells, found, systems = [np.zeros(0, np.int64)], [np.zeros((0, 2), np.int64)], 0
    for cell, system in _systems(equations, least, most, k, np.random.default_rng(seed)):
        key = b"".join(each.tobytes() for each in (system.sums, system.least, system.most, system.asked))
        if key not in known:
            known[key] = _solved(system)
        systems += 1
        if (solution := known[key]) is not None:
            cells.append(cell)
            found.append(solution)
    asked, (lowest, highest) = np.concatenate(cells), np.concatenate(found).T
    times, rest = equations.times[asked], equations.rest[asked]
    return Bounds(lowest, highest, times, rest, k, slack > 0, systems, systems + 1 - len(cells))


def _solved(system: System) -> Ints | None:
    try:
        return intervals(system)
    except ValueError:
        return None


def _limits(equations: Equations, devices: Ints, slack: int, k: int) -> tuple[Floats, Floats]:
    """Between which numbers the sum of each equation lies, float64[m] each."""
    possible = devices + slack >= k
    least = np.append(np.where(possible, np.maximum(devices - slack, k), devices - slack), 0)[equations.row]
    most = np.append(devices + slack, 0)[equations.row]
    return (least * equations.least).astype(np.float64), np.where(equations.most > 0, most * equations.most, np.inf)


def _systems(
    equations: Equations, least: Floats, most: Floats, k: int, rng: np.random.Generator
) -> Iterator[tuple[Ints, System]]:
    """The systems that have cells to ask for, with these cells."""
    asked = _unpublished(equations, least, k)
    label = _apart(equations)
    chosen = np.sort(rng.permutation(np.unique(label[asked]))[:SYSTEMS])
    of_entry = label[equations.cell]
    order = np.argsort(of_entry, kind="stable")
    for first, last in np.searchsorted(of_entry[order], np.stack([chosen, chosen + 1])).T.tolist():
        own = order[first:last]
        number, row = np.unique(equations.equation[own], return_inverse=True)
        cell, at = np.unique(equations.cell[own], return_inverse=True)
        sums = np.zeros((number.size, cell.size))
        sums[row, at] = equations.factor[own]
        wanted = np.sort(rng.permutation(np.flatnonzero(asked[cell]))[:ASKED])
        yield cell[wanted], System(sums, least[number], most[number], np.eye(cell.size)[wanted])


def _unpublished(equations: Equations, least: Floats, k: int) -> Bools:
    """bool[cells]: whether no row of at least k is the cell alone."""
    size = np.bincount(equations.equation, minlength=least.size)
    alone = (size == 1) & (least >= k)
    unpublished = np.ones(equations.times.size, np.bool_)
    unpublished[equations.cell[alone[equations.equation]]] = False
    return unpublished


def _apart(equations: Equations) -> Ints:
    """int64[cells]: a number for the system of each cell: the lowest of its cells, passed on until nothing changes."""
    label = np.arange(equations.times.size)
    while True:
        lowest = np.full(equations.row.size, label.size)
        np.minimum.at(lowest, equations.equation, label[equations.cell])
        passed = label.copy()
        np.minimum.at(passed, equations.cell, lowest[equations.equation])
        passed = passed[passed]
        if (passed == label).all():
            return label
        label = passed
