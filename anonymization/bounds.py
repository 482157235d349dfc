"""Bounds: between which numbers an unpublished count must lie, given all published ones that have to do with it.

A system states cells of at least 0, published sums of them within their rounding, and the sums that are asked for. The
least and the most of each is a linear programme, solved by HiGHS (Q. Huangfu and J. Hall, 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NEAR: Final = 1e-6
"""How far a bound may be from a whole number: the tolerance of the solver is 1e-7."""


@dataclass(frozen=True)
class System:
    """Cells that are whole numbers from 0 on, and what is known of them.

    `sums` float64[known, cells]: which cells each published number adds up; `least`, `most` float64[known]: between
    which numbers it lies. `asked` float64[n, cells]: the unpublished sums. `rest`: they are what rows leave of others,
    and may be nobody; else they are crosses of classes.
    """

    sums: Floats
    least: Floats
    most: Floats
    asked: Floats
    rest: bool = False
    rounded: bool = False


@dataclass(frozen=True)
class Bounds:
    """Of the asked sums that can be below k: the narrowest interval (None: there is no such sum), and what it tells.

    `exact`: one of them can have a single value only. `told`: one of them must lie in 1..k-1, or is a cross known more
    narrowly than k.
    """

    width: int | None
    exact: bool
    told: bool


def narrowest(system: System, k: int) -> Bounds:
    """The bounds of the asked sums; raises ValueError where no cells explain what is published."""
    found = intervals(system)
    least, most = found[:, 0], found[:, 1]
    small = (least < k) & ((most > 0) | (not system.rest))
    width = most - least
    # What can be nobody by rounding alone may be nobody.
    few = (most < k) & ((least > 0) | (not system.rounded)) if system.rest else width < k
    narrow = width[small]
    return Bounds(int(narrow.min()) if narrow.size else None, bool((narrow == 0).any()), bool((few & small).any()))


def intervals(system: System) -> Ints:
    """int64[asked, 2]: the least and the most whole number that each asked sum can be.

    The bounds of the linear programme, rounded inwards. Raises ValueError where no cells explain what is published.
    """
    solver = _solver(system)
    cells = np.arange(system.sums.shape[1], dtype=np.int32)
    found = np.zeros((system.asked.shape[0], 2), np.int64)
    for at, asked in enumerate(system.asked):
        solver.changeColsCost(cells.size, cells, asked)
        for side, sense in enumerate((highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize)):
            solver.changeObjectiveSense(sense)
            solver.run()
            if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise ValueError("expected cells that explain what is published, found none")
            bound = float(solver.getInfo().objective_function_value)
            found[at, side] = np.floor(bound + _NEAR) if side else np.ceil(bound - _NEAR)
    return found


class _Silent(highspy.Highs):
    """A solver that prints nothing: HiGHS announces itself while it is made, before any option can be set."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)


def _solver(system: System) -> highspy.Highs:
    known, cells = system.sums.shape
    row, column = np.nonzero(system.sums)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = cells, known
    model.col_cost_ = np.zeros(cells)
    model.col_lower_, model.col_upper_ = np.zeros(cells), np.full(cells, highspy.kHighsInf)
    model.row_lower_, model.row_upper_ = system.least, system.most
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.append(0, np.cumsum(np.bincount(row, minlength=known))).astype(np.int32)
    model.a_matrix_.index_ = column.astype(np.int32)
    model.a_matrix_.value_ = system.sums[row, column]
    solver = _Silent()  # type: ignore[no-untyped-call]
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver


def crossed(margins: Sequence[Ints], allowed: Bools, asked: Ints, k: int, slack: int = 0) -> System:
    """A part and its rows by several attributes: how many are in one row of each.

    `margins`: for each attribute the printed rows, int64[rows] each. `allowed` bool[rows of the first, of the second
    ...]: which rows can share a device. `asked` int64[n, attributes]: crosses of rows. Each row holds at least k.
    """
    cells = np.argwhere(allowed)
    sums = [(cells[:, axis] == row) for axis, rows in enumerate(margins) for row in range(rows.size)]
    wanted = [(cells == place).all(axis=1) for place in asked]
    least, most = _within(np.concatenate(margins), k, slack)
    return System(_floats(sums, len(cells)), least, most, _floats(wanted, len(cells)), rounded=slack > 0)


def nested(inner: Ints, outer: Ints, allowed: Bools, k: int, slack: Ints) -> System:
    """A zone inside another, by the rows of one attribute: how many of each outer row did not visit the inner zone.

    `inner` int64[v], `outer` int64[a]: printed devices, `slack` int64[v + a]: how far each can be from the exact ones;
    `allowed` bool[v, a]: whether a device of the inner row can be in the outer one. Each row holds at least k.
    """
    one, other = np.nonzero(allowed)
    rows = np.arange(outer.size)
    own = np.concatenate([one, np.full(outer.size, -1)])
    around = np.concatenate([other, rows])
    sums = [*(own == row for row in range(inner.size)), *(around == row for row in rows)]
    wanted = [(own < 0) & (around == row) for row in rows]
    least, most = _within(np.concatenate([inner, outer]), k, slack)
    return System(_floats(sums, own.size), least, most, _floats(wanted, own.size), rest=True, rounded=bool(slack.any()))


def pooled(pool: int, inside: Ints, k: int, slack: int = 0) -> System:
    """A pool of zones: how many of its devices did not visit each of these.

    `inside` int64[zones]: the printed devices of the largest part inside each zone, 0 for none. Devices of a zone are
    at most those of the pool and at least those inside it; those of all zones are at least the pool's.
    """
    zones = inside.size
    visited, missed = np.eye(zones, 2 * zones), np.eye(zones, 2 * zones, zones)
    least, most = _within(np.concatenate([np.full(zones, pool), inside]), k, slack)
    least[zones:] = np.where(inside > 0, least[zones:], 0)
    everybody = np.concatenate([np.ones(zones), np.zeros(zones)])
    sums = np.concatenate([visited + missed, visited, everybody[None]])
    floor = np.append(least, least[:1])
    ceiling = np.concatenate([most[:zones], np.full(zones + 1, np.inf)])
    return System(sums, floor, ceiling, missed, rest=True, rounded=slack > 0)


def _within(printed: Ints, k: int, slack: Ints | int) -> tuple[Floats, Floats]:
    """Between which numbers printed ones lie: at least k, and no farther off than rounding takes them."""
    return np.maximum(printed - slack, k).astype(np.float64), (printed + slack).astype(np.float64)


def _floats(rows: Sequence[Bools], cells: int) -> Floats:
    return np.array(rows, np.float64).reshape(len(rows), cells)
