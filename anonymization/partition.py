"""The partition: a tree and exact counts in, parts of at least k devices out. The one rule that everything rests on.

At each node, children below k are pooled; children of at least k are then absorbed into the pool, at least one, in the
tree's public order, until the pool holds the target (2k - 1) or none is left. The order is the same for all windows and
indicators and depends on no count: what it absorbs tells nothing that the public order does not. Every pooled child
below k keeps all of 0..k-1 as possible values (space) or 1..k-1 (classes): `tests/anonymization/test_feasibility.py`
shows it exhaustively.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymization.tree import Bools, Level, Tree

Counts = npt.NDArray[np.int64]

OPEN = -1
"""The node is not in a part as a whole: its children are looked at."""
NOTHING = -2
"""Nothing is published for the node."""

CELLS_AT_ONCE = 2_000_000
"""Nodes times windows that are cut in one go, which bounds the memory."""


@dataclass(frozen=True)
class Parts:
    """The parts of many windows, ordered by window, then from left to right in the tree.

    `window` int32[p]; `devices` int64[p], exact; `first` int64[p + 1] and `node` int32[...]: part i is the union of the
    nodes `node[first[i]:first[i + 1]]`, siblings all.
    """

    window: npt.NDArray[np.int32]
    devices: Counts
    first: npt.NDArray[np.int64]
    node: npt.NDArray[np.int32]

    def members(self, part: int) -> tuple[int, ...]:
        """The nodes of a part, from left to right."""
        return tuple(self.node[self.first[part] : self.first[part + 1]].tolist())

    def sums(self, tree: Tree, leaf_values: Counts) -> Counts:
        """int64[p]: for each part the sum of any int64[leaves, windows] over its leaves in its window."""
        sums = np.zeros(self.window.size, np.int64)
        step = max(1, CELLS_AT_ONCE // tree.size)
        for at in range(0, leaf_values.shape[1], step):
            low, high = np.searchsorted(self.window, [at, at + step])
            if low < high:
                first = self.first[low : high + 1]
                window = np.repeat(self.window[low:high] - at, np.diff(first))
                of_nodes = tree.sums(leaf_values[:, at : at + step])[self.node[first[0] : first[-1]], window]
                sums[low:high] = np.add.reduceat(of_nodes, first[:-1] - first[0])
        return sums

    def shapes(self) -> tuple[npt.NDArray[np.int64], list[tuple[int, ...]]]:
        """int64[p] and a list: the place of each part's nodes in the list of all sets of nodes that occur."""
        sizes = np.diff(self.first)
        shape = np.empty(sizes.size, np.int64)
        single = np.flatnonzero(sizes == 1)
        nodes, shape[single] = np.unique(self.node[self.first[single]], return_inverse=True)
        places: dict[tuple[int, ...], int] = {(node,): place for place, node in enumerate(nodes.tolist())}
        for part in np.flatnonzero(sizes != 1).tolist():
            shape[part] = places.setdefault(self.members(part), len(places))
        return shape, list(places)


def partition(tree: Tree, leaf_counts: Counts, k: int, target: int, *, hide_empty: bool) -> Parts:
    """Cut every window's counts, int64[leaves, windows], into parts of at least k.

    With `hide_empty` (space) an empty child counts as below k; without (classes) it is no child, but joins the name of
    a pool beside it. A window whose whole is below k has no part.
    """
    step = max(1, CELLS_AT_ONCE // tree.size)
    pieces = []
    # One turn at least, so that no window is no part.
    for at in range(0, max(leaf_counts.shape[1], 1), step):
        members = _members(tree, leaf_counts[:, at : at + step], at, k, target, hide_empty=hide_empty)
        pieces.append(_assemble(tree, *members))
    return _together(pieces)


def leaf_parts(tree: Tree, parts: Parts, window: int) -> npt.NDArray[np.int64]:
    """int64[leaves]: the part that holds each leaf in a window, or -1."""
    of_leaf = np.full(tree.leaves, -1, np.int64)
    low, high = np.searchsorted(parts.window, [window, window + 1])
    nodes = parts.node[parts.first[low] : parts.first[high]]
    part = np.repeat(np.arange(low, high), np.diff(parts.first[low : high + 1]))
    sizes = tree.leaf_counts[nodes]
    offsets = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    of_leaf[tree.leaf_order[np.repeat(tree.leaf_start[nodes], sizes) + offsets]] = np.repeat(part, sizes)
    return of_leaf


def _members(
    tree: Tree, leaf_counts: Counts, window: int, k: int, target: int, *, hide_empty: bool
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], Counts]:
    """(window, code, node, devices): a row for each node that is a whole member of a part, a window and a code."""
    counts = tree.sums(leaf_counts)
    code = np.full(counts.shape, OPEN, np.int64)
    code[0] = np.where(counts[0] >= k, OPEN, NOTHING)
    rows = []
    for level in tree.levels:
        nodes = slice(level.first, level.last)
        small = (counts[nodes] < k) | tree.always_pooled[nodes, None]
        own = _codes(tree, level, counts[nodes], small, target, hide_empty=hide_empty)
        inherited = code[level.parents][level.family]
        code[nodes] = np.where(inherited == OPEN, own, inherited)
        child, at = np.nonzero((inherited == OPEN) & (own >= 0))
        chosen = own[child, at]
        member = np.where(chosen == tree.parent[level.first + child], chosen, level.first + child)
        rows.append((window + at, chosen, member, counts[member, at]))
    columns = tuple(np.concatenate(column) for column in zip(*rows, strict=True))
    return columns[0], columns[1], columns[2], columns[3]


def _codes(
    tree: Tree, level: Level, counts: Counts, small: Bools, target: int, *, hide_empty: bool
) -> npt.NDArray[np.int64]:
    """int64[nodes, windows]: what each node is published as, while those above it are open.

    A leaf's own number, its parent's number where all siblings pool, size + parent for another pool, NOTHING, or OPEN.
    """
    empty = (counts == 0) & (not hide_empty)
    small = small & ~empty
    pools = np.logical_or.reduceat(small, level.starts)[level.family]
    total = np.add.reduceat(np.where(small, counts, 0), level.starts)[level.family]
    before = _sum_before(np.where(small, 0, counts), level)
    absorbed = ~small & ~empty & ((before == 0) | (total + before < target))
    pooled = pools & (small | absorbed | empty)
    whole = np.logical_and.reduceat(pooled, level.starts)[level.family]
    parent = level.parents[level.family][:, None].astype(np.int64)
    node = np.arange(level.first, level.last)[:, None]
    alone = np.where(tree.leaf[level.first : level.last, None] >= 0, node, OPEN)
    alone = np.where(empty, NOTHING, alone)
    return np.where(pooled, np.where(whole, parent, tree.size + parent), alone)


def _sum_before(values: Counts, level: Level) -> Counts:
    """The sum over the siblings that come earlier in the public order."""
    before = np.cumsum(values, axis=0) - values
    return before - before[level.starts][level.family]


def _assemble(
    tree: Tree,
    window: npt.NDArray[np.int64],
    code: npt.NDArray[np.int64],
    node: npt.NDArray[np.int64],
    devices: Counts,
) -> Parts:
    """Order the members and bring those of one part together; a node that all its children name stands once."""
    order = np.lexsort((node, code, window))
    window, code, node, devices = window[order], code[order], node[order], devices[order]
    fresh = _changes(window, code, node)
    window, code, node, devices = window[fresh], code[fresh], node[fresh], devices[fresh]
    starts = np.flatnonzero(_changes(window, code))
    left = np.lexsort((tree.leaf_start[node[starts]], window[starts]))
    sizes = np.diff(np.append(starts, node.size))
    sums = np.add.reduceat(devices, starts) if starts.size else devices
    first = np.append(0, np.cumsum(sizes[left]))
    pick = np.repeat(starts[left] - first[:-1], sizes[left]) + np.arange(first[-1])
    return Parts(window[starts][left].astype(np.int32), sums[left], first, node[pick].astype(np.int32))


def _together(pieces: Sequence[Parts]) -> Parts:
    """The parts of successive windows as one."""
    sizes = np.concatenate([np.diff(piece.first) for piece in pieces])
    return Parts(
        np.concatenate([piece.window for piece in pieces]),
        np.concatenate([piece.devices for piece in pieces]),
        np.append(0, np.cumsum(sizes)),
        np.concatenate([piece.node for piece in pieces]),
    )


def _changes(*columns: npt.NDArray[np.int64]) -> Bools:
    """bool[n]: where a row differs from the one before in any column."""
    changes = np.zeros(columns[0].size, np.bool_)
    changes[:1] = True
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return changes
