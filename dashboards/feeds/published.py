"""A build of feeds, all of whose files are those of its manifest."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from dashboards.feeds import document, folder, manifest
from dashboards.feeds.items import Item, read_items
from dashboards.feeds.manifest import Manifest
from schemas.errors import HexafluxError
from schemas.feeds import Text

INDEX: Final = "index.json"
REPORT: Final = "report.json"
MOST_FINDINGS: Final = 100_000
_TRIES: Final = 3
"""A folder may be swapped while it is read."""


@dataclass(frozen=True)
class Finding:
    """Something wrong in a source: where, how bad, and what was expected; `feed` is "" for what feeds share."""

    feed: str
    file: str
    line: int
    field: str
    level: str
    expected: Text


@dataclass(frozen=True)
class Published:
    """The build in a folder: its manifest with its SHA-256, the items by feed, and what was wrong in the sources."""

    folder: Path
    manifest: Manifest
    sha256: str
    items: dict[str, tuple[Item, ...]]
    findings: tuple[Finding, ...]


def published(where: Path) -> Published:
    """What stands in the folder now; raises InputError or CheckFailed where it is no sound build.

    All files are verified again when one of them is written anew.
    """
    for _ in range(_TRIES - 1):
        data = folder.read_manifest(where)
        try:
            return _read(where, data, _stamped(where, data))
        except HexafluxError:
            if folder.read_manifest(where) == data:
                raise
    data = folder.read_manifest(where)
    return _read(where, data, _stamped(where, data))


def _stamped(where: Path, data: bytes) -> str:
    return folder.stamp(where, manifest.read_manifest(data).files)


# What it gives is frozen: every reader may have the same one. The stamp only tells builds apart.
@st.cache_resource(max_entries=2, show_spinner=False)
def _read(where: Path, data: bytes, stamp: str) -> Published:
    found = manifest.read_manifest(data)
    items: dict[str, tuple[Item, ...]] = {feed.name: () for feed in found.feeds}
    findings: tuple[Finding, ...] = ()
    indexes = {file.path: feed.name for feed in found.feeds if (file := feed.file(INDEX))}
    for file in found.files:
        content = folder.read_stated(where, file)
        if file.path in indexes:
            items[indexes[file.path]] = read_items(content, indexes[file.path], file.path)
        elif file.path == REPORT:
            findings = _findings(content)
    return Published(where, found, hashlib.sha256(data).hexdigest(), items, findings)


def _findings(data: bytes) -> tuple[Finding, ...]:
    rows = document.parsed(data, REPORT)
    if not isinstance(rows, list) or len(rows) > MOST_FINDINGS:
        raise document.wrong(REPORT, f"a list of at most {MOST_FINDINGS} findings")
    return tuple(_finding(document.fields(row, REPORT)) for row in rows)


def _finding(found: document.Fields) -> Finding:
    return Finding(
        document.text(found, "module"),
        document.text(found, "file"),
        document.count(found, "line", REPORT),
        document.text(found, "field"),
        "warning" if found.get("level") == "warning" else "error",
        document.named(found, "expected"),
    )
