"""A signed release of many days that verifies: those of a release that was really made, over and over again.

Nobody could publish it, as the same figures on two days tell of a copy; but every file, window and entry is sound.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization import atomic, key_log, manifest
from anonymization.entries import ZONES, Body
from anonymization.key_log import Line
from anonymization.records import key_destroyed_entry, told_files
from anonymization.released import Day, Release, as_stated
from pipelines.release import files_of, write_public, write_shared
from schemas.indicators import INDICATORS
from tests.bench.national_release import SOFTWARE

KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
_CLOCK: Final = "%Y-%m-%dT%H:%M:%SZ"
_ADDED: Final = ("sequence", "previous", "signature", "key_log", "shared", "degraded")
"""What an entry gets when it is appended, and what silent cells did to the day that is copied."""


def many_days(source: Path, folder: Path, days: int) -> Path:
    """A release of so many days, kept in a folder, as the days of the `source` in turn; none may change its clocks."""
    made = folder / f"{as_stated(source).head[:16]}-{days}"
    if not (made / manifest.HEAD).exists():
        atomic.remove_tree(made)
        _make(source, made, days)
    return made


def _make(source: Path, made: Path, days: int) -> None:
    release = as_stated(source)
    bodies = {entry.body["privacy_day"]: entry.body for entry in manifest.read_chain(source) if entry.kind == "day"}
    chain, before, lines = manifest.Chain(made), list[Body](), list[Line]()
    for number in range(days):
        day = release.days[number % len(release.days)]
        to = release.days[0].date + timedelta(days=number)
        _write_tables(release, day, made, to)
        body = _body(bodies[day.date.isoformat()], made, to, number)
        before.append(body)
        told = told_files(before)
        shared = write_shared(made, {ZONES: release.zones(), **told})
        lines += _life(lines, to, number)
        entry = chain.append(body | {"shared": shared}, KEY, _encoded(lines[:-1]))
        destroyed = key_destroyed_entry(entry, _noon(to).strftime(_CLOCK), SOFTWARE, _noon(to))
        chain.append(destroyed, KEY, _encoded(lines))


def _write_tables(release: Release, day: Day, made: Path, to: date) -> None:
    later = pa.scalar(to - day.date, pa.duration("us"))
    for name in release.indicators:
        rows = release.table(name, day)
        for column in ("window_start", "window_end"):
            place = rows.schema.get_field_index(column)
            rows = rows.set_column(place, rows.schema.field(place), pc.add(rows[column], later))
        path = made / name / f"date={to}" / "part-0.parquet"
        if rows.num_rows:
            atomic.make_directory(path.parent)
            write_public(path, INDICATORS[name].table, rows)


def _body(of: Body, made: Path, to: date, number: int) -> Body:
    """The entry of a day, made of that of the day which it copies."""
    files = {path: vars(record) for path, record in files_of(made).items() if f"/date={to}/" in path}
    key = {"key_id": _key_id(number), "commitment": _key_id(number) * 4, "created_at": _morning(to).strftime(_CLOCK)}
    changed: Body = {"privacy_day": to.isoformat(), "files": {**files}, "key": {**key}}
    return {name: value for name, value in of.items() if name not in _ADDED} | changed


def _life(lines: list[Line], day: date, number: int) -> list[Line]:
    """What the log of keys tells of that of a day."""
    found: list[Line] = []
    for event in key_log.EVENTS:
        before = key_log.head([*lines, *found])
        at = (_noon(day) if event == key_log.DESTROYED else _morning(day)).strftime(_CLOCK)
        told = (day.isoformat(), _key_id(number), _key_id(number) * 4, at, "file", "tmpfs", "provable: in memory")
        found.append(Line(before.entries + 1, before.sha256, event, *told, "benchmark"))
    return found


def _encoded(lines: list[Line]) -> bytes:
    return b"".join(map(key_log.encode, lines))


def _key_id(number: int) -> str:
    return f"{number:016x}"


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def _noon(day: date) -> datetime:
    return _morning(day) + timedelta(days=1, hours=9)
