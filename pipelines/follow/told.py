"""What a follower tells of itself: how much came, how far it is. Nothing by cell, device or part, none below k."""

import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipelines.publish import DayGrid
from pipelines.state import Accounting, State
from pipelines.stays import HOLD

_KIBIBYTE: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Told:
    """A follower between two rounds.

    `outcomes`: rows since the release was begun, by what became of them; `watermark`: before which time all events were
    seen, microseconds or None; `slots`: published slots of the days that are open, by day; `next_due`: the watermark at
    which the next window is published, microseconds; `days`: how many are closed; `refused`: files that are not read;
    `inputs_refused`: whether a changed small input cannot be read; `behind`: messages of a topic that are still to be
    read, None of an inbox; `seconds`: how long the last round took, and `rows`, how many rows came with it; `at`: when
    it ended, seconds since the epoch. All rows and messages are `coarse`.
    """

    outcomes: Mapping[str, int] = field(default_factory=dict)
    watermark: int | None = None
    slots: Mapping[str, int] = field(default_factory=dict)
    next_due: int | None = None
    days: int = 0
    partitions: int = 0
    refused: int = 0
    inputs_refused: bool = False
    behind: int | None = None
    seconds: float = 0.0
    rows: int = 0
    at: float = 0.0

    def lag(self, now: float) -> float | None:
        """How many seconds the watermark is behind a time, in seconds since the epoch."""
        return None if self.watermark is None else now - self.watermark / 1e6


def coarse(rows: int, k: int) -> int:
    """Rows as monitoring may know them: down to a multiple of k, so that fewer than k are as good as none."""
    return rows - rows % k


def outcomes(accounting: Accounting, k: int) -> dict[str, int]:
    """Rows by what became of them, each `coarse`."""
    counted = {
        "accepted": accounting.accepted,
        "duplicate": accounting.duplicates,
        "late": accounting.late,
        "rejected": accounting.all_rejected,
    }
    return {outcome: coarse(rows, k) for outcome, rows in counted.items()}


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


def resident_memory() -> int | None:
    """The memory that this process holds now, in bytes; None where the system does not tell."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return None
