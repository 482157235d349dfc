"""What an attacker can work out who knows the rule, the public order and everything that is published.

Exhaustive: all counts up to a sum. Counts that publish the same have the same sum, so that every set of counts that
explains a publication is among them.
"""

from collections.abc import Callable, Sequence
from itertools import combinations, combinations_with_replacement

import numpy as np
import numpy.typing as npt
import pytest

from anonymization.classes import Classes, split_by_class
from anonymization.policy import Policy
from anonymization.tally import Tally
from anonymization.tree import Tree, class_tree
from tests.anonymization.trees import LEAF, Cut, Nested, build, by_definition, cut_windows, family

Ints = npt.NDArray[np.int64]
Publish = Callable[[Tree, Ints, Cut], Ints]
"""int64[cases, leaves] to int64[cases, columns]: rows are equal where what is published is."""


def all_counts(places: int, largest_sum: int) -> Ints:
    """int64[cases, places]: all counts up to a sum, by stars and bars."""
    bars = np.array(list(combinations(range(largest_sum + places), places)), np.int64)
    edges = np.concatenate([np.full((len(bars), 1), -1), bars], axis=1)
    return np.diff(edges, axis=1) - 1


def published(tree: Tree, counts: Ints, cut: Cut) -> Ints:
    """For each node the part that it is a member of, as its first node and its devices, or -1."""
    parts = cut_windows(tree, counts.tolist(), cut)
    sizes = np.diff(parts.first)
    seen = np.full((len(counts), tree.size), -1, np.int64)
    seen[np.repeat(parts.window, sizes), parts.node] = np.repeat(
        parts.node[parts.first[:-1]] * 1000 + parts.devices, sizes
    )
    return seen


def published_smallest_first(tree: Tree, counts: Ints, cut: Cut) -> Ints:
    """The same for a rule that absorbs the smallest sibling first, by its definition: a number for each publication."""
    unsafe = Cut(cut.k, cut.target, cut.hide_empty, smallest_first=True)
    found = [frozenset(by_definition(tree, row, unsafe)) for row in counts.tolist()]
    numbers = {parts: number for number, parts in enumerate(dict.fromkeys(found))}
    return np.array([[numbers[parts]] for parts in found])


def revealed(seen: Ints, values: Ints, wanted: Sequence[int]) -> Ints:
    """(case, column) where a value is in `wanted`, but what is published excludes others of `wanted`; int64[n, 2]."""
    group = np.unique(seen, axis=0, return_inverse=True)[1].reshape(-1)
    possible = np.zeros((group.max() + 1, values.shape[1]), np.int64)
    bit = np.where(np.isin(values, wanted), 1 << np.clip(values, 0, 62), 0)
    for column in range(values.shape[1]):
        np.bitwise_or.at(possible[:, column], group, bit[:, column])
    all_wanted = sum(1 << value for value in wanted)
    return np.argwhere((bit > 0) & (possible[group] & all_wanted != all_wanted))


def revealed_by(tree: Tree, cut: Cut, largest_sum: int, publish: Publish = published) -> Ints:
    """Cases and nodes of fewer than k devices of which the publication excludes a value below k."""
    counts = all_counts(tree.leaves, largest_sum)
    wanted = range(0 if cut.hide_empty else 1, cut.k)
    return revealed(publish(tree, counts, cut), tree.sums(counts.T).T, wanted)


TREES: list[tuple[str, Nested, int, int]] = [
    ("two children", family(2), 3, 16),
    ("three children", family(3), 3, 20),
    ("four children", family(4), 3, 18),
    ("two children", family(2), 4, 20),
    ("three children", family(3), 4, 24),
    ("four children", family(4), 4, 24),
    ("three by two", (family(2),) * 3, 3, 15),
    ("uneven", (family(3), LEAF, family(2)), 3, 15),
    ("three levels", ((family(2), LEAF), (LEAF, family(2))), 3, 15),
    ("three levels", ((family(2), family(2)), (family(2), LEAF)), 2, 10),
    ("an only child", ((family(2),), (family(3),)), 3, 16),
]
IDS = [f"{name} at k={k}" for name, _, k, _ in TREES]


@pytest.mark.parametrize(("nested", "k", "largest_sum"), [case[1:] for case in TREES], ids=IDS)
def test_in_space_an_unpublished_place_below_k_may_have_held_anything_below_k(
    nested: Nested, k: int, largest_sum: int
) -> None:
    assert revealed_by(build(nested), Cut(k, 2 * k - 1), largest_sum).size == 0


@pytest.mark.parametrize(("nested", "k", "largest_sum"), [case[1:] for case in TREES], ids=IDS)
def test_a_class_that_is_not_empty_and_below_k_may_have_held_anything_from_1_to_k_less_1(
    nested: Nested, k: int, largest_sum: int
) -> None:
    assert revealed_by(build(nested), Cut(k, 2 * k - 1, hide_empty=False), largest_sum).size == 0


@pytest.mark.parametrize("secret", [[True], [False, True], [False, False, True], [True, True], [True, False, True]])
def test_beside_a_place_that_is_always_pooled_too(secret: list[bool]) -> None:
    tree = build((LEAF, family(2), LEAF), secret)
    assert revealed_by(tree, Cut(3, 5), 16).size == 0


@pytest.mark.parametrize("hide_empty", [True, False])
@pytest.mark.parametrize("children", [3, 4])
def test_absorbing_the_smallest_first_reveals(children: int, hide_empty: bool) -> None:
    tree = build(family(children))
    found = revealed_by(tree, Cut(4, 4, hide_empty), 18, published_smallest_first)
    assert len(found) > 0
    found = revealed_by(tree, Cut(4, 7, hide_empty), 18, published_smallest_first)
    assert len(found) > 0


def test_smallest_first_reveals_the_known_example() -> None:
    # privacy.md, experiment G: {a, c} = 7 beside 4 at k = 4: what was absorbed must be 4, so that the small one is 3.
    tree = build(family(3))
    counts = all_counts(3, 12)
    seen = published_smallest_first(tree, counts, Cut(4, 4))
    alike = counts[(seen == seen[(counts == (3, 4, 4)).all(axis=1)]).all(axis=1)]
    assert sorted(set(alike.min(axis=1).tolist())) == [3]


@pytest.mark.parametrize("hide_empty", [True, False])
@pytest.mark.parametrize("nested", [family(3), family(4), (family(2),) * 3], ids=["three", "four", "three by two"])
@pytest.mark.parametrize("target", [3, 4], ids=["k", "2k-2"])
def test_stopping_a_pool_below_twice_k_less_one_reveals(nested: Nested, target: int, hide_empty: bool) -> None:
    assert len(revealed_by(build(nested), Cut(3, target, hide_empty), 14)) > 0


NAMES = ("a", "b", "c", "d", "unknown")
AGES = Classes("age_band", NAMES, class_tree((("a", "b"), ("c", ("d", "unknown"))), NAMES), NAMES, homogeneous=True)


def parts_by_class(largest_sum: int) -> Ints:
    """int64[cases, 6]: parts of at least 3 devices, by class and, last, foreign ones."""
    counts = all_counts(len(NAMES) + 1, largest_sum)
    parts: Ints = counts[counts.sum(axis=1) >= 3]
    return parts


def published_classes(counts: Ints, policy: Policy) -> Ints:
    """A number for each set of published rows and the plain count, from counts as above."""
    rows = split_by_class(AGES, Tally(counts, counts), policy)
    found: list[list[tuple[str, int]]] = [[] for _ in counts]
    for part, value, devices in zip(rows.part.tolist(), rows.value, rows.tally.devices.tolist(), strict=True):
        found[part].append((value, devices))
    whole = counts.sum(axis=1).tolist()
    keys = [(total, frozenset(each)) for total, each in zip(whole, found, strict=True)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([[numbers[key]] for key in keys])


def test_neither_a_split_nor_its_collapse_reveals_a_class_below_k() -> None:
    for max_share in (0.6, 0.8, 1.0):
        policy = Policy(3, max_share, 0, test=True)
        counts = parts_by_class(13)
        seen = published_classes(counts, policy)
        domestic = counts[:, :-1].sum(axis=1)
        values = np.column_stack([counts[:, :4], counts[:, 5], domestic])
        assert revealed(seen, values, range(1, policy.k)).size == 0


def test_unknown_domestic_devices_beside_hidden_foreign_ones_keep_k_possible_numbers() -> None:
    # A row `unknown` = n with fewer than k foreign devices in it: n - k + 1 to n domestic ones.
    counts = parts_by_class(13)
    seen = published_classes(counts, Policy(3, 0.8, 0, test=True))
    unknown = counts[:, [4]]
    numbers = np.unique(np.column_stack([seen, unknown]), axis=0)[:, 0]
    narrowed = revealed(seen, unknown, range(1, 3))[:, 0]
    assert np.bincount(numbers)[seen[narrowed, 0]].min() >= 3


def test_a_collapse_that_looks_into_pools_would_reveal() -> None:
    # Did two classes have to reach k, pooled or not, then c = 3 beside d|unknown = 4 at k = 3 would mean d = 3.
    counts = parts_by_class(10)
    seen = published_classes(counts, Policy(3, 0.8, 0, test=True))
    inside = (counts[:, :4] >= 3).sum(axis=1) < 2
    assert len(revealed(np.column_stack([seen, inside]), counts[:, :4], range(1, 3))) > 0


def test_all_counts_are_there() -> None:
    assert all_counts(2, 2).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [2, 0]]
    assert len(all_counts(4, 6)) == sum(1 for total in range(7) for _ in combinations_with_replacement(range(4), total))
