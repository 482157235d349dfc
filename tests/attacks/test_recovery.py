"""T3: what linear programmes make of small releases, against what is known of them and against brute force."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from pipelines.attacks.battery import attack
from pipelines.attacks.covers import hexagons_in, joined, zones_in
from pipelines.attacks.finding import HELD
from pipelines.attacks.solving.claims import Claims, placed
from pipelines.attacks.solving.crosses import crosses
from pipelines.attacks.solving.cuts import in_public_order, reordered
from pipelines.attacks.solving.equations import equations_of
from pipelines.attacks.solving.kinds import families_of, kinds_of, listed_in
from pipelines.attacks.solving.places import NO_PAIRS
from pipelines.attacks.solving.programmes import Bounds, bounds_of
from pipelines.attacks.solving.recovery import RECOVERY
from pipelines.attacks.target import Target
from pipelines.progress import Progress
from schemas.indicators import INDICATORS
from tests.anonymization.trees import build, family

K = 20
Row = tuple[tuple[str, ...], int]
"""The values of a row, and its devices."""
Told = list[tuple[int, int]]
"""The intervals of cells that are known too well."""


def sums(
    rows: Sequence[tuple[str, int]], *, additive: bool = True, inside: Sequence[tuple[int, str]] = (), k: int = K
) -> Claims:
    """What rows like `("ab", 30)` claim: 30 devices in the places a and b; `inside`: rows that lie in a place."""
    covers = np.array([(row, ord(place)) for row, (places, _) in enumerate(rows) for place in places], np.int64).T
    devices = np.array([count for _, count in rows], np.int64)
    pairs = np.array([(row, ord(place)) for row, place in inside], np.int64).reshape(-1, 2).T
    covers, times, nests = placed(covers, pairs)
    every = np.stack([np.arange(devices.size), np.zeros_like(devices)])
    none = np.full(devices.size, -1)
    return Claims(kinds_of({}), covers, times, every, devices, devices, none, k, additive, nests)


def day(rows: Mapping[str, Sequence[Row]], *, all_listed: bool = True) -> Claims:
    """What day figures of one zone claim, by indicator; `all_listed`: a class that no row lists has nobody."""
    indicators = [INDICATORS[name] for name in rows]
    tables = {each.name: table(each.attributes, rows[each.name]) for each in indicators}
    families = families_of(indicators, tables)
    kinds, lists = kinds_of(families), [NO_PAIRS]
    counts: list[int] = []
    splits: list[int] = []
    for at, each in enumerate(indicators):
        listed = listed_in(each, tables[each.name], families, kinds.family.size)
        lists.append(listed + np.array([[len(counts)], [0]]))
        counts += [count for _, count in rows[each.name]]
        splits += [at if all_listed and each.splits and not each.partial else -1] * len(rows[each.name])
    devices = np.array(counts, np.int64)
    covers = np.stack([np.arange(devices.size), np.zeros_like(devices)])
    listed = np.concatenate(lists, axis=1)
    return Claims(kinds, covers, np.ones(1, np.int64), listed, devices, devices, np.array(splits), K, additive=False)


def table(attributes: Sequence[str], rows: Sequence[Row]) -> pa.Table:
    columns = {name: pa.array([values[at] for values, _ in rows], pa.string()) for at, name in enumerate(attributes)}
    where = {"window_start": pa.array([0] * len(rows), pa.int64()), "zone_id": pa.array(["A"] * len(rows), pa.string())}
    return pa.table({**where, "cells": pa.array([[1]] * len(rows), pa.list_(pa.uint64())), **columns})


def solved(claims: Claims, slack: int = 0) -> Bounds:
    return bounds_of(equations_of(claims), claims.printed, slack, claims.k, [1])


def told(claims: Claims, slack: int = 0) -> Told:
    found = solved(claims, slack)
    assert found.unsolved == 0
    return sorted(zip(found.least[found.told].tolist(), found.most[found.told].tolist(), strict=True))


# Sums over places.


def test_a_place_is_known_by_the_difference_of_two_rows() -> None:
    assert told(sums([("abc", 103), ("bc", 100)])) == [(3, 3)]
    assert told(sums([("abc", 103), ("b", 50)])) == []


@pytest.mark.parametrize(("rest", "expected"), [(18, [(0, 18)]), (19, []), (20, [])])
def test_two_places_are_known_too_well_where_their_sum_leaves_fewer_than_k_values(rest: int, expected: Told) -> None:
    claims = sums([("abc", 80 + rest), ("c", 80)])
    assert [(0, most) for _, most in told(claims)] == expected
    found = solved(claims)
    assert found.cells(found.told) == 2 * len(expected)


def test_three_rows_tell_what_no_two_of_them_do() -> None:
    rows = [("ab", 40), ("bc", 50), ("ac", 44)]
    assert told(sums(rows)) == [(17, 17)]
    assert all(told(sums([*rows[:at], *rows[at + 1 :]])) == [] for at in range(3))


@pytest.mark.parametrize(("slack", "whole", "expected"), [(4, 103, [(0, 11)]), (4, 115, [(7, 23)]), (5, 115, [])])
def test_printed_figures_leave_what_rounding_hides(slack: int, whole: int, expected: Told) -> None:
    assert told(sums([("abc", whole), ("bc", 100)]), slack) == expected


def test_a_printed_row_stands_for_k_or_more() -> None:
    # a is 20 to 24, and not 16 to 24, of 41 to 49.
    assert told(sums([("a", 20), ("ab", 45)]), slack=4) == [(17, 29)]


def explained(rows: Sequence[tuple[str, int]], *, additive: bool) -> list[tuple[int, int, int]]:
    """The least and the most of each set of places that no row tells apart, and its size, by brute force."""
    places = "abcd"
    groups: dict[tuple[bool, ...], list[int]] = {}
    for at, place in enumerate(places):
        groups.setdefault(tuple(place in listed for listed, _ in rows), []).append(at)
    found = np.array(
        [
            counts
            for counts in product(range(max(count for _, count in rows) + 1), repeat=len(places))
            if all(
                sum(own) == count if additive else max(own) <= count <= sum(own)
                for listed, count in rows
                for own in [[counts[places.index(place)] for place in listed]]
            )
        ]
    )
    several = [found[:, own].sum(axis=1) for own in groups.values()]
    return sorted((int(own.min()), int(own.max()), len(at)) for own, at in zip(several, groups.values(), strict=True))


@pytest.mark.parametrize("additive", [True, False])
@pytest.mark.parametrize(
    "rows",
    [
        [("abc", 9), ("ab", 6), ("bcd", 8)],
        [("abcd", 12), ("ab", 5), ("cd", 7)],
        [("ab", 4), ("bc", 5), ("cd", 6), ("ad", 5)],
    ],
)
def test_the_bounds_are_those_of_all_numbers_that_explain_the_rows(
    rows: list[tuple[str, int]], *, additive: bool
) -> None:
    found = solved(sums(rows, additive=additive, k=40))
    bounds = zip(found.least.tolist(), found.most.tolist(), found.times.tolist(), strict=True)
    assert sorted(bounds) == explained(rows, additive=additive)


# Places that share devices.


def test_zones_of_a_pool_may_share_their_devices() -> None:
    rows = [("abc", 60), ("bc", 55)]
    assert told(sums(rows)) == [(5, 5)]
    assert told(sums(rows, additive=False)) == []


@pytest.mark.parametrize(("inner", "expected"), [(60, []), (59, [(1, 1)]), (41, [(19, 19)]), (40, []), (39, [])])
def test_what_a_zone_has_beyond_one_inside_it_is_nobody_or_k(inner: int, expected: Told) -> None:
    assert told(sums([("a", inner), ("b", 60)], additive=False, inside=[(0, "b")])) == expected


@pytest.mark.parametrize(("inner", "expected"), [(55, []), (50, [(2, 18)]), (48, [])])
def test_a_difference_that_may_be_rounding_tells_nothing(inner: int, expected: Told) -> None:
    assert told(sums([("a", inner), ("b", 60)], additive=False, inside=[(0, "b")]), slack=4) == expected


def test_the_zones_of_a_pool_inside_another_have_together_what_the_pool_has() -> None:
    # The pool of a and b lies in c, which is one of a pool: c has 55 of its 60.
    found = solved(sums([("ab", 55), ("cd", 60)], additive=False, inside=[(0, "c")]))
    assert (55, 60) in set(zip(found.least.tolist(), found.most.tolist(), strict=True))
    assert (0, 60) in set(zip(found.least.tolist(), found.most.tolist(), strict=True))


# Classes of a zone.


def test_categories_cut_otherwise_than_origins_tell_15_tourists_and_those_cut_alike_do_not() -> None:
    weak = [(("excursionist",), 100), (("tourist|foreign excursionist|foreign tourist",), 50)]
    ours = [(("excursionist|tourist",), 115), (("foreign excursionist|foreign tourist",), 35)]
    rows: dict[str, list[Row]] = {"attendance": [((), 150)], "attendance_by_origin": [(("75",), 115), (("DE",), 35)]}
    assert told(day({**rows, "attendance_by_category": weak})) == [(15, 15)]
    assert told(day({**rows, "attendance_by_category": ours})) == []


def test_foreign_devices_of_unknown_age_tell_8_people_and_those_apart_do_not() -> None:
    ages: list[Row] = [(("18-24",), 70), (("45-54",), 70)]
    weak, ours = [(("65+",), 40), (("unknown",), 60)], [(("65+|unknown",), 48), (("foreign",), 52)]
    rows: dict[str, list[Row]] = {
        "attendance": [((), 240)],
        "attendance_by_category": [(("resident",), 188), (("foreign tourist",), 52)],
    }
    assert told(day({**rows, "attendance_by_age": [*ages, *weak]})) == [(8, 8)]
    assert told(day({**rows, "attendance_by_age": [*ages, *ours]})) == []


def test_arrivals_beside_dwell_tell_3_people_and_arrivals_below_dwell_do_not() -> None:
    rows: dict[str, list[Row]] = {"attendance": [((), 85)], "dwell": [((">=8 h",), 25), (("1-2 h",), 60)]}
    weak = [((">=8 h", "18"), 22), (("1-2 h", "09"), 60)]
    ours = [((">=8 h", "09|18"), 25), (("1-2 h", "09"), 60)]
    assert told(day({**rows, "dwell_by_arrival": weak}, all_listed=False)) == [(3, 3)]
    assert told(day({**rows, "dwell_by_arrival": ours})) == []


@pytest.mark.parametrize(("night", "expected"), [(40, []), (39, [(1, 1)]), (21, [(19, 19)]), (20, []), (0, [])])
def test_those_who_did_not_spend_the_night_are_nobody_or_k(night: int, expected: Told) -> None:
    rows: dict[str, list[Row]] = {
        "attendance": [((), 100)],
        "attendance_by_category": [(("resident",), 60), (("excursionist|tourist",), 40)],
        "nights": [(("excursionist|tourist",), night)] * (night > 0),
    }
    assert told(day(rows)) == expected


def test_a_class_that_no_row_lists_is_empty_and_tells_nothing() -> None:
    rows: dict[str, list[Row]] = {
        "attendance": [((), 60)],
        "attendance_by_age": [(("18-24",), 30), (("65+",), 30)],
        "attendance_by_spc": [(("all",), 60)],
    }
    # Printed, the two rows need not add up to the whole: what they leave is rounding.
    assert told(day(rows)) == told(day(rows), slack=4) == []
    assert told(day(rows, all_listed=False), slack=4) != []


# Two attributes together.


@pytest.mark.parametrize(("few", "expected"), [(18, [(0, 18), (0, 18)]), (19, []), (20, [])])
def test_a_cross_of_two_attributes_is_known_where_one_leaves_fewer_than_k_values(few: int, expected: Told) -> None:
    rows: dict[str, list[Row]] = {
        "attendance": [((), 100)],
        "attendance_by_age": [(("18-24",), 60), (("65+",), 40)],
        "attendance_by_spc": [(("4",), 100 - few), (("7",), few)],
    }
    (claims,) = crosses(day(rows))
    assert told(claims) == expected


@pytest.mark.parametrize(("tourists", "expected"), [(15, [(15, 15)]), (30, [])])
def test_foreign_devices_have_no_domestic_category(tourists: int, expected: Told) -> None:
    rows: dict[str, list[Row]] = {
        "attendance": [((), 70 + tourists)],
        "attendance_by_age": [(("18-24|25-34",), 40 + tourists), (("foreign",), 30)],
        "attendance_by_category": [(("resident",), 40), (("tourist|foreign tourist",), 30 + tourists)],
    }
    (claims,) = crosses(day(rows))
    assert told(claims) == expected


# Orders of absorption.


def orders(counts: Sequence[int], ranks: Sequence[Sequence[int]]) -> Claims:
    """The parts of the same counts by trees whose siblings stand in other orders."""
    rows = []
    for rank in ranks:
        tree = reordered(build(family(len(counts))), np.array([0, *rank]))
        cut = in_public_order(tree, np.array(counts)[:, None], K, 2 * K - 1, hide_empty=True)
        for part, devices in enumerate(cut.devices.tolist()):
            rows.append(("".join("abcdefg"[leaf] for leaf in np.flatnonzero(cut.part[:, 0] == part)), devices))
    return sums(rows)


def test_two_orders_of_absorption_tell_a_small_place_and_one_does_not() -> None:
    counts = [3, 60, 70, 80, 90, 100, 110]
    usual, other = [1, 2, 3, 4, 5, 6, 7], [1, 3, 2, 4, 5, 6, 7]
    assert told(orders(counts, [usual, other])) == [(3, 3)]
    assert told(orders(counts, [usual, usual])) == []


# What rows cover.


def test_pairs_of_equal_values_are_found() -> None:
    left, right = joined(np.array([2, 1, 5]), np.array([1, 2, 2, 7]))
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 0)]


def test_rows_cover_the_hexagons_in_their_cells(small_target: Target) -> None:
    territory = small_target.inputs.territory
    nodes = [(0,), (1,), (int(territory.tree.parent[-1]),), (1, 2)]
    rows = pa.table({"cells": pa.array([territory.cells(each) for each in nodes], pa.list_(pa.uint64()))})
    row, hexagon = hexagons_in(rows, territory.hexagons)
    for at, own in enumerate(nodes):
        leaves = np.concatenate([territory.tree.leaves_below(node) for node in own])
        assert sorted(hexagon[row == at].tolist()) == sorted(leaves.tolist())


def test_rows_cover_the_zones_that_they_name(small_target: Target) -> None:
    zones = small_target.inputs.territory.zones
    names = pa.chunked_array([[zones[2].zone_id, "rest", f"{zones[0].zone_id}|{zones[1].zone_id}"]])
    assert list(zip(*(each.tolist() for each in zones_in(names, zones)), strict=True)) == [(0, 2), (2, 0), (2, 1)]


# A release.


@pytest.mark.slow
def test_the_release_holds_and_every_weak_one_is_broken(small_target: Target) -> None:
    (finding,) = attack(small_target, Progress(Console(stderr=True), quiet=True), [RECOVERY]).findings
    assert finding.outcome == HELD
    assert finding.found.tried["linear programmes"] > 100
    assert not finding.unbroken


def test_counts_that_contradict_each_other_are_found(small_target: Target) -> None:
    first, *others = RECOVERY.subject(small_target)
    unlike = replace(first, exact=first.exact + (first.splits >= 0))
    assert RECOVERY.measure((unlike, *others), small_target).figures["systems that no devices explain"] > 0
