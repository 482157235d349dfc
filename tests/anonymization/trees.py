"""Small public trees, and decision 7 in plain Python: what the partition must agree with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from anonymization.partition import Parts, partition
from anonymization.tree import Tree, tree_of

Nested = tuple["Nested", ...]
"""A node is the tuple of its children in the public order; a leaf has none."""

LEAF: Nested = ()
Area = frozenset[int]
Part = tuple[Area, int]
"""The leaves of a part, and its devices."""

nested_trees: st.SearchStrategy[Nested] = st.recursive(
    st.just(LEAF), lambda child: st.lists(child, min_size=1, max_size=4).map(tuple), max_leaves=12
).map(lambda tree: tree or (LEAF,))


def family(children: int) -> Nested:
    return (LEAF,) * children


def build(nested: Nested, always_pooled: Sequence[bool] = ()) -> Tree:
    """The tree with its leaves numbered breadth first; `always_pooled` by node, breadth first, the root left out."""
    parent, leaf, queue = [-1], [-1], [(0, nested)]
    while queue:
        node, children = queue.pop(0)
        for child in children:
            queue.append((len(parent), child))
            parent.append(node)
            leaf.append(-1 if child else max(leaf) + 1)
    pooled = [False, *always_pooled][: len(parent)]
    pooled += [False] * (len(parent) - len(pooled))
    key = np.arange(len(parent))
    tree, _ = tree_of(np.array(parent, np.int32), np.array(leaf, np.int32), [key], np.array(pooled, np.bool_))
    return tree


@dataclass(frozen=True)
class Cut:
    """How to cut; `smallest_first` absorbs by count, as a safe rule must not."""

    k: int
    target: int
    hide_empty: bool = True
    smallest_first: bool = False


def by_definition(tree: Tree, counts: Sequence[int], cut: Cut) -> list[Part]:
    """Decision 7, word by word."""
    return list(_opened(tree, counts, 0, cut)) if sum(counts) >= cut.k else []


def _opened(tree: Tree, counts: Sequence[int], node: int, cut: Cut) -> Iterator[Part]:
    """The parts of a node of at least k that is in no pool."""
    if tree.leaf[node] >= 0:
        yield leaves(tree, node), total(tree, counts, node)
        return
    children = [int(child) for child in np.flatnonzero(tree.parent == node)]
    empty = [child for child in children if not cut.hide_empty and total(tree, counts, child) == 0]
    others = [child for child in children if child not in empty]
    pool = [child for child in others if total(tree, counts, child) < cut.k or tree.always_pooled[child]]
    if pool:
        big = [child for child in others if child not in pool]
        if cut.smallest_first:
            big.sort(key=lambda child: total(tree, counts, child))
        absorbed = 0
        for child in big:
            if absorbed == 0 or sum(total(tree, counts, each) for each in pool) < cut.target:
                pool.append(child)
                absorbed += 1
        area = frozenset().union(*(leaves(tree, child) for child in (*pool, *empty)))
        yield area, sum(total(tree, counts, child) for child in pool)
    for child in others:
        if child not in pool:
            yield from _opened(tree, counts, child, cut)


def leaves(tree: Tree, node: int) -> Area:
    if tree.leaf[node] >= 0:
        return frozenset({int(tree.leaf[node])})
    return frozenset().union(*(leaves(tree, int(child)) for child in np.flatnonzero(tree.parent == node)))


def total(tree: Tree, counts: Sequence[int], node: int) -> int:
    return sum(counts[leaf] for leaf in leaves(tree, node))


def cut_windows(tree: Tree, windows: Sequence[Sequence[int]], cut: Cut) -> Parts:
    """The partition of windows, each given by the counts of its leaves."""
    counts = np.array(windows, np.int64).reshape(len(windows), tree.leaves).T.copy()
    return partition(tree, counts, cut.k, cut.target, hide_empty=cut.hide_empty)


def areas(tree: Tree, parts: Parts, window: int) -> list[Part]:
    """The parts of one window, in their order."""
    return [
        (frozenset().union(*(leaves(tree, node) for node in parts.members(part))), int(parts.devices[part]))
        for part in np.flatnonzero(parts.window == window).tolist()
    ]


def parts_of(nested: Nested, counts: Sequence[int], k: int, *, hide_empty: bool = True) -> list[tuple[set[int], int]]:
    """The parts of one window of a small tree, from left to right, at the usual target."""
    tree = build(nested)
    parts = cut_windows(tree, [counts], Cut(k, 2 * k - 1, hide_empty))
    return [(set(area), devices) for area, devices in areas(tree, parts, 0)]
