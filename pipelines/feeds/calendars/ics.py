"""iCalendar files: entries in, RFC 5545 out, the same bytes for the same entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText

from pipelines.feeds.calendars.rule import Rule
from pipelines.feeds.calendars.series import Series
from pipelines.feeds.calendars.zones import timezone
from pipelines.feeds.feed import Context

PRODUCT: Final = "-//Hexaflux//Civic feeds//FR"
Status = Literal["CONFIRMED", "CANCELLED"]


@dataclass(frozen=True)
class Entry:
    """An entry of a calendar; an empty text is none, a position is latitude and longitude."""

    uid: str
    series: Series
    summary: str
    description: str = ""
    location: str = ""
    position: tuple[float, float] | None = None
    url: str = ""
    category: str = ""
    contact: str = ""
    status: Status = "CONFIRMED"
    busy: bool = True


@dataclass(frozen=True)
class Heading:
    """What a calendar says of itself: its name, its language, and the instant it is as of (DTSTAMP)."""

    name: str
    language: str
    stamp: datetime


def stamp(context: Context) -> datetime:
    """The instant that a feed's entries are as of: the day of its source, or else that of the build."""
    updated = context.settings.updated
    return datetime.combine(updated, time(), context.zone) if updated else context.at


def as_ics(entries: Sequence[Entry], heading: Heading, zone: ZoneInfo) -> bytes:
    """The calendar with its entries in their order, and its zone where one of them has a time of day."""
    found = Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    # The library does not escape what is no property of RFC 5545: a line break would begin another one.
    name = " ".join(heading.name.split())
    found.add("name", vText(name), parameters={"LANGUAGE": heading.language})
    found.add("x-wr-calname", name)
    if not all(entry.series.whole_days for entry in entries):
        found.add_component(timezone(zone))
    for entry in entries:
        found.add_component(_event(entry, heading, zone))
        for planned, instead in sorted(entry.series.moved.items()):
            found.add_component(_moved(entry, planned, instead, heading, zone))
    data: bytes = found.to_ical()
    return data


def _event(entry: Entry, heading: Heading, zone: ZoneInfo) -> Event:
    series = entry.series
    found = _described(entry, heading)
    _time(found, series.start, series, zone)
    if series.rule is not None:
        found.add("rrule", _rrule(series.rule, zone, whole_days=series.whole_days))
    if series.without:
        dates = [_moment(start, series, zone) for start in sorted(series.without)]
        found.add("exdate", dates, parameters={"VALUE": "DATE"} if series.whole_days else {})
    return found


def _moved(entry: Entry, planned: datetime, instead: datetime, heading: Heading, zone: ZoneInfo) -> Event:
    """The same entry, for one start by its rule, at another moment."""
    found = _described(entry, heading)
    found.add("recurrence-id", _moment(planned, entry.series, zone))
    _time(found, instead, entry.series, zone)
    return found


def _described(entry: Entry, heading: Heading) -> Event:
    language = {"LANGUAGE": heading.language}
    found = Event()
    found.add("uid", entry.uid)
    found.add("dtstamp", heading.stamp.astimezone(UTC).replace(microsecond=0))
    found.add("summary", entry.summary, parameters=language)
    found.add("status", entry.status)
    found.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    for name, text in (("description", entry.description), ("location", entry.location), ("contact", entry.contact)):
        if text:
            found.add(name, text, parameters=language)
    if entry.category:
        found.add("categories", [entry.category])
    if entry.url:
        found.add("url", entry.url)
    if entry.position:
        found.add("geo", entry.position)
    return found


def _time(event: Event, start: datetime, series: Series, zone: ZoneInfo) -> None:
    event.add("dtstart", _moment(start, series, zone))
    if series.whole_days:
        event.add("dtend", (start + series.lasts).date())
    elif series.rule is not None:
        # How long it lasts and not when it ends: readers differ where the clock changes in between.
        event.add("duration", series.lasts)
    elif series.lasts:
        event.add("dtend", next(series.happening(zone)).end)


def _moment(start: datetime, series: Series, zone: ZoneInfo) -> date:
    return start.date() if series.whole_days else start.replace(tzinfo=zone)


def _rrule(rule: Rule, zone: ZoneInfo, *, whole_days: bool) -> dict[str, object]:
    """The parts of RRULE; UNTIL is a day for whole days and in UTC otherwise, as RFC 5545 demands."""
    found: dict[str, object] = {"freq": rule.frequency}
    if rule.interval > 1:
        found["interval"] = rule.interval
    if rule.days:
        found["byday"] = list(rule.byday())
    last = rule.last(zone)
    if last is not None:
        found["until"] = last.date() if whole_days else last.replace(tzinfo=zone).astimezone(UTC)
    if rule.count is not None:
        found["count"] = rule.count
    return found
