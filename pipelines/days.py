"""A shard's stays of a privacy day to what is counted of the day: visits, trips, crossings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import column, starts_of_runs
from pipelines.census import AT_HOME, AT_HOME_AT_NIGHT
from pipelines.places import MOST_PLACES, Centres, Locator, evidence, places
from pipelines.quality.heard import cell_hours
from pipelines.trips import crossings, trips
from pipelines.visits import DayHours, Located, Nests, asleep, ordered, timed, visits
from schemas.tables import CELL_HOUR, CROSSING, TRIP, VISIT, Table

Uniform = Callable[[npt.NDArray[np.uint64]], npt.NDArray[np.uint32]]
"""Devices to the number of each, uniform on [0, 2**32), that draws its places."""


DAY_TABLES: Final[Mapping[str, Table]] = {
    "visits": VISIT,
    "trips": TRIP,
    "crossings": CROSSING,
    "cell_hours": CELL_HOUR,
}
"""What is counted of a day, by the names of `DayTables`."""


@dataclass(frozen=True)
class DayTables:
    """VISIT, TRIP, CROSSING and CELL_HOUR rows of a shard, and how many devices have a stay in it."""

    devices: int
    visits: pa.Table
    trips: pa.Table
    crossings: pa.Table
    cell_hours: pa.Table = field(default_factory=CELL_HOUR.empty)


@dataclass(frozen=True)
class Day:
    """What the stays of a privacy day are looked at with; `home_area` int32[homes + 1] and `layers`: see `Inputs`.

    `identifier` int32[rows of the network]: see `Network`.
    """

    nests: Nests
    layers: Sequence[npt.NDArray[np.int32]]
    hours: DayHours
    centres: Centres
    locator: Locator
    home_area: npt.NDArray[np.int32]
    uniform: Uniform
    identifier: npt.NDArray[np.int32]

    def tables(self, stays: pa.Table) -> DayTables:
        """The tables of a shard's closed STAY rows."""
        rows = ordered(stays)
        at = self._located(rows)
        return DayTables(
            int(starts_of_runs(column(rows, "device")).sum()),
            visits(at, self.nests, self.hours),
            trips(at, self.layers, self.hours),
            crossings(at, self.nests, self.hours),
            cell_hours(rows, self.identifier, self.hours.edges),
        )

    def _located(self, stays: pa.Table) -> Located:
        """The stays at their places: one hexagon for each place of a device on the day."""
        device = np.cumsum(starts_of_runs(column(stays, "device"))) - 1
        cell, signals = (column(stays, name).astype(np.int32, copy=False) for name in ("cell", "signals"))
        pair = device * MOST_PLACES + places(device, cell, self.centres)
        taken = np.bincount(pair) > 0
        found, place = np.flatnonzero(taken), (np.cumsum(taken) - 1)[pair]
        at = timed(stays, place)
        at_home = np.where(asleep(at, self.hours), AT_HOME_AT_NIGHT, AT_HOME)
        first = np.searchsorted(device, found // MOST_PLACES)
        home = self.home_area[column(stays, "home_zone")[first]]
        uniform = self.uniform(column(stays, "device")[first].astype(np.uint64, copy=False))
        hexagon = self.locator.draw(evidence(place, cell, signals), home, at_home, uniform)
        return replace(at, hexagon=hexagon[place])
