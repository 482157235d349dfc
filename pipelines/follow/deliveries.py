"""When partitions last delivered something, and which of them are idle: they hold the others up no more."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

IDLE_SECONDS: Final = 60.0
"""A partition without a delivery for so long holds the others up no more."""

AFTER_OUTAGE_SECONDS: Final = 30.0
"""So long partitions are waited for where one delivers after nothing came from any."""


class Deliveries:
    """When each partition last delivered, by a clock that never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}

    def expect(self, names: Collection[str]) -> None:
        """Give partitions that turn up the time that each has to deliver."""
        for name in names:
            self._last.setdefault(name, self._clock())

    def arrived(self, name: str) -> None:
        """Note that a partition has delivered.

        Where nothing came from anywhere before, the others get some time: what ends then may have been an outage of all
        of them. Less than the one that delivered has itself, or deliveries that are rare would never get on.
        """
        now = self._clock()
        if len(self.idle()) == len(self._last):
            self._last = dict.fromkeys(self._last, now - IDLE_SECONDS + AFTER_OUTAGE_SECONDS)
        self._last[name] = now

    def keep(self, names: Collection[str]) -> None:
        """Forget all other partitions."""
        self._last = {name: then for name, then in self._last.items() if name in names}

    def idle(self, behind: Mapping[str, int] | None = None) -> list[str]:
        """The partitions that have delivered nothing for a minute, and of which nothing is still to be read.

        `behind`: how much is, by their names.
        """
        now, waiting = self._clock(), behind or {}
        return [name for name, then in self._last.items() if now - then >= IDLE_SECONDS and not waiting.get(name)]
