"""Day figures by zone, where a device may be in several zones: pools counted on distinct devices, and nested zones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymization.partition import Counts, partition
from anonymization.policy import Policy
from anonymization.territory import Territory, ZoneArea
from anonymization.tree import Tree, tree_of

Distinct = Callable[[Sequence[tuple[int, ...]]], Counts]
"""Sets of zones to the number of distinct devices that visited any zone of each set."""


@dataclass(frozen=True)
class ZonePart:
    """A published set of zones of one kind, with its exact distinct devices; `node` gives its name and cells."""

    zones: tuple[int, ...]
    nodes: tuple[int, ...]
    devices: int


def zone_parts(territory: Territory, visitors: Counts, distinct: Distinct, policy: Policy) -> list[ZonePart]:
    """The parts of a day, one partition for each zone kind, from `visitors` int64[zones]: distinct devices of each.

    First the partition on visits, then pools counted on distinct devices and merged on; then zones inside a published
    zone are withheld where fewer than k (but some) of its devices did not visit them.
    """
    node_of = {int(zone): node for node, zone in enumerate(territory.zone) if zone >= 0}
    parts: list[ZonePart] = []
    for layer in layers(territory.zones, node_of):
        pools = _pools(territory.zones, layer, visitors, policy)
        for zones, devices in _merged(pools, distinct, policy):
            parts.append(ZonePart(zones, tuple(node_of[zone] for zone in zones), devices))
    return _without_revealing_nests(territory.zones, parts, policy.k)


def layers(zones: Sequence[ZoneArea], reachable: dict[int, int]) -> list[list[int]]:
    """The reachable zones by kind, and within it by how many zones of the kind are around them; outermost first."""
    groups: dict[tuple[int, str], list[int]] = {}
    for place in sorted(reachable):
        around = [zones[above].kind for above in _around(zones, place)]
        groups.setdefault((around.count(zones[place].kind), zones[place].kind), []).append(place)
    return [groups[key] for key in sorted(groups)]


def _around(zones: Sequence[ZoneArea], place: int) -> list[int]:
    """The zones that hold a zone, nearest first."""
    above = []
    while (place := zones[place].parent) >= 0:
        above.append(place)
    return above


def _pools(zones: Sequence[ZoneArea], layer: list[int], visitors: Counts, policy: Policy) -> list[tuple[int, ...]]:
    """The partition of one layer on visits: sets of zones, in the public order."""
    tree, leaf_zone = _layer_tree(zones, layer)
    parts = partition(tree, visitors[leaf_zone][:, None], policy.k, policy.pool_target, hide_empty=True)
    return [
        tuple(sorted(int(leaf_zone[leaf]) for node in parts.members(part) for leaf in tree.leaves_below(node)))
        for part in range(parts.window.size)
    ]


def _layer_tree(zones: Sequence[ZoneArea], layer: list[int]) -> tuple[Tree, npt.NDArray[np.int64]]:
    """The containment tree whose leaves are the layer's zones; zones around them only group them."""
    groups = sorted({above for place in layer for above in _around(zones, place)})
    place_of = {zone: 1 + i for i, zone in enumerate(groups)}
    parent, leaf, size, name = [-1], [-1], [0.0], [""]
    for zone in groups:
        parent.append(place_of.get(zones[zone].parent, 0))
        leaf.append(-1)
        size.append(zones[zone].public_size)
        name.append(zones[zone].zone_id)
    for i, zone in enumerate(layer):
        parent.append(place_of.get(zones[zone].parent, 0))
        leaf.append(i)
        size.append(zones[zone].public_size)
        name.append(zones[zone].zone_id)
    keys = (np.array(size), np.array(name))
    columns = (np.array(parent, np.int32), np.array(leaf, np.int32))
    tree, _ = tree_of(*columns, keys, np.zeros(len(parent), np.bool_))
    return tree, np.array(layer, np.int64)


def _merged(pools: list[tuple[int, ...]], distinct: Distinct, policy: Policy) -> list[tuple[tuple[int, ...], int]]:
    """Pools whose distinct devices fall short take the next pool in the public order, until none falls short.

    Several zones fall short of the pool target, not of k: they pooled for holding that many visits, and beside fewer
    devices that would narrow down the visits of each.
    """
    counted = list(zip(pools, distinct(pools).tolist(), strict=True)) if pools else []
    while len(counted) > 1 and (short := [i for i, pool in enumerate(counted) if _falls_short(*pool, policy)]):
        first = min(short[0], len(counted) - 2)
        union = tuple(sorted(counted[first][0] + counted[first + 1][0]))
        counted[first : first + 2] = [(union, int(distinct([union])[0]))]
    return [(zones, devices) for zones, devices in counted if devices >= policy.k]


def _falls_short(zones: tuple[int, ...], devices: int, policy: Policy) -> bool:
    """Whether distinct devices are too few for a pool, or for a zone alone."""
    return devices < (policy.pool_target if len(zones) > 1 else policy.k)


def _without_revealing_nests(zones: Sequence[ZoneArea], parts: list[ZonePart], k: int) -> list[ZonePart]:
    """Drop a part inside a published one that 1..k-1 of the outer part's devices did not visit."""
    published: list[ZonePart] = []
    part_of: dict[int, ZonePart] = {}
    for part in _outermost_first(zones, parts):
        outers = [part_of[above] for above in _around(zones, part.zones[0]) if above in part_of]
        missed = [outer.devices - part.devices for outer in outers if _holds(zones, outer, part)]
        if all(devices == 0 or devices >= k for devices in missed):
            published.append(part)
            part_of.update(dict.fromkeys(part.zones, part))
    return published


def _outermost_first(zones: Sequence[ZoneArea], parts: list[ZonePart]) -> list[ZonePart]:
    """The parts so that one inside another comes after it."""
    return sorted(parts, key=lambda part: (min(len(_around(zones, zone)) for zone in part.zones), part.zones))


def _holds(zones: Sequence[ZoneArea], outer: ZonePart, part: ZonePart) -> bool:
    """Whether every zone of a part lies inside a zone of the outer one."""
    return all(set(_around(zones, zone)) & set(outer.zones) for zone in part.zones)
