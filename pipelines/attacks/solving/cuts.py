"""Cuts: which part each leaf of a tree is in, by the product's rule or, in releases weak on purpose, by another."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anonymization.partition import Parts, partition
from anonymization.tree import Tree, tree_of
from pipelines.arrays import Ints


@dataclass(frozen=True)
class Cut:
    """`part` int64[leaves, windows]: the part of each leaf, a place in `devices` int64[parts] (exact), or -1."""

    part: Ints
    devices: Ints


class Cutting(Protocol):
    """How counts, int64[leaves, windows], become parts of at least k; `hide_empty` as in `partition`."""

    def __call__(self, tree: Tree, counts: Ints, k: int, target: int, *, hide_empty: bool) -> Cut:
        """The parts of all windows."""


def in_public_order(tree: Tree, counts: Ints, k: int, target: int, *, hide_empty: bool) -> Cut:
    """The product's own rule."""
    return _of_leaves(tree, partition(tree, counts, k, target, hide_empty=hide_empty), counts.shape[1])


def smallest_first(tree: Tree, counts: Ints, k: int, target: int, *, hide_empty: bool) -> Cut:
    """The same where siblings are absorbed by their counts, the smallest first: the order tells the counts."""
    rank, window = np.unique(_by_count(tree, counts), axis=1, return_inverse=True)
    part, devices, before = np.full(counts.shape, -1, np.int64), [np.zeros(0, np.int64)], 0
    for at in range(rank.shape[1]):
        some = np.flatnonzero(window == at)
        found = in_public_order(reordered(tree, rank[:, at]), counts[:, some], k, target, hide_empty=hide_empty)
        part[:, some] = np.where(found.part < 0, -1, found.part + before)
        devices.append(found.devices)
        before += found.devices.size
    return Cut(part, np.concatenate(devices))


def reordered(tree: Tree, rank: Ints) -> Tree:
    """The same leaves and families with siblings in another order, by `rank` int64[n]."""
    return tree_of(tree.parent, tree.leaf, (rank,), tree.always_pooled)[0]


def _by_count(tree: Tree, counts: Ints) -> Ints:
    """int64[n, windows]: the rank of each node among its siblings by count, equal ones in the public order."""
    sums, rank = tree.sums(counts), np.zeros((tree.size, counts.shape[1]), np.int64)
    width = 1 + sums.max(initial=0)
    for level in tree.levels:
        order = np.argsort(sums[level.first : level.last] + level.family[:, None] * width, axis=0, kind="stable")
        places = np.arange(order.shape[0])[:, None]
        np.put_along_axis(rank[level.first : level.last], order, places - level.starts[level.family][:, None], axis=0)
    return rank


def _of_leaves(tree: Tree, parts: Parts, windows: int) -> Cut:
    sizes = tree.leaf_counts[parts.node]
    places = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    leaf = tree.leaf_order[np.repeat(tree.leaf_start[parts.node], sizes) + places]
    member = np.repeat(np.arange(parts.window.size), np.diff(parts.first))
    part = np.full((tree.leaves, windows), -1, np.int64)
    part[leaf, np.repeat(parts.window[member], sizes)] = np.repeat(member, sizes)
    return Cut(part, parts.devices)
