"""A draft of the data protection impact assessment of a release: filled from what the release states of itself.

It follows the headings of the CNIL's method. What software cannot know is left blank, and says for whom.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anonymization import key_log
from anonymization.dpia_texts import NUMBERS_FR, TEXTS, WORDS
from anonymization.entries import DAY, ZONES, Body, Entry, Json, Language
from anonymization.key_log import CREATED, DESTROYED, Line
from anonymization.manifest import KEY_LOG, read_chain
from anonymization.policy import Number, policy_of, register
from anonymization.statement import Facts, facts_of, statement
from schemas.errors import HexafluxError, InputError
from schemas.indicators import INDICATORS

_COMPARED = ("policy", "time", "estimation", "unit", "zones_sha256", "software", "dp")
"""What an entry states that may change from one privacy day to the next."""

_LONGEST = 60


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

    `told`: the facts of the statement; `numbers`: the register of privacy numbers of the last day; `events`, `devices`:
    of the last day, in two digits, None below 100; `kinds`: kinds of zones; `flags`: of all days.
    """

    release_id: str
    days: tuple[str, ...]
    told: Facts
    numbers: tuple[Number, ...]
    version: str
    commit: str | None
    events: int | None
    devices: int | None
    zones: int
    sensitive_zones: int
    kinds: tuple[str, ...]
    flags: tuple[str, ...]
    keys: Keys
    changes: tuple[Change, ...]


def dpia(release: Path, language: Language) -> str:
    """The draft as Markdown; raises InputError where the release does not state what it is filled from."""
    return dpia_text(read_facts(release), language)


def read_facts(release: Path) -> DpiaFacts:
    """The facts of a release, from its manifest; that they are true is for `audit` to judge.

    Raises InputError where the release has no sound entry of a privacy day, or its zones or key log are not as stated.
    """
    days = [entry for entry in read_chain(release) if entry.kind == DAY]
    if not days:
        raise _unsound(release, "no entry of a privacy day")
    try:
        zones = (release / ZONES).read_bytes()
        lines = key_log.read((release / KEY_LOG).read_bytes())
        return _facts(days, zones, lines)
    except InputError:
        raise
    except HexafluxError as error:
        raise _unsound(release, error.message) from None
    except OSError as error:
        raise _unsound(release, f"{Path(str(error.filename)).name} cannot be read ({error.strerror})") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise _unsound(release, "a manifest that lacks facts") from None


def dpia_text(facts: DpiaFacts, language: Language) -> str:
    """The draft as Markdown; the same facts give the same text."""
    words, told = WORDS[language], facts.told
    values = {
        "release_id": facts.release_id,
        "first_day": facts.days[0],
        "last_day": facts.days[-1],
        "days": len(facts.days),
        "version": facts.version,
        "commit": facts.commit or words["unknown"],
        "test": words["test"] if told.test else "",
        "flags": "; ".join(facts.flags) or words["none"],
        "events": words["few"] if facts.events is None else f"{facts.events}",
        "devices": words["few"] if facts.devices is None else f"{facts.devices}",
        "register": words["register" if told.register else "no_register"],
        "objection": words["objection" if told.register else "no_objection"],
        "k": told.k,
        "rounding": told.rounding,
        "slot_minutes": told.slot_minutes,
        "lateness_minutes": told.lateness_minutes,
        "privacy_day_starts": told.privacy_day_starts,
        "timezone": told.timezone,
        "unit": words[told.unit],
        "zones": facts.zones,
        "kinds": ", ".join(f"`{kind}`" for kind in facts.kinds) or words["none"],
        "sensitive_zones": facts.sensitive_zones,
        "indicators": "\n".join(_indicators(told, language)),
        "protection": _protection(statement(language, told)),
        "numbers": "\n".join(_numbers(facts.numbers, language)),
        "made": facts.keys.made,
        "destroyed": facts.keys.destroyed,
        "longest": words["none"] if facts.keys.longest_hours is None else f"{facts.keys.longest_hours:.1f} h",
        "kept": "\n".join(f"| {each.service} | {each.storage} | {each.erasure} | {each.keys} |" for each in facts.keys.kept),
        "changes": "\n".join(_changes(facts.changes, words)),
    }
    return TEXTS[language].format(**values)


def _facts(days: Sequence[Entry], zones: bytes, lines: Sequence[Line]) -> DpiaFacts:
    last = days[-1].body
    if hashlib.sha256(zones).hexdigest() != last["zones_sha256"]:
        raise ValueError("the zones are not those of the last day")
    places = [_object(feature["properties"]) for feature in json.loads(zones)["features"]]
    software, counted = _object(last["software"]), _object(last["input"])
    flags = [str(flag) for entry in days for flag in _listed(entry.body["flags"])]
    return DpiaFacts(
        release_id=str(last["release_id"]),
        days=tuple(str(entry.privacy_day) for entry in days),
        told=facts_of([entry.body for entry in days]),
        numbers=register(policy_of(_object(last["policy"]), test=last["test"] is not False)),
        version=str(software["version"]),
        commit=None if software["commit"] is None else str(software["commit"]),
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
    for before, after in zip(bodies, bodies[1:], strict=False):
        for name in _COMPARED:
            old, new = _named(name, before.get(name)), _named(name, after.get(name))
            for each in sorted(old.keys() | new.keys()):
                if old.get(each) != new.get(each):
                    yield Change(str(after["privacy_day"]), each, _short(old.get(each)), _short(new.get(each)))


def _named(name: str, value: Json) -> dict[str, Json]:
    """A stated value by its full name; an object by the names of its values."""
    return {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}


def _short(value: Json) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _indicators(told: Facts, language: Language) -> Iterator[str]:
    for name in told.indicators:
        indicator = INDICATORS[name]
        yield f"- `{name}`: {indicator.question_fr if language == 'fr' else indicator.question_en}"


def _protection(text: str) -> str:
    """The section of a statement that tells what was done, without its heading."""
    return text.partition("## Protection\n")[2].partition("\n## ")[0].strip()


def _numbers(numbers: Sequence[Number], language: Language) -> Iterator[str]:
    """The rows of the register; a number that has no French words keeps its English ones."""
    for line in numbers:
        words = NUMBERS_FR.get(line.name) if language == "fr" else None
        meaning, source = words or (line.meaning, line.source)
        yield f"| `{line.name}` | {line.value} | {meaning} | {source} |"


def _changes(changes: Sequence[Change], words: Mapping[str, str]) -> Iterator[str]:
    if not changes:
        yield f"| {words['none']} | | | | |"
    for change in changes:
        yield f"| {change.day} | `{change.name}` | {change.before} | {change.after} | {words['who']} |"


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


def _unsound(release: Path, found: str) -> InputError:
    return InputError(
        f"{release}: expected a release that states its privacy days, its zones and its keys, got {found}",
        f"run hexaflux audit {release} to see what is wrong with it",
    )
