"""The register of inclusions, and the differences over nested zones against an attacker who tries all of them."""

import importlib
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.homes import others_around
from anonymization.images import AGE, DWELL, GROUP, SPC_GROUPS, STAY, STAY_OF, Image, hour_ranks
from anonymization.inclusions import INCLUSIONS, NOT_NESTED, undeclared
from anonymization.nested import MOST_ROWS, Limits, Pairs, Rows, isolating, merged, rows_of
from anonymization.nested_arrivals import CornerRows, isolating_corners
from anonymization.nested_origins import LARGEST_FAMILY, OriginRows, isolating_origins
from schemas.indicators import INDICATORS
from schemas.vocabulary import ARRIVAL_HOURS, DWELL_BANDS
from tests.anonymization.crowds import NESTED, kinds_of_people, kinds_of_visits

Ints = npt.NDArray[np.int64]
Row = tuple[frozenset[int], int]
"""Classes and devices."""


# The register.


def test_every_pair_of_indicators_is_declared_as_included_or_not_nested() -> None:
    assert undeclared(list(INDICATORS)) == []


def test_a_new_indicator_must_be_declared() -> None:
    names = [*INDICATORS, "attendance_by_shoe_size"]
    assert len(undeclared(names)) == len(names)


def test_every_inclusion_names_a_rule_that_exists() -> None:
    for inclusion in INCLUSIONS:
        module, _, name = inclusion.rule.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), inclusion
        assert inclusion.proof
        assert {inclusion.inner, inclusion.outer} <= set(INDICATORS)


def test_what_is_not_nested_has_a_reason() -> None:
    for each in NOT_NESTED:
        assert len(each.reason) > 20
        assert {*each.first, *each.second} <= set(INDICATORS)


# The images.


def named(image: Image, name: str) -> set[str]:
    bits = int(image.of[image.classes.index(name)])
    return {other for place, other in enumerate(image.classes) if bits >> place & 1}


@pytest.mark.parametrize("image", [AGE, SPC_GROUPS, DWELL, STAY, GROUP, *STAY_OF.values()])
def test_a_device_can_be_of_the_same_class_or_of_one_that_can_hold_it(image: Image) -> None:
    assert image.of_sets().size == 2 ** len(image.classes)
    assert image.of_sets()[-1] == np.bitwise_or.reduce(image.of)
    assert (image.of > 0).all()


def test_who_sleeps_inside_sleeps_around_and_is_a_tourist_or_at_home_there() -> None:
    assert named(STAY, "tourist") == {"tourist", "resident by night"}
    assert named(STAY, "foreign tourist") == {"foreign tourist"}
    assert named(STAY, "resident by night") == {"resident by night"}


def test_who_does_not_sleep_inside_may_sleep_around() -> None:
    assert named(STAY, "excursionist") == {"excursionist", "tourist", "resident by day", "resident by night"}
    assert named(STAY_OF[False, True], "excursionist") == {"excursionist", "tourist"}
    assert named(STAY_OF[True, False], "excursionist") == {"resident by day", "resident by night"}
    assert named(STAY, "foreign excursionist") == {"foreign excursionist", "foreign tourist"}


def test_every_kind_of_device_is_within_the_image_of_its_class() -> None:
    for inner, outer in combinations(reversed(NESTED), 2):
        for kind in kinds_of_people(inner, outer):
            own, around = (
                value.rpartition(" ")[0] + (" by night" if value[-1] == "1" else " by day")
                if value.startswith("resident")
                else value[:-2]
                for value in kind["nights"]
            )
            assert around in named(STAY, own)
            assert kind["attendance_by_age"][1] in named(AGE, kind["attendance_by_age"][0])
    ranks = hour_ranks(5)
    for kind in kinds_of_visits():
        assert kind["dwell"][1] in named(DWELL, kind["dwell"][0])
        own, around = (ranks[int(value[-2:])] for value in kind["dwell_by_arrival"])
        assert around <= own


def test_hours_are_in_the_order_of_the_privacy_day() -> None:
    ranked = [hour for _, hour in sorted(zip(hour_ranks(5).tolist(), ARRIVAL_HOURS, strict=True))]
    assert ranked == [*ARRIVAL_HOURS[5:], *ARRIVAL_HOURS[:5]]


# Differences of a few classes.

FLAT = Image(("a", "b", "c", "d"), np.array([1, 2, 4, 8]))
TAILS = Image(("a", "b", "c", "d"), np.array([15, 14, 12, 8]))
ONE_PAIR = Pairs(np.array([0]), np.array([1]))


def rows(part: int, *of_part: tuple[int, int]) -> Rows:
    columns = np.array([(part, classes, devices) for classes, devices in of_part], np.int64).reshape(-1, 3).T
    return rows_of(columns[0], columns[1], columns[2])


def isolates(inner: Sequence[tuple[int, int]], outer: Sequence[tuple[int, int]], image: Image, limits: Limits) -> bool:
    return bool(isolating(ONE_PAIR, rows(0, *inner), rows(1, *outer), image, limits)[0])


@pytest.mark.parametrize(("left", "few"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_a_class_leaves_nobody_or_at_least_k(left: int, few: bool) -> None:
    assert isolates([(1, 30), (2, 40)], [(1, 30 + left), (2, 100)], FLAT, Limits(20)) is few


@pytest.mark.parametrize(("left", "few"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_so_do_classes_together_where_the_outer_zone_pools_them(left: int, few: bool) -> None:
    assert isolates([(1, 30), (2, 40), (4, 25)], [(3, 70 + left), (4, 90)], FLAT, Limits(20)) is few


@pytest.mark.parametrize(("left", "few"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_so_do_tails(left: int, few: bool) -> None:
    # 30 stayed long inside; around them 40 stayed longer still or as long, in two classes.
    assert isolates([(1, 50), (4, 30)], [(1, 200), (4, 10 + left), (8, 20)], TAILS, Limits(20)) is few


@pytest.mark.parametrize(
    ("left", "refused"),
    [(-9, True), (-8, False), (8, False), (9, True), (10, True), (11, True), (12, False), (15, False)],
)
def test_rounded_numbers_are_refused_where_no_rounding_explains_them(left: int, refused: bool) -> None:
    # Each of the two is within 4 of the exact one: 12 can have been 20, 8 nobody.
    assert isolates([(1, 30)], [(1, 30 + left), (2, 100)], FLAT, Limits(20, 4)) is refused


def test_parts_without_rows_are_in_no_difference() -> None:
    assert not isolates([], [(1, 30)], FLAT, Limits(20))
    assert not isolates([(1, 30)], [], FLAT, Limits(20))
    nothing = np.zeros(0, np.int64)
    assert isolating(Pairs(nothing, nothing), rows(0, (1, 30)), rows(1, (1, 31)), FLAT, Limits(20)).size == 0


def test_a_part_of_more_rows_than_can_be_tried_is_an_error() -> None:
    with pytest.raises(ValueError, match="at most 12 rows of a part, got 13"):
        isolates([(1, 30)] * (MOST_ROWS + 1), [(1, 500)], FLAT, Limits(20))


def test_many_pairs_are_judged_each_by_itself() -> None:
    inner = np.repeat([0, 1, 2, 3], 2)
    devices = np.array([30, 40, 30, 40, 30, 40, 0, 0])
    outer = np.repeat([4, 5], 2)
    found = isolating(
        Pairs(np.array([2, 0, 1, 0]), np.array([4, 5, 5, 4])),
        rows_of(inner, np.tile([1, 2], 4), devices),
        rows_of(outer, np.tile([1, 2], 2), np.array([49, 60, 50, 60])),
        FLAT,
        Limits(20),
    )
    assert found.tolist() == [True, False, False, True]


def test_rows_of_the_same_classes_merge() -> None:
    found = merged(Rows(np.array([1, 0, 1]), np.array([3, 3, 3]), np.array([5, 6, 7]), np.array([1, 1, 2])))
    assert (found.part.tolist(), found.devices.tolist(), found.figures.tolist()) == ([0, 1], [6, 12], [1, 3])


def partition_of(data: st.DataObject, classes: int, k: int) -> list[Row]:
    """Some rows of at least k, of different classes."""
    place = data.draw(st.lists(st.integers(0, classes), min_size=classes, max_size=classes))
    found = []
    for row in sorted(set(place) - {classes}):
        listed = frozenset(at for at, each in enumerate(place) if each == row)
        found.append((listed, data.draw(st.integers(k, 4 * k))))
    return found


def found_by_trying(inner: list[Row], outer: list[Row], reach: Callable[[int], set[int]], k: int) -> bool:
    """Whether rows of the inner part, known to be within rows of the outer one, leave 1 to k-1 of these."""
    listed = frozenset().union(*(classes for classes, _ in outer))
    subsets = [[chosen for size in range(len(of) + 1) for chosen in combinations(of, size)] for of in (inner, outer)]
    for taken in subsets[0]:
        needed = {to for classes, _ in taken for each in classes for to in reach(each)} & listed
        for among in subsets[1]:
            if taken and needed <= frozenset().union(*(classes for classes, _ in among)):
                left = sum(devices for _, devices in among) - sum(devices for _, devices in taken)
                if 0 < left < k:
                    return True
    return False


def bits(classes: frozenset[int]) -> int:
    return sum(1 << each for each in classes)


@settings(max_examples=300)
@given(st.data(), st.sampled_from([FLAT, TAILS]))
def test_no_difference_that_an_attacker_finds_is_missed(data: st.DataObject, image: Image) -> None:
    k = data.draw(st.integers(2, 4))
    inner, outer = partition_of(data, 4, k), partition_of(data, 4, k)

    def reach(each: int) -> set[int]:
        return {to for to in range(4) if int(image.of[each]) >> to & 1}

    # A set of rows that needs more than there is cannot be: it is refused as impossible.
    possible = all(
        sum(devices for _, devices in taken)
        <= sum(devices for classes, devices in outer if classes & {to for c, _ in taken for e in c for to in reach(e)})
        for size in range(1, len(inner) + 1)
        for taken in combinations(inner, size)
    )
    ours = isolates([(bits(c), n) for c, n in inner], [(bits(c), n) for c, n in outer], image, Limits(k))
    if possible and inner and outer:
        assert ours == found_by_trying(inner, outer, reach, k)


# Origins.


def origin_rows(*parts: list[Row]) -> OriginRows:
    listed = [(part, classes, devices) for part, of_part in enumerate(parts) for classes, devices in of_part]
    pairs = [(row, origin) for row, (_, classes, _) in enumerate(listed) for origin in sorted(classes)]
    row, origin = np.array(pairs, np.int64).reshape(-1, 2).T
    part, devices = (np.array([each[column] for each in listed], np.int64) for column in (0, 2))
    starts = np.searchsorted(row, np.arange(len(listed) + 1))
    return OriginRows(part, devices, np.arange(len(listed), dtype=np.int32), starts, origin.astype(np.int32))


@settings(max_examples=300)
@given(st.data())
def test_no_difference_by_origin_is_missed(data: st.DataObject) -> None:
    k = data.draw(st.integers(2, 4))
    inner, outer = partition_of(data, 6, k), partition_of(data, 6, k)
    found = isolating_origins(ONE_PAIR, origin_rows(inner), origin_rows([], outer), 6, Limits(k))
    listed = frozenset().union(*(classes for classes, _ in outer))
    possible = all(
        sum(devices for _, devices in taken)
        <= sum(devices for classes, devices in outer if classes & frozenset().union(*(c for c, _ in taken)))
        for size in range(1, len(inner) + 1)
        for taken in combinations(inner, size)
    )
    if possible and all(classes & listed for classes, _ in inner):
        assert bool(found[0]) == found_by_trying(inner, outer, lambda each: {each}, k)


@pytest.mark.parametrize(("left", "few"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_a_pool_of_origins_is_compared_with_all_rows_that_share_one(left: int, few: bool) -> None:
    inner: list[Row] = [(frozenset({0, 1}), 60), (frozenset({2}), 30)]
    outer: list[Row] = [(frozenset({0}), 40), (frozenset({1, 2}), 50 + left), (frozenset({3}), 25)]
    assert isolating_origins(ONE_PAIR, origin_rows(inner), origin_rows([], outer), 4, Limits(20))[0] == few


def test_more_crossing_rows_than_can_be_tried_are_refused() -> None:
    def crossing(rows: int) -> bool:
        inner: list[Row] = [(frozenset({2 * at, 2 * at + 1}), 1000) for at in range(rows)]
        # As small as that, or no union could leave few, and none were tried.
        outer: list[Row] = [(frozenset(range(0, 2 * rows, 2)), 1000 * rows - 990)]
        outer += [(frozenset({2 * at + 1}), 1000) for at in range(rows)]
        found = isolating_origins(ONE_PAIR, origin_rows(inner), origin_rows([], outer), 2 * rows, Limits(20))
        return bool(found[0])

    assert not crossing(LARGEST_FAMILY)
    assert crossing(LARGEST_FAMILY + 1)


def test_homes_tell_whether_others_can_be_residents_around() -> None:
    # Origins 0 and 1 are communes of the outer part, 0 of the inner one too; 3 is abroad.
    residents = {0: np.array([0]), 1: np.array([0, 1])}
    foreign = np.array([False, False, False, True])

    def of(*listed: int) -> tuple[bool, bool]:
        rows = origin_rows([(frozenset({each}), 30) for each in listed])
        some, rest = others_around(ONE_PAIR, rows, foreign, residents.__getitem__)
        return bool(some[0]), bool(rest[0])

    assert of(0, 1, 2, 3) == (True, True)
    assert of(0, 2, 3) == (False, True)
    assert of(0, 1, 3) == (True, False)
    assert of(0, 3) == (False, False)
    assert of() == (True, True)


# Arrivals.

Corner = tuple[tuple[int, int], tuple[int, int], int]
"""Shortest and longest band, earliest and latest hour, devices."""


def corner_rows(part: int, of_part: Sequence[Corner]) -> CornerRows:
    columns = [(part, *bands, *hours, devices) for bands, hours, devices in of_part]
    return CornerRows(*np.array(columns, np.int64).reshape(-1, 6).T)


def corners_of(data: st.DataObject, k: int) -> list[Corner]:
    """A few rows: bands in runs, and below each run hours in runs."""
    found = []
    for bands in runs(data, len(DWELL_BANDS), 3):
        found += [(bands, hours, data.draw(st.integers(k, 4 * k))) for hours in runs(data, 5, 2)]
    return found


def runs(data: st.DataObject, length: int, most: int) -> list[tuple[int, int]]:
    edges = sorted(data.draw(st.sets(st.integers(1, length - 1), max_size=most - 1)))
    return list(zip([0, *edges], [*(edge - 1 for edge in edges), length - 1], strict=True))


@settings(max_examples=300)
@given(st.data())
def test_no_difference_by_dwell_and_arrival_is_missed(data: st.DataObject) -> None:
    k = data.draw(st.integers(2, 4))
    inner, outer = corners_of(data, k), corners_of(data, k)
    lefts = []
    for size in range(1, len(inner) + 1):
        for taken in combinations(inner, size):
            held = [
                devices
                for (_, longest), (earliest, _), devices in outer
                if any(longest >= bands[0] and earliest <= hours[1] for bands, hours, _ in taken)
            ]
            lefts.append(sum(held) - sum(devices for _, _, devices in taken))
    if min(lefts) >= 0:
        found = isolating_corners(ONE_PAIR, corner_rows(0, inner), corner_rows(1, outer), Limits(k))
        assert bool(found[0]) == any(0 < left < k for left in lefts)


@pytest.mark.parametrize(("left", "few"), [(0, False), (1, True), (19, True), (20, False), (21, False)])
def test_who_came_early_and_stayed_long_leaves_nobody_or_at_least_k(left: int, few: bool) -> None:
    inner = corner_rows(0, [((4, 4), (9, 9), 30), ((0, 0), (3, 3), 40)])
    outer = corner_rows(1, [((5, 5), (7, 8), 30 + left), ((0, 0), (0, 3), 200), ((5, 5), (10, 11), 50)])
    assert isolating_corners(ONE_PAIR, inner, outer, Limits(20))[0] == few


@pytest.mark.parametrize(("left", "refused"), [(8, False), (9, True), (11, True), (12, False)])
def test_rounded_arrivals_are_refused_where_no_rounding_explains_them(left: int, refused: bool) -> None:
    inner, outer = corner_rows(0, [((4, 4), (9, 9), 30)]), corner_rows(1, [((5, 5), (7, 8), 30 + left)])
    assert isolating_corners(ONE_PAIR, inner, outer, Limits(20, 4))[0] == refused


def test_pairs_whose_unions_cannot_leave_few_are_told_apart_from_those_that_can() -> None:
    # Of the outer row that both inner ones touch, taking all of them away leaves 20, or 19: only then all are tried.
    for left in (20, 19):
        inner: list[Row] = [(frozenset({0, 1}), 60), (frozenset({2, 3}), 60)]
        outer: list[Row] = [(frozenset({0, 2}), 40), (frozenset({1}), 60 + 20 + left), (frozenset({3}), 500)]
        found = isolating_origins(ONE_PAIR, origin_rows(inner), origin_rows([], outer), 4, Limits(20))
        assert bool(found[0]) is False
