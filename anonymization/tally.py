"""Counts with their weights: how many devices, and how many people these stand for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import SupportsIndex, TypeAlias

import numpy as np
import numpy.typing as npt

from anonymization.partition import Counts

_Index: TypeAlias = "npt.NDArray[np.generic] | list[int] | slice | int"
Place: TypeAlias = "_Index | tuple[_Index, ...]"


@dataclass(frozen=True)
class Tally:
    """`devices` int64[...]: exact distinct devices; `weight` int64[...] of the same shape: thousandths of people.

    Whatever decides what is published looks at `devices` only. Raises ValueError for other types and shapes.
    """

    devices: Counts
    weight: Counts

    def __post_init__(self) -> None:
        for column in (self.devices, self.weight):
            if column.dtype != np.int64 or column.shape != self.devices.shape:
                raise ValueError(
                    "expected int64 devices and as many int64 weights, got "
                    f"{self.devices.dtype}{self.devices.shape} and {self.weight.dtype}{self.weight.shape}"
                )

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of both columns."""
        return self.devices.shape

    def __getitem__(self, place: Place) -> "Tally":
        return Tally(np.asarray(self.devices[place]), np.asarray(self.weight[place]))

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.devices + other.devices, self.weight + other.weight)

    def sum(self, axis: int) -> "Tally":
        """The sums along an axis."""
        return Tally(self.devices.sum(axis=axis), self.weight.sum(axis=axis))

    def reshape(self, *shape: SupportsIndex) -> "Tally":
        """The same numbers in another shape."""
        return Tally(self.devices.reshape(*shape), self.weight.reshape(*shape))

    def where(self, kept: npt.NDArray[np.bool_]) -> "Tally":
        """Nothing where a number is not kept; `kept` bool of the same shape."""
        return Tally(np.where(kept, self.devices, 0), np.where(kept, self.weight, 0))


def nothing(*shape: int) -> Tally:
    """No device anywhere."""
    return Tally(np.zeros(shape, np.int64), np.zeros(shape, np.int64))


def together(pieces: Sequence[Tally]) -> Tally:
    """Tallies of one axis after each other."""
    pieces = [nothing(0), *pieces]
    return Tally(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("devices", "weight")))


def gathered(place: npt.NDArray[np.int64], tally: Tally, places: int) -> Tally:
    """int64[places]: the sums of a tally of one axis by place."""
    sums = (np.zeros(places, np.int64), np.zeros(places, np.int64))
    for sum_of, column in zip(sums, (tally.devices, tally.weight), strict=True):
        np.add.at(sum_of, place, column)
    return Tally(*sums)
