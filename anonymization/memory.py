"""Which parts of the file tree are memory, and whether that memory can reach a disk; Linux tells, others do not."""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
SWAPS = Path("/proc/swaps")
BASES = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108 - a folder is made in it, of its owner alone
"""Where memory is usually mounted, the most usual first."""

_KINDS = ("tmpfs", "ramfs")


@dataclass(frozen=True)
class Mount:
    """A file system at a place in the tree; `swaps`: whether its pages may be swapped."""

    path: Path
    kind: str
    writable: bool
    swaps: bool

    @property
    def in_memory(self) -> bool:
        """Whether its files are in memory."""
        return self.kind in _KINDS


def parsed(mountinfo: str) -> tuple[Mount, ...]:
    """The mounts that proc(5) lists in `mountinfo`, the latest last; a line of another form is left out."""
    found = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        place, system = left.split(" "), right.split(" ")
        if len(place) >= 6 and len(system) == 3:
            path = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), place[4])
            swaps = system[0] != "ramfs" and "noswap" not in system[2].split(",")
            found.append(Mount(Path(path), system[0], "rw" in place[5].split(","), swaps))
    return tuple(found)


def mount_of(path: Path, mounts: Sequence[Mount]) -> Mount | None:
    """The mount that an absolute path without links lies in: the deepest, of several at one place the latest."""
    around = [mount for mount in mounts if path.is_relative_to(mount.path)]
    return max(enumerate(around), key=lambda item: (len(item[1].path.parts), item[0]))[1] if around else None


def mounts() -> tuple[Mount, ...]:
    """The mounts that this process sees; none where the system does not tell."""
    return parsed(_read(MOUNTS) or "")


def has_swap() -> bool:
    """Whether the machine swaps memory, or does not tell."""
    text = _read(SWAPS)
    return text is None or len(text.splitlines()) > 1


def base() -> Path | None:
    """The first of BASES that is memory, and in which this account can make a folder that others cannot exchange."""
    known = mounts()
    return next((path for path in BASES if _is_usable(path, mount_of(path, known))), None)


def _is_usable(path: Path, mount: Mount | None) -> bool:
    if mount is None or not (mount.path == path and mount.in_memory and mount.writable):
        return False
    status = path.stat()
    closed = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or bool(status.st_mode & stat.S_ISVTX)
    return closed and status.st_uid in (0, os.geteuid()) and os.access(path, os.W_OK | os.X_OK)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
