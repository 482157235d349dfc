"""A file of what is told of privacy days, line by line, that only grows: the register of publications, the ledger.

Each line is JSON and gives the SHA-256 of the line before as `previous` (64 zeros for the first): a line that was
changed or taken away from the middle is found when the file is next read. One process writes at a time.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from anonymization.atomic import fsync_directory
from schemas.errors import PrivacyRefusal

NOTHING_BEFORE: Final = "0" * 64


class OfDay(Protocol):
    """A dataclass that tells something of one privacy day of some sources; its other fields are str or float."""

    @property
    def day(self) -> date:
        """The privacy day."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Digests that name the data."""


T = TypeVar("T", bound=OfDay)


@dataclass(frozen=True)
class DayLines(Generic[T]):
    """The file at `path`, with a line for each `kind`; `what` a line tells and the `hint` are for errors."""

    path: Path
    kind: type[T]
    what: str
    hint: str

    def read(self) -> list[T]:
        """What the lines tell, in order; raises PrivacyRefusal for a damaged file, FileNotFoundError for none."""
        return self._decode(self.path.read_bytes())

    def append(self, missing: Callable[[Sequence[T]], Sequence[T]]) -> None:
        """Append what `missing` makes of what is there; whatever it raises leaves the file as it was.

        Makes the file where there is none. Raises what `read` raises, OSError as the disk does.
        """
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            content = self.path.read_bytes()
            lines = self._encode(missing(self._decode(content)), after=self._whole(content))
            if len(self._whole(content)) < len(content):
                os.ftruncate(descriptor, len(self._whole(content)))
            with os.fdopen(descriptor, "ab", closefd=False) as file:
                file.write(lines)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fsync_directory(self.path.parent)

    def _whole(self, content: bytes) -> bytes:
        """The file without the unfinished last line that a crash may leave."""
        head, end, last = content.rpartition(b"\n")
        return content if self._decode_line(last) else head + end

    def _decode(self, content: bytes) -> list[T]:
        found = []
        previous = NOTHING_BEFORE
        for number, line in enumerate(self._whole(content).splitlines(), 1):
            told = self._decode_line(line)
            if told is None or told[1] != previous:
                raise PrivacyRefusal(
                    f"{self.path}, line {number}: expected {self.what} that follows the line before, got another line",
                    self.hint,
                )
            found.append(told[0])
            previous = _sha256(line)
        return found

    def _decode_line(self, line: bytes) -> tuple[T, str] | None:
        """What a line tells and what it states of the line before, or None for another or an unfinished line."""
        try:
            record = json.loads(line)
            previous = record.pop("previous")
            listed = record["sources"] if isinstance(record["sources"], list) else ()
            values = record | {"day": date.fromisoformat(record["day"]), "sources": tuple(listed)}
            told = self.kind(**values)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        plain = [each for each in fields(told) if each.type in (str, float)]  # type: ignore[arg-type]
        right = all(type(values[each.name]) is each.type for each in plain)
        texts = all(isinstance(text, str) for text in (*told.sources, previous))
        return (told, previous) if right and texts else None

    def _encode(self, told: Sequence[T], after: bytes) -> bytes:
        """The lines, to be written after a file that is whole."""
        lines = b"\n" if after and not after.endswith(b"\n") else b""
        before = after.splitlines()
        previous = _sha256(before[-1]) if before else NOTHING_BEFORE
        for each in told:
            record = {**vars(each), "day": each.day.isoformat(), "previous": previous}
            line = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
            lines += line + b"\n"
            previous = _sha256(line)
        return lines


def _sha256(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
