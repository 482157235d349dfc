"""What a build of feeds states of itself: the town, its feeds, and every file with its SHA-256."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Final

from dashboards.feeds import document
from dashboards.feeds.document import Fields, wrong
from schemas.feeds import Text

NAME: Final = "manifest.json"
MOST_FILES: Final = 2_000
LONGEST_PATH: Final = 300
_ID: Final = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class File:
    """A published file: its path in the folder, its size in bytes and its SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Feed:
    """What was built of a feed: the rows that were read and refused, what was published of them, and until when."""

    name: str
    title: Text
    standard: str
    updated: date | None
    valid_until: datetime | None
    rows: int
    items: int
    refused: int
    warnings: int
    files: tuple[File, ...]

    def file(self, name: str) -> File | None:
        """The file of a name in the folder of the feed, if it has one."""
        return next((file for file in self.files if PurePosixPath(file.path).name == name), None)


@dataclass(frozen=True)
class Manifest:
    """A build: for whom and for which instant, its feeds in the town's order, and the files that they share.

    `test`: its counts may be of fewer people than hide anybody; so it is where the manifest does not say otherwise.
    """

    town: str
    name: str
    test: bool
    at: datetime
    feeds: tuple[Feed, ...]
    shared: tuple[File, ...]

    @property
    def files(self) -> tuple[File, ...]:
        """Every file that it states."""
        return (*self.shared, *(file for feed in self.feeds for file in feed.files))


def read_manifest(data: bytes) -> Manifest:
    """The manifest; raises InputError where it is none, or names a file that is not one of its folder."""
    found = document.fields(document.parsed(data, NAME), NAME)
    town = document.fields(found.get("town"), f"{NAME} town")
    at = document.instant(found.get("at"), f"{NAME} at")
    if at is None:
        raise wrong(f"{NAME} at", "an instant")
    feeds = tuple(_feed(document.fields(each, f"{NAME} modules")) for each in document.listed(found, "modules", NAME))
    if len({feed.name for feed in feeds}) < len(feeds):
        raise wrong(f"{NAME} modules", "each feed once")
    read = Manifest(
        _id(town, "id"), document.text(town, "name"), found.get("test") is not False, at, feeds, _files(found)
    )
    paths = [file.path for file in read.files]
    if len(set(paths)) < len(paths) or len(paths) > MOST_FILES:
        raise wrong(f"{NAME} files", f"each file once, and at most {MOST_FILES}")
    return read


def _feed(found: Fields) -> Feed:
    name = _id(found, "name")
    where = f"{NAME} {name}"
    return Feed(
        name,
        document.named(found, "title"),
        document.text(found, "standard"),
        document.day(found.get("updated"), f"{where} updated"),
        document.instant(found.get("valid_until"), f"{where} valid_until"),
        document.count(found, "rows", where),
        document.count(found, "items", where),
        document.count(found, "refused", where),
        document.count(found, "warnings", where),
        _files(found),
    )


def _files(found: Fields) -> tuple[File, ...]:
    return tuple(_file(document.fields(each, f"{NAME} files")) for each in document.listed(found, "files", NAME))


def _file(found: Fields) -> File:
    path, digest = found.get("path"), found.get("sha256")
    if not isinstance(path, str) or not _stays_inside(path):
        raise wrong(f"{NAME} files", "paths of files in this folder")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise wrong(f"{NAME} files", "a SHA-256 for each file")
    return File(path, document.count(found, "bytes", f"{NAME} files"), digest)


def _stays_inside(path: str) -> bool:
    """Whether a path names a file below its folder, and nothing else; each piece is a plain name."""
    pieces = path.split("/")
    plain = all(
        piece and piece not in (".", "..") and not re.search(r"[\x00-\x1f\x7f\\:\ud800-\udfff]", piece)
        for piece in pieces
    )
    return plain and len(path) <= LONGEST_PATH and path != NAME


def _id(found: Fields, key: str) -> str:
    value = document.text(found, key)
    if not _ID.fullmatch(value):
        raise wrong(f"{NAME} {key}", "small letters, digits and hyphens")
    return value
