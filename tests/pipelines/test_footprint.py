import math

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import footprint as module
from pipelines.footprint import footprint
from pipelines.network import network

# Where a face of the icosahedron ends in a corner, hexagons are smallest and most sheared.
PENTAGON = h3.cell_to_latlng(int(h3.get_pentagons(9)[3]))


def cell(latitude=47.32, longitude=5.04, range_m=600.0, azimuth=None, beamwidth=None):
    return {
        "latitude": latitude,
        "longitude": longitude,
        "range_m": range_m,
        "azimuth_deg": azimuth,
        "beamwidth_deg": beamwidth,
    }


def net(*cells):
    numbers = [(name, pa.float64()) for name in cells[0]]
    table = pa.Table.from_pylist(list(cells), pa.schema(numbers))
    return network(table.append_column("cell_id", pa.array([f"{i:03d}" for i in range(len(cells))])))


def weights(found, i=0):
    """Hexagons of a cell and their probabilities."""
    part = slice(found.first[i], found.first[i + 1])
    ends = np.append(found.cumulative[part].astype(np.int64), 2**32)
    return dict(zip(found.hexagons[found.hexagon[part]].tolist(), np.diff(ends) / 2**32, strict=True))


def centres_within(latitude, longitude, range_m, resolution):
    """Every hexagon whose centre is within the range, by a search that knows nothing of sizes."""
    own = h3.latlng_to_cell(latitude, longitude, resolution)
    found, k = {own}, 0
    while k < 4 or any(near(x, latitude, longitude, range_m * 1.5) for x in h3.grid_ring(own, k)):
        k += 1
    return found | {int(x) for x in h3.grid_disk(own, k + 3) if near(x, latitude, longitude, range_m)}


def near(hexagon, latitude, longitude, range_m):
    return h3.great_circle_distance(h3.cell_to_latlng(hexagon), (latitude, longitude), unit="m") <= range_m


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(47.32, 5.04), (-90.0, 0.0), (89.99, 12.0), (51.5, 180.0), (-17.0, -179.999), PENTAGON],
)
@pytest.mark.parametrize(("range_m", "resolution"), [(1.0, 9), (2_000.0, 9), (20_000.0, 7), (35_000.0, 6)])
def test_a_footprint_holds_every_hexagon_whose_centre_is_within_the_range(latitude, longitude, range_m, resolution):
    found = footprint(net(cell(latitude, longitude, range_m)), resolution)
    assert set(weights(found)) == centres_within(latitude, longitude, range_m, resolution)
    assert found.hexagons.dtype == np.uint64


@settings(max_examples=60, deadline=None)
@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    range_m=st.floats(1, 4_000),
    corner=st.booleans(),
)
def test_a_footprint_is_whole_wherever_it_is(latitude, longitude, range_m, corner):
    if corner:
        latitude, longitude = PENTAGON[0] + latitude / 3000, PENTAGON[1] + longitude / 3000
    found = footprint(net(cell(latitude, longitude, range_m)), 9)
    assert set(weights(found)) == centres_within(latitude, longitude, range_m, 9)


@pytest.mark.parametrize("resolution", range(2, 12))
def test_the_rings_reach_far_enough_at_every_resolution(resolution):
    edge = h3.average_hexagon_edge_length(resolution, unit="m")
    for place in (PENTAGON, (47.32, 5.04)):
        reach = min(9 * edge, 35_000.0)
        found = footprint(net(cell(*place, reach)), resolution)
        assert set(weights(found)) == centres_within(*place, reach, resolution)


def test_the_weight_of_a_hexagon_falls_with_its_distance_by_the_stated_law():
    found = weights(footprint(net(cell(range_m=800.0)), 9))
    own = h3.latlng_to_cell(47.32, 5.04, 9)
    for hexagon, weight in found.items():
        further = h3.great_circle_distance(h3.cell_to_latlng(hexagon), (47.32, 5.04), unit="m")
        closer = h3.great_circle_distance(h3.cell_to_latlng(own), (47.32, 5.04), unit="m")
        assert weight / found[own] == pytest.approx(math.exp(-3 * (further - closer) / 800), rel=1e-5)
    assert sum(found.values()) == 1


def bearing(hexagon, latitude, longitude):
    """Initial bearing by the textbook formula, in degrees."""
    to_lat, to_lng = map(math.radians, h3.cell_to_latlng(hexagon))
    lat, turn = math.radians(latitude), to_lng - math.radians(longitude)
    east = math.sin(turn) * math.cos(to_lat)
    north = math.cos(lat) * math.sin(to_lat) - math.sin(lat) * math.cos(to_lat) * math.cos(turn)
    return math.degrees(math.atan2(east, north))


def test_a_sector_weighs_by_the_gain_of_its_antenna_and_prunes_what_is_unlikely():
    around, sector = (weights(footprint(net(cell(range_m=1500.0, azimuth=azimuth)), 9)) for azimuth in (None, 200))
    own = h3.latlng_to_cell(47.32, 5.04, 9)
    expected = {}
    for hexagon, weight in around.items():
        angle = (bearing(hexagon, 47.32, 5.04) - 200 + 180) % 360 - 180
        decibel = 0 if hexagon == own else min(12 * (angle / 65) ** 2, 20)
        expected[hexagon] = weight / around[own] * 10 ** (-decibel / 10)
    expected = {hexagon: weight for hexagon, weight in expected.items() if weight >= 0.01}
    assert set(sector) == set(expected)
    assert own in sector
    for hexagon, weight in sector.items():
        assert weight / sector[own] == pytest.approx(expected[hexagon], rel=1e-4)
    assert len(sector) < 0.7 * len(around)


def test_a_range_shorter_than_a_hexagon_leaves_the_own_hexagon_alone():
    latitude, longitude = h3.cell_to_boundary(h3.latlng_to_cell(47.32, 5.04, 7))[0]
    found = footprint(net(cell(latitude, longitude, 0.001)), 7)
    assert weights(found) == {h3.latlng_to_cell(latitude, longitude, 7): 1.0}


def test_hexagons_are_unique_and_in_h3_order_within_each_cell(monkeypatch):
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 500)
    rng = np.random.default_rng(4)
    cells = [
        cell(47.3 + a / 20, 5 + b / 20, float(r), azimuth=float(d))
        for a, b, r, d in zip(*rng.uniform(0, 1, (2, 40)), rng.uniform(1, 3000, 40), range(40), strict=True)
    ]
    found = footprint(net(*cells), 9)
    assert (np.diff(found.hexagons) > 0).all()
    assert found.first[0] == 0
    assert found.first[-1] == len(found.hexagon) == len(found.cumulative)
    assert set(found.hexagon.tolist()) == set(range(len(found.hexagons)))
    inside = np.ones(len(found.hexagon), bool)
    inside[found.first[:-1]] = False
    assert (np.diff(found.hexagon)[inside[1:]] > 0).all()
    assert (np.diff(found.cumulative.astype(np.int64))[inside[1:]] > 0).all()
    assert (found.cumulative[found.first[:-1]] == 0).all()


def test_a_footprint_does_not_depend_on_the_other_cells_or_on_the_batches(monkeypatch):
    cells = [cell(47.3 + i / 300, 5.0, 400.0 + 50 * i, azimuth=40.0 * i) for i in range(9)]
    together = footprint(net(*cells), 9)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 1)
    apart = footprint(net(*cells), 9)
    for name in ("hexagons", "first", "hexagon", "cumulative"):
        assert np.array_equal(getattr(together, name), getattr(apart, name))
    for i, one in enumerate(cells):
        assert weights(together, i) == weights(footprint(net(one), 9))
