"""The radio network: masts where people are, three sectors on each, and small cells at venues."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.simulator.plane import Floats, Ints, Plane

_NEAREST_M, _FARTHEST_M = 650.0, 4_500.0
_SECTORS = 3
_DENSE, _SECOND_LAYER = 0.7, 0.8
_EVERYWHERE = 0.05
_LOW_DBM, _HIGH_DBM, _SMALL_DBM = 50.0, 60.0, 36.0
_LEAST_RANGE_M, _GREATEST_RANGE_M = 700.0, 8_000.0
_SMALL_RANGE_M = 400.0
_REACH, _HIGH_REACH = 1.7, 0.7
_BEAMWIDTH_DEG = 65.0
LOW, HIGH, SMALL = range(3)
TECHNOLOGY = ("4G", "5G", "4G")


@dataclass(frozen=True)
class Masts:
    """Radio cells: `site` is the row of the mast in `east` and `north` (metres); the others have a row for each cell.

    `azimuth_deg` is nan where the antenna serves all around. `power_dbm` is what it radiates in its main direction,
    `layer` is LOW, HIGH or SMALL; neither is told to the estimator. Cells of one site stand together.
    """

    east: Floats
    north: Floats
    site: Ints
    azimuth_deg: Floats
    range_m: Floats
    layer: Ints
    power_dbm: Floats

    def __len__(self) -> int:
        return len(self.site)

    @property
    def cell_id(self) -> npt.NDArray[np.str_]:
        """Identifiers: the network's code, the site, the sector."""
        first = np.searchsorted(self.site, self.site)
        number = self.site * 100 + np.arange(len(self.site)) - first + 101
        return np.char.add("20801-", np.char.zfill(number.astype(np.str_), 6))

    def table(self, plane: Plane) -> pa.Table:
        """The network plan as the operator hands it over: the columns of `cells`."""
        latitude, longitude = plane.degrees(self.east[self.site], self.north[self.site])
        around = np.isnan(self.azimuth_deg)
        return pa.table(
            {
                "cell_id": pa.array(self.cell_id),
                "latitude": np.round(latitude, 6),
                "longitude": np.round(longitude, 6),
                "azimuth_deg": pa.array(self.azimuth_deg, mask=around),
                "beamwidth_deg": pa.array(np.full(len(self), _BEAMWIDTH_DEG), mask=around),
                "range_m": self.range_m,
                "technology": pa.array([TECHNOLOGY[layer] for layer in self.layer.tolist()]),
            }
        )


def masts(
    east: Floats, north: Floats, weight: Floats, small: tuple[Floats, Floats], random: np.random.Generator
) -> Masts:
    """A network for points of some weight: closer masts where it is great; `small` are the places of small cells.

    Masts are at least 0.65 km apart at the points of greatest weight and 4.5 km at those of least.
    """
    rows = _sites(east, north, weight, random)
    return sectors(east[rows], north[rows], small, random)


def sectors(east: Floats, north: Floats, small: tuple[Floats, Floats], random: np.random.Generator) -> Masts:
    """Three sectors on each mast, on many of them a second layer of higher frequency, and small cells after them."""
    count = len(east)
    spacing = _spacing(east, north)
    dense = spacing <= np.quantile(spacing, _DENSE)
    layers = np.where(dense & (random.random(count) < _SECOND_LAYER), 2, 1)
    site = np.repeat(np.arange(count), layers * _SECTORS)
    within = np.arange(len(site)) - np.searchsorted(site, site)
    turn = np.floor(random.random(count) * 12) * 10
    layer = np.where(within < _SECTORS, LOW, HIGH)
    reach = np.clip(_REACH * spacing, _LEAST_RANGE_M, _GREATEST_RANGE_M)[site]
    reach *= np.where(layer == LOW, 1.0, _HIGH_REACH)
    extra = len(small[0])
    return Masts(
        np.append(east, small[0]),
        np.append(north, small[1]),
        np.append(site, count + np.arange(extra)),
        np.append((turn[site] + within % _SECTORS * 120) % 360, np.full(extra, np.nan)),
        np.append(np.round(reach, -2), np.full(extra, _SMALL_RANGE_M)),
        np.append(layer, np.full(extra, SMALL)),
        np.append(np.where(layer == LOW, _LOW_DBM, _HIGH_DBM), np.full(extra, _SMALL_DBM)),
    )


def _sites(east: Floats, north: Floats, weight: Floats, random: np.random.Generator) -> Ints:
    """Rows of the points that get a mast: likelier ones first, each at its distance from those before."""
    rank = np.argsort(np.argsort(weight, kind="stable")) / max(len(weight) - 1, 1)
    apart = _NEAREST_M + (_FARTHEST_M - _NEAREST_M) * (1 - rank) ** 1.3
    order = np.argsort(random.exponential(size=len(weight)) / (weight + weight.mean() * _EVERYWHERE), kind="stable")
    chosen: list[int] = []
    for row in order.tolist():
        distance = np.hypot(east[chosen] - east[row], north[chosen] - north[row])
        if not chosen or distance.min() >= apart[row]:
            chosen.append(row)
    return np.sort(np.array(chosen, np.int64))


def _spacing(east: Floats, north: Floats) -> Floats:
    """Mean distance of each mast from its three nearest neighbours, or of those there are."""
    if len(east) < 2:
        return np.full(len(east), _GREATEST_RANGE_M)
    distance = np.hypot(east[:, None] - east, north[:, None] - north)
    spacing: Floats = np.sort(distance, 1)[:, 1:4].mean(1)
    return spacing
