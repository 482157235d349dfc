"""Arithmetic of figures with independent errors: their sum, their difference, and one as an index of the other.

Only figures of different people may be summed so, as those of the classes of one day. Half-widths of intervals add up
as the square root of their squares; the ends are in whole tens, outwards.
"""

from math import ceil, floor, hypot
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
    """How much larger one figure is than another; it may be below zero."""
    value = one.value - other.value
    low = value - hypot(one.value - one.low, other.high - other.value)
    high = value + hypot(one.high - one.value, other.value - other.low)
    return Figure(value, _down(low), _up(high))


def index(one: Figure, base: Figure) -> Figure | None:
    """One figure where the other is 100, to first order in the errors; None where either is nothing."""
    if one.value <= 0 or base.value <= 0:
        return None
    value = 100 * one.value / base.value
    below = hypot((one.value - one.low) / one.value, (base.high - base.value) / base.value)
    above = hypot((one.high - one.value) / one.value, (base.value - base.low) / base.value)
    return Figure(value, max(value * (1 - below), 0.0), value * (1 + above))


def _down(value: float) -> float:
    # The root of a square may miss it by a hair.
    return float(floor(round(value, 6) / TENS)) * TENS


def _up(value: float) -> float:
    return float(ceil(round(value, 6) / TENS)) * TENS
