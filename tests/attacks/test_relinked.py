"""Pasts and futures of traces that are exchanged: counts stay, and people come back to their places."""

import numpy as np
import numpy.typing as npt
import pytest

from pipelines.attacks.people.relinked import relinked

Ints = npt.NDArray[np.int64]
LINE = np.stack([np.arange(9.0), np.zeros(9)], axis=1)
"""Nine hexagons, a kilometre from each to the next."""


def linked(*traces: str) -> list[str]:
    """Traces as texts of hexagons, a figure for each slot, `.` for outside; each hexagon is a part by itself."""
    hexagon = np.array([[-1 if sign == "." else int(sign) for sign in trace] for trace in traces])
    part = np.where(hexagon >= 0, hexagon + 9 * np.arange(hexagon.shape[1]), -1)
    found = relinked(part, hexagon, LINE)
    signs = np.where(found >= 0, found % 9, -1)
    return sorted("".join("." if sign < 0 else str(sign) for sign in row) for row in signs.tolist())


def test_of_two_that_meet_each_goes_back_to_where_it_came_from() -> None:
    assert linked("1114455", "5554411") == ["1114411", "5554455"]


def test_of_two_that_move_at_once_each_goes_to_its_own_place() -> None:
    assert linked("3334366", "6665633") == ["3334333", "6665666"]


def test_nobody_goes_far_for_a_place_that_nobody_knows() -> None:
    assert linked("0007", "8881") == ["0001", "8887"]


def test_whoever_was_outside_comes_back_to_its_place() -> None:
    assert linked("22.55", "55.22") == ["22.22", "55.55"]


def test_traces_that_repeat_stay_as_they_are() -> None:
    assert linked("1121", "4454", "....") == ["....", "1121", "4454"]


@pytest.mark.parametrize("seed", range(3))
def test_an_exchange_leaves_every_count_as_it_is(seed: int) -> None:
    hexagon = np.random.default_rng(seed).integers(-1, 9, (40, 12))
    part = np.where(hexagon >= 0, hexagon + 9 * np.arange(12), -1)
    found = relinked(part, hexagon, LINE)
    assert np.sort(found, axis=0).tolist() == np.sort(part, axis=0).tolist()
    assert not np.array_equal(found, part)
