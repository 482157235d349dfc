"""The parts of a day's attendance as what flows may join."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.named import Named
from anonymization.checks.parts import Parts, expanded, sums
from anonymization.checks.spans import Bools, Ints
from anonymization.checks.zone_map import ZoneMap
from anonymization.distances import centroid


@dataclass(frozen=True)
class Joined:
    """What names join: `part` int64[n], the parts of name `name` int64[n], each once.

    `sound` bool[names]: whether the name lists the zones of whole parts, all of one layer; `layer` int64[names].
    """

    sound: Bools
    layer: Ints
    name: Ints
    part: Ints

    @cached_property
    def count(self) -> Ints:
        """int64[names]: how many parts each joins."""
        return np.bincount(self.name, minlength=self.sound.size)

    def of(self, names: Ints) -> tuple[Ints, Ints]:
        """int64[m] twice: of some names, given by their places, which of them joins a part, and the part."""
        which, place = expanded((np.cumsum(self.count) - self.count)[names], self.count[names])
        return which, self.part[place]


@dataclass(frozen=True)
class Endpoints:
    """The parts, and the zones that each one names."""

    parts: Parts
    named: Named
    zones: ZoneMap

    @cached_property
    def part_of_zone(self) -> Ints:
        """int64[zones + 3]: the part that names each zone, or -1."""
        found = np.full(len(self.zones.zones) + 3, -1, np.int64)
        found[self.named.zone] = self.named.row
        found[len(self.zones.zones) :] = -1
        return found

    def joined(self, names: pa.Array) -> Joined:
        """The parts that each name joins."""
        named = self.zones.named(names)
        part = self.part_of_zone[named.zone]
        layer = self.zones.layer_of(named)
        keys = np.unique(named.row[part >= 0] * self.parts.count + part[part >= 0])
        name, distinct = keys // max(self.parts.count, 1), keys % max(self.parts.count, 1)
        listed = sums(name, self.named.sizes[distinct], len(names))
        once = ~named.any(named.repeated)
        sound = once & (layer >= 0) & ~named.any(part < 0) & (listed == named.sizes)
        kept = sound[name]
        return Joined(sound, layer, name[kept], distinct[kept])

    @cached_property
    def centroids(self) -> npt.NDArray[np.float64]:
        """double[parts, 3]: the centroid of each part."""
        found = [centroid(self.parts.cells_of(part)) for part in range(self.parts.count)]
        return np.array(found, np.float64).reshape(self.parts.count, 3)
