"""Attributes below a part: which classes are published together, so that each row holds at least k devices."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymization.partition import Counts, Parts, partition
from anonymization.policy import Policy
from anonymization.tree import Tree, class_tree
from schemas.vocabulary import AGE_BANDS, ALL, DWELL_BANDS, FOREIGN, SEPARATOR, SPC, UNKNOWN


@dataclass(frozen=True)
class Classes:
    """The classes of one attribute and the tree in which neighbours merge first.

    `homogeneous`: a part that one class dominates, or with fewer than two known classes, gets `all`.
    """

    attribute: str
    names: tuple[str, ...]
    tree: Tree
    homogeneous: bool


AGE = Classes(
    "age_band",
    AGE_BANDS,
    # `unknown` is usually small, and merges with the one class where that costs least detail.
    class_tree(
        ((("<18", "18-24"), ("25-34", "35-44")), (("45-54", "55-64"), ("65+", UNKNOWN))),
        AGE_BANDS,
    ),
    homogeneous=True,
)
SPC_GROUPS = Classes(
    "spc",
    SPC,
    class_tree(((("1", "2"), ("3", "4")), (("5", "6"), ("7", ("8", UNKNOWN)))), SPC),
    homogeneous=True,
)
DWELL = Classes(
    "dwell_band",
    DWELL_BANDS,
    # The middle comes first in the public order: it is the neighbour of both ends.
    class_tree((DWELL_BANDS[2:4], DWELL_BANDS[0:2], DWELL_BANDS[4:6]), DWELL_BANDS),
    homogeneous=False,
)
CLASSES = {classes.attribute: classes for classes in (AGE, SPC_GROUPS, DWELL)}
"""The attributes that indicators may split a part by: a new one is added here."""


@dataclass(frozen=True)
class ClassRows:
    """One row per published class of a part: `part` int64[r], `value` the printed name, `devices` int64[r], exact."""

    part: npt.NDArray[np.int64]
    value: npt.NDArray[np.object_]
    devices: Counts


def split_by_class(classes: Classes, counts: Counts, foreign: Counts, policy: Policy) -> ClassRows:
    """The rows of parts with `counts` int64[parts, classes] domestic devices and `foreign` int64[parts] others.

    Where each side holds at least k, foreign devices are one class of their own; else they are `unknown` among the
    rest. Rows sum to the part; a part below k has none. Only for attributes with an `unknown` class may `foreign` hold
    any device.
    """
    whole = counts.sum(axis=1) + foreign
    apart = (foreign >= policy.k) & (whole - foreign >= policy.k)
    domestic = counts.copy()
    if foreign.any():
        domestic[:, classes.names.index(UNKNOWN)] += np.where(apart, 0, foreign)
    pools = partition(classes.tree, domestic.T.copy(), policy.k, policy.pool_target, hide_empty=False)
    part = np.concatenate([pools.window, np.flatnonzero(apart)])
    value = np.concatenate([_names(classes, pools), np.full(int(apart.sum()), FOREIGN, object)])
    devices = np.concatenate([pools.devices, foreign[apart]])
    if not classes.homogeneous:
        return ClassRows(part, value, devices)
    uniform = _is_uniform(part, value, devices, whole, policy.max_share)
    keep = ~uniform[part]
    alone = np.flatnonzero(uniform & (whole >= policy.k))
    return ClassRows(
        np.concatenate([part[keep], alone]),
        np.concatenate([value[keep], np.full(alone.size, ALL, object)]),
        np.concatenate([devices[keep], whole[alone]]),
    )


def _is_uniform(
    part: npt.NDArray[np.int64],
    value: npt.NDArray[np.object_],
    devices: Counts,
    whole: Counts,
    max_share: float,
) -> npt.NDArray[np.bool_]:
    """bool[parts]: one class exceeds the share, or fewer than two are known, of those that would be published.

    Judged on nothing else: a test on the classes inside a pool would tell their counts by its outcome.
    """
    names, name = np.unique(value.astype(np.str_), return_inverse=True)
    known = np.array([not {UNKNOWN, FOREIGN} & set(each.split(SEPARATOR)) for each in names.tolist()], np.bool_)[name]
    apart = np.bincount(part[known], minlength=whole.size)
    greatest = np.zeros(whole.size, np.int64)
    np.maximum.at(greatest, part, devices)
    uniform: npt.NDArray[np.bool_] = (greatest > max_share * whole) | (apart < 2)
    return uniform


def _names(classes: Classes, pools: Parts) -> npt.NDArray[np.object_]:
    """The printed name of each pool: every class of the vocabulary that it covers, in the vocabulary's order."""
    shape, sets = pools.shapes()
    names = np.empty(len(sets), object)
    for place, members in enumerate(sets):
        leaves = sorted(leaf for node in members for leaf in classes.tree.leaves_below(node).tolist())
        names[place] = SEPARATOR.join(classes.names[leaf] for leaf in leaves)
    return names[shape]
