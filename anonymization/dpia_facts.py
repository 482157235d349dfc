"""What a draft impact assessment is filled from: what a release states of itself, read from its manifest."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from anonymization import key_log
from anonymization.entries import DAY, ZONES, Body, Entry, Json, days_of
from anonymization.key_log import CREATED, DESTROYED, Line
from anonymization.manifest import KEY_LOG, read_chain
from anonymization.policy import Number, policy_of, register
from anonymization.statement import Facts, facts_of
from schemas.errors import InputError

_COMPARED: Final = ("policy", "time", "estimation", "unit", "zones_sha256", "software", "dp")
"""What an entry states that may change from one privacy day to the next."""


@dataclass(frozen=True)
class Keeping:
    """How keys were kept, in the words of the log, and how many of them so."""

    service: str
    storage: str
    erasure: str
    keys: int


@dataclass(frozen=True)
class Keys:
    """The day keys of a release: how many were made and destroyed, the longest life in hours (None: none has ended)."""

    made: int
    destroyed: int
    longest_hours: float | None
    kept: tuple[Keeping, ...]


@dataclass(frozen=True)
class Change:
    """A stated value that is another from a privacy day on."""

    day: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class DpiaFacts:
    """What a draft is filled from.

    `days`: in the order of publication; `told`: the facts of the statement; `numbers`: the register of privacy numbers
    of the last day; `any_over`: whether a day is over; `events`, `devices`: of the last day that is, in two digits,
    None below 100 or where none is; `kinds`: kinds of zones; `flags`: of all days.
    """

    release_id: str
    days: tuple[str, ...]
    told: Facts
    numbers: tuple[Number, ...]
    version: str
    commit: str | None
    any_over: bool
    events: int | None
    devices: int | None
    zones: int
    sensitive_zones: int
    kinds: tuple[str, ...]
    flags: tuple[str, ...]
    keys: Keys
    changes: tuple[Change, ...]


def read_facts(release: Path) -> DpiaFacts:
    """The facts of a release, from its manifest.

    Raises InputError where there is no entry of a privacy day or one is damaged; UsageError, OSError, KeyError,
    TypeError, AttributeError or ValueError where a fact is missing or none.
    """
    days = days_of(read_chain(release))
    if not days:
        raise unsound(release, "no entry of a privacy day")
    return _facts(days, (release / ZONES).read_bytes(), key_log.read((release / KEY_LOG).read_bytes()))


def unsound(release: Path, found: str) -> InputError:
    """The error about a release that does not state its facts."""
    return InputError(
        f"{release}: expected a release that states its privacy days, its zones and its keys, got {found}",
        f"run hexaflux audit {release} to see what is wrong with it",
    )


def _facts(days: Sequence[Entry], zones: bytes, lines: Sequence[Line]) -> DpiaFacts:
    last = days[-1].body
    if hashlib.sha256(zones).hexdigest() != last["zones_sha256"]:
        raise ValueError("the zones are not those of the last day")
    places = [_object(feature["properties"]) for feature in json.loads(zones)["features"]]
    software, over = _object(last["software"]), [entry.body for entry in days if entry.kind == DAY]
    counted = _object(over[-1]["input"]) if over else {"events": None, "devices": None}
    flags = [str(flag) for entry in days for flag in _listed(entry.body["flags"])]
    return DpiaFacts(
        release_id=str(last["release_id"]),
        days=tuple(str(entry.privacy_day) for entry in days),
        told=facts_of([entry.body for entry in days]),
        numbers=register(policy_of(_object(last["policy"]), test=last["test"] is not False)),
        version=str(software["version"]),
        commit=None if software["commit"] is None else str(software["commit"]),
        any_over=bool(over),
        events=_whole(counted["events"]),
        devices=_whole(counted["devices"]),
        zones=len(places),
        sensitive_zones=sum(place.get("sensitive") is True for place in places),
        kinds=tuple(sorted({str(place["kind"]) for place in places})),
        flags=tuple(dict.fromkeys(flags)),
        keys=_keys(lines),
        changes=tuple(_changed([entry.body for entry in days])),
    )


def _keys(lines: Sequence[Line]) -> Keys:
    """What the log tells; how a key was kept is what its last line says."""
    last = {line.key_id: line for line in lines}
    kept: dict[tuple[str, str, str], int] = {}
    for line in last.values():
        words = (line.service, line.storage, line.erasure)
        kept[words] = kept.get(words, 0) + 1
    made = {line.key_id: datetime.fromisoformat(line.at) for line in lines if line.event == CREATED}
    gone = {line.key_id: datetime.fromisoformat(line.at) for line in lines if line.event == DESTROYED}
    lives = [(gone[key] - made[key]).total_seconds() / 3600 for key in made.keys() & gone.keys()]
    return Keys(len(made), len(gone), max(lives, default=None), tuple(Keeping(*key, n) for key, n in kept.items()))


def _changed(bodies: Sequence[Body]) -> Iterator[Change]:
    """What is stated otherwise than for the day before."""
    for before, after in pairwise(bodies):
        for name in _COMPARED:
            old, new = _named(name, before.get(name)), _named(name, after.get(name))
            for each in sorted(old.keys() | new.keys()):
                if old.get(each) != new.get(each):
                    yield Change(str(after["privacy_day"]), each, _text(old.get(each)), _text(new.get(each)))


def _named(name: str, value: Json) -> dict[str, Json]:
    """A stated value by its full name; an object by the names of its values."""
    return {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}


def _text(value: Json) -> str:
    return "-" if value is None else str(value)


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("expected an object")
    return value


def _listed(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def _whole(value: Json) -> int | None:
    if value is not None and not isinstance(value, int):
        raise TypeError("expected a whole number or null")
    return value
