"""The build that stands in the folder now: looked for once a second, and taken as a whole."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from anyio import to_thread

from pipelines.feeds.folder import MANIFEST
from pipelines.server.published.edition import Edition, Torn, read

SECONDS: Final = 1.0
"""Between two looks at the folder."""


class Current:
    """The edition that is answered: a folder that cannot be read leaves the one before, and none leaves none."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._reading = asyncio.Lock()
        self._seen: tuple[int, ...] | None = None
        self._edition: Edition | None = None
        self._looked = clock()
        self._renew(self._signature())

    async def edition(self) -> Edition | None:
        """The edition of now. Whoever finds a new one reads it, and the others are answered from the one before."""
        if self._clock() - self._looked >= SECONDS and not self._reading.locked():
            async with self._reading:
                self._looked = self._clock()
                if (found := self._signature()) != self._seen:
                    await to_thread.run_sync(self._renew, found)
        return self._edition

    def _renew(self, found: tuple[int, ...]) -> None:
        """Read what stands there; what cannot be read is not taken for seen, so that the next look tries again."""
        try:
            self._edition = read(self._folder)
        except (Torn, OSError):
            return
        self._seen = found

    def _signature(self) -> tuple[int, ...]:
        try:
            found = (self._folder / MANIFEST).stat()
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
