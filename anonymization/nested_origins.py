"""Differences over nested zones by origin, where classes are too many to be bits; the question is that of `nested.py`.

A device has the same origin in both zones. A row of the inner zone whose origins stand in one row of the outer zone is
looked at with that row. The others join several rows of the outer zone, and all their unions are tried that share one.
"""

from dataclasses import dataclass

import numpy as np

from anonymization.nested import Bools, Ints, Limits, Pairs

LARGEST_FAMILY = 10
"""Rows that share rows of the outer zone, whose unions are all tried; more are refused unseen."""

_AT_ONCE = 2_000_000
"""Origins of pairs that are looked at in one go, which bounds the memory."""


@dataclass(frozen=True)
class OriginRows:
    """Rows of parts: `part`, `devices` int64[r]; the origins of row `row[i]` hold `origin[i]`, int64[m] each."""

    part: Ints
    devices: Ints
    row: Ints
    origin: Ints


def isolating_origins(pairs: Pairs, inner: OriginRows, outer: OriginRows, origins: int, limits: Limits) -> Bools:
    """bool[pairs]: whether a difference of rows of the two parts is of too few devices, of so many `origins`."""
    found = np.zeros(pairs.inner.size, np.bool_)
    step = max(1, _AT_ONCE // max(origins, 1))
    for at in range(0, pairs.inner.size, step):
        some = Pairs(pairs.inner[at : at + step], pairs.outer[at : at + step])
        own, others = (_dense(rows, parts, origins) for rows, parts in ((inner, some.inner), (outer, some.outer)))
        pair, origin = np.nonzero((own >= 0) & (others >= 0))
        found[at : at + step] = _isolating(
            some.inner.size, pair, own[pair, origin], others[pair, origin], inner.devices, outer.devices, limits
        )
    return found


def _dense(rows: OriginRows, parts: Ints, origins: int) -> Ints:
    """int64[parts, origins]: the row that holds each origin in each of some parts, or -1."""
    wanted, place = np.unique(parts, return_inverse=True)
    table = np.full((wanted.size, origins), -1, np.int64)
    part = rows.part[rows.row]
    at = np.clip(np.searchsorted(wanted, part), 0, max(wanted.size - 1, 0))
    kept = wanted[at] == part if wanted.size else np.zeros(part.size, np.bool_)
    table[at[kept], rows.origin[kept]] = rows.row[kept]
    return table[place]


def _isolating(pairs: int, pair: Ints, own: Ints, other: Ints, inner: Ints, outer: Ints, limits: Limits) -> Bools:
    """bool[pairs], where row `own` of the inner part and row `other` of the outer one of a pair share an origin."""
    pair, own, other = _distinct(pair, own, other)
    starts = np.flatnonzero(np.append(True, (pair[1:] != pair[:-1]) | (own[1:] != own[:-1]))[: pair.size])
    reach = np.diff(np.append(starts, pair.size))
    single = starts[reach == 1]
    found = _single(pairs, pair[single], own[single], other[single], inner, outer, limits)
    joins: dict[int, list[slice]] = {}
    for start, size in zip(starts[reach > 1].tolist(), reach[reach > 1].tolist(), strict=True):
        joins.setdefault(int(pair[start]), []).append(slice(start, start + size))
    bounds = np.searchsorted(pair, np.arange(pairs + 1))
    for at, slices in joins.items():
        if not found[at]:
            edges = slice(int(bounds[at]), int(bounds[at + 1]))
            found[at] = _joined(own[edges], other[edges], [other[each] for each in slices], inner, outer, limits)
    return found


def _distinct(pair: Ints, own: Ints, other: Ints) -> tuple[Ints, Ints, Ints]:
    """The different triples, in order."""
    if not pair.size:
        return pair, own, other
    wide, far = 1 + int(other.max()), 1 + int(own.max())
    key = np.unique((pair * far + own) * wide + other)
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
