"""RELEASE.faults/outages.jsonl: the outages that a technical service has confirmed, for the pipeline to read.

One JSON object on each line, all of them required: `id` (text: what confirmed it, such as a report), `latitude` and
`longitude` (degrees, WGS 84), `from` and `to` (ISO 8601 in UTC with `Z`, to the second; `to` is null while it lasts).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from anonymization.atomic import write_bytes
from anonymization.entries import Json
from pipelines.instants import iso_utc
from schemas.errors import InputError

NAME: Final = "outages.jsonl"
LONGEST_ID: Final = 200
MOST_BYTES: Final = 16 * 1024 * 1024
"""A file of more is refused: some hundred thousand outages."""

LASTS: Final = 1 << 62
"""The end, in microseconds, of an outage that lasts."""

_KEYS = {"id", "latitude", "longitude", "from", "to"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, order=True)
class Outage:
    """A confirmed outage at a place in degrees, WGS 84; from `start` to `end` in microseconds, of whole seconds."""

    start: int
    end: int
    id: str
    latitude: float
    longitude: float


def read_outages(folder: Path) -> tuple[Outage, ...]:
    """The outages in a folder of facts, in the order of time; none where there is no such file.

    Raises InputError, with the number of the line, for anything but such outages.
    """
    path = folder / NAME
    if not path.exists():
        return ()
    if path.stat().st_size > MOST_BYTES:
        raise _error(str(path), f"at most {MOST_BYTES} bytes", f"{path.stat().st_size}")
    lines = path.read_bytes().splitlines()
    return tuple(sorted(_outage(line, f"{path}, line {at}") for at, line in enumerate(lines, 1) if line.strip()))


def write_outages(folder: Path, outages: Iterable[Outage]) -> None:
    """Replace the outages of a folder in one step; nothing is written where it holds them, and no file for none.

    Raises InputError, and changes nothing, for an outage that `read_outages` would refuse; OSError for a folder that is
    not there, or that cannot be written to.
    """
    lines = [_line(outage) for outage in sorted(outages)]
    for line in lines:
        _outage(line, NAME)
    path, data = folder / NAME, b"".join(line + b"\n" for line in lines)
    if data != (path.read_bytes() if path.exists() else b""):
        write_bytes(path, data, 0o640)


def _line(outage: Outage) -> bytes:
    record: dict[str, Json] = {
        "id": outage.id,
        "latitude": outage.latitude,
        "longitude": outage.longitude,
        "from": iso_utc(outage.start),
        "to": None if outage.end == LASTS else iso_utc(outage.end),
    }
    return json.dumps(record, ensure_ascii=False).encode()


def _outage(line: bytes, where: str) -> Outage:
    try:
        found: object = json.loads(line)
    except ValueError:
        raise _error(where, "a JSON object in UTF-8", "something else") from None
    if not isinstance(found, dict) or found.keys() != _KEYS:
        raise _error(where, f"an object with {', '.join(sorted(_KEYS))}", "another")
    start = _instant(found["from"], f"{where}, from")
    end = LASTS if found["to"] is None else _instant(found["to"], f"{where}, to")
    if end <= start:
        raise _error(where, "an outage that ends after it begins", f"{found['from']} to {found['to']}")
    name = found["id"]
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
        raise _error(f"{where}, id", f"a text of 1 to {LONGEST_ID} characters", "another value")
    latitude = _degrees(found["latitude"], 90, f"{where}, latitude")
    return Outage(start, end, name, latitude, _degrees(found["longitude"], 180, f"{where}, longitude"))


def _instant(value: object, where: str) -> int:
    try:
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            return int(datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:
        pass
    raise _error(where, "a time such as 2026-06-12T10:00:00Z", "another value")


def _degrees(value: object, most: int, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise _error(where, f"degrees from -{most} to {most}", "another value")
    return float(value)


def _error(where: str, expected: str, got: str) -> InputError:
    hint = "correct the line, or remove it: the report of the fault stays, and no figure is flagged for it"
    return InputError(f"{where}: expected {expected}, got {got}", hint)
