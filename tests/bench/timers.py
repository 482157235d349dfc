"""Timers around functions: seconds of the processor of the calling thread, without those of timed functions within."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Timers:
    """Seconds by name; each thread has its own stack."""

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self.seconds: Counter[str] = Counter()
        self._clock, self._lock, self._local = clock, threading.Lock(), threading.local()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        stack: list[float] = self._local.__dict__.setdefault("stack", [])
        began = self._clock()
        stack.append(0.0)
        try:
            yield
        finally:
            took, within = self._clock() - began, stack.pop()
            if stack:
                stack[-1] += took
            with self._lock:
                self.seconds[name] += took - within

    def function(self, name: str, function: F) -> F:
        """A function, timed."""

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.timed(name):
                return function(*arguments, **named)

        return timed

    def generator(self, name: str, function: F) -> F:
        """A function that yields, timed while it is at work, and not what is done with what it yields."""

        @wraps(function)
        def timed(*arguments: Any, **named: Any) -> Generator[Any, None, Any]:
            within = iter(function(*arguments, **named))
            while True:
                try:
                    with self.timed(name):
                        value = next(within)
                except StopIteration as end:
                    return end.value
                yield value

        return timed


TIMERS: Final = Timers()
"""Those of this process."""


def leave_times(folder: Path) -> None:
    """Leave the times of this process in a folder, in place of those that it left before."""
    (folder / f"times-{os.getpid()}.json").write_text(json.dumps(TIMERS.seconds))


def read_times(folder: Path) -> Counter[str]:
    """The seconds by part that all processes left in a folder."""
    found: Counter[str] = Counter()
    for path in sorted(folder.glob("times-*.json")):
        found.update(json.loads(path.read_text()))
    return found
