"""A build of the feeds in memory: every file that its manifest lists, proven by its digest, and nothing else."""

import gzip
import hashlib
import html
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path, PurePosixPath
from typing import Final

from pipelines.feeds.build import INDEX
from pipelines.feeds.folder import MANIFEST

KINDS: Final = {
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".jsonld": "application/ld+json; charset=utf-8",
    ".pb": "application/x-protobuf",
    ".xml": "application/xml; charset=utf-8",
}
_OTHER: Final = "application/octet-stream"
_PACKED_FROM: Final = 1024
"""Bytes from which a file is worth packing."""
_POLICY: Final = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')
ATTEMPTS: Final = 5


class Torn(Exception):
    """The folder is not what its manifest says, as when it is swapped while it is read."""


@dataclass(frozen=True)
class File:
    """A file as it is answered: its bytes, packed too where that is smaller, its digest, type, and a page's policy."""

    data: bytes
    packed: bytes
    digest: str
    kind: str
    policy: str


@dataclass(frozen=True)
class Edition:
    """The files of a build by their path below `/v1/`, and when it was put there, as HTTP writes it."""

    files: Mapping[str, File]
    at: str


def read(folder: Path) -> Edition | None:
    """The build in a folder, None where there is none.

    A folder that is swapped meanwhile is read again. Raises Torn where it is not what its manifest says, OSError where
    it cannot be read.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _read(folder)
        except (Torn, FileNotFoundError):
            if not (folder / MANIFEST).exists():
                return None
            if attempt == ATTEMPTS - 1:
                raise
    return None


def _read(folder: Path) -> Edition:
    # All files are opened from here: who swaps the folder does not change what this is.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        manifest, written = _bytes(descriptor, MANIFEST)
        town, modules, listed = _listed(manifest)
        files = {path: _file(descriptor, path, digest) for path, digest in listed.items()}
    finally:
        os.close(descriptor)
    files[town] = _made(manifest, ".json")
    for module in modules:
        files[f"{town}/{module}"] = files[f"{town}/{module}/{INDEX}"]
    return Edition(files, formatdate(written, usegmt=True))


def _listed(manifest: bytes) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """The town, its modules, and the digest of each file of the town by its path."""
    try:
        found = json.loads(manifest)
        town, modules = str(found["town"]["id"]), tuple(str(module["name"]) for module in found["modules"])
        stated = [*found["files"], *(file for module in found["modules"] for file in module["files"])]
        listed = {str(file["path"]): str(file["sha256"]) for file in stated}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Torn from None
    return town, modules, {path: digest for path, digest in listed.items() if path.startswith(f"{town}/")}


def _file(descriptor: int, path: str, digest: str) -> File:
    if ".." in PurePosixPath(path).parts:
        raise Torn
    data, _ = _bytes(descriptor, path)
    made = _made(data, PurePosixPath(path).suffix)
    if made.digest != digest:
        raise Torn
    return made


def _made(data: bytes, suffix: str) -> File:
    packed = gzip.compress(data, mtime=0) if len(data) >= _PACKED_FROM else b""
    policy = _POLICY.search(data) if suffix == ".html" else None
    return File(
        data,
        packed if len(packed) < len(data) else b"",
        hashlib.sha256(data).hexdigest(),
        KINDS.get(suffix, _OTHER),
        html.unescape(policy[1].decode()) if policy else "",
    )


def _bytes(descriptor: int, path: str) -> tuple[bytes, float]:
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=descriptor), "rb") as file:
        return file.read(), os.fstat(file.fileno()).st_mtime
