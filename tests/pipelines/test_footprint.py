"""Footprints: where a device that a cell serves can be, against the stated laws worked out hexagon by hexagon."""

import math

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.territory import ZoneArea
from pipelines import footprint as module
from pipelines.census import AT_HOME, Census, census
from pipelines.footprint import Draws, Footprint, footprint
from pipelines.network import Network, network

# Where a face of the icosahedron ends in a corner, hexagons are smallest and most sheared.
PENTAGON = h3.cell_to_latlng(int(h3.get_pentagons(9)[3]))
DIJON = (47.32, 5.04)
NOBODY = census([], {})
SCALE = 6 * math.sqrt(6) / math.pi


def cell(latitude=DIJON[0], longitude=DIJON[1], range_m=600.0, azimuth=None, beamwidth=None, **others):
    return {
        "latitude": latitude,
        "longitude": longitude,
        "range_m": range_m,
        "azimuth_deg": azimuth,
        "beamwidth_deg": beamwidth,
        **others,
    }


def net(*cells: dict) -> Network:
    names = dict.fromkeys(name for row in cells for name in row)
    types = {"cell_id": pa.string(), "valid_from": pa.string(), "valid_to": pa.string()}
    fields = [(name, types.get(name, pa.float64())) for name in ("cell_id", *names) if name != "cell_id"]
    rows = [{"cell_id": f"{i:03d}", **row} for i, row in enumerate(cells)]
    return network(pa.Table.from_pylist(rows, pa.schema([("cell_id", pa.string()), *fields])))


def sites(*places: tuple[float, float]) -> Network:
    """A network of which nothing but positions is known."""
    latitude, longitude = zip(*places, strict=True)
    names = [f"{i:03d}" for i in range(len(places))]
    return network(pa.table({"cell_id": names, "latitude": latitude, "longitude": longitude}))


def north(metres: float) -> float:
    """A latitude so many metres north of Dijon."""
    return DIJON[0] + math.degrees(metres / module.EARTH_RADIUS_M)


def likelihoods(found: Footprint, i: int = 0) -> dict[int, float]:
    """How likely a cell is to serve, in each hexagon of its footprint."""
    part = slice(found.first[i], found.first[i + 1])
    return dict(zip(found.hexagons[found.hexagon[part]].tolist(), found.likelihood[part].tolist(), strict=True))


def shares(found: Footprint, draws: Draws, i: int = 0) -> dict[int, float]:
    """How likely each hexagon is for devices of a cell."""
    part = slice(found.first[i], found.first[i + 1])
    ends = np.append(draws.cumulative[part].astype(np.int64), 2**32)
    return dict(zip(found.hexagons[found.hexagon[part]].tolist(), (np.diff(ends) / 2**32).tolist(), strict=True))


def metres(hexagon: int, latitude: float, longitude: float) -> float:
    return h3.great_circle_distance(h3.cell_to_latlng(hexagon), (latitude, longitude), unit="m")


def bearing(hexagon: int, latitude: float, longitude: float) -> float:
    """Initial bearing by the textbook formula, in degrees."""
    to_lat, to_lng = map(math.radians, h3.cell_to_latlng(hexagon))
    lat, turn = math.radians(latitude), to_lng - math.radians(longitude)
    east = math.sin(turn) * math.cos(to_lat)
    up = math.cos(lat) * math.sin(to_lat) - math.sin(lat) * math.cos(to_lat) * math.cos(turn)
    return math.degrees(math.atan2(east, up))


def centres_within(latitude: float, longitude: float, range_m: float, resolution: int) -> set[int]:
    """Every hexagon whose centre is within the range, and the own one, by a search that knows nothing of sizes."""
    own = h3.latlng_to_cell(latitude, longitude, resolution)
    found, k = {own}, 0
    while k < 4 or any(metres(x, latitude, longitude) <= range_m * 1.5 for x in h3.grid_ring(own, k)):
        k += 1
    return found | {int(x) for x in h3.grid_disk(own, k + 3) if metres(x, latitude, longitude) <= range_m}


def signal(one: dict, hexagon: int) -> float:
    """The mean signal of a cell in a hexagon, in dB above the edge of its range."""
    place = one["latitude"], one["longitude"]
    level = 37.6 * math.log10(one["range_m"] / math.hypot(metres(hexagon, *place), 80))
    if one["azimuth_deg"] is None or hexagon == h3.latlng_to_cell(*place, 9):
        return level
    angle = (bearing(hexagon, *place) - one["azimuth_deg"] + 180) % 360 - 180
    return level - min(12 * (angle / (one["beamwidth_deg"] or 65)) ** 2, 20)


def model(cells: list[dict], people: Census = NOBODY, *, homes_known: bool = False) -> list[dict[int, float]]:
    """The likelihoods of all cells at resolution 9, by the definition."""
    reach = [centres_within(one["latitude"], one["longitude"], one["range_m"], 9) for one in cells]
    power = [{x: math.exp(signal(one, x) / SCALE) for x in found} for one, found in zip(cells, reach, strict=True)]
    hexagons = sorted(set().union(*reach))
    total = {x: sum(each.get(x, 0.0) for each in power) for x in hexagons}
    likelihood = [{x: value / total[x] for x, value in each.items()} for each in power]
    elsewhere = capacity(likelihood, hexagons)
    home = dict(zip(hexagons, people.prior(np.array(hexagons, np.uint64))[0].tolist(), strict=True))
    share = 0.0 if homes_known else AT_HOME
    prior = {x: share * home[x] + (1 - share) * elsewhere[x] for x in hexagons}
    return [pruned(each, prior) for each in likelihood]


def capacity(likelihood: list[dict[int, float]], hexagons: list[int]) -> dict[int, float]:
    """Where the network has its capacity: one share for each cell, spread by its likelihood."""
    parts = [{x: value / sum(each.values()) for x, value in each.items()} for each in likelihood]
    return {x: sum(part.get(x, 0.0) for part in parts) / len(parts) for x in hexagons}


def pruned(likelihood: dict[int, float], prior: dict[int, float]) -> dict[int, float]:
    joint = {x: value * prior[x] for x, value in likelihood.items()}
    most, greatest = max(likelihood.values()), max(joint.values())
    return {x: v for x, v in likelihood.items() if v >= 0.01 * most or joint[x] >= 0.01 * greatest}


THREE = [
    cell(range_m=1500.0, azimuth=200.0),
    cell(north(900), range_m=500.0),
    cell(DIJON[0], 5.06, range_m=2000.0, azimuth=300.0, beamwidth=90.0),
]


def disk(name: str, latitude: float, longitude: float, k: int) -> ZoneArea:
    cells = np.sort(h3.grid_disk(h3.latlng_to_cell(latitude, longitude, 9), k))
    return ZoneArea(name, "commune", -1, cells, 1.0, False)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [DIJON, (-90.0, 0.0), (89.99, 12.0), (51.5, 180.0), (-17.0, -179.999), PENTAGON]
)
@pytest.mark.parametrize(("range_m", "resolution"), [(1.0, 9), (2_000.0, 9), (20_000.0, 7), (35_000.0, 6)])
def test_a_lone_cell_serves_every_hexagon_whose_centre_is_within_its_range(
    latitude: float, longitude: float, range_m: float, resolution: int
) -> None:
    found = footprint(net(cell(latitude, longitude, range_m)), resolution, NOBODY)
    expected = centres_within(latitude, longitude, range_m, resolution)
    assert likelihoods(found) == dict.fromkeys(sorted(expected), 1.0)
    assert found.hexagons.dtype == np.uint64


@settings(max_examples=40, deadline=None)
@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    range_m=st.floats(1, 4_000),
    corner=st.booleans(),
)
def test_a_footprint_is_whole_wherever_it_is(latitude: float, longitude: float, range_m: float, corner: bool) -> None:
    if corner:
        latitude, longitude = PENTAGON[0] + latitude / 3000, PENTAGON[1] + longitude / 3000
    found = footprint(net(cell(latitude, longitude, range_m)), 9, NOBODY)
    assert set(likelihoods(found)) == centres_within(latitude, longitude, range_m, 9)


@pytest.mark.parametrize("resolution", range(2, 12))
def test_the_rings_reach_far_enough_at_every_resolution(resolution: int) -> None:
    edge = h3.average_hexagon_edge_length(resolution, unit="m")
    for place in (PENTAGON, DIJON):
        reach = min(9 * edge, 35_000.0)
        found = footprint(net(cell(*place, reach)), resolution, NOBODY)
        assert set(likelihoods(found)) == centres_within(*place, reach, resolution)


def test_a_range_shorter_than_a_hexagon_leaves_the_own_hexagon_alone() -> None:
    latitude, longitude = h3.cell_to_boundary(h3.latlng_to_cell(*DIJON, 7))[0]
    found = footprint(net(cell(latitude, longitude, 0.001)), 7, NOBODY)
    assert likelihoods(found) == {h3.latlng_to_cell(latitude, longitude, 7): 1.0}


@pytest.mark.parametrize("homes_known", [False, True])
def test_the_likelihood_is_the_softmax_of_the_signals_of_the_cells_that_reach_a_hexagon(homes_known: bool) -> None:
    people = census([disk("town", *DIJON, 4)], {"town": 1000.0})
    found = footprint(net(*THREE), 9, people, homes_known=homes_known)
    expected = model(THREE, people, homes_known=homes_known)
    for i in range(len(THREE)):
        assert likelihoods(found, i) == pytest.approx(expected[i], rel=1e-4)


def test_the_likelihoods_of_a_hexagon_add_up_to_one_but_for_what_is_pruned() -> None:
    found = footprint(net(*THREE), 9, NOBODY)
    total = np.bincount(found.hexagon, found.likelihood)
    assert total.max() <= 1 + 1e-12
    assert total.min() > 0.95


def test_a_small_cell_takes_the_hexagons_beside_it_from_a_macro_cell() -> None:
    own = h3.latlng_to_cell(north(1800), DIJON[1], 9)
    macro, small = cell(range_m=3000.0), cell(*h3.cell_to_latlng(own), range_m=400.0)
    alone = likelihoods(footprint(net(macro), 9, NOBODY))
    found = footprint(net(macro, small), 9, NOBODY)
    assert likelihoods(found, 1)[own] > 0.9
    assert likelihoods(found, 0)[own] < 0.1
    assert all(0.05 < likelihoods(found, 1)[x] < 0.5 for x in h3.grid_ring(own, 1).tolist())
    beyond = {x for x in alone if metres(x, *h3.cell_to_latlng(own)) > 400}
    assert all(likelihoods(found, 0)[x] == 1.0 for x in beyond)
    assert set(likelihoods(found, 1)).isdisjoint(beyond)


def test_a_sector_beats_another_of_its_site_at_the_back_of_that_one() -> None:
    found = footprint(net(cell(range_m=1500.0, azimuth=0.0), cell(range_m=1500.0, azimuth=180.0)), 9, NOBODY)
    own = h3.latlng_to_cell(*DIJON, 9)
    towards_north = likelihoods(found, 0)
    for hexagon, value in towards_north.items():
        turn = abs(bearing(hexagon, *DIJON))
        if hexagon == own:
            assert value == pytest.approx(0.5)
        elif turn < 45:
            assert value > 0.9
        elif turn > 135:
            assert value < 0.1
    assert sum(abs(bearing(x, *DIJON)) < 45 for x in towards_north) > 10


def test_a_cell_of_several_periods_competes_once() -> None:
    other = cell(north(800), range_m=900.0)
    periods = [
        cell(range_m=900.0, azimuth=10.0, cell_id="b", valid_from=f"2026-0{m}-01", valid_to=f"2026-0{m + 1}-01")
        for m in (1, 2, 3)
    ]
    whole = footprint(net(cell(range_m=900.0, azimuth=10.0), other), 9, NOBODY)
    parted = footprint(net(*periods, other | {"cell_id": "c"}), 9, NOBODY)
    assert parted.first.size == 5
    for i in range(3):
        assert likelihoods(parted, i) == pytest.approx(likelihoods(whole, 0), rel=1e-12)
    assert likelihoods(parted, 3) == pytest.approx(likelihoods(whole, 1), rel=1e-12)
    assert parted.elsewhere == pytest.approx(whole.elsewhere, rel=1e-12)


def test_a_cell_has_one_share_of_the_capacity_however_large_it_is() -> None:
    found = footprint(net(cell(range_m=2500.0), cell(47.4, 5.04, range_m=400.0)), 9, NOBODY)
    small = found.hexagon[found.first[1] :]
    assert found.elsewhere[small].sum() == pytest.approx(0.5)
    assert found.elsewhere.sum() == pytest.approx(1)


@pytest.mark.parametrize(("homes_known", "share"), [(False, AT_HOME), (True, 0.0)])
def test_people_of_unknown_home_are_where_the_census_and_the_capacity_have_them(
    homes_known: bool, share: float
) -> None:
    people = census([disk("town", *DIJON, 4)], {"town": 1000.0})
    found = footprint(net(*THREE), 9, people, homes_known=homes_known)
    home, area = people.prior(found.hexagons)
    assert found.area.tolist() == area.tolist()
    # What is pruned takes next to nothing of the people with it.
    assert found.prior == pytest.approx(share * home + (1 - share) * found.elsewhere, rel=0.02)
    assert found.prior.sum() == pytest.approx(1, abs=0.01)


def test_what_is_less_likely_than_one_in_a_hundred_of_the_likeliest_is_left_out() -> None:
    cells = [cell(range_m=1500.0), cell(north(700), range_m=1500.0, azimuth=0.0)]
    found, whole = footprint(net(*cells), 9, NOBODY), model(cells)
    back = likelihoods(found, 1)
    assert set(back) == set(whole[1])
    assert len(back) < len(centres_within(cells[1]["latitude"], DIJON[1], 1500.0, 9))
    joint = found.likelihood * found.prior[found.hexagon]
    for i in range(2):
        part = slice(found.first[i], found.first[i + 1])
        shared = np.maximum(found.likelihood[part] / found.likelihood[part].max(), joint[part] / joint[part].max())
        assert shared.min() >= 0.01


@pytest.mark.parametrize(("threshold", "kept"), [(0.0099, True), (0.01, True), (0.0101, False)])
def test_a_hexagon_at_the_threshold_is_kept(threshold: float, kept: bool) -> None:
    weight = np.array([2.0, 2.0 * 0.01, 5.0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALLEST_SHARE", threshold)
        assert module._likely(weight, np.array([0, 0, 1])).tolist() == [True, kept, True]


def test_where_only_positions_are_known_the_nearest_site_serves() -> None:
    places = [DIJON, (47.33, 5.04), (47.325, 5.06)]
    radio = sites(*places)
    assert radio.only_positions
    found = footprint(radio, 9, NOBODY)
    for hexagon in found.hexagons.tolist():
        away = [metres(hexagon, *place) for place in places]
        serving = [i for i in range(3) if likelihoods(found, i).get(hexagon) == 1.0]
        assert serving == [int(np.argmin(away))]
    assert set(found.likelihood.tolist()) == {1.0}


def test_the_sectors_of_one_site_share_what_is_nearest_to_it() -> None:
    found = footprint(sites(DIJON, DIJON, (47.33, 5.04)), 9, NOBODY)
    assert likelihoods(found, 0) == likelihoods(found, 1)
    assert set(likelihoods(found, 0)).isdisjoint(likelihoods(found, 2))


def test_a_site_that_is_nearest_nowhere_is_where_it_is_least_far() -> None:
    latitude, longitude = h3.cell_to_latlng(h3.latlng_to_cell(*DIJON, 9))
    row = [(latitude + 0.0003, longitude + step) for step in (0.00003, 0.00005, 0.00007)]
    found = footprint(sites(*row), 9, NOBODY)
    assert set(likelihoods(found, 1)) == {h3.latlng_to_cell(latitude, longitude, 9)}
    assert shares(found, found.anybody, 1) == {h3.latlng_to_cell(latitude, longitude, 9): 1.0}
    assert all(len(likelihoods(found, i)) > 100 for i in (0, 2))


@pytest.mark.parametrize("known", [{"range_m": 500.0}, {"azimuth_deg": 0.0}, {"technology": "4G"}])
def test_any_other_fact_about_any_cell_makes_signals_compete(known: dict) -> None:
    columns = {"cell_id": ["a", "b"], "latitude": [47.32, 47.33], "longitude": [5.04, 5.04]}
    table = pa.table(columns | {name: [value, None] for name, value in known.items()})
    assert not network(table).only_positions
    assert network(pa.table(columns | {name: [None, None] for name in known})).only_positions


def test_a_cell_that_hardly_ever_serves_has_an_exact_distribution_too() -> None:
    feeble = cell(north(1000), range_m=0.01)
    giants = [cell(north(50 * i), range_m=35_000.0) for i in range(3)]
    found = footprint(net(*giants, feeble), 8, NOBODY)
    assert found.likelihood[-1] < 1e-20
    assert shares(found, found.anybody, 3) == {h3.latlng_to_cell(north(1000), DIJON[1], 8): 1.0}
    weak = [cell(north(2000 * i), range_m=35_000.0) for i in range(3)] + [cell(range_m=2500.0, azimuth=0.0)]
    weak[-1]["range_m"] = 900.0
    found = footprint(net(*weak), 9, NOBODY)
    part = slice(found.first[3], found.first[4])
    joint = found.likelihood[part] * found.prior[found.hexagon[part]]
    assert list(shares(found, found.anybody, 3).values()) == pytest.approx((joint / joint.sum()).tolist(), abs=1e-9)


def test_hexagons_are_in_the_order_of_h3_within_each_home_area_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 500)
    rng = np.random.default_rng(4)
    cells = [
        cell(47.3 + a / 20, 5 + b / 20, float(r), azimuth=float(d))
        for a, b, r, d in zip(*rng.uniform(0, 1, (2, 40)), rng.uniform(1, 3000, 40), range(40), strict=True)
    ]
    people = census([disk("a", 47.32, 5.02, 6), disk("b", 47.34, 5.04, 5)], {"a": 10.0, "b": 20.0})
    found = footprint(net(*cells), 9, people)
    assert (np.diff(found.hexagons) > 0).all()
    assert found.first[0] == 0
    assert found.first[-1] == found.hexagon.size == found.likelihood.size
    assert (np.diff(found.first) > 0).all()
    assert set(found.hexagon.tolist()) == set(range(found.hexagons.size))
    key = (found.cell * 4 + found.area[found.hexagon] + 1) * found.hexagons.size + found.hexagon
    assert (np.diff(key) > 0).all()
    assert found.homes.tolist() == np.unique(found.cell * found.areas + found.area[found.hexagon] + 1).tolist()
    for draws in (found.anybody, found.away, found.at_home):
        inside = np.ones(draws.cumulative.size, bool)
        inside[draws.first[:-1]] = False
        assert (np.diff(draws.cumulative.astype(np.int64))[inside[1:]] >= 0).all()
        assert (draws.cumulative[draws.first[:-1]] == 0).all()


def test_a_footprint_does_not_depend_on_the_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [cell(47.3 + i / 300, 5.0, 400.0 + 50 * i, azimuth=40.0 * i) for i in range(9)]
    together = footprint(net(*cells), 9, NOBODY)
    monkeypatch.setattr(module, "_PAIRS_AT_ONCE", 1)
    apart = footprint(net(*cells), 9, NOBODY)
    for name in ("hexagons", "first", "hexagon", "likelihood", "area", "elsewhere", "prior"):
        assert np.array_equal(getattr(together, name), getattr(apart, name)), name


def test_a_footprint_does_not_depend_on_the_order_of_the_cells() -> None:
    cells = [cell(47.3 + i / 300, 5.0, 400.0 + 50 * i, azimuth=40.0 * i, cell_id=f"{i}") for i in range(9)]
    one, other = footprint(net(*cells), 9, NOBODY), footprint(net(*cells[::-1]), 9, NOBODY)
    for name in ("hexagons", "first", "hexagon", "likelihood", "area", "elsewhere", "prior"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    # Names in another order: the same cells in other rows.
    renamed = [one_cell | {"cell_id": f"{9 - i}"} for i, one_cell in enumerate(cells)]
    turned = footprint(net(*renamed), 9, NOBODY)
    for i in range(9):
        assert likelihoods(turned, 8 - i) == pytest.approx(likelihoods(one, i), rel=1e-12)
