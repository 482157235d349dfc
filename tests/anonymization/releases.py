"""A small sound release, made by hand: three communes, a venue and a hospital near Dijon, two privacy days.

A test changes a Draft before it is published, or damages the published files.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization.entries import SHARED, STATEMENTS, ZONES, DayRecord, FileRecord, Json, day_entry, key_destroyed_entry
from anonymization.manifest import append
from anonymization.verdict import Report
from schemas.indicators import INDICATORS

SATURDAY, SUNDAY = date(2026, 6, 20), date(2026, 6, 21)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
NOON = datetime(2026, 6, 22, 12, tzinfo=UTC)

_CENTRE = h3.latlng_to_cell(47.32, 5.04, 7)
EIGHTS = h3.cell_to_children(_CENTRE, 8)
A, B, C, REST = EIGHTS[:4]
"""Cells of resolution 8: three communes and a piece of the territory in no zone."""
VENUE = h3.cell_to_children(A, 9)[0]
HOSPITAL = h3.cell_to_children(B, 9)[0]

Row = tuple[str, str, list[str], str, int]
"""Local start of the window, zone_id, cells, attribute value, devices."""

PRESENCE: list[Row] = [
    ("10:30", "A", [A], "", 60),
    ("10:30", "B", [B], "", 40),
    ("10:30", "C|rest", [C, REST], "", 45),
    ("10:45", "A", [A], "", 65),
    ("10:45", "B|C", [B, C], "", 50),
    ("10:45", "rest", [REST], "", 25),
]
PRESENCE_BY_AGE: list[Row] = [
    ("10:00", "A", [A], "18-24", 35),
    ("10:00", "A", [A], "25-34|35-44", 25),
    ("10:00", "B", [B], "all", 40),
    ("10:00", "C|rest", [C, REST], "65+|unknown", 25),
    ("10:00", "C|rest", [C, REST], "<18|18-24", 20),
]
ATTENDANCE: list[Row] = [
    ("05:00", "A", [A], "", 100),
    ("05:00", "B", [B], "", 80),
    ("05:00", "C", [C], "", 45),
    ("05:00", "H", [HOSPITAL], "", 20),
    ("05:00", "V", [VENUE], "", 30),
]
ATTENDANCE_BY_SPC: list[Row] = [
    ("05:00", "A", [A], "1|2", 30),
    ("05:00", "A", [A], "4", 45),
    ("05:00", "A", [A], "foreign", 25),
    ("05:00", "B", [B], "3|4", 60),
    ("05:00", "B", [B], "5", 20),
    ("05:00", "C", [C], "all", 45),
    ("05:00", "V", [VENUE], "all", 30),
]
DWELL: list[Row] = [
    ("05:00", "A", [A], "1-2 h", 60),
    ("05:00", "A", [A], "4-8 h|>=8 h", 40),
    ("05:00", "B", [B], ">=8 h", 80),
    ("05:00", "C", [C], "<30 min|30-60 min", 45),
    ("05:00", "V", [VENUE], "2-4 h", 30),
]
ROWS = {
    "presence": PRESENCE,
    "presence_by_age": PRESENCE_BY_AGE,
    "attendance": ATTENDANCE,
    "attendance_by_spc": ATTENDANCE_BY_SPC,
    "dwell": DWELL,
}
_MINUTES = {"slot": 15, "hour": 60, "day": 24 * 60}


def plain_parquet(table: pa.Table, path: Path) -> None:
    """Write as releases are written."""
    pq.write_table(table, path, use_dictionary=False, compression="zstd")


@dataclass
class Draft:
    """What is about to be published; `tables` by privacy day and indicator."""

    tables: dict[date, dict[str, pa.Table]]
    zones: dict[str, Json]
    policy: dict[str, Json] = field(default_factory=lambda: {"k": 20, "max_share": 0.8, "rounding": 5})
    timezone: str = "Europe/Paris"
    test: bool = False
    unit: str = "holders"
    flags: tuple[str, ...] = ()
    key_ids: tuple[str, ...] = ("0a", "0b")
    write: Callable[[pa.Table, Path], object] = plain_parquet
    last_policy: dict[str, Json] | None = None


def draft() -> Draft:
    """A sound draft."""
    days = {day: {name: table(name, rows, day) for name, rows in ROWS.items()} for day in (SATURDAY, SUNDAY)}
    communes = [zone(name, "commune", h3.cell_to_children(cell, 9)) for name, cell in (("A", A), ("B", B), ("C", C))]
    inside = [zone("V", "venue", [VENUE], "A"), zone("H", "hospital", [HOSPITAL], "B", sensitive=True)]
    return Draft(days, {"type": "FeatureCollection", "features": [*communes, *inside]})


def zone(
    zone_id: str, kind: str, cells: Iterable[str], parent: str | None = None, *, sensitive: bool = False
) -> dict[str, Json]:
    """A feature of zones.geojson, without its outline."""
    properties: dict[str, Json] = {
        "zone_id": zone_id,
        "name": f"Zone {zone_id}",
        "kind": kind,
        "parent": parent,
        "sensitive": sensitive,
        "cells": list(cells),
    }
    return {"type": "Feature", "geometry": None, "properties": properties}


def table(name: str, rows: Iterable[Row], day: date = SATURDAY) -> pa.Table:
    """The released table of some rows, in the order given."""
    listed = list(rows)
    indicator = INDICATORS[name]
    starts = np.array([_instant(day, row[0]) for row in listed], np.int64)
    devices = np.array([row[4] for row in listed], np.int64)
    cells = [sorted(h3.str_to_int(cell) for cell in row[2]) for row in listed]
    columns = {
        "window_start": pa.array(starts, pa.timestamp("us", "UTC")),
        "window_end": pa.array(starts + _MINUTES[indicator.window] * 60_000_000, pa.timestamp("us", "UTC")),
        "zone_id": pa.array([row[1] for row in listed], pa.string()),
        "cells": pa.array(cells, pa.list_(pa.uint64())),
        **{attribute: pa.array([row[3] for row in listed], pa.string()) for attribute in indicator.attributes},
        "devices": devices,
        "people": devices * 2.0,
        "people_low": devices * 2.0 - 10,
        "people_high": devices * 2.0 + 20,
        "additive": np.full(len(listed), indicator.additive),
    }
    return indicator.table.conform(pa.table(columns))


def publish(release: Path, content: Draft, key: Ed25519PrivateKey = KEY) -> Path:
    """Write the draft as a signed release, whatever is in it."""
    (release / "manifest").mkdir(parents=True)
    shared_content = {ZONES: json.dumps(content.zones).encode()}
    shared_content |= {path: f"What was done ({language}).\n".encode() for language, path in STATEMENTS.items()}
    for path, data in shared_content.items():
        (release / path).write_bytes(data)
    shared = {path: hashlib.sha256(shared_content[path]).hexdigest() for path in SHARED}
    entries = []
    for (day, tables), key_id in zip(content.tables.items(), content.key_ids, strict=True):
        files = {}
        for name, rows in tables.items():
            path = release / name / f"date={day}" / "part-0.parquet"
            path.parent.mkdir(parents=True)
            content.write(rows, path)
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            files[path.relative_to(release).as_posix()] = FileRecord(sha256, rows.num_rows)
        last = day == max(content.tables) and content.last_policy
        record = DayRecord(
            release_id="dijon",
            test=content.test,
            privacy_day=day,
            policy=content.last_policy if last and content.last_policy else content.policy,
            timezone=content.timezone,
            slot_minutes=15,
            privacy_day_starts="05:00",
            estimation={"people_per_device": 2.0, "confidence": 0.95},
            unit=content.unit,
            files=files,
            shared=shared,
            flags=content.flags,
            key_id=key_id,
            key_commitment=key_id * 32,
            key_created_at="2026-06-20T03:00:00Z",
            version="0.1.0",
            created_at=NOON,
        )
        entries.append(append(release, day_entry(record), key))
    for entry in entries:
        append(release, key_destroyed_entry(entry, NOON, "0.1.0", NOON), key)
    return release


def with_value(rows: pa.Table, row: int, column: str, value: object) -> pa.Table:
    """The table with one value changed."""
    values = rows[column].to_pylist()
    values[row] = value
    place = rows.schema.get_field_index(column)
    return rows.set_column(place, rows.schema.field(column), pa.array(values, rows.schema.field(column).type))


def without_row(rows: pa.Table, row: int) -> pa.Table:
    """The table without one row."""
    return rows.filter(pa.array(np.arange(rows.num_rows) != row))


def replaced(content: Draft, name: str, change: Callable[[pa.Table], pa.Table], day: date = SATURDAY) -> Draft:
    """The draft with one table changed."""
    tables = {**content.tables, day: {**content.tables[day], name: change(content.tables[day][name])}}
    return replace(content, tables=tables)


def failed(report: Report) -> set[str]:
    """The names of the checks that did not pass."""
    return {check.name for check in report.checks if not check.passed}


def message(report: Report, name: str) -> str:
    """What a check says is wrong."""
    return next(check.message for check in report.checks if check.name == name)


def _instant(day: date, clock: str) -> int:
    """Microseconds since the epoch of a local time on a summer day at Dijon."""
    local = datetime.fromisoformat(f"{day}T{clock}+02:00")
    return int(local.timestamp()) * 1_000_000
