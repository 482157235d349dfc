"""The devices behind a privacy day, as the product counts them: rows about single devices, for attacks alone."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.key_service import DayKey
from pipelines.arrays import Ints, column, instants, starts_of_runs
from pipelines.inputs import Inputs
from pipelines.presence import Spans, Winners, winners
from pipelines.publish import DayGrid, day_grid
from pipelines.stays import PERSON


@dataclass(frozen=True)
class DayDevices:
    """What single devices did on a privacy day.

    `pseudonym` uint64[n], ascending: the devices; elsewhere `device` int32 is a place in it. `presence`: (device, slot,
    hexagon, weight, then who the device is), a row for each slot in which a device counts, `hexagon` a place among the
    territory's. `visits`, `trips`, `crossings`: VISIT, TRIP and CROSSING rows, with `device` so.
    """

    day: date
    grid: DayGrid
    pseudonym: npt.NDArray[np.uint64]
    presence: pa.Table
    visits: pa.Table
    trips: pa.Table
    crossings: pa.Table

    @property
    def count(self) -> int:
        """How many devices there are."""
        return int(self.pseudonym.size)

    @property
    def slots(self) -> int:
        """How many slots the day has."""
        return int(self.grid.slots.size) - 1

    @cached_property
    def traces(self) -> npt.NDArray[np.int32]:
        """int32[devices, slots]: the hexagon where each device counts in each slot, or -1."""
        found = np.full((self.count, self.slots), -1, np.int32)
        at = tuple(column(self.presence, name) for name in ("device", "slot"))
        found[at] = column(self.presence, "hexagon")
        return found

    def places(self, pseudonyms: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
        """int32[m]: the device of each pseudonym, or -1 where it has none on this day."""
        if not self.count:
            return np.full(pseudonyms.size, -1, np.int32)
        at = np.minimum(np.searchsorted(self.pseudonym, pseudonyms), self.count - 1)
        return np.where(self.pseudonym[at] == pseudonyms, at, -1).astype(np.int32)

    def only(self, devices: npt.NDArray[np.bool_]) -> "DayDevices":
        """The same day as if only some of the devices (bool[n]) had been there; they keep their numbers."""

        def some(table: pa.Table) -> pa.Table:
            return table.filter(pa.array(devices[column(table, "device").astype(np.int64)]))

        tables = (self.presence, self.visits, self.trips, self.crossings)
        return DayDevices(self.day, self.grid, self.pseudonym, *map(some, tables))

    def counting(self, visits: pa.Table, trips: pa.Table, crossings: pa.Table) -> "DayDevices":
        """The same devices with other VISIT, TRIP and CROSSING rows, in which they have their pseudonyms."""
        coded = (_coded(table, self.pseudonym) for table in (visits, trips, crossings))
        return DayDevices(self.day, self.grid, self.pseudonym, self.presence, *coded)


def day_devices(
    inputs: Inputs, key: DayKey, stays: pa.Table, visits: pa.Table, trips: pa.Table, crossings: pa.Table
) -> DayDevices:
    """The devices of a day, from its closed STAY rows and what is counted of it."""
    grid = day_grid(inputs.calendar, key.day)
    pseudonym = np.unique(column(stays, "device").astype(np.uint64, copy=False))
    there = DayDevices(key.day, grid, pseudonym, _presence(inputs, key, stays, pseudonym, grid), *([pa.table({})] * 3))
    return there.counting(visits, trips, crossings)


def _presence(
    inputs: Inputs, key: DayKey, stays: pa.Table, pseudonym: npt.NDArray[np.uint64], grid: DayGrid
) -> pa.Table:
    """One row for each device and slot in which it counts."""
    device = np.searchsorted(pseudonym, column(stays, "device").astype(np.uint64, copy=False))
    order = np.lexsort((column(stays, "sequence"), instants(stays, "begin"), device))
    stays, device = stays.take(pa.array(order)).combine_chunks(), device[order]
    cell, home = (column(stays, name).astype(np.int32, copy=False) for name in ("cell", "home_zone"))
    hexagon = inputs.locate(key)(pseudonym[device], cell, home).astype(np.int64)
    spans = Spans(
        np.cumsum(starts_of_runs(device)) - 1,
        hexagon,
        instants(stays, "begin"),
        instants(stays, "end"),
        inputs.weighing(key.day).of(stays),
        inputs.footprint.hexagons.size,
    )
    span, slot = _each_slot(winners(spans, grid.slots))
    columns: dict[str, npt.NDArray[np.generic]] = {
        "device": device[span].astype(np.int32),
        "slot": slot.astype(np.int32),
        "hexagon": hexagon[span].astype(np.int32),
        "weight": spans.weight[span],
    }
    return pa.table(columns | {name: column(stays, name)[span] for name in PERSON})


def _each_slot(won: Winners) -> tuple[Ints, Ints]:
    """The row of the spans by which a device counts, and the slot, for every slot."""
    length = won.last - won.first
    span = np.repeat(won.span, length)
    offset = np.arange(span.size) - np.repeat(np.cumsum(length) - length, length)
    return span, np.repeat(won.first, length) + offset


def _coded(table: pa.Table, pseudonym: npt.NDArray[np.uint64]) -> pa.Table:
    """The table with places in the pseudonyms as devices."""
    device = np.searchsorted(pseudonym, column(table, "device").astype(np.uint64, copy=False)).astype(np.int32)
    return table.set_column(table.column_names.index("device"), "device", pa.array(device)).combine_chunks()
