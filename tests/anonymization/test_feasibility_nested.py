"""What an attacker can work out from figures that split the same devices in several ways.

Exhaustive, as `test_feasibility.py` is: all counts up to a sum, those that publish the same brought together. Every
number that is not published and below k must keep all values from 1 to k-1.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from anonymization.classes import Classes, split_by_class
from anonymization.day_rows import nights_of, of_rows
from anonymization.flows import FlowCounts, label_pairs, protect_flows
from anonymization.nested_flows import FlowSet
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.tally import Tally
from anonymization.tree import class_tree
from anonymization.zone_days import ZonePart
from tests.anonymization.territories import SEVENS, build, zone
from tests.anonymization.test_feasibility import all_counts, revealed

Ints = npt.NDArray[np.int64]
Rows = list[set[tuple[Hashable, ...]]]
"""What is published of each case."""
K = 3
POLICY = Policy(K, 1.0, 0, test=True)


def tally(counts: Ints) -> Tally:
    return Tally(counts, counts)


def numbered(published: Iterable[set[tuple[Hashable, ...]]], whole: Ints) -> Ints:
    """int64[cases, 1]: a number for each publication; the plain count is always published."""
    keys = [(frozenset(rows), total) for rows, total in zip(published, whole.tolist(), strict=True)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([[numbers[key]] for key in keys])


def rows_of(classes: Classes, counts: Ints, name: str = "") -> Rows:
    """The rows of each case, which is a part with counts int64[cases, classes]."""
    split = split_by_class(classes, tally(counts), POLICY)
    found: Rows = [set() for _ in counts]
    for part, value, devices in zip(split.part.tolist(), split.value, split.tally.devices.tolist(), strict=True):
        found[part].add((name, value, devices))
    return found


def both(*published: Rows) -> Rows:
    return [set().union(*each) for each in zip(*published, strict=True)]


def classes(nested: object, names: Sequence[str]) -> Classes:
    return Classes("any", tuple(names), class_tree(nested, names), tuple(names))


# Nights below categories: residents, and excursionists beside tourists; each did or did not spend the night.

CATEGORIES = classes(("resident", ("excursionist", "tourist")), ("resident", "excursionist", "tourist"))


def nights(counts: Ints, safe: bool = True) -> Rows:
    """The night rows of int64[cases, 3, 2]; without `safe`, wherever k devices spent the night."""
    split = split_by_class(CATEGORIES, tally(counts.sum(axis=2)), POLICY)
    night, kept = nights_of(split, CATEGORIES.names, tally(counts), K)
    kept = kept if safe else night.devices >= K
    found: Rows = [set() for _ in counts]
    columns = (split.part[kept].tolist(), split.value[kept], night.devices[kept].tolist())
    for part, value, devices in zip(*columns, strict=True):
        found[part].add(("night", value, devices))
    return found


def revealed_by_nights(largest_sum: int, safe: bool) -> int:
    counts = all_counts(6, largest_sum)
    counts = counts[counts.sum(axis=1) >= K].reshape(-1, 3, 2)
    category = counts.sum(axis=2)
    seen = numbered(both(rows_of(CATEGORIES, category), nights(counts, safe)), category.sum(axis=1))
    values = np.concatenate([category, category[:, 1:].sum(axis=1, keepdims=True), counts.reshape(-1, 6)], axis=1)
    return len(revealed(seen, values, range(1, K)))


def test_nights_below_categories_reveal_nobody() -> None:
    assert revealed_by_nights(13, safe=True) == 0


def test_nights_that_leave_a_few_would_reveal_them() -> None:
    assert revealed_by_nights(10, safe=False) > 0


# Arrivals below dwell.

DWELL = classes((("short", "long"), "whole"), ("short", "long", "whole"))
HOURS = classes((("9", "10"), "18"), ("9", "10", "18"))


def arrivals(counts: Ints) -> Rows:
    """The rows of int64[cases, bands, hours], below the published dwell classes."""
    dwell = split_by_class(DWELL, tally(counts.sum(axis=2)), POLICY)
    hours = split_by_class(HOURS, of_rows(dwell, DWELL.names, tally(counts)), POLICY)
    found: Rows = [set() for _ in counts]
    columns = (hours.part.tolist(), hours.value, hours.tally.devices.tolist())
    for row, value, devices in zip(*columns, strict=True):
        found[int(dwell.part[row])].add((dwell.value[row], value, devices))
    return found


def arrivals_of_k(counts: Ints) -> Rows:
    """Every band and hour of at least k, whatever dwell classes are published: what must not be done."""
    found: Rows = [set() for _ in counts]
    for case, band, hour in np.argwhere(counts >= K).tolist():
        found[case].add((DWELL.names[band], HOURS.names[hour], int(counts[case, band, hour])))
    return found


def revealed_by_arrivals(publish: Callable[[Ints], Rows], bands: int, hours: int, largest_sum: int) -> int:
    """Cases and numbers that are told; bands and hours beyond the first few are empty."""
    some = all_counts(bands * hours, largest_sum)
    some = some[some.sum(axis=1) >= K].reshape(-1, bands, hours)
    counts = np.zeros((len(some), 3, 3), np.int64)
    counts[:, :bands, :hours] = some
    dwell = counts.sum(axis=2)
    seen = numbered(both(rows_of(DWELL, dwell), publish(counts)), dwell.sum(axis=1))
    return len(revealed(seen, np.concatenate([dwell, counts.reshape(-1, 9)], axis=1), range(1, K)))


@pytest.mark.parametrize(("bands", "hours", "largest_sum"), [(2, 3, 13), (3, 2, 13), (3, 3, 9)])
def test_arrivals_below_dwell_reveal_nobody(bands: int, hours: int, largest_sum: int) -> None:
    assert revealed_by_arrivals(arrivals, bands, hours, largest_sum) == 0


def test_arrivals_beside_dwell_would_reveal() -> None:
    # Known example: 25 stayed 8 hours or more, 22 of them from 18 h on: 3 people came at another hour.
    assert revealed_by_arrivals(arrivals_of_k, 2, 3, 10) > 0


# Categories, origins and the foreign class of ages, of one part.

KINDS = classes(("resident", ("day", "night"), "foreign"), ("resident", "day", "night", "foreign"))
HOMES = classes(("here", ("near", "far"), "foreign"), ("here", "near", "far", "foreign"))
FLAT_HOMES = classes(("far", "here", "near", "foreign"), ("here", "near", "far", "foreign"))


def foreign_class(domestic: Ints, foreign: Ints) -> Rows:
    """What age and class tell of foreign devices: their number where each side holds k."""
    apart = (domestic >= K) & (foreign >= K)
    return [{("foreign", int(n))} if told else set() for n, told in zip(foreign, apart, strict=True)]


def revealed_by_margins(homes: Classes, largest_sum: int) -> int:
    """Cases: residents, four crosses of (excursion or tourism) x (near or far), foreign devices."""
    counts = all_counts(6, largest_sum)
    counts = counts[counts.sum(axis=1) >= K]
    here, cross, foreign = counts[:, 0], counts[:, 1:5].reshape(-1, 2, 2), counts[:, 5]
    kinds = np.column_stack([here, cross.sum(axis=2), foreign])
    origins = np.column_stack([here, cross.sum(axis=1), foreign])
    domestic = counts[:, :5].sum(axis=1)
    rows = both(rows_of(KINDS, kinds, "kind"), rows_of(homes, origins, "home"), foreign_class(domestic, foreign))
    seen = numbered(rows, counts.sum(axis=1))
    other = domestic - here
    # What is told apart by one attribute: a cross of two attributes keeps an interval instead.
    return len(revealed(seen, np.column_stack([kinds, origins[:, 1:3], other, domestic]), range(1, K)))


def test_categories_origins_and_the_foreign_class_reveal_nobody_together() -> None:
    assert revealed_by_margins(HOMES, 12) == 0


def test_origins_that_are_not_cut_as_categories_are_would_reveal() -> None:
    assert revealed_by_margins(FLAT_HOMES, 10) > 0


# Flows of one hour, of devices that may be in several pairs.

AREA = build(SEVENS, *(zone(f"z{i}", SEVENS[i : i + 1], size=i) for i in range(4)))
PARTS = [ZonePart((place,), (int(np.flatnonzero(AREA.zone == place)[0]),), 100) for place in range(4)]


@dataclass(frozen=True)
class Moves:
    """Pairs of parts, and for each crowd the pairs that its devices are in."""

    pairs: list[tuple[int, int]]
    crowds: list[tuple[int, ...]]


ONE_ORIGIN = Moves([(0, 1), (0, 2), (0, 3)], [each for size in (1, 2, 3) for each in combinations(range(3), size)])
THREE_ORIGINS = Moves([(0, 1), (0, 2), (1, 0), (2, 0)], [(0,), (1,), (2,), (3,), (0, 1)])


def flows(case: Ints, moves: Moves, policy: Policy) -> frozenset[tuple[Hashable, ...]]:
    """The rows of the hour."""
    crowd = np.repeat(np.arange(len(moves.crowds)), case)
    rows = [(pair, device) for device, each in enumerate(crowd) for pair in moves.crowds[each]]
    pair, device = np.array(rows, np.int64).reshape(-1, 2).T
    origin, destination = np.array(moves.pairs)[pair].reshape(-1, 2).T
    found, devices = np.unique(pair, return_counts=True)
    ends = np.array(moves.pairs)[found].reshape(-1, 2).T
    counts = FlowCounts(np.zeros_like(found), ends[0], ends[1], tally(devices.astype(np.int64)))

    def distinct(sets: Sequence[FlowSet]) -> Tally:
        label = label_pairs(sets, np.zeros_like(pair), origin, destination)
        return tally(np.array([np.unique(device[label == at]).size for at in range(len(sets))], np.int64))

    how = Protection(AREA, policy, Estimate(0.95), bytes(16))
    early = np.full((len(PARTS), 1), 100)
    table = protect_flows(PARTS, np.array([0, 3_600_000_000]), counts, distinct, early, how)
    names = ("origin_zone_id", "destination_zone_id", "devices")
    return frozenset(zip(*(table[name].to_pylist() for name in names), strict=True))


def revealed_by_flows(moves: Moves, k: int, largest_sum: int) -> int:
    """Cases and pairs or origins of 1 to k-1 devices of which what is published excludes another such number.

    Publications whose rows sum to more than `largest_sum` are left aside: there not every case that explains them is
    known.
    """
    cases = all_counts(len(moves.crowds), largest_sum)
    policy = Policy(k, 1.0, 0, test=True)
    published = [flows(case, moves, policy) for case in cases]
    numbers = {rows: number for number, rows in enumerate(dict.fromkeys(published))}
    pairs = cases @ np.array([[pair in each for pair in range(len(moves.pairs))] for each in moves.crowds])
    origins = sorted({origin for origin, _ in moves.pairs})
    left = [[any(moves.pairs[pair][0] == origin for pair in each) for origin in origins] for each in moves.crowds]
    seen = np.array([[numbers[rows]] for rows in published])
    known = np.array([sum(int(str(row[2])) for row in rows) <= largest_sum for rows in numbers])
    told = revealed(seen, np.concatenate([pairs, cases @ np.array(left)], axis=1), range(1, k))
    return int(known[seen[told[:, 0], 0]].sum())


@pytest.mark.parametrize(
    ("moves", "k", "largest_sum"),
    [(ONE_ORIGIN, 2, 5), (ONE_ORIGIN, 3, 6), (THREE_ORIGINS, 2, 6), (THREE_ORIGINS, 3, 8)],
    ids=["one origin at k=2", "one origin at k=3", "three origins at k=2", "three origins at k=3"],
)
@pytest.mark.slow
def test_flows_reveal_no_pair_and_no_origin_below_k(moves: Moves, k: int, largest_sum: int) -> None:
    assert revealed_by_flows(moves, k, largest_sum) == 0


@pytest.mark.slow
def test_pools_of_flows_that_stop_at_k_devices_would_reveal(monkeypatch: pytest.MonkeyPatch) -> None:
    def falls_short(members: tuple[int, ...], devices: int, policy: Policy) -> bool:
        return devices < policy.k

    monkeypatch.setattr("anonymization.zone_days._falls_short", falls_short)
    assert revealed_by_flows(ONE_ORIGIN, 3, 6) > 0
