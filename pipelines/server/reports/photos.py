"""The folder of photos: each under a name that nobody can guess, and none that no report names."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anonymization.atomic import fsync_directory, make_directory, write_bytes
from schemas.errors import SystemFailure

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{32}\.jpg")
_OURS: Final = re.compile(r"[A-Za-z0-9_-]{32}\.jpg|\.[A-Za-z0-9_-]{32}\.jpg\..*\.tmp")
"""A photo, or what a killed writer left of one."""


@dataclass(frozen=True)
class Photos:
    """A folder that only photos are written to."""

    folder: Path

    def open(self, named: Collection[str]) -> None:
        """Make the folder, and remove the photos that no report names: a server was killed before the report stood.

        Files that are no photos of ours are left alone. Raises SystemFailure where the folder cannot be written to.
        """
        try:
            make_directory(self.folder, 0o700)
            for path in sorted(self.folder.iterdir()):
                if _OURS.fullmatch(path.name) and path.name not in named:
                    path.unlink()
            fsync_directory(self.folder)
        except OSError as error:
            raise SystemFailure(
                f"[server.reports] photos {self.folder}: expected a folder to write to, found {type(error).__name__}",
                "see that the folder can be written to, or change photos",
            ) from None

    def add(self, data: bytes) -> str:
        """Write a photo, and say its name; it is on the disk then."""
        name = f"{secrets.token_urlsafe(24)}.jpg"
        write_bytes(self.folder / name, data, 0o600)
        return name

    def read(self, name: str) -> bytes | None:
        """A photo, or None where there is none of the name."""
        path = self.folder / name
        return path.read_bytes() if _NAME.fullmatch(name) and path.is_file() else None

    def remove(self, name: str) -> None:
        """Remove a photo, if it is there."""
        if _NAME.fullmatch(name):
            (self.folder / name).unlink(missing_ok=True)
