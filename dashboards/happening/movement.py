"""Arrivals and departures: by how much people became more or fewer in each hour, and the trips in and out."""

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from dashboards import queries
from dashboards.baseline import Figure, figure_of
from dashboards.happening.course import Course
from dashboards.happening.figures import net_change
from dashboards.happening.period import microseconds
from dashboards.view import View


@dataclass(frozen=True)
class Hour:
    """An hour from the slot at `place` on; `change`: from its first slot to that of the next hour.

    `arrived` and `left`: trips that begin in it, to and from the zone by itself. `linked`: whether both slots lie in
    one privacy day, without which a change tells nothing. Null where nothing was published.
    """

    place: int
    after: int
    change: Figure | None
    linked: bool
    arrived: Figure | None
    left: Figure | None


def hours(view: View, course: Course) -> list[Hour]:
    """The full hours of what is shown, in order."""
    slots = course.slots
    full = [int(place) for place, start in slots["start"].items() if start.minute == 0]
    trips = _trips(view, course)
    return [_hour(slots, place, after, trips) for place, after in pairwise(full)]


def _hour(slots: pd.DataFrame, place: int, after: int, trips: dict[tuple[int, str], Figure]) -> Hour:
    then, now = slots.loc[place], slots.loc[after]
    linked = then["day"] is not None and then["day"] == now["day"]
    instant = microseconds(then["start"])
    change = net_change(figure_of(now), figure_of(then)) if linked else None
    return Hour(place, after, change, linked, trips.get((instant, "in")), trips.get((instant, "out")))


def _trips(view: View, course: Course) -> dict[tuple[int, str], Figure]:
    """By the start of an hour and the direction, the trips of the zone by itself."""
    zone = course.period.zone
    found = {}
    for day in view.store.days_between(course.slots["start"].iloc[0], course.slots["end"].iloc[-1]):
        date = day.date.isoformat()
        rows = view.store.ask(queries.FLOWS_OF_ZONE, zone=zone.zone_id, kind=zone.kind, first_day=date, last_day=date)
        for _, row in rows[rows["alone"] & (rows["zone_id"] == zone.zone_id)].iterrows():
            figure = figure_of(row, "trips")
            if figure is not None:
                found[microseconds(row["window_start"].to_pydatetime()), str(row["direction"])] = figure
    return found
