"""Zones as iCalendar writes them: VTIMEZONE of an IANA time zone, for readers that know none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from pipelines.feeds.calendars.rule import WEEKDAYS

YEARS: Final = range(2015, 2051)
"""The years that a VTIMEZONE has to be right for; a rule is written where there is one for all of them."""


def timezone(zone: ZoneInfo) -> Timezone:
    """The zone with its changes: a rule for each kind of change that has one, all dates where it has none.

    icalendar's own `Timezone.from_tzinfo` ends in 2038 and begins summer time an hour late (7.3.2).
    """
    found = Timezone()
    found.add("tzid", zone.key)
    changes = _changes(zone)
    kinds = sorted({(change.before, change.after, change.summer) for change in changes})
    for before, after, summer in kinds:
        alike = [each for each in changes if (each.before, each.after, each.summer) == (before, after, summer)]
        found.add_component(_observance(alike))
    if not changes:
        found.add_component(_observance([_Change(datetime(1970, 1, 1, tzinfo=UTC), zone, still=True)]))
    return found


class _Change:
    """A change of the clock at an instant: what it was ahead of UTC, what it is, and the moment that it showed."""

    def __init__(self, instant: datetime, zone: ZoneInfo, *, still: bool = False) -> None:
        after = instant.astimezone(zone)
        self.after = _offset(after)
        self.before = self.after if still else _offset((instant - timedelta(seconds=1)).astimezone(zone))
        self.summer = bool(after.dst())
        self.name = after.tzname() or ""
        self.moment = (instant + self.before).replace(tzinfo=None)


def _offset(there: datetime) -> timedelta:
    return there.utcoffset() or timedelta()


@lru_cache(maxsize=8)
def _changes(zone: ZoneInfo) -> tuple[_Change, ...]:
    return tuple(_Change(instant, zone) for instant in _instants(zone))


def _instants(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which the clock changes, to the second."""
    day = timedelta(days=1)
    at = datetime(YEARS.start, 1, 1, tzinfo=UTC)
    while at.year < YEARS.stop:
        if _offset(at.astimezone(zone)) != _offset((at + day).astimezone(zone)):
            low, high = at, at + day
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                same = _offset(middle.astimezone(zone)) == _offset(low.astimezone(zone))
                low, high = (middle, high) if same else (low, middle)
            yield high
        at += day


def _observance(alike: list[_Change]) -> TimezoneDaylight | TimezoneStandard:
    first = alike[0]
    found = TimezoneDaylight() if first.summer else TimezoneStandard()
    found.add("dtstart", first.moment)
    found.add("tzname", first.name)
    found.add("tzoffsetfrom", first.before)
    found.add("tzoffsetto", first.after)
    rule = _rule([change.moment for change in alike])
    if rule:
        found.add("rrule", rule)
    elif len(alike) > 1:
        found.add("rdate", [change.moment for change in alike[1:]])
    return found


def _rule(moments: list[datetime]) -> dict[str, object] | None:
    """Once a year on the same weekday of the same month, counted from its begin or its end, at the same time."""
    if [moment.year for moment in moments] != list(YEARS):
        return None
    if len({(moment.month, moment.weekday(), moment.time()) for moment in moments}) > 1:
        return None
    places = [{(moment.day - 1) // 7 + 1, -((_days_after(moment)) // 7) - 1} for moment in moments]
    common = set.intersection(*places)
    if not common:
        return None
    day = f"{min(common)}{WEEKDAYS[moments[0].weekday()]}"
    return {"freq": "YEARLY", "bymonth": moments[0].month, "byday": day}


def _days_after(moment: datetime) -> int:
    """How many days of the month come after a moment's."""
    next_month = (moment.replace(day=1) + timedelta(days=31)).replace(day=1)
    return (next_month - moment).days - 1
