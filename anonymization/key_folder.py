"""The folder of the open keys: in memory behind a link where there is memory for it, else a directory on the disk."""

import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from anonymization import atomic, key_files, memory
from anonymization.key_service import Storage
from schemas.errors import SystemFailure

_DIGITS = 32


@dataclass(frozen=True)
class KeyFolder:
    """The folder at `path`, mode 0700; with `in_memory`, a link to one on a tmpfs if there is a tmpfs.

    A directory that stands at `path` goes on being used. In memory the folder is `hexaflux-UID/DIGEST` below
    one of `memory.BASES`; the digest is of the absolute path, so that no other folder is ever taken for it.
    """

    path: Path
    in_memory: bool

    @property
    def storage(self) -> Storage:
        """Where the files of the folder lie, or would lie."""
        place = Path(os.path.realpath(self.path)) if os.path.lexists(self.path) else self._target() or self.path
        mount = memory.mount_of(Path(os.path.realpath(place)), memory.mounts())
        if mount is None or not mount.in_memory:
            return Storage("file", "disk", "not provable: a disk may keep what was overwritten")
        if mount.swaps and memory.has_swap():
            return Storage("file", "memory", "not provable: memory may be swapped to a disk")
        return Storage("file", "memory", "provable: overwritten in memory that is not swapped to a disk")

    def make(self) -> None:
        """Make the folder if need be, and refuse one that others could use."""
        if self.refuse_foreign_link() and not self.path.exists():
            self.path.unlink()
        target = None if os.path.lexists(self.path) else self._target()
        if target:
            self._wipe(target)
            _make_alone(target)
            atomic.make_directory(self.path.parent, 0o700)
            self.path.symlink_to(target)
            atomic.fsync_directory(self.path.parent)
        elif not self.path.is_symlink():
            atomic.make_directory(self.path, 0o700)
        self.refuse_shared()

    def refuse_shared(self) -> None:
        """Raise SystemFailure where the folder is no directory of this account alone, or FileNotFoundError for none."""
        target = self.refuse_foreign_link()
        for folder in (target.parent, target) if target else (self.path,):
            _refuse_shared(folder)

    def refuse_foreign_link(self) -> Path | None:
        """Where the link leads, None without a link; raises SystemFailure where it leads elsewhere than it should."""
        if not self.path.is_symlink():
            return None
        target = Path(os.readlink(self.path))
        if target not in [self._below(base) for base in memory.BASES]:
            raise SystemFailure(
                f"{self.path}: expected a directory, or a link to the keys of this working directory in memory, "
                "got a link to something else",
                "if the working directory was moved, move it back; else find out who made the link, and remove it",
            )
        return target

    def is_there(self) -> bool:
        """Whether there is anything to destroy: the folder, or what a removed working directory left in memory."""
        return os.path.lexists(self.path) or any(path.exists() for path in self._left_behind())

    def wipe_left_behind(self) -> None:
        """Destroy what a removed working directory of this path left in memory."""
        if not os.path.lexists(self.path):
            for path in self._left_behind():
                self._wipe(path)

    def remove_if_empty(self) -> None:
        """Remove the folder unless something stands in it, with its link and the folder around it in memory."""
        target = self.refuse_foreign_link()
        if self.path.is_dir() and any(self.path.iterdir()):
            return
        if target:
            self.path.unlink()
            self._wipe(target)
        elif self.path.is_dir():
            self.path.rmdir()
        if self.path.parent.is_dir():
            atomic.fsync_directory(self.path.parent)

    def _target(self) -> Path | None:
        """Where a folder in memory would be made."""
        base = memory.base() if self.in_memory else None
        return self._below(base) if base else None

    def _below(self, base: Path) -> Path:
        place = os.path.join(os.path.realpath(self.path.parent), self.path.name)
        digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:_DIGITS]
        return base / f"hexaflux-{os.geteuid()}" / digest

    def _left_behind(self) -> list[Path]:
        return [self._below(base) for base in memory.BASES] if self.in_memory else []

    def _wipe(self, target: Path) -> None:
        if not target.exists():
            return
        for folder in (target.parent, target):
            _refuse_shared(folder)
        for path in sorted(target.iterdir()):
            key_files.wipe(path)
        target.rmdir()
        with contextlib.suppress(OSError):
            target.parent.rmdir()


def _make_alone(folder: Path) -> None:
    """Make a folder in memory, and the one around it, which another run may remove meanwhile while it is empty."""
    while not os.path.lexists(folder):
        with contextlib.suppress(FileNotFoundError):
            with contextlib.suppress(FileExistsError):
                folder.parent.mkdir(0o700)
            _refuse_shared(folder.parent)
            with contextlib.suppress(FileExistsError):
                folder.mkdir(0o700)


def _refuse_shared(folder: Path) -> None:
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise SystemFailure(
            f"{folder}: expected a directory for keys, got something else",
            "find out who put it there, and remove it",
        )
    if status.st_uid != os.geteuid():
        raise SystemFailure(
            f"{folder}: expected a directory for keys of account {os.geteuid()}, got one of account {status.st_uid}",
            "run as the account that began, or find out who made it, and remove it",
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SystemFailure(
            f"{folder}: expected a directory for keys of its owner alone (mode 0700), got mode {mode:04o}",
            f"find out who could enter it, then run: chmod 700 {folder}",
        )
