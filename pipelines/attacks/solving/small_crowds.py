"""Small crowds whose devices may be in several places, every one of them, and what is published of each.

So are the zones of a day and the pairs of an hour: they are cut by visits, and pools of them are counted on distinct
devices and merged on until these suffice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from anonymization.policy import Policy
from anonymization.tree import Tree
from anonymization.zone_days import Members, merge_on
from pipelines.arrays import Bools, Ints
from pipelines.attacks.solving.cuts import Cutting
from pipelines.attacks.solving.small_trees import NOTHING, Told, all_counts, largest_sum, told_of

CASES: Final = 20_000
"""Crowds that are tried at most of so many places."""

_PLACES: Final = (2, 3)
"""How many places a crowd is in: of four, crowds of five devices are too many already."""


@dataclass(frozen=True)
class Stopping(Policy):
    """A policy whose pools of several places merge on up to so many distinct devices."""

    until: int = 0

    @property
    def pool_target(self) -> int:
        """That number."""
        return self.until


def told_by_crowds(policy: Policy, k: int, cut: Cutting, target: int, until: int) -> Told:
    """What the pools of a few places tell of the visitors of each, at a small k.

    They are cut at `target` visits and merged on until there are `until` distinct devices; once as zones are, where
    nobody is hidden as well, and once as pairs, where an empty one is no class.
    """
    numbers = {each.name: getattr(policy, each.name) for each in fields(policy)} | {"k": k, "test": True}
    rule = Stopping(**numbers, until=until)
    each = (told_by_places(n, rule, cut, target, hide_empty=hidden) for n in _PLACES for hidden in (True, False))
    return sum(each, NOTHING)


def told_by_places(
    places: int, policy: Policy, cut: Cutting, target: int, cases: int = CASES, *, hide_empty: bool
) -> Told:
    """The same of so many places.

    A device is of one of the kinds that visit some of them. Crowds are tried up to a number of devices; what can be of
    a larger one as well is left out.
    """
    inside = kinds(places)
    most = largest_sum(len(inside), cases)
    counts = all_counts(len(inside), most)
    found = published(inside, counts, policy, cut, target, hide_empty=hide_empty)
    numbers: dict[object, int] = {}
    seen = np.array([numbers.setdefault(tuple(each), len(numbers)) for each in found], np.int64)
    whole = np.array([sum(devices for _, devices in each) <= most for each in found])
    told = np.unique(seen[whole], return_inverse=True)[1]
    return told_of(told, _visitors(inside, counts)[:, whole], policy.k, least=0 if hide_empty else 1)


def kinds(places: int) -> Bools:
    """bool[kinds, places]: every set of places that a device can have visited, but none."""
    found: Bools = (np.arange(1, 2**places)[:, None] >> np.arange(places) & 1).astype(np.bool_)
    return found


def published(
    inside: Bools, counts: Ints, policy: Policy, cut: Cutting, target: int, *, hide_empty: bool
) -> list[list[tuple[Members, int]]]:
    """For each crowd, int64[kinds, crowds] devices of each kind, the pools of places and their distinct devices."""
    parts = cut(_flat(inside.shape[1]), _visitors(inside, counts), policy.k, target, hide_empty=hide_empty).part
    return merge_on([_pools(each) for each in parts.T.tolist()], _Distinct(inside, counts), policy)


def _visitors(inside: Bools, counts: Ints) -> Ints:
    """int64[places, crowds]."""
    return inside.T.astype(np.int64) @ counts


def _flat(places: int) -> Tree:
    parent, leaf = np.append(-1, np.zeros(places)), np.arange(-1, places)
    return Tree(parent.astype(np.int32), leaf.astype(np.int32), np.zeros(places + 1, np.bool_))


def _pools(parts: Sequence[int]) -> list[Members]:
    """The pools of a crowd before distinct devices are counted, in the public order; `parts`: that of each place."""
    found: dict[int, list[int]] = {each: [] for each in sorted(set(parts) - {-1})}
    for place, part in enumerate(parts):
        if part >= 0:
            found[part].append(place)
    return [tuple(members) for members in found.values()]


class _Distinct:
    """The distinct devices of sets of places, by crowd."""

    def __init__(self, inside: Bools, counts: Ints) -> None:
        self.inside, self.counts = inside, counts
        self.known: dict[Members, Ints] = {}

    def __call__(self, sets: Sequence[tuple[int, Members]]) -> Ints:
        """int64[sets]."""
        for members in {members for _, members in sets} - self.known.keys():
            self.known[members] = self.inside[:, list(members)].any(axis=1).astype(np.int64) @ self.counts
        return np.array([self.known[members][crowd] for crowd, members in sets], np.int64)
