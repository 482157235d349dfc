"""Opening hours that stand in fourteen columns, a morning and an afternoon for each day of the week."""

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Final

from pipelines.feeds.hours.grammar import DAYS
from schemas.dates import DAYS as DAY_NAMES
from schemas.feeds import Column

MORNING: Final = "matin"
AFTERNOON: Final = "après-midi"
NOON: Final = 12 * 60
DAY: Final = 24 * 60
_CLOCK: Final = r"(?:[01]?\d|2[0-4])\s?h\s?(?:[0-5]\d)?"
FORM: Final = rf"-|{_CLOCK}\s?-\s?{_CLOCK}"
_CELL: Final = re.compile(r"(\d+)\s?h\s?(\d*)\s?-\s?(\d+)\s?h\s?(\d*)")

Span = tuple[int, int]
"""From a minute of the day to a later one."""

COLUMNS: Final = tuple(
    Column(f"{day} {half}", "From when to when, as in 8h30-12h; - where it is closed.", pattern=FORM)
    for day in DAY_NAMES["fr"]
    for half in (MORNING, AFTERNOON)
)


class OutOfOrder(Exception):
    """A half-day that ends before it begins, or begins before the other one of its day is over."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


def hours(cells: Mapping[str, str]) -> str:
    """One text in the accepted grammar, or "" where no half-day has hours: then nothing is known.

    Halves that touch are one time. A day without hours is closed where other days have some. Raises OutOfOrder.
    """
    week = [_times(_day(cells, day)) for day in DAY_NAMES["fr"]]
    texts = list(dict.fromkeys(times for times in week if times))
    return "; ".join(f"{_days([day for day in range(7) if week[day] == times])} {times}" for times in texts)


def misplaced(cells: Mapping[str, str]) -> tuple[str, ...]:
    """Columns of a morning that begin at noon or later, and of an afternoon that begin before noon."""
    found = []
    for column in COLUMNS:
        span = _span(cells.get(column.name, ""))
        if span and column.name.endswith(MORNING) != (span[0] < NOON):
            found.append(column.name)
    return tuple(found)


def _day(cells: Mapping[str, str], day: str) -> list[Span]:
    """The times of a day in their order, none of which touches the next."""
    found: list[Span] = []
    for half in (MORNING, AFTERNOON):
        column = f"{day} {half}"
        span = _span(cells.get(column, ""))
        if span is None:
            continue
        if span[1] <= span[0] or span[1] > DAY or (found and span[0] < found[-1][1]):
            raise OutOfOrder(column)
        if found and span[0] == found[-1][1]:
            span = (found.pop()[0], span[1])
        found.append(span)
    return found


def _span(cell: str) -> Span | None:
    match = _CELL.fullmatch(cell)
    if match is None:
        return None
    numbers = [int(text or 0) for text in match.groups()]
    return numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]


def _times(spans: list[Span]) -> str:
    return ",".join(f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}" for start, end in spans)


def _days(days: list[int]) -> str:
    """Days of the week as OSM writes them: Mo-We,Fr."""
    runs = [[day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0])]
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)
