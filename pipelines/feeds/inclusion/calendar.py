"""The stops of itinerant centres as a calendar."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds.calendars import ics
from pipelines.feeds.calendars.series import Series
from pipelines.feeds.feed import Context
from pipelines.feeds.inclusion.columns import pieces
from pipelines.feeds.inclusion.items import where
from pipelines.feeds.inclusion.tours import Stop
from pipelines.feeds.rows import Row

NAME: Final = "Passages des centres numériques itinérants"
_MINUTE: Final = timedelta(minutes=1)


def as_ics(stops: Iterable[Stop], places: Mapping[str, Row], context: Context) -> bytes:
    """The stops in their order; none of them goes on after the last day of the feed."""
    heading = ics.Heading(NAME, "fr", ics.stamp(context))
    entries = [_entry(stop, places[str(stop.row["place_id"])], context) for stop in stops]
    return ics.as_ics([entry for entry in entries if entry], heading, context.zone)


def _entry(stop: Stop, centre: Row, context: Context) -> ics.Entry | None:
    """A stop as an entry; None where it begins after the last day of the feed."""
    last = context.valid_until
    if last is not None and stop.series.start.replace(tzinfo=context.zone) >= last:
        return None
    place = where(stop.row, str(stop.row["address"]))
    return ics.Entry(
        uid=f"inclusion-{stop.row['id']}@{context.town.id}",
        series=stop.series if last is None else _ending(stop.series, last, context.zone),
        summary=f"{centre['nom']}, {stop.row['commune']}",
        description="\n".join(pieces(centre, "services")),
        location=place.address,
        position=None if place.latitude is None or place.longitude is None else (place.latitude, place.longitude),
        url=(pieces(centre, "site_web") or ("",))[0],
        contact=str(centre["telephone"] or ""),
        busy=False,
    )


def _ending(series: Series, last: datetime, zone: ZoneInfo) -> Series:
    """A series without what is planned from an instant on, so that no calendar promises it."""
    rule = series.rule
    limit = last.astimezone(zone).replace(tzinfo=None)
    if rule is None or all(start < limit for start in _planned(series, limit, zone)):
        return series
    return replace(series, rule=replace(rule, count=None, until=(last - _MINUTE).astimezone(zone).date()))


def _planned(series: Series, limit: datetime, zone: ZoneInfo) -> Iterable[datetime]:
    """Its starts until the first one that is not before a moment."""
    for start in series.planned(zone):
        yield start
        if start >= limit:
            return
