import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.crowd import Crowd, crowds
from anonymization.policy import Policy
from tests.anonymization.test_feasibility import all_counts

USUAL = Policy(20, 0.8, 5, test=False)
BUILDINGS = {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b", "c1": "c"}

some_counts = st.dictionaries(st.sampled_from(sorted(BUILDINGS)), st.integers(0, 60))
policies = st.builds(
    lambda k, base: Policy(k, 0.8, base, test=False), st.integers(11, 30), st.sampled_from([0, 1, 5, 10])
)


def printed(policy: Policy = USUAL, **counts: int) -> dict[str, int]:
    return {"+".join(crowd.places): crowd.at_least for crowd in crowds(counts, BUILDINGS, policy)}


@pytest.mark.parametrize(("count", "expected"), [(19, {}), (20, {"a1": 20}), (21, {"a1": 20})])
def test_a_place_is_printed_from_k_devices_on(count: int, expected: dict[str, int]) -> None:
    assert printed(a1=count) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(19, {"a1+a2": 115, "b1": 100}), (20, {"a1": 20, "a2": 95, "b1": 100}), (21, {"a1": 20, "a2": 95, "b1": 100})],
)
def test_a_place_below_k_is_pooled_with_a_sibling_and_the_sibling_is_not_printed(
    count: int, expected: dict[str, int]
) -> None:
    assert printed(a1=count, a2=99, b1=100) == expected


def test_of_three_places_the_small_one_is_pooled_with_the_first_large_one_until_the_pool_holds_2k_less_1() -> None:
    assert printed(a1=5, a2=50, a3=60) == {"a1+a2": 55, "a3": 60}
    assert printed(a1=5, a2=33, a3=60) == {"a1+a2+a3": 95}
    assert printed(a1=5, a2=34, a3=60) == {"a1+a2": 35, "a3": 60}


def test_a_building_below_k_is_pooled_with_another_building() -> None:
    assert printed(a1=4, a2=5, b1=50, b2=40, c1=70) == {"a1+a2+b1+b2": 95, "c1": 70}


@pytest.mark.parametrize(
    ("count", "base", "expected"), [(24, 5, 20), (25, 5, 25), (26, 5, 25), (26, 0, 26), (26, 1, 26)]
)
def test_figures_are_rounded_down_to_the_base(count: int, base: int, expected: int) -> None:
    assert printed(Policy(20, 0.8, base, test=False), a1=count) == {"a1": expected}


def test_a_figure_is_of_k_devices_where_the_base_does_not_divide_k() -> None:
    assert printed(Policy(11, 0.8, 5, test=False), a1=11) == {"a1": 10}
    assert printed(Policy(11, 0.8, 5, test=False), a1=10) == {}


def test_nothing_is_printed_of_nobody_and_a_negative_count_is_no_count() -> None:
    assert crowds({}, BUILDINGS, USUAL) == ()
    with pytest.raises(ValueError, match="negative"):
        crowds({"a1": -1}, BUILDINGS, USUAL)


@given(some_counts, policies)
def test_every_printed_figure_is_of_at_least_k_raw_devices(counts: dict[str, int], policy: Policy) -> None:
    for crowd in crowds(counts, BUILDINGS, policy):
        raw = sum(counts[place] for place in crowd.places)
        assert raw >= policy.k
        assert raw - max(policy.rounding, 1) < crowd.at_least <= raw
        assert crowd.at_least >= policy.printed_minimum


@given(some_counts, policies)
def test_every_place_is_in_one_crowd_or_nothing_is_printed(counts: dict[str, int], policy: Policy) -> None:
    found = [place for crowd in crowds(counts, BUILDINGS, policy) for place in crowd.places]

    assert sorted(found) == (sorted(counts) if sum(counts.values()) >= policy.k else [])


def rank(rows: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(rows)) if rows.size else 0


@given(some_counts, policies)
def test_no_sum_or_difference_of_figures_is_of_fewer_than_k(counts: dict[str, int], policy: Policy) -> None:
    found = crowds(counts, BUILDINGS, policy)
    places = sorted(counts)
    rows = np.array([[place in crowd.places for place in places] for crowd in found], np.int64).reshape(
        len(found), len(places)
    )

    # Crowds share no place: all that follows from their sums linearly are unions of them. A place below k is in none
    # of them alone, so that its unit vector is no combination of the rows.
    assert (rows.sum(axis=0) <= 1).all()
    for at, place in enumerate(places):
        if counts[place] < policy.k:
            unit = np.zeros((1, len(places)), np.int64)
            unit[0, at] = 1
            assert rank(np.vstack([rows, unit])) == rank(rows) + 1


@given(some_counts, st.randoms())
def test_the_order_in_which_places_are_given_changes_nothing(counts: dict[str, int], chance) -> None:
    mixed = list(counts.items())
    chance.shuffle(mixed)

    assert crowds(dict(mixed), BUILDINGS, USUAL) == crowds(counts, BUILDINGS, USUAL)


@pytest.mark.parametrize("names", [("a1", "a2", "a3"), ("a1", "a2", "a3", "b1"), ("a1", "b1", "b2", "c1")])
def test_a_place_below_k_can_have_held_anything_below_k(names: tuple[str, ...]) -> None:
    # Exhaustive: all counts up to a sum. Counts that print the same have the same sum, or nothing is printed of them.
    policy = Policy(3, 0.8, 0, test=True)
    explained: dict[tuple[Crowd, ...], list[list[int]]] = {}
    for counts in all_counts(len(names), 12).tolist():
        found = crowds(dict(zip(names, counts, strict=True)), BUILDINGS, policy)
        explained.setdefault(found, []).append(counts)
    small = [
        {value for value in values if value < policy.k}
        for cases in explained.values()
        for values in zip(*cases, strict=True)
    ]
    assert set(map(frozenset, small)) == {frozenset(), frozenset({0, 1, 2})}
