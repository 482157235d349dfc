"""Degraded parts: figures during which the network was silent or out, so that people may be missing.

A flag says nothing else: no cell, no count, nothing of what was expected. Why a flag stands is in the operator's
working directory alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from anonymization.entries import Json

DEGRADED: Final = "degraded"
"""The field of an entry; an entry without a degraded part does not have it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = "%Y-%m-%dT%H:%M:%SZ"
_FIELDS = {"indicator", "window_start", "parts"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_CELL = re.compile(r"[0-9a-f]{15}", re.ASCII)


@dataclass(frozen=True)
class Degraded:
    """The degraded parts of a window: `start` in microseconds since the epoch, UTC.

    `parts`: the `zone_id` and the first of the `cells`, in hexadecimal, of each row; at least one, in the order of the
    rows. A window has no two rows with the same.
    """

    indicator: str
    start: int
    parts: tuple[tuple[str, str], ...]


def stated(flags: Sequence[Degraded]) -> list[Json]:
    """What an entry states, in the order of indicators and windows."""
    ordered = sorted(flags, key=lambda flag: (flag.indicator, flag.start))
    return [
        {
            "indicator": flag.indicator,
            "window_start": (_EPOCH + timedelta(microseconds=flag.start)).strftime(_CLOCK),
            "parts": [[zone_id, cell] for zone_id, cell in flag.parts],
        }
        for flag in ordered
    ]


def read_degraded(value: Json) -> tuple[Degraded, ...]:
    """The degraded parts that an entry states; raises ValueError unless they are as `stated` writes them."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"{DEGRADED} is no list, or an empty one")
    found = tuple(map(_one, value))
    if stated(found) != value or len({(flag.indicator, flag.start) for flag in found}) < len(found):
        raise ValueError(f"{DEGRADED} is not written as it must be")
    return found


def _one(value: Json) -> Degraded:
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        raise ValueError(f"a window in {DEGRADED} has not the fields {', '.join(sorted(_FIELDS))}")
    indicator, start, parts = value["indicator"], value["window_start"], value["parts"]
    if not (isinstance(indicator, str) and isinstance(start, str) and isinstance(parts, list) and parts):
        raise ValueError(f"a window in {DEGRADED} names no indicator, no time or no part")
    if not _INSTANT.fullmatch(start):
        raise ValueError(f"a window in {DEGRADED} does not begin at a time in UTC")
    moment = datetime.strptime(start, _CLOCK).replace(tzinfo=UTC)
    return Degraded(indicator, (moment - _EPOCH) // timedelta(microseconds=1), tuple(map(_part, parts)))


def _part(value: Json) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"a part in {DEGRADED} is no pair of a zone and a cell")
    zone_id, cell = value
    if not (isinstance(zone_id, str) and isinstance(cell, str) and _CELL.fullmatch(cell)):
        raise ValueError(f"a part in {DEGRADED} is no pair of a zone and a cell")
    return zone_id, cell
