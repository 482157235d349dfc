"""Silences of radio cells: runs of bins without an event in which the cell's own history expects many. Pure.

A cell is silent beyond its history once the events that were expected since its last one reach a number that is
calibrated on that history: a bare Poisson probability is wrong, for phones send in bursts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints
from pipelines.quality.history import (
    BINS,
    LEAST_DAYS,
    PER_HOUR,
    ClockDay,
    Expected,
    Floats,
    Sums,
    no_sums,
)

LEAST_MISSING: Final = 20.0
"""Events that must be missing in any case (the project's own: 0.04 false alarms per cell and week where the
events of simulated cells are strongly overdispersed, less with MARGIN)."""

MARGIN: Final = 2.0
"""How many times what was missing in silences of the cell's own history must be missing (the project's own)."""


@dataclass(frozen=True)
class Silences:
    """Silences of some cells in a day, by cell and time: a row for each.

    `cell` int64[n]; `first`, `last` int64[n]: the bins [first, last) without an event; `known` int64[n]: the bin before
    which enough were missing to know it; `missing` float64[n]: the events that were expected in it.
    """

    cell: Ints
    first: Ints
    last: Ints
    known: Ints
    missing: npt.NDArray[np.float64]


def expected(days: Iterable[ClockDay], cells: int) -> Expected:
    """What the closed days of a history lead to expect, nothing of too few; `days` is gone through twice."""
    events, devices = no_sums(cells, BINS), no_sums(cells, BINS // PER_HOUR)
    for day in days:
        events, devices = events.with_day(day.events), devices.with_day(day.devices)
    if events.days < LEAST_DAYS:
        return Expected(no_sums(cells, BINS).mean, no_sums(cells, BINS // PER_HOUR).mean, np.zeros(cells))
    return Expected(events.mean, devices.mean, calibrated(days, events))


def calibrated(days: Iterable[ClockDay], sums: Sums) -> npt.NDArray[np.float64]:
    """float64[cells]: the most events that were missing in a silence on one of the days, but for the worst day.

    What was missing on a day is told by the other days. One day is left out, so that an outage does not hide the next
    one for two weeks. An hour of which nothing is kept ends a silence.
    """
    most, second = np.zeros(sums.total.shape[0]), np.zeros(sums.total.shape[0])
    for day in days:
        found = accumulated(sums.mean_without(day.events), day.events == 0).max(axis=1)
        second = np.maximum(second, np.minimum(most, found))
        most = np.maximum(most, found)
    return second


def accumulated(expected: Floats, silent: Bools) -> npt.NDArray[np.float64]:
    """float64[cells, bins]: the events that were expected since the last one, where a bin is silent; 0 where not."""
    total = np.cumsum(np.where(silent, expected, 0.0), axis=1, dtype=np.float64)
    found: npt.NDArray[np.float64] = total - np.maximum.accumulate(np.where(silent, 0.0, total), axis=1)
    return found


def silences(expected: Floats, worst: npt.NDArray[np.float64], events: Ints) -> Silences:
    """The silences in which more was missing than the history of their cell explains.

    `expected` float32[cells, bins]: 0 where nothing is expected. `events` int64[cells, bins]: the bins that are over.
    """
    threshold = np.maximum(LEAST_MISSING, MARGIN * worst)
    silent = events == 0
    missing = accumulated(expected, silent)
    cells = np.flatnonzero(missing.max(axis=1, initial=0) >= threshold)
    edges = np.diff(np.pad(silent[cells].astype(np.int8), ((0, 0), (1, 1))), axis=1)
    row, first = np.nonzero(edges == 1)
    last = np.nonzero(edges == -1)[1]
    # What is missing only grows in a run: the bins beyond the threshold are its last ones.
    beyond = np.pad(np.cumsum(missing[cells] >= threshold[cells][:, None], axis=1), ((0, 0), (1, 0)))
    over: Ints = beyond[row, last] - beyond[row, first]
    found = over > 0
    row, first, last, over = row[found], first[found], last[found], over[found]
    return Silences(cells[row], first, last, last - over + 1, missing[cells][row, last - 1])
