"""What the curve of a period is drawn beside: usual days, as a range or one by one, and the last edition."""

from collections.abc import Sequence
from typing import Final

import pandas as pd

LEAST_DAYS: Final = 3
"""Usual days from which on their median and range are drawn."""

LOW, HIGH = 0.1, 0.9


def usual_range(slots: pd.DataFrame, others: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """By slot the median of other days and the range of eight in ten of them: `step`, `median`, `low`, `high`.

    Null in slots in which fewer than LEAST_DAYS have a figure; None for fewer days.
    """
    if len(others) < LEAST_DAYS:
        return None
    wide = pd.DataFrame({number: _by_step(slots, rows) for number, rows in enumerate(others)}, index=slots["step"])
    enough = wide.count(axis=1) >= LEAST_DAYS
    found = {"median": wide.median(axis=1), "low": wide.quantile(LOW, axis=1), "high": wide.quantile(HIGH, axis=1)}
    return pd.DataFrame({name: column.where(enough) for name, column in found.items()}).reset_index(names="step")


def one_by_one(slots: pd.DataFrame, others: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """Other days that are too few for a range: `step`, `line` (a number), `people`; None where there are none."""
    if not 0 < len(others) < LEAST_DAYS:
        return None
    lines = [_by_step(slots, rows).rename("people").reset_index().assign(line=n) for n, rows in enumerate(others)]
    return pd.concat(lines, ignore_index=True)


def _by_step(slots: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """The people of other slots, aligned by the time since the start."""
    return rows.set_index("step")["people"].reindex(slots["step"])
