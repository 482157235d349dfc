"""The folder of published feeds: where it is, and its files, read only as the manifest states them."""

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from dashboards.feeds import manifest
from dashboards.feeds.manifest import File
from schemas.errors import CheckFailed, InputError

VARIABLE: Final = "HEXAFLUX_FEEDS"
USUAL: Final = "feeds"
"""Beside a release, without the variable."""
LARGEST: Final = 64_000_000
"""Bytes of a file at most; and of the manifest a sixteenth of it."""
_HINT: Final = "build the feeds again with hexaflux feeds build"
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def folder_of(release: Path) -> Path | None:
    """The folder that was named to the dashboard, else the usual one if it holds feeds, else none."""
    if named := os.environ.get(VARIABLE, ""):
        return Path(named)
    usual = release.absolute().parent / USUAL
    return usual if (usual / manifest.NAME).is_file() else None


def read_stated(folder: Path, file: File) -> bytes:
    """A file of the folder; raises CheckFailed where it is not what the manifest states, InputError without it."""
    if file.size > LARGEST:
        raise InputError(f"{file.path}: expected at most {LARGEST:,} bytes, found {file.size:,} stated", _HINT)
    data = read(folder, file.path, file.size)
    if len(data) != file.size or hashlib.sha256(data).hexdigest() != file.sha256:
        raise CheckFailed(f"{file.path}: expected the file of the manifest, found another one", _HINT)
    return data


def read_manifest(folder: Path) -> bytes:
    """The manifest as it stands; raises InputError where there is none."""
    return read(folder, manifest.NAME, LARGEST // 16)


def read(folder: Path, path: str, most: int) -> bytes:
    """A plain file below the folder, one byte more than `most` at most; no link is followed on the way.

    Raises InputError for anything else.
    """
    *parents, name = path.split("/")
    opened: list[int] = []
    try:
        opened.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for parent in parents:
            opened.append(os.open(parent, _FLAGS | os.O_DIRECTORY, dir_fd=opened[-1]))
        opened.append(os.open(name, _FLAGS, dir_fd=opened[-1]))
        if not stat.S_ISREG(os.fstat(opened[-1]).st_mode):
            raise InputError(f"{path}: expected a file, found something else", _HINT)
        with os.fdopen(opened.pop(), "rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else "no such name"
        raise InputError(f"{path}: expected a file that can be read ({said})", _HINT) from None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def stamp(folder: Path, files: Iterable[File]) -> str:
    """What changes whenever one of the files, or a folder on the way to it, is put there anew."""
    paths = [PurePosixPath(file.path) for file in files]
    parents = sorted({parent for path in paths for parent in path.parents})
    told = [_told(folder / path, content=True) for path in paths] + [
        _told(folder / each, content=False) for each in parents
    ]
    return hashlib.sha256(";".join(told).encode()).hexdigest()


def _told(path: Path, *, content: bool) -> str:
    try:
        found = path.lstat()
    except OSError:
        return ""
    place = f"{found.st_dev} {found.st_ino} {found.st_mode}"
    return f"{place} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}" if content else place
