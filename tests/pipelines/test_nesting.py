import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.nesting import clipped, nearest, overlaps, ranked


def sets(**zones):
    return {name: np.array(sorted(cells), np.uint64) for name, cells in zones.items()}


def rank_of(zones, parents=None, areas=None):
    names = list(zones)
    above = [(parents or {}).get(name) for name in names]
    sizes = [(areas or {}).get(name, 1.0) for name in names]
    return ranked(list(zones.values()), names, above, sizes)


def parents_of(zones, **declared):
    names = list(zones)
    found = nearest(overlaps(list(zones.values()), rank_of(zones, **declared)), len(zones))
    return {name: names[above] if above >= 0 else None for name, above in zip(names, found, strict=True)}


def crossings(zones):
    names, found = list(zones), overlaps(list(zones.values()), rank_of(zones))
    rows = zip(found.outer, found.inner, found.shared, found.holds, strict=True)
    return {(names[outer], names[inner], int(shared)) for outer, inner, shared, holds in rows if not holds}


def clip(zones):
    cells = list(zones.values())
    while not (found := overlaps(cells, rank_of(dict(zip(zones, cells, strict=True))))).holds.all():
        cells = clipped(cells, found)
    return {name: set(own.tolist()) for name, own in zip(zones, cells, strict=True)}


def test_the_parent_is_the_nearest_zone_that_holds_it():
    zones = sets(place={1}, other={9}, town={1, 2}, region={1, 2, 3, 4})
    assert parents_of(zones) == {"place": "town", "other": None, "town": "region", "region": None}
    assert crossings(zones) == set()


def test_zones_that_share_some_cells_cross():
    assert crossings(sets(a={1, 2, 3}, b={3, 4})) == {("a", "b", 1)}
    assert crossings(sets(a={1, 2}, b={3, 4})) == set()


def test_of_crossing_zones_of_one_size_the_first_identifier_is_the_outer():
    assert crossings(sets(b={1, 2}, a={2, 3})) == {("a", "b", 1)}


@pytest.mark.parametrize(
    ("declared", "areas", "inner"),
    [({}, {}, "b"), ({"a": "b"}, {}, "a"), ({"b": "a"}, {"b": 2.0}, "b"), ({}, {"b": 2.0}, "a")],
)
def test_of_equal_zones_the_declared_parent_holds_then_the_larger_polygon_then_the_first(declared, areas, inner):
    found = parents_of(sets(b={1, 2}, a={1, 2}), parents=declared, areas=areas)
    outer = "ab".replace(inner, "")
    assert found == {inner: outer, outer: None}


def test_zones_that_declare_each_other_parents_are_nested_once():
    found = parents_of(sets(a={1}, b={1}, c={1}), parents={"a": "b", "b": "a", "c": "c"})
    assert list(found.values()).count(None) == 1


def test_a_chain_of_declared_parents_of_the_same_cells_is_followed():
    zones = sets(a={1}, b={1}, c={1}, d={1, 2})
    found = parents_of(zones, parents={"a": "b", "b": "c", "c": "d"}, areas={"a": 9.0})
    assert found == {"a": "b", "b": "c", "c": "d", "d": None}


def test_the_larger_keeps_the_shared_cells():
    assert clip(sets(a={1, 2}, b={2, 3, 4})) == {"a": {1}, "b": {2, 3, 4}}


def test_a_zone_that_straddles_two_larger_ones_stays_in_the_one_that_holds_most_of_it():
    zones = sets(a={1, 2, 3, 4, 5}, b={6, 7, 8, 9}, c={5, 6, 7})
    assert clip(zones)["c"] == {6, 7}


def test_a_zone_within_the_clipped_part_of_another_is_kept_whole():
    zones = sets(a={1, 2, 3, 4, 5}, b={4, 5, 6, 7}, c={4, 5}, d={4})
    assert clip(zones) == {"a": {1, 2, 3, 4, 5}, "b": {6, 7}, "c": {4, 5}, "d": {4}}


families = st.lists(st.sets(st.integers(0, 9), min_size=1), max_size=7)


@given(families)
def test_overlaps_are_those_of_all_pairs(family):
    zones = sets(**{f"z{i}": cells for i, cells in enumerate(family)})
    rank = rank_of(zones)
    found = overlaps(list(zones.values()), rank)
    expected = {
        (outer, inner): (len(family[outer] & family[inner]), family[inner] <= family[outer])
        for i, inner in enumerate(rank)
        for outer in rank[:i]
        if family[outer] & family[inner]
    }
    rows = zip(found.shared, found.holds, strict=True)
    assert dict(zip(zip(found.outer, found.inner, strict=True), rows, strict=True)) == expected


@given(families)
def test_clipped_zones_nest_or_are_disjoint_and_cover_the_same_cells(family):
    zones = sets(**{f"z{i}": cells for i, cells in enumerate(family)})
    kept = clip(zones)
    assert set().union(*kept.values()) == set().union(*family)
    assert all(kept.values())
    assert all(kept[name] <= set(cells.tolist()) for name, cells in zones.items())
    for one in kept.values():
        for other in kept.values():
            assert not one & other or one <= other or other <= one


def test_a_thousand_nested_zones_are_nested_at_once():
    cells = {f"{i:04d}": set(range(i * 100, i * 100 + 100)) for i in range(900)}
    cells |= {f"r{i:03d}": set(range(i * 1000, i * 1000 + 1000)) for i in range(90)}
    cells |= {f"s{i:03d}": set(range(i * 10_000, i * 10_000 + 10_000)) for i in range(9)} | {"t": set(range(90_000))}
    found = parents_of(sets(**cells))
    assert found["0123"] == "r012"
    assert found["r012"] == "s001"
    assert found["s001"] == "t"
    assert list(found.values()).count(None) == 1
