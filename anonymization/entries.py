"""The entries of the manifest: what a release states about each privacy day, and about each destroyed key.

An entry is canonical JSON: keys sorted, no spaces, UTF-8, a newline at the end.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeAlias

from schemas.errors import InputError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Body: TypeAlias = dict[str, Json]

ZONES: Final = "manifest/zones.geojson"
STATEMENTS: Final = {language: f"manifest/statement.{language}.md" for language in ("en", "fr")}
SHARED: Final = (ZONES, *STATEMENTS.values())
"""The files that all days of a release share."""

DAY: Final = "day"
KEY_DESTROYED: Final = "key_destroyed"

_ALWAYS = frozenset(
    {"kind", "sequence", "previous", "release_id", "test", "privacy_day", "key", "software", "created_at", "signature"}
)
_OF_A_DAY = {"policy", "time", "estimation", "unit", "zones_sha256", "files", "shared", "flags"}
FIELDS: Final = {DAY: _ALWAYS | _OF_A_DAY, KEY_DESTROYED: _ALWAYS}
"""The fields of each kind of entry: all of them, and no others."""


@dataclass(frozen=True)
class FileRecord:
    """What an entry says of a released file: SHA-256 in hex and number of rows."""

    sha256: str
    rows: int


@dataclass(frozen=True)
class DayRecord:
    """All that a release states about one privacy day.

    `files` and `shared` are keyed by path relative to the release, with `/`; `shared` holds exactly SHARED.
    `unit` is what k counts: `holders` or `SIMs`. `key_created_at` is ISO 8601.
    """

    release_id: str
    test: bool
    privacy_day: date
    policy: Mapping[str, Json]
    timezone: str
    slot_minutes: int
    privacy_day_starts: str
    estimation: Mapping[str, Json]
    unit: str
    files: Mapping[str, FileRecord]
    shared: Mapping[str, str]
    flags: tuple[str, ...]
    key_id: str
    key_commitment: str
    key_created_at: str
    version: str
    created_at: datetime


@dataclass(frozen=True)
class Entry:
    """One entry as it stands on disk: file name, exact bytes and what they say."""

    name: str
    data: bytes
    body: Body

    @property
    def kind(self) -> Json:
        """`day` or `key_destroyed`, in a sound entry."""
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


def canonical_json(body: Mapping[str, Json]) -> bytes:
    """The one way to write these values; raises ValueError for NaN, infinities and text beyond Unicode."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def parse_entry(name: str, data: bytes) -> Entry:
    """The entry in the bytes of a chain file; raises InputError unless they are one canonical JSON object."""
    try:
        body = json.loads(data)
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


def day_entry(record: DayRecord) -> Body:
    """The body of a `day` entry, for `append`."""
    return {
        "kind": DAY,
        "release_id": record.release_id,
        "test": record.test,
        "privacy_day": record.privacy_day.isoformat(),
        "policy": dict(record.policy),
        "time": {
            "timezone": record.timezone,
            "slot_minutes": record.slot_minutes,
            "privacy_day_starts": record.privacy_day_starts,
        },
        "estimation": dict(record.estimation),
        "unit": record.unit,
        "zones_sha256": record.shared[ZONES],
        "files": {path: {"sha256": file.sha256, "rows": file.rows} for path, file in record.files.items()},
        "shared": dict(record.shared),
        "flags": list(record.flags),
        "key": {
            "key_id": record.key_id,
            "commitment": record.key_commitment,
            "created_at": record.key_created_at,
        },
        "software": {"version": record.version},
        "created_at": _instant(record.created_at),
    }


def key_destroyed_entry(day: Entry, destroyed_at: datetime, version: str, created_at: datetime) -> Body:
    """The body of the entry that says when the key of a published `day` entry was destroyed, for `append`."""
    return {
        "kind": KEY_DESTROYED,
        "release_id": day.body["release_id"],
        "test": day.body["test"],
        "privacy_day": day.privacy_day,
        "key": {"key_id": day.block("key")["key_id"], "destroyed_at": _instant(destroyed_at)},
        "software": {"version": version},
        "created_at": _instant(created_at),
    }


def _instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second; raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("expected an aware datetime, got a naive one")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
