"""What a run states in the manifest: of a privacy day and of a destroyed key, and the entries made of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from anonymization.degraded import DEGRADED, Degraded, stated
from anonymization.entries import DAY, EVENTS, KEY_DESTROYED, REGISTER, SCHEMA, WINDOWS, ZONES, Body, Entry, Json
from anonymization.policy import TOLD_LEAST, policy_of, register_json
from anonymization.statement import facts_of, statements


@dataclass(frozen=True)
class FileRecord:
    """What an entry says of a released file: SHA-256 in hex and number of rows.

    `rows_sha256`: of a file of windows the digest of its rows, see `row_digest.py`, which outlives the file.
    """

    sha256: str
    rows: int
    rows_sha256: str | None = None

    def stated(self) -> Body:
        """As an entry states it."""
        told: Body = {"sha256": self.sha256, "rows": self.rows}
        return told if self.rows_sha256 is None else told | {"rows_sha256": self.rows_sha256}


@dataclass(frozen=True)
class Software:
    """What made an entry: version, commit and wheel (None where not known), and digests of sources and texts.

    `sources_sha256` covers every module that ran, `texts_sha256` the templates of the statement: who has the same
    templates can write the statement again from the entry.
    """

    version: str
    commit: str | None
    wheel_sha256: str | None
    sources_sha256: str
    texts_sha256: str


@dataclass(frozen=True)
class InputRecord:
    """What a day was made of, told so that nobody can be found in it.

    `files`: HMACs of the events files under the day's key, sorted; who had the key before it was destroyed can compare
    them. `events`, `devices`, `late` (late events since the release began): exact here, rounded by `day_entry`.
    """

    files: tuple[str, ...]
    events: int
    devices: int
    late: int


@dataclass(frozen=True)
class DayRecord:
    """All that a release states about one privacy day.

    `files` is keyed by path relative to the release, with `/`. `unit` is what k counts: `holders` or `SIMs`.
    `key_created_at` is ISO 8601. `register`: whether there is one of the subscribers; `steps`: see `statement.py`;
    `indicators`: `totals.py`; `widths`: `bounds.py`; `dp`: what differential privacy states, or None without it;
    `degraded`: the degraded parts among the rows of `files`.
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
    zones_sha256: str
    events_sha256: str
    flags: tuple[str, ...]
    key_id: str
    key_commitment: str
    key_created_at: str
    software: Software
    created_at: datetime
    input: InputRecord
    register: bool
    steps: tuple[str, ...]
    indicators: Mapping[str, Json]
    widths: Mapping[str, Json]
    dp: Mapping[str, Json] | None = None
    degraded: tuple[Degraded, ...] = ()


def public_count(count: int) -> int | None:
    """A count in two digits, which tells nobody apart; None below 100."""
    if count < TOLD_LEAST:
        return None
    step: int = 10 ** (len(str(count)) - 2)
    return (count + step // 2) // step * step


def day_entry(record: DayRecord, before: Sequence[Body], kept: Body | None = None) -> Body:
    """The body of a `day` entry, for `append`; `before` are those of the days that were published earlier.

    `kept`: of files of the day's windows that stay, what was stated.
    """
    files: Body = {path: file.stated() for path, file in record.files.items()}
    return _entry(record, _stated(record) | {"files": {**files, **(kept or {})}}, before, {})


def windows_entry(record: DayRecord, before: Sequence[Body], earlier: Body) -> Body:
    """The body of a `windows` entry, for `append`: `files` of the record are those of its windows alone.

    `before` as for `day_entry`; `earlier`: the files of the day's windows before these.
    """
    return _entry(record, _stated(record) | {"kind": WINDOWS}, before, earlier)


def so_far(body: Body, earlier: Body) -> Body:
    """What is stated of a day with an entry of it, given the files of its windows before these."""
    files = body["files"]
    return body | {"files": {**earlier, **(files if isinstance(files, dict) else {})}}


def _entry(record: DayRecord, body: Body, before: Sequence[Body], earlier: Body) -> Body:
    """The body of a record with the hashes of the files that days share."""
    told = told_files([*before, so_far(body, earlier)])
    hashes: Body = {path: hashlib.sha256(data).hexdigest() for path, data in told.items()}
    return body | {"shared": {ZONES: record.zones_sha256, EVENTS: record.events_sha256, **hashes}}


def told_files(bodies: Sequence[Body]) -> dict[str, bytes]:
    """The register of privacy numbers and the statements of a release, by path, from its `day` entries.

    Raises UsageError where the last states no sound policy; KeyError, TypeError, ValueError where it lacks other facts.
    """
    policy, last = bodies[-1]["policy"], bodies[-1]
    if not isinstance(policy, dict):
        raise TypeError("policy is no object")
    numbers = policy_of(policy, test=last["test"] is not False)
    dp = last["dp"]
    if not isinstance(dp, dict | None):
        raise TypeError("dp is no object")
    return {REGISTER: register_json(numbers, dp), **statements(facts_of(bodies))}


def _stated(record: DayRecord) -> Body:
    degraded: Body = {DEGRADED: stated(record.degraded)} if record.degraded else {}
    return degraded | {
        "schema": SCHEMA,
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
        "zones_sha256": record.zones_sha256,
        "files": {path: file.stated() for path, file in record.files.items()},
        "flags": list(record.flags),
        "key": {
            "key_id": record.key_id,
            "commitment": record.key_commitment,
            "created_at": record.key_created_at,
        },
        "software": _software(record.software),
        "created_at": _instant(record.created_at),
        "input": {
            "files": list(record.input.files),
            "events": public_count(record.input.events),
            "devices": public_count(record.input.devices),
            "late": public_count(record.input.late),
        },
        "register": record.register,
        "steps": list(record.steps),
        "indicators": dict(record.indicators),
        "widths": dict(record.widths),
        "dp": None if record.dp is None else dict(record.dp),
    }


def key_destroyed_entry(day: Entry, destroyed_at: str, software: Software, created_at: datetime) -> Body:
    """The body of the entry that says when the key of a published `day` entry was destroyed, for `append`.

    `destroyed_at` is ISO 8601, as the log of the keys tells it.
    """
    return {
        "schema": SCHEMA,
        "kind": KEY_DESTROYED,
        "release_id": day.body["release_id"],
        "test": day.body["test"],
        "privacy_day": day.privacy_day,
        "key": {"key_id": day.block("key")["key_id"], "destroyed_at": destroyed_at},
        "software": _software(software),
        "created_at": _instant(created_at),
    }


def _software(software: Software) -> Body:
    return {**vars(software)}


def _instant(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second; raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("expected an aware datetime, got a naive one")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
