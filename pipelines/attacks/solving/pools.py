"""Pools of a published partition, and how many values each place in them can have for who knows how they are made."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from anonymization.tree import Level, Tree
from pipelines.arrays import Bools, Ints
from pipelines.attacks.solving.cuts import Cut

_NONE: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Pooled:
    """A row for each place that is in a pool of siblings.

    int64[n] each. `total`: devices of the pool; `members`: places in it; `absorbable`: others of them that may hold k
    or more; `free`: others that are always pooled, whatever they hold; `least_beside`: the smallest sibling that is in
    no pool, where there is one. `beside` bool[n]: whether there is one; `fixed` bool[n]: the place itself is always
    pooled.
    """

    total: Ints
    members: Ints
    absorbable: Ints
    free: Ints
    least_beside: Ints
    beside: Bools
    fixed: Bools

    @property
    def pools(self) -> int:
        """How many pools there are."""
        return round(float((1 / self.members).sum()))


@dataclass(frozen=True)
class Rule:
    """What everybody knows of how pools are made: `target`, the devices with which one stops to absorb.

    `by_count`: siblings are absorbed by their counts, the smallest first, and only one of them, as the target is k.
    """

    k: int
    target: int
    by_count: bool = False


def values_left(pooled: Pooled, rule: Rule) -> Ints:
    """int64[n]: how many of 0 to k - 1 devices each place can hold, where it is one of the small ones.

    Small siblings hold t devices together, this one x of them; then a siblings of k or more were absorbed. Each of
    these numbers that explains the total is tried, all that is known of the others being that they are 0 to k - 1.
    """
    number = np.zeros(pooled.total.size, np.int64)
    for value in range(rule.k):
        possible = _without_absorbed(pooled, rule, value)
        for absorbed in range(1, 2 + (rule.target - 1) // rule.k):
            possible |= _with_absorbed(pooled, rule, value, absorbed)
        number += possible
    return number


def _without_absorbed(pooled: Pooled, rule: Rule, value: int) -> Bools:
    """Nobody is absorbed where no sibling holds k."""
    most = value + (pooled.members - 1) * (rule.k - 1)
    found: Bools = ~pooled.beside & (value <= pooled.total) & ((pooled.total <= most) | (pooled.free > 0))
    return found


def _with_absorbed(pooled: Pooled, rule: Rule, value: int, absorbed: int) -> Bools:
    """So many are absorbed: the last of them when the small ones and the others before it fall short of the target."""
    small = pooled.members - absorbed
    least = np.full(pooled.total.size, value)
    most = np.where(pooled.free > 0, pooled.total, value + (small - 1) * (rule.k - 1))
    most = np.minimum(most, pooled.total - absorbed * rule.k)
    if absorbed > 1:
        most = np.minimum(most, rule.target - 1 - (absorbed - 1) * rule.k)
    if rule.by_count:
        least = np.maximum(least, np.where(pooled.beside, pooled.total - pooled.least_beside, 0))
    reached = ~pooled.beside | (pooled.total >= rule.target)
    found: Bools = (small >= 1) & (pooled.absorbable >= absorbed) & reached & (least <= most)
    return found


def pooled_in(tree: Tree, cut: Cut, *, by_count: bool = False) -> Pooled:
    """The places of a tree whose pools somebody sees who knows the tree and the parts of all windows."""
    low, high = _uniform(tree, cut)
    whole = (low == high) & (low >= 0)
    top = whole & ~np.where(tree.parent[:, None] < 0, False, whole[tree.parent])
    members = np.bincount(low[top], minlength=cut.devices.size)
    beside_pool = top & (members[np.where(top, low, 0)] > 1)
    sums = _sums(tree, cut)
    pieces = [_families(tree, level, cut, low, beside_pool, sums, by_count=by_count) for level in tree.levels]
    pieces.append(_whole_families(tree, cut, low, top & ~beside_pool))
    return Pooled(*(np.concatenate([getattr(piece, each.name) for piece in pieces]) for each in fields(Pooled)))


def _uniform(tree: Tree, cut: Cut) -> tuple[Ints, Ints]:
    """int64[n, windows] twice: the lowest and the highest part in which a leaf of each node is."""
    low, high = (np.zeros((tree.size, cut.part.shape[1]), np.int64) for _ in range(2))
    nodes = np.flatnonzero(tree.leaf >= 0)
    low[nodes] = high[nodes] = cut.part[tree.leaf[nodes]]
    for level in reversed(tree.levels):
        low[level.parents] = np.minimum.reduceat(low[level.first : level.last], level.starts, axis=0)
        high[level.parents] = np.maximum.reduceat(high[level.first : level.last], level.starts, axis=0)
    return low, high


def _sums(tree: Tree, cut: Cut) -> Ints:
    """int64[n, windows]: the devices of each node that is no smaller than the parts in it."""
    leaves = cut.part.shape[0]
    first = np.full(cut.devices.size, leaves, np.int64)
    leaf, window = np.nonzero(cut.part >= 0)
    np.minimum.at(first, cut.part[leaf, window], leaf)
    own = first[cut.part[leaf, window]] == leaf
    counts = np.zeros(cut.part.shape, np.int64)
    counts[leaf[own], window[own]] = cut.devices[cut.part[leaf[own], window[own]]]
    return tree.sums(counts)


def _families(
    tree: Tree, level: Level, cut: Cut, low: Ints, beside_pool: Bools, sums: Ints, *, by_count: bool
) -> Pooled:
    """The members of pools of some children of a node; those before all others in the order may be absorbed."""
    nodes = slice(level.first, level.last)
    inside, fixed = beside_pool[nodes], tree.always_pooled[nodes, None]
    outside = np.where(inside, 0, 1)
    before = np.cumsum(outside, axis=0) - outside
    leading = inside & ~fixed & (by_count | (before == before[level.starts][level.family]))

    def of_family(values: Ints | Bools) -> Ints:
        return np.add.reduceat(values.astype(np.int64), level.starts, axis=0)[level.family]

    least = np.minimum.reduceat(np.where(inside, _NONE, sums[nodes]), level.starts, axis=0)[level.family]
    at = np.nonzero(inside)
    return Pooled(
        cut.devices[low[nodes][at]],
        of_family(inside)[at],
        of_family(leading)[at] - leading[at],
        of_family(inside & fixed)[at] - (inside & fixed)[at],
        least[at],
        of_family(outside)[at] > 0,
        np.broadcast_to(fixed, inside.shape)[at],
    )


def _whole_families(tree: Tree, cut: Cut, low: Ints, alone: Bools) -> Pooled:
    """The children of nodes that are parts as a whole: all of them are pooled."""
    pieces = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for node, first, last in _opened(tree):
        devices = cut.devices[low[node, np.flatnonzero(alone[node])]]
        pieces.append((np.tile(np.arange(first, last), devices.size), np.repeat(devices, last - first)))
    child, total = (np.concatenate(column) for column in zip(*pieces, strict=True))
    size = np.bincount(tree.parent[1:], minlength=tree.size)[tree.parent[child]]
    secret = np.bincount(tree.parent[1:], tree.always_pooled[1:], tree.size).astype(np.int64)[tree.parent[child]]
    fixed = tree.always_pooled[child]
    nobody, none = np.zeros(child.size, np.bool_), np.full(child.size, _NONE)
    return Pooled(total, size, size - secret - ~fixed, secret - fixed, none, nobody, fixed)


def _opened(tree: Tree) -> Iterator[tuple[int, int, int]]:
    """Each node with the first family below it that has two children or more, as the range of these."""
    first = np.searchsorted(tree.parent, np.arange(tree.size + 1))
    family = np.arange(tree.size)
    for node in range(tree.size - 1, -1, -1):
        if first[node + 1] - first[node] == 1:
            family[node] = family[first[node]]
    for node, own in enumerate(family.tolist()):
        if first[own + 1] - first[own] > 1:
            yield node, int(first[own]), int(first[own + 1])
