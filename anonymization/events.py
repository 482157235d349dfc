"""The events that an organiser asks about, as a release states them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Event:
    """An event in a zone; `start` and `end` are UTC, `previous` names an earlier event to compare it with."""

    name: str
    zone_id: str
    start: datetime
    end: datetime
    previous: str | None
