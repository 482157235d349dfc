"""Footprints: the hexagons in which a device that a radio cell serves can be, and how likely each is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray

from pipelines.census import AT_HOME, Census
from pipelines.network import Network

EARTH_RADIUS_M = 6_371_007.180918475
"""Radius of the sphere that H3 uses (source: H3, EARTH_RADIUS_KM)."""

PATH_LOSS_DB_PER_DECADE = 37.6
"""How the signal falls with distance (source: 3GPP TR 36.942, 4.5.2, macro cell in an urban area)."""

SHADOWING_DB = 6.0
"""Standard deviation of the signal around its mean at a distance (source: 3GPP TR 36.814, B.1.2.1.1, urban macro)."""

GREATEST_ATTENUATION_DB = 20.0
"""Attenuation behind a sector antenna (source: 3GPP TR 36.942, 4.2.1.1)."""

NEAREST_M = 80.0
"""Below this distance the signal does not grow: an antenna stands above the ground (the project's own assumption)."""

SMALLEST_SHARE = 0.01
"""A hexagon less likely than this share of the cell's likeliest is left out."""

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
class Draws:
    """Distributions over pairs: distribution i has the pairs [first[i], first[i + 1]) of p.

    `cumulative` uint32[p]: the lower end of each pair's interval of [0, 2**32); its upper end is the next pair's lower
    end, or 2**32.
    """

    first: NDArray[np.int64]
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

        A distribution of n pairs has n equal parts of [0, 2**32); its entries are the pairs that hold their lower ends.
        Source: H. C. Chen and Y. Asau, On generating random variates from an empirical distribution, 1974.
        """
        sizes = np.diff(self.first)
        cell = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes) << np.uint64(32)
        parts = np.repeat(sizes, sizes).astype(np.uint64)
        part = np.arange(len(cell), dtype=np.uint64) - np.repeat(self.first[:-1], sizes).astype(np.uint64)
        lower = ((part << np.uint64(32)) + parts - np.uint64(1)) // parts
        return (np.searchsorted(cell | self.cumulative, cell | lower, "right") - 1).astype(np.int32)

    def pick(self, which: NDArray[np.integer], uniform: NDArray[np.uint32]) -> NDArray[np.int32]:
        """int32[n]: the pair at each uniform number in a distribution, by inverse CDF."""
        first = self.first[which]
        parts = (self.first[1:] - self.first[:-1])[which].astype(np.uint64)
        pair = self.guide[first + (uniform * parts >> np.uint64(32)).astype(np.int64)]
        # A bisection over all pairs gives the same and takes five to ten times as long.
        below = np.flatnonzero(self.upper[pair] < uniform)
        while len(below):
            pair[below] += 1
            below = below[self.upper[pair[below]] < uniform[below]]
        found: NDArray[np.int32] = pair
        return found


@dataclass(frozen=True)
class Footprint:
    """Where devices of c cells can be among m hexagons, as p pairs of a cell and a hexagon.

    `hexagons` uint64[m] ascending; `first` int64[c + 1], the pairs of a cell are [first[i], first[i + 1]); `hexagon`
    int32[p] rows of `hexagons`, by home area and then ascending; `likelihood` float64[p]: how likely the cell is to
    serve a device in the hexagon; `area` int32[m]: the home area of each hexagon, or -1. `elsewhere` float64[m]: where
    people are when they are not at home, `prior` float64[m]: where people are of whom nothing is known.
    """

    hexagons: NDArray[np.uint64]
    first: NDArray[np.int64]
    hexagon: NDArray[np.int32]
    likelihood: _Floats
    area: NDArray[np.int32]
    elsewhere: _Floats
    prior: _Floats

    @cached_property
    def anybody(self) -> Draws:
        """For each cell, where a device of unknown home is: prior x likelihood."""
        return Draws(self.first, _cumulative(self.likelihood * self.prior[self.hexagon], self.first))

    @cached_property
    def away(self) -> Draws:
        """For each cell, where a device that is not at home is: elsewhere x likelihood."""
        return Draws(self.first, _cumulative(self.likelihood * self.elsewhere[self.hexagon], self.first))

    @cached_property
    def at_home(self) -> Draws:
        """For each of the `homes`, where in the home area a device of that home is, if it is there: likelihood."""
        return Draws(self._starts, _cumulative(self.likelihood, self._starts))

    @cached_property
    def homes(self) -> NDArray[np.int64]:
        """int64[s], ascending: cell x areas + area + 1, for each cell and home area that its footprint reaches."""
        at = self._starts[:-1]
        return self.cell[at] * self.areas + self.area[self.hexagon[at]] + 1

    @cached_property
    def areas(self) -> int:
        """The number of home areas, and one more for hexagons in none."""
        return int(self.area.max(initial=-1)) + 2

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """int64[areas]: the hexagons of each home area, at least 1; those of none first."""
        return np.maximum(np.bincount(self.area + 1, minlength=self.areas), 1)

    @cached_property
    def cell(self) -> NDArray[np.int64]:
        """int64[p]: the cell of each pair."""
        return np.repeat(np.arange(self.first.size - 1), np.diff(self.first))

    @cached_property
    def home_share(self) -> NDArray[np.uint32]:
        """uint32[s]: how much of [0, 2**32) the home area has for a device of that home in the cell.

        A person is at home for AT_HOME of the time, evenly over the area, else elsewhere.
        """
        cell, area = self.homes // self.areas, self.homes % self.areas - 1
        home = AT_HOME / self.sizes[area + 1] * np.add.reduceat(self.likelihood, self._starts[:-1])
        anywhere = np.add.reduceat(self.likelihood * self.elsewhere[self.hexagon], self.first[:-1])[cell]
        share = np.where(area < 0, 0.0, home / (home + (1 - AT_HOME) * anywhere))
        return np.minimum(np.floor(share * _WHOLE), _WHOLE - 1).astype(np.uint32)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """Where each run of pairs of one cell and one area begins, and the number of pairs."""
        area = self.area[self.hexagon]
        fresh = np.append(True, (area[1:] != area[:-1]) | (self.cell[1:] != self.cell[:-1]))
        return np.append(np.flatnonzero(fresh), area.size)


def footprint(network: Network, resolution: int, people: Census, *, homes_known: bool = False) -> Footprint:
    """The footprint of every cell: hexagons whose centre is within its range, and its site's own hexagon.

    The mean signal falls by 37.6 dB per decade of distance from the edge of the range inwards, less the antenna's
    attenuation, min(12 (angle / beamwidth) ** 2, 20) dB (source: 3GPP TR 36.942). A device is served by the strongest
    cell, which the shadows around the means decide: the likelihood is a softmax of the signals over the cells that
    reach the hexagon, which is exact for shadows of a Gumbel distribution (D. McFadden, Conditional logit analysis,
    1974). Where the network states nothing but positions, the nearest site serves: a Voronoi tessellation.
    People are at home for AT_HOME of the time, as the census has it, and elsewhere where the network has its capacity.
    With `homes_known`, those whose home is not known are visitors, and only elsewhere.
    Sources of the approach: M. Tennekes and Y. Gootzen, Bayesian location estimation of mobile devices, 2021.
    """
    places = zip(network.latitude.tolist(), network.longitude.tolist(), strict=True)
    site = np.array([h3.latlng_to_cell(*place, resolution) for place in places], np.uint64)
    rings = _rings(network.range_m, resolution)
    parts = [_pairs(network, cells, site, rings) for cells in _batches(site, rings)]
    cell, found, distance, signal = (np.concatenate(column) for column in zip(*parts, strict=True))
    hexagons, hexagon = np.unique(found, return_inverse=True)
    home, area = people.prior(hexagons)
    order = np.lexsort((hexagon, area[hexagon], cell))
    cell, hexagon, distance, signal = cell[order], hexagon[order], distance[order], signal[order]
    if network.only_positions:
        likelihood = _nearest(distance, hexagon, hexagons.size)
    else:
        likelihood = _softmax(signal, network.periods[cell], hexagon, hexagons.size)
    elsewhere = _capacity(likelihood, network.periods, cell, hexagon, hexagons.size)
    prior = elsewhere if homes_known else AT_HOME * home + (1 - AT_HOME) * elsewhere
    kept = _likely(likelihood, cell) | _likely(likelihood * prior[hexagon], cell)
    cell, hexagon, likelihood = cell[kept], hexagon[kept], likelihood[kept]
    reached, hexagon = np.unique(hexagon, return_inverse=True)
    first = np.append(0, np.cumsum(np.bincount(cell, minlength=len(network))))
    columns = (area[reached], elsewhere[reached], prior[reached])
    return Footprint(hexagons[reached], first, hexagon.astype(np.int32), likelihood, *columns)


_SCALE_DB: Final = SHADOWING_DB * np.sqrt(6) / np.pi
"""The scale of a Gumbel distribution of that standard deviation."""


def _softmax(signal: _Floats, periods: _Floats, hexagon: _Ints, hexagons: int) -> _Floats:
    """How likely each cell is to serve its hexagon; a cell of several periods competes once."""
    weight = np.exp((signal - signal.max()) / _SCALE_DB)
    total = np.bincount(hexagon, weight / periods, hexagons)
    likelihood: _Floats = weight / total[hexagon]
    return likelihood


def _capacity(likelihood: _Floats, periods: _Floats, cell: _Ints, hexagon: _Ints, hexagons: int) -> _Floats:
    """The capacity of the network in each hexagon, adding up to 1: every cell has one share, spread by its likelihood.

    Operators build where people go: the network prior of Tennekes and Gootzen, 2021.
    """
    share = likelihood / (np.bincount(cell, likelihood) * periods)[cell]
    capacity = np.bincount(hexagon, share, hexagons).astype(np.float64)
    shares: _Floats = capacity / capacity.sum()
    return shares


def _nearest(distance: _Floats, hexagon: _Ints, hexagons: int) -> _Floats:
    """1 for the cells of the nearest site of each hexagon, a thousandth of a metre apart at most, else next to 0.

    A site that is nearest nowhere still has somewhere to be: where it is least far.
    """
    least = np.full(hexagons, np.inf)
    np.minimum.at(least, hexagon, distance)
    falls = (NEAREST_M / np.hypot(distance, NEAREST_M)) ** (PATH_LOSS_DB_PER_DECADE / 10)
    return np.where(distance <= least[hexagon] + 0.001, 1.0, _NOT_NEAREST * falls)


_NOT_NEAREST: Final = 1e-9


def _likely(weight: _Floats, cell: _Ints) -> NDArray[np.bool_]:
    """bool[p]: pairs with at least the smallest share of the likeliest of their cell."""
    starts = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    greatest = np.repeat(np.maximum.reduceat(weight, starts), np.diff(np.append(starts, len(cell))))
    kept: NDArray[np.bool_] = weight >= SMALLEST_SHARE * greatest
    return kept


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
) -> tuple[_Ints, NDArray[np.uint64], _Floats, _Floats]:
    """Cell, hexagon, distance in metres and mean signal in dB above the edge of the range, of pairs of some cells."""
    hexagons, cell, hexagon = _candidates(cells, site, rings)
    own = hexagons[hexagon] == site[cell]
    distance, bearing = _polar(network, cell, unit_vectors(hexagons)[hexagon])
    near = own | (distance <= network.range_m[cell])
    cell, hexagon, distance, bearing = cell[near], hexagon[near], distance[near], bearing[near]
    attenuation = _attenuation(bearing, network.azimuth_deg[cell], network.beamwidth_deg[cell])
    # In the site's own hexagon people are on all sides of the antenna.
    attenuation = np.where(own[near], 0.0, attenuation)
    smooth = np.hypot(distance, NEAREST_M)
    signal = PATH_LOSS_DB_PER_DECADE * np.log10(network.range_m[cell] / smooth) - attenuation
    return cell, hexagons[hexagon], distance, signal


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


def unit_vectors(hexagons: NDArray[np.uint64]) -> _Floats:
    """float64[m, 3]: the centres of hexagons on the unit sphere."""
    return _unit(*_centres(hexagons))


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


def _attenuation(bearing: _Floats, azimuth: _Floats, beamwidth: _Floats) -> _Floats:
    """What an antenna takes from its power in a direction, in dB; nothing where it serves all around (azimuth nan)."""
    angle = np.mod(bearing - azimuth + 180.0, 360.0) - 180.0
    return np.where(np.isnan(azimuth), 0.0, np.minimum(12.0 * (angle / beamwidth) ** 2, GREATEST_ATTENUATION_DB))


def _cumulative(weight: _Floats, first: _Ints) -> NDArray[np.uint32]:
    """uint32[p]: the lower end of each pair's interval of [0, 2**32), in proportion to the weights."""
    sizes = np.diff(first)
    # Each distribution adds up to 1 before they are put in a row: the smallest would be lost beside the others.
    below = np.append(0.0, np.cumsum(weight / np.repeat(np.add.reduceat(weight, first[:-1]), sizes)))
    share = below[:-1] - np.repeat(below[first[:-1]], sizes)
    cumulative: NDArray[np.uint32] = np.floor(np.clip(share, 0.0, 1.0 - 2.0**-32) * _WHOLE).astype(np.uint32)
    return cumulative


def _unit(latitude: _Floats, longitude: _Floats) -> _Floats:
    latitude, longitude = np.radians(latitude), np.radians(longitude)
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)


def _dot(a: _Floats, b: _Floats) -> _Floats:
    product: _Floats = np.einsum("ij,ij->i", a, b)
    return product
