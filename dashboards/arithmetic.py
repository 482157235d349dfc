"""Arithmetic of figures: whole tens, sums, differences, and one as an index of the other.

Where the same people may be in several figures, as in slots, hours and days, errors go together, and bounds are added
up. Only figures of different people, as those of the classes of one day, have errors that are independent.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from dashboards.baseline import Figure

TENS: Final = 10
"""People are published in tens, and so is what is computed of them."""

MEASURES: Final = ("people", "people_low", "people_high")


def in_tens(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of MEASURES as they are shown: people in whole tens, their bounds in tens outwards."""
    # What was computed may miss a ten by a hair.
    low, high = (rows[name].round(6) / TENS for name in ("people_low", "people_high"))
    return rows.assign(
        people=(rows["people"] / TENS).round() * TENS, people_low=np.floor(low) * TENS, people_high=np.ceil(high) * TENS
    )


def figure_in_tens(value: float, low: float, high: float) -> Figure:
    """One figure as it is shown."""
    (row,) = in_tens(pd.DataFrame([dict(zip(MEASURES, (value, low, high), strict=True))])).to_dict("records")
    return Figure(*(float(row[name]) for name in MEASURES))


def total(rows: pd.DataFrame) -> Figure | None:
    """The sum of rows of MEASURES in which the same people may be, in tens; None of no rows."""
    return None if rows.empty else figure_in_tens(*(float(rows[name].sum()) for name in MEASURES))


def total_of(figures: Iterable[Figure]) -> Figure:
    """The sum of figures in which the same people may be, as it is."""
    found = list(figures)
    return Figure(*(sum(getattr(each, name) for each in found) for name in ("value", "low", "high")))


def summed(rows: pd.DataFrame) -> Figure | None:
    """The sum of rows of MEASURES that have nobody in common, in tens; None of no rows.

    Half-widths add up as the square root of the sum of their squares.
    """
    if rows.empty:
        return None
    people = float(rows["people"].sum())
    low = people - float(np.sqrt(((rows["people"] - rows["people_low"]) ** 2).sum()))
    high = people + float(np.sqrt(((rows["people_high"] - rows["people"]) ** 2).sum()))
    return figure_in_tens(people, max(low, 0.0), high)


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
