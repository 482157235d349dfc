"""Visits, trips and crossings of a shard to the counts of published parts: distinct devices and what they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.flows import FlowCounts, label_pairs
from anonymization.nested_flows import FlowSet
from anonymization.origins import Origins, OriginTally
from anonymization.tally import Tally, gathered, together
from anonymization.transit import ZoneSet, label_zones
from anonymization.zone_days import ZonePart
from pipelines.arrays import Ints, column, starts_of_runs
from pipelines.fold import is_foreign
from pipelines.stays import MINUTE
from pipelines.weights import Weights
from schemas.vocabulary import AGE_BANDS, DWELL_BAND_STARTS_MINUTES, DWELL_BANDS, SPC, VISITOR_CATEGORIES

_HOURS: Final = 24


@dataclass(frozen=True)
class Weighing:
    """What devices stand for, and where they are at home: the same for all shards of a day.

    `first_hour`: that of the clock in which the privacy day begins.
    """

    weights: Weights
    domestic_mcc: tuple[int, ...]
    origin_of_home: Ints
    origin_of_code: Ints
    first_hour: int = 5

    def of(self, table: pa.Table) -> Ints:
        """int64[n]: thousandths of people for each row about a device."""
        weight: Ints = self.weights.of(table, self.domestic_mcc)
        return weight

    def origins(self, table: pa.Table) -> Ints:
        """int64[n]: the origin of each row's device, as a place in the names of `Origins`."""
        domestic = self.origin_of_home[column(table, "home_zone")]
        foreign = self.origin_of_code[column(table, "home_mcc").astype(np.int64)]
        origins: Ints = np.where(is_foreign(table, self.domestic_mcc), foreign, domestic)
        return origins


def visitors(table: pa.Table, zones: int) -> Ints:
    """int64[zones]: distinct devices of each zone, from a shard's VISIT rows."""
    return np.bincount(column(table, "zone").astype(np.int64), minlength=zones)


def distinct_visitors(table: pa.Table, sets: Sequence[tuple[int, ...]]) -> Ints:
    """int64[sets]: distinct devices that visited any zone of each set, from a shard's VISIT rows."""
    zone, device = column(table, "zone"), column(table, "device")
    return np.array([np.unique(device[np.isin(zone, members)]).size for members in sets], np.int64)


@dataclass(frozen=True)
class PartCounts:
    """A tally for each indicator of attendance but that by origin, by its name, and the tally by origin."""

    tallies: dict[str, Tally]
    origins: OriginTally

    def __add__(self, other: "PartCounts") -> "PartCounts":
        tallies = {name: tally + other.tallies[name] for name, tally in self.tallies.items()}
        part, origin = (
            np.concatenate([getattr(each.origins, name) for each in (self, other)]) for name in ("part", "origin")
        )
        return PartCounts(tallies, OriginTally(part, origin, together([self.origins.tally, other.origins.tally])))


def part_counts(
    table: pa.Table, part_of_zone: Ints, parts: Sequence[ZonePart], origins: Origins, weighing: Weighing
) -> PartCounts:
    """The counts of a shard's VISIT rows; `part_of_zone` int64[zones]: the part of each zone, or -1.

    In a part that pools zones, a device counts once: its dwell is its time in all those that it visited, it arrives
    with the first of them, and spends the night there if it does in any.
    """
    part = part_of_zone[column(table, "zone").astype(np.int64)]
    table, part = table.filter(pa.array(part >= 0)), part[part >= 0]
    arrival = column(table, "arrival").astype(np.int64)
    order = np.lexsort(((arrival - weighing.first_hour) % _HOURS, part, column(table, "device")))
    table, part = table.take(pa.array(order)).combine_chunks(), part[order]
    starts = np.flatnonzero(starts_of_runs(column(table, "device"), part))
    dwell = np.add.reduceat(column(table, "dwell"), starts) if starts.size else np.zeros(0, np.int64)
    signals = np.add.reduceat(column(table, "signals").astype(np.int64), starts) if starts.size else starts
    night = np.logical_or.reduceat(column(table, "night").astype(np.bool_), starts) if starts.size else starts > 0
    table, part = table.take(pa.array(starts)), part[starts]
    tally = Tally(np.ones_like(part), detected(weighing.of(table), signals))
    foreign, origin = is_foreign(table, weighing.domestic_mcc), weighing.origins(table)
    resident = _residents(parts, origins)[part, origin]
    category = np.where(resident, 0, 1 + 2 * foreign + night)
    bands = np.searchsorted(np.array(DWELL_BAND_STARTS_MINUTES) * MINUTE, dwell, "right") - 1
    arrival = column(table, "arrival").astype(np.int64)
    ages = np.where(foreign, len(AGE_BANDS), column(table, "age_band"))
    classes = np.where(foreign, len(SPC), column(table, "spc"))
    tallies = {
        "attendance": _counted(tally, len(parts), part),
        "attendance_by_age": _counted(tally, len(parts), part, (ages, len(AGE_BANDS) + 1)),
        "attendance_by_spc": _counted(tally, len(parts), part, (classes, len(SPC) + 1)),
        "attendance_by_category": _counted(tally, len(parts), part, (category, len(VISITOR_CATEGORIES))),
        "dwell": _counted(tally, len(parts), part, (bands, len(DWELL_BANDS))),
        "dwell_by_arrival": _counted(tally, len(parts), part, (bands, len(DWELL_BANDS)), (arrival, _HOURS)),
        "nights": _counted(tally, len(parts), part, (category, len(VISITOR_CATEGORIES)), (night.astype(np.int64), 2)),
    }
    return PartCounts(tallies, OriginTally(part, origin, tally))


def detected(weight: Ints, signals: Ints) -> Ints:
    """int64[n]: weights of visits over the probability that a visit like it is noticed at all.

    A visit of mean m gives a Poisson number of signals and is noticed with probability 1 - exp(-m). Where n signals
    were seen and the density of m rises from 0, since a visit of a quarter of an hour is seldom silent, the posterior
    mean of 1 / (1 - exp(-m)) is zeta(n + 2): 1.20 for one signal, 1.08 for two. It is unbiased (D. G. Horvitz and D. J.
    Thompson, 1952, over that posterior). The visits of those who signal seldom so stand for more.
    """
    stands_for = _STANDS_FOR[np.clip(signals, 1, _STANDS_FOR.size - 1)]
    found: Ints = np.rint(weight * stands_for).astype(np.int64)
    return found


_STANDS_FOR: Final = np.append(0.0, (np.arange(1.0, 1e5)[:, None] ** -(np.arange(1, 13) + 2.0)).sum(axis=0))
"""zeta(n + 2) by n up to twelve, from where it is 1 to within a ten-thousandth."""


def _residents(parts: Sequence[ZonePart], origins: Origins) -> npt.NDArray[np.bool_]:
    """bool[parts, origins]: whether people of an origin are residents of a part."""
    found = np.zeros((max(len(parts), 1), len(origins.names)), np.bool_)
    for place, part in enumerate(parts):
        found[place, origins.residents(part.zones)] = True
    return found


def _counted(tally: Tally, parts: int, part: Ints, *classes: tuple[npt.NDArray[np.generic], int]) -> Tally:
    """The sums by part and classes, each given with how many there are."""
    place, size = part, parts
    for value, number in classes:
        place, size = place * number + value.astype(np.int64), size * number
    return gathered(place, tally, size).reshape(parts, *(number for _, number in classes))


def flow_counts(table: pa.Table, part_of_zone: Ints, weighing: Weighing) -> FlowCounts:
    """Devices by hour and pair of parts, from a shard's TRIP rows; `part_of_zone`: -1 where a zone takes no part."""
    hour, origin, destination, device, weight = _moves(table, part_of_zone, weighing)
    order = np.lexsort((device, destination, origin, hour))
    hour, origin, destination, device, weight = (
        values[order] for values in (hour, origin, destination, device, weight)
    )
    once = np.flatnonzero(starts_of_runs(hour, origin, destination, device))
    hour, origin, destination, weight = (values[once] for values in (hour, origin, destination, weight))
    starts = np.flatnonzero(starts_of_runs(hour, origin, destination))
    devices = np.diff(np.append(starts, hour.size))
    total = np.add.reduceat(weight, starts) if starts.size else weight
    return FlowCounts(hour[starts], origin[starts], destination[starts], Tally(devices, total))


def summed(shards: Sequence[FlowCounts]) -> FlowCounts:
    """The flows of all shards, whose devices are disjoint."""
    none = np.zeros(0, np.int64)
    columns = [
        np.concatenate([none, *(getattr(each, name) for each in shards)]) for name in ("hour", "origin", "destination")
    ]
    tally = together([each.tally for each in shards])
    width = 1 + max(int(column.max(initial=0)) for column in columns)
    key, place = np.unique((columns[0] * width + columns[1]) * width + columns[2], return_inverse=True)
    return FlowCounts(key // width**2, key // width % width, key % width, gathered(place, tally, key.size))


def distinct_movers(table: pa.Table, part_of_zone: Ints, sets: Sequence[FlowSet], weighing: Weighing) -> Tally:
    """Distinct devices of each set of pairs, from a shard's TRIP rows."""
    hour, origin, destination, device, weight = _moves(table, part_of_zone, weighing)
    return _distinct(label_pairs(sets, hour, origin, destination), device, weight, len(sets))


def _moves(table: pa.Table, part_of_zone: Ints, weighing: Weighing) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """(hour, origin part, destination part, device, weight) of the trips between two parts."""
    origin, destination = (part_of_zone[column(table, name)] for name in ("from_zone", "to_zone"))
    kept = (origin >= 0) & (destination >= 0) & (origin != destination)
    some = table.filter(pa.array(kept))
    device = column(some, "device").view(np.int64) if some.num_rows else np.zeros(0, np.int64)
    return column(some, "hour").astype(np.int64), origin[kept], destination[kept], device, weighing.of(some)


def crossing_visitors(table: pa.Table, zones: int, hours: int) -> Ints:
    """int64[zones, hours]: devices that cross each zone in each hour, from a shard's CROSSING rows."""
    place = column(table, "zone").astype(np.int64) * hours + column(table, "hour").astype(np.int64)
    return np.bincount(place, minlength=zones * hours).reshape(zones, hours)


def distinct_crossers(table: pa.Table, sets: Sequence[ZoneSet], weighing: Weighing) -> Tally:
    """Distinct devices that cross any zone of each set in its hour, from a shard's CROSSING rows."""
    hour, zone = (column(table, name).astype(np.int64) for name in ("hour", "zone"))
    device = column(table, "device").view(np.int64) if table.num_rows else np.zeros(0, np.int64)
    return _distinct(label_zones(sets, hour, zone), device, weighing.of(table), len(sets))


def _distinct(label: Ints, device: Ints, weight: Ints, sets: int) -> Tally:
    """Distinct devices of each label from 0 on, and the sum of their weights."""
    order = np.lexsort((device, label))
    label, device, weight = label[order], device[order], weight[order]
    once = np.flatnonzero(starts_of_runs(label, device) & (label >= 0))
    return gathered(label[once], Tally(np.ones_like(once), weight[once]), sets)
