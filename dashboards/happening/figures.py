"""Figures of a stretch of slots: most people at once, people on average, person-hours; each with its interval.

Slots count the same people again, so that their errors go together: the interval of a mean is the mean of the bounds,
which is never too narrow. Slots without a figure of the zone's own are left out, and never taken for zero.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboards import slots
from dashboards.arithmetic import MEASURES, figure_in_tens, minus
from dashboards.baseline import Figure
from dashboards.states import DEGRADED


@dataclass(frozen=True)
class Told:
    """How many of some slots have a figure of the zone's own, and in how many of these a radio cell was silent."""

    published: int
    degraded: int
    all: int

    @property
    def missing(self) -> int:
        """The slots without a figure."""
        return self.all - self.published


def told(rows: pd.DataFrame) -> Told:
    """How much the figures of some slots are of."""
    own = rows["people"].notna()
    return Told(int(own.sum()), int((own & (rows["status"] == DEGRADED.code)).sum()), len(rows))


def greatest(rows: pd.DataFrame) -> Figure | None:
    """The most people at once; None where no slot has a figure."""
    at = slots.peak(rows.reset_index(drop=True))
    return None if at is None else Figure(*(float(rows.iloc[at][name]) for name in MEASURES))


def average(rows: pd.DataFrame) -> Figure | None:
    """The people who were there on average of the slots that have a figure."""
    own = rows[rows["people"].notna()]
    return None if own.empty else _in_tens(own, lambda column: float(column.mean()))


def person_hours(rows: pd.DataFrame) -> Figure | None:
    """The hours that all people spent there in the slots that have a figure."""
    own = rows[rows["people"].notna()]
    if own.empty:
        return None
    hours = np.array(
        [(end - start).total_seconds() / 3600 for start, end in zip(own["start"], own["end"], strict=True)]
    )
    return _in_tens(own, lambda column: float(np.dot(column, hours)))


def net_change(now: Figure | None, then: Figure | None) -> Figure | None:
    """By how much people became more; from the least that can be to the most. None where either is not published."""
    if now is None or then is None:
        return None
    return minus(now, then)


def _in_tens(rows: pd.DataFrame, of: Callable[[pd.Series], float]) -> Figure:
    return figure_in_tens(*(of(rows[name]) for name in MEASURES))
