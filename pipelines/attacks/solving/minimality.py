"""T4: what somebody works out of a pool who knows the tree, its public order and the rule by which it is cut."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np
import pyarrow.compute as pc

from anonymization.tree import Tree
from pipelines.arrays import instants
from pipelines.attacks.covers import hexagons_in
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.members import counts
from pipelines.attacks.solving.cuts import Cut, Cutting, in_public_order, smallest_first
from pipelines.attacks.solving.pools import Pooled, Rule, pooled_in, values_left
from pipelines.attacks.solving.small_classes import told_by_splits
from pipelines.attacks.solving.small_crowds import told_by_crowds
from pipelines.attacks.solving.small_trees import NOTHING, Told, class_trees, subtrees, synthetic, told_by_all
from pipelines.attacks.target import Target
from pipelines.attacks.weakened import presence_counts
from schemas.indicators import INDICATORS

_SMALL_K: Final = (2, 3)
_SOURCE: Final = "specification T4: k feasible values of every pooled child; of a class k - 1, an empty class is none"
_WINDOWS: Final = 24
"""Windows of a day in which a weak release is made: a tree of its own is sorted for each."""


@dataclass(frozen=True)
class Ruled:
    """A rule, and pools that it made.

    `target`: devices at which a pool stops to absorb, by k; `until`: distinct ones at which a pool of zones or pairs
    stops to merge on; `by_count`: the smallest sibling is absorbed first. `splits`: what the splits of a part by
    classes tell at a k.
    """

    cut: Cutting
    target: Callable[[int], int]
    until: Callable[[int], int]
    by_count: bool
    splits: Callable[[int], Told]
    pools: tuple[Pooled, ...]


def _told(ruled: Ruled, target: Target) -> Measured:
    """Places in small trees, classes of small crowds and pools of the release that are known too well."""
    k = target.policy.k
    small = _small(ruled, target)
    left = [values_left(each, Rule(k, ruled.target(k), by_count=ruled.by_count)) for each in ruled.pools]
    number = np.concatenate([np.zeros(0, np.int64), *left])
    # A place without any of these values is one that was absorbed for sure: it holds k or more.
    number = number[number > 0]
    return Measured(
        {
            "children with fewer than k feasible values": small.narrow,
            "pooled places with fewer than k feasible values": int((number < k).sum()),
            "most values excluded of a child": small.excluded,
            "fewest feasible values of a pooled place": int(number.min(initial=k)),
        },
        {
            "count vectors": small.cases,
            "children": small.children,
            "pools": sum(each.pools for each in ruled.pools),
            "pooled places": number.size,
        },
    )


def _small(ruled: Ruled, target: Target) -> Told:
    """By brute force at small k: subtrees of the territory and others, the trees of classes and homes, the splits, and
    crowds whose devices are in several zones or pairs.
    """
    space = [*synthetic(), *subtrees(target.inputs.territory.tree)]
    classes = [*synthetic(), *class_trees(), *subtrees(_homes(target))]
    found = [
        told_by_all(trees, ruled.cut, k, ruled.target(k), hide_empty=hide_empty)
        for k in _SMALL_K
        for trees, hide_empty in ((space, True), (classes, False))
    ]
    for k in _SMALL_K:
        found += [
            ruled.splits(k),
            told_by_crowds(target.policy, k, ruled.cut, ruled.target(k), ruled.until(k)),
        ]
    return reduce(Told.__add__, found, NOTHING)


def _homes(target: Target) -> Tree:
    """The tree of the homes of visitors, of a part of which all communes that are zones are residents."""
    origins = target.inputs.origins
    return origins.classes(origins.residents(range(len(target.inputs.areas)))).tree


def _product(target: Target, *, inside_pools: bool = False, merged_to_k: bool = False) -> Ruled:
    """The rule of the product with the pools of the release; `inside_pools` as in `told_by_splits`.

    `merged_to_k`: pools of zones and pairs are merged on until they hold k distinct devices, and no longer.
    """
    pools = tuple(pooled_in(target.inputs.territory.tree, cut) for cut in _released(target))

    def pool_target(k: int) -> int:
        return replace(target.policy, k=k, test=True).pool_target

    def splits(k: int) -> Told:
        return told_by_splits(target.policy, k, inside_pools=inside_pools)

    return Ruled(in_public_order, pool_target, (lambda k: k) if merged_to_k else pool_target, False, splits, pools)


def _released(target: Target) -> Iterator[Cut]:
    """The cuts that a reader of the tables sees: of every plain figure whose parts are disjoint, and day.

    With the exact counts behind the rows, which is more than a reader has.
    """
    for name, table in target.tables.items():
        indicator = INDICATORS[name]
        if not indicator.additive or indicator.attributes:
            continue
        for day in target.days:
            devices = counts(target.behind[day.day.isoformat()][name], table.num_rows)
            own = np.flatnonzero(pc.equal(table["date"], day.day).to_numpy(zero_copy_only=False))
            if not own.size:
                continue
            rows = table.take(own)
            starts, window = np.unique(instants(rows, "window_start"), return_inverse=True)
            row, hexagon = hexagons_in(rows, target.inputs.territory.hexagons)
            part = np.full((target.inputs.territory.hexagons.size, starts.size), -1, np.int64)
            part[hexagon, window[row]] = row
            yield Cut(part, devices[own])


def _weak(cut: Cutting, *, by_count: bool) -> Callable[[Target], Ruled]:
    """The same devices cut by another rule that stops at k."""

    def build(target: Target) -> Ruled:
        tree, k = target.inputs.territory.tree, target.policy.k
        pools = []
        for day in target.days:
            devices = presence_counts(day, tree.leaves).devices
            some = devices[:, :: max(1, devices.shape[1] // _WINDOWS)]
            pools.append(pooled_in(tree, cut(tree, some, k, k, hide_empty=True), by_count=by_count))
        return Ruled(cut, lambda k: k, lambda k: k, by_count, lambda _: NOTHING, tuple(pools))

    return build


MINIMALITY: Final = Attack(
    number="T4",
    name=Words("Minimality", "Minimalité"),
    criterion="singling out",
    what=Words(
        "which numbers of devices of a small place or class explain what is published: of small trees of places, "
        "classes and homes, those of the release among them, and of small crowds in several zones or pairs, by trying "
        "all counts with the publishing algorithm; of the release's pools of presence by counting",
        "quels effectifs d'un petit lieu ou d'une petite classe expliquent ce qui est publié : pour de petits arbres "
        "de lieux, classes et domiciles, dont ceux de la publication, et de petites foules en plusieurs zones ou "
        "paires, en essayant tous les effectifs avec l'algorithme de publication ; pour ses regroupements de présence, "
        "par dénombrement",
    ),
    knowledge=Words(
        "the algorithm, the tree and its order, and the exact numbers behind all published figures",
        "l'algorithme, l'arbre et son ordre, et les effectifs exacts derrière toutes les valeurs publiées",
    ),
    control=Words(
        "none: one small place for which a number below k is excluded is a failure",
        "aucun : un seul petit lieu pour lequel un effectif sous k est exclu est un échec",
    ),
    levels=(
        Level("children with fewer than k feasible values", 0, _SOURCE),
        Level("pooled places with fewer than k feasible values", 0, _SOURCE),
    ),
    subject=_product,
    measure=_told,
    weaknesses=(
        Weakness(
            Words("the smallest sibling is absorbed first", "le plus petit voisin est absorbé d'abord"),
            _weak(smallest_first, by_count=True),
        ),
        Weakness(
            Words("pools stop at k instead of 2k - 1", "les regroupements s'arrêtent à k au lieu de 2k - 1"),
            _weak(in_public_order, by_count=False),
        ),
        Weakness(
            Words(
                "the collapse of classes is judged inside pools",
                "la fusion des classes est jugée à l'intérieur des regroupements",
            ),
            lambda target: _product(target, inside_pools=True),
        ),
        Weakness(
            Words(
                "pools of zones merge on until k distinct devices only",
                "les regroupements de zones ne fusionnent que jusqu'à k appareils distincts",
            ),
            lambda target: _product(target, merged_to_k=True),
            breaks=("children with fewer than k feasible values",),
        ),
    ),
)
