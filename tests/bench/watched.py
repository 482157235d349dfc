"""A process that is watched second by second: its memory, its time of processors, and what it counts."""

import re
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

BARS: Final = "▁▂▃▄▅▆▇█"
WIDTH: Final = 60
TICKS: Final = 100
"""In which parts of a second Linux tells the time of processors."""


@dataclass
class Watched:
    """What was seen of a process: seconds since the epoch, its count, resident bytes, seconds of processors."""

    at: list[float] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def look(self, pid: int, count: Callable[[], float]) -> None:
        """Look at it once; raises OSError where it is gone, or does not answer."""
        found = count(), resident(pid), processor(pid)
        self.at.append(time.time())
        for seen, value in zip((self.counts, self.resident, self.processor), found, strict=True):
            seen.append(value)

    def between(self, begin: float, end: float) -> "Watched":
        """What was seen from one time to another."""
        some = [number for number, at in enumerate(self.at) if begin <= at <= end]
        picked = ([seen[number] for number in some] for seen in (self.at, self.counts, self.resident, self.processor))
        return Watched(*picked)

    @property
    def rate(self) -> float:
        """How much was counted per second: the slope of the line along the counts, which rise in steps."""
        at = np.array(self.at) - self.at[0]
        return float(np.polyfit(at, np.array(self.counts), 1)[0])

    @property
    def cores(self) -> float:
        """How many processors it had at work, on average."""
        return (self.processor[-1] - self.processor[0]) / (self.at[-1] - self.at[0])


def counted(port: int, name: str) -> float:
    """The sum of a metric that a process serves on loopback."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return sum(float(found) for found in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)", text, re.MULTILINE))


def resident(pid: int) -> int:
    """Resident bytes of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)[0]) * 1024


def processor(pid: int) -> float:
    """Seconds of processors that a process has had, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """Values along a line, from zero to the greatest: the greatest of each piece, since peaks are what matters."""
    if not len(values):
        return ""
    pieces = np.array_split(np.array(values, np.float64), min(width, len(values)))
    peaks = np.array([piece.max() for piece in pieces])
    heights = peaks / (peaks.max() or 1.0) * (len(BARS) - 1)
    return "".join(BARS[round(height)] for height in heights)
