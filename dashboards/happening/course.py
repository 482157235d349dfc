"""The course of a period, slot by slot, beside that of the periods that it is compared with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from anonymization.released import Day
from dashboards.baseline import Difference, Figure, Kind, difference
from dashboards.choices import baselines
from dashboards.happening.period import Period, days_missing, days_of, like, period_of
from dashboards.happening.timeline import DURING, timeline
from dashboards.view import View
from dashboards.zones import Zone


@dataclass(frozen=True)
class Other:
    """A period that another is compared with, its slots, and whether the release has all of its days."""

    period: Period
    slots: pd.DataFrame
    whole: bool


@dataclass(frozen=True)
class Course:
    """A period and its slots as `timeline` gives them.

    `like`: by kind of baseline the periods that it can be compared with, which `step` aligns with it; none where the
    reader wants none. `kind`: the baseline of its figures. `whole`: whether the release has all of its days.
    """

    period: Period
    slots: pd.DataFrame
    like: Mapping[str, Sequence[Other]]
    kind: Kind
    whole: bool

    @property
    def during(self) -> pd.DataFrame:
        """The slots of the period itself."""
        return self.slots[self.slots["phase"] == DURING]

    def difference(self, of: Callable[[pd.DataFrame], Figure | None]) -> Difference | None:
        """How a figure of its slots differs from the same figure of the others of which the release has all days."""
        others = (of(each.slots) for each in self.like.get(self.kind, ()) if each.whole and self.whole)
        return difference(of(self.slots), [figure for figure in others if figure is not None])


def course_of(view: View) -> Course:
    """That of the event, or of the day, that is asked about."""
    period = period_of(view)
    kind: Kind = view.baseline.kind if view.baseline is not None else "none"
    possible = baselines(view.store, view.zone, view.day, view.event) if view.baseline is not None else {}
    others = {
        name: [Other(each, timeline(view.store, each), _whole(view, each)) for each in like(view, period, baseline)]
        for name, baseline in possible.items()
    }
    return Course(period, timeline(view.store, period), others, kind, _whole(view, period))


def same_day(view: View, course: Course, day: Day) -> list[tuple[Zone, Day]]:
    """The days that one of the period's is compared with: those as many days after the first of theirs."""
    number = (day.date - course.period.day.date).days
    found = []
    for other in (each.period for each in course.like.get(course.kind, ())):
        days = days_of(view.store, other)
        found += [(other.zone, each) for each in days if (each.date - other.day.date).days == number]
    return found


def _whole(view: View, period: Period) -> bool:
    return not days_missing(view.store, period)
