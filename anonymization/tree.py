"""A public tree of leaves, stored as arrays: what a partition cuts, in space or among classes."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Level:
    """The nodes of one depth: `first` to `last`, in families of siblings.

    `starts` is where each family begins (counted from `first`), `parents` its parent, `family` the family of each node.
    """

    first: int
    last: int
    starts: npt.NDArray[np.int64]
    parents: Ints
    family: Ints


@dataclass(frozen=True)
class Tree:
    """Nodes numbered breadth first, siblings side by side in the public order of absorption; node 0 is the root.

    The root is no leaf. `parent` int32[n] (-1 for the root), `leaf` int32[n]: the leaf that a node is (each leaf once),
    or -1, `always_pooled` bool[n]: nodes that are never published on their own.
    """

    parent: Ints
    leaf: Ints
    always_pooled: Bools

    @property
    def size(self) -> int:
        """The number of nodes."""
        return int(self.parent.size)

    @cached_property
    def leaves(self) -> int:
        """The number of leaves."""
        return int((self.leaf >= 0).sum())

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The levels below the root, from the top."""
        depth = _depths(self.parent)
        bounds = np.searchsorted(depth, np.arange(1, depth[-1] + 2))
        return tuple(self._level(a, b) for a, b in pairwise(bounds))

    def _level(self, first: int, last: int) -> Level:
        parent = self.parent[first:last]
        begins = np.append(True, parent[1:] != parent[:-1])
        starts = np.flatnonzero(begins)
        family = (np.cumsum(begins) - 1).astype(np.int32)
        return Level(int(first), int(last), starts, parent[starts], family)

    @cached_property
    def leaf_counts(self) -> npt.NDArray[np.int64]:
        """int64[n]: the number of leaves at or below each node."""
        return self.sums(np.ones((self.leaves, 1), np.int64))[:, 0]

    @cached_property
    def leaf_start(self) -> npt.NDArray[np.int64]:
        """int64[n]: where a node's leaves begin in `leaf_order`, in which every node's leaves are contiguous."""
        start = np.zeros(self.size, np.int64)
        for level in self.levels:
            counts = self.leaf_counts[level.first : level.last]
            before = np.cumsum(counts) - counts
            start[level.first : level.last] = (start[level.parents] - before[level.starts])[level.family] + before
        return start

    @cached_property
    def leaf_order(self) -> Ints:
        """int32[leaves]: the leaves from left to right."""
        order = np.empty(self.leaves, np.int32)
        nodes = np.flatnonzero(self.leaf >= 0)
        order[self.leaf_start[nodes]] = self.leaf[nodes]
        return order

    def leaves_below(self, node: int) -> Ints:
        """The leaves at or below a node, from left to right."""
        start = int(self.leaf_start[node])
        return self.leaf_order[start : start + int(self.leaf_counts[node])]

    def sums(self, leaf_counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """int64[leaves, w] to int64[n, w]: every node's sum over its leaves."""
        sums = np.zeros((self.size, leaf_counts.shape[1]), np.int64)
        nodes = np.flatnonzero(self.leaf >= 0)
        sums[nodes] = leaf_counts[self.leaf[nodes]]
        for level in reversed(self.levels):
            sums[level.parents] = np.add.reduceat(sums[level.first : level.last], level.starts, axis=0)
        return sums


def tree_of(
    parent: Ints, leaf: Ints, keys: Sequence[npt.NDArray[np.generic]], always_pooled: Bools
) -> tuple[Tree, npt.NDArray[np.int64]]:
    """The tree of nodes given in any order, the root first, and the given place of each of its nodes.

    Siblings are ordered by `keys`, the first key foremost.
    """
    depth = _depths(parent)
    position = np.zeros(parent.size, np.int64)
    order = [np.zeros(1, np.int64)]
    for level in range(1, int(depth.max()) + 1):
        nodes = np.flatnonzero(depth == level)
        nodes = nodes[np.lexsort([*(key[nodes] for key in reversed(keys)), position[parent[nodes]]])]
        position[nodes] = np.arange(nodes.size) + sum(map(len, order))
        order.append(nodes)
    final = np.concatenate(order)
    up = np.append(-1, position[parent[final[1:]]]).astype(np.int32)
    tree = Tree(up, leaf[final].astype(np.int32), always_pooled[final].copy())
    return _pool_where_all_children_are(tree), final


def class_tree(nested: object, vocabulary: Sequence[str]) -> Tree:
    """The tree of classes written as nested tuples of names, as `(("a", "b"), "c")`; leaves are places in the list."""
    place = {name: at for at, name in enumerate(vocabulary)}
    parent, leaf, queue = [-1], [-1], deque([(0, nested)])
    while queue:
        node, content = queue.popleft()
        if isinstance(content, str):
            leaf[node] = place[content]
        elif isinstance(content, tuple):
            for child in content:
                queue.append((len(parent), child))
                parent.append(node)
                leaf.append(-1)
    return Tree(np.array(parent, np.int32), np.array(leaf, np.int32), np.zeros(len(parent), np.bool_))


def _depths(parent: Ints) -> Ints:
    """int32[n]: the number of steps to the root, by pointer jumping."""
    up = np.where(parent < 0, 0, parent)
    depth = (parent >= 0).astype(np.int32)
    while np.any(up):
        depth, up = depth + depth[up], up[up]
    return depth


def _pool_where_all_children_are(tree: Tree) -> Tree:
    """A node all of whose children are always pooled is the same area as they are, so it is always pooled too."""
    pooled = tree.always_pooled
    for level in reversed(tree.levels):
        whole = np.logical_and.reduceat(pooled[level.first : level.last], level.starts)
        pooled[level.parents] |= whole & (level.parents > 0)
    return tree
