"""Between two hours: how many people were there at most and on average, and how many hours they spent there."""

from dataclasses import dataclass

import pandas as pd

from dashboards.baseline import Difference, Figure
from dashboards.happening import figures
from dashboards.happening.course import Course
from dashboards.happening.figures import Told, told

END = "end"
"""In an address: the end of what is shown."""


@dataclass(frozen=True)
class Between:
    """The slots from `first` to before `last` (places), their figures, and how these differ from other periods."""

    first: int
    last: int
    most: Figure | None
    average: Figure | None
    hours: Figure | None
    most_change: Difference | None
    average_change: Difference | None
    hours_change: Difference | None
    told: Told


def edges(course: Course) -> dict[str, int]:
    """By its name in an address, the place of each slot, and the end; slots of days that are not released are none."""
    names = course.slots["name"]
    named = {str(name): int(place) for place, name in names.items() if name is not None}
    return named | {END: len(course.slots)}


def at_first(course: Course) -> tuple[str, str]:
    """The names of the hours to begin with: those of the event, or of the whole day."""
    during = course.during["name"].dropna()
    after = course.slots["name"].loc[during.index[-1] + 1 :].dropna()
    return str(during.iloc[0]), str(after.iloc[0]) if len(after) else END


def between(course: Course, first: int, last: int) -> Between:
    """The figures of the slots from one place to before another."""
    steps = course.slots["step"].iloc[first:last]

    def some(slots: pd.DataFrame) -> pd.DataFrame:
        rows = slots[slots["step"].isin(steps)]
        # Figures of fewer slots are none of the same hours.
        return rows if len(rows) == len(steps) else rows.iloc[:0]

    rows = some(course.slots)
    return Between(
        first,
        last,
        figures.greatest(rows),
        figures.average(rows),
        figures.person_hours(rows),
        course.difference(some, figures.greatest),
        course.difference(some, figures.average),
        course.difference(some, _all_hours),
        told(rows),
    )


def _all_hours(rows: pd.DataFrame) -> Figure | None:
    """Person-hours where no slot lacks a figure; sums of unlike numbers of slots must not be compared."""
    return None if rows["people"].isna().any() else figures.person_hours(rows)
