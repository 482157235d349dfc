"""T4: what is left of small places for who knows the rule: all counts tried, and what explains a pool counted."""

from collections.abc import Sequence

import numpy as np
import pytest
from rich.console import Console

from anonymization.classes import AGE
from anonymization.policy import Policy
from anonymization.tree import Tree
from anonymization.zone_days import zone_parts
from pipelines.arrays import Ints
from pipelines.attacks.battery import attack
from pipelines.attacks.finding import HELD
from pipelines.attacks.solving.cuts import Cut, Cutting, in_public_order, reordered, smallest_first
from pipelines.attacks.solving.minimality import MINIMALITY
from pipelines.attacks.solving.pools import Rule, pooled_in, values_left
from pipelines.attacks.solving.small_classes import told_by_split
from pipelines.attacks.solving.small_crowds import Stopping, kinds, published, told_by_places
from pipelines.attacks.solving.small_trees import all_counts, largest_sum, subtrees, synthetic, told_by, told_of
from pipelines.attacks.target import Target
from pipelines.progress import Progress
from tests.anonymization.territories import SEVENS, below, zone
from tests.anonymization.territories import build as build_territory
from tests.anonymization.trees import LEAF, Nested, build, by_definition, family
from tests.anonymization.trees import Cut as Definition

SHAPES: list[Nested] = [family(3), family(4), (family(2),) * 3, (family(3), LEAF, family(2))]
RULES: list[tuple[Cutting, bool]] = [(in_public_order, False), (smallest_first, True)]


# Cuts.


def parts(cut: Cut, window: int) -> set[tuple[frozenset[int], int]]:
    """The leaves and devices of each part of a window."""
    own = cut.part[:, window]
    return {
        (frozenset(np.flatnonzero(own == part).tolist()), int(cut.devices[part])) for part in np.unique(own[own >= 0])
    }


@pytest.mark.parametrize(("cut", "by_count"), RULES, ids=["public order", "smallest first"])
@pytest.mark.parametrize("nested", SHAPES)
def test_cuts_are_what_their_rules_say(nested: Nested, cut: Cutting, *, by_count: bool) -> None:
    tree = build(nested)
    counts = np.random.default_rng(3).integers(0, 7, (tree.leaves, 60))
    for target in (3, 5):
        found = cut(tree, counts, 3, target, hide_empty=True)
        for window in range(counts.shape[1]):
            rule = Definition(3, target, smallest_first=by_count)
            assert parts(found, window) == set(by_definition(tree, counts[:, window].tolist(), rule))


def test_a_tree_in_another_order_has_the_same_places() -> None:
    tree = build((family(2), LEAF))
    other = reordered(tree, np.arange(tree.size)[::-1].copy())
    assert sorted(tree.leaves_below(0).tolist()) == sorted(other.leaves_below(0).tolist())
    assert other.leaf[1] == tree.leaf[2]


# Small trees.


def test_all_counts_up_to_a_sum_are_there() -> None:
    assert all_counts(2, 2).T.tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [2, 0]]
    for places, cases in ((3, 100), (6, 5000)):
        most = largest_sum(places, cases)
        assert all_counts(places, most).shape[1] <= cases < all_counts(places, most + 1).shape[1]


@pytest.mark.parametrize("hide_empty", [True, False])
@pytest.mark.parametrize(("k", "target", "narrow"), [(3, 3, True), (3, 4, True), (3, 5, False), (3, 6, False)])
def test_pools_hide_every_small_number_from_2k_less_1_on(
    k: int, target: int, *, narrow: bool, hide_empty: bool
) -> None:
    told = told_by(build(family(3)), in_public_order, k, target, hide_empty=hide_empty)
    assert (told.narrow > 0) == narrow
    assert told.children > 0


@pytest.mark.parametrize("tree", synthetic(), ids=lambda tree: f"{tree.leaves} leaves")
def test_absorbing_the_smallest_first_excludes_values_in_every_tree_of_families_of_three(tree: Tree) -> None:
    widest = max(int(level.starts.size and np.bincount(level.family).max()) for level in tree.levels)
    told = told_by(tree, smallest_first, 3, 3, hide_empty=True)
    assert (told.narrow > 0) == (widest > 2)


def test_what_outcomes_exclude_is_counted() -> None:
    seen, values = np.array([0, 0, 1, 1, 2]), np.array([[0, 1, 2, 0, 5]])
    # Of the first two outcomes one value of three is missing; in the third the place is no small one.
    told = told_of(seen, values, 3, least=0)
    assert (told.children, told.narrow, told.excluded) == (2, 2, 1)
    assert told_of(seen, values, 2, least=0).narrow == 1


def test_subtrees_keep_the_order_and_what_is_always_pooled() -> None:
    tree = build((LEAF, family(3), LEAF), [False, False, True])
    shapes = {(tuple(each.parent.tolist()), tuple(each.always_pooled.tolist())) for each in subtrees(tree)}
    no, yes = False, True
    assert shapes == {
        ((-1, 0, 0, 0), (no, no, no, yes)),
        ((-1, 0, 0, 0), (no, no, no, no)),
        ((-1, 0, 0, 0, 2, 2, 2), (no, no, no, yes, no, no, no)),
    }


# Classes.


def test_the_split_of_ages_tells_nothing_and_a_collapse_judged_inside_pools_does() -> None:
    policy = Policy(3, 0.8, 5, test=True)
    assert told_by_split(AGE, policy, 20_000).narrow == 0
    assert told_by_split(AGE, policy, 20_000, inside_pools=True).narrow > 0


# Pools.


def by_trying(counts: Ints, cut: Cut, k: int) -> list[list[int]]:
    """For each window of a family the values below k that the members of its pool have where the same is published."""
    found: dict[frozenset[tuple[frozenset[int], int]], list[int]] = {}
    windows = [frozenset(parts(cut, window)) for window in range(counts.shape[1])]
    for window, seen in enumerate(windows):
        found.setdefault(seen, []).append(window)
    left = []
    for seen in windows:
        pool = [leaf for area, _ in seen if len(area) > 1 for leaf in area]
        values = (np.unique(counts[leaf, found[seen]]) for leaf in sorted(pool))
        left.append([int((each < k).sum()) for each in values])
    return left


@pytest.mark.parametrize("children", [2, 3, 4])
@pytest.mark.parametrize(("k", "target"), [(2, 2), (2, 3), (3, 3), (3, 4), (3, 5), (4, 7)])
def test_what_is_counted_of_a_pool_is_what_all_counts_show(children: int, k: int, target: int) -> None:
    tree = build(family(children))
    counts = all_counts(children, largest_sum(children, 700))
    cut = in_public_order(tree, counts, k, target, hide_empty=True)
    expected = by_trying(counts, cut, k)
    for window, left in enumerate(expected):
        one = Cut(cut.part[:, [window]], cut.devices)
        assert values_left(pooled_in(tree, one), Rule(k, target)).tolist() == left


def window(tree: Tree, counts: list[int], cut: Cutting, k: int, target: int) -> Cut:
    return cut(tree, np.array(counts)[:, None], k, target, hide_empty=True)


def test_smallest_first_reveals_the_known_example() -> None:
    # privacy.md, experiment G: a pool of 7 beside 4 at k = 4: what was absorbed must be 4, so that the small one is 3.
    tree = build(family(3))
    cut = window(tree, [3, 4, 4], smallest_first, 4, 4)
    assert parts(cut, 0) == {(frozenset({0, 1}), 7), (frozenset({2}), 4)}
    assert values_left(pooled_in(tree, cut, by_count=True), Rule(4, 4, by_count=True)).tolist() == [1, 1]
    assert values_left(pooled_in(tree, cut), Rule(4, 4)).tolist() == [4, 4]


def test_places_behind_one_that_stands_alone_cannot_have_been_absorbed() -> None:
    tree = build(family(4))
    cut = window(tree, [50, 60, 3, 0], in_public_order, 20, 39)
    assert parts(cut, 0) == {(frozenset({0, 2, 3}), 53), (frozenset({1}), 60)}
    # The first one holds 20 or more for sure; of the others all values are left.
    assert values_left(pooled_in(tree, cut), Rule(20, 39)).tolist() == [0, 20, 20]


def test_a_pool_of_a_whole_family_is_seen_below_only_children() -> None:
    tree = build(((family(3),), LEAF))
    cut = window(tree, [40, 5, 5, 12], in_public_order, 20, 39)
    pooled = pooled_in(tree, cut)
    assert (pooled.pools, pooled.total.tolist(), pooled.members.tolist()) == (1, [22] * 3, [3] * 3)


def test_a_place_that_is_always_pooled_may_hold_anything() -> None:
    tree = build(family(3), [True, False, False])
    cut = window(tree, [70, 30, 30], in_public_order, 20, 39)
    assert parts(cut, 0) == {(frozenset({0, 1}), 100), (frozenset({2}), 30)}
    assert values_left(pooled_in(tree, cut), Rule(20, 39)).tolist() == [20, 0]


@pytest.mark.parametrize(("target", "least"), [(20, 1), (38, 19), (39, 20), (40, 20)])
def test_a_pool_leaves_one_value_more_for_each_device_that_it_goes_on_for(target: int, least: int) -> None:
    tree, part = build(family(3)), np.array([[0], [0], [1]])
    left = [
        values_left(pooled_in(tree, Cut(part, np.array([total, 25]))), Rule(20, target)).min()
        for total in range(target, 60)
    ]
    assert min(left) == least


# A release.


@pytest.mark.slow
def test_the_release_holds_and_every_weak_one_is_broken(small_target: Target) -> None:
    (finding,) = attack(small_target, Progress(Console(stderr=True), quiet=True), [MINIMALITY]).findings
    assert finding.outcome == HELD
    assert finding.found.tried["pooled places"] > 0
    assert not finding.unbroken


# Small crowds.


def merging(k: int, until: int) -> Stopping:
    return Stopping(k=k, max_share=0.8, rounding=5, test=True, until=until)


def test_what_is_published_of_a_crowd_is_what_the_product_publishes() -> None:
    k, policy, inside = 3, Policy(k=3, max_share=0.8, rounding=5, test=True), kinds(3)
    counts = np.random.default_rng(1).integers(0, 4, (len(inside), 200))
    area = build_territory(SEVENS, *(zone(f"m{at}", [below(SEVENS[at], 0)], kind="museum", size=at) for at in range(3)))
    found = published(inside, counts, merging(k, 2 * k - 1), in_public_order, 2 * k - 1, hide_empty=True)
    for crowd, pools in zip(counts.T, found, strict=True):

        def distinct(sets: Sequence[tuple[int, ...]], crowd: Ints = crowd) -> Ints:
            return np.array([crowd[inside[:, list(zones)].any(axis=1)].sum() for zones in sets], np.int64)

        parts = zone_parts(area, inside.T.astype(np.int64) @ crowd, distinct, policy)
        assert sorted((part.zones, part.devices) for part in parts) == sorted(pools)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("places", [2, 3])
@pytest.mark.parametrize("hide_empty", [True, False])
def test_pools_counted_on_distinct_devices_hide_every_small_number(k: int, places: int, *, hide_empty: bool) -> None:
    told = told_by_places(places, merging(k, 2 * k - 1), in_public_order, 2 * k - 1, hide_empty=hide_empty)
    assert told.narrow == 0
    assert told.children > 0


@pytest.mark.parametrize("k", [2, 3])
def test_pools_that_merge_on_until_k_alone_tell_small_numbers(k: int) -> None:
    assert told_by_places(3, merging(k, k), in_public_order, 2 * k - 1, hide_empty=True).narrow > 0


def test_crowds_of_places_that_are_absorbed_by_size_tell_small_numbers() -> None:
    assert told_by_places(3, merging(3, 3), smallest_first, 3, hide_empty=True).narrow > 0
