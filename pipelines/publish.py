"""A finished day's counts to its released tables: every indicator, each by the one rule for its population."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import pyarrow as pa

from anonymization.lattice import Lattice as CellLattice
from anonymization.protect import Protection, protect_presence, protect_presence_by
from anonymization.tally import Tally
from pipelines.arrays import Ints, column
from pipelines.calendar import Calendar
from pipelines.presence import ATTRIBUTES, UNKNOWN, Lattice
from schemas.indicators import INDICATORS


@dataclass(frozen=True)
class DayGrid:
    """The windows of a privacy day: edges of slots and hours, and the slot that stands for each hour."""

    slots: Ints
    hours: Ints
    half_hours: np.typing.NDArray[np.int32]


@lru_cache(maxsize=64)
def day_grid(calendar: Calendar, day: date) -> DayGrid:
    """The windows of a privacy day; a follower asks for them in every round."""
    return DayGrid(calendar.slots(day), calendar.hours(day), calendar.half_hour_slot(day))


def presence_tables(
    measures: pa.Table, grid: DayGrid, protection: Protection, slots: range | None = None
) -> dict[str, pa.Table]:
    """`presence` and what is split below it, from the summed PRESENCE_COUNT rows of a day, sorted by place.

    `slots`: those to publish, all of the day where it is None; an hour goes with the slot that stands for it.
    """
    slots = range(grid.slots.size - 1) if slots is None else slots
    counted = _Measures(measures, Lattice(protection.territory.hexagons.size, grid.slots.size - 1))
    plain, stands_for = counted.running(slots)
    raised = 1 + counted.missing()[slots.start : slots.stop] / np.maximum(plain.sum(axis=0), 1)
    counts = Tally(plain, np.rint(stands_for * raised).astype(np.int64))
    table, parts = protect_presence(counts, grid.slots, protection, slots.start)
    tables = {"presence": table}
    hours = [hour for hour, slot in enumerate(grid.half_hours.tolist()) if slot in slots]
    places = grid.half_hours[hours] - np.int32(slots.start)
    first = 1
    for attribute, classes in ATTRIBUTES.items():
        group = range(first, first + classes)
        hourly = [counted.of(slots.start + place, group, raised[place]) for place in places.tolist()]
        for indicator in INDICATORS.values():
            if indicator.population == "presence" and indicator.attributes == (attribute,):
                tables[indicator.name] = protect_presence_by(
                    indicator, parts, places, grid.hours, hourly, protection, min(hours, default=0)
                )
        first += classes
    return tables


def bounded_presence(measures: pa.Table, grid: DayGrid, lattice: CellLattice) -> Ints:
    """int64[cells, slots]: the devices that count in each cell of the lattice, from a day's summed PRESENCE_COUNT."""
    counted = _Measures(measures, Lattice(lattice.cell_of.size, grid.slots.size - 1))
    return lattice.coarsened(counted.running(range(counted.lattice.slots))[0])


@dataclass(frozen=True)
class _Measures:
    """The PRESENCE_COUNT rows of a day, sorted by place: those of a slot and some groups are a slice of them."""

    table: pa.Table
    lattice: Lattice

    @cached_property
    def place(self) -> Ints:
        """int64[n]: the places, ascending."""
        return column(self.table, "place").astype(np.int64, copy=False)

    def of(self, slot: int, groups: range, raised: float = 1.0) -> tuple[Ints, Ints, Ints, Ints]:
        """The rows (hexagon, place of the group in `groups`, devices, weight) of a slot, the weights `raised`."""
        ends = np.array([groups.start, groups.stop]), np.zeros(2, np.int64), np.full(2, slot)
        low, high = np.searchsorted(self.place, self.lattice.key(*ends)).tolist()
        some = self.table.slice(low, high - low)
        group, hexagon, _ = self.lattice.unkey(self.place[low:high])
        devices, weight = (column(some, name).astype(np.int64) for name in ("devices", "weight"))
        return hexagon, group - groups.start, devices, np.rint(weight * raised).astype(np.int64)

    def running(self, slots: range) -> tuple[Ints, Ints]:
        """int64[hexagons, slots] each: the devices and the weight in some slots, all that was added up to them."""
        shape = (self.lattice.hexagons, len(slots))
        devices, weight = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for slot in range(slots.stop):
            hexagon, _, more, heavier = self.of(slot, range(1))
            place = max(slot - slots.start, 0)
            devices[hexagon, place] += more
            weight[hexagon, place] += heavier
        return np.cumsum(devices, axis=1), np.cumsum(weight, axis=1)

    def missing(self) -> Ints:
        """int64[slots]: the devices that are missing in each slot."""
        steps = [self.of(slot, range(UNKNOWN, UNKNOWN + 1))[2].sum() for slot in range(self.lattice.slots)]
        return np.cumsum(np.array(steps, np.int64))
