"""Differences over nested zones by origin, where classes are too many to be bits; the question is that of `nested.py`.

A device has the same origin in both zones. A row of the inner zone whose origins stand in one row of the outer zone is
looked at with that row. The others join several rows of the outer zone, and all their unions are tried that share one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from anonymization.nested import Bools, Ints, Limits, Pairs, distinct

Small = npt.NDArray[np.int32]

LARGEST_FAMILY = 10
"""Rows that share rows of the outer zone, whose unions are all tried; more are refused unseen."""

_AT_ONCE = 2_000_000
"""Origins of parts that are looked at in one go, which bounds the memory."""


@dataclass(frozen=True)
class OriginRows:
    """Rows of parts: `part`, `devices` int64[r]; `value` int32[r]: the printed value of each, since many are the same.

    The origins of value v are `origin[starts[v] : starts[v + 1]]`, int32[m].
    """

    part: Ints
    devices: Ints
    value: Small
    starts: Ints
    origin: Small

    def of_parts(self, parts: Ints) -> tuple[Ints, Ints, Ints]:
        """int64[n] each: the place in `parts` of each origin of theirs, the origin, and the row that holds it."""
        low, high = (np.searchsorted(self._parts, parts, side) for side in ("left", "right"))
        place, at = _runs(low, high)
        row = self._order[at]
        of_row, entry = _runs(self.starts[:-1][self.value[row]], self.starts[1:][self.value[row]])
        return place[of_row], self.origin[entry].astype(np.int64), row[of_row]

    @cached_property
    def _order(self) -> Ints:
        """int64[r]: the rows, those of a part together."""
        return np.argsort(self.part, kind="stable")

    @cached_property
    def _parts(self) -> Ints:
        """int64[r]: the part of each, in this order."""
        found: Ints = self.part[self._order]
        return found


def _runs(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """int64[n] twice: the numbers of each run [low, high), one after the other, as (which run, number)."""
    sizes = high - low
    place = np.repeat(np.arange(sizes.size), sizes)
    return place, low[place] + np.arange(place.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def isolating_origins(pairs: Pairs, inner: OriginRows, outer: OriginRows, origins: int, limits: Limits) -> Bools:
    """bool[pairs]: whether a difference of rows of the two parts is of too few devices, of so many `origins`."""
    found = np.zeros(pairs.inner.size, np.bool_)
    wanted, place = np.unique(pairs.outer, return_inverse=True)
    step = max(1, _AT_ONCE // max(origins, 1))
    for at in range(0, wanted.size, step):
        table = _dense(outer, wanted[at : at + step], origins)
        for some in _pieces(np.flatnonzero((place >= at) & (place < at + step)), origins):
            pair, origin, own = inner.of_parts(pairs.inner[some])
            other = table[place[some][pair] - at, origin]
            kept = other >= 0
            found[some] = _isolating(
                some.size, pair[kept], own[kept], other[kept], inner.devices, outer.devices, limits
            )
    return found


def _dense(rows: OriginRows, parts: Ints, origins: int) -> Ints:
    """int64[parts, origins]: the row that holds each origin in each of some parts, or -1."""
    table = np.full((parts.size, origins), -1, np.int64)
    place, origin, row = rows.of_parts(parts)
    table[place, origin] = row
    return table


def _pieces(pairs: Ints, origins: int) -> list[Ints]:
    """The pairs, so many at a time that even all origins of each would fit."""
    step = max(1, 8 * _AT_ONCE // max(origins, 1))
    return np.split(pairs, range(step, pairs.size, step))


def _isolating(pairs: int, pair: Ints, own: Ints, other: Ints, inner: Ints, outer: Ints, limits: Limits) -> Bools:
    """bool[pairs], where row `own` of the inner part and row `other` of the outer one of a pair share an origin."""
    pair, own, other = _distinct(pair, own, other)
    starts = np.flatnonzero(np.append(True, (pair[1:] != pair[:-1]) | (own[1:] != own[:-1]))[: pair.size])
    reach = np.diff(np.append(starts, pair.size))
    single = starts[reach == 1]
    found = _single(pairs, pair[single], own[single], other[single], inner, outer, limits)
    joins: dict[int, list[slice]] = {}
    doubtful = (reach > 1) & _doubtful(pairs, pair, own, other, starts, inner, outer, limits)[pair[starts]]
    for start, size in zip(starts[doubtful].tolist(), reach[doubtful].tolist(), strict=True):
        joins.setdefault(int(pair[start]), []).append(slice(start, start + size))
    bounds = np.searchsorted(pair, np.arange(pairs + 1))
    for at, slices in joins.items():
        if not found[at]:
            edges = slice(int(bounds[at]), int(bounds[at + 1]))
            found[at] = _joined(own[edges], other[edges], [other[each] for each in slices], inner, outer, limits)
    return found


def _doubtful(
    pairs: int, pair: Ints, own: Ints, other: Ints, starts: Ints, inner: Ints, outer: Ints, limits: Limits
) -> Bools:
    """bool[pairs]: where a union of outer rows could leave too few, were all rows of the inner part taken from it.

    The smallest union that a row of the inner part joins bounds all others from below.
    """
    joined = np.add.reduceat(outer[other], starts) if starts.size else starts
    smallest = np.full(pairs, np.iinfo(np.int64).max)
    np.minimum.at(smallest, pair[starts], joined)
    taken, rows = np.zeros(pairs, np.int64), np.bincount(pair, minlength=pairs)
    np.add.at(taken, pair[starts], inner[own[starts]])
    known = smallest < np.iinfo(np.int64).max
    left = np.where(known, smallest - taken - (rows + 1) * limits.slack, 0)
    found: Bools = known & (left < limits.k)
    return found


def _distinct(pair: Ints, own: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """The different triples, in order."""
    if not pair.size:
        return pair, own, other
    wide, far = 1 + int(other.max()), 1 + int(own.max())
    key = distinct((pair * far + own) * wide + other)
    return key // wide // far, key // wide % far, key % wide


def _single(pairs: int, pair: Ints, own: Ints, other: Ints, inner: Ints, outer: Ints, limits: Limits) -> Bools:
    """bool[pairs]: each row of the outer part, without the rows of the inner one that lie in it."""
    wide = 1 + int(other.max(initial=0))
    key, place = np.unique(pair * wide + other, return_inverse=True)
    inside, rows = np.zeros(key.size, np.int64), np.bincount(place, minlength=key.size)
    np.add.at(inside, place, inner[own])
    forbidden = limits.forbids(outer[key % wide] - inside, 1 + rows)
    found = np.zeros(pairs, np.bool_)
    found[(key // wide)[forbidden]] = True
    return found


def _joined(own: Ints, other: Ints, reaches: list[Ints], inner: Ints, outer: Ints, limits: Limits) -> bool:
    """Whether a union of rows that join several outer rows leaves too few, in one pair."""
    hulls: dict[int, set[int]] = {}
    for row, far in zip(own.tolist(), other.tolist(), strict=True):
        hulls.setdefault(row, set()).add(far)
    for family in _families([set(each.tolist()) for each in reaches]):
        if len(family) > LARGEST_FAMILY:
            return True
        for union in _unions(family):
            rows = [row for row, hull in hulls.items() if hull <= union]
            left = int(outer[list(union)].sum() - inner[rows].sum())
            if bool(limits.forbids(np.array([left]), np.array([len(union) + len(rows)]))[0]):
                return True
    return False


def _families(sets: list[set[int]]) -> list[list[set[int]]]:
    """Sets that share an element, directly or through others, together; each set once."""
    families: list[tuple[set[int], list[set[int]]]] = []
    for each in sets:
        touched = [family for family in families if family[0] & each]
        rest = [family for family in families if not family[0] & each]
        members = [member for family in touched for member in family[1]]
        if each not in members:
            members.append(each)
        families = [*rest, (each.union(*(family[0] for family in touched)), members)]
    return [members for _, members in families]


def _unions(family: list[set[int]]) -> list[frozenset[int]]:
    """All different unions of some of the sets."""
    found: set[frozenset[int]] = set()
    for each in family:
        found |= {frozenset(each)} | {union | each for union in found}
    return list(found)
