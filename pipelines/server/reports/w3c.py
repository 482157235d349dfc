"""Instants as Open311 writes them: the W3C's note on ISO 8601, always with an offset. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FORM: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
_YEARS: Final = range(1971, 2999)


def instant(text: str) -> datetime | None:
    """An instant with its offset, in UTC; None for any other text.

    A space for the `+` is forgiven: so an address reads that was not encoded.
    """
    text = text.replace(" ", "+")
    return _read(text) if _FORM.fullmatch(text) else None


def local(text: str, zone: ZoneInfo) -> datetime | None:
    """An instant with its offset or, without one, by the town's clock (the first of two in autumn), in UTC."""
    if not _LOCAL.fullmatch(text):
        return instant(text)
    found = _read(f"{text}Z")
    return None if found is None else found.replace(tzinfo=zone).astimezone(UTC)


def written(when: datetime, zone: ZoneInfo) -> str:
    """An instant by the town's clock, to the second."""
    return when.astimezone(zone).isoformat(timespec="seconds")


def later(when: datetime, hours: int) -> datetime:
    """So many hours after: hours that pass, whatever clocks do in between."""
    return when.astimezone(UTC) + timedelta(hours=hours)


def _read(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.year in _YEARS else None
    except (ValueError, OverflowError):
        return None
