"""What is published of a box: counts by choice and district, and by choice and age, each of at least k people.

First the choices are cut by the partition of the releases: choices below k are pooled with others until a pool holds
2k - 1. Then districts are cut by it, and ages, where a district counts for as many people as its *smallest* class of
choices has. So every row, of a part and a class, is of at least k people; in every part at least k people answered
otherwise than any one class, so that no group is unanimous; and rows of all parts have the same classes, so that no
total of the town tells what a pool hides. The last choices and districts of the definition are absorbed first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from anonymization.partition import partition
from anonymization.tree import Tree, class_tree

Counts = npt.NDArray[np.int64]
Breakdown = Literal["district", "age_band"]
Names = tuple[str, ...]

BREAKDOWNS: Final[tuple[Breakdown, ...]] = ("district", "age_band")
_AXES: Final = {"district": 1, "age_band": 2}


@dataclass(frozen=True)
class Row:
    """A published figure: the choices and the districts or age bands that it is of together, and how many people."""

    breakdown: Breakdown
    members: Names
    choices: Names
    people: int


@dataclass(frozen=True)
class Results:
    """Who answered (None below k), and the rows of both breakdowns in the order of the definition."""

    people: int | None
    rows: tuple[Row, ...]


def results(counts: Counts, choices: Names, districts: Names, ages: Names, k: int) -> Results:
    """The rows of a box, from int64[choices, districts, ages] of people and the names along each axis."""
    people = int(counts.sum())
    if people < k:
        return Results(None, ())
    classes = _parts(_flat(choices), counts.sum(axis=(1, 2)), k)
    by_class = np.stack([counts[list(listed)].sum(axis=0) for listed in classes])
    named = [tuple(choices[at] for at in listed) for listed in classes]
    rows = [
        *_rows("district", by_class.sum(axis=2), named, districts, _flat(districts), k),
        *_rows("age_band", by_class.sum(axis=1), named, ages, _neighbours(ages), k),
    ]
    return Results(people, tuple(rows))


def _rows(
    breakdown: Breakdown, counts: Counts, classes: Sequence[Names], names: Names, tree: Tree, k: int
) -> list[Row]:
    """The rows of a breakdown, from int64[classes, names]."""
    rows = []
    for part in _parts(tree, counts.min(axis=0), k):
        members = tuple(names[at] for at in part)
        people = counts[:, list(part)].sum(axis=1).tolist()
        rows += [Row(breakdown, members, *row) for row in zip(classes, people, strict=True)]
    return rows


def _parts(tree: Tree, counts: Counts, k: int) -> list[tuple[int, ...]]:
    """The leaves of each part, in order; all of them together where the smallest classes do not make k."""
    parts = partition(tree, counts[:, None], k, 2 * k - 1, hide_empty=True)
    found = [
        tuple(sorted(leaf for node in parts.members(part) for leaf in tree.leaves_below(node).tolist()))
        for part in range(parts.window.size)
    ]
    return sorted(found) or [tuple(range(counts.size))]


def _flat(names: Names) -> Tree:
    """All beside each other, the last ones first in the order of absorption."""
    return class_tree(tuple(reversed(names)), names)


def _neighbours(names: Names) -> Tree:
    """Halves of halves, so that neighbours are pooled first."""
    return class_tree(_halved(names) if len(names) > 1 else names, names)


def _halved(names: Names) -> object:
    middle = len(names) // 2
    return (_halved(names[:middle]), _halved(names[middle:])) if middle else names[0]
