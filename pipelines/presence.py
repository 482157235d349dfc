"""Presence: in each slot, the one hexagon where a device spent most of it; a long stay costs two numbers, not slots."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.arrays import Ints, starts_of_runs
from schemas.vocabulary import AGE_BANDS, SPC


@dataclass(frozen=True)
class Spans:
    """Where devices were: a row per stay, those of one device in the order of time.

    `device` int64[n] codes from 0, `hexagon` int64[n], `begin` and `end` int64[n] microseconds, `weight` int64[n]
    thousandths of people; `hexagons`: how many there are.
    """

    device: Ints
    hexagon: Ints
    begin: Ints
    end: Ints
    weight: Ints
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
    full = np.searchsorted(edges, np.maximum(spans.end[touched], edges[0]), "right") - 1
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
    inside = (spans.begin < edges[-1]) & (
        (spans.end > edges[0]) | ((spans.begin == spans.end) & (spans.begin >= edges[0]))
    )
    rows = np.flatnonzero(inside)
    first = np.searchsorted(edges, np.maximum(spans.begin[rows], edges[0]), "right") - 1
    last = np.searchsorted(edges, np.minimum(spans.end[rows], edges[-1]), "left") - 1
    return rows, first, np.maximum(last, first)


def _contest(spans: Spans, row: Ints, slot: Ints, edges: Ints) -> Winners:
    """Add up the overlaps of each device, slot and hexagon, and keep the best hexagon of each device and slot."""
    if row.size == 0:
        return Winners(row, slot, slot)
    overlap = np.minimum(spans.end[row], edges[slot + 1]) - np.maximum(spans.begin[row], edges[slot])
    key = (spans.device[row] * (edges.size - 1) + slot) * spans.hexagons + spans.hexagon[row]
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(starts_of_runs(key))
    total = np.add.reduceat(overlap[order], starts)
    latest = np.maximum.reduceat(row[order], starts)
    place = key[starts] // spans.hexagons
    # One number that orders by overlap, then by time: rows of a device are in the order of time.
    score = total * spans.begin.size + latest
    contests = np.flatnonzero(starts_of_runs(place))
    best = np.maximum.reduceat(score, contests) % spans.begin.size
    won = place[contests] % (edges.size - 1)
    return Winners(best, won, won + 1)


ATTRIBUTES = {"age_band": len(AGE_BANDS) + 1, "spc": len(SPC) + 1}
"""The attributes of presence, with their classes; one class past the vocabulary holds foreign devices."""

UNKNOWN = 1 + sum(ATTRIBUTES.values())
"""The group of devices that are somewhere, but not known where; it has no hexagon."""

GROUPS = UNKNOWN + 1
"""The plain count, then the classes of each attribute, then the unknown."""


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


@dataclass(frozen=True)
class Counted:
    """Packed places, ascending, with the devices and the weight that each adds: int64[n]; places of nothing are out."""

    place: Ints
    devices: Ints
    weight: Ints


def differences(won: Winners, spans: Spans, lattice: Lattice, slots: range) -> Counted:
    """What to add where: a device from where its count in a hexagon begins, and less it from where that has ended.

    `slots`: those of the day that `won` speaks of. The running sum along the slots of the day gives the counts.
    """
    width = len(slots) + 1
    hexagon = spans.hexagon[won.span] * width
    key = np.concatenate([hexagon + won.first, hexagon + won.last])
    steps = np.repeat(np.array([1, -1], np.int64), won.span.size)
    weight = np.tile(spans.weight[won.span], 2) * steps
    found = tally(key, steps, weight, spans.hexagons * width)
    place = lattice.key(np.zeros_like(found.place), found.place // width, found.place % width + slots.start)
    return Counted(place, found.devices, found.weight)


def unknown(begin: Ints, end: Ints, edges: Ints, lattice: Lattice, slots: range) -> Counted:
    """The same for devices that are known nowhere in [begin, end): they count in the slots that lie within.

    `edges` int64[s + 1] are those of `slots`.
    """
    first = np.searchsorted(edges, begin, "left")
    last = np.maximum(np.searchsorted(edges, end, "right") - 1, first)
    some = last > first
    key = np.concatenate([first[some], last[some]])
    steps = np.repeat(np.array([1, -1], np.int64), int(some.sum()))
    found = tally(key, steps, np.zeros_like(steps), len(slots) + 1)
    none = np.zeros_like(found.place)
    return Counted(lattice.key(none + UNKNOWN, none, found.place + slots.start), found.devices, found.weight)


def attribute_counts(
    won: Winners, spans: Spans, groups: Mapping[str, Ints], lattice: Lattice, slots: range, at: Ints
) -> list[Counted]:
    """The counts in the slots `at` of the day, for each attribute's `groups` int64[n] of the spans."""
    found = []
    size = (1 + max((int(group.max(initial=0)) for group in groups.values()), default=0)) * spans.hexagons
    for slot in (at - slots.start).tolist():
        span = won.span[(won.first <= slot) & (slot < won.last)]
        keys = np.concatenate([group[span] * spans.hexagons + spans.hexagon[span] for group in groups.values()])
        weight = np.tile(spans.weight[span], len(groups))
        counted = tally(keys, np.ones_like(keys), weight, size)
        where = np.full(counted.place.size, slot + slots.start)
        place = lattice.key(counted.place // spans.hexagons, counted.place % spans.hexagons, where)
        found.append(Counted(place, counted.devices, counted.weight))
    return found


def tally(key: Ints, devices: Ints, weight: Ints, size: int) -> Counted:
    """The sums of each distinct key; keys are below `size`, sums of nothing are left out."""
    if size <= DENSE * key.size:
        totals = [np.bincount(key, value, size).astype(np.int64) for value in (devices, weight)]
        kept = np.flatnonzero(totals[0] | totals[1])
        return Counted(kept, *(total[kept] for total in totals))
    # Keys come as sorted runs, one from each shard or step: a stable sort merges them.
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(starts_of_runs(key))
    if not starts.size:
        return Counted(key, devices, weight)
    totals = [np.add.reduceat(value[order], starts) for value in (devices, weight)]
    kept = np.flatnonzero(totals[0] | totals[1])
    return Counted(key[starts][kept], *(total[kept] for total in totals))


DENSE = 4
"""Counting into an array of every key is quicker than sorting the keys up to about this ratio of their numbers."""
