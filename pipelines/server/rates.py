"""How often somebody may ask: a bucket of tokens for each, which fills again evenly."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST: Final = 10_000
"""Buckets that are kept; the one that was asked longest ago goes first."""


class Rates:
    """Token buckets by a key: each holds the requests of `seconds`, and fills evenly over them."""

    def __init__(self, per_minute: int, clock: Callable[[], float], seconds: float = 10.0) -> None:
        self._second = per_minute / 60
        self._size = max(1.0, self._second * seconds)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()

    def wait(self, key: str | bytes) -> float:
        """Take one request from the bucket of a key: 0, or the seconds until there is one, and then none is taken."""
        with self._lock:
            now = self._clock()
            held, at = self._buckets.pop(key, (self._size, now))
            held = min(self._size, held + (now - at) * self._second)
            granted = held >= 1
            self._buckets[key] = (held - granted, now)
            if len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
            return 0.0 if granted else (1 - held) / self._second
