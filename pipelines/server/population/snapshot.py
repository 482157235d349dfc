"""One state of a release, as it is asked: its territory, and the densities of its hours."""

import threading
from collections import OrderedDict
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from anonymization.checks.terms import HOUR
from anonymization.hexagons import resolutions
from anonymization.released import Day, Release
from pipelines.server.population.density import Hourly, Truths, hourly
from pipelines.server.population.grid import Grid, Numbers

LARGEST: Final = 256 * 2**20
"""Bytes of the days that are kept in memory; the one that was asked last is always kept."""


class Snapshot:
    """A verified release; `grid` has the hexagons of its last day with presence, or none.

    `first` and `last` are the first known hour and the one after the last, counted from 1970 in UTC; 0 without a day.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.zone = ZoneInfo(release.days[-1].timezone) if release.days else ZoneInfo("UTC")
        self._kept: OrderedDict[int, Hourly | None] = OrderedDict()
        self._lock = threading.Lock()
        last = next((day for day in reversed(release.days) if day.rows("presence")), None)
        self._resolution = 0 if last is None else _finest(release.table("presence", last))
        self.grid = Grid(np.array([], np.uint64) if last is None else self._hours(last).hexagons)
        self._starts = np.array([day.terms.start for day in release.days], np.int64)
        self.first = -(-int(self._starts[0]) // HOUR) if release.days else 0
        self.last = release.days[-1].terms.end // HOUR if release.days else 0

    def at(self, hour: int) -> Numbers | None:
        """float64[n, 3]: the densities of an hour over the hexagons of the grid; None for one that is not published.

        A hexagon without a density has NaN. Raises CheckFailed where a file is no longer as it was published.
        """
        day = self._day_of(hour)
        return None if day is None else day.at(hour)

    def degraded(self, hour: int) -> Truths:
        """bool[n]: the hexagons of the grid that lie in a degraded part of an hour that is known; raises as `at`."""
        day = self._day_of(hour)
        if day is None or day.at(hour) is None:
            return np.zeros(self.grid.cells.size, np.bool_)
        hexagons: Truths = day.degraded[hour - day.first]
        return hexagons

    def knows(self, hour: int) -> bool:
        """Whether an hour is published, or was held back below k."""
        return self.at(hour) is not None

    def _day_of(self, hour: int) -> Hourly | None:
        place = int(np.searchsorted(self._starts, hour * HOUR, "right")) - 1
        return None if place < 0 or hour >= self.last else self._day(place)

    def _day(self, place: int) -> Hourly | None:
        with self._lock:
            if place not in self._kept:
                self._kept[place] = self._read(self.release.days[place])
            self._kept.move_to_end(place)
            while len(self._kept) > 1 and self._bytes() > LARGEST:
                self._kept.popitem(last=False)
            return self._kept[place]

    def _bytes(self) -> int:
        return sum(day.density.nbytes + day.degraded.nbytes for day in self._kept.values() if day is not None)

    def _read(self, day: Day) -> Hourly | None:
        """The hours of a day; None for one of finer hexagons than the last has, which cannot be laid on them."""
        if _finest(self.release.table("presence", day)) > self._resolution:
            return None
        return self._hours(day).laid_on(self.grid.cells)

    def _hours(self, day: Day) -> Hourly:
        return hourly(self.release.table("presence", day), day.terms, day.over, self._resolution, day.degraded)


def _finest(presence: pa.Table) -> int:
    """The resolution of the finest hexagon, 0 without rows."""
    return int(resolutions(np.unique(presence["cells"].combine_chunks().values.to_numpy())).max(initial=0))
