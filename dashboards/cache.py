"""Answers kept on disk, as Arrow bytes and nothing else: whatever somebody puts there, nothing of it is ever run.

A damaged entry is a miss. Its digest has no key: who can write into the folder, which is its owner's only, can forge
figures, and could as well read any key that was kept for them.
"""

import hashlib
import sqlite3
from pathlib import Path
from typing import Final

import diskcache
import pyarrow as pa
from diskcache.core import MODE_RAW, UNKNOWN

SIZE_LIMIT: Final = 200 * 2**20
"""Bytes; the oldest answers go first."""

_DIGEST: Final = 32
_BROKEN: Final = (sqlite3.Error, diskcache.Timeout, OSError, LookupError, TypeError, ValueError)
"""What a damaged or foreign database can end in."""


class PlainDisk(diskcache.Disk):
    """Keys are text and values bytes, all in the database itself: no pickle is read, no other file opened or removed.

    diskcache's own classes unpickle what they find (CVE-2025-69872), JSONDisk too (measured).
    """

    def put(self, key: object) -> tuple[str, bool]:
        """The key as it is stored; raises TypeError unless it is text."""
        if not isinstance(key, str):
            raise TypeError("a key is text")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """A stored key; raises ValueError for any that `put` did not write."""
        if not isinstance(key, str) or not raw:
            raise ValueError("not a key of this cache")
        return key

    def store(self, value: object, read: bool, key: object = UNKNOWN) -> tuple[int, int, None, bytes]:
        """Bytes as they are stored; raises TypeError for anything else."""
        if not isinstance(value, bytes) or read:
            raise TypeError("a value is bytes")
        return 0, MODE_RAW, None, value

    def fetch(self, mode: object, filename: object, value: object, read: bool) -> bytes:
        """Stored bytes; raises ValueError for anything that `store` did not write."""
        if mode != MODE_RAW or filename is not None or not isinstance(value, bytes) or read:
            raise ValueError("not a value of this cache")
        return value

    def remove(self, file_path: object) -> None:
        """Do nothing: there are no files, so that a name of one is not ours."""


class Cache:
    """Arrow tables by key. Where the folder cannot be used, it forgets everything, and what is asked is worked out."""

    def __init__(self, folder: Path | None) -> None:
        self._kept = _open(folder) if folder else None

    def get(self, key: str) -> pa.Table | None:
        """The table of a key, or None; whatever is not as `set` wrote it is removed, and None."""
        if self._kept is None:
            return None
        try:
            value = self._kept.get(key)
            return None if value is None else _decoded(key, value)
        except (*_BROKEN, pa.ArrowException):
            self._forget(key)
            return None

    def set(self, key: str, table: pa.Table) -> None:
        """Keep a table."""
        if self._kept is not None:
            try:
                self._kept.set(key, _encoded(key, table))
            except _BROKEN:
                self._kept = None

    def _forget(self, key: str) -> None:
        try:
            if self._kept is not None:
                self._kept.delete(key)
        except _BROKEN:
            self._kept = None


def _open(folder: Path) -> diskcache.Cache | None:
    try:
        kept = diskcache.Cache(folder, timeout=1, disk=PlainDisk, size_limit=SIZE_LIMIT)
        (folder / diskcache.core.DBNAME).chmod(0o600)
        return kept
    except _BROKEN:
        return None


def _encoded(key: str, table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    content = sink.getvalue().to_pybytes()
    framed: bytes = _digest(key, content) + content
    return framed


def _decoded(key: str, value: bytes) -> pa.Table:
    """The table of a key; raises ValueError for one that was damaged, or kept under another key."""
    content = value[_DIGEST:]
    if value[:_DIGEST] != _digest(key, content):
        raise ValueError("damaged")
    return pa.ipc.open_stream(content).read_all()


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.sha256(len(key).to_bytes(8, "little") + key.encode() + content).digest()
