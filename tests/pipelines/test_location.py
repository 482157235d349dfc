"""Draws: the numbers from 0 to 2**32 divide among the hexagons as prior x likelihood says, to the last of them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.territory import ZoneArea
from pipelines.census import AT_HOME, census
from pipelines.footprint import Draws, Footprint, footprint
from pipelines.location import draw, prior_of_home
from pipelines.network import network
from tests.pipelines.test_footprint import DIJON, cell, disk, net, north

EVERYWHERE = 1 << 20
GRID = (np.arange(EVERYWHERE, dtype=np.uint32) << np.uint32(12)) + np.uint32(1 << 11)
"""Numbers spread evenly over [0, 2**32)."""

UNKNOWN_HOME = -1


def made(likelihood: list[list[float]], area: list[int], elsewhere: list[float], prior: list[float]) -> Footprint:
    """Cells with these likelihoods over hexagons 0, 1, 2 ... (0: not in the footprint)."""
    hexagon, values, first = [], [], [0]
    for row in likelihood:
        reached = [at for at, value in enumerate(row) if value]
        reached.sort(key=lambda at: (area[at], at))
        hexagon += reached
        values += [row[at] for at in reached]
        first.append(len(hexagon))
    return Footprint(
        np.arange(100, 100 + len(area), dtype=np.uint64),
        np.array(first),
        np.array(hexagon, np.int32),
        np.array(values, float),
        np.array(area, np.int32),
        np.array(elsewhere, float),
        np.array(prior, float),
    )


def evenly(likelihood: list[list[float]]) -> Footprint:
    """Cells where every hexagon is alike before any signal, and in no home area."""
    size = len(likelihood[0])
    return made(likelihood, [-1] * size, [1 / size] * size, [1 / size] * size)


TOWN = made(
    [[0.9, 0.5, 0.2, 0.0, 0.05], [0.1, 0.5, 0.8, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.95]],
    [0, 0, 1, -1, 1],
    [0.1, 0.3, 0.3, 0.2, 0.1],
    [0.25, 0.25, 0.2, 0.1, 0.2],
)
"""Three cells, five hexagons, two home areas."""


def posterior(found: Footprint, i: int, home: int) -> np.ndarray:
    """prior x likelihood of each hexagon in a cell, by the definition."""
    likelihood = np.zeros(found.hexagons.size)
    part = slice(found.first[i], found.first[i + 1])
    likelihood[found.hexagon[part]] = found.likelihood[part]
    if home == UNKNOWN_HOME:
        prior = found.prior
    else:
        own = found.area == home
        prior = AT_HOME * own / max(own.sum(), 1) + (1 - AT_HOME) * found.elsewhere
    weight = likelihood * prior
    return weight / weight.sum()


def drawn(found: Footprint, i: int, home: int, uniform: np.ndarray) -> np.ndarray:
    return draw(found, np.full(uniform.size, i, np.int32), np.full(uniform.size, home, np.int32), uniform)


def assert_exact(found: Footprint, i: int, home: int) -> None:
    """Every hexagon has its share of the numbers: two intervals at most, each to within a step of the grid."""
    seen = np.bincount(drawn(found, i, home, GRID), minlength=found.hexagons.size) / EVERYWHERE
    assert np.abs(seen - posterior(found, i, home)).max() < 3 / EVERYWHERE


@pytest.mark.parametrize("home", [UNKNOWN_HOME, 0, 1, 2, 3, 9])
@pytest.mark.parametrize("i", [0, 1, 2])
def test_the_numbers_divide_among_hexagons_as_prior_times_likelihood(i: int, home: int) -> None:
    # The home areas 2, 3 and 9 are in the census and out of reach of every cell.
    assert_exact(TOWN, i, home)


likelihoods = st.lists(st.integers(0, 1000), min_size=5, max_size=5).filter(any)
shares = st.lists(st.integers(1, 1000), min_size=5, max_size=5)


@given(st.lists(likelihoods, min_size=1, max_size=3), st.lists(st.integers(-1, 2), min_size=5, max_size=5), shares)
def test_every_footprint_is_drawn_from_exactly(cells: list[list[int]], area: list[int], share: list[int]) -> None:
    weight = np.array(share) / sum(share)
    rows = [[value / 1000 for value in row] for row in cells]
    found = made(rows, area, weight.tolist(), weight[::-1].tolist())
    numbers = GRID[:: 1 << 8]
    for i in range(len(cells)):
        for home in range(-1, 4):
            seen = np.bincount(drawn(found, i, home, numbers), minlength=5) / numbers.size
            assert np.abs(seen - posterior(found, i, home)).max() < 3 / numbers.size


@pytest.mark.parametrize("home", [UNKNOWN_HOME, 0, 1])
@pytest.mark.parametrize("homes_known", [False, True])
def test_hexagons_of_a_network_come_as_often_as_they_weigh(homes_known: bool, home: int) -> None:
    people = census([disk("a", *DIJON, 3), disk("b", north(1200), DIJON[1], 2)], {"a": 900.0, "b": 100.0})
    cells = [cell(range_m=1500.0), cell(north(900), range_m=600.0), cell(DIJON[0], 5.06, 2000.0, azimuth=270.0)]
    found = footprint(net(*cells), 9, people, homes_known=homes_known)
    random = np.random.default_rng(20)
    for i in range(3):
        assert_exact(found, i, home)
        n = 200_000
        uniform = random.integers(0, 2**32, n, dtype=np.uint32)
        seen = np.bincount(drawn(found, i, home, uniform), minlength=found.hexagons.size)
        expected = posterior(found, i, home) * n
        assert not seen[expected == 0].any()
        likely = expected > 0
        chi_square = ((seen - expected)[likely] ** 2 / expected[likely]).sum()
        degrees = likely.sum() - 1
        # Mean d, variance 2 d: four standard deviations on either side.
        assert abs(chi_square - degrees) < 4 * (2 * degrees) ** 0.5


def test_draws_are_hexagons_of_the_cell_only() -> None:
    for i in range(3):
        reached = set(TOWN.hexagon[TOWN.first[i] : TOWN.first[i + 1]].tolist())
        for home in (UNKNOWN_HOME, 0, 1, 2, 3, 4, 5):
            assert set(drawn(TOWN, i, home, GRID[::64]).tolist()) == reached
            ends = np.array([0, 2**32 - 1], np.uint32)
            assert set(drawn(TOWN, i, home, ends).tolist()) <= reached


def test_whoever_lives_where_a_cell_serves_is_more_often_there() -> None:
    at_home, unknown, away = (np.isin(drawn(TOWN, 0, home, GRID), [0, 1]).mean() for home in (0, UNKNOWN_HOME, 1))
    assert at_home > unknown > away > 0


QUARTER = 2**30


@pytest.mark.parametrize(
    ("uniform", "hexagon"),
    [
        (0, 1),
        (QUARTER - 1, 1),
        (QUARTER, 2),
        (2 * QUARTER - 1, 2),
        (2 * QUARTER, 4),
        (2 * QUARTER + 1, 4),
        (2**32 - 1, 4),
    ],
)
def test_an_interval_holds_its_lower_end_and_not_its_upper(uniform: int, hexagon: int) -> None:
    found = evenly([[0, 0.25, 0.25, 0, 0.5]])
    assert drawn(found, 0, UNKNOWN_HOME, np.array([uniform], np.uint32)).tolist() == [hexagon]


def test_the_lower_numbers_fall_into_the_home_area_and_the_others_anywhere() -> None:
    share = int(TOWN.home_share[np.searchsorted(TOWN.homes, 0 * TOWN.areas + 0 + 1)])
    numbers = np.array([0, share // 2, share - 1], np.uint32)
    assert np.isin(drawn(TOWN, 0, 0, numbers), [0, 1]).all()
    above = np.linspace(share, 2**32 - 1, 1001).astype(np.uint32)
    assert set(drawn(TOWN, 0, 0, above).tolist()) == {0, 1, 2, 4}


def test_a_still_phone_in_one_cell_always_has_one_hexagon() -> None:
    random = np.random.default_rng(5)
    uniform = random.integers(0, 2**32, 500, dtype=np.uint32)
    home = random.integers(-1, 3, 500).astype(np.int32)
    cells = random.integers(0, 3, 500).astype(np.int32)
    once = draw(TOWN, cells, home, uniform)
    order = random.permutation(2500) % 500
    assert (draw(TOWN, cells[order], home[order], uniform[order]) == once[order]).all()
    assert once.dtype == np.int32
    for row in range(20):
        alone = draw(TOWN, cells[row : row + 1], home[row : row + 1], uniform[row : row + 1])
        assert alone.tolist() == [once[row]]


def test_nothing_drawn_is_nothing() -> None:
    none = np.zeros(0, np.int32)
    assert draw(TOWN, none, none, none.astype(np.uint32)).tolist() == []


@given(
    weights=st.lists(st.lists(st.integers(0, 200), min_size=1, max_size=6).filter(any), min_size=1, max_size=5),
    uniform=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50),
)
def test_a_pick_equals_a_bisection_of_the_intervals(weights: list[list[int]], uniform: list[int]) -> None:
    first = np.cumsum([0, *map(len, weights)])
    # A weight of nothing is an interval of no length, which no number falls into.
    lower = [sum(row[:at]) * 2**32 // sum(row) for row in weights for at in range(len(row))]
    draws = Draws(first, np.minimum(lower, 2**32 - 1).astype(np.uint32))
    which = np.resize(np.arange(len(weights)), len(uniform))
    keys = np.repeat(np.arange(len(weights)), np.diff(first)) * 2**32 + draws.cumulative.astype(np.int64)
    expected = np.searchsorted(keys, which * 2**32 + np.array(uniform), "right") - 1
    assert draws.pick(which, np.array(uniform, np.uint32)).tolist() == expected.tolist()


def test_draws_of_one_number_over_neighbouring_cells_are_coupled() -> None:
    found = footprint(net(cell(range_m=1500.0), cell(north(300), range_m=1500.0)), 9, census([], {}))
    random = np.random.default_rng(21)
    uniform, other = random.integers(0, 2**32, (2, 20_000), dtype=np.uint32)
    first = drawn(found, 0, UNKNOWN_HOME, uniform)
    stays = (first == drawn(found, 1, UNKNOWN_HOME, uniform)).mean()
    hops = (first == drawn(found, 1, UNKNOWN_HOME, other)).mean()
    assert stays > 3 * hops


def test_cells_with_one_footprint_draw_alike() -> None:
    found = footprint(net(cell(range_m=800.0), cell(range_m=800.0)), 9, census([], {}))
    numbers = GRID[::1000]
    assert np.array_equal(drawn(found, 0, UNKNOWN_HOME, numbers), drawn(found, 1, UNKNOWN_HOME, numbers))


@pytest.mark.parametrize("at_home", [0.65, 0.95, 0.0, 1.0])
@pytest.mark.parametrize("home", [UNKNOWN_HOME, 0, 1, 2, 7])
def test_the_prior_of_a_home_is_even_over_its_area_and_else_that_of_elsewhere(home: int, at_home: float) -> None:
    hexagons = np.arange(5, dtype=np.int32)
    found = prior_of_home(TOWN, hexagons, np.full(5, home, np.int32), np.full(5, at_home))
    own = {0: [0.5, 0.5, 0, 0, 0], 1: [0, 0, 0.5, 0, 0.5]}.get(home, [0.0] * 5)
    expected = [at_home * mine + (1 - at_home) * other for mine, other in zip(own, TOWN.elsewhere, strict=True)]
    assert found.tolist() == pytest.approx(TOWN.prior.tolist() if home == UNKNOWN_HOME else expected)


def test_homes_that_no_cell_reaches_are_drawn_like_people_who_are_elsewhere() -> None:
    far = [ZoneArea(f"far {i}", "commune", -1, disk("", 48.5 + i / 10, 2.0, 1).cells, 1.0, False) for i in range(3)]
    zones = [disk("n0", *DIJON, 4), disk("n1", 47.34, 5.08, 3), *far]
    people = census(zones, {zone.zone_id: 1000.0 for zone in zones})
    radio = network(
        pa.table(
            {"cell_id": ["a", "b"], "latitude": [47.32, 47.34], "longitude": [5.04, 5.08], "range_m": [1000.0, 1000.0]}
        )
    )
    found = footprint(radio, 9, people)
    assert people.homes[2:] == ("far 0", "far 1", "far 2")
    for home in range(2, 5):
        for i in range(2):
            assert_exact(found, i, home)
