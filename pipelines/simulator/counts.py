"""Counts of people by combinations of codes, which add up over lots of people."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.simulator.plane import Ints


@dataclass(frozen=True)
class Count:
    """How many people there are for each combination that occurs; `shape` has the number of codes in each dimension."""

    shape: tuple[int, ...]
    code: Ints
    people: Ints

    def columns(self) -> tuple[npt.NDArray[np.int64], ...]:
        """The codes of each dimension, sorted by all of them."""
        return tuple(column.astype(np.int64) for column in np.unravel_index(self.code, self.shape))


def count(shape: tuple[int, ...], *columns: npt.NDArray[np.integer]) -> Count:
    """Count rows by their codes, of which there is one array for each dimension."""
    code = np.ravel_multi_index(tuple(column.ravel() for column in columns), shape)
    size = int(np.prod(shape))
    if size <= 4 * len(code):
        people = np.bincount(code, minlength=size)
        found = np.flatnonzero(people)
        return Count(shape, found, people[found])
    found, people = np.unique(code, return_counts=True)
    return Count(shape, found, people)


def total(counts: Sequence[Count]) -> Count:
    """The sum of counts of one shape."""
    code, place = np.unique(np.concatenate([one.code for one in counts]), return_inverse=True)
    people = np.zeros(len(code), np.int64)
    np.add.at(people, place, np.concatenate([one.people for one in counts]))
    return Count(counts[0].shape, code, people)
