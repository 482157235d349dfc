"""Equations: what claims say of finest cells, each a place and a class, as sums between two numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from anonymization.nested import distinct
from pipelines.arrays import Bools, Ints
from pipelines.attacks.covers import alike, joined
from pipelines.attacks.solving.claims import Claims


@dataclass(frozen=True)
class Equations:
    """Cells that are whole numbers from 0 on, and sums of them.

    `equation`, `cell`, `factor` int64[n]: which cells are in which equation, with 1 or -1. Of each equation `row`
    int64[m]: the row whose devices its sum is, or -1 where it is nothing; `least`, `most` int64[m]: as how often it is
    at least, and at most, that; 0 where it is not bounded so. `times` int64[cells]: how many finest cells a cell is the
    sum of, which nothing tells apart. `rest` bool[cells]: of nobody, or of at least k.
    """

    equation: Ints
    cell: Ints
    factor: Ints
    row: Ints
    least: Ints
    most: Ints
    times: Ints
    rest: Bools


def equations_of(claims: Claims) -> Equations:
    """The equations of claims. Cells that are in the same ones are one."""
    cells, kinds, places, nests = _cells(claims), claims.kinds.family.size, claims.times.size, claims.inside.shape[1]
    blocks = [
        *_sums(claims, cells),
        *_links(claims, cells, np.ones_like(claims.kinds.foreign)),
        *_links(claims, cells, claims.kinds.foreign),
        _nests(claims, cells),
    ]
    times = np.append(np.repeat(claims.times, kinds), np.ones(nests, np.int64))
    return _merged(blocks, times, np.append(np.tile(claims.kinds.rest, places), np.ones(nests, np.bool_)))


@dataclass(frozen=True)
class _Cells:
    """The cells of each row: int64[n] `row`, `place` and `kind`, of so many `kinds`."""

    row: Ints
    place: Ints
    kind: Ints
    kinds: int

    @property
    def cell(self) -> Ints:
        """int64[n]: the number of each cell."""
        return self.place * self.kinds + self.kind

    def where(self, kept: Bools) -> "_Cells":
        """Some of them."""
        return _Cells(self.row[kept], self.place[kept], self.kind[kept], self.kinds)


@dataclass(frozen=True)
class _Block:
    """Entries of equations, int64[n] each: those of one have the same `key`, and all but `cell` and `factor` alike."""

    key: Ints
    cell: Ints
    factor: Ints
    row: Ints
    least: Ints
    most: Ints


def _cells(claims: Claims) -> _Cells:
    """The cells of each row, without those that are empty as an indicator lists other classes of the family there."""
    at, listed = joined(claims.covers[0], claims.lists[0])
    row, place = claims.covers[:, at]
    cells = _Cells(row, place, claims.lists[1][listed], claims.kinds.family.size)
    indicator = claims.splits[cells.row]
    own, families = cells.where(indicator >= 0), 1 + int(claims.kinds.family.max())
    indicator = indicator[indicator >= 0]
    group = cells.place * families + claims.kinds.family[cells.kind]
    asking = _numbers(own.place * families + claims.kinds.family[own.kind], indicator)
    listing = _numbers(own.cell, indicator)
    return cells.where(_found(asking, group) == _found(listing, cells.cell))


def _numbers(value: Ints, indicator: Ints) -> tuple[Ints, Ints]:
    """The different values, ascending, and how many indicators each has."""
    width = 1 + int(indicator.max(initial=0))
    return np.unique(distinct(value * width + indicator) // width, return_counts=True)


def _found(numbers: tuple[Ints, Ints], value: Ints) -> Ints:
    """int64[n]: the number of each value, 0 for one that is not there."""
    known, number = (np.append(each, end) for each, end in zip(numbers, (np.iinfo(np.int64).max, 0), strict=True))
    at = np.searchsorted(known, value)
    return np.where(known[at] == value, number[at], 0)


def _sums(claims: Claims, cells: _Cells) -> Iterator[_Block]:
    """A row is the sum of its cells in each family.

    Where a device may be in several places, it is at most that, and at least what each of the places has: several that
    nothing tells apart have at most that many times the row.
    """
    key, one = cells.row * cells.kinds + claims.kinds.family[cells.kind], np.ones_like(cells.row)
    several = np.zeros(claims.exact.size, np.bool_)
    if not claims.additive:
        width = claims.times.size
        pairs = distinct(cells.row * width + cells.place)
        several = np.bincount(pairs // width, claims.times[pairs % width], several.size) > 1
    each = several[cells.row]
    yield _Block(key, cells.cell, one, cells.row, one, np.where(each, 0, 1))
    if each.any():
        times, some = claims.times[cells.place[each]], one[each]
        yield _Block((key * width + cells.place)[each], cells.cell[each], some, cells.row[each], 0 * some, times)


def _links(claims: Claims, cells: _Cells, chosen: Bools) -> Iterator[_Block]:
    """Families split the same devices: those of the chosen classes are as many in each family that has such classes."""
    told = np.isin(cells.place, cells.place[claims.splits[cells.row] >= 0])
    own = distinct(cells.cell[told & chosen[cells.kind]])
    place, family = own // cells.kinds, claims.kinds.family[own % cells.kinds]
    having = np.unique(claims.kinds.family[chosen]).tolist()
    for other in having[1:]:
        pair = (family == having[0]) | (family == other)
        factor = np.where(family[pair] == other, 1, -1)
        one = np.ones_like(factor)
        yield _Block(place[pair], own[pair], factor, -one, one, one)


def _nests(claims: Claims, cells: _Cells) -> _Block:
    """A place around a row has its devices; the rest, a cell of its own, is what it has beyond these."""
    own = distinct(cells.cell[claims.kinds.family[cells.kind] == 0])
    row, around = claims.inside
    pairs = np.arange(row.size)
    outer, at = joined(around, own // cells.kinds)
    key = np.concatenate([pairs, outer])
    member = np.concatenate([claims.times.size * cells.kinds + pairs, own[at]])
    one = np.ones_like(key)
    return _Block(key, member, np.repeat([-1, 1], [pairs.size, outer.size]), row[key], one, one)


def _merged(blocks: Sequence[_Block], times: Ints, rest: Bools) -> Equations:
    """Equations numbered one block after the other, with cells that are in the same ones as one."""
    numbered = [np.unique(block.key, return_index=True, return_inverse=True) for block in blocks]
    shifts = np.cumsum([0, *(first.size for _, first, _ in numbered)])
    equation = np.concatenate([number + shift for (_, _, number), shift in zip(numbered, shifts, strict=False)])
    known, cell = np.unique(np.concatenate([block.cell for block in blocks]), return_inverse=True)
    factor = np.concatenate([block.factor for block in blocks])
    merged, members = alike(equation, cell, factor, known.size)
    _, entry = np.unique(equation * members.size + merged[cell], return_index=True)
    row, least, most = (
        np.concatenate([getattr(block, name)[first] for block, (_, first, _) in zip(blocks, numbered, strict=True)])
        for name in ("row", "least", "most")
    )
    return Equations(
        equation[entry],
        merged[cell[entry]],
        factor[entry],
        row,
        least,
        most,
        np.bincount(merged, times[known], members.size).astype(np.int64),
        np.bincount(merged, rest[known], members.size) == members,
    )
