"""Exceptions: the days on which a place keeps other hours than in an ordinary week."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from pipelines.feeds.hours.dated import with_exceptions
from pipelines.feeds.hours.expected import NO_SEASON
from pipelines.feeds.hours.grammar import rules
from pipelines.feeds.rows import Finding, Row, Rows
from schemas.feeds import Column, Source, Text

SOURCE: Final = Source(
    "exceptions",
    "Days on which a place keeps other hours, or none.",
    (
        Column("place_id", "The place, as its feed names it.", required=True),
        Column("when", "Dates, or all school holidays.", required=True, choices=("dates", "school_holidays")),
        Column("first", "The first day, where `when` is dates.", "date"),
        Column("last", "The last day; the first one where there is none.", "date"),
        Column("hours", "Hours on these days, or off.", "hours", required=True),
        Column("reason_fr", "Why, in French."),
        Column("reason_en", "Why, in English."),
    ),
    needed=False,
)
HOLIDAYS: Final = Source(
    "school_holidays",
    "The school holidays of the zone, first and last day without school.",
    (
        Column("name", "Name of the holidays.", required=True),
        Column("first", "The first day.", "date", required=True),
        Column("last", "The last day.", "date", required=True),
    ),
    needed=False,
)


@dataclass(frozen=True)
class Exceptions:
    """All exceptions of a town, and its school holidays, as their files state them."""

    rows: Rows = ()
    holidays: Rows = ()

    @cached_property
    def _of_place(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(str(row["place_id"]), []).append(row)
        return found

    def hours(self, place_id: str, weekly: str, today: date) -> str:
        """The hours of a place with a dated rule for each of its exceptions that is not over."""
        mine = self._of_place.get(place_id)
        return with_exceptions(weekly, mine, self.holidays, today) if mine and weekly else weekly

    def of_others(self, places: Set[str]) -> Rows:
        """The exceptions of anything but these places."""
        return tuple(row for row in self.rows if row["place_id"] not in places)

    def reasons(self, place_id: str, today: date) -> tuple[tuple[date, date, Text], ...]:
        """First and last day and reason of the exceptions of a place on certain dates that are not over, in order."""
        stated = [
            (row["first"], row["last"] or row["first"], Text(str(row["reason_en"] or ""), str(row["reason_fr"] or "")))
            for row in self._of_place.get(place_id, ())
        ]
        found = [
            (first, last, reason)
            for first, last, reason in stated
            if isinstance(first, date) and isinstance(last, date) and last >= today and (reason.en or reason.fr)
        ]
        return tuple(sorted(found, key=lambda each: (each[0], each[1], each[2].fr)))


def judged(rows: Rows, file: str) -> tuple[Rows, tuple[Finding, ...]]:
    """The exceptions or holidays that can be kept, and what is wrong with the others.

    An exception may have no day, or a season in its hours; of both the days may be in the wrong order.
    """
    findings = tuple(finding for row in rows for finding in _wrong(row, file))
    lines = {finding.line for finding in findings}
    return tuple(row for row in rows if row["line"] not in lines), findings


def _wrong(row: Row, file: str) -> Iterator[Finding]:
    line, first, last = int(str(row["line"])), row["first"], row["last"]
    if row.get("when") == "dates" and first is None:
        yield Finding(file, line, "first", "error", _NEEDS_FIRST, "nothing")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        yield Finding(file, line, "last", "error", _IN_ORDER, str(last))
    if "hours" in row and any(rule.season for rule in rules(str(row["hours"]))):
        yield Finding(file, line, "hours", "error", NO_SEASON.expected, str(row["hours"]))


_NEEDS_FIRST: Final = Text(
    "a first day, as the exception is of dates", "un premier jour, puisque l’exception a des dates"
)
_IN_ORDER: Final = Text("a day that is not before the first one", "un jour qui ne précède pas le premier")
