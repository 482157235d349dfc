"""A release that was verified: its days, and its files, which are read only as they were published."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from anonymization.audit import audit
from anonymization.checks.terms import Terms, terms_of
from anonymization.entries import DAY, ZONES, Entry
from anonymization.manifest import read_chain
from schemas.errors import CheckFailed


@dataclass(frozen=True)
class PublishedDay:
    """One privacy day as its entry states it; `files` holds the SHA-256 of each of its files, by path."""

    terms: Terms
    timezone: str
    unit: str
    confidence: float
    files: dict[str, str]

    @property
    def date(self) -> date:
        """The privacy day."""
        return self.terms.day


@dataclass(frozen=True)
class Release:
    """A verified release; `head` is the SHA-256 of the last entry of its chain."""

    root: Path
    release_id: str
    head: str
    test: bool
    days: tuple[PublishedDay, ...]

    def read(self, path: str, sha256: str) -> bytes:
        """The bytes of a file; raises CheckFailed unless they are those that were published."""
        try:
            data = (self.root / path).read_bytes()
        except OSError as error:
            raise _refused(f"{path} cannot be read ({error.strerror})") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _refused(f"{path} is not as it was published")
        return data

    def zones(self) -> bytes:
        """The GeoJSON of the zones of the last day."""
        return self.read(ZONES, self.days[-1].terms.zones_sha256)


def open_release(root: Path, verified: str = "") -> Release:
    """The release in a folder.

    It is audited in full, unless its head is `verified`: that of an audit which has just passed. Raises CheckFailed
    with the reason where it does not pass, InputError where the chain is broken.
    """
    entries = read_chain(root)
    head = entries[-1].sha256 if entries else ""
    if not entries or head != verified:
        _audit(root)
    days = tuple(sorted((_day(entry) for entry in entries if entry.kind == DAY), key=lambda day: day.date))
    return Release(root, str(entries[0].body["release_id"]), head, any(day.terms.test for day in days), days)


def _audit(root: Path) -> None:
    failed = [check for check in audit(root, allow_test=True).checks if not check.passed]
    if failed:
        raise _refused("; ".join(f"{check.name}: {check.message}" for check in failed))


def _day(entry: Entry) -> PublishedDay:
    """An entry that passed the audit."""
    confidence = entry.block("estimation").get("confidence")
    files = {path: str(record["sha256"]) for path, record in entry.block("files").items() if isinstance(record, dict)}
    return PublishedDay(
        terms_of(entry),
        str(entry.block("time")["timezone"]),
        str(entry.body["unit"]),
        float(confidence) if isinstance(confidence, int | float) else DEFAULT_CONFIDENCE,
        files,
    )


def _refused(reason: str) -> CheckFailed:
    return CheckFailed(
        f"the release does not verify: {reason}", "hexaflux audit RELEASE says more; restore it from a sound copy"
    )


DEFAULT_CONFIDENCE: Final = 0.95
"""Of the interval, where an entry states none."""
