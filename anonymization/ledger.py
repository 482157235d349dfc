"""The ledger of the privacy budget: what every published day has cost a device, beside the publication register.

One line of JSON for each day; each line holds the SHA-256 of the line before it, so that none can be changed, added or
removed unseen but at the end. What a day costs is its rho, which adds up; the budget is an epsilon over 365 days.
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
from anonymization.zcdp import epsilon_of, worst_rho
from schemas.errors import PrivacyRefusal

YEAR: Final = 365
"""Days in a row that the budget is for."""

_NOTHING_BEFORE: Final = "0" * 64
_SLACK: Final = 1e-9


@dataclass(frozen=True)
class Spending:
    """What one privacy day of some sources costs a device, as one release publishes it; sources as in `Publication`.

    Raises ValueError without a source or without a cost.
    """

    day: date
    sources: tuple[str, ...]
    rho: float
    delta: float
    release_id: str

    def __post_init__(self) -> None:
        if not self.sources or not self.rho > 0 or not 0 < self.delta < 1:
            raise ValueError(f"the spending of {self.day} names no source, no rho above 0 or no delta")


@dataclass(frozen=True)
class Budget:
    """Most epsilon at `delta` that the privacy days of any 365 in a row may cost a device."""

    epsilon: float
    delta: float


def ledger_path(register: Path) -> Path:
    """Where the ledger of a publication register stands: `publications.jsonl` to `publications.budget.jsonl`."""
    return register.with_suffix(".budget.jsonl")


def refuse_overspending(path: Path, spendings: Iterable[Spending], budget: Budget) -> None:
    """Raise PrivacyRefusal where days not yet entered would pass the budget, or were entered otherwise.

    A ledger that is not there is an empty one; a damaged one raises PrivacyRefusal too.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    _missing(path, _decode(path, content), spendings, budget)


def enter_spending(path: Path, spendings: Iterable[Spending], budget: Budget) -> None:
    """Check the days and append those not yet entered: all of them or, if one is refused, none.

    A day that is entered already, by the same release and at the same cost, is left as it is: it is paid for.
    Raises PrivacyRefusal as `refuse_overspending` does, OSError as the disk does.
    """
    with _locked(path) as descriptor:
        content = path.read_bytes()
        entries = _decode(path, content)
        whole = _without_torn_line(content)
        if len(whole) < len(content):
            os.ftruncate(descriptor, len(whole))
        line_end = b"\n" if whole and not whole.endswith(b"\n") else b""
        lines = _chained(whole.splitlines()[-1:], _missing(path, entries, spendings, budget))
        with os.fdopen(descriptor, "ab", closefd=False) as file:
            file.write(line_end + lines)
        os.fsync(descriptor)
    fsync_directory(path.parent)


def read_ledger(path: Path) -> list[Spending]:
    """The entries of a ledger, in order; raises PrivacyRefusal for a damaged one, OSError as the disk does."""
    return _decode(path, path.read_bytes())


def spent(entries: Sequence[Spending], sources: Iterable[str], delta: float, horizon: int) -> float:
    """The epsilon at `delta` that the days of any `horizon` in a row cost a device of some sources, at worst."""
    wanted = set(sources)
    costs = [(entry.day, entry.rho) for entry in entries if not wanted.isdisjoint(entry.sources)]
    return epsilon_of(worst_rho(costs, horizon), delta)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The ledger opened for appending, made if there is none, and held against every other writer."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _missing(path: Path, entries: Sequence[Spending], spendings: Iterable[Spending], budget: Budget) -> list[Spending]:
    """The spendings that the ledger does not hold, each checked against it and those before."""
    known = list(entries)
    for new in spendings:
        if new in known:
            continue
        shared = [old for old in known if not set(old.sources).isdisjoint(new.sources)]
        if any(old.day == new.day for old in shared):
            raise PrivacyRefusal(
                f"{path}: privacy day {new.day} of this source is paid for, by another release or at another cost",
                "a day of one source is published once: continue the first release, or use a new day",
            )
        known.append(new)
        _refuse_beyond(path, new, shared, budget)
    return known[len(entries) :]


def _refuse_beyond(path: Path, new: Spending, shared: Sequence[Spending], budget: Budget) -> None:
    """Raise PrivacyRefusal where a day, with the others of its sources, passes the budget of some 365 days."""
    others = [(each.day, each.rho) for each in shared]
    after = epsilon_of(worst_rho([*others, (new.day, new.rho)], YEAR, new.day), budget.delta)
    if after > budget.epsilon * (1 + _SLACK):
        before = epsilon_of(worst_rho([*others, (new.day, 0.0)], YEAR, new.day), budget.delta)
        raise PrivacyRefusal(
            f"{path}: privacy day {new.day} would bring the epsilon of {YEAR} days to {after:.2f}, above the "
            f"budget_epsilon of {budget.epsilon:g}; the other days come to {before:.2f}",
            f"publish the day when older ones are {YEAR} days past, or lower [policy.dp] epsilon for the days to come",
        )


def _chained(last: Sequence[bytes], entries: Iterable[Spending]) -> bytes:
    """The lines of new entries, each holding the hash of the line before."""
    lines: list[bytes] = []
    previous = _link(last[0]) if last else _NOTHING_BEFORE
    for entry in entries:
        record = {**asdict(entry), "day": entry.day.isoformat(), "previous": previous}
        lines.append(json.dumps(record, sort_keys=True, separators=(",", ":")).encode())
        previous = _link(lines[-1])
    return b"".join(line + b"\n" for line in lines)


def _link(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _without_torn_line(content: bytes) -> bytes:
    """The ledger without the unfinished last line that a crash may leave."""
    head, end, last = content.rpartition(b"\n")
    return content if _decode_line(last) else head + end


def _decode(path: Path, content: bytes) -> list[Spending]:
    entries = []
    previous = _NOTHING_BEFORE
    for number, line in enumerate(_without_torn_line(content).splitlines(), 1):
        found = _decode_line(line)
        if found is None or found[1] != previous:
            problem = "a damaged line" if found is None else "one that does not follow the line before it"
            raise PrivacyRefusal(
                f"{path}, line {number}: expected what a privacy day cost, got {problem}",
                "restore the ledger from a copy: it alone tells what is already spent",
            )
        entries.append(found[0])
        previous = _link(line)
    return entries


def _decode_line(line: bytes) -> tuple[Spending, str] | None:
    """The spending of a line and the hash that it holds, or None if it is not one, whole and with nothing else."""
    try:
        record = json.loads(line)
        previous = record.pop("previous")
        day = date.fromisoformat(record["day"])
        sources = tuple(record["sources"]) if isinstance(record["sources"], list) else ()
        entry = Spending(**{**record, "day": day, "sources": sources})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    texts = all(isinstance(text, str) for text in (*entry.sources, entry.release_id, previous))
    return (entry, previous) if texts and all(type(n) is float for n in (entry.rho, entry.delta)) else None
