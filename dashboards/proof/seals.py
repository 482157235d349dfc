"""The files that a release was verified with, and whether they are still those."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from anonymization.manifest import CHAIN
from anonymization.released import Release

Stamp = tuple[int, int, int]
"""Size, time of change and time of change of its state, of a file: what no copy over it leaves alone."""


@dataclass(frozen=True)
class Seals:
    """The stamp of each file when it was read; None of one that was not there."""

    root: Path
    stamps: dict[str, Stamp | None]

    def broken(self) -> list[str]:
        """The files that have changed since, or are gone, in order; what has come to the release is none of them."""
        return sorted(path for path, stamp in self.stamps.items() if _stamp(self.root / path) != stamp)


def sealed(release: Release) -> Seals:
    """The seals of the files that the release states, and of its chain up to its head."""
    return Seals(release.root, {path: _stamp(release.root / path) for path in _files(release)})


def _files(release: Release) -> Iterable[str]:
    for day in release.days:
        yield from day.files
    yield from release.shared
    yield from (f"{CHAIN}/{path.name}" for path in sorted((release.root / CHAIN).glob("[!.]*")))


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns
