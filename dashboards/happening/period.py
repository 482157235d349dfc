"""A stretch of time in a zone that a page is about: the hours of an event, or a whole privacy day."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from anonymization.happenings import Happening
from anonymization.released import Day
from dashboards import slots
from dashboards.baseline import Baseline
from dashboards.store import Store
from dashboards.view import View
from dashboards.zones import Zone

AROUND: Final = timedelta(hours=3)
"""What is shown before and after an event."""


@dataclass(frozen=True)
class Period:
    """From `start` to `end` (local instants) in a zone; `day` is the privacy day in which it begins.

    `margin`: what is shown before and after it.
    """

    zone: Zone
    day: Day
    start: datetime
    end: datetime
    margin: timedelta = timedelta(0)

    def on(self, day: Day) -> "Period":
        """The same hours of the local clock on another day."""
        apart = day.date - self.day.date
        return replace(self, day=day, start=_moved(self.start, apart), end=_moved(self.end, apart))


def period_of(view: View) -> Period:
    """That of the event which is asked about, else the whole day."""
    if view.event is None:
        return Period(view.zone, view.day, slots.starts(view.day)[0], slots.end(view.day))
    return of_event(view.store, view.event)


def of_event(store: Store, event: Happening) -> Period:
    """The hours of an event that begins on a day of the release."""
    day = store.day_of(event.start)
    timezone = ZoneInfo(day.timezone)
    start, end = event.start.astimezone(timezone), event.end.astimezone(timezone)
    return Period(store.zones[event.zone_id], day, start, end, AROUND)


def days_of(store: Store, period: Period) -> tuple[Day, ...]:
    """The released privacy days that a period has hours of, in order."""
    return store.days_between(period.start, period.end)


def days_missing(store: Store, period: Period) -> tuple[date, ...]:
    """The privacy days that a period has hours of, and that are not in the release."""
    found = {day.date for day in days_of(store, period)}
    begins = slots.starts(period.day)[0].replace(tzinfo=None) - datetime.combine(period.day.date, time())
    last = (period.end.replace(tzinfo=None) - timedelta(microseconds=1) - begins).date()
    dates = (period.day.date + timedelta(number) for number in range((last - period.day.date).days + 1))
    return tuple(each for each in dates if each not in found)


def like(view: View, period: Period, baseline: Baseline) -> tuple[Period, ...]:
    """The periods that one is compared with: that of the last edition, or the same hours of usual days."""
    if baseline.kind == "weekday":
        return tuple(period.on(day) for day in baseline.days)
    previous = view.event.previous if view.event is not None else None
    return tuple(of_event(view.store, each) for each in view.store.events if each.name == previous)


def microseconds(moment: datetime) -> int:
    """Since the epoch."""
    return round(moment.timestamp() * 1e6)


def _moved(moment: datetime, apart: timedelta) -> datetime:
    """An instant with the same local time some days apart; one that the clock leaves out is an hour later."""
    wall = moment.replace(tzinfo=None) + apart
    return wall.replace(tzinfo=moment.tzinfo, fold=moment.fold).astimezone(UTC).astimezone(moment.tzinfo)
