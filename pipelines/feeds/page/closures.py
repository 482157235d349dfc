"""Exceptional hours of the days ahead, with their reason, as a page tells them."""

from dataclasses import dataclass
from datetime import date

from pipelines.feeds.feed import Item
from pipelines.feeds.page import dates
from pipelines.feeds.page.reader import Reader
from schemas.feeds import AHEAD, Text


@dataclass(frozen=True)
class Closure:
    """Days with other hours in words, why, and the minute at which they are over."""

    days: str
    reason: str
    foreign: bool
    gone: int


def closures(item: Item, reader: Reader) -> tuple[Closure, ...]:
    """The exceptional hours of an item that begin before the horizon, in their order."""
    last_day = reader.local(reader.now).date() + AHEAD
    return tuple(_closure(*each, reader) for each in item.exceptions if each[0] <= last_day)


def _closure(first: date, last: date, reason: Text, reader: Reader) -> Closure:
    told = Text(reason.en or reason.fr, reason.fr or reason.en)
    days = reader.words["closure"].format(_days(first, last, reader))
    return Closure(days, reader.pick(told), reader.foreign(told), reader.end_of(last))


def _days(first: date, last: date, reader: Reader) -> str:
    if first == last:
        return reader.words["one_day"].format(reader.day(first))
    return reader.words["from_to"].format(*(dates.day_month(day, reader.language) for day in (first, last)))
