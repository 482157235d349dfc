"""Flows against the visitors of their ends: single thresholds, and an attacker who compares all that is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from anonymization.figures import Figures
from anonymization.flow_ends import LONGEST_GAP, early_visitors, without_isolating_ends
from anonymization.flows import FlowCounts, flow_layers, label_pairs, protect_flows
from anonymization.nested import Pairs
from anonymization.nested_flows import FlowSet
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from anonymization.protect_days import attendance_rows, released_day
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart, zone_parts
from pipelines.stays import MINUTE
from pipelines.visits import GAP_LIMIT
from schemas.vocabulary import ARRIVAL_HOURS, DWELL_BANDS
from tests.anonymization.territories import SEVENS, below, build, zone

Ints = npt.NDArray[np.int64]

K = 20
DAY_OF_24 = (np.arange(24) + 5) % 24
"""What the clock shows as each hour of an ordinary privacy day begins."""
EVERY_HOUR = "|".join(ARRIVAL_HOURS)

left_over = pytest.mark.parametrize(
    ("left", "shown"), [(0, True), (1, False), (K - 1, False), (K, True), (K + 1, True)]
)


def parts_of(*devices: int) -> list[ZonePart]:
    """Parts of so many visitors."""
    return [ZonePart((place,), (), each) for place, each in enumerate(devices)]


def arrivals(*rows: tuple[int, str, int]) -> Figures:
    """Rows of `dwell_by_arrival` from (part, hours, devices)."""
    part, hours, devices = zip(*rows, strict=True)
    bands = pa.array([DWELL_BANDS[0]] * len(rows), pa.string())
    return Figures(np.array(part), (bands, pa.array(hours, pa.string())), np.array(devices))


def is_kept(flow: FlowSet, devices: int, early: Ints, around: Sequence[tuple[int, int]] = ()) -> bool:
    """Whether a flow of so many devices is printed; `around`: pairs of a part and one that holds it."""
    turns = [Pairs(*np.array(around, np.int64).T)] if around else []
    return without_isolating_ends([flow], [devices], early, turns, K) == [flow]


def whole(*devices: int) -> Ints:
    """Visitors of parts whose arrivals are not published."""
    return early_visitors(parts_of(*devices), None, DAY_OF_24, 5)


# Which parts are compared.


@left_over
def test_a_flow_leaves_nobody_or_at_least_k_of_the_visitors_of_its_origin(left: int, shown: bool) -> None:
    assert is_kept(FlowSet(8, (0,), (1,)), 40, whole(40 + left, 1000)) is shown
    assert is_kept(FlowSet(8, (0,), (1, 2)), 40, whole(40 + left, 1000, 1000)) is shown


@left_over
def test_a_flow_leaves_nobody_or_at_least_k_of_the_visitors_of_its_only_destination(left: int, shown: bool) -> None:
    assert is_kept(FlowSet(8, (0,), (1,)), 40, whole(1000, 40 + left)) is shown


@left_over
def test_it_is_compared_with_every_part_around_its_ends(left: int, shown: bool) -> None:
    for end in (0, 1):
        assert is_kept(FlowSet(8, (0,), (1,)), 40, whole(1000, 1000, 1000, 40 + left), [(end, 2), (end, 3)]) is shown


@left_over
def test_a_pool_is_compared_with_a_part_around_all_of_it(left: int, shown: bool) -> None:
    early = whole(1000, 1000, 1000, 40 + left)
    for flow in (FlowSet(8, (1, 2), None), FlowSet(8, (0,), (1, 2))):
        assert is_kept(flow, 40, early, [(1, 3), (2, 3)]) is shown
        # Who went to the other end may not have visited that part.
        assert is_kept(flow, 40, early, [(1, 3)])


def test_no_part_of_a_pool_holds_all_devices_of_it() -> None:
    early = whole(1000, 45, 45)
    assert is_kept(FlowSet(8, (0,), (1, 2)), 40, early)
    assert is_kept(FlowSet(8, (1, 2), None), 40, early)


def test_a_flow_of_more_devices_than_its_end_has_visitors_is_not_printed() -> None:
    assert not is_kept(FlowSet(8, (0,), (1,)), 40, whole(39, 1000))


# Visitors who came later.


@left_over
def test_visitors_who_came_after_a_flow_had_left_its_origin_do_not_hide_it(left: int, shown: bool) -> None:
    # Hour 3 of the day begins at 08:00.
    rows = arrivals((0, "07", 40), (0, "08", left), (0, "09", 500)) if left else arrivals((0, "07", 40), (0, "09", 500))
    early = early_visitors(parts_of(540 + left, 1000), rows, DAY_OF_24, 5)
    assert is_kept(FlowSet(3, (0,), (1,)), 40, early) is shown
    assert is_kept(FlowSet(4, (0,), (1,)), 40, early)


@left_over
def test_nor_do_those_who_came_to_its_destination_after_the_longest_gap(left: int, shown: bool) -> None:
    # Who leaves in hour 3, from 08:00 on, arrives by hour 7, before 13:00.
    rows = arrivals((1, "10|11|12", 40 + left), (1, "13", 500))
    early = early_visitors(parts_of(1000, 540 + left), rows, DAY_OF_24, 5)
    assert is_kept(FlowSet(3, (0,), (1,)), 40, early) is shown
    assert is_kept(FlowSet(4, (0,), (1,)), 40, early)


def test_the_longest_gap_is_that_of_trips() -> None:
    assert LONGEST_GAP * 60 * MINUTE == GAP_LIMIT


def test_a_row_counts_from_the_earliest_of_its_hours_on() -> None:
    rows = arrivals((0, "04|05|23", 30), (0, "06", 40), (1, EVERY_HOUR, 50), (0, "04", 25))
    early = early_visitors(parts_of(95, 50, 60), rows, DAY_OF_24, 5)
    assert early[:, [0, 1, 22, 23]].tolist() == [[30, 70, 70, 95], [50] * 4, [60] * 4]


def test_hours_that_a_clock_shows_twice_or_not_at_all_are_those_of_the_clock() -> None:
    rows = arrivals((0, "01", 30), (0, "02", 40), (0, "03", 50))
    # 01:00, 02:00, and 02:00 again or 03:00 at once.
    autumn = early_visitors(parts_of(120), rows, np.array([*range(5, 24), 0, 1, 2, 2, 3, 4]), 5)
    spring = early_visitors(parts_of(120), rows, np.array([*range(5, 24), 0, 1, 3, 4]), 5)
    assert autumn[0, 20:].tolist() == [30, 70, 70, 120, 120]
    assert spring[0, 20:].tolist() == [30, 120, 120]


def test_the_gap_ends_with_the_day() -> None:
    rows = arrivals((1, "04", 59))
    early = early_visitors(parts_of(1000, 59), rows, DAY_OF_24, 5)
    assert not is_kept(FlowSet(23, (0,), (1,)), 40, early)


# An attacker with all published figures.

AREA = build(
    SEVENS,
    zone("metropole", SEVENS[:2], kind="area"),
    *(zone(name, SEVENS[at : at + 1], parent=0 if at < 2 else -1, size=at) for at, name in enumerate("abcd")),
    zone("venue in a", [below(SEVENS[0], 0)], kind="venue", parent=1),
    zone("venue in b", [below(SEVENS[1], 0)], kind="venue", parent=2),
    zone("abroad", SEVENS[4:5], kind="area"),
)
INSIDE = {
    "venue in a": ("venue in a", "a", "metropole"),
    "venue in b": ("venue in b", "b", "metropole"),
    **{name: (name, "metropole") for name in "ab"},
    **{name: (name,) for name in ("c", "d", "abroad")},
}
"""The zones around each place where a device can be."""
FEW = 3
"""k of small crowds."""


@dataclass(frozen=True)
class Stay:
    """A device at a place from one hour of the day to another."""

    device: int
    place: str
    came: int
    left: int


def crowd(seed: int) -> list[list[Stay]]:
    """The stays of some devices in a few places, of which most do what one of three of them does."""
    random = np.random.default_rng(seed)
    places = random.choice(list(INSIDE), 3, replace=False)

    def day() -> list[tuple[str, int, int]]:
        hours = np.sort(random.integers(0, 24, 2 * random.integers(1, 4)))
        chosen = random.choice(places, hours.size // 2)
        return [(str(p), int(c), int(e)) for p, c, e in zip(chosen, hours[::2], hours[1::2], strict=True)]

    usual = [day() for _ in range(3)]
    days = [usual[int(random.integers(3))] if random.random() < 0.8 else day() for _ in range(random.integers(5, 40))]
    return [[Stay(device, *each) for each in of_device] for device, of_device in enumerate(days)]


@dataclass(frozen=True)
class Known:
    """What is published of a crowd, unrounded, and what is true: the devices that came to each zone, by hour."""

    tables: dict[str, pa.Table]
    came: dict[str, dict[int, int]]
    moves: list[tuple[int, str, str, int]]

    def visitors(self, name: str, by_hour: int) -> tuple[int, set[int]]:
        """Of a part those who may have come by an hour of the day, as published: how many, and who they are."""
        zones = name.split("|")
        first: dict[int, int] = {}
        for each in zones:
            for device, hour in self.came[each].items():
                first[device] = min(hour, first.get(device, 24))
        rows = [row for row in self.tables["dwell_by_arrival"].to_pylist() if row["zone_id"] == name]
        clocks = {f"{DAY_OF_24[hour]:02}" for hour in range(by_hour + 1)}
        early = [row for row in rows if clocks & set(row["arrival_hour"].split("|"))]
        listed = {hour for row in early for hour in row["arrival_hour"].split("|")}
        who = {device for device, hour in first.items() if f"{DAY_OF_24[hour]:02}" in listed}
        return sum(row["devices"] for row in early), who


def published(days: list[list[Stay]]) -> Known:
    """The day figures and flows of a crowd."""
    zones = {each.zone_id: at for at, each in enumerate(AREA.zones)}
    stays = [stay for of_device in days for stay in of_device]
    came: dict[str, dict[int, int]] = {name: {} for name in zones}
    for stay in stays:
        for name in INSIDE[stay.place]:
            came[name][stay.device] = min(stay.came, came[name].get(stay.device, 24))

    def distinct(sets: Sequence[tuple[int, ...]]) -> Ints:
        found = [{device for place in each for device in came[AREA.zones[place].zone_id]} for each in sets]
        return np.array([len(each) for each in found], np.int64)

    how = Protection(AREA, Policy(FEW, 1.0, 0, test=True), Estimate(0.95), bytes(16))
    parts = zone_parts(AREA, np.array([len(came[name]) for name in zones], np.int64), distinct, how.policy)
    by_arrival = np.zeros((len(parts), len(DWELL_BANDS), 24), np.int64)
    for at, part in enumerate(parts):
        of_part = [came[AREA.zones[place].zone_id] for place in part.zones]
        for device in set().union(*of_part):
            hour = min(each.get(device, 24) for each in of_part)
            by_arrival[at, device % 2, DAY_OF_24[hour]] += 1
    counts = {
        "attendance": tally(by_arrival.sum(axis=(1, 2))),
        "dwell_by_arrival": tally(by_arrival),
    }
    rows = attendance_rows(parts, counts, None, how)
    hours = np.arange(25, dtype=np.int64) * 3_600_000_000
    tables = released_day(rows, parts, (0, int(hours[-1])), how)
    moves, in_parts = moved(days, parts, zones)
    hour, origin, end, device = np.array(in_parts, np.int64).reshape(-1, 4).T
    triples, devices = np.unique(np.stack([hour, origin, end], axis=1), axis=0, return_counts=True)

    def movers(sets: Sequence[FlowSet]) -> Tally:
        label = label_pairs(sets, hour, origin, end)
        return tally(np.array([np.unique(device[label == at]).size for at in range(len(sets))], np.int64))

    early = early_visitors(parts, rows["dwell_by_arrival"].figures, DAY_OF_24, 5)
    tables["flows"] = protect_flows(parts, hours, FlowCounts(*triples.T, tally(devices)), movers, early, how)
    return Known(tables, came, moves)


def tally(devices: npt.NDArray[np.generic]) -> Tally:
    counts = devices.astype(np.int64)
    return Tally(counts, counts * 1000)


def moved(
    days: list[list[Stay]], parts: Sequence[ZonePart], zones: dict[str, int]
) -> tuple[list[tuple[int, str, str, int]], list[tuple[int, int, int, int]]]:
    """The trips of a crowd, by names of zones and by places of parts: hour, origin, destination and device."""
    named, placed = set(), set()
    for layer in flow_layers(AREA, parts):
        part_of = {zone: place for place in layer for zone in parts[place].zones}
        for of_device in days:
            for one, other in pairwise(of_device):
                pairs = [(a, b) for a in INSIDE[one.place] for b in INSIDE[other.place]]
                for a, b in pairs:
                    origin, end = part_of.get(zones[a]), part_of.get(zones[b])
                    in_time = one.left <= other.came <= one.left + LONGEST_GAP
                    if origin is not None and end is not None and origin != end and in_time:
                        named.add((one.left, a, b, one.device))
                        placed.add((one.left, origin, end, one.device))
    return sorted(named), sorted(placed)


def told(known: Known) -> list[int]:
    """What is left of visitors of a part without those of a flow who must be among them, by printed figures.

    Raises AssertionError where one of them is not.
    """
    found = []
    names = known.tables["attendance"]["zone_id"].to_pylist()
    for row in known.tables["flows"].to_pylist():
        origins, ends = row["origin_zone_id"].split("|"), row["destination_zone_id"].split("|")
        hour = row["window_start"].hour
        who = {
            device for at, a, b, device in known.moves if at == hour and a in origins and (b in ends or ends == ["all"])
        }
        assert len(who) == row["devices"]
        for of_end, by_hour in ((origins, hour), (ends, hour + LONGEST_GAP)):
            for name in names:
                if all(set(INSIDE.get(zone, (zone,))) & set(name.split("|")) for zone in of_end):
                    for at in range(by_hour, 24):
                        devices, visitors = known.visitors(name, at)
                        assert who <= visitors
                        found.append(devices - row["devices"])
    return found


SEEDS = range(150)


def test_no_published_visitors_without_a_flow_are_1_to_k_less_1() -> None:
    left = [few for seed in SEEDS for few in told(published(crowd(seed)))]
    assert len(left) > 1000
    assert [few for few in left if 0 < few < FEW] == []
    assert {0, FEW} <= set(left)


def test_without_the_rule_there_would_be_some(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_of_them(sets: Sequence[FlowSet], *_: object) -> list[FlowSet]:
        return list(sets)

    monkeypatch.setattr("anonymization.flows.without_isolating_ends", all_of_them)
    left = [few for seed in SEEDS for few in told(published(crowd(seed)))]
    assert sum(0 < few < FEW for few in left) > 100


def test_whole_visitors_alone_would_not_be_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def never_late(sets: Sequence[FlowSet], devices: Sequence[int], early: Ints, *rest: object) -> list[FlowSet]:
        late = np.repeat(early[:, -1:], early.shape[1], axis=1)
        return without_isolating_ends(sets, devices, late, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("anonymization.flows.without_isolating_ends", never_late)
    left = [few for seed in SEEDS for few in told(published(crowd(seed)))]
    assert sum(0 < few < FEW for few in left) > 20
