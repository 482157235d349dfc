"""Presence: in each slot a device counts once, where it was longest; counts are differences along the slots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import presence
from pipelines.arrays import column, instants
from pipelines.presence import (
    ATTRIBUTES,
    GROUPS,
    UNKNOWN,
    Counted,
    Lattice,
    Spans,
    attribute_counts,
    differences,
    tally,
    unknown,
    winners,
)
from schemas.vocabulary import AGE_BANDS, SPC
from tests.pipelines.made import MINUTE, at
from tests.tables import table

EDGES = at("06:00", "06:15", "06:30", "06:45", "07:00")
SLOTS = range(4)


def spans(text: str, hexagons: int = 4) -> Spans:
    """From `device hexagon begin end [weight]`."""
    read = table(text)
    device = np.unique(column(read, "device"), return_inverse=True)[1].astype(np.int64)
    weight = column(read, "weight") if "weight" in read.column_names else np.full(device.size, 1000)
    times = (instants(read, name) for name in ("begin", "end"))
    return Spans(device, column(read, "hexagon").astype(np.int64), *times, weight.astype(np.int64), hexagons)


def counts(text: str) -> list[list[int]]:
    """Devices by slot and hexagon."""
    found = spans(text)
    won = winners(found, EDGES)
    total = np.zeros((len(SLOTS), found.hexagons), np.int64)
    for span, first, last in zip(won.span, won.first, won.last, strict=True):
        total[first:last, found.hexagon[span]] += 1
    return total.tolist()


def one(text: str) -> list[int | None]:
    """The hexagon of the one device in each slot."""
    return [row.index(1) if 1 in row else None for row in counts("device hexagon begin end\n" + text)]


@pytest.mark.parametrize(
    ("stays", "hexagons"),
    [
        ("1 0 06:00 07:00", [0, 0, 0, 0]),
        ("1 0 05:00 09:00", [0, 0, 0, 0]),
        ("1 0 06:15 06:45", [None, 0, 0, None]),
        ("1 0 06:14:59.999999 06:45:00.000001", [0, 0, 0, 0]),
        ("1 0 06:20 06:25", [None, 0, None, None]),
        ("1 0 06:20 06:50", [None, 0, 0, 0]),
        ("1 0 05:00 06:00", [None, None, None, None]),
        ("1 0 05:00 06:00:00.000001", [0, None, None, None]),
        ("1 0 06:59:59.999999 09:00", [None, None, None, 0]),
        ("1 0 07:00 09:00", [None, None, None, None]),
    ],
)
def test_a_device_counts_in_every_slot_that_its_stay_overlaps(stays: str, hexagons: list[int | None]) -> None:
    assert one(stays) == hexagons


@pytest.mark.parametrize(
    ("instant", "hexagons"),
    [
        ("05:59:59.999999", [None] * 4),
        ("06:00", [0, None, None, None]),
        ("06:15", [None, 0, None, None]),
        ("06:59:59.999999", [None, None, None, 0]),
        ("07:00", [None] * 4),
    ],
)
def test_a_stay_of_no_length_counts_in_the_slot_that_holds_it(instant: str, hexagons: list[int | None]) -> None:
    assert one(f"1 0 {instant} {instant}") == hexagons


@pytest.mark.parametrize(
    ("change", "hexagon"),
    [("06:07:29.999999", 1), ("06:07:30", 1), ("06:07:30.000001", 0)],
)
def test_the_hexagon_of_the_longest_time_wins_a_slot_and_of_equal_ones_the_latest(change: str, hexagon: int) -> None:
    assert one(f"1 0 06:00 {change}\n 1 1 {change} 06:15") == [hexagon, None, None, None]


def test_the_times_of_a_hexagon_in_a_slot_add_up() -> None:
    assert one("1 0 06:00 06:05\n 1 1 06:05 06:11\n 1 0 06:11 06:15")[0] == 0
    assert one("1 1 06:00 06:05\n 1 0 06:05 06:11\n 1 1 06:11 06:12")[0] == 1


def test_a_stay_of_no_length_at_an_edge_takes_no_slot_from_another() -> None:
    assert one("1 0 06:00 06:15\n 1 1 06:15 06:15\n 1 2 06:15 07:00") == [0, 2, 2, 2]
    assert one("1 0 06:00 06:30\n 1 1 06:30 06:30") == [0, 0, 1, None]


def test_devices_do_not_compete() -> None:
    text = "device hexagon begin end\n 1 0 06:00 07:00\n 2 0 06:00 06:15\n 3 1 06:05 06:06"
    assert counts(text) == [[2, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]


def test_a_long_stay_is_two_numbers_and_not_one_for_each_slot() -> None:
    edges = np.arange(0, 97) * 15 * MINUTE
    long = Spans(*(np.array([value]) for value in (0, 0, 0, int(edges[-1]), 1000)), 1)
    assert winners(long, edges).span.size == 2


journeys = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 12), st.integers(0, 30)), max_size=12
)


def journey(moves: list[tuple[int, int, int, int]]) -> Spans:
    """Stays of (device, hexagon, minutes of silence before, minutes of length), one after another, from 05:50 on."""
    start = int(at("05:50")[0])
    clock: dict[int, int] = {}
    rows = []
    for device, hexagon, silence, length in sorted(moves, key=lambda move: move[0]):
        begin = clock.get(device, start) + silence * MINUTE
        clock[device] = begin + length * MINUTE
        rows.append((device, hexagon, begin, clock[device], 1000 + 500 * device))
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    codes = np.unique(columns[0], return_inverse=True)[1].astype(np.int64)
    return Spans(codes, *columns[1:], 3)


def by_hand(found: Spans) -> np.ndarray:
    """(devices, weight) [2, slots, hexagons] by the definition, device by device and slot by slot."""
    total = np.zeros((2, len(SLOTS), found.hexagons), np.int64)
    for device in set(found.device.tolist()):
        own = np.flatnonzero(found.device == device).tolist()
        for slot in SLOTS:
            overlap: dict[int, tuple[int, int]] = {}
            for row in own:
                low, high = max(found.begin[row], EDGES[slot]), min(found.end[row], EDGES[slot + 1])
                instant = found.begin[row] == found.end[row] and EDGES[slot] <= found.begin[row] < EDGES[slot + 1]
                if low < high or instant:
                    hexagon = int(found.hexagon[row])
                    overlap[hexagon] = (overlap.get(hexagon, (0, 0))[0] + max(int(high - low), 0), row)
            if overlap:
                best = max(overlap, key=lambda hexagon: overlap[hexagon])
                total[:, slot, best] += (1, found.weight[own[0]])
    return total


def running(counted: Counted, lattice: Lattice) -> np.ndarray:
    """[2, slots, hexagons] from differences of the plain count."""
    group, hexagon, slot = lattice.unkey(counted.place)
    assert not group.any()
    steps = np.zeros((2, lattice.slots + 1, lattice.hexagons), np.int64)
    np.add.at(steps[0], (slot, hexagon), counted.devices)
    np.add.at(steps[1], (slot, hexagon), counted.weight)
    return steps.cumsum(axis=1)


@given(journeys)
def test_the_running_sum_of_the_differences_is_the_count_and_what_it_stands_for(
    moves: list[tuple[int, int, int, int]],
) -> None:
    found, lattice = journey(moves), Lattice(3, len(SLOTS))
    total = running(differences(winners(found, EDGES), found, lattice, SLOTS), lattice)
    assert (total[:, :-1] == by_hand(found)).all()
    assert not total[:, -1].any()


@given(journeys, st.integers(1, 3))
def test_slots_may_be_counted_in_any_portions(moves: list[tuple[int, int, int, int]], cut: int) -> None:
    found, lattice = journey(moves), Lattice(3, len(SLOTS))
    total = 0
    for slots in (range(cut), range(cut, len(SLOTS))):
        won = winners(found, EDGES[slots.start : slots.stop + 1])
        total = total + running(differences(won, found, lattice, slots), lattice)
    assert (total[:, :-1] == by_hand(found)).all()


@given(journeys, st.integers(0, 5))
def test_the_classes_of_an_attribute_sum_to_the_plain_count(moves: list[tuple[int, int, int, int]], shift: int) -> None:
    found, lattice = journey(moves), Lattice(3, 10)
    own = {"age_band": 1 + (found.device + shift) % 3, "spc": 10 + found.device % 2}
    slots = range(5, 9)
    won = winners(found, EDGES)
    pieces = attribute_counts(won, found, own, lattice, slots, np.array([5, 8]))
    group, hexagon, slot = lattice.unkey(np.concatenate([piece.place for piece in pieces]))
    for attribute in (group < 10, group >= 10):
        total = np.zeros((2, 10, 3), np.int64)
        for at_row, name in enumerate(("devices", "weight")):
            values = np.concatenate([getattr(piece, name) for piece in pieces])
            np.add.at(total[at_row], (slot[attribute], hexagon[attribute]), values[attribute])
        assert (total[:, [5, 8]] == by_hand(found)[:, [0, 3]]).all()
        assert not total[:, [6, 7]].any()
    assert set(group.tolist()) <= {*own["age_band"].tolist(), *own["spc"].tolist()}


@pytest.mark.parametrize(
    ("begin", "end", "slots"),
    [
        ("05:00", "06:00", []),
        ("05:00", "06:14:59.999999", []),
        ("05:00", "06:15", [0]),
        ("06:00", "06:30", [0, 1]),
        ("06:00:00.000001", "06:30", [1]),
        ("06:20", "06:40", []),
        ("06:15", "09:00", [1, 2, 3]),
        ("07:00", "09:00", []),
        ("06:15", "06:15", []),
    ],
)
def test_a_device_known_nowhere_counts_in_the_slots_that_lie_within_its_silence(
    begin: str, end: str, slots: list[int]
) -> None:
    lattice = Lattice(4, 10)
    found = unknown(at(begin), at(end), EDGES, lattice, range(5, 9))
    group, hexagon, slot = lattice.unkey(found.place)
    assert set(group.tolist()) <= {UNKNOWN}
    assert not hexagon.any()
    assert not found.weight.any()
    steps = np.zeros(11, np.int64)
    steps[slot] = found.devices
    assert np.flatnonzero(steps.cumsum()).tolist() == [slot + 5 for slot in slots]
    assert set(steps.cumsum().tolist()) <= {0, 1}


def test_the_unknown_are_a_group_of_their_own_after_every_class() -> None:
    classes = [len(AGE_BANDS) + 1, len(SPC) + 1]
    assert list(ATTRIBUTES.items()) == [("age_band", classes[0]), ("spc", classes[1])]
    assert sum(classes) == UNKNOWN - 1
    assert GROUPS == UNKNOWN + 1


@given(st.integers(0, GROUPS - 1), st.integers(0, 6), st.integers(0, 100))
def test_a_packed_place_unpacks_to_itself(group: int, hexagon: int, slot: int) -> None:
    lattice = Lattice(7, 100)
    key = lattice.key(*(np.array([value]) for value in (group, hexagon, slot)))
    assert [int(value[0]) for value in lattice.unkey(key)] == [group, hexagon, slot]


summands = st.lists(st.tuples(st.integers(0, 9), st.integers(-3, 3), st.integers(-9_000, 9_000)), max_size=30)


@given(summands, st.sampled_from([0, 10**9]))
def test_a_tally_sums_each_key_and_leaves_out_sums_of_nothing(values: list[tuple[int, ...]], dense: int) -> None:
    key, devices, weight = np.array(values, np.int64).reshape(-1, 3).T
    expected: dict[int, list[int]] = {}
    for place, *summand in values:
        total = expected.setdefault(place, [0, 0])
        expected[place] = [a + b for a, b in zip(total, summand, strict=True)]
    expected = {place: total for place, total in sorted(expected.items()) if total != [0, 0]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presence, "DENSE", dense)
        found = tally(key, devices, weight, 10)
    assert found.place.tolist() == list(expected)
    assert [list(pair) for pair in zip(found.devices.tolist(), found.weight.tolist(), strict=True)] == [
        *expected.values()
    ]
