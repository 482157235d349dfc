"""The life of every day key, a line for each event, each bound to the line before: what the log says, and its checks.

No key and no identifier is in it.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from sys import intern

from schemas.errors import InputError

CREATED = "created"
LAST_USED = "last_used"
DESTROYED = "destroyed"
EVENTS = (CREATED, LAST_USED, DESTROYED)

FIRST = "0" * 64
"""What the first line is bound to."""

MOST_TIME = timedelta(hours=24)
"""How long after the end of its privacy day a key may live (reference: S3)."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TEXT = r"[ -~]{1,120}"
_FIELDS = {
    "previous": r"[0-9a-f]{64}",
    "event": r"[a-z_]{1,20}",
    "day": r"\d{4}-\d{2}-\d{2}",
    "key_id": r"[0-9a-f]{16}",
    "commitment": r"[0-9a-f]{64}",
    "at": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    "service": _TEXT,
    "storage": _TEXT,
    "erasure": _TEXT,
    "reason": _TEXT,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One event in the life of a key; `at` is UTC in whole seconds, `previous` the SHA-256 of the line before."""

    sequence: int
    previous: str
    event: str
    day: str
    key_id: str
    commitment: str
    at: str
    service: str
    storage: str
    erasure: str
    reason: str


_NOTHING: tuple[bytes, tuple[Line, ...]] = (b"", ())

_last = _NOTHING
"""The log that was read last, with its lines: a follower reads it in every step, and it only grows."""


@dataclass(frozen=True)
class StatedKey:
    """What may be told of a key: as in its `created` line."""

    day: date
    key_id: str
    commitment: str
    created_at: str


@dataclass(frozen=True)
class Head:
    """What pins a log: how many lines it has, and the SHA-256 of the last one (of none: 64 zeros)."""

    entries: int
    sha256: str


def encode(line: Line) -> bytes:
    """The bytes of a line, in canonical form and with its end."""
    return (json.dumps(asdict(line), sort_keys=True, separators=(",", ":")) + "\n").encode()


def read(content: bytes) -> tuple[Line, ...]:
    """The lines of a log; raises InputError for a line that is torn, no line of a log, or not in canonical form."""
    global _last
    known, lines = _last
    if not content.startswith(known):
        known, lines = _NOTHING
    added = []
    for number, text in enumerate(content[len(known) :].splitlines(keepends=True), len(lines) + 1):
        line = _decode(text)
        if line is None or encode(line) != text:
            raise InputError(
                f"key_log.jsonl, line {number}: expected an event in the life of a key, got something else",
                "restore the file from where it was copied; a log of keys is never edited",
            )
        added.append(line)
    lines = (*lines, *added)
    _last = content, lines
    return lines


def head(lines: Sequence[Line]) -> Head:
    """What pins these lines; that of the first n is `head(lines[:n])`."""
    return Head(len(lines), hashlib.sha256(encode(lines[-1])).hexdigest() if lines else FIRST)


def problems(lines: Sequence[Line]) -> Iterator[str]:
    """What is wrong with a log, in words: its chain, the order of each key's events, a second key of one day."""
    lives: dict[str, list[Line]] = {}
    taken: dict[str, str] = {}
    previous = FIRST
    for number, line in enumerate(lines, 1):
        where = f"key_log.jsonl, line {number}"
        if line.sequence != number or line.previous != previous:
            yield f"{where}: the chain is broken"
        if _moment(line.at) is None:
            yield f"{where}: {line.at} is no time"
        life = lives.setdefault(line.key_id, [])
        yield from (f"{where}: {problem}" for problem in _problems_of(line, life))
        if line.event == CREATED and line.day in taken:
            yield f"{where}: privacy day {line.day} has a second key"
        if line.event != DESTROYED:
            taken.setdefault(line.day, line.key_id)
        elif not any(earlier.event == LAST_USED for earlier in life):
            # A key that was made for rows of which none counts, and never used, leaves the day to another.
            taken.pop(line.day, None)
        life.append(line)
        previous = head([line]).sha256


def late_destructions(lines: Sequence[Line], ends: dict[str, datetime]) -> list[Line]:
    """The destructions later than MOST_TIME after the end of their privacy day; `ends` gives it, with its offset."""
    destroyed = [(line, _moment(line.at)) for line in lines if line.event == DESTROYED and line.day in ends]
    return [line for line, at in destroyed if at is not None and at - ends[line.day] > MOST_TIME]


def life_of(lines: Sequence[Line], key_id: str) -> dict[str, Line]:
    """The last line of each event of a key."""
    return {line.event: line for line in lines if line.key_id == key_id}


def open_keys(lines: Sequence[Line], services: Collection[str] | None = None) -> dict[str, Line]:
    """By privacy day, the line that created the key of the day that is not yet destroyed; of some services, or all."""
    destroyed = {line.key_id for line in lines if line.event == DESTROYED}
    created = [line for line in lines if line.event == CREATED and line.key_id not in destroyed]
    return {line.day: line for line in created if services is None or line.service in services}


def stated_key(lines: Sequence[Line], day: date) -> StatedKey:
    """The last key that was made for a day, also where it is gone; raises InputError where none was."""
    for line in reversed(lines):
        if (line.event, line.day) == (CREATED, day.isoformat()):
            return StatedKey(day, line.key_id, line.commitment, line.at)
    raise InputError(
        f"key_log.jsonl: expected a key of privacy day {day}, got none",
        "restore the file from where it was copied; a log of keys is never edited",
    )


def clock() -> str:
    """This moment as the log writes it."""
    return datetime.now(UTC).strftime(_TIME)


def _problems_of(line: Line, life: Sequence[Line]) -> Iterator[str]:
    """What is wrong with the next event of a key, after those of its life until then."""
    if line.event not in EVENTS:
        yield f"unknown event {line.event}"
        return
    if (line.event == CREATED) != (not life):
        yield f"key {line.key_id} is {'created twice' if life else f'{line.event} before it is created'}"
    if not life:
        return
    if life[-1].event == DESTROYED:
        yield f"key {line.key_id} is {line.event} after it is destroyed"
    if (line.day, line.commitment) != (life[0].day, life[0].commitment):
        yield f"key {line.key_id} has another day or commitment than when it was created"
    if line.at < life[-1].at:
        yield f"key {line.key_id} is {line.event} at {line.at}, earlier than it is {life[-1].event}"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _decode(text: bytes) -> Line | None:
    """The event of a line, or None if it is not one, whole and with nothing else."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.keys() != {"sequence", *_FIELDS}:
        return None
    if type(record["sequence"]) is not int:
        return None
    for name, pattern in _FIELDS.items():
        if not isinstance(record[name], str) or not re.fullmatch(pattern, record[name], re.ASCII):
            return None
    # Most of what a line says is said by others too: kept once, a year of lines takes a third of the memory.
    return Line(record["sequence"], *(intern(record[name]) for name in _FIELDS))
