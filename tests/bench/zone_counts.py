"""Visits, trips and crossings of a day as the kernels count them, each zone as a part of its own."""

from dataclasses import dataclass

import numpy as np

from anonymization.zone_days import ZonePart
from pipelines.arrays import Ints
from pipelines.day_counts import PartCounts, crossing_visitors, flow_counts, part_counts
from pipelines.days import DayTables
from tests.bench.counts import Counts, of_array
from tests.bench.setting import Setting


@dataclass(frozen=True)
class ZoneCounts:
    """Counts of some devices; those of others add up."""

    parts: PartCounts
    flows: Ints
    transit: Ints

    def __add__(self, other: "ZoneCounts") -> "ZoneCounts":
        return ZoneCounts(self.parts + other.parts, self.flows + other.flows, self.transit + other.transit)

    def counts(self) -> Counts:
        """Zones, the hour or the class, devices."""
        origins = self.parts.origins
        by_origin = np.zeros((self.transit.shape[0], int(origins.origin.max(initial=0)) + 1), np.int64)
        np.add.at(by_origin, (origins.part, origins.origin), origins.tally.devices)
        return {
            **{name: of_array(tally.devices) for name, tally in self.parts.tallies.items()},
            "attendance_by_origin": of_array(by_origin),
            "flows": of_array(self.flows),
            "transit": of_array(self.transit),
        }


def zone_counts(setting: Setting, tables: DayTables) -> ZoneCounts:
    """The counts of a shard."""
    inputs = setting.inputs
    zones, hours = len(inputs.territory.zones), inputs.calendar.hours(setting.key.day).size - 1
    each, weighing = np.arange(zones), inputs.weighing(setting.key.day)
    alone = [ZonePart((zone,), (), 0) for zone in range(zones)]
    pairs = flow_counts(tables.trips, each, weighing)
    flows = np.zeros((hours, zones, zones), np.int64)
    flows[pairs.hour, pairs.origin, pairs.destination] = pairs.tally.devices
    return ZoneCounts(
        part_counts(tables.visits, each, alone, inputs.origins, weighing),
        flows,
        crossing_visitors(tables.crossings, zones, hours),
    )
