"""Which zones hold which, and what to do where two cross: sets of cells, no names of files."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.uint64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Overlaps:
    """Pairs of zones that share cells, as places in the sequence of zones; the `outer` one comes first in rank.

    Ordered by rank of `inner`, then of `outer`. `holds` says whether all cells of `inner` are shared.
    """

    outer: Ints
    inner: Ints
    shared: Ints
    holds: NDArray[np.bool_]


def ranked(
    cells: Sequence[Cells], zone_ids: Sequence[str], parents: Sequence[str | None], areas: Sequence[float]
) -> Ints:
    """Places of the zones, those that can hold others first: more cells first, then by identifier.

    Among zones of the same cells, one that is declared the parent of another comes first, then the larger polygon.
    """
    twins: dict[bytes, list[int]] = {}
    for place in sorted(range(len(cells)), key=zone_ids.__getitem__):
        twins.setdefault(cells[place].tobytes(), []).append(place)
    order: list[tuple[int, str, int, float, str, int]] = []
    for group in twins.values():
        above = {zone_ids[place]: parents[place] for place in group}
        for place in group:
            key = (-len(cells[place]), zone_ids[group[0]], _depth(zone_ids[place], above), -areas[place])
            order.append((*key, zone_ids[place], place))
    return np.array([place for *_, place in sorted(order)], np.int64)


def _depth(zone_id: str, above: dict[str, str | None]) -> int:
    """How many declared parents stand above a zone in its group; a circle counts each once."""
    met = {zone_id}
    parent = above[zone_id]
    while parent in above and parent not in met:
        met.add(parent)
        parent = above[parent]
    return len(met) - 1


def overlaps(cells: Sequence[Cells], rank: Ints) -> Overlaps:
    """Every pair of zones that share a cell; `rank` gives the places of the zones in order."""
    sizes = np.array([len(cells[place]) for place in rank], np.int64)
    every = np.concatenate([np.empty(0, np.uint64), *(cells[place] for place in rank)])
    # Stable: the zones of one cell stay in the order of rank.
    by_cell = np.argsort(every, kind="stable")
    every, zone = every[by_cell], np.repeat(np.arange(len(rank)), sizes)[by_cell]
    pairs, at, step = [np.empty(0, np.int64)], np.arange(len(every)), 0
    while len(at):
        step += 1
        at = at[at + step < len(every)]
        at = at[every[at] == every[at + step]]
        pairs.append(zone[at + step] * len(rank) + zone[at])
    pair, shared = np.unique(np.concatenate(pairs), return_counts=True)
    inner, outer = np.divmod(pair, max(len(rank), 1))
    return Overlaps(rank[outer], rank[inner], shared, shared == sizes[inner])


def nearest(found: Overlaps, zones: int) -> NDArray[np.int32]:
    """Place of the nearest zone that holds each zone, or -1: int32[zones]."""
    parent = np.full(zones, -1, np.int32)
    # The last assignment stays: the lowest in rank of the zones that hold it.
    parent[found.inner[found.holds]] = found.outer[found.holds]
    return parent


def clipped(cells: Sequence[Cells], found: Overlaps) -> list[Cells]:
    """The cells that each zone keeps when, wherever two cross, the one first in rank keeps the shared cells.

    A zone that crosses several yields first to those that share the fewest of its cells, and no more once the
    rest of it lies within one of them. Crossings may be left among what remains: look for overlaps again.
    """
    kept = list(cells)
    changes = np.append(True, found.inner[1:] != found.inner[:-1])
    order = np.lexsort((found.shared, np.cumsum(changes[: len(found.inner)])))
    for pair in order[~found.holds[order]].tolist():
        outer, inner = found.outer[pair], found.inner[pair]
        shared = np.intersect1d(kept[outer], kept[inner], assume_unique=True)
        if 0 < len(shared) < min(len(kept[outer]), len(kept[inner])):
            kept[inner] = np.setdiff1d(kept[inner], shared, assume_unique=True)
    return kept
