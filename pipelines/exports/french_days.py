"""The days of a French calendar: their names and the public holidays."""

from datetime import date, timedelta
from typing import Final

from dateutil.easter import easter

WEEKDAYS: Final = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")

_FIXED: Final = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
_AFTER_EASTER: Final = (1, 39, 50)
"""Days from Easter Sunday to Easter Monday, Ascension and Whit Monday."""


def is_public_holiday(day: date) -> bool:
    """Whether it is one everywhere in France (source: Code du travail, L3133-1)."""
    movable = {easter(day.year) + timedelta(days) for days in _AFTER_EASTER}
    return (day.month, day.day) in _FIXED or day in movable


def two_months(day: date) -> str:
    """The two-month period of a day, 2026B1 to 2026B6."""
    return f"{day.year}B{(day.month + 1) // 2}"
