"""The opening hours that are accepted: the part of OSM's syntax that two programs read alike.

::

    hours    = rule { ";" rule }                      a later rule wins on its days, for the whole day
    rule     = [ days " " ] ( times [ " off" ] | "off" ) | "24/7"
    days     = season | weekdays | season " " weekdays    they may be left out in the first rule only
    season   = month { "," month } | date { "," date } | dated { "," dated } | "week " weeks { "," weeks }
    month    = Jan | Jan-Mar                          may go beyond the end of the year
    date     = Jan 05 | Jan 05-20 | Jan 05-Feb 02     may go beyond the end of the year
    dated    = 2027 Jan 05 | 2027 Jan 05-20 | 2027 Jan 05-2027 Feb 02     years from 2000 to 2099
    weeks    = 10 | 10-20 | 10-20/2                   of ISO 8601; every second one of three or more
    weekdays = PH | [ "PH," ] day { "," day } [ ",PH" ]   day = Mo | Mo-Fr
    times    = time { "," time }                      time = 09:00-12:30, within a day that ends at 24:00

`times off` takes the times out of what earlier rules say. There is a single space between parts, and one at most on
each side of ";". What was measured of the rest of the syntax stands in docs/opening-hours.md.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NoReturn

from pipelines.feeds.hours import expected as wanted
from pipelines.feeds.hours.features import FEATURES
from pipelines.feeds.hours.refusals import HoursError, Refusal

__all__ = ["DAYS", "EVERY_DAY", "MONTHS", "HoursError", "Rule", "accept", "rules"]

DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ANY_YEAR: Final = 2001
"""A year in which every month has the days that it has in every year: Feb 29 is accepted with a leap year only."""


@dataclass(frozen=True)
class Rule:
    """One rule: its parts as written, "" where there is none, and the weekdays it is of (0 is Monday).

    `days` are all seven where no weekday is written, and none in a rule of public holidays alone. `off` without times
    closes the days; `off` with times closes these.
    """

    season: str
    weekdays: str
    times: str
    off: bool
    days: frozenset[int]
    holidays: bool
    position: int

    def written(self, season: str = "", weekdays: str = "") -> str:
        """The rule as a text, with another season or other weekdays if they are given."""
        parts = (season or self.season, weekdays or self.weekdays, self.times, "off" if self.off else "")
        return " ".join(part for part in parts if part)


def accept(text: str) -> None:
    """Raise HoursError for opening hours that are not accepted."""
    rules(text)


# A town of 5,000 places has a few hundred texts, each of which is read several times.
@lru_cache(maxsize=8192)
def rules(text: str) -> tuple[Rule, ...]:
    """The rules of opening hours in their order; raises HoursError."""
    for feature in FEATURES:
        if found := feature.pattern.search(text):
            raise HoursError(text, found.start() + 1, feature.refusal)
    reader = _Reader(text)
    read = [_rule(reader, first=True)]
    while not reader.take(r"\Z"):
        reader.need(" ?; ?", wanted.END)
        read.append(_rule(reader, first=False))
    return tuple(read)


class _Reader:
    """A text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def take(self, pattern: str) -> re.Match[str] | None:
        """The next piece, if it has this form."""
        found = re.compile(pattern, re.ASCII).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def need(self, pattern: str, refusal: Refusal) -> re.Match[str]:
        found = self.take(pattern)
        if found is None:
            self.refuse(self.at, refusal)
        return found

    def refuse(self, at: int, refusal: Refusal) -> NoReturn:
        raise HoursError(self.text, at + 1, refusal)


_DAY: Final = f"({'|'.join(DAYS)})"
_MONTH: Final = f"({'|'.join(MONTHS)})"
_NUMBER: Final = r"(\d{1,2})(?![\d:])"
_DATED: Final = rf"(20\d\d) {_MONTH} {_NUMBER}(?:-(?:(20\d\d) {_MONTH} )?{_NUMBER})?"
_DATE: Final = rf"(){_MONTH} {_NUMBER}(?:-(?:(){_MONTH} )?{_NUMBER})?"
_MONTHS: Final = rf"{_MONTH}(?:-{_MONTH})?(?! \d{{1,2}}(?![\d:]))"
_WEEKS: Final = rf"{_NUMBER}(?:-{_NUMBER}(?:/(\d+))?)?"
_CLOCK: Final = r"(\d{1,2}):(\d{2})"
_TIME: Final = f"{_CLOCK}-{_CLOCK}"
EVERY_DAY: Final = frozenset(range(7))


def _rule(reader: _Reader, first: bool) -> Rule:
    start = reader.at
    if first and reader.take(r"24/7(?= *;|\Z)"):
        return Rule("", "", "00:00-24:00", False, EVERY_DAY, False, start)
    season = _season(reader)
    if season:
        reader.need(" (?! )", wanted.SPACE)
    written = reader.at
    days, holidays = _weekdays(reader)
    weekdays = reader.text[written : reader.at]
    if weekdays:
        reader.need(" (?! )", wanted.TIMES)
    elif not season and not first:
        reader.refuse(start, wanted.LATER_DAYS if reader.take(r"\d{1,2}:|off") else wanted.SELECTOR)
    written = reader.at
    if reader.take("off"):
        return Rule(season, weekdays, "", True, days, holidays, start)
    if not reader.take(r"(?=\d{1,2}:)"):
        reader.refuse(written, wanted.TIMES if season or weekdays else wanted.SELECTOR)
    _times(reader)
    times = reader.text[written : reader.at]
    return Rule(season, weekdays, times, bool(reader.take(" off")), days, holidays, start)


def _season(reader: _Reader) -> str:
    start = reader.at
    if reader.take("week "):
        _weeks(reader)
        while reader.take(","):
            _weeks(reader)
        return reader.text[start : reader.at]
    for form in (_DATED, _DATE, _MONTHS):
        item, at = reader.take(form), start
        while item:
            _see_dates(reader, at, item)
            if not reader.take(","):
                return reader.text[start : reader.at]
            at = reader.at
            item = reader.need(form, wanted.SAME_KIND)
    return ""


def _see_dates(reader: _Reader, at: int, item: re.Match[str]) -> None:
    """Refuse dates that are not there, and ranges that end before they begin; months have neither."""
    if len(item.groups()) == 2:
        return
    year, month, day, last_year, last_month, last_day = item.groups()
    first = _date(reader, at, year, month, day)
    if last_day is None:
        return
    if last_month is None and month == "Feb" and int(last_day) >= 28:
        reader.refuse(at, wanted.END_OF_FEBRUARY)
    last = _date(reader, at, last_year or year, last_month or month, last_day)
    if last < first and (year or last_month is None):
        reader.refuse(at, wanted.BACKWARDS)
    if first - last == timedelta(days=1):
        reader.refuse(at, wanted.WHOLE_YEAR)


def _date(reader: _Reader, at: int, year: str, month: str, day: str) -> date:
    """A date; without a year, that of a year without a Feb 29."""
    try:
        return date(int(year or ANY_YEAR), MONTHS.index(month) + 1, int(day))
    except ValueError:
        reader.refuse(at, wanted.NO_DATE)


def _weeks(reader: _Reader) -> None:
    at = reader.at
    first, last, step = reader.need(_WEEKS, wanted.WEEK).groups()
    if not 1 <= int(first) <= int(last or first) <= 53:
        reader.refuse(at, wanted.WEEK)
    if step and (int(step) != 2 or int(last) < int(first) + 2):
        reader.refuse(at, wanted.STEP)


def _weekdays(reader: _Reader) -> tuple[frozenset[int], bool]:
    """The days of a list, and whether public holidays are in it; all days where there is no list."""
    holidays = bool(reader.take("PH"))
    if holidays and not reader.take(","):
        return frozenset(), True
    item = reader.need(f"{_DAY}(?:-{_DAY})?", wanted.WEEKDAY) if holidays else reader.take(f"{_DAY}(?:-{_DAY})?")
    if item is None:
        return EVERY_DAY, False
    days: set[int] = set()
    while item:
        first = DAYS.index(item[1])
        days.update((first + step) % 7 for step in range((DAYS.index(item[2] or item[1]) - first) % 7 + 1))
        if not reader.take(","):
            break
        if not holidays and reader.take("PH"):
            holidays = True
            break
        item = reader.need(f"{_DAY}(?:-{_DAY})?", wanted.WEEKDAY)
    return frozenset(days), holidays


def _times(reader: _Reader) -> None:
    while True:
        at = reader.at
        hour, minute, last_hour, last_minute = map(int, reader.need(_TIME, wanted.TIME).groups())
        start, end = hour * 60 + minute, last_hour * 60 + last_minute
        if minute > 59 or last_minute > 59 or start >= 24 * 60 or last_hour > 48:
            reader.refuse(at, wanted.CLOCK)
        if not start < end <= 24 * 60:
            reader.refuse(at, wanted.MIDNIGHT)
        if not reader.take(","):
            return
