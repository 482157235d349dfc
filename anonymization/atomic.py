"""Writes that survive a crash: a file is there whole or not at all; every OSError reaches the caller."""

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_SUFFIX = ".tmp"


def write_bytes(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace the file at `path` by `data` in one step that a crash cannot split.

    The temporary file stands in the same directory under a name that begins with '.'; see `leftovers`.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_SUFFIX, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    fsync_directory(path.parent)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to, in the same directory; its file then takes the place of `path` in one step."""
    temporary = path.with_name(f".{path.name}{_SUFFIX}")
    yield temporary
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    fsync_directory(path.parent)


def make_directory(path: Path, mode: int = 0o777) -> None:
    """Make a directory and those above it, where they are not, so that they last through a power cut."""
    if path.is_dir():
        return
    if path.parent != path:
        make_directory(path.parent)
    path.mkdir(mode, exist_ok=True)
    fsync_directory(path.parent)


def leftovers(path: Path) -> list[Path]:
    """Temporary files that killed writers of `path` left behind, in the order of their names."""
    return sorted(path.parent.glob(f".{glob.escape(path.name)}.*{_SUFFIX}"))


def fsync_directory(path: Path) -> None:
    """Make what was created, renamed or removed in the directory last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a directory with all it holds; one that is not there is already removed.

    Links inside are removed, not followed; a `path` that is itself a link raises OSError.
    """
    try:
        shutil.rmtree(path)
    except FileNotFoundError:
        if os.path.lexists(path):
            raise
        return
    fsync_directory(path.parent)
