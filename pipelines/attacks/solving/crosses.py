"""Crosses of two families of classes: how many devices are in a class of the one and in a class of the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from pipelines.arrays import Bools, Ints
from pipelines.attacks.covers import alike, joined
from pipelines.attacks.solving.claims import Claims
from pipelines.attacks.solving.kinds import Kinds
from pipelines.attacks.solving.places import NO_PAIRS


def crosses(claims: Claims) -> Iterator[Claims]:
    """For each two families the same claims over pairs of a class of each; classes that all rows list alike are one."""
    for one, other in combinations(np.unique(claims.kinds.family).tolist(), 2):
        yield _crossed(claims, _side(claims, one), _side(claims, other))


@dataclass(frozen=True)
class _Side:
    """The classes of a family: bool[classes], and `lists` int64[2, n], pairs of a row and one of them."""

    foreign: Bools
    rest: Bools
    lists: Ints


def _side(claims: Claims, family: int) -> _Side:
    kinds = np.flatnonzero(claims.kinds.family == family)
    row, kind = claims.lists[:, claims.kinds.family[claims.lists[1]] == family]
    # What is of foreign devices, and what is a rest, stays apart from what is not.
    flags = [np.flatnonzero(flag[kinds]) for flag in (claims.kinds.foreign, claims.kinds.rest)]
    group = np.concatenate([row, *(np.full(each.size, claims.exact.size + at) for at, each in enumerate(flags))])
    number, sizes = alike(group, np.concatenate([kinds.searchsorted(kind), *flags]), np.ones_like(group), kinds.size)
    foreign, rest = (np.bincount(number[each], minlength=sizes.size) > 0 for each in flags)
    return _Side(foreign, rest, np.unique(np.stack([row, number[kinds.searchsorted(kind)]]), axis=1))


def _crossed(claims: Claims, one: _Side, other: _Side) -> Claims:
    possible = np.ones((one.foreign.size, other.foreign.size), np.bool_)
    if one.foreign.any() and other.foreign.any():
        possible = one.foreign[:, None] == other.foreign
    first, second = pairs = np.argwhere(possible).T
    kinds = Kinds(np.zeros_like(first), np.zeros(first.size, np.bool_), one.rest[first] | other.rest[second])
    # A row that lists classes of one family says nothing of the other; a row of the whole lists all of both.
    lists = [_pairs(side.lists, classes) for side, classes in zip((one, other), pairs, strict=True)]
    both = np.intersect1d(one.lists[0], other.lists[0])
    found = [each[:, ~np.isin(each[0], both)] for each in lists]
    found.append(lists[0][:, np.isin(lists[0][0], both)])
    return replace(claims, kinds=kinds, lists=np.concatenate(found, axis=1), inside=NO_PAIRS)


def _pairs(lists: Ints, classes: Ints) -> Ints:
    """int64[2, n]: pairs of a row and a pair of classes of which it lists the one in `classes`."""
    at, pair = joined(lists[1], classes)
    return np.stack([lists[0][at], pair])
