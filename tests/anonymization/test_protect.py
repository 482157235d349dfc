from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.flow_ends import early_visitors
from anonymization.flows import FlowCounts, protect_flows
from anonymization.nested_flows import FlowSet
from anonymization.origins import Origins, OriginTally
from anonymization.partition import Counts
from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection, Rows, protect_presence, protect_presence_by, released
from anonymization.tally import Tally
from anonymization.transit import protect_transit
from anonymization.zone_days import ZonePart
from schemas.indicators import INDICATORS
from schemas.vocabulary import AGE_BANDS, ALL, DWELL_BANDS, FOREIGN, SPC, UNKNOWN, VISITOR_CATEGORIES
from tests.anonymization.day_doors import protect_arrivals, protect_nights, protect_origins, protect_zone_day
from tests.anonymization.territories import SEVENS, below, build, hexagons, zone

HALF_HOUR = 1_800_000_000
START = 1_781_060_400_000_000
SLOTS = START + np.arange(5, dtype=np.int64) * HALF_HOUR
HOURS = SLOTS[::2]
BLOCKS = START + np.arange(5, dtype=np.int64) * 4 * HALF_HOUR
"""Slots of two hours, for as long as a draw stays."""
HALF_HOURS = np.array([1, 3], np.int32)
"""The slots that hold the half-hour points of the two hours."""
DAY = (int(START), int(START) + 48 * HALF_HOUR)

AREA = build(
    SEVENS[:4],
    zone("A", SEVENS[:1]),
    zone("B", SEVENS[1:2]),
    zone("care", hexagons(SEVENS[2])[:7], kind="care", sensitive=True),
)
PLACE = {
    name: int(np.searchsorted(AREA.hexagons, hexagons(cell)[0])) for name, cell in zip("ABCD", SEVENS, strict=False)
}
"""The first hexagon of each zone, of the sensitive one (C), and of the cells in no zone (D)."""
NODE = {int(zone): node for node, zone in enumerate(AREA.zone) if zone >= 0}

Cells = Sequence[tuple[str, int, int]]


def protection(rounding: int = 0, key: bytes = bytes(16), k: int = 20) -> Protection:
    return Protection(AREA, Policy(k, 0.8, rounding, test=True), Estimate(0.95), key)


def weighed(devices: Counts, weight: float = 1.0) -> Tally:
    """Devices that all weigh the same."""
    return Tally(devices, np.rint(devices * weight * 1000).astype(np.int64))


def slots(*cells: tuple[str, int, int], weight: float = 1.0) -> Tally:
    """A tally [hexagons, slots] from (place, slot, devices)."""
    counts = np.zeros((AREA.hexagons.size, SLOTS.size - 1), np.int64)
    for place, slot, devices in cells:
        counts[PLACE[place], slot] += devices
    return weighed(counts, weight)


Sparse = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Counts, Counts]


def sparse(names: tuple[str, ...], *cells: tuple[str, str, int]) -> Sparse:
    """(hexagon, class, devices, weight) of an hour from (place, class, devices)."""
    order = [*names, FOREIGN]
    rows = [(PLACE[place], order.index(name), devices) for place, name, devices in cells]
    columns = np.array(rows, np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 2] * 1000


def by_age(counts: Tally, hours: list[list[tuple[str, str, int]]], how: Protection) -> pa.Table:
    _, parts = protect_presence(counts, SLOTS, how)
    table = [sparse(AGE_BANDS, *cells) for cells in hours]
    return protect_presence_by(INDICATORS["presence_by_age"], parts, HALF_HOURS, HOURS, table, how)


def part(zones: tuple[int, ...], devices: int) -> ZonePart:
    return ZonePart(zones, tuple(NODE[zone] for zone in zones), devices)


def plain(*parts: ZonePart) -> Tally:
    """The devices of parts."""
    return weighed(np.array([each.devices for each in parts], np.int64))


def of_classes(names: tuple[str, ...], *parts: dict[str, int]) -> Tally:
    """A tally [parts, classes], for age and class with foreign devices last."""
    names = (*names, FOREIGN) if UNKNOWN in names else names
    rows = [[each.get(name, 0) for name in names] for each in parts]
    return weighed(np.array(rows, np.int64).reshape(len(parts), len(names)))


def brief(table: pa.Table, *columns: str) -> list[tuple[object, ...]]:
    chosen = [table[name].to_pylist() for name in ("zone_id", *columns, "devices")]
    return list(zip(*chosen, strict=True))


EVERYWHERE = slots(("A", 0, 90), ("B", 0, 60), ("D", 0, 50), ("A", 1, 47), ("B", 1, 33), ("C", 1, 3), ("D", 1, 71))


def test_presence_has_a_row_for_each_part_of_each_slot() -> None:
    table, parts = protect_presence(EVERYWHERE, SLOTS, protection())
    assert table.num_rows == parts.window.size
    assert sum(table["devices"].to_pylist()) == EVERYWHERE.devices.sum()
    assert set(table["window_start"].cast(pa.int64()).to_pylist()) == set(SLOTS[:2].tolist())
    assert set(table["window_end"].cast(pa.int64()).to_pylist()) == set(SLOTS[1:3].tolist())


def all_tables(how: Protection) -> dict[str, pa.Table]:
    """Every indicator, with rows."""
    presence, parts = protect_presence(EVERYWHERE, SLOTS, how)
    tables = {"presence": presence}
    for name, names in (("presence_by_age", AGE_BANDS), ("presence_by_spc", SPC)):
        hour = sparse(names, ("A", names[1], 47), ("B", names[5], 33), ("C", FOREIGN, 3), ("D", FOREIGN, 71))
        hours = [hour, sparse(names)]
        tables[name] = protect_presence_by(INDICATORS[name], parts, HALF_HOURS, HOURS, hours, how)
    days = [part((0,), 101), part((1,), 63)]
    for name, vocabulary in (
        ("attendance_by_age", AGE_BANDS),
        ("attendance_by_spc", SPC),
        ("attendance_by_category", VISITOR_CATEGORIES),
        ("dwell", DWELL_BANDS),
    ):
        counts = of_classes(vocabulary, {vocabulary[0]: 51, vocabulary[3]: 50}, {vocabulary[2]: 63})
        tables[name] = protect_zone_day(INDICATORS[name], days, DAY, counts, how)
    tables["attendance"] = protect_zone_day(INDICATORS["attendance"], days, DAY, plain(*days), how)
    night = np.zeros((2, len(VISITOR_CATEGORIES), 2), np.int64)
    night[0, 0], night[1, 2, 1] = (50, 51), 63
    tables["nights"] = protect_nights(days, DAY, weighed(night), how)
    arrivals = np.zeros((2, len(DWELL_BANDS), 24), np.int64)
    arrivals[0, 0, [8, 14]], arrivals[1, 5, 23] = (50, 51), 63
    tables["dwell_by_arrival"] = protect_arrivals(days, DAY, weighed(arrivals), how)
    homes = Origins(AREA.zones).of_homes(["21231", "75056"])
    origins = OriginTally(np.array([0, 0, 1]), homes, weighed(np.array([51, 50, 63])))
    tables["attendance_by_origin"] = protect_origins(days, DAY, origins, how)
    return tables | moved_tables(days, how)


def moved_tables(days: Sequence[ZonePart], how: Protection) -> dict[str, pa.Table]:
    """What is hourly by zone."""
    pairs = FlowCounts(*(np.array(column) for column in ([0, 1], [0, 1], [1, 0])), weighed(np.array([31, 27])))
    leaving = {FlowSet(0, (0,), None): 31, FlowSet(1, (1,), None): 27}
    early = early_visitors(days, None, np.array([5, 6]), 5)
    flows = protect_flows(
        days, HOURS, pairs, lambda sets: weighed(np.array([leaving[each] for each in sets], np.int64)), early, how
    )
    visitors = np.zeros((len(AREA.zones), 2), np.int64)
    visitors[:2] = ((23, 24), (81, 82))
    transit = protect_transit(
        HOURS, visitors, lambda sets: weighed(np.array([visitors[s.zones, s.hour].sum() for s in sets])), how
    )
    return {"flows": flows, "transit": transit}


def test_every_released_table_is_as_declared() -> None:
    tables = all_tables(protection(5))
    assert set(tables) == set(INDICATORS)
    for name, table in tables.items():
        assert table.num_rows > 0
        assert table.schema.equals(INDICATORS[name].table.schema, check_metadata=True)
        assert all(column.null_count == 0 for column in table.columns)
        assert set(table["additive"].to_pylist()) == {INDICATORS[name].additive}


def test_a_row_below_k_comes_no_further_than_the_door() -> None:
    rows = Rows(
        *(np.array([number]) for number in (*DAY, -1, 0)),
        [(NODE[0],)],
        (),
        np.array([""], object),
        weighed(np.array([19])),
    )
    with pytest.raises(ValueError, match="at least 20"):
        released(INDICATORS["attendance"], rows, protection())


def test_tables_without_rows_are_as_declared_too() -> None:
    how, none = protection(5), slots()
    presence, parts = protect_presence(none, SLOTS, how)
    empty = [sparse(AGE_BANDS)] * 2
    by = protect_presence_by(INDICATORS["presence_by_age"], parts, HALF_HOURS, HOURS, empty, how)
    attendance = protect_zone_day(INDICATORS["attendance"], [], DAY, plain(), how)
    dwell = protect_zone_day(INDICATORS["dwell"], [], DAY, of_classes(DWELL_BANDS), how)
    for name, table in (("presence", presence), ("presence_by_age", by), ("attendance", attendance), ("dwell", dwell)):
        assert table.num_rows == 0
        assert table.schema.equals(INDICATORS[name].table.schema, check_metadata=True)


def test_rows_stand_by_window_zone_first_cell_and_class() -> None:
    for table in all_tables(protection(5)).values():
        classes = table.column_names[4 : table.column_names.index("devices")]
        keys = [
            (row["window_start"], row["zone_id"], row["cells"][0], *(row[name] for name in classes))
            for row in table.to_pylist()
        ]
        assert keys == sorted(set(keys))
        assert all(row["cells"] == sorted(set(row["cells"])) for row in table.to_pylist())


def test_rows_of_one_zone_stand_by_first_cell_and_not_in_the_order_in_which_they_merge() -> None:
    # Where fewer hexagons are in reach, they come first in the public order.
    first, second = hexagons(below(SEVENS[0], 0)), hexagons(below(SEVENS[0], 1))[:3]
    area = build(np.sort(np.concatenate([first, second])), zone("A", SEVENS[:1]))
    counts = weighed(np.full((area.hexagons.size, 1), 10, np.int64))
    how = Protection(area, Policy(20, 0.8, 0, test=True), Estimate(0.95), bytes(16))
    table, parts = protect_presence(counts, SLOTS[:2], how)
    assert parts.devices.tolist() == [30, 70]
    assert table["devices"].to_pylist() == [70, 30]


def test_one_device_that_stands_for_5_people_is_never_published() -> None:
    # k is tested on devices: 1 x 5.3 people, or 4 x 5.3 = 21 of them, are no 20 devices.
    for devices in (1, 4, 19):
        how = protection(5)
        assert protect_presence(slots(("A", 0, devices), weight=5.3), SLOTS, how)[0].num_rows == 0
        counts = slots(("A", 0, devices), ("B", 0, 100), ("D", 0, 90), weight=5.3)
        table, _ = protect_presence(counts, SLOTS, how)
        assert "A" not in table["zone_id"].to_pylist()
        assert all(people >= 20 * 5 for people in table["people"].to_pylist())


@pytest.mark.parametrize("key", [bytes([number]) * 16 for number in range(20)])
def test_k_is_tested_before_rounding(key: bytes) -> None:
    # 21 might be printed as 25, and 22 as 20.
    assert protect_presence(slots(("A", 0, 21)), SLOTS, protection(5, key, k=22))[0].num_rows == 0
    table, _ = protect_presence(slots(("A", 0, 22)), SLOTS, protection(5, key, k=22))
    assert table["devices"].to_pylist() in ([20], [25])


def test_the_same_key_prints_the_same_and_another_key_prints_otherwise() -> None:
    first, again = all_tables(protection(5)), all_tables(protection(5))
    assert first == again
    prints = {
        tuple(protect_presence(EVERYWHERE, SLOTS, protection(5, bytes([number]) * 16))[0]["devices"].to_pylist())
        for number in range(10)
    }
    assert len(prints) > 1


@pytest.mark.parametrize("key", [bytes([number]) * 16 for number in range(30)])
def test_a_row_that_is_all_of_its_part_is_rounded_as_the_plain_figure(key: bytes) -> None:
    # Two draws for one count would tell whether it is a multiple, and repeated, nearly the count.
    how = protection(5, key)
    of_slot, _ = protect_presence(slots(("A", 1, 23), ("B", 1, 42), ("D", 1, 64)), SLOTS, how)
    hour = [("A", "18-24", 23), ("B", "18-24", 42), ("D", "18-24", 64)]
    split = by_age(slots(("A", 1, 23), ("B", 1, 42), ("D", 1, 64)), [hour, []], how)
    assert set(split["age_band"].to_pylist()) == {ALL}
    assert brief(split) == brief(of_slot)

    day = [part((0,), 23), part((1,), 42)]
    attendance = protect_zone_day(INDICATORS["attendance"], day, DAY, plain(*day), how)
    ages = of_classes(AGE_BANDS, {"65+": 23}, {"65+": 42})
    assert brief(protect_zone_day(INDICATORS["attendance_by_age"], day, DAY, ages, how)) == brief(attendance)
    dwell = of_classes(DWELL_BANDS, {"2-4 h": 23}, {"2-4 h": 12, "4-8 h": 15, "<30 min": 15})
    table = protect_zone_day(INDICATORS["dwell"], day, DAY, dwell, how)
    assert table["dwell_band"].to_pylist() == ["2-4 h", "|".join(DWELL_BANDS)]
    assert brief(table) == brief(attendance)


def test_other_rows_are_rounded_by_block_of_hours_place_and_class_apart() -> None:
    def up(table: pa.Table) -> list[bool]:
        return [number == 25 for number in table["devices"].to_pylist()]

    draws = []
    for number in range(60):
        how = protection(5, bytes([number]) * 16)
        same = slots(
            *((place, slot, 23) for place in "AB" for slot in range(4)),
            *((place, slot, 90) for place in "CD" for slot in range(4)),
        )
        day = [part((0,), 46), part((1,), 23)]
        dwell = of_classes(DWELL_BANDS, {"2-4 h": 23, "<30 min": 23}, {"2-4 h": 23})
        draws.append(
            [
                *up(protect_presence(same, BLOCKS, how)[0].filter(pa.compute.field("zone_id") == "B")),
                *up(protect_zone_day(INDICATORS["dwell"], day, DAY, dwell, how)),
            ]
        )
    columns = np.array(draws).T
    # B in four blocks, and by dwell: A in two classes, B in one.
    assert len(columns) == 7
    assert len({tuple(column) for column in columns.tolist()}) == len(columns)
    assert ((columns.mean(axis=1) > 0.3) & (columns.mean(axis=1) < 0.9)).all()


def drawn(table: pa.Table, zone_id: str = "B") -> list[bool]:
    """Of a part of 23 devices, whether each window's figure is rounded up; in the order of the windows."""
    figures = table.filter(pa.compute.field("zone_id") == zone_id)["devices"].to_pylist()
    assert set(figures) <= {20, 25}
    return [figure == 25 for figure in figures]


def still(windows: int) -> Tally:
    """Windows in which the same 23 devices stay in B, and 90 in each other place."""
    counts = np.zeros((AREA.hexagons.size, windows), np.int64)
    counts[[PLACE[name] for name in "ABCD"]] = np.array([[90], [23], [90], [90]])
    return weighed(counts)


def runs(draws: list[bool], length: int) -> list[set[bool]]:
    """What the windows of each block drew."""
    return [set(draws[at : at + length]) for at in range(0, len(draws), length)]


@pytest.mark.parametrize(("minutes", "hours"), [(15, 24), (30, 25), (20, 23), (60, 24)])
def test_a_part_that_stays_as_it_is_prints_one_figure_for_two_hours_and_is_drawn_anew_after(
    minutes: int, hours: int
) -> None:
    windows = hours * 60 // minutes
    edges = START + np.arange(windows + 1, dtype=np.int64) * minutes * 60_000_000
    drawn_by_block = []
    for number in range(40):
        table, _ = protect_presence(still(windows), edges, protection(5, bytes([number]) * 16))
        blocks = runs(drawn(table), 120 // minutes)
        assert len(blocks) == 12 + (hours == 25)
        assert all(len(block) == 1 for block in blocks)
        drawn_by_block.append([True in block for block in blocks])
    # No two blocks draw alike under all keys, and each goes up about as often as it should, 3 times in 5.
    columns = np.array(drawn_by_block).T
    assert len({tuple(column) for column in columns.tolist()}) == len(columns)
    assert 0.5 < columns.mean() < 0.7


@pytest.mark.parametrize("key", [bytes([number]) * 16 for number in range(20)])
def test_a_part_that_is_not_split_is_rounded_in_every_hour_as_the_slot_that_stands_for_it(key: bytes) -> None:
    how = protection(5, key)
    slots = START + np.arange(33, dtype=np.int64) * HALF_HOUR // 2
    hours, half_hours = slots[::4], np.arange(2, 32, 4).astype(np.int32)
    of_slots, parts = protect_presence(still(32), slots, how)
    ages = [sparse(AGE_BANDS, *((place, "18-24", 23 if place == "B" else 90) for place in "ABCD"))] * 8
    split = protect_presence_by(INDICATORS["presence_by_age"], parts, half_hours, hours, ages, how)
    assert set(split["age_band"].to_pylist()) == {ALL}
    assert drawn(split) == drawn(of_slots)[2::4]


@pytest.mark.parametrize("hours", [24, 25])
def test_movements_of_a_part_draw_anew_every_hour(hours: int) -> None:
    edges = START + np.arange(hours + 1, dtype=np.int64) * 2 * HALF_HOUR
    days = [part((0,), 101), part((1,), 163)]
    every = np.arange(hours)
    pairs = FlowCounts(every, every * 0 + 1, every * 0, weighed(every * 0 + 23))
    visitors = np.zeros((len(AREA.zones), hours), np.int64)
    visitors[:2] = [[90], [23]]
    drawn_by_hour = []
    for number in range(20):
        how = protection(5, bytes([number]) * 16)
        flows = protect_flows(
            days,
            edges,
            pairs,
            lambda sets: weighed(np.array([23 for _ in sets])),
            early_visitors(days, None, every % 24, 5),
            how,
        )
        transit = protect_transit(
            edges, visitors, lambda sets: weighed(np.array([visitors[s.zones, s.hour].sum() for s in sets])), how
        )
        drawn_by_hour += [drawn(flows), drawn(transit)]
    columns = np.array(drawn_by_hour).T
    assert len({tuple(column) for column in columns.tolist()}) == len(columns) == hours


def test_the_hour_takes_parts_and_devices_of_the_slot_of_its_half_hour() -> None:
    counts = slots(("A", 0, 500), ("A", 1, 60), ("B", 1, 60), ("D", 1, 60), ("D", 2, 500), ("A", 3, 19))
    ages = [(place, age, 30) for place in "ABD" for age in ("18-24", "45-54")]
    table = by_age(counts, [ages, [("A", "18-24", 19)]], protection())
    assert set(table["window_start"].cast(pa.int64()).to_pylist()) == {int(HOURS[0])}
    assert set(table["window_end"].cast(pa.int64()).to_pylist()) == {int(HOURS[1])}
    of_slot, _ = protect_presence(counts[:, [1]], SLOTS[1:3], protection())
    sums: dict[str, int] = {}
    for name, _, devices in brief(table, "age_band"):
        sums[str(name)] = sums.get(str(name), 0) + int(str(devices))
    assert sums == {str(name): devices for name, devices in brief(of_slot)}
    assert set(table["age_band"].to_pylist()) == {"18-24", "45-54"}


@settings(max_examples=50)
@given(st.data())
def test_the_rows_by_attribute_sum_to_the_part_that_they_split(data: st.DataObject) -> None:
    cell = st.tuples(st.sampled_from("ABCD"), st.sampled_from([*AGE_BANDS, FOREIGN]), st.integers(1, 60))
    hours = [data.draw(st.lists(cell, max_size=12)) for _ in range(2)]
    counts = slots(*((place, 2 * hour + 1, devices) for hour in range(2) for place, _, devices in hours[hour]))
    of_slots, _ = protect_presence(counts, SLOTS, protection())
    split = by_age(counts, hours, protection())
    found: dict[tuple[int, tuple[int, ...]], int] = {}
    for row in split.to_pylist():
        key = (int(row["window_start"].timestamp()), tuple(row["cells"]))
        found[key] = found.get(key, 0) + row["devices"]
    half = HALF_HOUR // 1_000_000
    assert found == {
        (int(row["window_start"].timestamp()) - half, tuple(row["cells"])): row["devices"]
        for row in of_slots.to_pylist()
    }
    assert all(devices >= 20 for devices in split["devices"].to_pylist())


def test_a_sensitive_zone_has_its_day_total_and_no_attributes() -> None:
    day = [part((0,), 100), part((2,), 60), part((1, 2), 80)]
    assert brief(protect_zone_day(INDICATORS["attendance"], day, DAY, plain(*day), protection())) == [
        ("A", 100),
        ("B|care", 80),
        ("care", 60),
    ]
    ages = of_classes(AGE_BANDS, {"18-24": 50, "45-54": 50}, {"18-24": 30, "45-54": 30}, {"18-24": 40, "45-54": 40})
    table = protect_zone_day(INDICATORS["attendance_by_age"], day, DAY, ages, protection())
    assert brief(table, "age_band") == [("A", "18-24", 50), ("A", "45-54", 50)]


def test_where_all_weigh_the_same_people_depend_on_printed_devices_only() -> None:
    prints: dict[int, set[tuple[float, ...]]] = {}
    for devices in range(20, 60):
        for number in range(5):
            how = protection(5, bytes([number]) * 16)
            [row] = protect_presence(slots(("A", 0, devices), weight=3.7), SLOTS, how)[0].to_pylist()
            people = (row["people"], row["people_low"], row["people_high"])
            prints.setdefault(row["devices"], set()).add(people)
    assert set(prints) == set(range(20, 65, 5))
    assert all(len(each) == 1 for each in prints.values())


def test_printed_devices_are_multiples_of_the_base() -> None:
    for table in all_tables(protection(5)).values():
        assert all(devices % 5 == 0 and devices >= 20 for devices in table["devices"].to_pylist())
    assert all_tables(protection(0))["attendance"]["devices"].to_pylist() == [101, 63]


def test_a_table_does_not_depend_on_what_was_protected_before_it() -> None:
    how = protection(5)
    first, _ = protect_presence(EVERYWHERE, SLOTS, how)
    protect_presence(slots(("D", 3, 400)), SLOTS, how)
    assert protect_presence(EVERYWHERE, SLOTS, how)[0] == first == protect_presence(EVERYWHERE, SLOTS, replace(how))[0]
