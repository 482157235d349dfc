"""Exceptions: the days on which a place keeps other hours than in an ordinary week."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pipelines.feeds.rows import Rows
from schemas.feeds import Column, Source

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

    def hours(self, place_id: str, weekly: str, today: date) -> str:
        """The hours of a place with a dated rule for each of its exceptions that is not over."""
        mine = [row for row in self.rows if row["place_id"] == place_id]
        if not mine or not weekly:
            return weekly
        from pipelines.feeds.hours.dated import with_exceptions

        return with_exceptions(weekly, mine, self.holidays, today)
