"""A day's measures to its released presence: devices as counted, people raised by those that are known nowhere."""

import numpy as np
import pyarrow as pa
import pytest

from anonymization.policy import Policy
from anonymization.protect import Estimate, Protection
from pipelines.fold import merged
from pipelines.presence import UNKNOWN, Lattice
from pipelines.publish import DayGrid, presence_tables
from schemas.tables import PRESENCE_COUNT
from schemas.vocabulary import AGE_BANDS
from tests.anonymization.territories import SEVENS, build, hexagons, zone
from tests.pipelines.made import HOUR

AREA = build(SEVENS[:2], zone("A", SEVENS[:1]), zone("B", SEVENS[1:2]))
A, B = (int(np.searchsorted(AREA.hexagons, hexagons(seven)[0])) for seven in SEVENS[:2])
SLOTS = np.arange(5, dtype=np.int64) * HOUR // 2
GRID = DayGrid(SLOTS, SLOTS[::2], np.array([1, 3], np.int32))
LATTICE = Lattice(AREA.hexagons.size, 4)
END = 4
"""One past the last slot."""
YOUNG, OLD = 1 + AGE_BANDS.index("18-24"), 1 + AGE_BANDS.index("65+")


def published(*measures: tuple[int, int, int, int, int]) -> dict[str, pa.Table]:
    """From (group, hexagon, slot, devices, weight of one)."""
    columns = np.array(measures, np.int64).reshape(-1, 5).T
    place = LATTICE.key(*columns[:3])
    counts = merged(
        [PRESENCE_COUNT.conform(pa.table({"place": place, "devices": columns[3], "weight": columns[3] * columns[4]}))]
    )
    protection = Protection(AREA, Policy(20, 0.8, 0, test=True), Estimate(0.95), bytes(16))
    return presence_tables(counts, GRID, protection)


def figures(table: pa.Table, zone_id: str, *columns: str) -> list[tuple]:
    """(half hour of the day, ..., devices, people) of the rows of a zone that have devices."""
    found = []
    for row in table.to_pylist():
        if row["zone_id"] == zone_id and row["devices"]:
            start = row["window_start"].hour * 2 + row["window_start"].minute // 30
            found.append((start, *(row[name] for name in columns), row["devices"], row["people"]))
    return sorted(found)


def test_presence_is_the_running_sum_of_the_measures() -> None:
    tables = published(
        (0, A, 0, 100, 2000), (0, B, 0, 20, 1000), (0, B, 1, 30, 1000), (0, A, 3, -60, 2000), (0, A, END, -40, 2000)
    )
    assert figures(tables["presence"], "A") == [(0, 100, 200), (1, 100, 200), (2, 100, 200), (3, 40, 80)]
    assert figures(tables["presence"], "B") == [(0, 20, 20), (1, 50, 50), (2, 50, 50), (3, 50, 50)]


def test_people_are_raised_by_the_devices_that_are_known_nowhere_and_devices_are_not() -> None:
    tables = published(
        (0, A, 0, 100, 2000),
        (0, B, 0, 100, 4000),
        (UNKNOWN, 0, 1, 50, 0),
        (UNKNOWN, 0, 3, -50, 0),
        (0, A, END, -100, 2000),
    )
    assert figures(tables["presence"], "A") == [(0, 100, 200), (1, 100, 250), (2, 100, 250), (3, 100, 200)]
    assert figures(tables["presence"], "B") == [(0, 100, 400), (1, 100, 500), (2, 100, 500), (3, 100, 400)]


def test_the_classes_of_an_attribute_are_raised_as_the_plain_count_is() -> None:
    tables = published(
        (0, A, 0, 100, 2000),
        (0, B, 0, 100, 2000),
        (UNKNOWN, 0, 1, 100, 0),
        (YOUNG, A, 1, 60, 2000),
        (OLD, A, 1, 40, 2000),
        (YOUNG, A, 3, 60, 2000),
        (OLD, A, 3, 40, 2000),
    )
    found = figures(tables["presence_by_age"], "A", "age_band")
    assert found == [(0, "18-24", 60, 180), (0, "65+", 40, 120), (2, "18-24", 60, 180), (2, "65+", 40, 120)]


@pytest.mark.parametrize("measures", [(), ((UNKNOWN, 0, 0, 50, 0),)])
def test_where_nobody_is_known_nothing_is_raised(measures: tuple) -> None:
    tables = published(*measures)
    assert set(tables) == {"presence", "presence_by_age", "presence_by_spc"}
    assert not any(sum(table["devices"].to_pylist()) for table in tables.values())
