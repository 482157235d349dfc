"""Dates, times and sizes as the page of residents writes them, in French and in English."""

from datetime import date, datetime
from typing import Final

from schemas.dates import DAYS, MONTHS, Language, day_of_month, french_clock
from schemas.typography import NO_BREAK_SPACE

LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

DASH: Final = f"{NO_BREAK_SPACE}– "
"""Between the two ends of a time: a line may end with it, and does not begin with a space then."""

_SIZES: Final = {"fr": ("o", "ko", "Mo"), "en": ("B", "kB", "MB")}


def clock(local: datetime, language: Language) -> str:
    """The time of day of a local instant: 9:05 or 9 h 05."""
    return french_clock(local) if language == "fr" else f"{local.hour}:{local:%M}"


def day_month(day: date, language: Language) -> str:
    """A day without its year: 20 June or 20 juin."""
    return f"{day_of_month(day, language)}{NO_BREAK_SPACE}{MONTHS[language][day.month - 1]}"


def full(day: date, language: Language) -> str:
    """A day with its year: 20 June 2026 or 20 juin 2026."""
    return f"{day_month(day, language)} {day.year}"


def long(day: date, language: Language) -> str:
    """A day with its weekday and year: Saturday 20 June 2026 or samedi 20 juin 2026."""
    return f"{DAYS[language][day.weekday()]} {full(day, language)}"


def moment(local: datetime, language: Language) -> str:
    """A local instant: 20 June 2026, 9:05 or 20 juin 2026 à 9 h 05."""
    return f"{full(local.date(), language)}{' à ' if language == 'fr' else ', '}{clock(local, language)}"


def near(day: date, year: int, language: Language) -> str:
    """A day with its weekday, and with its year unless it is of `year`."""
    return long(day, language) if day.year != year else f"{DAYS[language][day.weekday()]} {day_month(day, language)}"


def short(day: date, language: Language) -> str:
    """A day as short as a row of a table needs it: Sat 20 or sam. 20."""
    return f"{abbreviated(day.weekday(), language)}{NO_BREAK_SPACE}{day_of_month(day, language)}"


def abbreviated(weekday: int, language: Language) -> str:
    """The first letters of a day of the week, from 0 for Monday."""
    return DAYS[language][weekday][:3] + ("." if language == "fr" else "")


def size(octets: int, language: Language) -> str:
    """The size of a file in its largest whole unit: 12 kB or 12 ko; what is there has at least one."""
    unit, value = 0, float(octets)
    while value >= 1000 and unit < 2:
        unit, value = unit + 1, value / 1000
    text = f"{value:.1f}" if unit == 2 and value < 10 else f"{value:.0f}"
    return f"{text if language == 'en' else text.replace('.', ',')}{NO_BREAK_SPACE}{_SIZES[language][unit]}"
