"""What a follower tells of itself: how much came, how far it is. Nothing by cell, device or part."""

import resource
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pipelines.publish import DayGrid
from pipelines.state import Accounting, State
from pipelines.stays import HOLD

_KIBIBYTE: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Told:
    """A follower between two rounds.

    `accounting`: rows since the release was begun; `watermark`: before which time all events were seen, microseconds or
    None; `slots`: published slots of the days that are open, by day; `next_due`: the watermark at which the next window
    is published, microseconds; `days`: how many days are closed; `refused`: files that could not be read; `seconds`:
    how long the last round took, and `rows`, how many rows came with it; `at`: when it ended, seconds since the epoch.
    """

    accounting: Accounting = field(default_factory=Accounting)
    watermark: int | None = None
    slots: Mapping[str, int] = field(default_factory=dict)
    next_due: int | None = None
    days: int = 0
    partitions: int = 0
    refused: int = 0
    seconds: float = 0.0
    rows: int = 0
    at: float = 0.0

    def lag(self, now: float) -> float | None:
        """How many seconds the watermark is behind a time, in seconds since the epoch."""
        return None if self.watermark is None else now - self.watermark / 1e6


def next_due(state: State, grids: Mapping[str, DayGrid]) -> int | None:
    """The watermark at which the next window of an open day is published, in microseconds; None without such a day."""
    due = [
        int(grid.slots[min(state.days[day].published + 1, grid.slots.size - 1)]) + HOLD
        for day, grid in grids.items()
        if state.days[day].status == "open"
    ]
    return min(due, default=None)


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
