"""Small crowds, every one of them, and what the split of a part by classes publishes of each."""

from dataclasses import replace
from typing import Final

import numpy as np

from anonymization.classes import CLASSES, Classes, split_by_class
from anonymization.policy import Policy
from anonymization.tally import Tally
from pipelines.arrays import Ints
from pipelines.attacks.solving.small_trees import NOTHING, Told, all_counts, largest_sum, told_of
from schemas.vocabulary import UNKNOWN

CASES: Final = 25_000
"""Crowds that are tried at most of one attribute and k."""


def told_by_splits(policy: Policy, k: int, *, inside_pools: bool = False) -> Told:
    """What the rows of all attributes with one tree tell of their classes, with the plain figure beside them."""
    small = replace(policy, k=k, test=True)
    each = (told_by_split(classes, small, inside_pools=inside_pools) for classes in CLASSES.values())
    return sum(each, NOTHING)


def told_by_split(classes: Classes, policy: Policy, cases: int = CASES, *, inside_pools: bool = False) -> Told:
    """What the rows of one attribute tell.

    Where foreign devices are apart, they are one place more; where they are not, `unknown` holds them as well.
    `inside_pools`: the release also tells whether two known classes hold k, pooled or not, as a collapse would that is
    judged on exact counts.
    """
    counts = all_counts(classes.columns, largest_sum(classes.columns, cases))
    counts = counts[:, counts.sum(axis=0) >= policy.k]
    seen = _outcomes(classes, counts, policy)
    if inside_pools and classes.homogeneous:
        known = [at for at, name in enumerate(classes.names) if name != UNKNOWN]
        seen = 2 * seen + ((counts[known] >= policy.k).sum(axis=0) < 2)
    return told_of(seen, _places(classes, counts, policy.k), policy.k, least=1)


def _places(classes: Classes, counts: Ints, k: int) -> Ints:
    """int64[places, cases]: the devices of each class as the split sees it."""
    if not classes.homogeneous:
        return counts
    foreign, domestic = counts[-1], counts[:-1].sum(axis=0)
    hidden = (foreign < k) | (domestic < k)
    places = counts.copy()
    places[classes.names.index(UNKNOWN)] += np.where(hidden, foreign, 0)
    return places


def _outcomes(classes: Classes, counts: Ints, policy: Policy) -> Ints:
    """int64[cases]: a number for the rows and the plain figure, as random sums of 64 bits for single rows."""
    rows = split_by_class(classes, Tally(counts.T.copy(), counts.T.copy()), policy)
    names, name = np.unique(rows.value.astype(np.str_), return_inverse=True)
    whole = counts.sum(axis=0)
    random = np.random.default_rng(names.size).integers(0, 2**64, (names.size + 1, 1 + int(whole.max())), np.uint64)
    key = random[-1, whole]
    np.add.at(key, rows.part, random[name, rows.tally.devices])
    return np.unique(key, return_inverse=True)[1]
