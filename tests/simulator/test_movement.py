"""People move at a finite speed from one activity to the next."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipelines.simulator.movement import Paths, grid, legs, paths, travel_time

DAY = 86_400.0
PLACES = arrays(np.float64, (5, 4), elements=st.floats(-30_000, 30_000).map(round))
LEAVES = arrays(np.float64, (5, 4), elements=st.floats(0, DAY))


def made(east: np.ndarray, north: np.ndarray, leave: np.ndarray) -> Paths:
    leave = np.sort(leave, 1)
    leave[:, -1] = np.inf
    return paths(east, north, np.arange(20).reshape(5, 4), leave, DAY)


@pytest.mark.parametrize(
    ("metres", "seconds"), [(0, 0), (1_000, 90 + 800), (1_300, 90 + 200), (12_000, 90 + 1846.2), (20_000, 90 + 1_000)]
)
def test_a_way_takes_its_time(metres: float, seconds: float) -> None:
    [found] = travel_time(np.array([float(metres)]), np.zeros(1))
    assert found == pytest.approx(seconds, abs=0.1)


@settings(max_examples=50, deadline=None)
@given(PLACES, PLACES, LEAVES)
def test_nodes_are_in_order_and_nobody_is_faster_than_a_car(
    east: np.ndarray, north: np.ndarray, leave: np.ndarray
) -> None:
    found = made(east, north, leave)
    assert (np.diff(found.time) >= 0).all()
    assert (found.time[:, 0] == 0).all()
    assert (found.time[:, -1] == DAY).all()
    ways = legs(found)
    arrived = ways.end < DAY
    assert (ways.distance[arrived] <= 20 * (ways.end - ways.start)[arrived]).all()


@settings(max_examples=50, deadline=None)
@given(PLACES, PLACES, LEAVES)
def test_the_grid_agrees_with_the_places_at_its_instants(
    east: np.ndarray, north: np.ndarray, leave: np.ndarray
) -> None:
    found = made(east, north, leave)
    points = grid(found, 300.0, 288)
    person = np.repeat(np.arange(5), 288)
    time = np.tile(points.time, 5)
    wanted = np.stack(found.at(person, time))
    given_node = np.stack(found.between(points.node.ravel().astype(np.int64), time))
    np.testing.assert_allclose(given_node, wanted, atol=1e-6)
    still = ~points.moving.ravel()
    places = np.stack([east.ravel(), north.ravel()])[:, points.hexagon.ravel()[still]]
    np.testing.assert_allclose(wanted[:, still], places, atol=1e-6)


def test_who_arrives_late_leaves_at_once() -> None:
    found = paths(
        np.array([[0.0, 6_500, 0]]), np.zeros((1, 3)), np.zeros((1, 3), np.int64), np.array([[100.0, 200, np.inf]]), DAY
    )
    np.testing.assert_allclose(found.time, [[0, 100, 1_190, 1_190, 2_280, DAY]])


def test_a_place_that_is_not_left_is_no_way() -> None:
    still = np.zeros((1, 3))
    found = paths(still, still, np.zeros((1, 3), np.int64), np.array([[100.0, 200, np.inf]]), DAY)
    assert len(legs(found).person) == 0
