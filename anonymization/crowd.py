"""Crowds: counts of devices that a civic feed may print, through the partition of the releases.

Leaves of a public tree (town, group, place) are counted at one instant, so that the counts of several places add up
and a device is in one of them. The same partition as in the releases cuts the tree into parts of at least k: k is
tested on raw counts, siblings below k are pooled with others in the public order of their names until a pool holds
2k - 1, and no total is printed that is not a part. So neither a printed figure nor a difference of figures is of fewer
than k, and a place in a pool can have held anything from nobody to k - 1.

Figures are then rounded DOWN to the base of the policy, and mean "at least". The releases round by a keyed draw
instead, with the key of a day that is destroyed; feeds have no such key, and a draw without a secret hides nothing.
Rounding down needs none, the same count always prints the same figure however often a feed is built, and a bias that
is stated as a bound misleads nobody. It hides less (decision 0034): who knows all devices of a place but one can see
that one come where the figure crosses a multiple of the base, and figures of successive instants are not protected
against each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anonymization.partition import Parts, partition
from anonymization.policy import Policy
from anonymization.tree import Tree, tree_of


@dataclass(frozen=True)
class Crowd:
    """What may be printed of some places together: at least so many devices, a multiple of the policy's base.

    `places` are the names of all places whose devices are in the figure, in order.
    """

    places: tuple[str, ...]
    at_least: int


def crowds(counts: Mapping[str, int], groups: Mapping[str, str], policy: Policy) -> tuple[Crowd, ...]:
    """The crowds of places at one instant, from raw counts by place and the group (a building) of each.

    Every place with a count is in one crowd, or nothing is printed at all. Which places have a count must be public: it
    must not depend on how many devices there are. Raises ValueError for a negative count.
    """
    if not counts:
        return ()
    if any(count < 0 for count in counts.values()):
        raise ValueError("expected counts of devices, got a negative number")
    places = sorted(counts, key=lambda place: (groups[place], place))
    tree = _tree([groups[place] for place in places])
    raw = np.array([[counts[place]] for place in places], np.int64)
    parts = partition(tree, raw, policy.k, policy.pool_target, hide_empty=True)
    return tuple(sorted(_crowds(tree, parts, places, policy), key=lambda crowd: crowd.places))


def _crowds(tree: Tree, parts: Parts, places: list[str], policy: Policy) -> list[Crowd]:
    found = []
    for part, devices in enumerate(parts.devices.tolist()):
        leaves = np.concatenate([tree.leaves_below(node) for node in parts.members(part)])
        names = tuple(sorted(places[leaf] for leaf in leaves.tolist()))
        found.append(Crowd(names, _rounded_down(devices, policy.rounding)))
    return found


def _rounded_down(devices: int, base: int) -> int:
    return devices - devices % base if base > 1 else devices


def _tree(groups: list[str]) -> Tree:
    """The tree of places in order: the town, its groups, their places; siblings in the order of their names."""
    names = list(dict.fromkeys(groups))
    parent = [-1, *([0] * len(names)), *(1 + names.index(group) for group in groups)]
    leaf = [*([-1] * (1 + len(names))), *range(len(groups))]
    order = np.arange(len(parent))
    tree, _ = tree_of(np.array(parent, np.int32), np.array(leaf, np.int32), [order], np.zeros(len(parent), np.bool_))
    return tree
