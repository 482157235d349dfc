"""The watch: what the beats say of every access point at the instant of a build."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.feeds.feed import Context
from pipelines.feeds.hours.hours import Hours
from pipelines.feeds.wifi.access_point import AccessPoint
from pipelines.feeds.wifi.availability import Share, as_spans, months, share
from pipelines.feeds.wifi.beats import Beats, Listening, listening
from pipelines.feeds.wifi.outages import Outage, Rule, outages
from pipelines.feeds.wifi.spans import Instants, Spans, instant, micros
from pipelines.feeds.wifi.states import Status, status


@dataclass(frozen=True)
class Month:
    """The availability of an access point from the start of a month to its end, or to the instant of the build.

    `opened` is that inside opening hours, the same as `whole` where the building has none.
    """

    start: datetime
    end: datetime
    whole: Share
    opened: Share


@dataclass(frozen=True)
class Watched:
    """An access point with its status, its months (the last one and this one), and its outages."""

    access_point: AccessPoint
    status: Status
    months: tuple[Month, ...]
    outages: tuple[Outage, ...]


def end_of(context: Context) -> datetime:
    """The instant up to which beats are looked at: that of the build, or where the feed stops to hold."""
    end = context.valid_until
    return context.at if end is None else min(context.at, end)


def holds(context: Context) -> bool:
    """Whether the feed still says something at the instant of the build."""
    return context.valid_until is None or context.at < context.valid_until


def watch(access_points: Sequence[AccessPoint], beats: Beats, context: Context, rule: Rule) -> tuple[Watched, ...]:
    """Every access point in the given order; past `valid_until` every state is unknown."""
    if not access_points:
        return ()
    heard = listening(beats, [each.interval for each in access_points], rule.missed)
    return tuple(_watched(each, beats.times(each.id), heard, context, rule) for each in access_points)


def _watched(access_point: AccessPoint, times: Instants, heard: Listening, context: Context, rule: Rule) -> Watched:
    end = end_of(context)
    periods = months(end)
    first = min(periods[0][0], _first(times, context))
    opened = _open(access_point, context, first, end)
    current = status(times, access_point.interval, heard, micros(end), rule.missed)
    if not holds(context):
        current = Status("unknown", current.heard)
    found = tuple(_month(access_point, times, heard, period, opened) for period in periods)
    broken = outages(times, access_point.interval, heard.told, opened, rule)
    return Watched(access_point, current, found, broken)


def _month(
    access_point: AccessPoint, times: Instants, heard: Listening, period: tuple[datetime, datetime], opened: Spans
) -> Month:
    spans = as_spans(period)
    whole = share(times, access_point.interval, heard.told, spans)
    return Month(*period, whole, share(times, access_point.interval, heard.told, spans.both(opened)))


def _first(times: Instants, context: Context) -> datetime:
    return instant(times[0]).astimezone(context.zone) if times.size else context.at


def _open(access_point: AccessPoint, context: Context, first: datetime, end: datetime) -> Spans:
    """When the building is open on the days from `first` to `end`; always, where it has no hours."""
    start = first.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    stop = (end + timedelta(days=2)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    hours = context.exceptions.hours(access_point.building_id, access_point.hours, start.date())
    if not hours:
        return Spans.of([(micros(start), micros(stop))])
    parsed = Hours.parse(hours, context.zone)
    return Spans.of((micros(opens), micros(closes)) for opens, closes in parsed.intervals(start, stop))
