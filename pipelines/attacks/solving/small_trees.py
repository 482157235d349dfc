"""Small trees, every count in them, and what is published of each: what somebody who knows the rule can work out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from anonymization.classes import CLASSES
from anonymization.tree import Tree
from pipelines.arrays import Bools, Ints
from pipelines.attacks.solving.cuts import Cut, Cutting

CASES: Final = 8_000
"""Vectors of counts that are tried at most of one tree and k."""

_LARGEST: Final = 6
"""Leaves of the largest small tree."""

_SUBTREES: Final = 10
"""Different subtrees of a territory that are tried, the most frequent first."""

_SYNTHETIC: Final = (
    (-1, 0, 0),
    (-1, 0, 0, 0),
    (-1, 0, 0, 0, 0),
    (-1, 0, 0, 0, 1, 1, 2, 2, 3, 3),
    (-1, 0, 0, 0, 1, 1, 1, 3, 3),
    (-1, 0, 0, 1, 1, 2, 2, 3, 3, 6, 6),
    (-1, 0, 0, 1, 1, 2, 2, 2),
)
"""Parents of the nodes, breadth first: families of two to four, and trees of two and three levels."""


@dataclass(frozen=True)
class Told:
    """What all publications of a tree tell of its places.

    `children`: places that can hold fewer than k, once for each publication; `narrow`: those of them with fewer than k
    values that explain it (of a class: k - 1, for an empty class is none); `excluded`: the most values that one of them
    cannot have.
    """

    cases: int
    children: int
    narrow: int
    excluded: int

    def __add__(self, other: "Told") -> "Told":
        """Both together."""
        return Told(
            self.cases + other.cases,
            self.children + other.children,
            self.narrow + other.narrow,
            max(self.excluded, other.excluded),
        )


NOTHING: Final = Told(0, 0, 0, 0)


def told_by(tree: Tree, cut: Cutting, k: int, target: int, *, hide_empty: bool, cases: int = CASES) -> Told:
    """What publications tell of all nodes of a tree: all counts up to a sum are cut.

    Counts that publish the same have the same sum, so that all that explain a publication are among them.
    """
    counts = all_counts(tree.leaves, largest_sum(tree.leaves, cases))
    seen = _outcomes(cut(tree, counts, k, target, hide_empty=hide_empty))
    return told_of(seen, tree.sums(counts), k, least=0 if hide_empty else 1)


def told_of(seen: Ints, values: Ints, k: int, least: int) -> Told:
    """What outcomes, int64[cases], tell of values, int64[n, cases], that are from `least` to k - 1."""
    children = narrow = excluded = 0
    for value in values:
        small = (value >= least) & (value < k)
        possible = np.zeros((int(seen.max(initial=-1)) + 1, k), np.bool_)
        possible[seen[small], value[small]] = True
        number = possible.sum(axis=1)
        number = number[number > 0]
        children += number.size
        narrow += int((number < k - least).sum())
        excluded = max(excluded, k - least - int(number.min(initial=k - least)))
    return Told(seen.size, children, narrow, excluded)


def told_by_all(trees: Sequence[Tree], cut: Cutting, k: int, target: int, *, hide_empty: bool) -> Told:
    """The same of several trees."""
    return reduce(Told.__add__, (told_by(tree, cut, k, target, hide_empty=hide_empty) for tree in trees), NOTHING)


def largest_sum(places: int, cases: int) -> int:
    """The largest sum up to which there are no more than so many vectors of counts; by stars and bars."""
    most, vectors = 0, 1
    while (more := vectors * (most + 1 + places) // (most + 1)) <= cases:
        most, vectors = most + 1, more
    return most


def all_counts(places: int, most: int) -> Ints:
    """int64[places, cases]: all counts up to a sum."""
    left, counts = np.array([most]), np.zeros((0, 1), np.int64)
    for _ in range(places):
        at = np.repeat(np.arange(left.size), left + 1)
        value = np.arange(at.size) - np.repeat(np.cumsum(left + 1) - (left + 1), left + 1)
        left, counts = left[at] - value, np.vstack([counts[:, at], value])
    return counts


def synthetic() -> list[Tree]:
    """Small trees by hand."""
    return [_small(np.array(parent), np.zeros(len(parent), np.bool_)) for parent in _SYNTHETIC]


def subtrees(tree: Tree) -> list[Tree]:
    """Nodes of a territory with what is one and two levels below them, in its public order: each shape once."""
    found: dict[bytes, tuple[int, Tree]] = {}
    for small in _below(tree):
        shape = small.parent.tobytes() + small.always_pooled.tobytes()
        found[shape] = (found[shape][0] + 1 if shape in found else 1, small)
    often = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
    return [small for _, (_, small) in often[:_SUBTREES]]


def class_trees() -> list[Tree]:
    """The trees of the attributes, as far as they are small."""
    return [each.tree for each in CLASSES.values() if each.tree.leaves <= _LARGEST]


def _below(tree: Tree) -> Iterator[Tree]:
    """Each node with two children or more, alone with these and with the next level, where that is small."""
    first = np.searchsorted(tree.parent, np.arange(tree.size + 1))
    size = np.diff(first)
    for node in np.flatnonzero((size > 1) & (size <= _LARGEST)).tolist():
        children = np.arange(first[node], first[node + 1])
        yield _of_nodes(tree, np.append(node, children))
        grandchildren = np.arange(first[children[0]], first[children[-1] + 1])
        leaves = grandchildren.size + int((size[children] == 0).sum())
        if grandchildren.size and leaves <= _LARGEST:
            yield _of_nodes(tree, np.concatenate([[node], children, grandchildren]))


def _of_nodes(tree: Tree, nodes: Ints) -> Tree:
    parent = np.append(-1, np.searchsorted(nodes, tree.parent[nodes[1:]]))
    return _small(parent, np.append(False, tree.always_pooled[nodes[1:]]))


def _small(parent: Ints, always_pooled: Bools) -> Tree:
    """The tree of parents, breadth first; what has no child is a leaf."""
    last = ~np.isin(np.arange(parent.size), parent)
    leaf = np.where(last, np.cumsum(last) - 1, -1)
    return Tree(parent.astype(np.int32), leaf.astype(np.int32), always_pooled)


def _outcomes(cut: Cut) -> Ints:
    """int64[windows]: a number for what is published, equal where every leaf is in the same part of the same devices.

    By a random sum of 64 bits for the part of each leaf: that two of them meet by chance is next to impossible.
    """
    leaves = cut.part.shape[0]
    first = np.full(cut.devices.size + 1, leaves, np.int64)
    np.minimum.at(first, cut.part.ravel(), np.repeat(np.arange(leaves), cut.part.shape[1]))
    looks = np.append(cut.devices * leaves, -1 - leaves) + first
    factor = np.random.default_rng(leaves).integers(1, 2**63, (leaves, 1), np.uint64)
    key = (looks[cut.part].astype(np.uint64) * factor).sum(axis=0, dtype=np.uint64)
    return np.unique(key, return_inverse=True)[1]
