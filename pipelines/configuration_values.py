"""TOML values as JSON, which has no durations, times of day or instants."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from types import MappingProxyType

from pipelines.configuration_errors import Location, refusal, shown, write
from schemas.configuration import DECLARED_ELSEWHERE

Document = dict[str, object]

_DURATION = re.compile(r"\s*(\d{1,6})\s*(s|min|h)\s*")
_UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")


def as_json(document: Document) -> Document:
    """The document with every duration, time of day and instant in ISO 8601, and without tables declared elsewhere.

    Raises UsageError for one that cannot be understood and for a text that is blank.
    """
    converted = (section for section in document if section not in DECLARED_ELSEWHERE)
    return {section: _convert(document[section], (section,), section) for section in converted}


def _convert(value: object, location: Location, keys: str) -> object:
    """`keys` is the location without positions, joined by dots."""
    if isinstance(value, dict):
        return {key: _convert(item, (*location, key), f"{keys}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_convert(item, (*location, place), keys) for place, item in enumerate(value)]
    if isinstance(value, str) and (not value.strip() or "\0" in value):
        raise refusal(location, "a text that is not blank", shown(value), write(location))
    if keys not in _READERS:
        return value
    read, expected = _READERS[keys]
    converted = read(value)
    if converted is None:
        raise refusal(location, expected, shown(value), write(location))
    return converted


def _duration(value: object) -> str | None:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return f"PT{int(match[1]) * _UNITS[match[2]] // timedelta(seconds=1)}S"


def _clock(value: object) -> str | None:
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        value = _or_none(time.fromisoformat, value)
    return value.isoformat() if isinstance(value, time) else None


def _instant(value: object) -> str | None:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        value = _or_none(datetime.fromisoformat, value)
    return value.isoformat() if isinstance(value, datetime) else None


def _or_none(read: Callable[[str], object], text: str) -> object:
    try:
        return read(text)
    except ValueError:
        return None


_LENGTH = 'a duration such as "90s", "15min" or "1h"'
_DATE = "a date and time such as 2026-06-20T18:00:00"
_READERS: Mapping[str, tuple[Callable[[object], str | None], str]] = MappingProxyType(
    {
        "time.slot": (_duration, _LENGTH),
        "time.lateness": (_duration, _LENGTH),
        "engine.flink.checkpoint_every": (_duration, _LENGTH),
        "time.privacy_day_starts": (_clock, 'a local time of day such as "05:00"'),
        "event.start": (_instant, _DATE),
        "event.end": (_instant, _DATE),
    }
)
