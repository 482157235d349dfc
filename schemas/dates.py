"""Names of weekdays and months in each language, and how French writes a day and a time, in a sentence."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal

from schemas.typography import NO_BREAK_SPACE

Language = Literal["en", "fr"]

EARLIEST: Final = 1000
LATEST: Final = 2999
"""The years of dates that people write; those at the ends of the calendar cannot be told in another zone."""

DAYS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
"""From Monday, 0."""

MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "fr": (
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ),
}
"""From January, 0."""


def day_of_month(day: date, language: Language) -> str:
    """The number of a day: 1er for the first one in French."""
    return "1er" if language == "fr" and day.day == 1 else str(day.day)


def french_clock(local: datetime) -> str:
    """The time of day of a local instant: 9 h, 9 h 05."""
    return f"{local.hour}{NO_BREAK_SPACE}h" + (f"{NO_BREAK_SPACE}{local:%M}" if local.minute else "")
