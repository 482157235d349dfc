"""The history of radio cells: of fewer than k devices it keeps nothing, and it goes by the local clock."""

from datetime import date, time, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipelines.calendar import Calendar
from pipelines.quality.heard import BIN
from pipelines.quality.history import BINS, PER_HOUR, clock_day, history_rows, no_sums, on_air
from tests.tables import rows

CALENDAR = Calendar("Europe/Paris", time(5), timedelta(minutes=15))
ORDINARY, SHORT, LONG = date(2026, 6, 10), date(2026, 3, 28), date(2026, 10, 24)
CELLS = pa.array(["A", "B"])


def places(day: date) -> np.ndarray:
    return CALENDAR.places(CALENDAR.bins(day, BIN)[:-1], BIN)


@pytest.mark.parametrize("devices", [19, 20, 21])
def test_of_fewer_than_k_devices_not_even_the_events_are_kept(devices: int) -> None:
    events = np.arange(24).reshape(1, 24)
    kept = history_rows(events, np.array([[30, devices]]), pa.array(["A"]), 20)
    expected = [("A", 0, 30, list(range(12))), ("A", 1, devices, list(range(12, 24)))]
    assert [tuple(row.values()) for row in kept.to_pylist()] == expected[: 1 + (devices >= 20)]


def test_the_bins_of_an_ordinary_day_are_the_places_of_the_clock() -> None:
    assert places(ORDINARY).tolist() == list(range(BINS))


@pytest.mark.parametrize(("day", "hours", "twice"), [(SHORT, 23, 0), (LONG, 25, 12)])
def test_when_the_clock_changes_an_hour_has_no_place_or_two_hours_have_one(day: date, hours: int, twice: int) -> None:
    found = places(day)
    assert found.size == hours * PER_HOUR
    # From 05:00, two o'clock in the night is 21 hours later.
    two_o_clock = 21 * PER_HOUR
    assert found[:two_o_clock].tolist() == list(range(two_o_clock))
    counts = np.bincount(found, minlength=BINS)
    assert counts[two_o_clock : two_o_clock + PER_HOUR].tolist() == [2 if twice else 0] * PER_HOUR
    assert counts.sum() == hours * PER_HOUR
    assert found[-1] == BINS - 1


def test_a_day_reads_as_it_was_kept_and_what_was_not_kept_is_unknown() -> None:
    events, devices = np.zeros((2, BINS), np.int64), np.zeros((2, 24), np.int64)
    events[1, 12:15] = (5, 0, 7)
    devices[1, 1] = 20
    found = clock_day(history_rows(events, devices, CELLS, 20), CELLS, places(ORDINARY))
    assert np.flatnonzero(~np.isnan(found.events[1])).tolist() == list(range(12, 24))
    assert found.events[1, 12:16].tolist() == [5, 0, 7, 0]
    assert found.devices[1, 1] == 20
    assert np.isnan(found.events[0]).all()
    assert np.isnan(found.devices).sum() == 47


@pytest.mark.parametrize("day", [SHORT, LONG])
def test_noon_is_noon_and_four_in_the_night_is_four_whenever_the_clock_changes(day: date) -> None:
    edges = CALENDAR.bins(day, BIN)
    hours = (edges.size - 1) // PER_HOUR
    of_hour = np.array([int(CALENDAR.clock(int(edge))[:2]) for edge in edges[:-1]])
    events = np.tile(of_hour, (2, 1))
    found = clock_day(history_rows(events, np.full((2, hours), 20), CELLS, 20), CELLS, places(day))
    hour_of_place = (5 + np.arange(BINS) // PER_HOUR) % 24
    known = ~np.isnan(found.events[0])
    assert (found.events[0, known] == hour_of_place[known]).all()
    assert set(hour_of_place[~known].tolist()) == ({2} if day == SHORT else set())


def test_cells_that_left_the_plan_are_forgotten_and_new_ones_are_unknown() -> None:
    kept = history_rows(np.ones((2, BINS), np.int64), np.full((2, 24), 20), CELLS, 20)
    found = clock_day(kept, pa.array(["B", "C"]), places(ORDINARY))
    assert (found.events[0] == 1).all()
    assert np.isnan(found.events[1]).all()


def test_the_mean_leaves_the_greatest_day_out_and_counts_what_is_unknown_as_nothing() -> None:
    days = [np.array([4.0, 4.0, np.nan]), np.array([6.0, 4.0, 9.0]), np.array([900.0, 4.0, 6.0])]
    sums = no_sums(3)
    for day in days:
        sums = sums.with_day(day.astype(np.float32))
    assert sums.mean.tolist() == [5, 4, 3]
    without = [sums.mean_without(day.astype(np.float32)).tolist() for day in days]
    assert without == [[6, 4, 6], [4, 4, 0], [4, 4, 0]]


def test_a_cell_is_on_air_in_a_bin_that_a_period_of_it_holds() -> None:
    edges = np.arange(0, 50, 10)
    found = on_air(np.array([0, 25, -99]), np.array([20, 40, 5]), np.array([0, 0, 1], np.int32), edges)
    assert found.tolist() == [[True, True, False, True], [False] * 4]
    assert rows(history_rows(np.zeros((0, BINS), np.int64), np.zeros((0, 24), np.int64), CELLS, 20)) == []
