"""Names that join zones, looked up all at once: which zones each one lists, and what these cover together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from anonymization.checks.parts import expanded, sums
from anonymization.checks.spans import Bools, Ints, covered


@dataclass(frozen=True)
class Named:
    """The zones that names list, one after the other.

    `row` int64[n]: the place of the name; `zone` int64[n]: the zone, one past the last for `rest`, two for `territory`,
    -1 where there is none of that name; `repeated` bool[n]: whether it does not come after the one before in its name.
    """

    names: int
    row: Ints
    zone: Ints
    repeated: Bools

    @cached_property
    def sizes(self) -> Ints:
        """int64[names]: how many zones each name lists."""
        return np.bincount(self.row, minlength=self.names)

    def of(self, names: Ints) -> tuple[Ints, Ints]:
        """int64[m] twice: of some names, given by their places, which of them lists a zone, and the zone."""
        which, place = expanded((np.cumsum(self.sizes) - self.sizes)[names], self.sizes[names])
        return which, self.zone[place]

    def kept(self, which: Bools) -> "Named":
        """Only those among `which`, bool[n]."""
        return Named(self.names, self.row[which], self.zone[which], self.repeated[which])

    def any(self, which: Bools) -> Bools:
        """bool[names]: whether any of the zones of each name is among `which`, bool[n]."""
        return np.bincount(self.row[which], minlength=self.names) > 0

    def all(self, which: Bools) -> Bools:
        """bool[names]: whether all of them are."""
        return ~self.any(~which)


@dataclass(frozen=True)
class Areas:
    """What names cover, in runs of segments: `low` and `high` int64[n], with the name times a width added to them."""

    bounds: Ints
    low: Ints
    high: Ints

    def hold(self, name: Ints, low: Ints, high: Ints) -> Bools:
        """bool[n]: whether each span lies in the area of its name."""
        line = name * (self.bounds.size + 1)
        begin = np.searchsorted(self.bounds, low, "right") - 1
        return covered(line + begin, line + np.searchsorted(self.bounds, high), (self.low, self.high))

    def extent(self, names: int) -> Ints:
        """int64[names]: how much each one covers, in cells of the finest resolution."""
        width = self.bounds.size + 1
        return sums(self.low // width, self.bounds[self.high % width] - self.bounds[self.low % width], names)
