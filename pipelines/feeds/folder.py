"""The folder that feeds are published in: the whole of a build stands there, or the whole of the one before."""

import contextlib
import ctypes
import errno
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from anonymization import atomic
from anonymization.manifest import PUBLIC_KEY
from schemas.errors import SystemFailure, UsageError

MANIFEST: Final = "manifest.json"
"""What marks a folder as one of feeds, by what stands in it: web applications have a file of this name, too."""
OURS: Final = frozenset(("schema_version", "software", "town", "modules"))
"""Keys of a manifest that a build wrote."""
_AT_WORKING_DIRECTORY: Final = -100
_EXCHANGE: Final = 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


def publish(out: Path, files: Mapping[str, bytes]) -> None:
    """Put files, by their path in the folder, in the place of all that stands in `out`, in one step.

    They are written beside it first. Raises UsageError where `out` holds anything but feeds, and SystemFailure where it
    cannot be written.
    """
    out = Path(os.path.abspath(out))
    staging = out.with_name(f".{out.name}.building")
    with _told(out):
        _see_that_it_is_ours(out)
    with _told(out), _taken(out):
        atomic.remove_tree(staging)
        try:
            _write(staging, files)
            _put(staging, out)
        finally:
            atomic.remove_tree(staging)


def _see_that_it_is_ours(out: Path) -> None:
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise UsageError(f"{out}: expected a folder, found something else", "give a new folder with --out")
    release = next((above for above in out.resolve().parents if (above / PUBLIC_KEY).is_file()), None)
    if release is not None:
        raise UsageError(
            f"{out}: expected a folder outside of releases, found one in the release {release}",
            "give another folder with --out: a release with other files in it does not pass its audit",
        )
    if out.exists() and any(out.iterdir()) and not _is_of_feeds(out / MANIFEST):
        raise UsageError(
            f"{out}: expected a folder of feeds, a new or an empty one, found other files in it",
            "give another folder with --out: what stands in it is replaced by every build",
        )


def _is_of_feeds(manifest: Path) -> bool:
    """Whether a manifest is one that a build wrote."""
    try:
        found = json.loads(manifest.read_bytes())
    except (FileNotFoundError, IsADirectoryError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.keys() >= OURS


@contextlib.contextmanager
def _taken(out: Path) -> Iterator[None]:
    """Only one build of a folder at a time: the lock goes with the process that holds it."""
    import fcntl

    atomic.make_directory(out.parent)
    descriptor = os.open(out.with_name(f".{out.name}.lock"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemFailure(f"{out}: another build is writing it", "wait for it to end, and build again") from None
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _told(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SystemFailure(
            f"{out}: the feeds cannot be written ({error.strerror or error})",
            "see that there is room, and that the folder above it may be written",
        ) from None


def _write(staging: Path, files: Mapping[str, bytes]) -> None:
    atomic.make_directory(staging)
    folders = {staging}
    for name, data in sorted(files.items()):
        path = staging / name
        path.parent.mkdir(parents=True, exist_ok=True)
        folders |= {parent for parent in path.parents if parent.is_relative_to(staging)}
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    for folder in sorted(folders):
        atomic.fsync_directory(folder)


def _put(staging: Path, out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        _exchange(staging, out)
    else:
        staging.rename(out)
    atomic.fsync_directory(out.parent)


def _exchange(one: Path, other: Path) -> None:
    """Swap two folders in one step of the file system, so that no reader ever finds neither."""
    library = ctypes.CDLL(None, use_errno=True)
    done = library.renameat2(
        _AT_WORKING_DIRECTORY, os.fsencode(one), _AT_WORKING_DIRECTORY, os.fsencode(other), _EXCHANGE
    )
    if done != 0:
        number = ctypes.get_errno()
        if number in (errno.EINVAL, errno.ENOSYS):
            raise OSError(number, "this file system cannot swap two folders in one step; give a folder on another one")
        raise OSError(number, os.strerror(number))
