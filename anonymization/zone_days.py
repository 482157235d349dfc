"""Day figures by zone, where a device may be in several zones: pools counted on distinct devices, and nested zones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from anonymization.nested import Pairs
from anonymization.partition import Counts, partition
from anonymization.policy import Policy
from anonymization.territory import Territory, ZoneArea
from anonymization.tree import Tree, tree_of

Members: TypeAlias = tuple[int, ...]
"""What a pool holds: places of zones, or of parts."""

Distinct: TypeAlias = Callable[[Sequence[Members]], Counts]
"""Sets of zones to the number of distinct devices that visited any zone of each set."""

DistinctByGroup: TypeAlias = Callable[[Sequence[tuple[int, Members]]], Counts]
"""Sets, each with the number of its group, to distinct devices; sets of one group are disjoint."""


@dataclass(frozen=True)
class ZonePart:
    """A published set of zones of one kind, with its exact distinct devices; `node` gives its name and cells."""

    zones: Members
    nodes: tuple[int, ...]
    devices: int


def zone_parts(territory: Territory, visitors: Counts, distinct: Distinct, policy: Policy) -> list[ZonePart]:
    """The parts of a day, one partition for each zone kind, from `visitors` int64[zones]: distinct devices of each.

    First the partition on visits, then pools counted on distinct devices and merged on; then zones inside a published
    zone are withheld where fewer than k (but some) of its devices did not visit them.
    """
    node_of = zone_nodes(territory)
    pools = [layer_pools(territory.zones, layer, visitors[:, None], policy)[0] for layer in territory_layers(territory)]
    merged = merge_on(pools, lambda sets: distinct([zones for _, zones in sets]), policy)
    parts = [
        ZonePart(zones, tuple(node_of[zone] for zone in zones), devices)
        for of_layer in merged
        for zones, devices in of_layer
    ]
    return _without_revealing_nests(territory.zones, parts, policy.k)


def zone_nodes(territory: Territory) -> dict[int, int]:
    """The node of each zone in reach."""
    return {int(zone): node for node, zone in enumerate(territory.zone) if zone >= 0}


def territory_layers(territory: Territory) -> list[list[int]]:
    """The layers of the zones in reach."""
    return layers(territory.zones, zone_nodes(territory))


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


def layer_pools(zones: Sequence[ZoneArea], layer: list[int], visitors: Counts, policy: Policy) -> list[list[Members]]:
    """The partition of a layer on `visitors` int64[zones, windows]: for each window sets of zones, in public order."""
    tree, leaf_zone = _layer_tree(zones, layer)
    parts = partition(tree, visitors[leaf_zone], policy.k, policy.pool_target, hide_empty=True)
    found: list[list[Members]] = [[] for _ in range(visitors.shape[1])]
    for part, window in enumerate(parts.window.tolist()):
        leaves = [int(leaf_zone[leaf]) for node in parts.members(part) for leaf in tree.leaves_below(node)]
        found[window].append(tuple(sorted(leaves)))
    return found


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


def merge_on(
    pools: Sequence[Sequence[Members]], distinct: DistinctByGroup, policy: Policy
) -> list[list[tuple[Members, int]]]:
    """In each group, pools whose distinct devices fall short take the next one, until none does; with these devices.

    The pools of a group are disjoint and in the public order; the last takes the one before it. Several members fall
    short of the pool target, not of k: they pooled for holding that many visits, and beside fewer devices that would
    narrow down the visits of each. What is left below k is left out.
    """
    sets = [(group, pool) for group, of_group in enumerate(pools) for pool in of_group]
    counted: list[list[tuple[Members, int]]] = [[] for _ in pools]
    for (group, pool), devices in zip(sets, _counts(distinct, sets), strict=True):
        counted[group].append((pool, devices))
    while short := [
        (group, at) for group, each in enumerate(counted) if (at := _first_short(each, policy)) is not None
    ]:
        sets = [(group, tuple(sorted(counted[group][at][0] + counted[group][at + 1][0]))) for group, at in short]
        for (group, at), (_, union), devices in zip(short, sets, _counts(distinct, sets), strict=True):
            counted[group][at : at + 2] = [(union, devices)]
    return [[pool for pool in of_group if pool[1] >= policy.k] for of_group in counted]


def _counts(distinct: DistinctByGroup, sets: Sequence[tuple[int, Members]]) -> list[int]:
    return distinct(sets).tolist() if sets else []


def _first_short(counted: Sequence[tuple[Members, int]], policy: Policy) -> int | None:
    """The place of the first of two pools that have to merge, if there are."""
    short = [place for place, pool in enumerate(counted) if _falls_short(*pool, policy)]
    return min(short[0], len(counted) - 2) if short and len(counted) > 1 else None


def _falls_short(zones: Members, devices: int, policy: Policy) -> bool:
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


def nested_parts(zones: Sequence[ZoneArea], parts: Sequence[ZonePart]) -> list[Pairs]:
    """The pairs of parts of which one holds the other, in turns: what is outer in a turn is inner in earlier ones only.

    A part holds another where every zone of that one lies inside one of its zones.
    """
    part_of = {zone: place for place, part in enumerate(parts) for zone in part.zones}
    turns: dict[int, list[tuple[int, int]]] = {}
    for place, part in enumerate(parts):
        around = [_around(zones, zone) for zone in part.zones]
        outers = set.intersection(*({part_of[zone] for zone in above if zone in part_of} for above in around))
        turns.setdefault(min(map(len, around)), []).extend((place, outer) for outer in sorted(outers))
    found = [np.array(turns[depth], np.int64) for depth in sorted(turns) if turns[depth]]
    return [Pairs(pairs[:, 0], pairs[:, 1]) for pairs in found]
