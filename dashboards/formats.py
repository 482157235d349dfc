"""Numbers, shares, dates and times as people of each language write them."""

from datetime import date, datetime
from typing import Final

from dashboards.texts import Language
from schemas.dates import DAYS, MONTHS, day_of_month, french_clock
from schemas.typography import NARROW_SPACE, NO_BREAK_SPACE

MARKS: Final = frozenset(r"\`*_{}[]()<>#+-.!|$:~&")
"""What Markdown may read as more than itself."""

_PER_CENT: Final = {"en": "%", "fr": f"{NO_BREAK_SPACE}%"}


def number(value: float, language: Language, decimals: int = 0) -> str:
    """A number with its thousands apart: 12,340.5 or 12 340,5 (narrow no-break space)."""
    text = f"{value:,.{decimals}f}"
    return text if language == "en" else text.replace(",", NARROW_SPACE).replace(".", ",")


def tens(people: float) -> float:
    """A number of people in whole tens, as they are published."""
    return float(round(people / 10)) * 10


def signed(value: float, language: Language) -> str:
    """A whole number with its sign: +120 or −120; nothing has none."""
    sign = "+" if value > 0 else "\u2212" if value < 0 else ""
    return f"{sign}{number(abs(value), language)}"


def change(share: float, language: Language) -> str:
    """A difference in whole per cent, with its sign: +8 % or −8 %."""
    rounded = round(share * 100)
    sign = "+" if rounded > 0 else "\u2212" if rounded < 0 else "±"
    return f"{sign}{percent(abs(rounded) / 100, language)}"


def weekday(number: int, language: Language) -> str:
    """The name of a day of the week, from 0 for Monday."""
    return DAYS[language][number]


def percent(share: float, language: Language) -> str:
    """A share in whole per cent; one that is neither nothing nor all is never written as if it were."""
    whole = f"{share * 100:.0f}"
    if share > 0 and whole == "0":
        whole = f"<{NO_BREAK_SPACE}1"
    elif share < 1 and whole == "100":
        whole = f">{NO_BREAK_SPACE}99"
    return f"{whole}{_PER_CENT[language]}"


def stated_percent(share: float, language: Language) -> str:
    """A share that was chosen, not measured, with all of its digits: 95 % or 99,9 %."""
    digits = f"{share * 100:.6g}"
    return f"{digits if language == 'en' else digits.replace('.', ',')}{_PER_CENT[language]}"


def long_date(day: date, language: Language) -> str:
    """A date in words, with its weekday."""
    return f"{DAYS[language][day.weekday()]} {_dated(day, language)}"


def short_date(day: date, language: Language) -> str:
    """A date in words."""
    return _dated(day, language)


def column_date(day: date, language: Language) -> str:
    """A date as short as a column of them needs it: Sat 20 Jun or sam. 20/06."""
    name = DAYS[language][day.weekday()][:3]
    return f"{name}. {day:%d/%m}" if language == "fr" else f"{name} {day.day} {MONTHS[language][day.month - 1][:3]}"


def clock(moment: datetime, language: Language) -> str:
    """The time of day of a local instant: 21:15 or 21 h 15."""
    return french_clock(moment) if language == "fr" else f"{moment:%H:%M}"


def unmarked(text: str) -> str:
    """Text of a release as it is, where Streamlit would take marks in it for Markdown."""
    return "".join(f"\\{character}" if character in MARKS else character for character in text)


def _dated(day: date, language: Language) -> str:
    return f"{day_of_month(day, language)} {MONTHS[language][day.month - 1]} {day.year}"
