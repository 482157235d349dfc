"""The secret of a privacy day: made once, kept in one file of its owner, destroyed after the day."""

import contextlib
import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from anonymization import atomic, key_files
from schemas.errors import InputError, PrivacyRefusal, SystemFailure, UsageError

PSEUDONYM = "pseudonym"
DRAW = "draw"
ROUNDING = "rounding"
INPUT = "input"
PURPOSES = (PSEUDONYM, DRAW, ROUNDING, INPUT)

MASTER_BYTES = 32
SUBKEY_BYTES = 16
KEY_ID_BYTES = 8

# A key file, or the temporary file of one.
_KEY_NAME = re.compile(r"\.?(\d{4}-\d\d-\d\d)\.key(?:\..*\.tmp)?")


@dataclass(frozen=True)
class DayKey:
    """The key of one privacy day; its master is neither shown nor pickled.

    `commitment` is SHA-256 over the master and a salt that is kept nowhere; `created_at` is UTC, ISO 8601.
    """

    day: date
    key_id: str
    commitment: str
    created_at: str
    master: bytes = field(repr=False)

    def subkey(self, purpose: str) -> bytes:
        """The 16 bytes for one of PURPOSES: BLAKE2b over purpose and day, keyed by the master."""
        if purpose not in PURPOSES:
            raise ValueError(f"expected a purpose among {', '.join(PURPOSES)}, got {purpose!r}")
        return _derive(self.master, f"{purpose}|{self.day.isoformat()}", SUBKEY_BYTES)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a day key cannot be pickled: send the day, and open its key where it is used")


@dataclass(frozen=True)
class KeyStore:
    """The open day keys of a working directory: one 0600 file `<day>.key` each, in a 0700 directory.

    With `test_key` (64 hex digits) every key derives from it and the day, so whoever knows it knows them all.
    Raises UsageError for a malformed `test_key`.
    """

    directory: Path
    test_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.test_key is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", self.test_key):
            raise UsageError(
                f"[test] day_key: expected 64 hexadecimal digits, got something else ({len(self.test_key)} characters)",
                "write 64 digits of 0-9 and a-f, or leave [test] out: the keys are then random",
            )

    def create_or_open(self, day: date) -> DayKey:
        """The key of the day, made if there is none; every process that asks gets the same one.

        Raises what `open` raises.
        """
        atomic.make_directory(self.directory, 0o700)
        self._refuse_shared_directory()
        with self._lock():
            if not self.exists(day):
                self._wipe_leftovers(day)
                content = key_files.encode(self._new_record(day))
                atomic.write_bytes(self._path(day), content, mode=0o600)
            return self.open(day)

    def open(self, day: date) -> DayKey:
        """The key of the day as its file states it.

        Raises SystemFailure if there is none or if others could read or write it, InputError if it is
        damaged, PrivacyRefusal if it was made under another `test_key` than this one, or none.
        """
        path = self._path(day)
        try:
            self._refuse_shared_directory()
            record = key_files.decode(key_files.read(path))
        except FileNotFoundError:
            raise SystemFailure(
                f"{path}: expected the key of privacy day {day}, got no file",
                "a destroyed key cannot be made again: what its day published is final",
            ) from None
        if record is None or record["day"] != day.isoformat():
            raise InputError(
                f"{path}: expected the key file of privacy day {day}, got a damaged one",
                "restore it; if nothing of the day is published, remove the working directory and run again",
            )
        master = bytes.fromhex(record["master"])
        self._refuse_other_origin(day, record["origin"], master)
        return DayKey(day, record["key_id"], record["commitment"], record["created_at"], master)

    def exists(self, day: date) -> bool:
        """Whether the day has a key file, sound or damaged."""
        return os.path.lexists(self._path(day))

    def destroy(self, day: date) -> None:
        """Overwrite and remove the key of the day and its temporary files; no key is nothing to do.

        On media that copy on write the old blocks stay until reused: there, encrypt the disk itself.
        """
        if not self.directory.is_dir():
            return
        with self._lock():
            if self.exists(day):
                key_files.wipe(self._path(day))
            self._wipe_leftovers(day)
            atomic.fsync_directory(self.directory)

    def destroy_all_but(self, days: Collection[date]) -> None:
        """Destroy the keys of all other days, and what killed writers of them left."""
        if not self.directory.is_dir():
            return
        found = {match[1] for name in os.listdir(self.directory) if (match := _KEY_NAME.fullmatch(name))}
        for day in sorted(found - {day.isoformat() for day in days}):
            self.destroy(date.fromisoformat(day))

    def _path(self, day: date) -> Path:
        return self.directory / f"{day.isoformat()}.key"

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep every other process and thread from making or destroying a key."""
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _wipe_leftovers(self, day: date) -> None:
        for path in atomic.leftovers(self._path(day)):
            key_files.wipe(path)

    def _new_record(self, day: date) -> dict[str, str]:
        master, key_id, salt = self._secrets(day)
        return {
            "day": day.isoformat(),
            "key_id": key_id.hex(),
            "master": master.hex(),
            "commitment": hashlib.sha256(master + salt).hexdigest(),
            "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "origin": self._origin(),
        }

    def _secrets(self, day: date) -> tuple[bytes, bytes, bytes]:
        """A new master, key_id and salt; with a test key, the same ones each time."""
        if self.test_key is None:
            return os.urandom(MASTER_BYTES), os.urandom(KEY_ID_BYTES), os.urandom(MASTER_BYTES)
        secret, text = bytes.fromhex(self.test_key), day.isoformat()
        key_id = _derive(secret, f"key_id|{text}", KEY_ID_BYTES)
        return _derive(secret, text, MASTER_BYTES), key_id, _derive(secret, f"salt|{text}", MASTER_BYTES)

    def _origin(self) -> str:
        return "random" if self.test_key is None else "test"

    def _refuse_other_origin(self, day: date, origin: str, master: bytes) -> None:
        """A known key must never protect a release that does not call itself a test."""
        if origin == self._origin() and (self.test_key is None or master == self._secrets(day)[0]):
            return
        raise PrivacyRefusal(
            f"{self._path(day)}: expected a {self._origin()} key for privacy day {day}, got a {origin} key "
            "made under another [test] day_key, or none",
            "write the [test] table as it was when the day began, or use another release directory",
        )

    def _refuse_shared_directory(self) -> None:
        mode = stat.S_IMODE(self.directory.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SystemFailure(
                f"{self.directory}: expected a directory of its owner alone (mode 0700), got mode {mode:04o}",
                f"find out who could enter it, then run: chmod 700 {self.directory}",
            )


def _derive(secret: bytes, message: str, size: int) -> bytes:
    return hashlib.blake2b(message.encode(), key=secret, digest_size=size).digest()
