"""Visits, trips and crossings to the counts of parts: distinct devices, their classes, and what they stand for."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization.nested_flows import FlowSet
from anonymization.origins import Origins
from anonymization.tally import Tally
from anonymization.territory import ZoneArea
from anonymization.transit import ZoneSet
from anonymization.zone_days import ZonePart
from pipelines.day_counts import (
    PartCounts,
    Weighing,
    crossing_visitors,
    detected,
    distinct_crossers,
    distinct_movers,
    distinct_visitors,
    flow_counts,
    part_counts,
    summed,
    visitors,
)
from pipelines.weights import Weights
from schemas.tables import CROSSING, TRIP, VISIT
from schemas.vocabulary import AGE_BANDS, DWELL_BANDS, SPC, VISITOR_CATEGORIES
from tests.pipelines.made import HOUR, MINUTE, made

METRO, DIJON, AHUY, VENUE = range(4)
ZONES = tuple(
    ZoneArea(name, kind, parent, np.array(cells, np.uint64), 1.0, False)
    for name, kind, parent, cells in (
        ("metro", "epci", -1, [1, 2, 3, 4]),
        ("21231", "commune", METRO, [1, 2]),
        ("21003", "commune", METRO, [3]),
        ("venue", "venue", DIJON, [1]),
    )
)
ORIGINS = Origins(ZONES)
HOMES = ("21231", "21003", "75056")
"""Home zones by code; 2 is out of the area, -1 unknown."""


def weighing(domestic: int = 3000, foreign: int = 5000, by_age: int = 0) -> Weighing:
    """Domestic devices stand for `domestic` thousandths, and `by_age` more for each age band."""
    table = np.full((len(HOMES) + 1, len(AGE_BANDS)), domestic) + by_age * np.arange(len(AGE_BANDS))
    weights = Weights(table.astype(np.int64), np.full(1000, foreign, np.int64))
    return Weighing(weights, (208,), ORIGINS.of_homes(HOMES), ORIGINS.of_codes())


def part(*zones: int) -> ZonePart:
    return ZonePart(zones, zones, 0)


def counted(text: str, *parts: ZonePart) -> PartCounts:
    """The counts of VISIT rows, each zone in the first part that has it, or in none."""
    return of_table(made(VISIT, text), parts)


def of_table(visits: pa.Table, parts: tuple[ZonePart, ...]) -> PartCounts:
    part_of_zone = np.full(len(ZONES), -1, np.int64)
    for place, each in enumerate(parts):
        part_of_zone[list(each.zones)] = place
    return part_counts(visits, part_of_zone, parts, ORIGINS, weighing())


def only(tally: Tally) -> tuple[int, ...]:
    """Where the one device stands."""
    assert tally.devices.sum() == 1
    return tuple(int(place[0]) for place in np.nonzero(tally.devices))


def test_visitors_are_the_devices_of_each_zone() -> None:
    visits = made(VISIT, "device zone\n 1 0\n 1 1\n 2 1\n 3 3")
    assert visitors(visits, 4).tolist() == [1, 2, 0, 1]
    assert visitors(VISIT.empty(), 4).tolist() == [0, 0, 0, 0]


def test_a_device_counts_once_in_a_set_of_zones() -> None:
    visits = made(VISIT, "device zone\n 1 0\n 1 1\n 2 1\n 3 3")
    assert distinct_visitors(visits, [(0, 1), (1, 3), (2,), (0, 1, 2, 3)]).tolist() == [2, 3, 0, 3]


@pytest.mark.parametrize(
    ("home_zone", "home_mcc", "night", "category"),
    [
        (0, 208, "false", "resident"),
        (0, 208, "true", "resident"),
        (0, 0, "true", "resident"),
        (1, 208, "false", "excursionist"),
        (1, 208, "true", "tourist"),
        (2, 0, "false", "excursionist"),
        (-1, 0, "false", "excursionist"),
        (-1, 208, "true", "tourist"),
        (-1, 262, "false", "foreign excursionist"),
        (0, 262, "true", "foreign tourist"),
    ],
)
def test_the_visitor_category_follows_home_network_and_night(
    home_zone: int, home_mcc: int, night: str, category: str
) -> None:
    text = f"device zone home_zone home_mcc night\n 1 {DIJON} {home_zone} {home_mcc} {night}"
    tallies = counted(text, part(DIJON)).tallies
    place = VISITOR_CATEGORIES.index(category)
    assert only(tallies["attendance_by_category"]) == (0, place)
    assert only(tallies["nights"]) == (0, place, int(night == "true"))


@pytest.mark.parametrize(
    ("zones", "residents"), [((METRO,), [0, 1]), ((DIJON,), [0]), ((DIJON, AHUY), [0, 1]), ((VENUE,), [])]
)
def test_residents_of_a_part_live_in_a_commune_that_is_its_zone_or_inside_one(
    zones: tuple[int, ...], residents: list[int]
) -> None:
    for home in (0, 1, 2, -1):
        found = counted(f"device zone home_zone\n 1 {zones[0]} {home}", part(*zones)).tallies
        assert (only(found["attendance_by_category"])[1] == 0) == (home in residents)


@pytest.mark.parametrize(
    ("home_zone", "home_mcc", "origin"),
    [(0, 208, "21231"), (2, 0, "75"), (-1, 208, "unknown"), (-1, 262, "DE"), (0, 262, "DE")],
)
def test_the_origin_is_the_home_of_a_domestic_device_and_the_country_of_a_foreign_one(
    home_zone: int, home_mcc: int, origin: str
) -> None:
    found = counted(f"device zone home_zone home_mcc\n 1 {DIJON} {home_zone} {home_mcc}", part(DIJON)).origins
    assert [ORIGINS.names[place] for place in found.origin] == [origin]
    assert found.part.tolist() == [0]


@pytest.mark.parametrize(("home_mcc", "age", "spc"), [(208, 3, 4), (0, 3, 4), (262, len(AGE_BANDS), len(SPC))])
def test_foreign_devices_are_a_class_past_the_ages_and_the_classes(home_mcc: int, age: int, spc: int) -> None:
    found = counted(f"device zone home_mcc age_band spc\n 1 {DIJON} {home_mcc} 3 4", part(DIJON)).tallies
    assert only(found["attendance_by_age"]) == (0, age)
    assert only(found["attendance_by_spc"]) == (0, spc)


@pytest.mark.parametrize(
    ("dwell", "band"),
    [
        (15 * MINUTE, 0),
        (30 * MINUTE - 1, 0),
        (30 * MINUTE, 1),
        (HOUR - 1, 1),
        (HOUR, 2),
        (2 * HOUR - 1, 2),
        (2 * HOUR, 3),
        (4 * HOUR - 1, 3),
        (4 * HOUR, 4),
        (8 * HOUR - 1, 4),
        (8 * HOUR, 5),
        (25 * HOUR, 5),
    ],
)
def test_a_dwell_band_holds_its_lower_end_and_not_its_upper(dwell: int, band: int) -> None:
    tallies = counted(f"device zone dwell arrival\n 1 {DIJON} {dwell} 17", part(DIJON)).tallies
    assert only(tallies["dwell"]) == (0, band)
    assert only(tallies["dwell_by_arrival"]) == (0, band, 17)


def test_in_a_part_of_several_zones_a_device_counts_once_with_all_its_time() -> None:
    text = """
        device zone dwell      arrival night signals
        1      1    900000000  2       true  1
        1      2    900000000  23      false 1
        1      0    9000000000 5       false 4
        2      2    900000000  6       false 20
    """
    found = counted(text, part(DIJON, AHUY))
    dwell = found.tallies["dwell_by_arrival"].devices
    # Two quarters of an hour; 23:00 comes before 02:00 on a privacy day that begins at 05:00.
    assert {tuple(map(int, place)) for place in np.argwhere(dwell)} == {(0, 1, 23), (0, 0, 6)}
    assert found.tallies["nights"].devices.sum(axis=(0, 1)).tolist() == [1, 1]
    assert found.tallies["attendance"].devices.tolist() == [2]
    weights = detected(np.array([3000, 3000]), np.array([2, 20]))
    assert found.tallies["attendance"].weight.tolist() == [weights.sum()]


@pytest.mark.parametrize(("hours", "first"), [((5, 4), 5), ((4, 3), 3), ((0, 23), 23), ((4, 5, 12), 5), ((0, 1), 0)])
def test_the_hours_of_a_privacy_day_begin_at_five(hours: tuple[int, ...], first: int) -> None:
    lines = "\n".join(f"1 {zone} {hour}" for zone, hour in zip((DIJON, AHUY, VENUE), hours, strict=False))
    found = counted("device zone arrival\n" + lines, part(DIJON, AHUY, VENUE))
    assert only(found.tallies["dwell_by_arrival"])[2] == first


def test_zones_in_no_part_do_not_count() -> None:
    found = counted("device zone\n 1 0\n 1 1\n 2 3", part(DIJON))
    assert found.tallies["attendance"].devices.tolist() == [1]
    assert found.origins.part.tolist() == [0]


def test_no_visits_are_nothing_in_every_part() -> None:
    found = of_table(VISIT.empty(), (part(DIJON), part(AHUY)))
    assert {name: tally.shape for name, tally in found.tallies.items()} == {
        "attendance": (2,),
        "attendance_by_age": (2, len(AGE_BANDS) + 1),
        "attendance_by_spc": (2, len(SPC) + 1),
        "attendance_by_category": (2, len(VISITOR_CATEGORIES)),
        "dwell": (2, len(DWELL_BANDS)),
        "dwell_by_arrival": (2, len(DWELL_BANDS), 24),
        "nights": (2, len(VISITOR_CATEGORIES), 2),
    }
    assert not any(tally.devices.any() or tally.weight.any() for tally in found.tallies.values())
    assert found.origins.part.size == 0
    assert of_table(VISIT.empty(), ()).tallies["attendance"].shape == (0,)


@pytest.mark.parametrize(
    ("signals", "weight"),
    [(0, 12021), (1, 12021), (2, 10823), (3, 10369), (4, 10173), (11, 10001), (12, 10001), (13, 10001), (900, 10001)],
)
def test_a_visit_of_few_signals_stands_for_those_that_nobody_noticed(signals: int, weight: int) -> None:
    # zeta(n + 2) by its values: Apery's constant, pi^4 / 90, ...
    assert detected(np.array([10_000]), np.array([signals])).tolist() == [weight]


visit_rows = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(0, 3),
        st.sampled_from([15 * MINUTE, HOUR, 9 * HOUR]),
        st.integers(0, 23),
        st.booleans(),
        st.integers(1, 14),
    ),
    max_size=15,
    unique_by=lambda row: row[:2],
)


def visit_table(values: list[tuple]) -> pa.Table:
    """Everything about a person follows from the device."""
    names = ("device", "zone", "dwell", "arrival", "night", "signals")
    columns = {name: [row[at] for row in values] for at, name in enumerate(names)}
    device = columns["device"]
    columns |= {"home_mcc": [(0, 208, 262)[who % 3] for who in device], "age_band": [who % 8 for who in device]}
    columns |= {"spc": [who % 9 for who in device], "home_zone": [who % 4 - 1 for who in device]}
    return VISIT.conform(pa.table(columns))


PARTS = (part(METRO), part(DIJON, AHUY), part(VENUE))


@given(visit_rows)
def test_every_attribute_sums_to_the_plain_count_in_devices_and_in_weight(values: list[tuple]) -> None:
    found = of_table(visit_table(values), PARTS)
    plain = found.tallies["attendance"]
    distinct = [len({who for who, zone, *_ in values if zone in each.zones}) for each in PARTS]
    assert plain.devices.tolist() == distinct
    for name, tally in found.tallies.items():
        axes = tuple(range(1, len(tally.shape)))
        assert tally.devices.sum(axis=axes).tolist() == plain.devices.tolist(), name
        assert tally.weight.sum(axis=axes).tolist() == plain.weight.tolist(), name
    by_arrival, nights = found.tallies["dwell_by_arrival"], found.tallies["nights"]
    assert by_arrival.sum(axis=2).devices.tolist() == found.tallies["dwell"].devices.tolist()
    assert nights.sum(axis=2).weight.tolist() == found.tallies["attendance_by_category"].weight.tolist()
    origins = found.origins.per_part(len(PARTS))
    assert (origins.devices.tolist(), origins.weight.tolist()) == (plain.devices.tolist(), plain.weight.tolist())


@given(visit_rows)
def test_the_counts_of_shards_add_up(values: list[tuple]) -> None:
    whole = of_table(visit_table(values), PARTS)
    shards = [visit_table([row for row in values if row[0] % 2 == shard]) for shard in (0, 1)]
    total = of_table(shards[0], PARTS) + of_table(shards[1], PARTS)
    for name, tally in whole.tallies.items():
        assert np.array_equal(total.tallies[name].devices, tally.devices)
        assert np.array_equal(total.tallies[name].weight, tally.weight)
    assert total.origins.per_part(3).weight.tolist() == whole.origins.per_part(3).weight.tolist()


PART_OF_ZONE = np.array([-1, 0, 1, 1], np.int64)


def flows(text: str) -> list[tuple[int, ...]]:
    """(hour, origin, destination, devices, weight) of TRIP rows between Dijon and Ahuy with the venue."""
    return as_rows(flow_counts(made(TRIP, text), PART_OF_ZONE, weighing(by_age=100)))


def as_rows(found) -> list[tuple[int, ...]]:
    columns = (found.hour, found.origin, found.destination, found.tally.devices, found.tally.weight)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_a_device_counts_once_in_an_hour_and_pair_of_parts() -> None:
    text = """
        device hour from_zone to_zone age_band
        1      7    1         2       0
        1      7    1         3       0
        1      8    1         2       0
        1      7    2         1       0
        2      7    1         2       5
    """
    assert flows(text) == [(7, 0, 1, 2, 6500), (7, 1, 0, 1, 3000), (8, 0, 1, 1, 3000)]


@pytest.mark.parametrize(("origin", "destination"), [(0, 1), (1, 0), (2, 3), (1, 1)])
def test_a_trip_within_a_part_or_outside_of_all_is_no_flow(origin: int, destination: int) -> None:
    assert flows(f"device hour from_zone to_zone\n 1 7 {origin} {destination}") == []


def test_devices_with_the_upper_bit_are_devices_too() -> None:
    assert flows(f"device hour from_zone to_zone\n {2**64 - 1} 7 1 2\n {2**63} 7 1 2\n 5 7 1 2")[0][3] == 3


trip_rows = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), max_size=20)


def trip_table(values: list[tuple[int, ...]]) -> pa.Table:
    lines = "\n".join(f"{device} {hour} {a} {b} {device % 8}" for device, hour, a, b in values)
    return made(TRIP, "device hour from_zone to_zone age_band\n" + lines)


@given(trip_rows)
def test_the_flows_of_shards_are_summed(values: list[tuple[int, ...]]) -> None:
    stands_for = weighing(by_age=7)
    whole = flow_counts(trip_table(values), PART_OF_ZONE, stands_for)
    shards = [
        flow_counts(trip_table([row for row in values if row[0] % 2 == shard]), PART_OF_ZONE, stands_for)
        for shard in (0, 1)
    ]
    assert as_rows(summed(shards)) == as_rows(whole)
    assert as_rows(summed([])) == []


@given(trip_rows)
def test_the_movers_of_a_set_of_pairs_are_distinct(values: list[tuple[int, ...]]) -> None:
    sets = [FlowSet(0, (0,), (1, 2)), FlowSet(0, (1,), None), FlowSet(1, (0, 1), None), FlowSet(2, (1, 2), (0,))]
    own = np.array([-1, 0, 1, 2], np.int64)
    found = distinct_movers(trip_table(values), own, sets, weighing(by_age=7))
    for at, each in enumerate(sets):
        movers = {
            device
            for device, hour, a, b in values
            if hour == each.hour and own[a] in each.origins and own[b] >= 0 and a != b
            if each.destinations is None or own[b] in each.destinations
        }
        assert found.devices[at] == len(movers)
        assert found.weight[at] == sum(3000 + 7 * (device % 8) for device in movers)


def crossing_table(values: list[tuple[int, ...]]) -> pa.Table:
    lines = "\n".join(f"{device} {hour} {zone} {device % 8}" for device, hour, zone in values)
    return made(CROSSING, "device hour zone age_band\n" + lines)


crossing_rows = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2), st.integers(0, 3)), max_size=20, unique=True)


@given(crossing_rows)
def test_crossers_are_counted_by_zone_and_hour_and_distinct_in_sets(values: list[tuple[int, ...]]) -> None:
    table = crossing_table(values)
    expected = [[sum(row[1:] == (hour, zone) for row in values) for hour in range(3)] for zone in range(4)]
    assert crossing_visitors(table, 4, 3).tolist() == expected
    sets = [ZoneSet(0, (0, 1)), ZoneSet(0, (2,)), ZoneSet(2, (0, 1, 2, 3))]
    found = distinct_crossers(table, sets, weighing(by_age=7))
    for at, each in enumerate(sets):
        crossers = {device for device, hour, zone in values if hour == each.hour and zone in each.zones}
        assert found.devices[at] == len(crossers)
        assert found.weight[at] == sum(3000 + 7 * (device % 8) for device in crossers)
