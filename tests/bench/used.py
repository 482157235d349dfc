"""What groups of processes use while something runs: seconds of processors, and memory; of threads by their names."""

import contextlib
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, TypeAlias

from tests.bench.watched import TICKS, resident

EVERY_SECONDS: Final = 0.2
"""How often it is looked: of a process that ends, so much is missed at most."""

Process: TypeAlias = tuple[int, int]
"""A process, or a thread: its number, and when it began, since numbers come again."""


@dataclass(frozen=True)
class Stat:
    """A line of /proc: the name of a process or a thread, its parent, when it began, its seconds of processors."""

    name: str
    parent: int
    began: int
    processor: float


@dataclass
class Used:
    """Seconds of processors by group, and by group and name of a thread; peak bytes of each group, and of all."""

    processor: Counter[str] = field(default_factory=Counter)
    threads: Counter[tuple[str, str]] = field(default_factory=Counter)
    peaks: dict[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Seconds of processors of all groups."""
        return sum(self.processor.values())


class Watch:
    """Looks at groups of processes, and of their descendants, while it is a context; `used` is what was used since.

    `groups` name the roots of each group, and the group of what these have started.
    """

    def __init__(self, groups: Mapping[str, tuple[Sequence[int], str]]) -> None:
        self.groups = dict(groups)
        self._last: dict[tuple[str, str, Process], float] = {}
        self._peaks: Counter[str] = Counter()
        self._over = threading.Event()
        self._look()
        self._before = dict(self._last)
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def add(self, group: str, root: int, started: str) -> None:
        """Look at one more."""
        self.groups[group] = ([root], started)

    @property
    def used(self) -> Used:
        """What was used from the first look to the last."""
        found = Used(peaks=dict(self._peaks))
        for (group, thread, process), seconds in self._last.items():
            since = seconds - self._before.get((group, thread, process), 0.0)
            if thread:
                found.threads[group, thread] += since
            else:
                found.processor[group] += since
        return found

    def _go_on(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        stats = dict(_stats(Path("/proc")))
        parents = {pid: stat.parent for pid, stat in stats.items()}
        memory: Counter[str] = Counter()
        for group, (roots, started) in list(self.groups.items()):
            members = [(group, pid) for pid in roots if pid in stats]
            members += [(started, pid) for pid in descendants(parents, roots)]
            for name, pid in members:
                self._last[name, "", (pid, stats[pid].began)] = stats[pid].processor
                for thread, stat in _stats(Path(f"/proc/{pid}/task")):
                    self._last[name, plain(stat.name), (thread, stat.began)] = stat.processor
                with contextlib.suppress(OSError, IndexError):
                    memory[name] += resident(pid)
        memory["all"] = sum(memory.values())
        for name, size in memory.items():
            self._peaks[name] = max(self._peaks[name], size)


def descendants(parents: Mapping[int, int], roots: Sequence[int]) -> set[int]:
    """Processes that come from some, by the parent of each."""
    found, before = set[int](), set(roots)
    while before:
        before = {pid for pid, parent in parents.items() if parent in before} - found
        found |= before
    return found


def plain(name: str) -> str:
    """The name of a thread without its number."""
    return re.sub(r"[\s#:_-]+\(?\d.*$", "", name) or name


def parsed(line: str) -> Stat:
    """A line of /proc/PID/stat."""
    before, _, after = line.rpartition(")")
    fields = after.split()
    return Stat(before.partition("(")[2], int(fields[1]), int(fields[19]), (int(fields[11]) + int(fields[12])) / TICKS)


def _stats(folder: Path) -> Iterator[tuple[int, Stat]]:
    """The processes, or the threads, of a folder; those that end meanwhile are left out."""
    try:
        numbers = [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
    except OSError:
        return
    for number in numbers:
        with contextlib.suppress(OSError):
            yield number, parsed((folder / str(number) / "stat").read_text())
