"""Before, during and after an event: how many people were there on average and at most, beside other periods."""

from dataclasses import dataclass
from typing import Final

from dashboards.baseline import Difference, Figure
from dashboards.happening import figures
from dashboards.happening.course import Course, phase
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
    some = phase(code)
    rows = some(course.slots)
    average, most = (course.difference(some, of) for of in (figures.average, figures.greatest))
    return Phase(code, figures.average(rows), figures.greatest(rows), average, most, told(rows))
