"""The file of a day key: what it holds, how it is read, and how it is made unreadable."""

import errno
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import SystemFailure

# Each field, and the pattern of its value.
_FIELDS = {
    "key_id": r"[0-9a-f]{16}",
    "day": r"\d{4}-\d{2}-\d{2}",
    "created_at": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    "commitment": r"[0-9a-f]{64}",
    "master": r"[0-9a-f]{64}",
    "origin": r"random|test",
}
_MOST_BYTES = 4096


def encode(record: Mapping[str, str]) -> bytes:
    """The bytes of a key file."""
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()


def decode(content: bytes) -> dict[str, str] | None:
    """The record in a key file, or None if the file is damaged.

    It returns instead of raising: a parser's error carries the text that it read.
    """
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.keys() != _FIELDS.keys():
        return None
    for name, pattern in _FIELDS.items():
        if not isinstance(record[name], str) or not re.fullmatch(pattern, record[name], re.ASCII):
            return None
    return record


def read(path: Path) -> bytes:
    """The content of a file that only its owner can read or write.

    Raises FileNotFoundError, and SystemFailure for a link, another thing than a file, another owner, or a wider mode.
    """
    descriptor = _open(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise SystemFailure(
                f"{path}: expected a key of account {os.geteuid()}, got one of account {status.st_uid}",
                "run as the account that made the key",
            )
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SystemFailure(
                f"{path}: expected a key that only its owner can read and write (mode 0600), "
                f"got mode {stat.S_IMODE(status.st_mode):04o}",
                f"find out who could read the key, then run: chmod 600 {path}",
            )
        return file.read(_MOST_BYTES)


def wipe(path: Path) -> None:
    """Overwrite a key file in place and remove it; the caller makes the removal last (`fsync_directory`).

    Raises SystemFailure for a link or another thing than a file.
    """
    descriptor = _open(path, os.O_WRONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(bytes(os.fstat(descriptor).st_size))
        file.flush()
        os.fsync(descriptor)
    path.unlink()


def _open(path: Path, access: int) -> int:
    """Open a regular file; a link is not followed and a pipe not waited for."""
    try:
        descriptor = os.open(path, access | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _no_plain_file(path, "a symbolic link") from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_plain_file(path, "something else")
    return descriptor


def _no_plain_file(path: Path, found: str) -> SystemFailure:
    return SystemFailure(
        f"{path}: expected a key file, got {found}",
        "find out who put it there, and remove it and what it points to",
    )
