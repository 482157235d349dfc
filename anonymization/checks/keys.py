"""Keys: each privacy day has a key of its own, so that no pseudonym lives longer than a day."""

from collections.abc import Iterator

from anonymization.checks.evidence import Evidence
from anonymization.checks.outcome import check_of
from anonymization.entries import DAY, KEY_DESTROYED, Body, Entry
from anonymization.verdict import LINKABILITY, Check

_STATED = {DAY: ("key_id", "commitment", "created_at"), KEY_DESTROYED: ("key_id", "destroyed_at")}


def check(evidence: Evidence) -> Check:
    """The check of what the entries say of keys; that a key is really gone cannot be seen from outside."""
    destroyed = sum(entry.kind == KEY_DESTROYED for entry in evidence.entries)
    return check_of(
        "keys",
        tuple(_problems(evidence.entries)),
        found=f"{len(evidence.days)} keys, {destroyed} stated destroyed",
        threshold="one key for each privacy day, and none for two",
        criterion=LINKABILITY,
    )


def _problems(entries: tuple[Entry, ...]) -> Iterator[str]:
    if not entries:
        yield "there is no entry"
    used: dict[str, Entry] = {}
    for entry in entries:
        key = entry.block("key")
        if not _is_stated(key, _STATED.get(str(entry.kind))):
            yield f"{entry.name} does not state a key"
        elif entry.kind == DAY:
            for name in ("key_id", "commitment"):
                before = used.setdefault(f"{name} {key[name]}", entry)
                if before is not entry:
                    yield f"{entry.name} has the {name} of {before.name}"
        elif (day := used.get(f"key_id {key['key_id']}")) is None or day.privacy_day != entry.privacy_day:
            yield f"{entry.name} destroys a key that its privacy day has not used before"
        elif str(key["destroyed_at"]) < str(day.block("key").get("created_at")):
            yield f"{entry.name} destroys its key before the key was made"


def _is_stated(key: Body, names: tuple[str, ...] | None) -> bool:
    return names is not None and set(key) == set(names) and all(isinstance(key[name], str) for name in names)
