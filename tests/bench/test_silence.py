"""The benchmark of silent cells counts alarms and delays as they are meant."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from pipelines.quality.heard import BIN
from pipelines.quality.history import BINS, PER_HOUR, Expected
from pipelines.simulator.settings import CALENDAR
from tests.bench.silent_rules import TIMES, Judged, alarms, delays
from tests.bench.silent_town import HeardDay

DAY, NIGHT = TIMES.values()


def judged(rates: list[float], devices: list[float], *quiet: tuple[int, int, int]) -> Judged:
    """A day of cells with steady rates; quiet are cells and bins without an event."""
    day = date(2026, 6, 12)
    steady = np.repeat(np.array(rates, np.float32)[:, None], BINS, axis=1)
    events = np.ones((len(rates), BINS), np.int64)
    for cell, first, last in quiet:
        events[cell, first:last] = 0
    hours = np.repeat(np.array(devices, np.float32)[:, None], BINS // PER_HOUR, axis=1)
    unused: Any = None
    heard = HeardDay(day, CALENDAR.bins(day, BIN), events, unused)
    return Judged(unused, heard, Expected(steady, hours, np.zeros(len(rates))))


def test_outages_begin_at_noon_and_at_one() -> None:
    edges = CALENDAR.bins(date(2026, 6, 12), BIN)
    assert [CALENDAR.clock(int(edges[at])) for at in (DAY, NIGHT)] == ["12:00", "01:00"]


def test_an_outage_is_known_when_what_is_missing_reaches_the_number() -> None:
    day = judged([2.0, 4.0, 0.5, 9.0], [50, 20, 50, 19])
    assert delays(day, np.full(4, 20.0), DAY).tolist() == [50, 25, np.inf]


def test_a_silence_of_a_usual_day_is_one_alarm_however_long_it_lasts() -> None:
    day = judged([2.0, 2.0], [50, 50], (0, 10, 60), (0, 70, 80), (1, 5, 14))
    assert alarms(day, np.full(2, 20.0)) == 2


@pytest.mark.parametrize(("cells", "out"), [([0], [0]), ([0, 1], [0, 1])])
def test_only_the_cells_of_an_outage_are_silent_in_it(cells: list[int], out: list[int]) -> None:
    day = judged([2.0, 2.0], [50, 50]).out(np.array(cells), NIGHT)
    assert np.flatnonzero((day.heard.events == 0).any(axis=1)).tolist() == out
    assert (day.heard.events == 0).sum() == 2 * PER_HOUR * len(cells)
