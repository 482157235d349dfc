"""Rules of recurrence: the part of RRULE of RFC 5545 that feeds accept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from schemas.dates import EARLIEST, LATEST
from schemas.feeds import Text

Frequency = Literal["DAILY", "WEEKLY", "MONTHLY"]
FREQUENCIES: Final[Mapping[str, Frequency]] = {"DAILY": "DAILY", "WEEKLY": "WEEKLY", "MONTHLY": "MONTHLY"}
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST: Final = 1000
"""The largest INTERVAL and COUNT."""
_PARTS: Final = ("FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT")
_DAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"\d{8}(T\d{6}Z)?")


class RuleError(ValueError):
    """A text that is no accepted rule, with what is expected of it."""

    def __init__(self, expected: Text) -> None:
        super().__init__(expected.en)
        self.expected = expected


@dataclass(frozen=True)
class Rule:
    """When something comes again: every `interval` days, weeks or months, on `days`.

    A day is its number in the month, from the end where it is negative, 0 for all of them, and its weekday from Monday,
    0. `until` is the last local day, or an instant in UTC; `count` is how often it happens. With neither it has no end.
    """

    frequency: Frequency
    interval: int = 1
    days: tuple[tuple[int, int], ...] = ()
    until: date | None = None
    count: int | None = None

    def last(self, zone: ZoneInfo) -> datetime | None:
        """The last moment on the wall's clock at which it can begin."""
        if isinstance(self.until, datetime):
            return self.until.astimezone(zone).replace(tzinfo=None)
        return None if self.until is None else datetime.combine(self.until, time.max).replace(microsecond=0)

    def byday(self) -> tuple[str, ...]:
        """The days as RRULE writes them."""
        return tuple(f"{number or ''}{WEEKDAYS[weekday]}" for number, weekday in self.days)


def parse(text: str) -> Rule:
    """The rule that a text states; raises RuleError with the part that is not accepted."""
    pieces = [piece.partition("=") for piece in text.removeprefix("RRULE:").strip().upper().split(";")]
    parts = {name: value for name, _, value in pieces}
    unknown = [name for name in parts if name not in _PARTS]
    if unknown or len(parts) < len(pieces):
        listed = ", ".join(_PARTS)
        raise RuleError(Text(f"parts of {listed}, each once", f"des éléments parmi {listed}, chacun une fois"))
    frequency = FREQUENCIES.get(parts.get("FREQ", ""))
    if frequency is None:
        raise RuleError(Text("FREQ=DAILY, WEEKLY or MONTHLY", "FREQ=DAILY, WEEKLY ou MONTHLY"))
    if "UNTIL" in parts and "COUNT" in parts:
        raise RuleError(Text("UNTIL or COUNT, not both", "UNTIL ou COUNT, pas les deux"))
    return Rule(
        frequency,
        _number(parts, "INTERVAL") or 1,
        _days(parts["BYDAY"], frequency) if "BYDAY" in parts else (),
        _until(parts["UNTIL"]) if "UNTIL" in parts else None,
        _number(parts, "COUNT"),
    )


def _number(parts: Mapping[str, str], name: str) -> int | None:
    if name not in parts:
        return None
    text = parts[name]
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST:
        raise RuleError(Text(f"{name} from 1 to {MOST}", f"{name} entre 1 et {MOST}"))
    return int(text)


def _days(text: str, frequency: Frequency) -> tuple[tuple[int, int], ...]:
    found = [_DAY.fullmatch(day) for day in text.split(",")]
    if not all(found) or len({day[0].removeprefix("+") for day in found if day}) < len(found):
        raise RuleError(Text("BYDAY such as MO,TH or 1SA", "BYDAY, par exemple MO,TH ou 1SA"))
    days = [(int(day[1] or 0), WEEKDAYS.index(day[2])) for day in found if day]
    if frequency != "MONTHLY" and any(number for number, _ in days):
        raise RuleError(
            Text("numbers in BYDAY with FREQ=MONTHLY only", "un rang dans BYDAY avec FREQ=MONTHLY seulement")
        )
    if len({number == 0 for number, _ in days}) > 1:
        # dateutil takes days with and without a number for a day that is both.
        raise RuleError(
            Text("numbers with all days of BYDAY or with none", "un rang pour chaque jour de BYDAY ou aucun")
        )
    return tuple(sorted(days, key=lambda day: (day[1], day[0])))


def _until(text: str) -> date:
    expected = Text("UNTIL such as 20271231 or 20271231T180000Z", "UNTIL, par exemple 20271231 ou 20271231T180000Z")
    if not _UNTIL.fullmatch(text):
        raise RuleError(expected)
    try:
        found = date.fromisoformat(text[:8])
        if len(text) > len("20271231"):
            found = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        raise RuleError(expected) from None
    if not EARLIEST <= found.year <= LATEST:
        raise RuleError(expected)
    return found
