"""The entries of the manifest: what a release states about each privacy day, and about each destroyed key.

An entry is canonical JSON: keys sorted, no spaces, UTF-8, a newline at the end.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from schemas.errors import InputError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Body: TypeAlias = dict[str, Json]

ZONES: Final = "manifest/zones.geojson"
EVENTS: Final = "manifest/events.json"
Language: TypeAlias = Literal["en", "fr"]
STATEMENTS: Final[dict[Language, str]] = {"en": "manifest/statement.en.md", "fr": "manifest/statement.fr.md"}
REGISTER: Final = "manifest/policy.json"
SHARED: Final = (ZONES, EVENTS, REGISTER, *STATEMENTS.values())
"""The files that all days of a release share."""

PARTIAL_DAY: Final = "partial day: its events do not cover it from beginning to end"
"""A flag. It does not say which hours: the first and the last event may be of one person."""

DAY: Final = "day"
WINDOWS: Final = "windows"
"""Windows of a privacy day that is still open: its entry states what one of a day does, and lists its own files."""

KEY_DESTROYED: Final = "key_destroyed"

OF_DAYS: Final = (DAY, WINDOWS)
"""The kinds of entries that publish figures of a privacy day."""

SCHEMA: Final = 3
"""The form of the entries that are written: another number is another form."""

FORMS: Final = (2, SCHEMA)
"""The forms that are read. In form 2 files of windows have no digest of their rows, and stay when their day is over."""

_ALWAYS = frozenset(
    {
        *("schema", "kind", "sequence", "previous", "release_id", "test", "privacy_day"),
        *("key", "key_log", "software", "created_at", "signature"),
    }
)
_OF_A_DAY = {
    *("policy", "time", "estimation", "unit", "zones_sha256", "files", "shared", "flags"),
    *("input", "register", "steps", "indicators", "widths", "dp"),
}
OPTIONAL: Final = {DAY: frozenset({"degraded"}), WINDOWS: frozenset({"degraded"})}
"""The fields that an entry of a kind may have too: see `degraded.py`."""

FIELDS: Final = {DAY: _ALWAYS | _OF_A_DAY, WINDOWS: _ALWAYS | _OF_A_DAY, KEY_DESTROYED: _ALWAYS}
"""The fields of each kind of entry: all of them, and no others but OPTIONAL."""


@dataclass(frozen=True)
class Entry:
    """One entry as it stands on disk: file name, exact bytes and what they say."""

    name: str
    data: bytes
    body: Body

    @property
    def kind(self) -> Json:
        """`day`, `windows` or `key_destroyed`, in a sound entry."""
        return self.body.get("kind")

    @property
    def privacy_day(self) -> Json:
        """The privacy day in ISO 8601, in a sound entry."""
        return self.body.get("privacy_day")

    @property
    def sha256(self) -> str:
        """What the next entry gives as `previous`."""
        return hashlib.sha256(self.data).hexdigest()

    def block(self, name: str) -> Body:
        """A field that holds an object; empty where it does not."""
        value = self.body.get(name)
        return value if isinstance(value, dict) else {}


def days_of(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Each privacy day as its entries state it so far, in the order of the last of them.

    The `day` entry, which lists all files of its day; while there is none, the last `windows` entry, with the files and
    the degraded parts of all `windows` entries of the day.
    """
    days: dict[str, Entry] = {}
    for entry in entries:
        add(days, entry)
    return tuple(days.values())


def add(days: dict[str, Entry], entry: Entry) -> None:
    """Add one more entry to `days_of`, by privacy day: its own day is then the last, if it publishes figures of one."""
    if entry.kind not in OF_DAYS:
        return
    before = days.pop(str(entry.privacy_day), None)
    if before is not None and entry.kind == WINDOWS:
        files = before.block("files") | entry.block("files")
        flags = [flag for each in (before, entry) for flag in _listed(each.body.get("degraded"))]
        merged: Body = {"files": files, "degraded": flags} if flags else {"files": files}
        entry = Entry(entry.name, entry.data, entry.body | merged)
    days[str(entry.privacy_day)] = entry


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def canonical_json(body: Mapping[str, Json]) -> bytes:
    """The one way to write these values; raises ValueError for NaN, infinities and text beyond Unicode."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def parse_entry(name: str, data: bytes) -> Entry:
    """The entry in the bytes of a chain file.

    Raises InputError unless they are one canonical JSON object, of which whole numbers fit 64 bits.
    """
    try:
        body = json.loads(data, parse_int=_whole_number)
        canonical = isinstance(body, dict) and canonical_json(body) == data
    # Deep nesting ends in RecursionError, all else that JSON can do wrong in ValueError.
    except (ValueError, RecursionError):
        canonical = False
    if not canonical:
        raise InputError(
            f"manifest/chain/{name}: expected one JSON object in canonical form, got something else",
            "restore the file from a copy of the release; entries are never edited",
        )
    return Entry(name, data, body)


def _whole_number(digits: str) -> int:
    """A number that every reader of JSON can hold: what works with it must not end in an overflow."""
    number = int(digits)
    if not -(2**63) <= number < 2**64:
        raise ValueError("a whole number beyond 64 bits")
    return number
