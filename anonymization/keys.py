"""The secret of a privacy day: made once, kept in one file of its owner, destroyed after the day."""

import os
import re
from collections.abc import Collection, Set
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn

from anonymization import atomic, key_files
from anonymization.key_folder import KeyFolder
from anonymization.key_log import LAST_USED, life_of, open_keys, read
from anonymization.key_log_file import HeldLog, KeyLog, log_beside
from anonymization.key_origin import Origin, derive
from anonymization.key_service import DayKey, Storage
from schemas.errors import InputError, PrivacyRefusal, SystemFailure

PSEUDONYM = "pseudonym"
DRAW = "draw"
ROUNDING = "rounding"
INPUT = "input"
PURPOSES = (PSEUDONYM, DRAW, ROUNDING, INPUT)

SUBKEY_BYTES = 16

IN_CONFIGURATION = Storage("configuration", "configuration", "none: the key is in the configuration")
"""Of keys that derive from `[test] day_key`, wherever their files are."""

SERVICES = ("file", IN_CONFIGURATION.service)
"""What the log calls keys in files."""

_WHERE_NOTHING_IS_OUT = (
    "what was read of the day cannot be continued, and nothing of it was published: remove the working directory and "
    "run again; where other days are published, give this one a release directory of its own"
)
_WHERE_FIGURES_ARE_OUT = (
    "windows of the day may be published: they stay, and the day can neither be ended nor published again; keep the "
    "release, and publish from the next privacy day on to another [release] directory; with [release] key_service keys "
    "outlive a restart"
)

# A key file, or the temporary file of one.
_KEY_NAME = re.compile(r"\.?(\d{4}-\d\d-\d\d)\.key(?:\..*\.tmp)?")


@dataclass(frozen=True)
class MasterKey:
    """A day key whose master is in this process; it is neither shown nor pickled.

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
        return derive(self.master, f"{purpose}|{self.day.isoformat()}", SUBKEY_BYTES)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a day key cannot be pickled: send the day, and open its key where it is used")


@dataclass(frozen=True)
class KeyStore:
    """The key service of files: one 0600 file `<day>.key` for each open key, in a 0700 directory.

    With `in_memory` the directory is on a tmpfs where there is one, see `KeyFolder`. The life-cycle log stands beside
    it, see `log_beside`. With `test_key` (64 hex digits) every key derives from it and the day, so whoever knows it
    knows them all. Raises UsageError for a malformed `test_key`.
    """

    directory: Path
    test_key: str | None = field(default=None, repr=False)
    in_memory: bool = False

    def __post_init__(self) -> None:
        _ = self._origin

    @property
    def storage(self) -> Storage:
        """Where the keys lie."""
        return self._folder.storage if self.test_key is None else IN_CONFIGURATION

    @property
    def log(self) -> KeyLog:
        """The life-cycle log, also the lock of whoever makes or destroys a key."""
        return log_beside(self.directory)

    def create_or_open(self, day: date) -> DayKey:
        """The key of the day, made and logged if there is none; every process that asks gets the same one.

        Raises what `open` raises, and SystemFailure where the day had a key that is lost.
        """
        with self.log.held() as log:
            if not self.exists(day) and day.isoformat() in log.open_days():
                raise self._gone(day)
            self._folder.make()
            if not self.exists(day):
                self._wipe_leftovers(day)
                content = key_files.encode(self._origin.record(day))
                atomic.write_bytes(self._path(day), content, mode=0o600)
            key = self.open(day)
            log.created(key, self.storage)
            return key

    def open(self, day: date) -> DayKey:
        """The key of the day as its file states it.

        Raises SystemFailure if there is none or if others could read or write it, InputError if it is
        damaged, PrivacyRefusal if it was made under another `test_key` than this one, or none.
        """
        try:
            self._folder.refuse_shared()
            record = self._record(day)
        except FileNotFoundError:
            raise self._gone(day) from None
        if not self._origin.made(record):
            raise self._other_origin(day, record["origin"])
        return _key_of(record)

    def exists(self, day: date) -> bool:
        """Whether the day has a key file, sound or damaged."""
        return os.path.lexists(self._path(day))

    def used(self, day: date) -> None:
        """Log that the day's key was used for the last time so far; raises what `open` raises."""
        with self.log.held() as log:
            log.used(self.open(day), self.storage)

    def destroy(self, day: date) -> None:
        """Overwrite, remove and log the key of the day and its temporary files; no key is nothing to do.

        On media that copy on write the old blocks stay until reused: there, encrypt the disk itself.
        """
        self._destroy({day.isoformat()}, "day is published")

    def destroy_all_but(self, days: Collection[date], since: date = date.max) -> None:
        """Destroy and log the keys of all other days before `since`, and what killed writers of them left."""
        others = {match[1] for name in self._names() if (match := _KEY_NAME.fullmatch(name))} | self._logged()
        others = {day for day in others - {day.isoformat() for day in days} if day < since.isoformat()}
        self._destroy(others, "no event of the day counts, or the run began anew")

    @property
    def _origin(self) -> Origin:
        return Origin(self.test_key)

    @property
    def _folder(self) -> KeyFolder:
        return KeyFolder(self.directory, self.in_memory)

    def _path(self, day: date) -> Path:
        return self.directory / f"{day.isoformat()}.key"

    def _names(self) -> list[str]:
        return os.listdir(self.directory) if self.directory.is_dir() else []

    def _logged(self) -> set[str]:
        """The days whose keys are open files by the log."""
        return set(open_keys(read(self.log.content()), SERVICES))

    def _destroy(self, days: Set[str], reason: str) -> None:
        if not self._folder.is_there() and not days & self._logged():
            return
        with self.log.held() as log:
            self._folder.refuse_foreign_link()
            self._folder.wipe_left_behind()
            for day in sorted(days):
                self._destroy_one(log, date.fromisoformat(day), reason)
            self._folder.remove_if_empty()

    def _destroy_one(self, log: HeldLog, day: date, reason: str) -> None:
        """What is logged last is true: the key is gone. A destruction that was cut short is logged by the next."""
        storage, there = self.storage, self.exists(day)
        if there:
            self._log_creation(log, day, storage)
            key_files.wipe(self._path(day))
        if self.directory.is_dir():
            self._wipe_leftovers(day)
            atomic.fsync_directory(self.directory)
        log.destroyed(day.isoformat(), storage, reason if there else "key was found gone")

    def _log_creation(self, log: HeldLog, day: date, storage: Storage) -> None:
        """Log a key whose maker was killed before it could; of a damaged one nothing is known."""
        try:
            key = _key_of(self._record(day))
        except (InputError, SystemFailure):
            return
        log.created(key, storage)

    def _wipe_leftovers(self, day: date) -> None:
        for path in atomic.leftovers(self._path(day)):
            key_files.wipe(path)

    def _record(self, day: date) -> dict[str, str]:
        """What a key file holds; raises FileNotFoundError, and InputError and SystemFailure as `open` does."""
        path = self._path(day)
        record = key_files.decode(key_files.read(path))
        if record is None or record["day"] != day.isoformat():
            raise InputError(
                f"{path}: expected the key file of privacy day {day}, got a damaged one",
                "restore it; if nothing of the day is published, remove the working directory and run again",
            )
        return record

    def _other_origin(self, day: date, found: str) -> PrivacyRefusal:
        """A known key must never protect a release that does not call itself a test."""
        return PrivacyRefusal(
            f"{self._path(day)}: expected a {self._origin.name} key for privacy day {day}, got a {found} key "
            "made under another [test] day_key, or none",
            "write the [test] table as it was when the day began, or use another release directory",
        )

    def _gone(self, day: date) -> SystemFailure:
        """The error about a day without a key: whether it was destroyed, or lost with the memory that it was in."""
        what = f"{self._path(day)}: expected the key of privacy day {day}, got no file"
        lines = read(self.log.content())
        lost = open_keys(lines).get(day.isoformat())
        if lost is None:
            return SystemFailure(what, "a destroyed key cannot be made again: what its day published is final")
        # It is used before anything of the day is published.
        used = LAST_USED in life_of(lines, lost.key_id)
        return SystemFailure(
            f"{what}, and its destruction is not logged; keys in memory do not outlive a restart of the machine",
            _WHERE_FIGURES_ARE_OUT if used else _WHERE_NOTHING_IS_OUT,
        )


def _key_of(record: dict[str, str]) -> MasterKey:
    stated = (record["key_id"], record["commitment"], record["created_at"])
    return MasterKey(date.fromisoformat(record["day"]), *stated, bytes.fromhex(record["master"]))
