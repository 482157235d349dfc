"""The course of a period, slot by slot, beside that of the periods that it is compared with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from anonymization.released import Day
from dashboards.baseline import Difference, Figure, Kind, difference
from dashboards.choices import baselines
from dashboards.happening.period import Period, days_of, like, period_of
from dashboards.happening.timeline import DURING, timeline
from dashboards.view import View
from dashboards.zones import Zone

Select = Callable[[pd.DataFrame], pd.DataFrame]
"""Some of the slots that `timeline` gives."""


@dataclass(frozen=True)
class Other:
    """A period that another is compared with, and its slots."""

    period: Period
    slots: pd.DataFrame


@dataclass(frozen=True)
class Course:
    """A period and its slots as `timeline` gives them.

    `like`: by kind of baseline the periods that it can be compared with, which `step` aligns with it; none where the
    reader wants none. `kind`: the baseline of its figures.
    """

    period: Period
    slots: pd.DataFrame
    like: Mapping[str, Sequence[Other]]
    kind: Kind

    @property
    def during(self) -> pd.DataFrame:
        """The slots of the period itself."""
        return phase(DURING)(self.slots)

    def difference(self, some: Select, of: Callable[[pd.DataFrame], Figure | None]) -> Difference | None:
        """How a figure of some of its slots differs from that of the others' which the release has all days of."""
        others = (some(each.slots) for each in self.like.get(self.kind, ()))
        known = (of(rows) for rows in others if len(rows) and rows["name"].notna().all())
        own = some(self.slots)
        now = of(own) if own["name"].notna().all() else None
        return difference(now, [figure for figure in known if figure is not None])


def phase(code: str) -> Select:
    """The slots of a phase."""
    return lambda slots: slots[slots["phase"] == code]


def course_of(view: View) -> Course:
    """That of the event, or of the day, that is asked about."""
    period = period_of(view)
    kind: Kind = view.baseline.kind if view.baseline is not None else "none"
    possible = baselines(view.store, view.zone, view.day, view.event) if view.baseline is not None else {}
    others = {
        name: [Other(each, timeline(view.store, each)) for each in like(view, period, baseline)]
        for name, baseline in possible.items()
    }
    return Course(period, timeline(view.store, period), others, kind)


def same_day(view: View, course: Course, day: Day) -> list[tuple[Zone, Day]]:
    """The days that one of the period's is compared with: those as many days after the first of theirs."""
    number = (day.date - course.period.day.date).days
    found = []
    for other in (each.period for each in course.like.get(course.kind, ())):
        days = days_of(view.store, other)
        found += [(other.zone, each) for each in days if (each.date - other.day.date).days == number]
    return found
