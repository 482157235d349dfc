"""How far two points of the Earth are from each other."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH: Final = 6_371_008.8
"""Mean radius in metres (IUGG)."""


def metres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """The great-circle distance of two points in degrees, by the haversine formula."""
    one, other = radians(latitude), radians(other_latitude)
    across = sin((other - one) / 2) ** 2
    across += cos(one) * cos(other) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(across)))
