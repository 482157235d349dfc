"""Transit: devices that cross zones in an hour without a visit, one partition for each layer of zones and hour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.partition import Counts
from anonymization.protect import Protection, Rows, released, whole_parts
from anonymization.tally import Tally, nothing, together
from anonymization.zone_days import Members, layer_pools, merge_on, territory_layers, zone_nodes
from schemas.indicators import INDICATORS

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ZoneSet:
    """Zones in one hour of the day."""

    hour: int
    zones: Members


DistinctTransit = Callable[[Sequence[ZoneSet]], Tally]
"""Sets to the distinct devices that cross any zone of each in its hour without a visit to that zone."""


def label_zones(sets: Sequence[ZoneSet], hour: Ints, zone: Ints) -> Ints:
    """int64[r]: the set of each (hour, zone), or -1; the sets that one call asks for are disjoint."""
    place = {(each.hour, member): at for at, each in enumerate(sets) for member in each.zones}
    width = 1 + zone.max(initial=0)
    keys, row = np.unique(hour * width + zone, return_inverse=True)
    pairs = zip((keys // width).tolist(), (keys % width).tolist(), strict=True)
    return np.array([place.get(pair, -1) for pair in pairs], np.int64)[row]


def protect_transit(hours: Ints, visitors: Counts, distinct: DistinctTransit, protection: Protection) -> pa.Table:
    """The released `transit` of a day.

    `hours` int64[h + 1]: edges; `visitors` int64[zones, h]: distinct devices in transit through each zone. Sensitive
    zones are left out: what they have is a total for the day.
    """
    territory, policy = protection.territory, protection.policy
    layers = [[zone for zone in layer if not territory.zones[zone].sensitive] for layer in territory_layers(territory)]
    pools = [of_hour for layer in layers if layer for of_hour in layer_pools(territory.zones, layer, visitors, policy)]
    hour_of = np.arange(len(pools)) % max(visitors.shape[1], 1)
    known: dict[tuple[int, Members], Tally] = {}

    def count(sets: Sequence[tuple[int, Members]]) -> Counts:
        tally = distinct([ZoneSet(int(hour_of[group]), zones) for group, zones in sets])
        known.update({each: tally[at : at + 1] for at, each in enumerate(sets)})
        return tally.devices

    merged = merge_on(pools, count, policy)
    found = [(group, zones) for group, of_group in enumerate(merged) for zones, _ in of_group]
    nodes = zone_nodes(territory)
    shapes = [tuple(nodes[zone] for zone in zones) for _, zones in found]
    hour = np.array([hour_of[group] for group, _ in found], np.int64)
    tally = together([nothing(0), *(known[each] for each in found)])
    place = (hours[hour], hours[hour + 1], hour, np.arange(hour.size), shapes)
    return released(INDICATORS["transit"], Rows(*place, (), whole_parts(hour.size), tally), protection)
