"""Rows that say to be apart, and the devices behind them: who is counted twice, who is lost, who is from elsewhere."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest

from pipelines.arrays import instants
from pipelines.attacks.figures.disjoint import DISJOINT, groups, twice
from pipelines.attacks.figures.parts import parts_of
from pipelines.attacks.figures.wholes import of_split, uncounted
from pipelines.attacks.members import MEMBERS
from pipelines.attacks.target import Target
from schemas.indicators import INDICATORS
from tests.tables import table

TYPES = {name: pa.string() for name in ("zone_id", "age_band", "dwell_band", "arrival_hour", "visitor_category")}


def rows(text: str) -> pa.Table:
    """Published rows, of which `cells` is one number."""
    found = table(text, types=TYPES)
    cells = found["cells"].to_pylist()
    return found.set_column(
        found.column_names.index("cells"), "cells", pa.array([[each] for each in cells], pa.list_(pa.uint64()))
    )


def members(of_rows: Mapping[int, str]) -> pa.Table:
    """MEMBERS from the devices of each row, written as letters."""
    pairs = [(row, ord(device)) for row, devices in of_rows.items() for device in devices]
    return pa.table({"row": [row for row, _ in pairs], "device": [device for _, device in pairs]}, schema=MEMBERS)


def counted_twice(indicator: str, text: str, behind: Mapping[int, str]) -> int:
    return twice(groups(INDICATORS[indicator], rows(text)), members(behind))


def test_a_device_in_two_parts_of_a_slot_is_counted_twice() -> None:
    text = """
        row window_start window_end zone_id cells
        0   05:00        05:15      a       1
        1   05:00        05:15      b       2
        2   05:15        05:30      b       2
    """
    assert counted_twice("presence", text, {0: "xy", 1: "z", 2: "xyz"}) == 0
    assert counted_twice("presence", text, {0: "xy", 1: "yz", 2: "xyz"}) == 1


def test_a_device_in_two_windows_that_overlap_is_counted_twice() -> None:
    text = """
        row window_start window_end zone_id cells
        0   05:00        05:30      a       1
        1   05:15        05:45      b       2
    """
    assert counted_twice("presence", text, {0: "xy", 1: "yz"}) == 1


def test_classes_of_a_part_share_no_device_and_parts_of_a_day_may() -> None:
    text = """
        row window_start window_end zone_id cells dwell_band
        0   05:00        29:00      a       1     1-2_h
        1   05:00        29:00      a       1     2-4_h
        2   05:00        29:00      b       2     1-2_h
    """
    assert counted_twice("dwell", text, {0: "xy", 1: "z", 2: "xyz"}) == 0
    assert counted_twice("dwell", text, {0: "xy", 1: "xyz", 2: "z"}) == 2


def test_a_zone_stands_in_one_row_of_a_day() -> None:
    text = """
        row | window_start | window_end | zone_id | cells
        0   | 05:00        | 29:00      | a       | 1
        1   | 05:00        | 29:00      | venue   | 1
        2   | 05:00        | 29:00      | {zones} | 2
    """
    apart, twofold = rows(text.format(zones="b")), rows(text.format(zones="b"))
    twofold = twofold.set_column(3, "zone_id", pa.array(["a", "venue", "a|b"]))
    behind = members({0: "xy", 1: "x", 2: "xyz"})
    assert twice(groups(INDICATORS["attendance"], apart), behind) == 0
    assert twice(groups(INDICATORS["attendance"], twofold), behind) == 2


def test_a_flow_to_everywhere_holds_those_to_each_place() -> None:
    text = """
        row window_start window_end zone_id cells origin_zone_id destination_zone_id distance_class
        0   08:00        09:00      a       1     a              b                   2-5_km
        1   08:00        09:00      a       1     a              {end}               {far}
        2   09:00        10:00      a       1     a              b                   2-5_km
    """
    behind = {0: "xy", 1: "yz", 2: "xy"}
    assert counted_twice("flows", text.format(end="c", far="2-5_km"), behind) == 0
    assert counted_twice("flows", text.format(end="all", far="all"), behind) == 1


WHOLES = """
    row window_start window_end zone_id cells
    0   05:00        05:15      a       1
    1   05:30        05:45      a       1
    2   05:30        05:45      ward    2
"""
CLASSES = """
    row window_start window_end zone_id cells age_band
    0   05:00        06:00      a       1     18-24
    1   05:00        06:00      a       1     25-34
"""


def split(
    wholes: Mapping[int, str], classes: Mapping[int, str], spared: tuple[str, ...] = ("ward",)
) -> tuple[int, int]:
    """What presence by age holds too much, and too little, in the hour from 05:00."""
    found = {"presence": rows(WHOLES), "presence_by_age": rows(CLASSES)}
    behind = {"presence": members(wholes), "presence_by_age": members(classes)}
    due = instants(table("at\n05:30"), "at")
    return of_split("presence_by_age", found, behind, parts_of(found), due, spared)


def test_the_classes_of_an_hour_hold_who_was_there_at_the_half_hour() -> None:
    assert split({0: "uv", 1: "xyz", 2: "w"}, {0: "x", 1: "yz"}) == (0, 0)


def test_a_device_that_no_class_holds_is_lost() -> None:
    assert split({0: "uv", 1: "xyz", 2: "w"}, {0: "x", 1: "y"}) == (0, 1)


def test_a_device_of_a_class_that_was_not_there_is_from_elsewhere() -> None:
    assert split({0: "uv", 1: "xyz", 2: "w"}, {0: "x", 1: "yzu"}) == (1, 0)


def test_only_sensitive_zones_may_be_left_without_classes() -> None:
    assert split({1: "xyz", 2: "w"}, {0: "x", 1: "yz"}, spared=()) == (0, 1)


def test_an_indicator_that_gives_some_devices_loses_none() -> None:
    text = """
        row window_start window_end zone_id cells visitor_category
        0   05:00        29:00      a       1     resident
    """
    found = dict.fromkeys(("attendance_by_category", "nights"), rows(text))
    due = instants(table("at\n17:00"), "at")

    def compared(nights: str) -> tuple[int, int]:
        behind = {"attendance_by_category": members({0: "xyz"}), "nights": members({0: nights})}
        return of_split("nights", found, behind, parts_of(found), due, ())

    assert compared("x") == (0, 0)
    assert compared("xw") == (1, 0)


def test_a_device_that_counts_and_is_in_no_row_is_missing_in_its_slot() -> None:
    counted = np.array([[True, True], [True, False], [False, True]])
    assert uncounted(counted, np.array([0, 1, 0]), np.array([0, 0, 1])).tolist() == [0, 1]


def test_the_rows_of_a_release_hold_everybody_once(small_target: Target) -> None:
    found = DISJOINT.measure(DISJOINT.subject(small_target), small_target)
    assert set(found.figures.values()) == {0}
    assert found.tried["rows"] == sum(each.num_rows for each in small_target.tables.values())


@pytest.mark.parametrize(
    ("weakness", "figure"),
    [
        (0, "devices counted twice"),
        (1, "devices lost"),
        (2, "devices counted twice"),
        (3, "devices not in the row that is split"),
    ],
    ids=["totals", "suppressed", "sliding", "without wholes"],
)
def test_rows_that_are_no_partition_are_found(small_target: Target, weakness: int, figure: str) -> None:
    weak = DISJOINT.weaknesses[weakness].build(small_target)
    assert DISJOINT.measure(weak, small_target).figures[figure] > 0
