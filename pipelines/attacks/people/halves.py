"""Two halves of the people of a release, each published as the product would: the presence series of a world.

An attack that needs to know how a release would look without somebody, or of other people, has to make one. Space is
cut by the product's own partition; each figure is rounded by a draw of its own, where a release keeps the draw of a
part for a while, which favours the adversary.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymization.partition import Parts, partition
from anonymization.policy import Policy
from anonymization.rounding import round_to_base
from anonymization.territory import Territory
from anonymization.tree import Tree
from pipelines.arrays import Ints
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.people.persons import Persons

Floats = npt.NDArray[np.float64]
Traces = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Series:
    """What is printed of presence: `part` int32[slots, hexagons], the part of each hexagon in each slot, or -1.

    Parts are numbered through all slots, slot after slot; int64[parts] each: `slot`, `printed` devices, `size` in
    hexagons.
    """

    part: npt.NDArray[np.int32]
    slot: Ints
    printed: Ints
    size: Ints

    def at(self, slot: int) -> "Scene":
        """What is printed of one slot."""
        first, last = np.searchsorted(self.slot, [slot, slot + 1])
        part = self.part[slot]
        return Scene(np.where(part >= 0, part - first, -1), self.printed[first:last], self.size[first:last])

    def likeliest(self, likely: Floats) -> Ints:
        """int64[parts]: the hexagon of each part where most people are expected, from public figures [hexagons]."""
        slot, hexagon = np.nonzero(self.part >= 0)
        part = self.part[slot, hexagon]
        order = np.lexsort((hexagon, likely[hexagon], part))
        last = np.append(part[order][1:] != part[order][:-1], True)[: part.size]
        found = np.zeros(self.slot.size, np.int64)
        found[part[order][last]] = hexagon[order][last]
        return found


@dataclass(frozen=True)
class Scene:
    """One slot of a series, its parts numbered from 0: `part` int64[hexagons]; int64[parts] `printed` and `size`."""

    part: Ints
    printed: Ints
    size: Ints


def traces(days: tuple[DayDevices, ...], persons: Persons) -> Traces:
    """int32[persons, slots of all days]: the hexagon in which each person counts in each slot, or -1."""
    found = []
    for number, day in enumerate(days):
        device = persons.device[:, number]
        found.append(np.where(device[:, None] >= 0, day.traces[np.maximum(device, 0)], -1))
    return np.concatenate(found, axis=1).astype(np.int32)


def counted(some: Traces, hexagons: int) -> Ints:
    """int64[hexagons, slots]: how many of some traces are in each hexagon in each slot."""
    person, slot = np.nonzero(some >= 0)
    slots = some.shape[1]
    at = some[person, slot].astype(np.int64) * slots + slot
    return np.bincount(at, minlength=hexagons * slots).reshape(hexagons, slots)


def published(counts: Ints, territory: Territory, policy: Policy, random: np.random.Generator) -> Series:
    """The series that would be published of counts, int64[hexagons, slots]."""
    found = partition(territory.tree, counts, policy.k, policy.pool_target, hide_empty=True)
    draws = random.integers(0, 2**32, found.devices.size, np.uint32)
    base = policy.rounding
    printed = round_to_base(found.devices, draws, base) if base > 1 else found.devices
    part = _of_hexagons(territory.tree, found, counts.shape[1])
    size = np.bincount(part[part >= 0], minlength=printed.size)
    return Series(part, found.window.astype(np.int64), printed, size)


def every_count(counts: Ints) -> Series:
    """The series of counts int64[hexagons, slots] that are printed hexagon by hexagon, as they are, but for zeros."""
    slot, hexagon = np.nonzero(counts.T)
    part = np.full(counts.T.shape, -1, np.int32)
    part[slot, hexagon] = np.arange(slot.size)
    return Series(part, slot.astype(np.int64), counts[hexagon, slot], np.ones(slot.size, np.int64))


def _of_hexagons(tree: Tree, parts: Parts, slots: int) -> npt.NDArray[np.int32]:
    """int32[slots, leaves]: the part of each leaf."""
    number = np.repeat(np.arange(parts.devices.size), np.diff(parts.first))
    sizes = tree.leaf_counts[parts.node].astype(np.int64)
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    leaf = tree.leaf_order[np.repeat(tree.leaf_start[parts.node].astype(np.int64), sizes) + offset]
    found = np.full((slots, tree.leaves), -1, np.int32)
    number = np.repeat(number, sizes)
    found[parts.window[number], leaf] = number
    return found
