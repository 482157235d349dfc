"""The simulated area: hexagons, the zones they belong to, and which hexagon a point lies in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import shapely

from pipelines.simulator.facts import Commune, Venue
from pipelines.simulator.plane import Floats, Ints, Plane

RESOLUTION = 9
OUTSIDE = -1
NO_VENUE = -1

_MARGIN_KM2 = 0.9
_SMALLEST_VENUE_M = 180.0
_WAY_M = 400.0
_ROUNDS, _STEP = 30, 0.3
_PIXEL_M = 40.0


@dataclass(frozen=True)
class Area:
    """The n hexagons of the area in ascending order, each in one commune and at most one venue (else NO_VENUE).

    `east`, `north`: their centres in metres on the plane.
    """

    plane: Plane
    hexagons: npt.NDArray[np.uint64]
    east: Floats
    north: Floats
    commune: Ints
    venue: Ints

    def locate(self, east: Floats, north: Floats) -> Ints:
        """Row of the hexagon at each point, to the nearest 40 m; OUTSIDE beyond the area."""
        left, bottom, width, height = self._frame
        column, row = self._pixels(east, left), self._pixels(north, bottom)
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        return np.where(inside, self._raster[np.where(inside, row * width + column, 0)], OUTSIDE)

    @staticmethod
    def _pixels(metres: Floats, start: float) -> Ints:
        return np.floor((metres - start) / _PIXEL_M).astype(np.int64)

    @cached_property
    def _frame(self) -> tuple[float, float, int, int]:
        """Left and bottom of the raster, its width and its height."""
        edge = 2 * h3.average_hexagon_edge_length(RESOLUTION, unit="m")
        left, bottom = float(self.east.min()) - edge, float(self.north.min()) - edge
        width = int(np.ceil((self.east.max() + edge - left) / _PIXEL_M))
        return left, bottom, width, int(np.ceil((self.north.max() + edge - bottom) / _PIXEL_M))

    @cached_property
    def _raster(self) -> npt.NDArray[np.int32]:
        left, bottom, width, height = self._frame
        row, column = np.divmod(np.arange(width * height), width)
        places = self.plane.degrees(left + (column + 0.5) * _PIXEL_M, bottom + (row + 0.5) * _PIXEL_M)
        found = cells_at(*places)
        at = np.minimum(np.searchsorted(self.hexagons, found), len(self.hexagons) - 1)
        return np.where(self.hexagons[at] == found, at, OUTSIDE).astype(np.int32)


def cells_at(latitude: Floats, longitude: Floats) -> npt.NDArray[np.uint64]:
    """The hexagon of the base resolution at each place."""
    resolution = [RESOLUTION] * len(latitude)
    return np.fromiter(map(h3.latlng_to_cell, latitude.tolist(), longitude.tolist(), resolution), np.uint64)


def area(communes: Sequence[Commune], venues: Sequence[Venue]) -> Area:
    """Share the hexagons around the communes out among them: a power diagram.

    A hexagon belongs to the commune for which distance ** 2 - weight is smallest, where weights are such that each
    commune gets about its area; those of a venue, and on the way to it, belong to the commune of the venue. The area
    ends where area / pi is too small for any commune, and has no holes.
    """
    plane = Plane(float(np.mean([c.latitude for c in communes])), float(np.mean([c.longitude for c in communes])))
    east, north = plane.metres([c.latitude for c in communes], [c.longitude for c in communes])
    hexagons = _around(plane, east, north)
    x, y = plane.metres(*centres(hexagons))
    square_km = ((x[:, None] - east) ** 2 + (y[:, None] - north) ** 2) / 1e6
    size = np.array([c.area_km2 for c in communes]) / np.pi
    venue = _venues(plane, x, y, venues)
    owner = _owner(plane, x, y, venue, communes, venues)
    kept = _without_holes(hexagons, ((square_km - size).min(1) < _MARGIN_KM2) | (owner >= 0))
    commune = np.where(owner[kept] >= 0, owner[kept], _power_diagram(square_km[kept], size))
    return Area(plane, hexagons[kept], x[kept], y[kept], commune, venue[kept])


def centres(hexagons: npt.NDArray[np.uint64]) -> tuple[Floats, Floats]:
    """Latitude and longitude of the centres of hexagons."""
    latitude, longitude = np.array([h3.cell_to_latlng(cell) for cell in hexagons.tolist()], np.float64).T
    return latitude, longitude


def _around(plane: Plane, east: Floats, north: Floats) -> npt.NDArray[np.uint64]:
    """Hexagons, ascending, of a disc around the middle that holds all centres and 6 km more."""
    reach = float(np.hypot(east, north).max()) + 6_000
    rings = int(reach / (1.5 * h3.average_hexagon_edge_length(RESOLUTION, unit="m"))) + 1
    middle = h3.latlng_to_cell(plane.latitude, plane.longitude, RESOLUTION)
    return np.sort(np.asarray(h3.grid_disk(middle, rings), np.uint64))


def _power_diagram(square_km: Floats, size: Floats) -> Ints:
    """The row of the centre that each point belongs to; `square_km` has a row for each point."""
    weight = size.copy()
    for _ in range(_ROUNDS):
        share = np.bincount((square_km - weight).argmin(1), minlength=len(size)) / len(square_km)
        weight += _STEP * (size - share * size.sum())
    found: Ints = (square_km - weight).argmin(1)
    return found


def _owner(
    plane: Plane, x: Floats, y: Floats, venue: Ints, communes: Sequence[Commune], venues: Sequence[Venue]
) -> Ints:
    """The commune that has a venue at each point or the way to one from its centre, else -1."""
    row_of = {commune.code: row for row, commune in enumerate(communes)}
    owner = np.full(len(x), -1, np.int64)
    for place in venues:
        commune = communes[row_of[place.commune]]
        start = plane.metres(commune.latitude, commune.longitude)
        owner[_along(x, y, start, plane.metres(place.latitude, place.longitude))] = row_of[place.commune]
    inside = venue != NO_VENUE
    owner[inside] = np.array([row_of[place.commune] for place in venues], np.int64)[venue[inside]]
    return owner


def _along(x: Floats, y: Floats, start: tuple[Floats, Floats], end: tuple[Floats, Floats]) -> npt.NDArray[np.bool_]:
    """Which points lie within a hexagon's width of the straight line from start to end."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx**2 + dy**2), 0, 1)
    near: npt.NDArray[np.bool_] = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy) <= _WAY_M
    return near


def _without_holes(hexagons: npt.NDArray[np.uint64], kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The kept hexagons and those that they surround."""
    outline = shapely.geometry.shape(h3.cells_to_geo(hexagons[kept]))
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(outline)])
    return kept | np.isin(hexagons, np.asarray(h3.geo_to_cells(filled, RESOLUTION), np.uint64))


def _venues(plane: Plane, x: Floats, y: Floats, venues: Sequence[Venue]) -> Ints:
    """The venue of each hexagon: those with their centre in its disc and the nearest one; the first venue has it."""
    found = np.full(len(x), NO_VENUE, np.int64)
    for row, venue in enumerate(venues):
        east, north = plane.metres(venue.latitude, venue.longitude)
        distance = np.where(found == NO_VENUE, np.hypot(x - east, y - north), np.inf)
        found[distance <= max(venue.radius_m, _SMALLEST_VENUE_M)] = row
        found[distance.argmin()] = row
    return found
