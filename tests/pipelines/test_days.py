"""Stays to the tables of a day: each place of a device has one hexagon, however its cells take turns."""

import numpy as np
import pytest

from pipelines.census import census
from pipelines.days import Day
from pipelines.footprint import footprint
from pipelines.places import Locator, centres
from pipelines.stays import HOLD, in_order, segment
from pipelines.trips import zones_of_layers
from pipelines.visits import nests
from schemas.tables import CROSSING, OPEN_STAY, PROBE, STAY, TRIP, VISIT
from tests.pipelines.made import HOURS, at, made
from tests.pipelines.test_footprint import DIJON, cell, disk, net, north

TOWN, SUBURB = disk("town", *DIJON, 3), disk("suburb", north(1200), DIJON[1], 2)
CELLS = [
    cell(range_m=900.0, azimuth=0.0),
    cell(range_m=900.0, azimuth=180.0),
    cell(north(200), range_m=1200.0),
    cell(north(12_000), range_m=1500.0),
]
HERE, ALSO_HERE, NEARBY, FAR = range(4)


def day(seed: int = 0) -> Day:
    """A day on which every hexagon is a zone."""
    found = footprint(net(*CELLS), 9, census([TOWN, SUBURB], {"town": 700.0, "suburb": 300.0}))
    own = nests(np.arange(found.hexagons.size, dtype=np.int32), [-1] * found.hexagons.size)
    layers = zones_of_layers(own, [range(found.hexagons.size)])

    def uniform(device: np.ndarray) -> np.ndarray:
        return np.array([np.random.default_rng([seed, int(who)]).integers(2**32) for who in device], np.uint32)

    home_area = np.array([0, 1, -1], np.int32)
    return Day(
        own, layers, HOURS, centres(found), Locator(found), home_area, uniform, np.arange(len(CELLS), dtype=np.int32)
    )


def stays(events: str):
    none = np.zeros(0, np.int32)
    found = segment(
        OPEN_STAY.empty(),
        in_order(made(PROBE, events)),
        lambda device, cell, home: np.resize(none, cell.size),
        HOLD,
        (int(at("05:00")[0]), int(at("29:00")[0])),
    )
    return found.select(STAY.names)


def still(cells: list[int], device: int = 1) -> str:
    """A phone that signals once an hour through these cells in turn, from six to midnight."""
    return "".join(f"{device} {hour:02}:00 {cells[hour % len(cells)]}\n" for hour in range(6, 24))


@pytest.mark.parametrize("cells", [[HERE], [HERE, ALSO_HERE], [HERE, ALSO_HERE, NEARBY]])
@pytest.mark.parametrize("seed", range(5))
def test_a_phone_at_rest_has_one_hexagon_all_day(cells: list[int], seed: int) -> None:
    tables = day(seed).tables(stays("device event_time cell\n" + still(cells)))
    assert tables.visits.num_rows == 1
    assert tables.trips.num_rows == tables.crossings.num_rows == 0
    assert tables.visits["night"].to_pylist() == [True]


def test_a_phone_that_goes_far_has_two_and_one_trip_each_way() -> None:
    events = "".join(
        f"1 {hour:02}:{minute} {FAR if 9 <= hour < 15 else HERE}\n" for hour in range(6, 24) for minute in ("00", "30")
    )
    tables = day().tables(stays("device event_time cell\n" + events))
    assert tables.visits.num_rows == 2
    assert tables.trips.num_rows == 2
    [(out, back)] = [tables.trips["from_zone"].to_pylist()]
    assert sorted([out, back]) == sorted(tables.visits["zone"].to_pylist())
    assert tables.trips["to_zone"].to_pylist() == [back, out]


def test_the_tables_of_a_device_do_not_depend_on_the_others() -> None:
    alone = day().tables(stays("device event_time cell\n" + still([HERE, NEARBY])))
    others = "".join(still([who % 4, (who + 1) % 4], who) for who in range(2, 12))
    together = day().tables(stays("device event_time cell\n" + still([HERE, NEARBY]) + others))
    for name in ("visits", "trips", "crossings"):
        own = [row for row in getattr(together, name).to_pylist() if row["device"] == 1]
        assert own == getattr(alone, name).to_pylist()


def test_whoever_lives_in_the_reach_of_a_cell_is_placed_at_home_more_often() -> None:
    made_of, in_town = day(), {}
    town = np.setdiff1d(TOWN.cells, SUBURB.cells)
    for home in (0, 1, -1):
        events = "".join(still([NEARBY], who) for who in range(1, 201)).splitlines()
        text = "device event_time cell home_zone\n" + "\n".join(f"{line} {home}" for line in events)
        found = made_of.tables(stays(text)).visits["zone"].to_numpy()
        assert found.size == 200
        in_town[home] = np.isin(made_of.locator.footprint.hexagons[found], town).mean()
    assert in_town[0] > in_town[-1] > in_town[1]


def test_whoever_sleeps_in_the_reach_of_a_cell_is_placed_at_home_more_often_than_by_day() -> None:
    made_of, in_town = day(), {}
    town = np.setdiff1d(TOWN.cells, SUBURB.cells)
    for hours in ((9, 10, 11), (21, 22, 23)):
        lines = [f"{who} {hour}:00 {NEARBY} 0" for who in range(1, 201) for hour in hours]
        found = made_of.tables(stays("device event_time cell home_zone\n" + "\n".join(lines))).visits
        assert found["night"].to_pylist() == [hours[0] == 21] * 200
        in_town[hours[0]] = np.isin(made_of.locator.footprint.hexagons[found["zone"].to_numpy()], town).mean()
    assert in_town[21] > in_town[9]


def test_a_day_without_stays_has_empty_tables() -> None:
    tables = day().tables(STAY.empty())
    assert [tables.visits.schema, tables.trips.schema, tables.crossings.schema] == [
        VISIT.schema,
        TRIP.schema,
        CROSSING.schema,
    ]
    assert tables.visits.num_rows + tables.trips.num_rows + tables.crossings.num_rows == 0
