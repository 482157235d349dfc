"""An item as a page shows it: every word of it, and the minutes at which they stop to be true."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlsplit

from pipelines.feeds.feed import Item
from pipelines.feeds.page import dates
from pipelines.feeds.page.closures import Closure, closures
from pipelines.feeds.page.reader import Reader
from pipelines.feeds.page.schedule import Mark, Rows
from schemas.feeds import Text
from schemas.typography import NO_BREAK_SPACE

_EMAIL: Final = re.compile(r"[^\s@<>?&]+@[^\s@<>?&]+\.[^\s@<>?&]+")
_PHONE: Final = re.compile(r"\+\d{8,15}")
_FRENCH: Final = re.compile(r"(\+33)(\d)(\d\d)(\d\d)(\d\d)(\d\d)")
"""In the pairs in which a French number is read."""
_LINK: Final = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """A text, and whether it is in the language of the town although the page is in another one."""

    text: str
    foreign: bool = False


@dataclass(frozen=True)
class Date:
    """A time to come: in words, for programs, and the minute at which it is over."""

    text: str
    iso: str
    gone: int


@dataclass(frozen=True)
class Fact:
    """A label and a value, and the address of one who can be called or written to."""

    label: Said
    value: Said
    call: str


@dataclass(frozen=True)
class Shown:
    """An item; a minute is None where nothing ends, `schedule`, the number of its hours, where none are known.

    `part` and `label` are the key and the name of its category where items of several are together.
    """

    id: str
    name: Said
    text: Said
    word: Said
    category: Text
    address: str
    time: str
    dates: tuple[Date, ...]
    facts: tuple[Fact, ...]
    tags: tuple[str, ...]
    link: str
    host: str
    valid: int | None
    stale: str
    gone: int | None
    closures: tuple[Closure, ...]
    mark: Mark | None = None
    schedule: int | None = None
    week: Rows = ()
    part: str = ""
    label: Said = field(default=Said(""))

    @property
    def dates_end(self) -> int:
        """The minute from which on no date is left."""
        return max(date.gone for date in self.dates)


def shown(item: Item, valid_until: datetime | None, passing: bool, reader: Reader) -> Shown:
    """An item without what its hours say; one that is `passing` goes when it stops to hold, others become unknown."""
    valid = None if valid_until is None else reader.minute(valid_until)
    link = item.link if _LINK.match(item.link) else ""
    return Shown(
        id=item.id,
        name=_said(item.title, reader),
        text=_said(item.text, reader),
        word=_said(item.mark, reader),
        category=item.category,
        address=item.place.address if item.place else "",
        time=_time(item, reader),
        dates=_dates(item, reader),
        facts=tuple(_fact(label, value, reader) for label, value in item.facts),
        tags=tuple(reader.pick(tag) for tag in item.tags),
        link=link,
        host=_host(link),
        valid=valid,
        stale="" if valid is None else reader.words["stale"].format(reader.since(valid)),
        gone=_gone(item, valid if passing else None, reader),
        closures=closures(item, reader),
    )


def _host(link: str) -> str:
    """Where a link leads to, as it is told; the link itself where it is malformed."""
    try:
        return (urlsplit(link).hostname or link).removeprefix("www.") if link else ""
    except ValueError:
        return link


def _said(text: Text, reader: Reader) -> Said:
    return Said(reader.pick(text), reader.foreign(text))


def _fact(label: Text, value: Text, reader: Reader) -> Fact:
    said = _said(value, reader)
    plain = said.text.replace(" ", "")
    if pairs := _FRENCH.fullmatch(plain):
        said = replace(said, text=NO_BREAK_SPACE.join(pairs.groups()))
    call = f"tel:{plain}" if _PHONE.fullmatch(plain) else f"mailto:{plain}" if _EMAIL.fullmatch(plain) else ""
    return Fact(_said(label, reader), said, call)


def _gone(item: Item, valid: int | None, reader: Reader) -> int | None:
    """When an item is over: after its end, and after the last of its dates; never where no end is stated."""
    ends = [date.gone for date in _dates(item, reader)] if item.ends else []
    over = max([reader.minute(item.ends), *ends]) if item.ends else None
    return min([each for each in (over, valid) if each is not None], default=None)


def _time(item: Item, reader: Reader) -> str:
    """From when until when something lasts."""
    starts, ends = (None if each is None else each.astimezone(reader.zone) for each in (item.starts, item.ends))
    if starts is None:
        return "" if ends is None else reader.words["until"].format(reader.moment(ends))
    if ends is None:
        return reader.moment(starts)
    if starts.time() == ends.time() == time() and starts < ends:
        return _days(starts.date(), ends.date() - timedelta(days=1), reader)
    if starts.date() == ends.date():
        clocks = f"{dates.clock(starts, reader.language)}{dates.DASH}{dates.clock(ends, reader.language)}"
        return f"{reader.day(starts)}, {clocks}"
    return reader.words["from_to"].format(reader.moment(starts), reader.moment(ends))


def _days(first: date, last: date, reader: Reader) -> str:
    """Whole days, from the first to the last."""
    if first == last:
        return reader.day(first)
    return reader.words["from_to"].format(reader.day(first), reader.day(last))


def _dates(item: Item, reader: Reader) -> tuple[Date, ...]:
    """The dates that are not over when today begins; one with a time of day lasts as long as the item does."""
    lasts = item.ends - item.starts if item.starts and item.ends else None
    found = []
    for each in item.dates:
        if isinstance(each, datetime):
            local = each.astimezone(reader.zone)
            gone = reader.minute(each + lasts) if lasts else reader.end_of(local.date())
            found.append(Date(reader.moment(local), local.isoformat(timespec="minutes"), gone))
        else:
            found.append(Date(reader.day(each), each.isoformat(), reader.end_of(each)))
    return tuple(date for date in found if date.gone > 0)
