"""Rules that find silent cells, on days of a simulated town: false alarms, and how soon outages are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints
from pipelines.quality.heard import BIN
from pipelines.quality.history import HISTORY_DAYS, PER_HOUR, Expected
from pipelines.quality.silence import LEAST_MISSING, MARGIN, accumulated, expected, silences
from pipelines.quality.states import States, states, whole_hours
from pipelines.simulator.settings import CALENDAR
from tests.bench.silent_town import HeardDay, SilentTown

K: Final = 20
LASTS: Final = 2 * PER_HOUR
"""Bins of an outage: two hours."""

TIMES: Final = {"day, 12:00 to 14:00": 7 * PER_HOUR, "night, 01:00 to 03:00": 20 * PER_HOUR}
"""The bins of the privacy day at which outages begin."""

BARE: Final = (7.0, 12.0, 20.0)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """A day of the town, and what the two weeks before lead to expect."""

    town: SilentTown
    heard: HeardDay
    told: Expected

    @cached_property
    def places(self) -> Ints:
        return CALENDAR.places(self.heard.edges[:-1], BIN)

    @cached_property
    def wanted(self) -> npt.NDArray[np.float32]:
        return self.told.events[:, self.places]

    @cached_property
    def devices(self) -> Floats:
        return self.told.devices[:, self.places // PER_HOUR].astype(np.float64)

    def expects_k(self, start: int) -> Ints:
        """The cells that expect k devices through an outage that begins at a bin."""
        return np.flatnonzero((self.devices[:, start : start + LASTS] >= K).all(axis=1))

    def out(self, cells: Ints | Bools, start: int) -> "Judged":
        """The same with an outage of cells from a bin on."""
        events = self.heard.events.copy()
        events[cells, start : start + LASTS] = 0
        return replace(self, heard=replace(self.heard, events=events))

    def states(self) -> States:
        """The state of each cell and hour, before neighbours are looked at."""
        found = silences(self.wanted, self.told.worst, self.heard.events)
        hours = whole_hours(self.heard.edges)
        return states(self.wanted.astype(np.float64), self.devices, self.heard.events, found, hours, K)


def judged(town: SilentTown) -> list[Judged]:
    """The test days: the last ones."""
    before = [town.days[at - HISTORY_DAYS : at] for at in range(HISTORY_DAYS, len(town.days))]
    cells = town.site.size
    return [
        Judged(town, day, expected([each.kept for each in days], cells))
        for day, days in zip(town.days[HISTORY_DAYS:], before, strict=True)
    ]


def thresholds(day: Judged) -> dict[str, Floats]:
    """For each rule, what must be missing of each cell."""
    bare = {f"bare Poisson, N = {number:.0f}": np.full(day.told.worst.size, number) for number in BARE}
    return bare | {"calibrated (the project's)": np.maximum(LEAST_MISSING, MARGIN * day.told.worst)}


def alarms(day: Judged, threshold: Floats) -> int:
    """How many silences of a day without an outage are beyond a threshold."""
    beyond = accumulated(day.wanted, day.heard.events == 0) >= threshold[:, None]
    return int((np.diff(np.pad(beyond.astype(np.int8), ((0, 0), (1, 0))), axis=1) == 1).sum())


def delays(day: Judged, threshold: Floats, start: int) -> Floats:
    """float64[outages]: minutes from the beginning of an outage of each cell by itself until it is known, or inf."""
    cells = day.expects_k(start)
    quiet = day.out(cells, start).heard.events == 0
    beyond = accumulated(day.wanted, quiet)[cells, start : start + LASTS] >= threshold[cells][:, None]
    first = beyond.argmax(axis=1) + 1
    return np.where(beyond.any(axis=1), first * (BIN / 60e6), np.inf)


def cell_weeks(days: Sequence[Judged]) -> float:
    """The weeks of cells that expect k devices in some hour of a day."""
    return sum(int((day.devices >= K).any(axis=1).sum()) for day in days) / 7


def detection(days: Sequence[Judged]) -> Iterator[tuple[str, ...]]:
    """The rows of the table of rules."""
    weeks = cell_weeks(days)
    for name in thresholds(days[0]):
        false = sum(alarms(day, thresholds(day)[name]) for day in days)
        found = [np.concatenate([delays(day, thresholds(day)[name], at) for day in days]) for at in TIMES.values()]
        yield name, f"{false / weeks:.3f}", *(text for each in found for text in _delay(each))


def _delay(minutes: Floats) -> tuple[str, str]:
    known = np.isfinite(minutes)
    low, high = (np.percentile(minutes, share, method="higher") for share in (50, 90))
    return f"{known.sum()} of {minutes.size}", " / ".join("—" if np.isinf(at) else f"{at:.0f}" for at in (low, high))
