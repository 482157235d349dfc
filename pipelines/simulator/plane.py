"""Metres on a plane around a point of the globe, and chance that repeats."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

METRES_PER_DEGREE = 6_371_007.180918475 * np.pi / 180
"""On the sphere that H3 uses (source: H3, EARTH_RADIUS_KM)."""


@dataclass(frozen=True)
class Plane:
    """Metres east and north of a point; distances are right to 0.2 % within 50 km of it at the latitudes of France."""

    latitude: float
    longitude: float

    def metres(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Metres east and north of places in degrees."""
        east = (np.asarray(longitude, np.float64) - self.longitude) * self._east
        return east, (np.asarray(latitude, np.float64) - self.latitude) * METRES_PER_DEGREE

    def degrees(self, east: npt.ArrayLike, north: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Latitude and longitude of places in metres."""
        latitude = self.latitude + np.asarray(north, np.float64) / METRES_PER_DEGREE
        return latitude, self.longitude + np.asarray(east, np.float64) / self._east

    @property
    def _east(self) -> float:
        return float(METRES_PER_DEGREE * np.cos(np.radians(self.latitude)))


def chance(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """Random numbers of one purpose: what one part of the simulation draws does not move what another draws."""
    return np.random.default_rng([seed, *numbers, *purpose.encode()])


def pick(cumulative: Floats, row: Ints, uniform: Floats) -> Ints:
    """The column that each uniform number falls into, in the given row of a matrix of cumulative shares, last one 1."""
    columns = cumulative.shape[1]
    flat = (cumulative + np.arange(len(cumulative))[:, None]).ravel()
    found = np.searchsorted(flat, uniform + row, "right") - row * columns
    chosen: Ints = np.clip(found, 0, columns - 1)
    return chosen


def cumulated(weight: npt.ArrayLike) -> Floats:
    """Cumulative shares along the last axis of non-negative weights with a positive sum."""
    total = np.cumsum(np.asarray(weight, np.float64), axis=-1)
    shares: Floats = total / total[..., -1:]
    return shares
