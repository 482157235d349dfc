"""JSON that other people's programs wrote, read with a limit on all that it can do."""

import json
from datetime import date, datetime
from math import isfinite
from typing import Final, NoReturn

from schemas.errors import InputError
from schemas.feeds import NO_TEXT, Text

LONGEST: Final = 2_000
"""Characters of a text that are shown at most."""
_HINT: Final = "build the feeds again with hexaflux feeds build"

Fields = dict[str, object]


def wrong(where: str, expected: str) -> InputError:
    """That a file of the folder is not what a build writes."""
    return InputError(f"{where}: expected {expected}, found something else", _HINT)


def parsed(data: bytes, where: str) -> object:
    """The document; raises InputError for what is no JSON, or nested beyond all sense."""
    try:
        found: object = json.loads(data.decode("utf-8"), parse_constant=_refused)
    except (ValueError, RecursionError):
        raise wrong(where, "a JSON document in UTF-8") from None
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def fields(value: object, where: str) -> Fields:
    """An object of JSON; raises InputError for anything else."""
    if not isinstance(value, dict):
        raise wrong(where, "an object")
    return value


def listed(found: Fields, key: str, where: str) -> list[object]:
    """A list, empty where there is none; raises InputError for anything else."""
    value = found.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(f"{where} {key}", "a list")
    return value


def text(found: Fields, key: str) -> str:
    """A text of one language, "" where there is none, without halves of characters, which no browser is sent."""
    value = found.get(key)
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"


def named(found: Fields, key: str) -> Text:
    """A text in both languages; where one of them is missing, the other stands for it."""
    value = found.get(key)
    if not isinstance(value, dict):
        return NO_TEXT
    english, french = text(value, "en"), text(value, "fr")
    return Text(english or french, french or english)


def count(found: Fields, key: str, where: str) -> int:
    """A whole number from 0 on; raises InputError for anything else."""
    value = found.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise wrong(f"{where} {key}", "a whole number")
    return value


def degrees(found: Fields, key: str, most: float) -> float | None:
    """A coordinate; None where there is none on Earth."""
    value = found.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= most and isfinite(value) else None


def instant(value: object, where: str) -> datetime | None:
    """An instant with its offset, None where there is none; raises InputError for any other text."""
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(str(value))
        # The first and last days of the calendar cannot be told in every zone.
        if found.tzinfo is None or not 1900 < found.year < 9000:
            raise ValueError
    except ValueError:
        raise wrong(where, "an instant with its offset from UTC") from None
    return found


def day(value: object, where: str) -> date | None:
    """A date, None where there is none; raises InputError for any other text."""
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise wrong(where, "a date") from None
