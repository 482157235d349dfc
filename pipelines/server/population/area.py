"""The area that is asked about, as a polygon on the map, and the geohash cells that cover it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from pipelines.server.population import geohash
from pipelines.server.population.geohash import Codes

MOST_VERTICES: Final = 15
"""Of the standard."""
MOST_CELLS: Final = 10_000
"""In an interval, of the standard."""
_TURN: Final = 360.0
_THIN: Final = 1e-9
"""A polygon that has less area than this share of its squared length is a straight line, as doubles have it."""


class InvalidAreaError(ValueError):
    """The vertices are of no simple polygon, or of too many vertices."""


class TooLargeError(ValueError):
    """The area has more cells than an interval may have."""


def polygon(vertices: Sequence[tuple[float, float]]) -> shapely.Polygon:
    """The polygon of some vertices (longitude, latitude), in degrees; the last may repeat the first.

    Each edge goes the short way around, so that longitudes of a polygon over the antimeridian are beyond 180. Raises
    InvalidAreaError for more than 15 vertices, for edges that cross or touch, no area, and a ring around a pole.
    """
    if len(vertices) > MOST_VERTICES:
        raise InvalidAreaError
    points = np.array(vertices, np.float64)
    turns = np.cumsum(np.round(np.diff(points[:, 0], append=points[0, 0]) / _TURN))
    if turns[-1] != 0:
        raise InvalidAreaError
    points[1:, 0] -= turns[:-1] * _TURN
    found = shapely.Polygon(points)
    if not found.is_valid or found.area <= _THIN * found.length**2:
        raise InvalidAreaError
    return found


def cover(area: shapely.Polygon, precision: int) -> Codes:
    """uint64[n], sorted: the cells of a precision that share an area with the polygon.

    Raises TooLargeError where they are more than 10,000.
    """
    width, height = geohash.size(precision)
    if area.area > MOST_CELLS * width * height:
        raise TooLargeError
    shapely.prepare(area)
    codes = np.zeros(1, np.uint64)
    for level in range(1, precision + 1):
        # Of each cell that is kept, at least one child is: too many are seen early.
        below = geohash.children(codes)
        codes = below[_shares(area, geohash.boxes(below, level))]
        if codes.size > MOST_CELLS:
            raise TooLargeError
    return np.sort(codes)


def _shares(area: shapely.Polygon, boxes: geohash.Boxes) -> npt.NDArray[np.bool_]:
    """bool[n]: which boxes share more than a border with the polygon, which may lie beyond 180 degrees."""
    west, _, east, _ = area.bounds
    shared = np.zeros(len(boxes), np.bool_)
    for turn in (-_TURN, 0.0, _TURN):
        near = (boxes[:, 0] + turn < east) & (boxes[:, 2] + turn > west)
        if near.any():
            shapes = shapely.box(*(boxes[near] + [turn, 0, turn, 0]).T)
            shared[near] |= shapely.intersects(area, shapes) & ~shapely.touches(area, shapes)
    return shared
