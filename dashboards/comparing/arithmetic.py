"""Arithmetic of figures: their sum, their difference, and one as an index of the other.

Only figures of different people are summed, as those of the classes of one day: their errors are independent, so that
half-widths add up as the square root of their squares; the ends are in whole tens, outwards.
"""

from math import ceil, floor
from typing import Final

import numpy as np
import pandas as pd

from dashboards.baseline import Figure

TENS: Final = 10


def summed(rows: pd.DataFrame) -> Figure | None:
    """The sum of rows with `people`, `people_low` and `people_high`, in tens; None of no rows."""
    if rows.empty:
        return None
    people = float(rows["people"].sum())
    low = people - float(np.sqrt(((rows["people"] - rows["people_low"]) ** 2).sum()))
    high = people + float(np.sqrt(((rows["people_high"] - rows["people"]) ** 2).sum()))
    return Figure(float(round(people / TENS)) * TENS, max(_down(low), 0.0), _up(high))


def minus(one: Figure, other: Figure) -> Figure:
    """How much larger one figure is than another, from the least to the most that both allow; it may be below zero.

    The interval holds zero exactly where the two intervals overlap.
    """
    return Figure(one.value - other.value, one.low - other.high, one.high - other.low)


def index(one: Figure, base: Figure) -> Figure | None:
    """One figure where the other is 100, from the least to the most that both allow.

    None where it is nothing, or where the other may be nothing. The interval holds 100 exactly where the two
    intervals overlap.
    """
    if one.value <= 0 or base.low <= 0:
        return None
    return Figure(100 * one.value / base.value, 100 * one.low / base.high, 100 * one.high / base.low)


def _down(value: float) -> float:
    # The root of a square may miss it by a hair.
    return float(floor(round(value, 6) / TENS)) * TENS


def _up(value: float) -> float:
    return float(ceil(round(value, 6) / TENS)) * TENS
