"""The key service of another program, such as one that holds keys in an HSM: the master never reaches this process."""

import base64
import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn

from anonymization.key_log import Line, open_keys, read
from anonymization.key_log_file import KeyLog, log_beside, not_its_own
from anonymization.key_program import MISSING, KeyProgram, program
from anonymization.key_service import DayKey, Storage
from anonymization.key_uses import no_subkey
from anonymization.keys import PURPOSES
from schemas.errors import SystemFailure

EXTERNAL = Storage("external", "key service of the operator", "not provable here: the key service vouches for it")

_STATED = {
    "key_id": r"[0-9a-f]{16}",
    "commitment": r"[0-9a-f]{64}",
    "created_at": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
}
_DAY = r"\d{4}-\d{2}-\d{2}"

# The keys whose sub-keys this process asked for and compared: working directory, day, key_id.
_COMPARED: set[tuple[str, date, str]] = set()


@dataclass(frozen=True)
class HeldKey:
    """A day key that the service holds; sub-keys are asked for when they are needed, and not kept."""

    day: date
    key_id: str
    commitment: str
    created_at: str
    _service: "CommandKeys" = field(repr=False, compare=False)

    def subkey(self, purpose: str) -> bytes:
        """The 16 bytes for one of PURPOSES, as the service makes them."""
        if purpose not in PURPOSES:
            raise ValueError(f"expected a purpose among {', '.join(PURPOSES)}, got {purpose!r}")
        return self._service.subkey(self.day, purpose)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a day key cannot be pickled: send the day, and open its key where it is used")


@dataclass(frozen=True)
class CommandKeys:
    """The day keys of the working directory that `directory` lies in, kept by a command that is run in `folder`.

    Requests and answers: see docs/examples/README.md. The name of the scope, by which the service tells the keys of
    working directories apart, is a digest of the path.
    """

    directory: Path
    command: tuple[str, ...]
    folder: Path

    @property
    def storage(self) -> Storage:
        """Where the keys lie: with a service that the operator vouches for."""
        return EXTERNAL

    @property
    def log(self) -> KeyLog:
        """The life-cycle log."""
        return log_beside(self.directory)

    def create_or_open(self, day: date) -> DayKey:
        """The key of the day, made and logged if there is none; every process that asks gets the same one.

        Raises what `open` raises.
        """
        with self.log.held() as log:
            if day.isoformat() in log.open_days():
                return self.open(day)
            key = self._key("create_or_open", day)
            self._refuse_shared(key, log.lines)
            log.created(key, self.storage)
            return key

    def open(self, day: date) -> DayKey:
        """The key of the day.

        Raises SystemFailure if there is none, or where it is not the day's own: its name, its commitment or a sub-key
        is that of another day, or two of its sub-keys are equal.
        """
        key = self._key("open", day)
        self._refuse_shared(key, read(self.log.content()))
        return key

    def exists(self, day: date) -> bool:
        """Whether the service has a key of the day."""
        found = self._ask("exists", day).get("exists")
        if not isinstance(found, bool):
            raise self._program.broken({"op": "exists"})
        return found

    def subkey(self, day: date, purpose: str) -> bytes:
        """16 bytes for a purpose; raises SystemFailure if there is no key, or where they are not of this use alone."""
        text = self._ask("subkey", day, purpose).get("subkey")
        try:
            key = base64.b64decode(text, validate=True) if isinstance(text, str) else None
        except ValueError:
            key = None
        if key is None:
            raise self._program.broken({"op": "subkey", "day": day.isoformat()})
        if what := no_subkey(self._scope, key, day, purpose):
            raise self._program.refused(day.isoformat(), what)
        return key

    def used(self, day: date) -> None:
        """Log that the day's key was used for the last time so far."""
        with self.log.held() as log:
            log.used(self.open(day), self.storage)

    def destroy(self, day: date) -> None:
        """Have the service destroy the key of the day, and log it; no key is nothing to do."""
        self._destroy([day], "day is published")

    def destroy_all_but(self, days: Collection[date], since: date = date.max) -> None:
        """Have the service destroy all other keys of this working directory before `since`, and log it."""
        listed = self._ask("list").get("days")
        if not isinstance(listed, list) or not all(isinstance(day, str) and re.fullmatch(_DAY, day) for day in listed):
            raise self._program.broken({"op": "list"})
        with self.log.held() as log:
            others = {date.fromisoformat(day) for day in {*listed} | log.open_days([EXTERNAL.service])} - set(days)
        self._destroy(sorted(day for day in others if day < since), "no event of the day counts, or the run began anew")

    def _destroy(self, days: Collection[date], reason: str) -> None:
        if not days:
            return
        with self.log.held() as log:
            for day in days:
                there = self.exists(day)
                if there:
                    # Also a key that is not the day's own has to go.
                    log.created(self._key("open", day), self.storage)
                    self._ask("destroy", day)
                    if self.exists(day):
                        raise self._program.broken({"op": "destroy", "day": day.isoformat()})
                log.destroyed(day.isoformat(), self.storage, reason if there else "key was found gone")

    @property
    def _program(self) -> KeyProgram:
        return program(self.command, self.folder)

    def _ask(self, operation: str, day: date | None = None, purpose: str = "") -> Mapping[str, object]:
        request = {"op": operation, "scope": self._scope}
        request |= {"day": day.isoformat()} if day else {}
        answer = self._program.ask(request | ({"purpose": purpose} if purpose else {}))
        if day and answer.get("error") == MISSING:
            raise self._gone(day)
        return answer

    @property
    def _scope(self) -> str:
        return hashlib.sha256(os.fsencode(os.path.realpath(self.directory))).hexdigest()[:16]

    def _key(self, operation: str, day: date) -> HeldKey:
        answer = self._ask(operation, day)
        stated = {name: answer.get(name) for name in _STATED}
        for name, pattern in _STATED.items():
            if not isinstance(stated[name], str) or not re.fullmatch(pattern, str(stated[name]), re.ASCII):
                raise self._program.broken({"op": operation, "day": day.isoformat()})
        return HeldKey(day, str(stated["key_id"]), str(stated["commitment"]), str(stated["created_at"]), self)

    def _refuse_shared(self, key: HeldKey, lines: Sequence[Line]) -> None:
        """Raise SystemFailure where the key is not the day's own, by the log and by its sub-keys."""
        if what := not_its_own(lines, key):
            raise self._program.refused(key.day.isoformat(), what)
        others = open_keys(lines, [EXTERNAL.service])
        known = {(date.fromisoformat(day), line.key_id) for day, line in others.items()}
        # The others first, so that the error is about this day.
        for day, key_id in [*sorted(known - {(key.day, key.key_id)}), (key.day, key.key_id)]:
            if (self._scope, day, key_id) not in _COMPARED:
                self._compare(day, of_other=day != key.day)
                _COMPARED.add((self._scope, day, key_id))

    def _compare(self, day: date, of_other: bool) -> None:
        """Ask for all sub-keys of a day, each of which is compared; another day may be gone and not logged yet."""
        try:
            for purpose in PURPOSES:
                self.subkey(day, purpose)
        except SystemFailure:
            if not of_other or self.exists(day):
                raise

    def _gone(self, day: date) -> SystemFailure:
        return SystemFailure(
            f"[release] key_service: expected the key of privacy day {day}, but the service has none",
            "a destroyed key cannot be made again; if nothing of the day is published, remove the working directory "
            "and run again",
        )
