"""What a figure is compared with: other days of the release, and whether the difference is more than chance."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

import pandas as pd

from anonymization.released import Day
from dashboards.zones import Zone

MOST_DAYS: Final = 5
"""Days of the same weekday that a figure is compared with. Source: Community Mobility Reports, a base of five weeks."""

Kind = Literal["weekday", "edition", "none"]


@dataclass(frozen=True)
class Figure:
    """A number of people with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Baseline:
    """The days that a figure is compared with, and the zone of theirs that it is compared with."""

    kind: Kind
    zone: Zone
    days: tuple[Day, ...]

    def figures(self, of: Callable[[Zone, Day], Figure | None]) -> list[Figure]:
        """A figure of each day that has it."""
        found = (of(self.zone, day) for day in self.days)
        return [figure for figure in found if figure is not None]


@dataclass(frozen=True)
class Difference:
    """How a figure differs from what it is compared with; `days` is how many days that is the median of."""

    now: Figure
    then: Figure
    days: int

    @property
    def significant(self) -> bool:
        """Whether the two intervals have nothing in common."""
        return self.now.low > self.then.high or self.now.high < self.then.low

    @property
    def change(self) -> float | None:
        """The difference as a share of what it is compared with; None of nothing."""
        return (self.now.value - self.then.value) / self.then.value if self.then.value else None


def figure_of(row: pd.Series, measure: str = "people") -> Figure | None:
    """The figure of a row with `people`, `people_low` and `people_high`; None where there is none."""
    if pd.isna(row[measure]):
        return None
    return Figure(float(row[measure]), float(row[f"{measure}_low"]), float(row[f"{measure}_high"]))


def difference(now: Figure | None, then: Sequence[Figure]) -> Difference | None:
    """How a figure differs from the median of others; None where there is nothing to compare."""
    if now is None or not then:
        return None
    middle = Figure(*(median(getattr(each, name) for each in then) for name in ("value", "low", "high")))
    return Difference(now, middle, len(then))


def same_weekday(day: Day, days: Iterable[Day], without: Iterable[Day] = ()) -> tuple[Day, ...]:
    """The days of the same weekday that are nearest to a day, in order; earlier ones where two are as near.

    `without`: days that were no usual ones, such as those of events.
    """
    left_out = {each.date for each in (*without, day)}
    others = [
        each for each in days if each.over and each.date not in left_out and each.date.weekday() == day.date.weekday()
    ]
    nearest = sorted(others, key=lambda each: (abs((each.date - day.date).days), each.date))[:MOST_DAYS]
    return tuple(sorted(nearest, key=lambda each: each.date))
