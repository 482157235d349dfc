"""The events that a release states: what its organisers ask about, by name, zone and time.

They stand in the configuration, and say nothing of any device: the file is written before a figure is looked at.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from anonymization.entries import Json, canonical_json

LONGEST_NAME: Final = 100
"""Characters of the name of an event at most."""

NO_EVENT: Final = "-"
"""In the address of a page, in place of the name of an event: another zone and day."""

_CLOCK = "%Y-%m-%dT%H:%M:%SZ"
_FIELDS = {"name", "zone_id", "start", "end", "previous"}


@dataclass(frozen=True)
class Happening:
    """One event; `start` and `end` in UTC, to the second; `previous`: the name of an earlier one to compare with."""

    name: str
    zone_id: str
    start: datetime
    end: datetime
    previous: str | None = None


def is_name(text: str) -> bool:
    """Whether an event may be called so: one printable line of LONGEST_NAME characters at most, not NO_EVENT."""
    return bool(text.strip()) and text != NO_EVENT and text.isprintable() and len(text) <= LONGEST_NAME


def events_json(events: Iterable[Happening]) -> bytes:
    """The file of a release, in the order of start, then name."""
    ordered = sorted(events, key=lambda event: (event.start, event.name))
    return canonical_json({"events": [_stated(event) for event in ordered]})


def read_events(data: bytes) -> tuple[Happening, ...]:
    """The events of a file; raises ValueError unless it is what `events_json` writes of events that can be."""
    try:
        content = json.loads(data)
    except RecursionError:
        raise ValueError("the events are nested without end") from None
    listed = content.get("events") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise ValueError("the events are no list")
    found = tuple(map(_read, listed))
    if events_json(found) != data:
        raise ValueError("the events are not written as they must be")
    _refuse_impossible(found)
    return found


def _stated(event: Happening) -> dict[str, Json]:
    return {
        "name": event.name,
        "zone_id": event.zone_id,
        "start": event.start.astimezone(UTC).strftime(_CLOCK),
        "end": event.end.astimezone(UTC).strftime(_CLOCK),
        "previous": event.previous,
    }


def _read(value: object) -> Happening:
    if not isinstance(value, dict) or value.keys() != _FIELDS:
        raise ValueError(f"an event has not the fields {', '.join(sorted(_FIELDS))}")
    name, zone_id, previous = value["name"], value["zone_id"], value["previous"]
    if not (isinstance(name, str) and is_name(name) and isinstance(zone_id, str) and isinstance(previous, str | None)):
        raise ValueError("the name, zone or previous edition of an event is no text that it may be")
    return Happening(name, zone_id, _instant(value["start"]), _instant(value["end"]), previous)


def _instant(value: object) -> datetime:
    # Other ways to write the same instant do not survive the comparison of bytes.
    return datetime.strptime(str(value), _CLOCK).replace(tzinfo=UTC)


def _refuse_impossible(events: Sequence[Happening]) -> None:
    starts = {event.name: event.start for event in events}
    if len(starts) < len(events):
        raise ValueError("two events have one name")
    for event in events:
        if event.end <= event.start:
            raise ValueError("an event ends before it starts")
        if event.previous is not None and not (event.previous in starts and starts[event.previous] < event.start):
            raise ValueError("the previous edition of an event is no earlier event")
