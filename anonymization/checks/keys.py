"""Keys: each privacy day has a key of its own, and the log of the keys tells the life of each."""

from collections.abc import Iterator

from anonymization import key_log, limits
from anonymization.checks.evidence import Evidence
from anonymization.checks.outcome import check_of
from anonymization.entries import DAY, KEY_DESTROYED, OF_DAYS, WINDOWS, Body, Entry
from anonymization.key_log import CREATED, DESTROYED, Line
from anonymization.manifest import KEY_LOG
from anonymization.verdict import LINKABILITY, Check
from schemas.errors import InputError

_MADE = ("key_id", "commitment", "created_at")
_STATED = {DAY: _MADE, WINDOWS: _MADE, KEY_DESTROYED: ("key_id", "destroyed_at")}


def check(evidence: Evidence) -> Check:
    """The check of what entries and log say of keys; that a key is really gone cannot be seen from outside."""
    destroyed = sum(entry.kind == KEY_DESTROYED for entry in evidence.entries)
    return check_of(
        "keys",
        [*_problems(evidence.entries), *_log(evidence)],
        found=f"{len(evidence.days)} keys, {destroyed} stated destroyed",
        threshold="one key for each privacy day, and none for two; a log that tells the life of each",
        criterion=LINKABILITY,
    )


def lines_of(evidence: Evidence) -> tuple[Line, ...]:
    """The log of a release; raises InputError where it is damaged, OSError where it is no file or not there."""
    if KEY_LOG not in evidence.inventory.sha256:
        raise FileNotFoundError(KEY_LOG)
    return key_log.read(limits.read(evidence.inventory.root / KEY_LOG, KEY_LOG))


def _problems(entries: tuple[Entry, ...]) -> Iterator[str]:
    if not entries:
        yield "there is no entry"
    used: dict[str, Entry] = {}
    for entry in entries:
        key = entry.block("key")
        if not _is_stated(key, _STATED.get(str(entry.kind))):
            yield f"{entry.name} does not state a key"
        elif entry.kind in OF_DAYS:
            for name in ("key_id", "commitment"):
                before = used.get(f"{name} {key[name]}", entry)
                if before.privacy_day != entry.privacy_day:
                    yield f"{entry.name} has the {name} of {before.name}"
                else:
                    used[f"{name} {key[name]}"] = entry
        elif (day := used.get(f"key_id {key['key_id']}")) is None or day.privacy_day != entry.privacy_day:
            yield f"{entry.name} destroys a key that its privacy day has not used before"
        elif day.kind == WINDOWS:
            yield f"{entry.name} destroys the key of a privacy day that is still open"
        elif str(key["destroyed_at"]) < str(day.block("key").get("created_at")):
            yield f"{entry.name} destroys its key before the key was made"


def _is_stated(key: Body, names: tuple[str, ...] | None) -> bool:
    return names is not None and set(key) == set(names) and all(isinstance(key[name], str) for name in names)


def _log(evidence: Evidence) -> Iterator[str]:
    """The log is whole, each entry states it as it was, and it tells of the entry's key what the entry tells."""
    try:
        lines = lines_of(evidence)
    except limits.TooLarge as error:
        yield error.message
        return
    except InputError as error:
        yield f"{KEY_LOG}: {error.message}"
        return
    except OSError:
        yield f"{KEY_LOG} is not there"
        return
    yield from (f"manifest/{problem}" for problem in key_log.problems(lines))
    heads = [key_log.FIRST, *(key_log.head([line]).sha256 for line in lines)]
    first: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(lines, 1):
        first.setdefault(_of_line(line), number)
    for entry in evidence.entries:
        stated = entry.block("key_log")
        count = stated.get("entries")
        known = count if isinstance(count, int) and 0 <= count <= len(lines) else 0
        if stated != {"entries": known, "sha256": heads[known]}:
            yield f"{entry.name} does not state the beginning of {KEY_LOG}"
        if not 0 < first.get(_of_entry(entry), 0) <= known:
            yield f"{KEY_LOG} does not tell of the key of {entry.name} what the entry tells"
    last = evidence.entries[-1].block("key_log") if evidence.entries else {}
    if evidence.entries and last.get("entries") != len(lines):
        yield f"{KEY_LOG} has other lines than {evidence.entries[-1].name} states"


def _of_line(line: Line) -> tuple[str, ...]:
    """What a line tells of a key that an entry tells too: its making, or its destruction."""
    made = (line.commitment,) if line.event == CREATED else ()
    return (line.event, line.day, line.key_id, *made, line.at)


def _of_entry(entry: Entry) -> tuple[str, ...]:
    """The same of an entry."""
    names = _MADE if entry.kind in OF_DAYS else _STATED[KEY_DESTROYED]
    event = CREATED if entry.kind in OF_DAYS else DESTROYED
    return (event, str(entry.privacy_day), *(str(entry.block("key").get(name)) for name in names))
