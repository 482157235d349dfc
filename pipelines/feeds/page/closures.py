"""Exceptional hours of the days ahead, with their reason, as a page tells them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.page import dates
from pipelines.feeds.page.reader import Reader
from pipelines.feeds.rows import Row
from schemas.feeds import AHEAD, Text

_DATES = "dates"
_CLOSED = "off"


@dataclass(frozen=True)
class Closure:
    """What is told of some days with other hours, and the minute at which they are over."""

    days: str
    reason: str
    foreign: bool
    gone: int


def closures(exceptions: Exceptions, reader: Reader) -> Mapping[str, tuple[Closure, ...]]:
    """The exceptional hours that begin before the horizon and are not over, by place, in the order of their days."""
    found: dict[str, list[tuple[date, Closure]]] = defaultdict(list)
    today = reader.local(reader.now).date()
    for row in exceptions.rows:
        for first, last in _spans(row, exceptions):
            if last >= today and first <= today + AHEAD:
                found[str(row["place_id"])].append((first, _closure(row, first, last, reader)))
    return {place: tuple(each for _, each in sorted(told, key=_order)) for place, told in found.items()}


def _order(dated: tuple[date, Closure]) -> tuple[date, str]:
    return dated[0], dated[1].days


def _spans(row: Row, exceptions: Exceptions) -> Iterator[tuple[date, date]]:
    for each in [row] if row["when"] == _DATES else exceptions.holidays:
        first, last = each["first"], each["last"] or each["first"]
        if isinstance(first, date) and isinstance(last, date):
            yield first, last


def _closure(row: Row, first: date, last: date, reader: Reader) -> Closure:
    french, english = str(row["reason_fr"] or ""), str(row["reason_en"] or "")
    reason = Text(english or french, french or english)
    said = reader.words["closure" if row["hours"] == _CLOSED else "other_hours"]
    days = _days(first, last, reader)
    text = said.format(days[:1].upper() + days[1:])
    return Closure(text, reader.pick(reason), reader.foreign(reason), reader.end_of(last))


def _days(first: date, last: date, reader: Reader) -> str:
    if first == last:
        return f"{dates.DAYS[reader.language][first.weekday()]} {dates.day_month(first, reader.language)}"
    return reader.words["from_to"].format(*(dates.day_month(day, reader.language) for day in (first, last)))
