"""Footprints: the hexagons in which a device that a radio cell serves can be, and how likely each is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from pipelines.network import Network

EARTH_RADIUS_M = 6_371_007.180918475
"""Radius of the sphere that H3 uses (source: H3, EARTH_RADIUS_KM)."""

DECAY = 3.0
"""The signal falls by exp(-3) from the antenna to the end of its range: the project's own assumption."""

GREATEST_ATTENUATION_DB = 20.0
"""Attenuation behind a sector antenna (source: 3GPP TR 36.942, 4.2.1.1)."""

SMALLEST_SHARE = 0.01
"""A hexagon less likely than this share of the cell's likeliest is left out."""

_INTEGER_WEIGHT = 2.0**24
_WHOLE = 2.0**32
_PAIRS_AT_ONCE = 1 << 20
# The gnomonic projection of H3 shrinks the spacing of centres, 1.90 mean edges at the middle of a face of the
# icosahedron, to no less than cos(37.38 deg) ** 2 = 0.6315 of that; rings of hexagons have an inner radius of
# sqrt(3) / 2 spacings.
_RING_IN_EDGES = 1.03
_HEXAGON_RADIUS_IN_EDGES = 1.2

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Footprint:
    """The footprints of c cells over m hexagons, as p pairs of a cell and a hexagon.

    `hexagons` uint64[m] ascending; `first` int64[c + 1], the pairs of a cell are [first[i], first[i + 1]);
    `hexagon` int32[p] rows of `hexagons`, ascending within a cell, which is H3 order; `cumulative` uint32[p]
    lower end of the pair's interval of [0, 2**32), the upper end is the next pair's lower end or 2**32.
    """

    hexagons: NDArray[np.uint64]
    first: NDArray[np.int64]
    hexagon: NDArray[np.int32]
    cumulative: NDArray[np.uint32]

    @cached_property
    def upper(self) -> NDArray[np.uint32]:
        """Last number of each pair's interval: uint32[p]."""
        upper = np.roll(self.cumulative, -1) - np.uint32(1)
        upper[self.first[1:] - 1] = np.uint32(_WHOLE - 1)
        return upper

    @cached_property
    def guide(self) -> NDArray[np.int32]:
        """Where to begin to look for a number: int32[p].

        A cell of n pairs has n equal parts of [0, 2**32); its entries are the pairs that hold their lower ends.
        Source: H. C. Chen and Y. Asau, On generating random variates from an empirical distribution, 1974.
        """
        sizes = np.diff(self.first)
        cell = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes) << np.uint64(32)
        parts = np.repeat(sizes, sizes).astype(np.uint64)
        part = np.arange(len(cell), dtype=np.uint64) - np.repeat(self.first[:-1], sizes).astype(np.uint64)
        lower = ((part << np.uint64(32)) + parts - np.uint64(1)) // parts
        return (np.searchsorted(cell | self.cumulative, cell | lower, "right") - 1).astype(np.int32)


def footprint(network: Network, resolution: int) -> Footprint:
    """The footprint of every cell: hexagons whose centre is within its range, and its site's own hexagon.

    The weight of a hexagon is exp(-3 distance / range) times the antenna's gain, normalised within the cell;
    distances are on the sphere, and the site's own hexagon has full gain and lies within the range.
    Sources: decay, the project's own assumption; gain of a sector 10 ** (-A / 10) with
    A = min(12 (angle / beamwidth) ** 2, 20) dB, 3GPP TR 36.942, 4.2.1.1.
    """
    places = zip(network.latitude.tolist(), network.longitude.tolist(), strict=True)
    site = np.array([h3.latlng_to_cell(*place, resolution) for place in places], np.uint64)
    rings = _rings(network.range_m, resolution)
    parts = [_pairs(network, cells, site, rings) for cells in _batches(site, rings)]
    cell, found, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Stable: within a cell, pairs stay in the order of hexagons.
    order = np.argsort(cell, kind="stable")
    hexagons, hexagon = np.unique(found[order], return_inverse=True)
    first = np.append(0, np.cumsum(np.bincount(cell, minlength=len(network))))
    return Footprint(hexagons, first, hexagon.astype(np.int32), _cumulative(weight[order], first))


def _rings(range_m: _Floats, resolution: int) -> _Ints:
    """Rings of hexagons around the site's own that hold every centre within the range."""
    edges = range_m / h3.average_hexagon_edge_length(resolution, unit="m")
    rings: _Ints = np.ceil((edges + _HEXAGON_RADIUS_IN_EDGES) / _RING_IN_EDGES).astype(np.int64)
    return rings


def _batches(site: NDArray[np.uint64], rings: _Ints) -> Iterator[_Ints]:
    """Cells in parts of bounded work; cells of one site stand together and share its rings."""
    order = np.lexsort((rings, site))
    work = np.cumsum(3 * rings[order] * (rings[order] + 1) + 1) // _PAIRS_AT_ONCE
    yield from np.split(order, np.flatnonzero(np.diff(work)) + 1)


def _pairs(
    network: Network, cells: _Ints, site: NDArray[np.uint64], rings: _Ints
) -> tuple[_Ints, NDArray[np.uint64], _Ints]:
    """Cell, hexagon and integer weight of each pair of some cells, by cell as given, then by hexagon."""
    hexagons, cell, hexagon = _candidates(cells, site, rings)
    own = hexagons[hexagon] == site[cell]
    distance, bearing = _polar(network, cell, _unit(*_centres(hexagons))[hexagon])
    range_m = network.range_m[cell]
    near = own | (distance <= range_m)
    cell, hexagon, own = cell[near], hexagon[near], own[near]
    gain = np.where(own, 1.0, _gain(bearing[near], network.azimuth_deg[cell], network.beamwidth_deg[cell]))
    weight = np.exp(-DECAY * np.minimum(distance[near] / range_m[near], 1.0)) * gain
    starts = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    greatest = np.repeat(np.maximum.reduceat(weight, starts), np.diff(np.append(starts, len(cell))))
    kept = weight >= SMALLEST_SHARE * greatest
    # Whole weights add up to the same sums in whatever parts the cells are taken.
    whole = np.rint(weight[kept] / greatest[kept] * _INTEGER_WEIGHT).astype(np.int64)
    return cell[kept], hexagons[hexagon[kept]], whole


def _candidates(cells: _Ints, site: NDArray[np.uint64], rings: _Ints) -> tuple[NDArray[np.uint64], _Ints, _Ints]:
    """Distinct hexagons around some cells; then the cell and the row of the hexagon of each candidate pair."""
    centre_and_rings = np.stack([site[cells], rings[cells].astype(np.uint64)])
    distinct, disk = np.unique(centre_and_rings, axis=1, return_inverse=True)
    disks = [np.sort(h3.grid_disk(centre, k)) for centre, k in distinct.T.tolist()]
    hexagons, row = np.unique(np.concatenate(disks), return_inverse=True)
    sizes = np.array([len(members) for members in disks])
    size = sizes[disk]
    shift = (np.cumsum(sizes) - sizes)[disk] - (np.cumsum(size) - size)
    return hexagons, np.repeat(cells, size), row[np.arange(size.sum()) + np.repeat(shift, size)]


def _centres(hexagons: NDArray[np.uint64]) -> tuple[_Floats, _Floats]:
    degrees = chain.from_iterable(map(h3.cell_to_latlng, hexagons.tolist()))
    latitude, longitude = np.fromiter(degrees, np.float64, 2 * len(hexagons)).reshape(-1, 2).T
    return latitude, longitude


def _polar(network: Network, cell: _Ints, target: _Floats) -> tuple[_Floats, _Floats]:
    """Distance in metres and bearing in degrees from the site of each cell to a unit vector."""
    latitude, longitude = np.radians(network.latitude), np.radians(network.longitude)
    zero = np.zeros_like(latitude)
    east = np.stack([-np.sin(longitude), np.cos(longitude), zero], axis=1)
    up = _unit(network.latitude, network.longitude)
    away = target - up[cell]
    north = np.cross(up, east)
    bearing = np.degrees(np.arctan2(_dot(away, east[cell]), _dot(away, north[cell])))
    # The chord stays exact where the angle is small, unlike its cosine.
    half_chord = np.sqrt(_dot(away, away)) / 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(half_chord, 1.0)), bearing


def _gain(bearing: _Floats, azimuth: _Floats, beamwidth: _Floats) -> _Floats:
    """Share of the power that an antenna sends in a direction; 1 where it serves all around (azimuth nan)."""
    angle = np.mod(bearing - azimuth + 180.0, 360.0) - 180.0
    attenuation = np.minimum(12.0 * (angle / beamwidth) ** 2, GREATEST_ATTENUATION_DB)
    return np.where(np.isnan(azimuth), 1.0, 10.0 ** (-attenuation / 10.0))


def _cumulative(weight: _Ints, first: _Ints) -> NDArray[np.uint32]:
    below = np.append(0, np.cumsum(weight))
    before = below[first]
    sizes = np.diff(first)
    share = (below[:-1] - np.repeat(before[:-1], sizes)) / np.repeat(np.diff(before), sizes)
    cumulative: NDArray[np.uint32] = np.floor(share * _WHOLE).astype(np.uint32)
    return cumulative


def _unit(latitude: _Floats, longitude: _Floats) -> _Floats:
    latitude, longitude = np.radians(latitude), np.radians(longitude)
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


def _dot(a: _Floats, b: _Floats) -> _Floats:
    product: _Floats = np.einsum("ij,ij->i", a, b)
    return product
