from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization import partition as module
from anonymization.partition import Parts, leaf_parts, partition
from anonymization.tree import Tree, class_tree, tree_of
from tests.anonymization.trees import (
    LEAF,
    Cut,
    Nested,
    areas,
    build,
    by_definition,
    cut_windows,
    family,
    leaves,
    nested_trees,
    parts_of,
)

Windows = list[list[int]]


@st.composite
def cases(draw: st.DrawFn, *, always: bool = True, both: bool = True) -> tuple[Tree, Windows, Cut]:
    """A tree, the counts of some windows, and how to cut them: counts lie about the bounds of the rule."""
    k = draw(st.integers(1, 5))
    nested = draw(nested_trees)
    hide_empty = draw(st.booleans()) if both else True
    pooled = draw(st.lists(st.sampled_from([False, False, False, True]), max_size=20)) if always and hide_empty else []
    tree = build(nested, pooled)
    window = st.lists(st.integers(0, 2 * k + 1), min_size=tree.leaves, max_size=tree.leaves)
    return tree, draw(st.lists(window, min_size=1, max_size=3)), Cut(k, 2 * k - 1, hide_empty)


def arrays(parts: Parts) -> list[list[int]]:
    return [column.tolist() for column in (parts.window, parts.devices, parts.first, parts.node)]


@given(cases())
def test_the_parts_are_those_of_the_definition(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    for at, counts in enumerate(windows):
        found = areas(tree, parts, at)
        assert len(found) == len(set(found))
        assert set(found) == set(by_definition(tree, counts, cut))


@given(cases())
def test_every_part_holds_at_least_k(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    assert all(cut_windows(tree, windows, cut).devices >= cut.k)


@given(cases())
def test_parts_are_disjoint_and_hold_the_devices_of_their_leaves(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    for at, counts in enumerate(windows):
        found = areas(tree, parts, at)
        assert sum(len(area) for area, _ in found) == len(frozenset().union(*(area for area, _ in found)))
        assert all(devices == sum(counts[leaf] for leaf in area) for area, devices in found)


@given(cases())
def test_nobody_is_lost_unless_the_whole_is_below_k(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    for at, counts in enumerate(windows):
        published = sum(devices for _, devices in areas(tree, parts, at))
        assert published == (sum(counts) if sum(counts) >= cut.k else 0)


@given(cases(both=False))
def test_in_space_the_parts_cover_every_leaf(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    for at, counts in enumerate(windows):
        covered = frozenset().union(*(area for area, _ in areas(tree, parts, at)))
        assert covered == (set(range(tree.leaves)) if sum(counts) >= cut.k else set())


@given(cases(both=False))
def test_an_always_pooled_node_never_stands_alone(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    secret = {leaves(tree, int(node)) for node in np.flatnonzero(tree.always_pooled)} - {leaves(tree, 0)}
    parts = cut_windows(tree, windows, cut)
    for at in range(len(windows)):
        assert not secret & {area for area, _ in areas(tree, parts, at)}


@given(cases())
def test_the_part_of_a_leaf_is_the_one_whose_nodes_hold_it(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    for at in range(len(windows)):
        expected = np.full(tree.leaves, -1)
        for part in np.flatnonzero(parts.window == at).tolist():
            for node in parts.members(part):
                expected[list(leaves(tree, node))] = part
        assert leaf_parts(tree, parts, at).tolist() == expected.tolist()


@given(cases())
def test_parts_stand_by_window_and_from_left_to_right_and_so_do_their_nodes(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    starts = [[int(tree.leaf_start[node]) for node in parts.members(part)] for part in range(parts.window.size)]
    order = [(int(window), start[0]) for window, start in zip(parts.window, starts, strict=True)]
    assert order == sorted(set(order))
    assert all(start == sorted(set(start)) for start in starts)


@given(cases())
def test_the_nodes_of_a_part_are_siblings_and_never_all_of_them(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    for part in range(parts.window.size):
        members = parts.members(part)
        if len(members) > 1:
            [parent] = {int(tree.parent[node]) for node in members}
            assert len(members) < int((tree.parent == parent).sum())


@given(cases())
def test_the_shape_of_a_part_is_the_place_of_its_nodes(case: tuple[Tree, Windows, Cut]) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    shape, shapes = parts.shapes()
    assert [shapes[place] for place in shape] == [parts.members(part) for part in range(parts.window.size)]
    assert len(shapes) == len(set(shapes))


@given(cases(), st.integers(1, 40))
def test_parts_do_not_depend_on_how_many_windows_are_cut_in_one_go(case: tuple[Tree, Windows, Cut], cells: int) -> None:
    tree, windows, cut = case
    with mock.patch.object(module, "CELLS_AT_ONCE", cells):
        pieces = cut_windows(tree, windows, cut)
    assert arrays(pieces) == arrays(cut_windows(tree, windows, cut))


@given(cases(), st.randoms(use_true_random=False))
def test_parts_do_not_depend_on_the_order_of_the_leaves(
    case: tuple[Tree, Windows, Cut], random: "np.random.RandomState"
) -> None:
    tree, windows, cut = case
    places = list(range(tree.leaves))
    random.shuffle(places)
    leaf = np.where(tree.leaf >= 0, np.array(places, np.int32)[tree.leaf], -1).astype(np.int32)
    moved = [[counts[places.index(place)] for place in range(tree.leaves)] for counts in windows]
    shuffled = cut_windows(Tree(tree.parent, leaf, tree.always_pooled), moved, cut)
    assert arrays(shuffled) == arrays(cut_windows(tree, windows, cut))


@given(nested_trees, st.randoms(use_true_random=False))
def test_the_tree_does_not_depend_on_the_order_in_which_its_nodes_are_given(
    nested: Nested, random: "np.random.RandomState"
) -> None:
    tree = build(nested)
    places = list(range(1, tree.size))
    random.shuffle(places)
    order = np.array([0, *places])
    place = np.argsort(order)
    parent = np.append(-1, place[tree.parent[order[1:]]]).astype(np.int32)
    shuffled, nodes = tree_of(parent, tree.leaf[order], [order], tree.always_pooled[order])
    assert shuffled.parent.tolist() == tree.parent.tolist()
    assert shuffled.leaf.tolist() == tree.leaf.tolist()
    assert order[nodes].tolist() == list(range(tree.size))


@pytest.mark.parametrize(
    ("whole", "parts"), [(19, []), (20, [({0, 1}, 20)]), (21, [({0, 1}, 21)])], ids=["k-1", "k", "k+1"]
)
def test_a_whole_below_k_is_not_published(whole: int, parts: list[tuple[set[int], int]]) -> None:
    assert parts_of(family(2), [whole - 5, 5], 20) == parts


@pytest.mark.parametrize(
    ("small", "parts"),
    [(19, [({0, 1}, 119)]), (20, [({0}, 20), ({1}, 100)]), (21, [({0}, 21), ({1}, 100)])],
    ids=["k-1", "k", "k+1"],
)
def test_a_child_stands_alone_from_k_on(small: int, parts: list[tuple[set[int], int]]) -> None:
    assert parts_of(family(3), [small, 100, 50], 20) == [*parts, ({2}, 50)]


@pytest.mark.parametrize(
    ("pool", "parts"),
    [
        (38, [({0, 1, 2}, 68), ({3}, 40)]),
        (39, [({0, 1}, 39), ({2}, 30), ({3}, 40)]),
        (40, [({0, 1}, 40), ({2}, 30), ({3}, 40)]),
    ],
    ids=["2k-2", "2k-1", "2k"],
)
def test_a_pool_absorbs_until_it_holds_twice_k_less_one(pool: int, parts: list[tuple[set[int], int]]) -> None:
    assert parts_of(family(4), [5, pool - 5, 30, 40], 20) == parts


@pytest.mark.parametrize("small", [19, 0])
def test_a_pool_absorbs_one_big_child_whatever_it_holds(small: int) -> None:
    counts = [small, 19, 19, 19, 20, 60]
    assert parts_of(family(6), counts, 20) == [({0, 1, 2, 3, 4}, small + 77), ({5}, 60)]


def test_the_public_order_and_not_the_size_says_what_is_absorbed() -> None:
    assert parts_of(family(4), [900, 20, 5, 21], 20) == [({0, 2}, 905), ({1}, 20), ({3}, 21)]


def test_in_space_an_empty_child_is_pooled_like_a_lonely_one() -> None:
    assert parts_of(family(3), [0, 50, 60], 20) == [({0, 1}, 50), ({2}, 60)]
    assert parts_of(family(3), [1, 50, 60], 20) == [({0, 1}, 51), ({2}, 60)]


def test_an_empty_class_is_no_class_but_joins_the_name_of_a_pool_beside_it() -> None:
    assert parts_of(family(3), [0, 50, 60], 20, hide_empty=False) == [({1}, 50), ({2}, 60)]
    assert parts_of(family(4), [0, 50, 60, 3], 20, hide_empty=False) == [({0, 1, 3}, 53), ({2}, 60)]


def test_where_all_siblings_pool_their_parent_is_the_part() -> None:
    tree = build((family(2), LEAF))
    parts = cut_windows(tree, [[100, 19, 19]], Cut(20, 39))
    assert [parts.members(part) for part in range(2)] == [(1,), (2,)]
    assert parts.devices.tolist() == [38, 100]


def test_below_a_pooled_child_nothing_is_published() -> None:
    assert parts_of((family(2), family(2), LEAF), [60, 3, 2, 30, 30], 20) == [({1, 2, 3, 4}, 65), ({0}, 60)]


def test_an_always_pooled_child_is_pooled_at_any_count_and_absorbs_another() -> None:
    tree = build(family(3), [False, True, False])
    parts = cut_windows(tree, [[50, 900, 60], [5, 900, 60], [0, 900, 0]], Cut(20, 39))
    assert [areas(tree, parts, at) for at in range(3)] == [
        [(frozenset({0, 1}), 950), (frozenset({2}), 60)],
        [(frozenset({0, 1, 2}), 965)],
        [(frozenset({0, 1, 2}), 900)],
    ]


def test_a_node_whose_only_child_is_always_pooled_is_so_too() -> None:
    tree = build(((LEAF,), LEAF, LEAF), [False, False, False, True])
    assert tree.always_pooled.tolist() == [False, True, False, False, True]


@pytest.mark.parametrize("hide_empty", [True, False])
def test_no_window_has_no_part(hide_empty: bool) -> None:
    tree = build(family(3))
    parts = partition(tree, np.zeros((3, 0), np.int64), 20, 39, hide_empty=hide_empty)
    assert arrays(parts) == [[], [], [0], []]
    assert parts.shapes()[1] == []


def test_windows_without_people_stand_between_others() -> None:
    tree = build(family(2))
    parts = cut_windows(tree, [[0, 0], [30, 40], [0, 5], [50, 1]], Cut(20, 39))
    assert parts.window.tolist() == [1, 1, 3]
    assert leaf_parts(tree, parts, 2).tolist() == [-1, -1]
    assert leaf_parts(tree, parts, 3).tolist() == [2, 2]


def test_the_counts_given_stay_as_they_were() -> None:
    tree, counts = build(family(3)), np.array([[3], [50], [60]], np.int64)
    partition(tree, counts, 20, 39, hide_empty=False)
    assert counts[:, 0].tolist() == [3, 50, 60]


def test_a_tree_of_classes_keeps_the_written_order() -> None:
    tree = class_tree((("a", "c"), "b"), ("a", "b", "c"))
    assert tree.parent.tolist() == [-1, 0, 0, 1, 1]
    assert tree.leaf.tolist() == [-1, -1, 1, 0, 2]
    assert tree.leaf_order.tolist() == [0, 2, 1]


@given(cases(), st.integers(1, 40))
def test_any_numbers_of_the_leaves_add_up_over_parts(case: tuple[Tree, Windows, Cut], cells: int) -> None:
    tree, windows, cut = case
    parts = cut_windows(tree, windows, cut)
    values = np.array(windows, np.int64).T.copy() * np.arange(1, tree.leaves + 1)[:, None]
    with mock.patch.object(module, "CELLS_AT_ONCE", cells):
        sums = parts.sums(tree, values)
    for part, total in enumerate(sums.tolist()):
        inside = sorted(leaf for node in parts.members(part) for leaf in leaves(tree, node))
        assert total == values[inside, parts.window[part]].sum()
