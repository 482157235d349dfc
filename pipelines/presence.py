"""Presence: in each slot, the one hexagon where a device spent most of it; a long stay costs two numbers, not slots."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.arrays import Ints, starts_of_runs
from schemas.vocabulary import AGE_BANDS, SPC


@dataclass(frozen=True)
class Spans:
    """Where devices were: a row per stay, those of one device in the order of time.

    `device` int64[n] codes from 0, `hexagon` int64[n], `start` and `held` int64[n] microseconds; `hexagons`: how many
    there are.
    """

    device: Ints
    hexagon: Ints
    start: Ints
    held: Ints
    hexagons: int


@dataclass(frozen=True)
class Winners:
    """Which row of the spans a device is counted by, and in which slots: [first, last) for each entry."""

    span: Ints
    first: Ints
    last: Ints


def winners(spans: Spans, edges: Ints) -> Winners:
    """For every device and slot that it touches, the stay that stands for the hexagon with the greatest overlap.

    `edges` int64[s + 1]: the slots. A stay touches a slot that it overlaps, or in which it lies with zero length. Ties
    go to the hexagon of the latest stay. Slots that a stay fills from its second on are won without a comparison.
    """
    touched, first, last = _slots(spans, edges)
    full = np.searchsorted(edges, np.maximum(spans.held[touched], edges[0]), "right") - 1
    full = np.maximum(np.minimum(full, last + 1), first + 1)
    tail = np.flatnonzero((last > first) & (full == last))
    contested = _contest(spans, np.concatenate([touched, touched[tail]]), np.concatenate([first, last[tail]]), edges)
    filled = full > first + 1
    return Winners(
        np.concatenate([contested.span, touched[filled]]),
        np.concatenate([contested.first, first[filled] + 1]),
        np.concatenate([contested.last, full[filled]]),
    )


def _slots(spans: Spans, edges: Ints) -> tuple[Ints, Ints, Ints]:
    """The rows that touch a slot, with the first and the last slot that they touch."""
    inside = (spans.start < edges[-1]) & (
        (spans.held > edges[0]) | ((spans.start == spans.held) & (spans.start >= edges[0]))
    )
    rows = np.flatnonzero(inside)
    start, held = spans.start[rows], spans.held[rows]
    first = np.searchsorted(edges, np.maximum(start, edges[0]), "right") - 1
    last = np.searchsorted(edges, np.minimum(held, edges[-1]), "left") - 1
    return rows, first, np.maximum(last, first)


def _contest(spans: Spans, row: Ints, slot: Ints, edges: Ints) -> Winners:
    """Add up the overlaps of each device, slot and hexagon, and keep the best hexagon of each device and slot."""
    if row.size == 0:
        return Winners(row, slot, slot)
    overlap = np.minimum(spans.held[row], edges[slot + 1]) - np.maximum(spans.start[row], edges[slot])
    key = (spans.device[row] * (edges.size - 1) + slot) * spans.hexagons + spans.hexagon[row]
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(starts_of_runs(key))
    total = np.add.reduceat(overlap[order], starts)
    latest = np.maximum.reduceat(row[order], starts)
    place = key[starts] // spans.hexagons
    # One number that orders by overlap, then by time: rows of a device are in the order of time.
    score = total * spans.start.size + latest
    contests = np.flatnonzero(starts_of_runs(place))
    best = np.maximum.reduceat(score, contests) % spans.start.size
    won = place[contests] % (edges.size - 1)
    return Winners(best, won, won + 1)


ATTRIBUTES = {"age_band": len(AGE_BANDS) + 1, "spc": len(SPC) + 1}
"""The attributes of presence, with their classes; one class past the vocabulary holds foreign devices."""

GROUPS = 1 + sum(ATTRIBUTES.values())
"""The plain count, then the classes of each attribute."""


@dataclass(frozen=True)
class Lattice:
    """How a count's place is packed into one number: slot of the day, then attribute and class, then hexagon.

    What one step counts is then a narrow range of numbers.
    """

    hexagons: int
    slots: int

    def key(self, group: Ints, hexagon: Ints, slot: Ints) -> Ints:
        """int64[n]: one number for each place; `slot` may be the number of slots, one past the last."""
        return (slot * GROUPS + group) * self.hexagons + hexagon

    def unkey(self, key: Ints) -> tuple[Ints, Ints, Ints]:
        """(group, hexagon, slot) of packed places."""
        rest = key // self.hexagons
        return rest % GROUPS, key % self.hexagons, rest // GROUPS


def differences(won: Winners, spans: Spans, lattice: Lattice, slots: range) -> tuple[Ints, Ints]:
    """Packed places and what to add there: +1 where a device's count in a hexagon begins, -1 where it has ended.

    `slots`: those of the day that `won` speaks of. The running sum along the slots of the day gives the devices.
    """
    width = len(slots) + 1
    hexagon = spans.hexagon[won.span] * width
    key = np.concatenate([hexagon + won.first, hexagon + won.last])
    steps = np.repeat(np.array([1, -1], np.int64), won.span.size)
    place, total = tally(key, steps, spans.hexagons * width)
    return lattice.key(np.zeros_like(place), place // width, place % width + slots.start), total


def attribute_counts(
    won: Winners, spans: Spans, groups: Mapping[str, Ints], lattice: Lattice, slots: range, at: Ints
) -> tuple[Ints, Ints]:
    """Packed places and devices in the slots `at` of the day, for each attribute's `groups` int64[n] of the spans."""
    none = np.zeros(0, np.int64)
    found = [(none, none)]
    size = (1 + max((int(group.max()) for group in groups.values()), default=0)) * spans.hexagons
    for slot in (at - slots.start).tolist():
        span = won.span[(won.first <= slot) & (slot < won.last)]
        keys = [group[span] * spans.hexagons + spans.hexagon[span] for group in groups.values()]
        place, total = tally(np.concatenate(keys), np.ones(len(keys) * span.size, np.int64), size)
        where = np.full(place.size, slot + slots.start)
        found.append((lattice.key(place // spans.hexagons, place % spans.hexagons, where), total))
    return np.concatenate([place for place, _ in found]), np.concatenate([total for _, total in found])


def tally(key: Ints, value: Ints, size: int) -> tuple[Ints, Ints]:
    """Distinct keys, sorted, with the sum of their values; keys are below `size`, sums of nothing are left out."""
    if size <= DENSE * key.size:
        total = np.bincount(key, value, size).astype(np.int64)
        kept = np.flatnonzero(total)
        return kept, total[kept]
    # Keys come as sorted runs, one from each shard or step: a stable sort merges them.
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(starts_of_runs(key))
    total = np.add.reduceat(value[order], starts) if starts.size else value
    kept = np.flatnonzero(total)
    return key[starts][kept], total[kept]


DENSE = 4
"""Counting into an array of every key is quicker than sorting the keys up to about this ratio of their numbers."""
