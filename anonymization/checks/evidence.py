"""What an audit looks at: the files that stand in a release and the entries that could be read of its chain."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from anonymization import limits
from anonymization.checks.inventory import Inventory, take
from anonymization.entries import DAY, WINDOWS, Body, Entry, days_of, parse_entry
from anonymization.manifest import CHAIN
from schemas.errors import InputError
from schemas.indicators import INDICATORS

_DATA_FILE = re.compile(r"(\w+)/date=(\d{4}-\d\d-\d\d)/[\w-][\w.-]*\.parquet", re.ASCII)
_ENTRY_FILE = re.compile(rf"{CHAIN}/(\d{{6}}\.json)", re.ASCII)


ROWS_SHA256: Final = "rows_sha256"
"""What an entry states of a file of windows beside its SHA-256: the digest of its rows."""


@dataclass(frozen=True)
class Former:
    """A file of windows that is not listed any more since its day is over: its rows stand in the files of the day."""

    entry: Entry
    path: str
    record: Body


@dataclass(frozen=True)
class Evidence:
    """The inventory, the readable entries in order of name, and a sentence for each entry that is not readable."""

    inventory: Inventory
    entries: tuple[Entry, ...]
    unreadable: tuple[str, ...]

    @cached_property
    def days(self) -> tuple[Entry, ...]:
        """The privacy days as their entries state them, see `days_of`."""
        return days_of(self.entries)

    @cached_property
    def former(self) -> dict[str, tuple[Former, ...]]:
        """By privacy day that is over: the files of its windows that are not listed any more, in order of the chain."""
        over = {str(day.privacy_day): listed(day) for day in self.days if day.kind == DAY}
        found: dict[str, list[Former]] = {}
        for entry in self.entries:
            day = str(entry.privacy_day)
            if entry.kind == WINDOWS and day in over:
                files = sorted(listed(entry).items())
                former = [Former(entry, path, record) for path, record in files if path not in over[day]]
                found.setdefault(day, []).extend(each for each in former if ROWS_SHA256 in each.record)
        return {day: tuple(files) for day, files in found.items() if files}

    @cached_property
    def compacted(self) -> frozenset[str]:
        """The names of the entries with such files."""
        return frozenset(each.entry.name for files in self.former.values() for each in files)

    def intact(self, path: str, record: Body) -> bool:
        """Whether a listed file is there with the listed bytes."""
        present = self.inventory.sha256.get(path)
        return present is not None and present == record.get("sha256")


def collect(release: Path) -> Evidence:
    """The evidence that stands in a release, however damaged."""
    inventory = take(release)
    entries: list[Entry] = []
    unreadable: list[str] = []
    for path in sorted(inventory.sha256):
        if match := _ENTRY_FILE.fullmatch(path):
            try:
                entries.append(parse_entry(match[1], limits.read(release / path, path)))
            except InputError as error:
                unreadable.append(error.message)
            except OSError as error:
                unreadable.append(f"{path} cannot be read ({error.strerror})")
    return Evidence(inventory, tuple(entries), tuple(unreadable))


def is_entry(path: str) -> bool:
    """Whether a path is that of an entry of the chain."""
    return _ENTRY_FILE.fullmatch(path) is not None


def place_of(path: str) -> tuple[str, str] | None:
    """Indicator and privacy day of a released file, or None for a path that no release has."""
    match = _DATA_FILE.fullmatch(path)
    return (match[1], match[2]) if match and match[1] in INDICATORS else None


def listed(entry: Entry) -> dict[str, Body]:
    """The files that an entry lists, each with its record; what is no record is an empty one."""
    return {path: record if isinstance(record, dict) else {} for path, record in entry.block("files").items()}
