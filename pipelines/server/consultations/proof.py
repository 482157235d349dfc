"""The proof that no unpublished cell of a box can be worked out from the published rows, by exact arithmetic.

The unknowns are the counters of the box. Each published row is a linear equation: the sum of its counters. A cell, that
is any sum of counters of one choice, district or age band or of a cross of these, is worked out where it is a linear
combination of rows; elimination over fractions decides that without rounding. What is a sum of rows that share nobody
is published, and of at least k people. Nobody is in a counter fewer than zero times: what this adds to the equations
are the bounds of Fréchet and Hoeffding for a cross of a district part and an age part, which must lie k apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.server.consultations.results import Names, Results, Row

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_Vector = dict[int, Fraction]

AXES: Final = ("choice", "district", "age_band")


@dataclass(frozen=True)
class Proof:
    """What was tried: unknown counters, equations, their rank, cells that rows do not publish; and what came of it.

    `recovered` are the cells that can be worked out, of which there must be none. `narrowest` is the least width of
    what a cross of published parts can be, None where there is no cross.
    """

    unknowns: int
    equations: int
    rank: int
    cells: int
    recovered: tuple[str, ...]
    narrowest: int | None
    k: int

    @property
    def holds(self) -> bool:
        """Whether nothing can be worked out."""
        return not self.recovered and (self.narrowest is None or self.narrowest >= self.k)

    def lines(self) -> tuple[str, ...]:
        """The proof as people read it."""
        width = "none is crossed" if self.narrowest is None else f"each can be {self.narrowest + 1} numbers or more"
        return (
            f"unknown counters: {self.unknowns}; published rows: {self.equations}; rank, over fractions: {self.rank}",
            f"unpublished cells: {self.cells}; of these a linear combination of rows: {len(self.recovered)}",
            f"crosses of published parts (k = {self.k}): {width}",
            "holds: no unpublished cell can be worked out" if self.holds else "DOES NOT HOLD",
        )


def prove(results: Results, choices: Names, districts: Names, ages: Names, k: int) -> Proof:
    """The proof for some results, from nothing but what is published."""
    shape = (len(choices), len(districts), len(ages))
    sums = [_sum(row, choices, districts, ages) for row in results.rows]
    matrix = np.array(sums, np.bool_).reshape(len(sums), int(np.prod(shape)))
    kinds, kind = _kinds(matrix)
    basis = _basis(kinds)
    sizes = np.bincount(kind)
    rows = _Rows.of(matrix)
    asked = recovered = 0
    names = []
    for cell, name in _cells(shape, (choices, districts, ages)):
        if rows.publish(cell):
            continue
        asked += 1
        # Counters that stand in the same rows can be exchanged: a cell that is worked out has all of them or none.
        own = np.bincount(kind[cell], minlength=sizes.size)
        if ((own == 0) | (own == sizes)).all() and _is_combination(own > 0, basis):
            recovered += 1
            names.append(name)
    return Proof(matrix.shape[1], len(sums), len(basis), asked, tuple(names), _narrowest(results.rows), k)


def _sum(row: Row, choices: Names, districts: Names, ages: Names) -> Bools:
    """bool[counters]: which counters a row adds up."""
    members = np.isin(districts if row.breakdown == "district" else ages, row.members)
    every = np.ones(len(ages if row.breakdown == "district" else districts), np.bool_)
    axes = (members, every) if row.breakdown == "district" else (every, members)
    mask: Bools = np.isin(choices, row.choices)[:, None, None] & axes[0][:, None] & axes[1]
    return mask.reshape(-1)


def _cells(shape: tuple[int, int, int], names: Sequence[Names]) -> Iterator[tuple[Bools, str]]:
    """Every cell by choice, district, age band and all crosses of them: bool[counters], and its name."""
    for which in product((False, True), repeat=3):
        if not any(which):
            continue
        for place in product(*(range(size) if chosen else (-1,) for size, chosen in zip(shape, which, strict=True))):
            mask = np.zeros(shape, np.bool_)
            mask[tuple(slice(None) if at < 0 else at for at in place)] = True
            told = (f"{axis} {named[at]}" for axis, named, at in zip(AXES, names, place, strict=True) if at >= 0)
            yield mask.reshape(-1), ", ".join(told)


@dataclass(frozen=True)
class _Rows:
    """The counters of each row, and the first of them: a row lies within a cell only where that does."""

    counters: tuple[Ints, ...]
    first: Ints

    @classmethod
    def of(cls, matrix: Bools) -> "_Rows":
        """From bool[rows, counters]."""
        return cls(tuple(np.flatnonzero(row) for row in matrix), matrix.argmax(axis=1))

    def publish(self, cell: Bools) -> bool:
        """Whether rows that share nobody add up to a cell: all rows within it that are of one breakdown."""
        covered = np.zeros(cell.size, np.bool_)
        for at in np.flatnonzero(cell[self.first]).tolist():
            row = self.counters[at]
            # Rows of one breakdown share nobody; those of the other one add nothing to what these cover.
            if cell[row].all() and not covered[row].any():
                covered[row] = True
        return bool((covered == cell).all())


def _kinds(matrix: Bools) -> tuple[Bools, Ints]:
    """bool[rows, kinds]: the first counter of those that stand in the same rows; int[counters]: the kind of each."""
    seen: dict[bytes, int] = {}
    columns = np.ascontiguousarray(np.packbits(matrix, axis=0).T)
    kind = np.array([seen.setdefault(column.tobytes(), len(seen)) for column in columns], np.int64)
    return matrix[:, np.unique(kind, return_index=True)[1]], kind


def _basis(matrix: Bools) -> dict[int, _Vector]:
    """Independent combinations of rows by the column that each begins with, eliminated over fractions."""
    basis: dict[int, _Vector] = {}
    for row in matrix:
        rest = _reduced({at: Fraction(int(row[at])) for at in np.flatnonzero(row).tolist()}, basis)
        if rest:
            first = min(rest)
            basis[first] = {at: value / rest[first] for at, value in rest.items()}
    return basis


def _reduced(vector: _Vector, basis: Mapping[int, _Vector]) -> _Vector:
    """A vector less multiples of basis vectors until it begins where none does; nothing where it is their sum."""
    rest = dict(vector)
    while rest and (first := min(rest)) in basis:
        value = rest[first]
        for at, own in basis[first].items():
            changed = rest.get(at, Fraction(0)) - value * own
            if changed:
                rest[at] = changed
            else:
                rest.pop(at, None)
    return rest


def _is_combination(cell: Bools, basis: Mapping[int, _Vector]) -> bool:
    return not _reduced({at: Fraction(1) for at in np.flatnonzero(cell).tolist()}, basis)


def _narrowest(rows: Sequence[Row]) -> int | None:
    """The least width of the cross of a district part and an age part in one class: exact, as it is a 2 x 2 table."""
    widths = []
    for choices in {row.choices for row in rows}:
        of_class = [row for row in rows if row.choices == choices]
        parts, bands = ([row.people for row in of_class if row.breakdown == name] for name in ("district", "age_band"))
        if len(parts) > 1 and len(bands) > 1:
            whole = sum(parts)
            widths += [min(a, b) - max(0, a + b - whole) for a, b in product(parts, bands)]
    return min(widths, default=None)
