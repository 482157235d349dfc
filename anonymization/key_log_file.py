"""The life-cycle log on the disk: who writes to it holds it, and a line is there whole or not at all."""

import contextlib
import fcntl
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anonymization.atomic import fsync_directory, make_directory
from anonymization.key_log import CREATED, DESTROYED, LAST_USED, Line, clock, encode, head, life_of, open_keys, read
from anonymization.key_service import DayKey, Storage

NAME = "key_log.jsonl"
"""The log of the keys in a folder named `keys`."""


@dataclass
class HeldLog:
    """The log while this process holds it; `lines` are those that it has."""

    descriptor: int
    lines: list[Line] = field(default_factory=list)

    def open_days(self, services: Collection[str] | None = None) -> set[str]:
        """The days of which a key was made and not destroyed, by some services or any."""
        return set(open_keys(self.lines, services))

    def created(self, key: DayKey, storage: Storage, reason: str = "first event of the day") -> None:
        """Log that a key was made, unless that is logged."""
        if CREATED not in life_of(self.lines, key.key_id):
            self._append(CREATED, (key.day.isoformat(), key.key_id, key.commitment), storage, reason, key.created_at)

    def used(self, key: DayKey, storage: Storage) -> None:
        """Log that a key was used, for the last time so far; and that it was made, unless that is logged."""
        self.created(key, storage)
        self._append(LAST_USED, (key.day.isoformat(), key.key_id, key.commitment), storage, "figures are final")

    def destroyed(self, day: str, storage: Storage, reason: str) -> None:
        """Log that the open key of a day is gone; without one there is nothing to log."""
        if line := open_keys(self.lines).get(day):
            self._append(DESTROYED, (day, line.key_id, line.commitment), storage, reason)

    def _append(self, event: str, key: tuple[str, str, str], storage: Storage, reason: str, at: str = "") -> None:
        day, key_id, commitment = key
        # A clock that was put back does not undo the order of a key's events.
        at = max(at or clock(), *(line.at for line in life_of(self.lines, key_id).values()), "")
        named = (storage.service, storage.storage, storage.erasure)
        pinned = head(self.lines)
        line = Line(pinned.entries + 1, pinned.sha256, event, day, key_id, commitment, at, *named, reason)
        _write(self.descriptor, encode(line))
        self.lines.append(line)


@dataclass(frozen=True)
class KeyLog:
    """The log of a working directory: `key_log.jsonl`, mode 0600."""

    path: Path

    @contextlib.contextmanager
    def held(self) -> Iterator[HeldLog]:
        """The log, made if there is none, held against every other process and thread.

        Raises InputError where it is damaged; a line that a killed writer left unfinished is removed.
        """
        make_directory(self.path.parent, 0o700)
        descriptor = self._open()
        try:
            content = _content(descriptor)
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                os.ftruncate(descriptor, len(whole))
            yield HeldLog(descriptor, list(read(whole)))
        finally:
            os.close(descriptor)

    def content(self) -> bytes:
        """The whole lines of the log, as they stand; empty where there is none."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return b""
        return content[: content.rfind(b"\n") + 1]

    def remove(self) -> None:
        """Remove the log; none is nothing to do."""
        self.path.unlink(missing_ok=True)

    def _open(self) -> int:
        """The file, held, and still the one that has its name."""
        while True:
            made = not self.path.exists()
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self.path, flags, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if made:
                fsync_directory(self.path.parent)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), self.path.stat()):
                    return descriptor
            os.close(descriptor)


def log_beside(directory: Path) -> KeyLog:
    """The log of the keys in a directory, under its name: of `keys`, `key_log.jsonl` beside it."""
    return KeyLog(directory.with_name(f"{directory.name.removesuffix('s')}_log.jsonl"))


def not_its_own(lines: Sequence[Line], key: DayKey) -> str:
    """What makes a key not the one of its day by the log, as the end of a sentence about who gave it; '' if nothing."""
    day, named = key.day.isoformat(), (key.key_id, key.commitment)
    for line in lines:
        told = [
            word
            for word, of in zip(("key_id", "commitment"), (line.key_id, line.commitment), strict=True)
            if of in named
        ]
        if told and line.day != day:
            return f"gave it the {told[0]} of the key of {line.day}"
        if told and line.event == DESTROYED:
            return f"gave it the {told[0]} of a key that was destroyed"
    logged = open_keys(lines).get(day)
    if logged and (logged.key_id, logged.commitment) != named:
        return "gave another key than the one that the log has for it"
    return ""


def _content(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


def _write(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "ab", closefd=False) as file:
        file.write(data)
    os.fsync(descriptor)
