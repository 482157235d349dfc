"""Flows: devices that go from one part of a day to another, by hour of departure.

Origins and destinations are the day's `attendance` parts of one layer. In each hour the origins are classes of a public
list, and below each published origin its destinations are: small ones are pooled by the rule for classes. A device may
be in several pairs, so that pools are counted on distinct devices, as pools of zones are. At the end flows are compared
with the visitors of their ends, `flow_ends.py`, and with flows of nested layers, `nested_flows.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.distances import Points, centroid, distance_class
from anonymization.flow_ends import without_isolating_ends
from anonymization.nested_flows import FlowSet, without_isolating_flows
from anonymization.partition import CELLS_AT_ONCE, Counts, partition
from anonymization.policy import Policy
from anonymization.protect import Protection, Rows, released
from anonymization.tally import Tally, nothing, together
from anonymization.territory import Territory
from anonymization.tree import Tree
from anonymization.zone_days import Members, ZonePart, merge_on, nested_parts, territory_layers
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FlowCounts:
    """Distinct devices by pair and hour: int64[r] `hour` of the day, places of parts, and the tally [r]."""

    hour: Ints
    origin: Ints
    destination: Ints
    tally: Tally


DistinctFlows = Callable[[Sequence[FlowSet]], Tally]
"""Sets to the distinct devices of each."""


def flow_layers(territory: Territory, parts: Sequence[ZonePart]) -> list[list[int]]:
    """The places of the parts that flows join: those of one layer, without sensitive zones, in the public order.

    Smaller parts come first, and give up their detail first; a part is in one layer at most.
    """
    zones = territory.zones
    found = []
    for layer in map(set, territory_layers(territory)):
        places = [
            place
            for place, part in enumerate(parts)
            if part.zones[0] in layer and not any(zones[zone].sensitive for zone in part.zones)
        ]
        size = {place: sum(zones[zone].public_size for zone in parts[place].zones) for place in places}
        found.append(sorted(places, key=lambda place: (size[place], territory.name(parts[place].nodes))))
    return [places for places in found if len(places) > 1]


def label_pairs(sets: Sequence[FlowSet], hour: Ints, origin: Ints, destination: Ints) -> Ints:
    """int64[r]: the set of each pair, or -1; the sets that one call asks for are disjoint."""
    anywhere = {(each.hour, o): at for at, each in enumerate(sets) if each.destinations is None for o in each.origins}
    place = {
        (each.hour, o, d): at
        for at, each in enumerate(sets)
        if each.destinations is not None
        for o in each.origins
        for d in each.destinations
    }
    width = 1 + max(origin.max(initial=0), destination.max(initial=0))
    keys, row = np.unique((hour * width + origin) * width + destination, return_inverse=True)
    triples = zip((keys // width**2).tolist(), (keys // width % width).tolist(), (keys % width).tolist(), strict=True)
    found = [place.get((h, o, d), anywhere.get((h, o), -1)) for h, o, d in triples]
    return np.array(found, np.int64)[row]


def protect_flows(
    parts: Sequence[ZonePart],
    hours: Ints,
    pairs: FlowCounts,
    distinct: DistinctFlows,
    early: Ints,
    protection: Protection,
) -> pa.Table:
    """The released `flows` of a day between its attendance parts.

    `hours` int64[h + 1]: edges; `early` int64[parts, h]: see `early_visitors`. Raises ValueError for a pair that no
    layer joins, or that stands twice.
    """
    layers = flow_layers(protection.territory, parts)
    _must_be_joined(layers, len(parts), pairs)
    counted = _Counted(distinct, _of_pairs(pairs))
    pools, single = _origins(layers, pairs, hours.size - 1, counted, protection.policy)
    sets = [*pools, *_destinations(layers, pairs, single, counted, protection.policy)]
    turns, k = nested_parts(protection.territory.zones, parts), protection.policy.k
    sets = without_isolating_ends(sets, counted.devices(sets).tolist(), early, turns, k)
    sets = without_isolating_flows(sets, counted.devices(sets).tolist(), turns, k)
    return released(INDICATORS["flows"], _rows(parts, hours, sets, counted, protection), protection)


@dataclass(frozen=True)
class _Counted:
    """The distinct devices of sets; what is `known` is not asked for again."""

    distinct: DistinctFlows
    known: dict[FlowSet, Tally]

    def devices(self, sets: Sequence[FlowSet]) -> Counts:
        """int64[sets]."""
        unknown = [each for each in sets if each not in self.known]
        if unknown:
            tally = self.distinct(unknown)
            self.known.update({each: tally[at : at + 1] for at, each in enumerate(unknown)})
        return np.array([self.known[each].devices[0] for each in sets], np.int64)


def _of_pairs(pairs: FlowCounts) -> dict[FlowSet, Tally]:
    """What the counts say of single pairs."""
    triples = zip(pairs.hour.tolist(), pairs.origin.tolist(), pairs.destination.tolist(), strict=True)
    return {FlowSet(h, (o,), (d,)): pairs.tally[at : at + 1] for at, (h, o, d) in enumerate(triples)}


def _must_be_joined(layers: Sequence[Sequence[int]], parts: int, pairs: FlowCounts) -> None:
    layer_of = np.full(parts, -1, np.int64)
    for number, places in enumerate(layers):
        layer_of[list(places)] = number
    origin, destination = layer_of[pairs.origin], layer_of[pairs.destination]
    triples = np.stack([pairs.hour, pairs.origin, pairs.destination], axis=1)
    joined = (origin >= 0) & (origin == destination) & (pairs.origin != pairs.destination)
    if not joined.all() or np.unique(triples, axis=0).shape != triples.shape:
        raise ValueError("flows: expected each pair of different parts of one layer once, got another pair")


def _origins(
    layers: Sequence[Sequence[int]], pairs: FlowCounts, hours: int, counted: _Counted, policy: Policy
) -> tuple[list[FlowSet], list[FlowSet]]:
    """The pools of origins of each hour, and the origins that stand alone: cut on the distinct devices that leave."""
    leaving = [
        FlowSet(h, (o,), None) for h, o in sorted(set(zip(pairs.hour.tolist(), pairs.origin.tolist(), strict=True)))
    ]
    devices = {
        (each.hour, each.origins[0]): n for each, n in zip(leaving, counted.devices(leaving).tolist(), strict=True)
    }
    pools: list[list[Members]] = []
    for places in layers:
        counts = np.array([[devices.get((hour, place), 0) for hour in range(hours)] for place in places], np.int64)
        pools += _cut(places, counts, policy)

    def distinct(sets: Sequence[tuple[int, Members]]) -> Counts:
        return counted.devices([FlowSet(group % hours, origins, None) for group, origins in sets])

    merged = merge_on(pools, distinct, policy)
    sets = [FlowSet(group % hours, origins, None) for group, found in enumerate(merged) for origins, _ in found]
    return [each for each in sets if len(each.origins) > 1], [each for each in sets if len(each.origins) == 1]


def _destinations(
    layers: Sequence[Sequence[int]], pairs: FlowCounts, single: Sequence[FlowSet], counted: _Counted, policy: Policy
) -> list[FlowSet]:
    """The classes of destinations below each origin that stands alone."""
    pools: list[list[Members]] = []
    owners: list[FlowSet] = []
    for places in layers:
        inside = set(places)
        own = [each for each in single if each.origins[0] in inside]
        step = max(1, CELLS_AT_ONCE // (len(places) + 1))
        for at in range(0, len(own), step):
            some = own[at : at + step]
            pools += _cut(places, _going(places, some, pairs), policy)
            owners += some
    pools = [
        [tuple(place for place in pool if place != owner.origins[0]) for pool in of_owner]
        for owner, of_owner in zip(owners, pools, strict=True)
    ]

    def below(group: int, destinations: Members) -> FlowSet:
        return FlowSet(owners[group].hour, owners[group].origins, destinations)

    merged = merge_on(pools, lambda sets: counted.devices([below(*each) for each in sets]), policy)
    return [below(group, destinations) for group, found in enumerate(merged) for destinations, _ in found]


def _going(places: Sequence[int], owners: Sequence[FlowSet], pairs: FlowCounts) -> Counts:
    """int64[places, owners]: the devices that go from each origin and hour to each destination."""
    counts = np.zeros((len(places), len(owners)), np.int64)
    width = 1 + max([*places, *pairs.origin.tolist(), *pairs.destination.tolist()])
    row, column = np.full(width, -1, np.int64), np.full(width * (1 + pairs.hour.max(initial=0)), -1, np.int64)
    row[list(places)] = np.arange(len(places))
    column[[each.hour * width + each.origins[0] for each in owners]] = np.arange(len(owners))
    at = column[pairs.hour * width + pairs.origin]
    kept = at >= 0
    counts[row[pairs.destination[kept]], at[kept]] = pairs.tally.devices[kept]
    return counts


def _cut(places: Sequence[int], counts: Counts, policy: Policy) -> list[list[Members]]:
    """The partition of a list of parts in each window, from int64[places, windows]: an empty one is no class."""
    leaves = len(places)
    tree = Tree(
        np.append(-1, np.zeros(leaves)).astype(np.int32),
        np.arange(-1, leaves).astype(np.int32),
        np.zeros(leaves + 1, np.bool_),
    )
    found = partition(tree, counts, policy.k, policy.pool_target, hide_empty=False)
    pools: list[list[Members]] = [[] for _ in range(counts.shape[1])]
    for part, window in enumerate(found.window.tolist()):
        members = (leaf for node in found.members(part) for leaf in tree.leaves_below(node).tolist())
        pools[window].append(tuple(sorted(places[leaf] for leaf in members)))
    return pools


def _rows(
    parts: Sequence[ZonePart], hours: Ints, sets: Sequence[FlowSet], counted: _Counted, protection: Protection
) -> Rows:
    """The rows of sets: a pool of origins goes to `all`, an origin to the destinations that it lists."""
    names = _Names(parts, protection)
    shape = {origins: at for at, origins in enumerate(dict.fromkeys(each.origins for each in sets))}
    shapes = [tuple(sorted(node for place in origins for node in parts[place].nodes)) for origins in shape]
    at = np.array([shape[each.origins] for each in sets], np.int64)
    values = np.array([names.of(each) for each in sets], object).reshape(len(sets), 3)
    hour = np.array([each.hour for each in sets], np.int64)
    tally = together([nothing(0), *(counted.known[each] for each in sets)])
    columns = (values[:, 0], values[:, 1], values[:, 2])
    return Rows(hours[hour], hours[hour + 1], hour, at, shapes, columns, values[:, 1], tally)


@dataclass(frozen=True)
class _Names:
    """How sets are printed."""

    parts: Sequence[ZonePart]
    protection: Protection

    def of(self, each: FlowSet) -> tuple[str, str, str]:
        """Origin, destination and distance class."""
        origin = self._joined(each.origins)
        if each.destinations is None:
            return origin, ALL, ALL
        own, *others = (self._centroid(place) for place in (*each.origins, *each.destinations))
        return origin, self._joined(each.destinations), distance_class(own, others)

    def _joined(self, places: Members) -> str:
        zones = self.protection.territory.zones
        return SEPARATOR.join(sorted(zones[zone].zone_id for place in places for zone in self.parts[place].zones))

    def _centroid(self, place: int) -> Points:
        if place not in self._centroids:
            self._centroids[place] = centroid(self.protection.territory.cells(self.parts[place].nodes))
        return self._centroids[place]

    @cached_property
    def _centroids(self) -> dict[int, Points]:
        return {}
