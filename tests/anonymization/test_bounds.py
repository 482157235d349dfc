"""Bounds by linear programmes, against closed forms and against trying all whole numbers."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.bounds import System, crossed, intervals, narrowest, nested, pooled

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
K = 20


def ints(*values: int) -> Ints:
    return np.array(values, np.int64)


def every(*rows: int) -> Bools:
    return np.ones(rows, np.bool_)


def cells(*rows: int) -> Ints:
    return np.argwhere(every(*rows))


def frechet(margins: Sequence[Ints]) -> Ints:
    """The closed form for a table of which only one-way margins are known (M. Fréchet, 1940)."""
    total = int(margins[0].sum())
    crosses = np.array(list(product(*(margin.tolist() for margin in margins))))
    least = np.maximum(0, crosses.sum(axis=1) - (len(margins) - 1) * total)
    return np.stack([least, crosses.min(axis=1)], axis=1)


def split_of(data: st.DataObject, total: int, least: int) -> Ints:
    """At least two rows of at least `least` that sum to a total."""
    rows = data.draw(st.integers(2, max(2, min(4, total // least))))
    spare = total - rows * least
    edges = sorted(data.draw(st.lists(st.integers(0, spare), min_size=rows - 1, max_size=rows - 1)))
    return np.diff(np.array([0, *edges, spare])) + least


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(2, 3), st.integers(2 * K, 300))
def test_bounds_of_crosses_are_those_of_the_closed_form(data: st.DataObject, attributes: int, total: int) -> None:
    margins = [split_of(data, total, K) for _ in range(attributes)]
    rows = tuple(margin.size for margin in margins)
    found = intervals(crossed(margins, every(*rows), cells(*rows), K))
    assert np.array_equal(found, frechet(margins))


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(2, 3), st.integers(2 * K, 300))
def test_a_cross_of_classes_of_k_keeps_an_interval_of_k(data: st.DataObject, attributes: int, total: int) -> None:
    # The proof of the design: with every class >= k and at least two.
    margins = [split_of(data, total, K) for _ in range(attributes)]
    rows = tuple(margin.size for margin in margins)
    found = narrowest(crossed(margins, every(*rows), cells(*rows), K), K)
    assert found.width is not None
    assert found.width >= K
    assert not found.told


@pytest.mark.parametrize(("least", "told"), [(19, True), (20, False), (21, False)], ids=["k-1", "k", "k+1"])
def test_a_class_below_k_makes_a_cross_too_narrow(least: int, told: bool) -> None:
    margins = [ints(least, 100), ints(60, 40 + least)]
    system = crossed(margins, every(2, 2), cells(2, 2), 1)
    assert narrowest(system, K).told is told


def test_a_cross_that_is_a_published_row_is_exact_and_tells_nothing_new() -> None:
    # Foreign devices are one row by age, and two by category; domestic ones have one category.
    margins = [ints(30, 40, 60), ints(70, 25, 35)]
    allowed = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1]], np.bool_)
    system = crossed(margins, allowed, np.argwhere(allowed), K)
    assert intervals(system).tolist() == [[30, 30], [40, 40], [25, 25], [35, 35]]
    assert narrowest(system, K).width is None
    assert not narrowest(system, K).told


def test_rounding_widens_an_interval_and_k_bounds_it() -> None:
    margins = [ints(20, 80), ints(50, 50)]
    found = intervals(crossed(margins, every(2, 2), ints(0, 0).reshape(1, 2), K, 4))
    # 20 can have been 20 to 24, as k is public.
    assert found.tolist() == [[0, 24]]


@pytest.mark.parametrize(("left", "told"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_a_class_of_a_nested_zone_leaves_nobody_or_at_least_k(left: int, told: bool) -> None:
    system = nested(ints(30, 40), ints(30 + left, 90), np.eye(2, dtype=np.bool_), K, ints(0, 0, 0, 0))
    found = narrowest(system, K)
    assert intervals(system)[0].tolist() == [left, left]
    assert found.told is told
    assert found.exact is told


@pytest.mark.parametrize(("left", "told"), [(-8, False), (8, False), (9, True), (11, True), (12, False)])
def test_rounded_classes_tell_where_no_rounding_explains_them(left: int, told: bool) -> None:
    slack = ints(4, 4, 4, 4)
    system = nested(ints(30, 40), ints(30 + left, 90), np.eye(2, dtype=np.bool_), K, slack)
    assert narrowest(system, K).told is told


def test_tails_bind_by_inequalities_only() -> None:
    # 50 stayed long inside; 60 and 40 long and longest around: 50 were not inside, 10 at least of the first.
    allowed = np.array([[1, 1]], np.bool_)
    system = nested(ints(50), ints(60, 40), allowed, K, ints(0, 0, 0))
    assert intervals(system).tolist() == [[10, 50], [0, 40]]
    assert narrowest(system, K).width == 40


def test_a_system_that_nothing_explains_is_an_error() -> None:
    system = nested(ints(50), ints(30), every(1, 1), K, ints(0, 0))
    with pytest.raises(ValueError, match="expected cells that explain what is published"):
        intervals(system)


@pytest.mark.parametrize(("inside", "told"), [(0, False), (25, False), (26, True), (44, True), (45, False)])
def test_the_zones_of_a_pool_are_bounded_by_what_lies_inside_them(inside: int, told: bool) -> None:
    # Of 45 distinct devices of three zones, 45 less those inside may have missed the zone.
    system = pooled(45, ints(0, inside, 0), K)
    assert intervals(system).tolist() == [[0, 45], [0, 45 - inside], [0, 45]]
    assert narrowest(system, K).told is told


def test_a_pool_alone_tells_nothing_of_its_zones() -> None:
    assert narrowest(pooled(39, ints(0, 0), K), K).width == 39


def by_trying(system: System, most: int) -> list[list[int]]:
    """The least and the most of each asked sum over all cells up to a number that explain what is published."""
    values = np.indices((most + 1,) * system.sums.shape[1]).reshape(system.sums.shape[1], -1)
    known = system.sums @ values
    explains = ((known >= system.least[:, None]) & (known <= system.most[:, None])).all(axis=0)
    found = (system.asked @ values[:, explains]).astype(np.int64)
    return np.stack([found.min(axis=1), found.max(axis=1)], axis=1).tolist()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_bounds_are_those_of_all_whole_numbers(data: st.DataObject) -> None:
    # Small enough to try them all: the polytopes have whole corners, so that the programme loses nothing.
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=4, max_size=4))).reshape(2, 2) | np.eye(2, dtype=bool)
    cross = np.array([[data.draw(st.integers(0, 2)) for _ in range(2)] for _ in range(2)]) * allowed
    rest = np.array([data.draw(st.integers(0, 2)) for _ in range(2)])
    slack = ints(*data.draw(st.lists(st.integers(0, 1), min_size=4, max_size=4)))
    system = nested(cross.sum(axis=1), cross.sum(axis=0) + rest, allowed, 0, slack)
    assert intervals(system).tolist() == by_trying(system, 7)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_bounds_of_pools_are_those_of_all_whole_numbers(data: st.DataObject) -> None:
    pool = data.draw(st.integers(1, 6))
    inside = ints(*data.draw(st.lists(st.integers(0, pool), min_size=2, max_size=2)))
    system = pooled(pool, inside, 0, data.draw(st.integers(0, 1)))
    assert intervals(system).tolist() == by_trying(system, 8)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    intervals(crossed([ints(30, 50), ints(40, 40)], every(2, 2), cells(2, 2), K))
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
