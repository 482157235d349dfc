import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.footprint import Footprint, footprint
from pipelines.location import draw
from pipelines.network import network


def made(*weights):
    """Footprints of cells with these weights over hexagons 0, 1, 2 ... (0: not in the footprint)."""
    hexagon, cumulative, first = [], [], [0]
    for row in weights:
        rows = np.flatnonzero(row)
        share = np.array(row, float)[rows] / sum(row)
        hexagon += rows.tolist()
        cumulative += np.floor((np.cumsum(share) - share) * 2**32).astype(np.int64).tolist()
        first.append(len(hexagon))
    hexagons = np.arange(100, 100 + len(weights[0]), dtype=np.uint64)
    return Footprint(hexagons, np.array(first), np.array(hexagon, np.int32), np.array(cumulative, np.uint32))


def numbers(*values):
    return np.array(values, np.uint32)


def one_cell(uniform, *weights):
    return draw(made(*weights), np.zeros(len(uniform), np.int32), uniform).tolist()


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
def test_an_interval_holds_its_lower_end_and_not_its_upper(uniform, hexagon):
    assert one_cell(numbers(uniform), [0, 1, 1, 0, 2]) == [hexagon]


def test_the_same_cell_and_number_give_the_same_hexagon():
    found = made([1, 2, 3, 4], [4, 3, 2, 1])
    cell, uniform = np.array([0, 1, 0, 1], np.int32), numbers(7, 7, 7, 7)
    drawn = draw(found, cell, uniform)
    assert drawn[0] == drawn[2]
    assert drawn[1] == drawn[3]
    assert drawn.dtype == np.int32


def test_nothing_drawn_is_nothing():
    assert one_cell(numbers(), [1]) == []


@given(
    weights=st.lists(st.lists(st.integers(0, 200), min_size=6, max_size=6).filter(any), min_size=1, max_size=5),
    uniform=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50),
)
def test_a_draw_equals_a_bisection_of_the_intervals(weights, uniform):
    found = made(*weights)
    cell = np.resize(np.arange(len(weights), dtype=np.int32), len(uniform))
    keys = np.repeat(np.arange(len(weights)), np.diff(found.first)) * 2**32 + found.cumulative.astype(np.int64)
    expected = found.hexagon[np.searchsorted(keys, cell.astype(np.int64) * 2**32 + np.array(uniform), "right") - 1]
    assert draw(found, cell, numbers(*uniform)).tolist() == expected.tolist()


def dijon(*cells):
    places, ranges = [(lat, lng) for lat, lng, _ in cells], [range_m for _, _, range_m in cells]
    table = pa.table(
        {
            "cell_id": [str(i) for i in range(len(cells))],
            "latitude": [latitude for latitude, _ in places],
            "longitude": [longitude for _, longitude in places],
            "range_m": ranges,
        }
    )
    return footprint(network(table), 9)


def test_hexagons_come_as_often_as_they_weigh():
    found, n = dijon((47.32, 5.04, 1500.0)), 200_000
    uniform = np.random.default_rng(20).integers(0, 2**32, n, dtype=np.uint32)
    seen = np.bincount(draw(found, np.zeros(n, np.int32), uniform), minlength=len(found.hexagons))
    expected = np.diff(np.append(found.cumulative.astype(np.int64), 2**32)) / 2**32 * n
    degrees = len(expected) - 1
    chi_square = ((seen - expected) ** 2 / expected).sum()
    # Mean d, variance 2 d: four standard deviations on either side.
    assert abs(chi_square - degrees) < 4 * (2 * degrees) ** 0.5


def test_draws_of_one_number_over_neighbouring_cells_are_coupled():
    found = dijon((47.3200, 5.04, 1500.0), (47.3227, 5.04, 1500.0))
    rng = np.random.default_rng(21)
    uniform, other = rng.integers(0, 2**32, (2, 20_000), dtype=np.uint32)
    first = draw(found, np.zeros(20_000, np.int32), uniform)
    stays = (first == draw(found, np.ones(20_000, np.int32), uniform)).mean()
    hops = (first == draw(found, np.ones(20_000, np.int32), other)).mean()
    assert stays > 0.25
    assert hops < 0.03


def test_cells_with_one_footprint_draw_alike():
    found = dijon((47.32, 5.04, 800.0), (47.32, 5.04, 800.0))
    uniform = np.random.default_rng(22).integers(0, 2**32, 1000, dtype=np.uint32)
    cells = np.zeros(1000, np.int32)
    assert np.array_equal(draw(found, cells, uniform), draw(found, cells + 1, uniform))
