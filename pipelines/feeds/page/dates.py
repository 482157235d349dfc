"""Dates, times and sizes as the page of residents writes them, in French and in English."""

from datetime import date, datetime
from typing import Final

from schemas.day_names import DAYS, MONTHS, Language

LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

NO_BREAK: Final = "\u00a0"
DASH: Final = f"{NO_BREAK}– "
"""Between the two ends of a time: a line may end with it, and does not begin with a space then."""

_SIZES: Final = {"fr": ("o", "ko", "Mo"), "en": ("B", "kB", "MB")}


def clock(local: datetime, language: Language) -> str:
    """The time of day of a local instant: 9:05 or 9 h 05."""
    if language == "en":
        return f"{local.hour}:{local:%M}"
    return f"{local.hour}{NO_BREAK}h" + (f"{NO_BREAK}{local:%M}" if local.minute else "")


def day_month(day: date, language: Language) -> str:
    """A day without its year: 20 June or 20 juin."""
    return f"{number(day, language)}{NO_BREAK}{MONTHS[language][day.month - 1]}"


def full(day: date, language: Language) -> str:
    """A day with its year: 20 June 2026 or 20 juin 2026."""
    return f"{day_month(day, language)} {day.year}"


def long(day: date, language: Language) -> str:
    """A day with its weekday and year: Saturday 20 June 2026 or samedi 20 juin 2026."""
    return f"{DAYS[language][day.weekday()]} {full(day, language)}"


def near(day: date, year: int, language: Language) -> str:
    """A day with its weekday, and with its year unless it is of `year`."""
    return long(day, language) if day.year != year else f"{DAYS[language][day.weekday()]} {day_month(day, language)}"


def short(day: date, language: Language) -> str:
    """A day as short as a row of a table needs it: Sat 20 or sam. 20."""
    return f"{abbreviated(day.weekday(), language)}{NO_BREAK}{number(day, language)}"


def abbreviated(weekday: int, language: Language) -> str:
    """The first letters of a day of the week, from 0 for Monday."""
    return DAYS[language][weekday][:3] + ("." if language == "fr" else "")


def number(day: date, language: Language) -> str:
    """The day of the month: 1er for the first one in French."""
    return "1er" if language == "fr" and day.day == 1 else str(day.day)


def size(octets: int, language: Language) -> str:
    """The size of a file in its largest whole unit: 12 kB or 12 ko; what is there has at least one."""
    unit, value = 0, float(octets)
    while value >= 1000 and unit < 2:
        unit, value = unit + 1, value / 1000
    text = f"{value:.1f}" if unit == 2 and value < 10 else f"{value:.0f}"
    return f"{text if language == 'en' else text.replace('.', ',')}{NO_BREAK}{_SIZES[language][unit]}"
