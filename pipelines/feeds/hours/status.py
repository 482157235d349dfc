"""What may be told of a place at an instant, given until when its hours hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipelines.feeds.hours.hours import Hours


@dataclass(frozen=True)
class Status:
    """Whether a place is open, and until when it stays so; `until` is None where that is not known."""

    state: Literal["open", "closed", "unknown"]
    until: datetime | None = None


def status(hours: Hours | None, at: datetime, valid_until: datetime | None) -> Status:
    """The status of a place at an instant.

    Without hours, and from `valid_until` on, it is unknown, whatever the hours say; a change after `valid_until` is not
    promised. None for `valid_until` means that no end is stated.
    """
    if hours is None or (valid_until is not None and at >= valid_until):
        return Status("unknown")
    change = hours.next_change(at)
    if change is not None and valid_until is not None and change > valid_until:
        change = None
    return Status(hours.state(at), change)
