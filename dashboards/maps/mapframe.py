"""What a map shows of the Earth, and in which colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Final

from dashboards.zones import Zone

RAMP: Final = ("#f0f7d9", "#d0ecb8", "#8dd3c0", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84")
"""ColorBrewer YlGnBu, which the colour-blind can read; light is few."""

WIDTH: Final = 800.0
ASPECT: Final = 4 / 3
MARGIN: Final = 0.3
"""What is shown around a zone, as a share of its size."""
LEAST_SPAN: Final = 0.02
"""Degrees of longitude that are shown at least: about 1.5 km."""


@dataclass(frozen=True)
class Frame:
    """The piece of the Earth that a map shows, in degrees; a flat picture of it, true in shape at its centre."""

    west: float
    south: float
    east: float
    north: float

    @property
    def height(self) -> float:
        """Of the picture, in its own units."""
        return WIDTH * (self.north - self.south) / ((self.east - self.west) * self._squeeze)

    def place(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Where a point is in the picture."""
        x = (longitude - self.west) / (self.east - self.west) * WIDTH
        return x, (self.north - latitude) / (self.north - self.south) * self.height

    def meets(self, bounds: tuple[float, float, float, float]) -> bool:
        """Whether something with these bounds reaches into it."""
        west, south, east, north = bounds
        return west < self.east and east > self.west and south < self.north and north > self.south

    @property
    def metre(self) -> float:
        """The length of a metre in the picture."""
        return WIDTH / ((self.east - self.west) * 111_320 * self._squeeze)

    @property
    def _squeeze(self) -> float:
        return cos(radians((self.south + self.north) / 2))


def frame_of(zone: Zone) -> Frame:
    """A frame around a zone, always of the same shape."""
    return frame_around(zone.bounds)


def frame_around(bounds: tuple[float, float, float, float]) -> Frame:
    """A frame around west, south, east and north, always of the same shape."""
    west, south, east, north = bounds
    x, y = (west + east) / 2, (south + north) / 2
    squeeze = cos(radians(y))
    width = max((east - west) * (1 + 2 * MARGIN), LEAST_SPAN)
    height = max((north - south) * (1 + 2 * MARGIN), width * squeeze / ASPECT)
    width = height * ASPECT / squeeze
    return Frame(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def steps(greatest: float) -> list[float]:
    """Lower bounds of the colours after the first, 1, 2 or 5 times a power of ten, up to the greatest density."""
    rounds = [factor * 10.0**power for power in range(-1, 7) for factor in (1, 2, 5)]
    below = [value for value in rounds if value < greatest]
    return below[-(len(RAMP) - 1) :] or [1.0]


def colour(density: float, bounds: Sequence[float]) -> str:
    """The colour of a density."""
    return RAMP[sum(density >= bound for bound in bounds)]
