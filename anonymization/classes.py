"""Attributes below a part: which classes are published together, so that each row holds at least k devices."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymization.partition import Counts, Parts, partition
from anonymization.policy import Policy
from anonymization.tally import Tally, together
from anonymization.tree import Tree, class_tree
from schemas.vocabulary import (
    AGE_BANDS,
    ALL,
    ARRIVAL_HOURS,
    DWELL_BANDS,
    FOREIGN,
    SEPARATOR,
    SPC,
    UNKNOWN,
    VISITOR_CATEGORIES,
)

Names = npt.NDArray[np.object_]

RESIDENT: Final = "resident"
OTHER_DOMESTIC: Final = "other domestic"
DOMESTIC: Final = "domestic"

WHOLE_PART: Final = ""
"""The device set of a row that holds every device of its part."""


@dataclass(frozen=True)
class Classes:
    """The classes of one attribute and the tree in which neighbours merge first.

    `groups`: for each class the group of devices that other attributes know as well (resident, foreign), or the class
    itself. `homogeneous`: a part that one class dominates, or with fewer than two known classes, gets `all`; such
    attributes are not known of foreign devices, which are counted in one more class, past the names.
    """

    attribute: str
    names: tuple[str, ...]
    tree: Tree
    groups: tuple[str, ...]
    homogeneous: bool = False

    @property
    def columns(self) -> int:
        """How many classes are counted: the names, and foreign devices where they are apart."""
        return len(self.names) + self.homogeneous


AGE = Classes(
    "age_band",
    AGE_BANDS,
    # `unknown` is usually small, and merges with the one class where that costs least detail.
    class_tree(
        ((("<18", "18-24"), ("25-34", "35-44")), (("45-54", "55-64"), ("65+", UNKNOWN))),
        AGE_BANDS,
    ),
    (DOMESTIC,) * len(AGE_BANDS),
    homogeneous=True,
)
SPC_GROUPS = Classes(
    "spc",
    SPC,
    class_tree(((("1", "2"), ("3", "4")), (("5", "6"), ("7", ("8", UNKNOWN)))), SPC),
    (DOMESTIC,) * len(SPC),
    homogeneous=True,
)
CATEGORY = Classes(
    "visitor_category",
    VISITOR_CATEGORIES,
    # The first level is the split that origins share.
    class_tree((VISITOR_CATEGORIES[0], VISITOR_CATEGORIES[1:3], VISITOR_CATEGORIES[3:]), VISITOR_CATEGORIES),
    (RESIDENT, OTHER_DOMESTIC, OTHER_DOMESTIC, FOREIGN, FOREIGN),
)
DWELL = Classes(
    "dwell_band",
    DWELL_BANDS,
    # The middle comes first in the public order: it is the neighbour of both ends.
    class_tree((DWELL_BANDS[2:4], DWELL_BANDS[0:2], DWELL_BANDS[4:6]), DWELL_BANDS),
    DWELL_BANDS,
)
_H = ARRIVAL_HOURS
ARRIVAL = Classes(
    "arrival_hour",
    ARRIVAL_HOURS,
    # A day that begins at 05:00, halved again and again: neighbours merge first. The night gives up its detail first.
    class_tree(
        (
            ((_H[21:23], (_H[23], _H[0])), (_H[1:3], _H[3:5])),
            ((_H[5:7], _H[7:9]), (_H[9:11], _H[11:13])),
            ((_H[13:15], _H[15:17]), (_H[17:19], _H[19:21])),
        ),
        ARRIVAL_HOURS,
    ),
    ARRIVAL_HOURS,
)
CLASSES = {classes.attribute: classes for classes in (AGE, SPC_GROUPS, CATEGORY, DWELL)}
"""The attributes that indicators may split a part by with one tree for all parts: a new one is added here."""


@dataclass(frozen=True)
class ClassRows:
    """One row per published class of a part.

    `part` int64[r]; `value` the printed name; `devices_of` the name of the row's device set: rows of a part with the
    same name hold the same devices, whatever the attribute; `tally` [r], exact.
    """

    part: npt.NDArray[np.int64]
    value: Names
    devices_of: Names
    tally: Tally


def split_by_class(classes: Classes, counts: Tally, policy: Policy) -> ClassRows:
    """The rows of parts, from `counts` [parts, classes.columns].

    Where foreign devices are apart and each side holds at least k, they are one class of their own; else they are
    `unknown` among the rest. Rows sum to the part; a part below k has none.
    """
    if not classes.homogeneous:
        return _split(classes, counts, policy).rows()
    foreign, whole = counts[:, -1], counts.sum(axis=1)
    apart = (foreign.devices >= policy.k) & (whole.devices - foreign.devices >= policy.k)
    split = _split(classes, _with_foreign(classes, counts, ~apart), policy)
    split = split.joined(np.flatnonzero(apart), FOREIGN, foreign[apart])
    uniform = _is_uniform(split, whole.devices, policy.max_share)
    alone = uniform & (whole.devices >= policy.k)
    return split.where(~uniform[split.part]).joined(np.flatnonzero(alone), ALL, whole[alone]).rows()


@dataclass(frozen=True)
class _Split:
    """Rows with the groups that they hold: `part` int64[r], printed `value`, `group`, `tally` [r]."""

    part: npt.NDArray[np.int64]
    value: Names
    group: Names
    tally: Tally

    def where(self, kept: npt.NDArray[np.bool_]) -> "_Split":
        """Some of the rows."""
        return _Split(self.part[kept], self.value[kept], self.group[kept], self.tally[kept])

    def joined(self, part: npt.NDArray[np.int64], name: str, tally: Tally) -> "_Split":
        """The rows, and one more for each of some parts."""
        named = np.full(part.size, name, object)
        return _Split(
            np.concatenate([self.part, part]),
            np.concatenate([self.value, named]),
            np.concatenate([self.group, named]),
            together([self.tally, tally]),
        )

    def rows(self) -> ClassRows:
        """The same with the names of their device sets."""
        return ClassRows(self.part, self.value, device_sets(self.part, self.group, self.value), self.tally)


def device_sets(part: npt.NDArray[np.int64], group: Names, value: Names) -> Names:
    """The names of the device sets of rows: the value, the group where a row is all of it, or the whole part."""
    alone = _is_alone(part, np.full(part.size, "", object))
    of_group = _is_alone(part, group)
    sets: Names = np.where(alone, WHOLE_PART, np.where(of_group, group, value))
    return sets


def _is_alone(part: npt.NDArray[np.int64], group: Names) -> npt.NDArray[np.bool_]:
    """bool[r]: whether a row is the only one of its part and group."""
    names, number = np.unique(group.astype(np.str_), return_inverse=True)
    _, place, sizes = np.unique(part * max(names.size, 1) + number, return_inverse=True, return_counts=True)
    alone: npt.NDArray[np.bool_] = sizes[place] == 1
    return alone


def _split(classes: Classes, counts: Tally, policy: Policy) -> _Split:
    """The rows of the named classes."""
    names = len(classes.names)
    devices, weight = (np.ascontiguousarray(column[:, :names].T) for column in (counts.devices, counts.weight))
    pools = partition(classes.tree, devices, policy.k, policy.pool_target, hide_empty=False)
    tally = Tally(pools.devices, pools.sums(classes.tree, weight))
    return _Split(pools.window.astype(np.int64), *_printed(classes, pools), tally)


def _with_foreign(classes: Classes, counts: Tally, hidden: npt.NDArray[np.bool_]) -> Tally:
    """The named classes, with foreign devices among the unknown ones where they are hidden."""
    columns = []
    for column in (counts.devices, counts.weight):
        named = column[:, :-1].copy()
        named[:, classes.names.index(UNKNOWN)] += np.where(hidden, column[:, -1], 0)
        columns.append(named)
    return Tally(*columns)


def _is_uniform(rows: _Split, whole: Counts, max_share: float) -> npt.NDArray[np.bool_]:
    """bool[parts]: one class exceeds the share, or fewer than two are known, of those that would be published.

    Judged on nothing else: a test on the classes inside a pool would tell their counts by its outcome.
    """
    names, name = np.unique(rows.value.astype(np.str_), return_inverse=True)
    known = np.array([not {UNKNOWN, FOREIGN} & set(each.split(SEPARATOR)) for each in names.tolist()], np.bool_)[name]
    apart = np.bincount(rows.part[known], minlength=whole.size)
    greatest = np.zeros(whole.size, np.int64)
    np.maximum.at(greatest, rows.part, rows.tally.devices)
    uniform: npt.NDArray[np.bool_] = (greatest > max_share * whole) | (apart < 2)
    return uniform


def _printed(classes: Classes, pools: Parts) -> tuple[Names, Names]:
    """The printed name of each pool, and the groups that it holds.

    Every class of the vocabulary that it covers, in the vocabulary's order.
    """
    shape, sets = pools.shapes()
    names, groups = np.empty(len(sets), object), np.empty(len(sets), object)
    for place, members in enumerate(sets):
        leaves = sorted(leaf for node in members for leaf in classes.tree.leaves_below(node).tolist())
        names[place] = SEPARATOR.join(classes.names[leaf] for leaf in leaves)
        groups[place] = SEPARATOR.join(sorted({classes.groups[leaf] for leaf in leaves}))
    return names[shape], groups[shape]
