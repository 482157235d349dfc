"""The register of consultations: each is opened once, and published once, whatever becomes of the database."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from anonymization.day_lines import DayLines
from schemas.errors import PrivacyRefusal

OPENED, CLOSED, PUBLISHED = "opened", "closed", "published"
_HINT: Final = "restore the register from a copy: it alone tells which consultations there were"


@dataclass(frozen=True)
class Entry:
    """A line: the consultation, what happened, its last day, and the SHA-256 of its definition or its results."""

    day: date
    sources: tuple[str, ...]
    consultation: str
    event: str
    sha256: str


def entry(consultation: str, event: str, day: date, content: str) -> Entry:
    """The line for a definition that is opened, or results that are published."""
    return Entry(day, (consultation,), consultation, event, hashlib.sha256(content.encode()).hexdigest())


def enter(path: Path, new: Entry) -> None:
    """Append a line; one that is there is not repeated.

    Raises PrivacyRefusal where the consultation was opened or published otherwise, or the register is damaged.
    """
    _lines(path).append(lambda entries: _missing(path, entries, new))


def published(path: Path, consultation: str) -> Entry | None:
    """The line of a consultation's publication, None without one; raises PrivacyRefusal for a damaged register."""
    return next((each for each in _of(path, consultation) if each.event == PUBLISHED), None)


def knows(path: Path, consultation: str) -> bool:
    """Whether there is a line of a consultation; raises PrivacyRefusal for a damaged register."""
    return bool(_of(path, consultation))


def _of(path: Path, consultation: str) -> list[Entry]:
    try:
        return [each for each in _lines(path).read() if each.consultation == consultation]
    except FileNotFoundError:
        return []


def _lines(path: Path) -> DayLines[Entry]:
    return DayLines(path, Entry, "a line of a consultation", _HINT)


def _missing(path: Path, entries: Sequence[Entry], new: Entry) -> list[Entry]:
    before = [each for each in entries if each.consultation == new.consultation]
    reopened = new.event == OPENED and any(each.event != OPENED for each in before)
    if new in before and not reopened:
        return []
    if reopened or any(each.event == new.event for each in before):
        raise PrivacyRefusal(
            f"{path}: expected a consultation that was not {new.event} before, found {new.consultation}",
            "two versions of a result differ by single people: give a new consultation a name of its own",
        )
    return [new]
