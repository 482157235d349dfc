from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.partition import Counts
from anonymization.policy import Policy
from anonymization.territory import Territory, ZoneArea
from anonymization.zone_days import ZonePart, layers, nested_parts, zone_parts
from tests.anonymization.territories import SEVENS, below, build, zone
from tests.anonymization.test_feasibility import all_counts, revealed

POLICY = Policy(20, 0.8, 5, test=True)
Visits = Mapping[str, set[int]]
"""The devices that visited each zone."""


def museums(number: int) -> Territory:
    """Museums that merge in the order of their numbers, in no zone."""
    return build(SEVENS, *(zone(f"m{i}", [below(SEVENS[i], 0)], kind="museum", size=i) for i in range(number)))


def published(area: Territory, visits: Visits, policy: Policy = POLICY) -> dict[str, int]:
    """The parts of a day by name, with their distinct devices."""
    devices = [visits.get(each.zone_id, set()) for each in area.zones]

    def distinct(sets: Sequence[tuple[int, ...]]) -> Counts:
        return np.array([len(set().union(*(devices[place] for place in each))) for each in sets], np.int64)

    visitors = np.array([len(each) for each in devices], np.int64)
    parts = zone_parts(area, visitors, distinct, policy)
    for part in parts:
        assert area.name(part.nodes) == "|".join(sorted(area.zones[place].zone_id for place in part.zones))
    return {area.name(part.nodes): part.devices for part in parts}


def people(first: int, count: int) -> set[int]:
    return set(range(first, first + count))


def test_two_museums_of_the_same_12_devices_are_not_published_alone() -> None:
    twelve = people(0, 12)
    # 24 visits, but 12 devices.
    assert published(museums(2), {"m0": twelve, "m1": twelve}) == {}
    assert published(museums(3), {"m0": twelve, "m1": twelve, "m2": people(100, 60)}) == {"m0|m1|m2": 72}


def test_a_pool_counts_each_device_once() -> None:
    assert published(museums(2), {"m0": people(0, 19), "m1": people(10, 19)}) == {"m0|m1": 29}


@pytest.mark.parametrize(("devices", "found"), [(19, {}), (20, {"m0": 20}), (21, {"m0": 21})], ids=["k-1", "k", "k+1"])
def test_a_zone_is_published_from_k_devices_on(devices: int, found: dict[str, int]) -> None:
    assert published(museums(1), {"m0": people(0, devices)}) == found


@pytest.mark.parametrize(("distinct", "alone"), [(38, False), (39, True), (40, True)], ids=["2k-2", "2k-1", "2k"])
def test_a_pool_of_fewer_distinct_devices_than_the_target_takes_the_next(distinct: int, alone: bool) -> None:
    # m0 and m1 pool on visits: 19 + 30, of which some are of the same devices.
    visits = {"m0": people(0, 19), "m1": people(distinct - 30, 30), "m2": people(100, 50)}
    assert published(museums(3), visits) == ({"m0|m1": distinct, "m2": 50} if alone else {"m0|m1|m2": distinct + 50})


def test_the_last_pool_takes_the_one_before_it() -> None:
    visits = {"m0": people(0, 50), "m1": people(100, 90), "m2": people(0, 12), "m3": people(0, 12)}
    # On visits m0 is absorbed by m2 and m3; its devices are theirs too.
    assert published(museums(4), visits) == {"m0|m2|m3": 50, "m1": 90}
    area = build(
        SEVENS,
        zone("A", SEVENS[:1], size=1),
        zone("B", SEVENS[1:2], size=2),
        *(zone(f"m{i}", [below(SEVENS[i // 2], i % 2)], kind="museum", parent=i // 2, size=i) for i in range(4)),
    )
    twelve = people(0, 12)
    visits = {"m0": people(0, 30), "m1": people(20, 40), "m2": twelve, "m3": twelve}
    # 24 visits in B are a pool of their own, of 12 devices: the last one in the public order.
    assert published(area, visits) == {"m0": 30, "m1|m2|m3": 52}


def test_of_two_short_pools_the_first_takes_the_second() -> None:
    area = build(
        SEVENS,
        *(zone(name, SEVENS[i : i + 1], size=i) for i, name in enumerate("ABC")),
        *(zone(f"m{i}", [below(SEVENS[i // 2], i % 2)], kind="museum", parent=i // 2, size=i) for i in range(5)),
    )
    visits = {
        "m0": people(0, 15),
        "m1": people(0, 25),
        "m2": people(50, 15),
        "m3": people(50, 25),
        "m4": people(90, 60),
    }
    assert published(area, visits) == {"m0|m1|m2|m3": 50, "m4": 60}


@given(st.lists(st.sets(st.integers(0, 12), max_size=13), min_size=1, max_size=5), st.integers(1, 5))
def test_every_part_holds_k_distinct_devices_and_no_zone_is_in_two(visits: list[set[int]], k: int) -> None:
    area, policy = museums(len(visits)), Policy(k, 0.8, 0, test=True)
    by_name = {f"m{i}": devices for i, devices in enumerate(visits)}
    found = published(area, by_name, policy)
    names = [name for part in found for name in part.split("|")]
    assert len(names) == len(set(names))
    for part, devices in found.items():
        assert devices == len(set().union(*(by_name[name] for name in part.split("|")))) >= k


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_what_merges_depends_on_no_name_of_a_device(groups: list[int], random: "np.random.RandomState") -> None:
    visits = {f"m{i}": {device for device, of in enumerate(groups) if of in (i, 3)} for i in range(3)}
    places = list(range(len(groups)))
    random.shuffle(places)
    renamed = {name: {places[device] for device in devices} for name, devices in visits.items()}
    policy = Policy(2, 0.8, 0, test=True)
    assert published(museums(3), renamed, policy) == published(museums(3), visits, policy)


def nest(outer: set[int], inner: set[int]) -> dict[str, int]:
    area = build(SEVENS, zone("A", SEVENS[:1]), zone("venue", [below(SEVENS[0], 0)], kind="venue", parent=0))
    return published(area, {"A": outer, "venue": inner})


@pytest.mark.parametrize(
    ("missed", "published_too"),
    [(0, True), (1, False), (19, False), (20, True), (21, True)],
    ids=["0", "1", "k-1", "k", "k+1"],
)
def test_a_zone_inside_is_published_where_none_or_at_least_k_of_the_outer_devices_missed_it(
    missed: int, published_too: bool
) -> None:
    found = nest(people(0, 50 + missed), people(0, 50))
    assert found == ({"A": 50 + missed} | ({"venue": 50} if published_too else {}))


def test_a_zone_inside_one_that_is_not_published_stands_by_itself() -> None:
    area = build(
        SEVENS,
        zone("A", SEVENS[:1], kind="commune", size=1),
        zone("B", SEVENS[1:2], kind="commune", size=2),
        zone("venue", [below(SEVENS[0], 0)], kind="venue", parent=0),
    )
    # A and B pool; the venue is compared with the pool, of whose devices 11 and then 20 missed it.
    found = published(area, {"A": people(0, 26), "B": people(26, 10), "venue": people(0, 25)})
    assert found == {"A|B": 36}
    found = published(area, {"A": people(0, 26), "B": people(26, 19), "venue": people(0, 25)})
    assert found == {"A|B": 45, "venue": 25}


@pytest.mark.parametrize(
    ("park", "stand", "found"),
    [
        # The park is published (40 missed it), and what is in it is compared with the park, not only with A.
        (110, 90, {"A", "park", "stand"}),
        (110, 91, {"A", "park"}),
        # 19 missed the park: it is withheld, and is no measure for what is in it.
        (131, 120, {"A", "stand"}),
        (131, 131, {"A"}),
    ],
)
def test_a_zone_is_compared_with_every_published_zone_around_it(park: int, stand: int, found: set[str]) -> None:
    area = build(
        SEVENS,
        zone("A", SEVENS[:1]),
        zone("park", [below(SEVENS[0], 0)], kind="park", parent=0),
        zone("stand", [below(below(SEVENS[0], 0), 0, 9)], kind="stand", parent=1),
    )
    visits = {"A": people(0, 150), "park": people(0, park), "stand": people(0, stand)}
    assert set(published(area, visits)) == found


def test_a_pool_inside_a_zone_is_compared_with_it() -> None:
    area = build(
        SEVENS,
        zone("A", SEVENS[:1]),
        zone("m0", [below(SEVENS[0], 0)], kind="museum", parent=0),
        zone("m1", [below(SEVENS[0], 1)], kind="museum", parent=0),
    )
    inside = {"m0": people(0, 15), "m1": people(15, 30)}
    assert published(area, {"A": people(0, 64), **inside}) == {"A": 64}
    assert published(area, {"A": people(0, 65), **inside}) == {"A": 65, "m0|m1": 45}


def test_kinds_are_not_pooled_with_each_other() -> None:
    area = build(
        SEVENS,
        *(zone(f"c{i}", SEVENS[i : i + 1], kind="commune", size=i) for i in range(2)),
        *(zone(f"m{i}", [below(SEVENS[i + 2], 0)], kind="museum", size=i) for i in range(2)),
    )
    visits = {"c0": people(0, 5), "c1": people(100, 60), "m0": people(200, 5), "m1": people(300, 7)}
    assert published(area, visits) == {"c0|c1": 65}


def test_zones_of_one_kind_inside_each_other_are_layers_of_their_own() -> None:
    area = build(
        SEVENS,
        zone("town", SEVENS[:2], kind="area"),
        zone("quarter", SEVENS[:1], kind="area", parent=0),
        zone("other", SEVENS[3:4], kind="area"),
        zone("venue", [below(SEVENS[0], 0)], kind="venue", parent=1),
    )
    assert [
        [area.zones[place].zone_id for place in layer] for layer in layers(area.zones, dict.fromkeys(range(4), 0))
    ] == [
        ["town", "other"],
        ["venue"],
        ["quarter"],
    ]


def test_the_zones_of_a_layer_merge_within_their_commune_first() -> None:
    area = build(
        SEVENS,
        zone("A", SEVENS[:1], size=1),
        zone("B", SEVENS[1:2], size=2),
        zone("a0", [below(SEVENS[0], 0)], kind="museum", parent=0, size=10),
        zone("a1", [below(SEVENS[0], 1)], kind="museum", parent=0, size=11),
        zone("b0", [below(SEVENS[1], 0)], kind="museum", parent=1, size=5),
        zone("b1", [below(SEVENS[1], 1)], kind="museum", parent=1, size=6),
    )
    visits = {"a0": people(0, 5), "a1": people(100, 60), "b0": people(200, 60), "b1": people(300, 60)}
    assert published(area, visits) == {"a0|a1": 65, "b0": 60, "b1": 60}


def test_the_parts_do_not_depend_on_the_order_of_the_zones() -> None:
    visits = {"m0": people(0, 5), "m1": people(3, 25), "m2": people(40, 60), "m3": people(200, 60)}
    zones = museums(4).zones
    assert published(build(SEVENS, *reversed(zones)), visits) == published(museums(4), visits)


def test_a_sensitive_zone_has_its_total_of_the_day() -> None:
    area = build(SEVENS, zone("care", [below(SEVENS[0], 0)], kind="care", sensitive=True))
    assert published(area, {"care": people(0, 25)}) == {"care": 25}


def test_a_zone_out_of_reach_is_in_no_part() -> None:
    area = build(SEVENS[:1], zone("A", SEVENS[:1], size=1), zone("far", SEVENS[1:2], size=2))
    assert published(area, {"A": people(0, 25)}) == {"A": 25}


def test_no_zone_and_no_visit_have_no_part() -> None:
    assert published(build(SEVENS), {}) == {}
    assert published(museums(3), {}) == {}


# Exhaustive, as in test_feasibility: a case says how many devices visited just these zones, for each set of zones.


def crowds(zones: int, largest_sum: int) -> tuple[Counts, list[set[int]]]:
    """int64[cases, sets]: devices by the set of zones that they visited, and the sets."""
    sets = [set(each) for size in range(1, zones + 1) for each in combinations(range(zones), size)]
    return all_counts(len(sets), largest_sum), sets


def revealed_visitors(zones: Sequence[ZoneArea], leaves: int, policy: Policy, largest_sum: int) -> int:
    """Cases in which what is published excludes a number below k of visitors of one of the last `leaves` zones.

    Publications whose parts sum to more than `largest_sum` are left aside: there not every case that explains them is
    known.
    """
    area = build(SEVENS, *zones)
    cases, sets = crowds(leaves, largest_sum)
    first = len(zones) - leaves
    inside = np.array([[place in each for each in sets] for place in range(leaves)])
    visitors = cases @ inside.T
    numbers: dict[tuple[tuple[tuple[int, ...], int], ...], int] = {}
    seen = []
    for case, visited in zip(cases, visitors, strict=True):

        def distinct(wanted: Sequence[tuple[int, ...]], case: Counts = case) -> Counts:
            chosen = [inside[[place - first for place in each]].any(axis=0) for each in wanted]
            return np.array([case[each].sum() for each in chosen], np.int64)

        parts = zone_parts(area, np.append(np.zeros(first, np.int64), visited), distinct, policy)
        seen.append(numbers.setdefault(tuple((part.zones, part.devices) for part in parts), len(numbers)))
    known = np.array([sum(devices for _, devices in parts) <= largest_sum for parts in numbers])
    group = np.array(seen)
    at = revealed(group[:, None], visitors, range(policy.k))[:, 0]
    return int(known[group[at]].sum())


GROUPED = (
    zone("A", SEVENS[:1], size=1),
    zone("B", SEVENS[1:2], size=2),
    *(zone(f"m{i}", [below(SEVENS[i // 2], i % 2)], kind="museum", parent=i // 2, size=i) for i in range(3)),
)


@pytest.mark.parametrize(
    ("zones", "leaves", "k", "largest_sum"),
    [(museums(2).zones, 2, 3, 10), (museums(3).zones, 3, 2, 6), (museums(3).zones, 3, 3, 6), (GROUPED, 3, 2, 6)],
    ids=["two at k=3", "three at k=2", "three at k=3", "two and one at k=2"],
)
def test_a_zone_that_is_not_published_alone_may_have_had_any_number_of_visitors_below_k(
    zones: Sequence[ZoneArea], leaves: int, k: int, largest_sum: int
) -> None:
    assert revealed_visitors(zones, leaves, Policy(k, 0.8, 0, test=True), largest_sum) == 0


def test_merging_pools_only_until_k_distinct_devices_would_reveal(monkeypatch: pytest.MonkeyPatch) -> None:
    # {m0, m2} pool for 5 visits at k = 3 and have 3 devices: m0 had 3 visitors then, and m2 had 2.
    def falls_short(zones: tuple[int, ...], devices: int, policy: Policy) -> bool:
        return devices < policy.k

    monkeypatch.setattr("anonymization.zone_days._falls_short", falls_short)
    assert revealed_visitors(museums(3).zones, 3, Policy(3, 0.8, 0, test=True), 6) > 0


def test_parts_inside_others_come_in_turns_from_the_outside_in() -> None:
    area = build(
        SEVENS,
        zone("A", SEVENS[:1]),
        zone("B", SEVENS[1:2]),
        zone("park", [below(SEVENS[0], 0)], kind="park", parent=0),
        zone("stand", [below(below(SEVENS[0], 0), 0, 9)], kind="stand", parent=2),
        zone("pool", [below(SEVENS[1], 0)], kind="park", parent=1),
    )
    parts = [ZonePart((place,), (), 50) for place in (3, 0, 2, 1)]
    turns = nested_parts(area.zones, parts)
    assert [list(zip(turn.inner.tolist(), turn.outer.tolist(), strict=True)) for turn in turns] == [
        [(2, 1)],
        [(0, 1), (0, 2)],
    ]
    # A pool of zones holds what lies in any of them, and is held only by what holds all of them.
    parts = [ZonePart((0, 1), (), 90), ZonePart((2, 4), (), 60), ZonePart((3,), (), 30)]
    turns = nested_parts(area.zones, parts)
    assert [list(zip(turn.inner.tolist(), turn.outer.tolist(), strict=True)) for turn in turns] == [
        [(1, 0)],
        [(2, 0), (2, 1)],
    ]
    assert nested_parts(area.zones, [ZonePart((0,), (), 90), ZonePart((2, 4), (), 60)]) == []
