"""Weak releases whose rows are linked: what they tell together, each alone does not.

Each is made of the exact counts of the same devices by a few lines, and stands as what its rows claim.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from anonymization.policy import Policy
from anonymization.tree import Tree
from pipelines.arrays import Ints
from pipelines.attacks.covers import ranges
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.solving.claims import Claims, placed
from pipelines.attacks.solving.cuts import Cut, in_public_order, reordered
from pipelines.attacks.solving.kinds import Kinds, kinds_of
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import presence_counts
from pipelines.fold import is_foreign

_PRODUCTS = 7
"""Releases of the same devices, each with an order of its own: as many as leaked most in the measurement."""

_SMALL_K = 5
"""Their k: orders tell little where few places have k or more, and the attack asks for intervals of that k."""

_WINDOWS = 8
"""Slots of a day in which hexagons are released."""


def un_nested(target: Target) -> tuple[Claims, ...]:
    """Domestic and foreign devices cut space for themselves, beside the plain figure: what one leaves is the other."""
    tree, kinds = target.inputs.territory.tree, np.arange(2)
    nobody = np.zeros(kinds.size, np.bool_)
    found = []
    for day in target.days:
        abroad = is_foreign(day.presence, target.inputs.configuration.area.domestic_mcc)
        foreign = _some(replace(day, presence=day.presence.filter(pa.array(abroad))), tree)
        plain = _some(day, tree)
        cuts = [_cut(tree, each, target.policy) for each in (plain, plain - foreign, foreign)]
        found.append(
            _claims(cuts, Kinds(np.zeros_like(kinds), nobody, nobody), [kinds, kinds[:1], kinds[1:]], target.policy.k)
        )
    return tuple(found)


def independent_orders(target: Target) -> tuple[Claims, ...]:
    """Several releases of the same devices, each of which absorbs in an order of its own."""
    rng = np.random.default_rng([target.seed, _PRODUCTS])
    tree = target.inputs.territory.tree
    trees = [reordered(tree, rng.permutation(tree.size)) for _ in range(_PRODUCTS)]
    every = [np.zeros(1, np.int64)] * _PRODUCTS
    small = replace(target.policy, k=_SMALL_K, test=True)
    return tuple(
        _claims([_cut(each, _some(day, tree), small) for each in trees], kinds_of({}), every, small.k)
        for day in target.days
    )


def totals_beside(target: Target) -> tuple[Claims, ...]:
    """Every place of k or more is published at every level, and the smaller ones are deleted."""
    return tuple(
        _whole_tree(target.inputs.territory.tree, _some(day, target.inputs.territory.tree), target.policy.k)
        for day in target.days
    )


def _some(day: DayDevices, tree: Tree) -> Ints:
    """int64[hexagons, windows]: the devices of some slots."""
    devices = presence_counts(day, tree.leaves).devices
    return devices[:, :: max(1, day.slots // _WINDOWS)]


def _cut(tree: Tree, counts: Ints, policy: Policy) -> Cut:
    return in_public_order(tree, counts, policy.k, policy.pool_target, hide_empty=True)


def _claims(cuts: Sequence[Cut], kinds: Kinds, lists: Sequence[Ints], k: int) -> Claims:
    """What cuts of the same places claim, each of the classes that it lists."""
    covers, listed, before = [], [], 0
    for cut, classes in zip(cuts, lists, strict=True):
        leaf, window = at = np.nonzero(cut.part >= 0)
        covers.append(np.stack([before + cut.part[at], window * cut.part.shape[0] + leaf]))
        row = before + np.arange(cut.devices.size)
        listed.append(np.stack([np.repeat(row, classes.size), np.tile(classes, row.size)]))
        before += row.size
    devices = np.concatenate([cut.devices for cut in cuts])
    return _additive(kinds, np.concatenate(covers, axis=1), np.concatenate(listed, axis=1), devices, k)


def _whole_tree(tree: Tree, counts: Ints, k: int) -> Claims:
    sums = tree.sums(counts)
    node, window = at = np.nonzero(sums >= k)
    size = tree.leaf_counts[node]
    leaf = tree.leaf_order[ranges(tree.leaf_start[node], tree.leaf_start[node] + size)]
    row = np.arange(node.size)
    covers = np.stack([np.repeat(row, size), np.repeat(window, size) * tree.leaves + leaf])
    return _additive(kinds_of({}), covers, np.stack([row, np.zeros_like(row)]), sums[at], k)


def _additive(kinds: Kinds, covers: Ints, lists: Ints, devices: Ints, k: int) -> Claims:
    places, times, _ = placed(covers)
    return Claims(kinds, places, times, lists, devices, devices, np.full(devices.size, -1), k, additive=True)
