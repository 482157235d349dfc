"""The first figures of a period: how many were there at most and on average, and of each of its days, who came."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from anonymization.released import Day
from dashboards import queries, slots, texts
from dashboards.arithmetic import total_of
from dashboards.baseline import Figure
from dashboards.cards import Card
from dashboards.happening import figures, said
from dashboards.happening.course import Course, phase, same_day
from dashboards.happening.period import days_of
from dashboards.happening.timeline import DURING
from dashboards.overview import keyfigures
from dashboards.overview.keyfigures import Compared, compared_with
from dashboards.overview.summary import summary_of
from dashboards.texts import Text
from dashboards.view import View

FROM_DEVICES: Final = Text("from {devices} devices counted", "d’après {devices} appareils comptés")
AVERAGE: Final = Text("Present on average", "Présentes en moyenne")
PERSON_DAYS: Final = Text("Person-days", "Personnes-jours")
ONE_A_DAY: Final = Text(
    "one person counts once on each of the {days} days", "une personne compte une fois chacun des {days} jours"
)
DURING_EVENT: Final = Text("during the event", "pendant l’événement")


def days(view: View, course: Course) -> list[tuple[Day, Compared]]:
    """What was published of each day of the period, and what it is compared with."""
    found = []
    for day in days_of(view.store, course.period):
        others = [summary_of(view.store, *each) for each in same_day(view, course, day)]
        found.append((day, compared_with(summary_of(view.store, course.period.zone, day), others)))
    return found


def of_period(view: View, course: Course) -> list[Card]:
    """The cards of presence during the period."""
    return [card for card in (_peak(view, course), _average(view, course), _pooled(view, course)) if card]


def of_day(view: View, day: Day, found: Compared) -> list[Card]:
    """The cards of one of its days."""
    return list(keyfigures.of_day(replace(view, day=day), found))


def person_days(view: View, found: Sequence[tuple[Day, Compared]]) -> Card | None:
    """The sum over several days; None where one of them has no figure of the zone's own."""
    sums = total_of_days(view.zone.zone_id, found)
    note = view.say(ONE_A_DAY, days=len(found))
    return None if len(found) < 2 else said.card(view, PERSON_DAYS, sums, None, note=note, unit=None)


def total_of_days(zone_id: str, found: Sequence[tuple[Day, Compared]]) -> Figure | None:
    """Person-days; None where a day has no figure of the zone's own."""
    own = [each.now.came for _, each in found if each.now.came is not None and each.now.part == zone_id]
    return total_of(own) if own and len(own) == len(found) else None


def pooled_share(view: View, course: Course) -> float | None:
    """The share of the people counted during the period who are not in single hexagons of the zone."""
    zone = course.period.zone.zone_id
    days = [day.date.isoformat() for day in days_of(view.store, course.period)]
    rows = pd.concat([view.store.ask(queries.POOLED_SHARE, zone=zone, day=day) for day in days])
    starts = {start.timestamp() for start in course.during["start"]}
    # Of no rows a list of booleans would be one of columns.
    inside = rows[np.array([moment.timestamp() in starts for moment in rows["window_start"]], bool)]
    whole = float(inside["people"].sum())
    return 1 - float(inside["single_people"].sum()) / whole if whole else None


def _peak(view: View, course: Course) -> Card | None:
    rows = course.during.reset_index(drop=True)
    at = slots.peak(rows)
    if at is None:
        return None
    several = len(days_of(view.store, course.period)) > 1
    start = said.moment(view, rows.loc[at, "start"], weekday=several)
    when = view.say(said.FROM_TO, start=start, end=view.clock(rows.loc[at, "end"]))
    from_devices = view.say(FROM_DEVICES, devices=view.number(rows.loc[at, "devices"]))
    lines = said.gaps(view, figures.told(rows))
    change = course.difference(phase(DURING), figures.greatest)
    return said.card(view, texts.MOST_AT_ONCE, figures.greatest(rows), change, lines, f"{when}, {from_devices}")


def _average(view: View, course: Course) -> Card | None:
    rows = course.during
    lines = said.gaps(view, figures.told(rows))
    return said.card(view, AVERAGE, figures.average(rows), course.difference(phase(DURING), figures.average), lines)


def _pooled(view: View, course: Course) -> Card | None:
    share = pooled_share(view, course)
    when = view.say(texts.OVER_DAY if view.event is None else DURING_EVENT)
    return None if share is None else keyfigures.pooled(view, share, when)
