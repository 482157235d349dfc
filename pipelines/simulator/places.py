"""Where people can go: points, and how likely each is for each kind of destination."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulator.area import OUTSIDE
from pipelines.simulator.plane import Bools, Floats, Ints, pick


@dataclass(frozen=True)
class Spots:
    """Points in metres, each in the hexagon of a row of the area, or OUTSIDE."""

    east: Floats
    north: Floats
    hexagon: Ints

    def take(self, rows: Ints | slice) -> "Spots":
        """The spots of some rows."""
        return Spots(self.east[rows], self.north[rows], self.hexagon[rows])

    def where(self, mask: Bools, other: "Spots") -> "Spots":
        """These where the mask is true, others elsewhere."""
        return Spots(
            np.where(mask, self.east, other.east),
            np.where(mask, self.north, other.north),
            np.where(mask, self.hexagon, other.hexagon),
        )


def outside(east: Floats, north: Floats) -> Spots:
    """Spots beyond the area."""
    return Spots(east, north, np.full(len(east), OUTSIDE, np.int64))


@dataclass(frozen=True)
class Places:
    """n points around which one can be, within `radius_m`, and the cumulative shares of each kind: [kinds, n].

    The first `communes` kinds are places near the home in each commune; the five others follow in the order of JOB,
    CENTRE, VENUE, HOTEL, FESTIVAL.
    """

    east: Floats
    north: Floats
    cumulative: Floats
    radius_m: float

    @property
    def communes(self) -> int:
        """How many communes there are."""
        return len(self.cumulative) - KINDS

    def draw(self, kind: Ints, random: np.random.Generator) -> Spots:
        """A spot of each kind."""
        row = pick(self.cumulative, kind, random.random(len(kind)))
        distance = self.radius_m * np.sqrt(random.random(len(kind)))
        direction = random.random(len(kind)) * 2 * np.pi
        east = self.east[row] + distance * np.cos(direction)
        return Spots(east, self.north[row] + distance * np.sin(direction), row)


JOB, CENTRE, VENUE, HOTEL, FESTIVAL = range(5)
KINDS = 5
