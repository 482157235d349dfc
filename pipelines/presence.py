"""Presence: in each slot, the one hexagon where a device spent most of it. Difference arrays: a stay costs two numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints, starts_of_runs


@dataclass(frozen=True)
class Spans:
    """Where devices were: a row per stay, of one device after the other.

    `device` int64[n] codes, `hexagon` int64[n], `start` and `held` int64[n] microseconds, `rank` int64[n]: order among stays
    of a device that start together.
    """

    device: Ints
    hexagon: Ints
    start: Ints
    held: Ints
    rank: Ints

    def take(self, index: Ints) -> "Spans":
        """Some of the rows."""
        return Spans(*(getattr(self, name)[index] for name in ("device", "hexagon", "start", "held", "rank")))


@dataclass(frozen=True)
class Winners:
    """Which row of the spans a device is counted by, and in which slots: [first, last) for each entry."""

    span: Ints
    first: Ints
    last: Ints


def winners(spans: Spans, edges: Ints) -> Winners:
    """For every device and slot that it touches, the stay that stands for the hexagon with the greatest overlap.

    `edges` int64[s + 1]: the slots. A stay touches a slot that it overlaps, or in which it lies with zero length. Ties go
    to the hexagon of the latest stay. Slots that a stay fills from its second on are won without a comparison.
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
    overlap = np.minimum(spans.held[row], edges[slot + 1]) - np.maximum(spans.start[row], edges[slot])
    place = spans.device[row] * (edges.size - 1) + slot
    order = np.lexsort((spans.rank[row], spans.start[row], spans.hexagon[row], place))
    row, slot, place, overlap = row[order], slot[order], place[order], overlap[order]
    starts = np.flatnonzero(starts_of_runs(place, spans.hexagon[row]))
    if starts.size == 0:
        return Winners(row, slot, slot)
    total = np.add.reduceat(overlap, starts)
    latest = np.append(starts[1:], row.size) - 1
    row, slot, place = row[latest], slot[latest], place[latest]
    best = _last_of_runs(place)
    rivals = np.flatnonzero(~(best & starts_of_runs(place)))
    order = np.lexsort((spans.rank[row[rivals]], spans.start[row[rivals]], total[rivals], place[rivals]))
    keep = np.concatenate(
        [np.flatnonzero(best & starts_of_runs(place)), rivals[order][_last_of_runs(place[rivals][order])]]
    )
    return Winners(row[keep], slot[keep], slot[keep] + 1)


def _last_of_runs(key: Ints) -> Bools:
    """bool[n]: where the next row has another key."""
    return np.append(starts_of_runs(key)[1:], True)[: key.size]


@dataclass(frozen=True)
class Lattice:
    """How a count's place is packed into one number: attribute and class, then hexagon, then slot."""

    hexagons: int
    slots: int

    def key(self, group: Ints, hexagon: Ints, slot: Ints) -> Ints:
        """int64[n]: one number for each place; `slot` may be the number of slots, one past the last."""
        return (group * self.hexagons + hexagon) * (self.slots + 1) + slot

    def unkey(self, key: Ints) -> tuple[Ints, Ints, Ints]:
        """(group, hexagon, slot) of packed places."""
        slot, rest = key % (self.slots + 1), key // (self.slots + 1)
        return rest // self.hexagons, rest % self.hexagons, slot


def differences(won: Winners, spans: Spans, lattice: Lattice, offset: int) -> tuple[Ints, Ints]:
    """Packed places and what to add there: +1 where a device's count in a hexagon begins, -1 where it has ended.

    Slots of `won` are counted from `offset` in the day. The running sum along the slots of the day gives the devices.
    """
    hexagon = spans.hexagon[won.span]
    zero = np.zeros_like(hexagon)
    places = [lattice.key(zero, hexagon, slots + offset) for slots in (won.first, won.last)]
    steps = np.repeat(np.array([1, -1], np.int64), won.span.size)
    return summed(np.concatenate(places), steps)


def attribute_counts(
    won: Winners,
    spans: Spans,
    groups: Mapping[str, Ints],
    slots: Ints,
    lattice: Lattice,
    offset: int,
) -> tuple[Ints, Ints]:
    """Packed places and devices at the given `slots` of the day, for each attribute's `groups` int64[n] of the spans."""
    keys = [np.zeros(0, np.int64)]
    for slot in slots.tolist():
        at = won.span[(won.first + offset <= slot) & (slot < won.last + offset)]
        where = np.full(at.size, slot)
        keys += [lattice.key(group[at], spans.hexagon[at], where) for group in groups.values()]
    key = np.concatenate(keys)
    return summed(key, np.ones(key.size, np.int64))


def summed(key: Ints, value: npt.NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Distinct keys, sorted, with the sum of their values; keys that sum to nothing are left out."""
    if key.size == 0:
        return key, value
    order = np.argsort(key)
    key, value = key[order], value[order]
    starts = np.flatnonzero(starts_of_runs(key))
    total = np.add.reduceat(value, starts)
    kept = total != 0
    return key[starts][kept], total[kept]
