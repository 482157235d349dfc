"""States of radio cells by hour: of whom nothing is told, what is silent, what is on air, and who stands beside it."""

from datetime import date, time, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from pipelines.calendar import Calendar
from pipelines.quality.heard import BIN
from pipelines.quality.history import PER_HOUR
from pipelines.quality.silence import LEAST_MISSING, Silences, silences
from pipelines.quality.states import HOUR, SILENT, UNKNOWN, UP, Served, beside_others, states, whole_hours

K = 20
HOURS = np.arange(0, 4 * PER_HOUR, PER_HOUR)
"""Three hours."""
NEVER_WORSE = np.zeros(1)


def state(
    rate: float, events: list[int], devices: float = 50.0, k: int = K, worst: float = 0.0, hours: np.ndarray = HOURS
) -> list[int]:
    """The states of a cell that expects `rate` events and `devices` in each bin, by hour."""
    bins = len(events)
    wanted, heard = np.full((1, bins), rate), np.array([events])
    found = silences(wanted.astype(np.float32), NEVER_WORSE + worst, heard)
    return states(wanted, np.full((1, bins), devices), heard, found, hours, k)[0].tolist()


STEADY, NONE = [10] * PER_HOUR, [0] * PER_HOUR


def test_a_cell_that_is_heard_as_usual_is_on_air_and_one_without_an_event_is_silent() -> None:
    assert state(10, STEADY + NONE + STEADY) == [UP, SILENT, UP]


@pytest.mark.parametrize(("devices", "told"), [(19, False), (20, True), (21, True)])
def test_nothing_is_told_of_a_cell_that_expects_fewer_than_k_devices(devices: int, told: bool) -> None:
    assert state(10, STEADY + NONE + STEADY, devices) == ([UP, SILENT, UP] if told else [UNKNOWN] * 3)


def test_devices_of_several_cells_are_not_added_up() -> None:
    heard = np.zeros((2, PER_HOUR), np.int64)
    wanted = np.full((2, PER_HOUR), 10.0)
    found = silences(wanted.astype(np.float32), np.zeros(2), heard)
    assert states(wanted, np.full((2, PER_HOUR), 19.0), heard, found, HOURS[:2], K).tolist() == [[UNKNOWN]] * 2


def test_nothing_is_told_of_an_hour_in_which_a_cell_is_off_air_for_five_minutes() -> None:
    heard, wanted = np.array([STEADY]), np.full((1, PER_HOUR), 10.0)
    devices = np.full((1, PER_HOUR), 50.0)
    devices[0, 3] = 0
    nothing = silences(wanted.astype(np.float32), NEVER_WORSE, heard)
    assert states(wanted, devices, heard, nothing, HOURS[:2], K).tolist() == [[UNKNOWN]]


@pytest.mark.parametrize(("quiet", "told"), [(9, UNKNOWN), (LEAST_MISSING / 2, SILENT), (11, SILENT)])
def test_an_hour_is_silent_once_enough_is_missing_at_its_end(quiet: float, told: int) -> None:
    assert state(2, [1] * (PER_HOUR - int(quiet)) + [0] * int(quiet), hours=HOURS[:2]) == [told]


def test_what_the_history_of_a_cell_has_seen_missing_does_not_make_it_silent() -> None:
    assert state(10, NONE, worst=59, hours=HOURS[:2]) == [SILENT]
    assert state(10, NONE, worst=61, hours=HOURS[:2]) == [UNKNOWN]


def test_a_silence_that_is_known_in_the_next_hour_is_told_of_the_next_hour_alone() -> None:
    # From one bin before the end of the first hour on: 10 events are missing by then, 20 one bin later.
    assert state(10, [*STEADY[1:], 0, *NONE, *STEADY]) == [UP, SILENT, UP]
    # From two bins before on, the 20 are missing in time.
    assert state(10, [*STEADY[2:], 0, 0, *NONE, *STEADY]) == [SILENT, SILENT, UP]


@pytest.mark.parametrize(("heard", "told"), [(59, UNKNOWN), (60, UP), (61, UP), (600, UP)])
def test_a_cell_is_on_air_with_half_of_the_events_that_it_expects(heard: int, told: int) -> None:
    spread = np.diff(np.linspace(0, heard, PER_HOUR + 1).astype(int)).tolist()
    assert state(10, spread, hours=HOURS[:2]) == [told]


def test_an_hour_in_which_an_outage_would_not_be_known_is_not_told_to_be_on_air() -> None:
    assert state(1.66, [2] * PER_HOUR, hours=HOURS[:2]) == [UNKNOWN]
    assert state(1.67, [2] * PER_HOUR, hours=HOURS[:2]) == [UP]


# Neighbours

A, B, C, D = range(4)


def beside(found: list[int], *pairs: tuple[int, int]) -> list[int]:
    """The states of an hour beside others; `pairs` of a hexagon and a cell that serves it, in order."""
    hexagon, cell = np.array(pairs).T
    where = Served(hexagon.astype(np.uint64), cell.astype(np.int64), np.ones(len(pairs)))
    return beside_others(np.array(found, np.int8)[:, None], where)[:, 0].tolist()


@pytest.mark.parametrize(("other", "told"), [(UP, SILENT), (SILENT, UNKNOWN), (UNKNOWN, UNKNOWN)])
def test_a_cell_is_silent_beside_one_that_is_on_air(other: int, told: int) -> None:
    assert beside([SILENT, other], (1, A), (2, A), (2, B))[A] == told


def test_a_neighbour_reaches_a_hexagon_that_the_silent_cell_reaches() -> None:
    assert beside([SILENT, UP], (1, A), (2, B)) == [UNKNOWN, UP]


def test_a_site_of_several_silent_cells_stands_beside_others() -> None:
    assert beside([SILENT, SILENT, UP, UNKNOWN], (1, A), (1, B), (2, B), (2, C), (3, D), (4, A), (4, C)) == [
        *(SILENT, SILENT, UP, UNKNOWN)
    ]


# Hours


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 6, 12), 24)])
def test_days_of_23_and_25_hours_have_as_many(day: date, hours: int) -> None:
    edges = Calendar("Europe/Paris", time(5), timedelta(minutes=15)).bins(day, BIN)
    found = edges[whole_hours(edges)]
    assert np.diff(found).tolist() == [HOUR] * hours
    assert (found[0], found[-1]) == (edges[0], edges[-1])


def test_part_of_an_hour_is_no_hour() -> None:
    edges = Calendar("Asia/Kolkata", time(5), timedelta(minutes=15)).bins(date(2026, 6, 12), BIN)
    assert edges[whole_hours(edges)].tolist() == [edges[0] + HOUR // 2 + hour * HOUR for hour in range(24)]
    assert whole_hours(edges[:6]).tolist() == whole_hours(edges[:7]).tolist() == [0]
    assert whole_hours(edges[:19]).tolist() == [6, 18]


# What SQL finds


def test_sql_finds_the_same_states() -> None:
    chance = np.random.default_rng(4)
    cells, bins = 40, 5 * PER_HOUR
    wanted = np.repeat(chance.choice([0.5, 2.0, 4.0, 9.0], (cells, 5)), PER_HOUR, axis=1)
    devices = np.repeat(chance.choice([0.0, 19.0, 20.0, 21.0], (cells, 5), p=[0.1, 0.2, 0.2, 0.5]), PER_HOUR, axis=1)
    quiet = np.repeat(chance.random((cells, bins // 3)) < 0.6, 3, axis=1)
    heard = np.where(quiet, 0, chance.poisson(wanted))
    worst = chance.choice([0.0, 5.0, 20.0], cells)
    found = silences(wanted.astype(np.float32), worst, heard)
    hours = np.arange(0, bins + 1, PER_HOUR)
    told = states(wanted, devices, heard, found, hours, K)
    cell, at = np.indices((cells, bins)).reshape(2, -1)
    columns = (cell, at, wanted.ravel(), devices.ravel(), heard.ravel(), np.repeat(worst, bins))
    given = dict(zip(("cell", "bin", "wanted", "devices", "heard", "worst"), columns, strict=True))
    expected = (
        duckdb.connect()
        .register("given", pa.table(given))
        .sql(
            """
        WITH runs AS (
            SELECT *, sum(CASE WHEN heard > 0 THEN 1 ELSE 0 END) OVER (PARTITION BY cell ORDER BY bin) AS run FROM given
        ), missed AS (
            SELECT *, sum(wanted) OVER (PARTITION BY cell, run ORDER BY bin) AS missing FROM runs WHERE heard = 0
        ), silent AS (
            SELECT cell, run, min(bin) AS first, max(bin) AS last,
                min(CASE WHEN missing >= greatest(20, 2 * worst) THEN bin END) AS known
            FROM missed GROUP BY cell, run
        ), hours AS (
            SELECT cell, bin // 12 AS hour, min(devices) >= 20 AS told, sum(wanted) AS wanted, sum(heard) AS heard
            FROM given GROUP BY ALL
        )
        SELECT hours.cell, hour, CASE
            WHEN NOT told THEN 0
            WHEN EXISTS (FROM silent WHERE silent.cell = hours.cell AND first < 12 * hour + 12 AND last >= 12 * hour
                AND known < 12 * hour + 12) THEN 2
            WHEN wanted >= 20 AND 2 * heard >= wanted THEN 1
            ELSE 0 END
        FROM hours ORDER BY ALL
        """
        )
        .fetchall()
    )
    assert [state for _, _, state in expected] == told.ravel().tolist()
    assert set(np.unique(told).tolist()) == {UNKNOWN, UP, SILENT}


def test_of_no_hour_there_is_no_state() -> None:
    nothing = Silences(*(np.zeros(0, np.int64) for _ in range(4)), np.zeros(0))
    grid = np.zeros((3, 6))
    assert states(grid, grid, grid.astype(np.int64), nothing, np.zeros(1, np.int64), K).shape == (3, 0)
