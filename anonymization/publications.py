"""The publication register: a privacy day of one source is published once.

Each line gives the SHA-256 of the line before as `previous` (64 zeros for the first): a line that was taken away or
changed is found when the register is next read.
"""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from anonymization.atomic import fsync_directory
from schemas.errors import PrivacyRefusal

NOTHING_BEFORE: Final = "0" * 64


@dataclass(frozen=True)
class Publication:
    """One privacy day of some sources, as one release publishes it.

    A source is a digest that the caller chooses, the same for the same data in every configuration. `start`, `end`:
    when the day begins and ends, as `2026-06-20T03:00:00Z`: days that begin at another hour overlap.
    Raises ValueError without a source: what names no source could never be refused.
    """

    day: date
    sources: tuple[str, ...]
    release_id: str
    zones_sha256: str
    key_id: str
    start: str
    end: str

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"the publication of {self.day} names no source")


def refuse_second_publication(path: Path, publications: Iterable[Publication]) -> None:
    """Raise PrivacyRefusal if the register holds one of the days, of a shared source, published otherwise.

    A register that is not there is an empty one; a damaged one raises PrivacyRefusal too.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    _missing(path, _decode(path, content), publications)


def enter(path: Path, publications: Iterable[Publication]) -> None:
    """Check the publications and append those not yet entered: all of them or, if one is refused, none.

    Of several processes that enter one day under different releases, exactly one succeeds.
    Raises PrivacyRefusal as `refuse_second_publication` does, OSError as the disk does.
    """
    with _locked(path) as descriptor:
        content = path.read_bytes()
        missing = _missing(path, _decode(path, content), publications)
        whole = _without_torn_line(content)
        if len(whole) < len(content):
            os.ftruncate(descriptor, len(whole))
        with os.fdopen(descriptor, "ab", closefd=False) as file:
            file.write(_encode(missing, after=whole))
        os.fsync(descriptor)
    fsync_directory(path.parent)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The register opened for appending, made if there is none, and held against every other writer."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _missing(path: Path, entries: Sequence[Publication], publications: Iterable[Publication]) -> list[Publication]:
    """The publications that the register does not hold, each checked against it and those before."""
    known = list(entries)
    for new in publications:
        for old in known:
            if not set(old.sources).isdisjoint(new.sources):
                _refuse_overlap(path, old, new)
                _refuse_difference(path, old, new)
        if new not in known:
            known.append(new)
    return known[len(entries) :]


def _refuse_overlap(path: Path, old: Publication, new: Publication) -> None:
    same = (old.day, old.start, old.end) == (new.day, new.start, new.end)
    if not same and old.start < new.end and new.start < old.end:
        raise PrivacyRefusal(
            f"{path}: privacy day {new.day} of this source, {new.start} to {new.end}, overlaps privacy day {old.day}, "
            f"{old.start} to {old.end}, that is already published",
            "an hour of one source is published once: leave [time] privacy_day_starts and [area] timezone as they are, "
            "or begin with a day that starts after the last one ends",
        )


def _refuse_difference(path: Path, old: Publication, new: Publication) -> None:
    if old.day != new.day:
        return
    compared = {"release": "release_id", "zone set": "zones_sha256", "key": "key_id"}
    stated = {word: (getattr(old, name), getattr(new, name)) for word, name in compared.items()}
    found = [f"another {word} {was} (here {now})" for word, (was, now) in stated.items() if was != now]
    if found:
        by = "" if old.release_id != new.release_id else f"by release {old.release_id} "
        raise PrivacyRefusal(
            f"{path}: privacy day {new.day} of this source is already published {by}under {', '.join(found)}",
            "a day of one source is published once: continue the first release, or use a new day",
        )


def _without_torn_line(content: bytes) -> bytes:
    """The register without the unfinished last line that a crash may leave."""
    head, end, last = content.rpartition(b"\n")
    return content if _decode_line(last) else head + end


def _decode(path: Path, content: bytes) -> list[Publication]:
    entries = []
    previous = NOTHING_BEFORE
    for number, line in enumerate(_without_torn_line(content).splitlines(), 1):
        entry, stated = _decode_line(line) or (None, "")
        if entry is None or stated != previous:
            raise PrivacyRefusal(
                f"{path}, line {number}: expected a publication that follows the line before, got a damaged one",
                "restore the register from a copy: it alone tells what is already published",
            )
        entries.append(entry)
        previous = _sha256(line)
    return entries


def _decode_line(line: bytes) -> tuple[Publication, str] | None:
    """The publication of a line and what it states of the line before, or None for another or an unfinished line."""
    try:
        record = json.loads(line)
        previous = record.pop("previous")
        day = date.fromisoformat(record["day"])
        sources = tuple(record["sources"]) if isinstance(record["sources"], list) else ()
        entry = Publication(**{**record, "day": day, "sources": sources})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    texts = [*entry.sources, entry.release_id, entry.zones_sha256, entry.key_id, entry.start, entry.end, previous]
    return (entry, previous) if all(isinstance(text, str) for text in texts) else None


def _encode(entries: Sequence[Publication], after: bytes) -> bytes:
    """The lines of publications, to be written after a register that is whole."""
    lines = b"\n" if after and not after.endswith(b"\n") else b""
    before = after.splitlines()
    previous = _sha256(before[-1]) if before else NOTHING_BEFORE
    for entry in entries:
        record = {**asdict(entry), "day": entry.day.isoformat(), "previous": previous}
        line = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        lines += line + b"\n"
        previous = _sha256(line)
    return lines


def _sha256(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
