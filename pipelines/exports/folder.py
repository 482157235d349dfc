"""The folder that an export is written to: all of its files come to stand there, or none."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from anonymization import atomic
from schemas.errors import UsageError

_STAGING: Final = ".hexaflux-export"


@contextlib.contextmanager
def staged(out: Path, release: Path) -> Iterator[Path]:
    """A hidden folder inside `out` to write to; at the end its files move up, whole, unless an error ended the work.

    Raises UsageError where `out` is neither new nor an empty folder, or lies inside the release.
    """
    _see_that_it_is_free(out, release)
    made = not out.exists()
    staging = out / _STAGING
    atomic.remove_tree(staging)
    atomic.make_directory(staging)
    try:
        yield staging
        _move_up(staging, out)
    finally:
        with contextlib.suppress(OSError):
            atomic.remove_tree(staging)
        if made:
            # What is empty still was left by an error.
            with contextlib.suppress(OSError):
                out.rmdir()


def _see_that_it_is_free(out: Path, release: Path) -> None:
    if out.resolve().is_relative_to(release.resolve()):
        raise UsageError(
            f"{out}: expected a folder outside the release, got one inside {release}",
            "give another folder: any file that is added to a release makes it fail its audit",
        )
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out}: expected a folder, found a file", "give a new folder or an empty one")
    held = sorted(each.name for each in out.iterdir() if each.name != _STAGING) if out.exists() else []
    if held:
        raise UsageError(
            f"{out}: expected a new or an empty folder, found {held[0]} in it", "give another folder, or empty this one"
        )


def _move_up(staging: Path, out: Path) -> None:
    for path in sorted(staging.iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.replace(out / path.name)
    atomic.fsync_directory(out)
