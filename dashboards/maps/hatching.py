"""Marks inside areas as lines and dots of a map, on one grid for the whole map: a graphics card has no patterns."""

from functools import lru_cache
from typing import Final

import numpy as np
import shapely

from dashboards.maps.area import Area

_DECIMALS: Final = 5
_SQUEEZE: Final = 0.68
"""A degree of longitude over one of latitude, about, in France: lines at 45 degrees look like it."""

Line = list[list[float]]
Point = list[float]


@lru_cache(maxsize=20_000)
def hatched(area: Area, finest: int, gap: float) -> list[Line]:
    """Slanted lines inside an area; `gap` in degrees of longitude."""
    west, south, east, north = _bounds(area, finest)
    rise = (north - south) / _SQUEEZE
    # Where the lines would cross the equator is a multiple of the gap, so that they meet from area to area.
    shift = south / _SQUEEZE
    starts = np.arange(_first(west - rise - shift, gap) + shift, east, gap)
    lines = shapely.linestrings([[[x, south], [x + rise, north]] for x in starts])
    return _inside(lines, area, finest)


@lru_cache(maxsize=20_000)
def striped(area: Area, finest: int, gap: float) -> list[Line]:
    """Upright lines inside an area."""
    west, south, east, north = _bounds(area, finest)
    lines = shapely.linestrings([[[x, south], [x, north]] for x in np.arange(_first(west, gap), east, gap)])
    return _inside(lines, area, finest)


@lru_cache(maxsize=20_000)
def dotted(area: Area, finest: int, gap: float) -> list[Point]:
    """Points inside an area."""
    west, south, east, north = _bounds(area, finest)
    across, up = (
        np.arange(_first(west, gap), east, gap),
        np.arange(_first(south, gap * _SQUEEZE), north, gap * _SQUEEZE),
    )
    x, y = (grid.ravel() for grid in np.meshgrid(across, up))
    inside = shapely.contains_xy(_shape(area, finest), x, y)
    points: list[Point] = np.round(np.column_stack([x, y])[inside], _DECIMALS).tolist()
    return points


def _first(low: float, gap: float) -> float:
    """The first multiple of a gap that is not below."""
    return float(np.ceil(low / gap) * gap)


def _shape(area: Area, finest: int) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(polygon[0], polygon[1:]) for polygon in area.polygons(finest)])


def _bounds(area: Area, finest: int) -> tuple[float, float, float, float]:
    west, south, east, north = _shape(area, finest).bounds
    return west, south, east, north


def _inside(lines: np.ndarray, area: Area, finest: int) -> list[Line]:
    cut = shapely.get_parts(shapely.intersection(lines, _shape(area, finest)))
    return [np.round(shapely.get_coordinates(line), _DECIMALS).tolist() for line in cut if line.length > 0]
