"""Before, during and after an event: how many people were there on average and at most, beside other periods."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboards.baseline import Difference, Figure
from dashboards.happening import figures
from dashboards.happening.course import Course
from dashboards.happening.figures import Told, told
from dashboards.happening.timeline import AFTER, BEFORE, DURING

PHASES: Final = (BEFORE, DURING, AFTER)


@dataclass(frozen=True)
class Phase:
    """A phase: its figures, null where no slot of it has one, how they differ, and of how many slots they are."""

    code: str
    average: Figure | None
    most: Figure | None
    average_change: Difference | None
    most_change: Difference | None
    told: Told


def phases(course: Course) -> list[Phase]:
    """Those of an event that have slots."""
    return [_phase(course, code) for code in PHASES if (course.slots["phase"] == code).any()]


def _phase(course: Course, code: str) -> Phase:
    def average(slots: pd.DataFrame) -> Figure | None:
        return figures.average(slots[slots["phase"] == code])

    def most(slots: pd.DataFrame) -> Figure | None:
        return figures.greatest(slots[slots["phase"] == code])

    rows = course.slots[course.slots["phase"] == code]
    return Phase(code, average(rows), most(rows), course.difference(average), course.difference(most), told(rows))
