"""Hours of certain days, such as school holidays, as dated rules that every program reads alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipelines.feeds.hours import expected as wanted
from pipelines.feeds.hours.grammar import DAYS, EVERY_DAY, MONTHS, HoursError, Rule, rules

SCHOOL_HOLIDAYS: Final = "school_holidays"
"""What stands in `when` of an exception that is of all school holidays."""


@dataclass(frozen=True, order=True)
class Span:
    """Days from the first to the last one."""

    first: date
    last: date

    def written(self) -> str:
        """As a date, or a range with its year at both ends."""
        return _date(self.first) if self.first == self.last else f"{_date(self.first)}-{_date(self.last)}"


def with_exceptions(
    weekly: str, exceptions: Sequence[Mapping[str, object]], holidays: Sequence[Mapping[str, object]], today: date
) -> str:
    """Weekly hours with a dated rule for each exception that is not over.

    `exceptions` have `when`, `first`, `last` (or None) and `hours`, `holidays` have `first` and `last`, as in the
    sources of these names. Hours of school holidays come first, then those of several days, and public holidays keep
    their rule in both; a closure and the hours of one day come last and are above all others. Raises HoursError.
    """
    school = _spans(holidays)
    stated = [
        (school if row["when"] == SCHOOL_HOLIDAYS else _spans([row]), row["when"] != SCHOOL_HOLIDAYS, str(row["hours"]))
        for row in exceptions
    ]
    found = weekly
    for rank in range(3):
        for spans, dated, hours in sorted(stated, key=lambda each: (each[0], each[2])):
            above = dated and (hours.strip() == "off" or all(span.first == span.last for span in spans))
            if rank == dated + above:
                found = with_dates(found, [span for span in spans if span.last >= today], hours, above)
    return found


def with_dates(text: str, spans: Sequence[Span], hours: str, above_holidays: bool = False) -> str:
    """Hours in which other ones take the place of all that is said of certain days.

    `hours` have no months, dates or weeks of their own. Public holidays within the days keep the rules of them with
    which the text ends, unless the other hours are above them. Without days the text is returned as it is. Raises
    HoursError.
    """
    stated, other = rules(text), rules(hours)
    for rule in other:
        if rule.season:
            raise HoursError(hours, rule.position + 1, wanted.NO_SEASON)
    if not spans:
        return text
    dates = ",".join(span.written() for span in sorted(spans))
    open_days = frozenset[int]().union(*(rule.days for rule in stated))
    covered = frozenset[int]().union(*(rule.days for rule in other if rule.times == "" or not rule.off))
    added = [*_closed(dates, open_days - covered), *(rule.written(dates) for rule in other)]
    ordinary, holidays = ([rule.written() for rule in stated], []) if above_holidays else _parted(stated)
    return "; ".join([*ordinary, *added, *holidays])


def _closed(dates: str, days: frozenset[int]) -> list[str]:
    """The rule, if there has to be one, for days that the text may open and the other hours say nothing of."""
    if not days:
        return []
    return [f"{dates} off" if days == EVERY_DAY else f"{dates} {','.join(DAYS[day] for day in sorted(days))} off"]


def _parted(stated: tuple[Rule, ...]) -> tuple[list[str], list[str]]:
    """The rules of ordinary days, and those of public holidays with which the text ends, as texts."""
    last = len(stated)
    while last and stated[last - 1].holidays:
        last -= 1
    ordinary = [*stated[:last], *(rule for rule in stated[last:] if rule.days)]
    return [rule.written() for rule in ordinary], [rule.written(weekdays="PH") for rule in stated[last:]]


def _spans(rows: Sequence[Mapping[str, object]]) -> list[Span]:
    found = []
    for row in rows:
        first = row["first"]
        last = row["last"] or first
        if not isinstance(first, date) or not isinstance(last, date):
            raise TypeError(f"{first} and {last} are no dates")
        found.append(Span(first, last))
    return sorted(found)


def _date(day: date) -> str:
    return f"{day.year:04d} {MONTHS[day.month - 1]} {day.day:02d}"
