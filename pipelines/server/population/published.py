"""The release that is answered from: verified when it is opened, and again when it has grown."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from anonymization.manifest import HEAD
from anonymization.own_folder import usual_folder
from anonymization.passed import verified_head
from anonymization.released import open_release
from pipelines.server.population.snapshot import Snapshot
from schemas.errors import HexafluxError

LOOK_SECONDS: Final = 30.0
"""So often it is looked whether the release has grown."""


class Published:
    """A release of which one verified state is answered from, until a later one is verified too."""

    def __init__(self, root: Path, tell: Callable[[Mapping[str, str]], None]) -> None:
        """Verify the release in `root`; raises CheckFailed where it does not pass.

        `tell` gets why a later state is not answered from.
        """
        self._root, self._tell = root, tell
        self._renewing = threading.Lock()
        self._looked = time.monotonic()
        self._head = self._read_head()
        self._snapshot = self._opened()

    def now(self) -> Snapshot:
        """The state to answer from; a release that has grown is verified meanwhile, in a thread of its own."""
        if time.monotonic() - self._looked > LOOK_SECONDS and self._renewing.acquire(blocking=False):
            self._looked = time.monotonic()
            self._renewing.release()
            threading.Thread(target=self.renew, daemon=True).start()
        return self._snapshot

    def renew(self) -> None:
        """Verify the release and answer from it, if its head is another; where it does not pass, nothing changes."""
        with self._renewing:
            if (head := self._read_head()) == self._head:
                return
            try:
                self._snapshot, self._head = self._opened(), head
            except HexafluxError as error:
                self._tell({"event": "release not taken", "why": error.message})

    def _opened(self) -> Snapshot:
        return Snapshot(open_release(self._root, verified_head(self._root, usual_folder())))

    def _read_head(self) -> bytes:
        try:
            return (self._root / HEAD).read_bytes()
        except OSError:
            return b""
