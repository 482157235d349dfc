from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.nested import Pairs
from anonymization.nested_flows import FlowSet, without_isolating_flows
from tests.anonymization.territories import SEVENS, below, build, zone
from tests.anonymization.test_flows import brief, parts_of, published, trips

# Two communes, each with two venues: V and W in A, X and Y in B.
AREA = build(
    SEVENS,
    zone("A", SEVENS[:1], size=5),
    zone("B", SEVENS[1:2], size=6),
    zone("V", [below(SEVENS[0], 0)], parent=0, kind="venue"),
    zone("W", [below(SEVENS[0], 1)], parent=0, kind="venue"),
    zone("X", [below(SEVENS[1], 0)], parent=1, kind="venue"),
    zone("Y", [below(SEVENS[1], 1)], parent=1, kind="venue"),
)


def moved(left: int, inside: int = 30) -> dict[tuple[str, str], int]:
    """`inside` devices go from venue V to X, and so from A to B; `left` more go from A to B elsewhere."""
    moves = trips(0, inside, "V", "X") + trips(0, inside + left, "A", "B")
    return brief(published(moves, area=AREA, parts=parts_of(AREA)))


@pytest.mark.parametrize(("left", "shown"), [(0, True), (1, False), (19, False), (20, True), (21, True)])
def test_a_flow_inside_another_is_printed_where_none_or_at_least_k_of_that_are_not_in_it(
    left: int, shown: bool
) -> None:
    found = moved(left)
    assert found[("A", "B")] == 30 + left
    assert (found.get(("V", "X")) == 30) is shown


def test_a_flow_within_one_outer_zone_is_in_no_flow_of_the_outer_layer() -> None:
    found = brief(published(trips(0, 30, "V", "W") + trips(0, 35, "A", "B"), area=AREA, parts=parts_of(AREA)))
    assert found == {("V", "W"): 30, ("A", "B"): 35}


def test_a_pool_of_destinations_of_which_one_is_not_around_is_not_compared() -> None:
    moves = trips(0, 15, "V", "X") + trips(20, 15, "V", "W") + trips(0, 34, "A", "B")
    found = brief(published(moves, area=AREA, parts=parts_of(AREA)))
    assert found[("A", "B")] == 34
    assert [ends for ends in found if ends[0] == "V"] == [("V", "W|X|Y")]


AROUND = {3: 0, 4: 0, 5: 1, 6: 2}
"""Four inner parts, and the outer part around each."""
TURNS = [Pairs(np.array(list(AROUND)), np.array(list(AROUND.values())))]
trip = st.tuples(st.sampled_from(sorted(AROUND)), st.sampled_from(sorted(AROUND)), st.integers(20, 60))


def around(inner: FlowSet) -> FlowSet:
    (origin,), (end,) = inner.origins, inner.destinations or ()
    return FlowSet(inner.hour, (AROUND[origin],), (AROUND[end],))


def kept(sizes: dict[FlowSet, int]) -> Sequence[FlowSet]:
    return without_isolating_flows(list(sizes), list(sizes.values()), TURNS, 20)


@given(st.lists(trip, max_size=8, unique_by=lambda each: each[:2]), st.integers(0, 60))
def test_what_is_left_of_an_outer_flow_is_nobody_or_at_least_k(rows: list[tuple[int, int, int]], more: int) -> None:
    inner = {FlowSet(8, (origin,), (end,)): size for origin, end, size in rows if origin != end}
    outer = {FlowSet(8, (origin,), (end,)): more for origin in range(3) for end in range(3) if origin != end}
    for each, size in inner.items():
        if around(each) in outer:
            outer[around(each)] = max(outer[around(each)], size + more)
    found = kept(outer | inner)
    assert set(outer) <= set(found)
    for each, size in inner.items():
        left = outer.get(around(each), size) - size
        assert (each in found) == (left == 0 or left >= 20)


def test_a_flow_of_another_hour_is_not_around() -> None:
    inner, outer = FlowSet(8, (3,), (5,)), FlowSet(9, (0,), (1,))
    assert kept({outer: 35, inner: 30}) == [outer, inner]


def test_a_pool_of_origins_around_that_goes_anywhere_is_around() -> None:
    inner, outer = FlowSet(8, (3,), (5,)), FlowSet(8, (0, 2), None)
    assert kept({outer: 35, inner: 30}) == [outer]
    assert kept({outer: 50, inner: 30}) == [outer, inner]


def test_a_flow_within_one_outer_part_is_not_among_those_that_leave_it() -> None:
    inner, outer = FlowSet(8, (3,), (4,)), FlowSet(8, (0,), None)
    assert kept({outer: 35, inner: 30}) == [outer, inner]
