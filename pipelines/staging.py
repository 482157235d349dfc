"""A finished day's working files to its tables: counted over shards, then protected, as the policy says."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa

from anonymization.comparisons import BY_ARRIVAL
from anonymization.dp import BoundedCounts, Printing, protect_lattice
from anonymization.flow_ends import early_visitors
from anonymization.flows import flow_layers, protect_flows
from anonymization.guarantee import Guarantee
from anonymization.key_service import DayKey
from anonymization.keys import ROUNDING
from anonymization.nested_flows import FlowSet
from anonymization.protect import Estimate, Protection
from anonymization.protect_days import attendance_rows, released_day
from anonymization.tally import Tally, nothing
from anonymization.transit import ZoneSet, protect_transit
from anonymization.widths import widths_of_day
from anonymization.zone_days import ZonePart, zone_parts
from pipelines.arrays import Ints
from pipelines.day_counts import (
    PartCounts,
    Weighing,
    crossing_visitors,
    distinct_crossers,
    distinct_movers,
    distinct_visitors,
    flow_counts,
    part_counts,
    summed,
    visitors,
)
from pipelines.inputs import Inputs
from pipelines.publish import DayGrid, bounded_presence, day_grid, presence_tables
from pipelines.shard_files import read_batch
from pipelines.state import ShardFile
from pipelines.working_directory import WorkingDirectory
from schemas.errors import PrivacyRefusal
from schemas.tables import VISIT


class Addable(Protocol):
    """What adds up: arrays, tallies."""

    def __add__(self: "T", other: "T", /) -> "T":
        """The sum of two."""


T = TypeVar("T", bound=Addable)


class Shards(ABC):
    """A table of a day by shard: devices are disjoint between shards, so that counts add up."""

    @abstractmethod
    def __iter__(self) -> Iterator[pa.Table]:
        """The table of each shard, one after the other."""

    def sum(self, count: Callable[[pa.Table], T], none: T) -> T:
        """The sum of a count over all shards; one shard is in memory at a time."""
        total = none
        for table in self:
            total = total + count(table)
        return total


@dataclass(frozen=True)
class ShardFiles(Shards):
    """Shards in working files."""

    working: WorkingDirectory
    files: Sequence[ShardFile]

    def __iter__(self) -> Iterator[pa.Table]:
        for file in self.files:
            for at in range(len(file.shards)):
                yield read_batch(self.working.resolve(file.file), at)


@dataclass(frozen=True)
class Counted:
    """What is counted of a day: visits, trips and crossings."""

    visits: Shards
    trips: Shards
    crossings: Shards


@dataclass(frozen=True)
class Staged:
    """The public tables of a day by indicator, and what the linear programmes over them found, see `widths_of_day`."""

    tables: Mapping[str, pa.Table]
    widths: Mapping[str, int | bool]


@dataclass(frozen=True)
class Staging:
    """What makes the tables of one privacy day; it holds the day's key."""

    inputs: Inputs
    key: DayKey

    def staged(self, measures: pa.Table, counted: Counted) -> Staged:
        """What is published of the day, from its summed PRESENCE_COUNT and what is counted of it.

        Raises PrivacyRefusal where published figures would tell a number below k together.
        """
        if guarantee := self.inputs.guarantee(self.key.day):
            return Staged(self._lattice(measures, counted.visits, guarantee), {})
        weighing, hours, protection = self.inputs.weighing(self.key.day), self._grid.hours, self._protection
        tables = presence_tables(measures, self._grid, protection)
        parts = self._zone_parts(counted.visits)
        counts = self._part_counts(counted.visits, parts, weighing)
        window = (int(hours[0]), int(hours[-1]))
        rows = attendance_rows(parts, counts.tallies, counts.origins, protection, weighing.first_hour)
        tables |= released_day(rows, parts, window, protection)
        widths = widths_of_day(tables, parts, protection, weighing.first_hour)
        _refuse_narrow(self.key.day, widths)
        clock = self.inputs.day_hours(self.key.day).clock.astype(np.int64)
        early = early_visitors(parts, rows[BY_ARRIVAL].figures, clock, weighing.first_hour)
        tables["flows"] = self._flows(counted.trips, parts, early, protection, weighing)
        tables["transit"] = self._transit(counted.crossings, hours, protection, weighing)
        return Staged(tables, widths)

    def windows(self, measures: pa.Table, slots: range) -> dict[str, pa.Table]:
        """What is published of some slots while the day is open, from the summed PRESENCE_COUNT of all steps so far.

        No event to come can change them. It is what `staged` publishes of them once the day is over.
        """
        return presence_tables(measures, self._grid, self._protection, slots)

    def _lattice(self, measures: pa.Table, visits: Shards, guarantee: Guarantee) -> dict[str, pa.Table]:
        """The tables of a day under differential privacy; each call draws new noise."""
        lattice, sampling = self.inputs.lattice(guarantee.resolution), self.inputs.sampling(self.key)
        zones = len(lattice.zone_ids)

        def bounded(table: pa.Table) -> Ints:
            return visitors(sampling.visits(table) if sampling else table, zones)

        attendance = visits.sum(bounded, np.zeros(zones, np.int64))
        counts = BoundedCounts(bounded_presence(measures, self._grid, lattice), attendance)
        policy, estimation = self.inputs.policy, self.inputs.configuration.estimation
        printing = Printing(policy.k, policy.rounding, self.inputs.one_factor, estimation.confidence)
        return protect_lattice(counts, self._grid.slots, lattice, guarantee, printing)

    @property
    def _grid(self) -> DayGrid:
        return day_grid(self.inputs.calendar, self.key.day)

    @property
    def _protection(self) -> Protection:
        estimate = Estimate(self.inputs.configuration.estimation.confidence)
        return Protection(self.inputs.territory, self.inputs.policy, estimate, self.key.subkey(ROUNDING))

    def _zone_parts(self, visits: Shards) -> list[ZonePart]:
        zones = len(self.inputs.territory.zones)
        counts = visits.sum(lambda table: visitors(table, zones), np.zeros(zones, np.int64))

        def distinct(sets: Sequence[tuple[int, ...]]) -> Ints:
            return visits.sum(lambda table: distinct_visitors(table, sets), np.zeros(len(sets), np.int64))

        return zone_parts(self.inputs.territory, counts, distinct, self.inputs.policy)

    def _part_counts(self, visits: Shards, parts: Sequence[ZonePart], weighing: Weighing) -> PartCounts:
        """Devices of each part by class, for each attribute of a day."""
        part_of_zone, origins = self._part_of_zone(parts, range(len(parts))), self.inputs.origins

        def count(table: pa.Table) -> PartCounts:
            return part_counts(table, part_of_zone, parts, origins, weighing)

        return visits.sum(count, count(VISIT.empty()))

    def _flows(
        self, trips: Shards, parts: Sequence[ZonePart], early: Ints, protection: Protection, weighing: Weighing
    ) -> pa.Table:
        """The released flows between the parts of each layer."""
        layers = flow_layers(self.inputs.territory, parts)
        part_of_zone = self._part_of_zone(parts, [part for layer in layers for part in layer])

        def distinct(sets: Sequence[FlowSet]) -> Tally:
            return trips.sum(lambda table: distinct_movers(table, part_of_zone, sets, weighing), nothing(len(sets)))

        pairs = summed([flow_counts(table, part_of_zone, weighing) for table in trips])
        return protect_flows(parts, self._grid.hours, pairs, distinct, early, protection)

    def _transit(self, crossings: Shards, hours: Ints, protection: Protection, weighing: Weighing) -> pa.Table:
        """The released transit of the zones."""
        shape = (len(self.inputs.territory.zones), hours.size - 1)

        def distinct(sets: Sequence[ZoneSet]) -> Tally:
            return crossings.sum(lambda table: distinct_crossers(table, sets, weighing), nothing(len(sets)))

        counts = crossings.sum(lambda table: crossing_visitors(table, *shape), np.zeros(shape, np.int64))
        return protect_transit(hours, counts, distinct, protection)

    def _part_of_zone(self, parts: Sequence[ZonePart], chosen: Iterable[int]) -> Ints:
        """int64[zones]: the part that each zone is in, of those chosen, or -1."""
        part_of_zone = np.full(len(self.inputs.territory.zones), -1, np.int64)
        for at in chosen:
            part_of_zone[list(parts[at].zones)] = at
        return part_of_zone


def _refuse_narrow(day: date, widths: Mapping[str, int | bool]) -> None:
    """Fail closed: the rules leave no such number, so that one is an error of this software."""
    if not widths["narrowest_at_least_k"]:
        raise PrivacyRefusal(
            f"privacy day {day}: expected figures that leave every other number an interval of k, got narrower ones",
            "nothing of the day is published; please report it, with the configuration and without the events",
        )
