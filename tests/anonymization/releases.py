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
from anonymization.people import interval
from anonymization.verdict import Report
from schemas.indicators import INDICATORS, Indicator, stated_effects

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

Row = tuple[str, str, list[str], str | tuple[str, ...], int]
"""Local start of the window, zone_id, cells, attribute value or values, devices."""

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
CATEGORY: list[Row] = [
    ("05:00", "21231", [A], "excursionist|tourist", 30),
    ("05:00", "21231", [A], "foreign excursionist|foreign tourist", 25),
    ("05:00", "21231", [A], "resident", 45),
    ("05:00", "B", [B], "excursionist", 40),
    ("05:00", "B", [B], "tourist", 40),
    ("05:00", "C", [C], "resident|excursionist|tourist|foreign excursionist|foreign tourist", 45),
    ("05:00", "V", [VENUE], "excursionist", 30),
]
WEST = "AT|BE|CH|DE|FR|LI|LU|MC|NL"
ORIGIN: list[Row] = [
    ("05:00", "21231", [A], "21231", 45),
    ("05:00", "21231", [A], "21|39", 30),
    ("05:00", "21231", [A], WEST, 25),
    ("05:00", "B", [B], "21231", 20),
    ("05:00", "B", [B], "75", 30),
    ("05:00", "B", [B], "unknown", 30),
    ("05:00", "C", [C], f"21231|21|unknown|{WEST}", 45),
    ("05:00", "V", [VENUE], "21231", 30),
]
ARRIVALS: list[Row] = [
    ("05:00", "21231", [A], ("1-2 h", "08"), 30),
    ("05:00", "21231", [A], ("1-2 h", "14|15"), 30),
    ("05:00", "21231", [A], ("4-8 h|>=8 h", "09"), 40),
    ("05:00", "B", [B], (">=8 h", "05|06"), 80),
    ("05:00", "C", [C], ("<30 min|30-60 min", "18"), 45),
    ("05:00", "V", [VENUE], ("2-4 h", "20"), 30),
]
NIGHTS: list[Row] = [
    ("05:00", "21231", [A], "resident", 25),
    ("05:00", "B", [B], "tourist", 40),
]
FLOWS: list[Row] = [
    ("08:00", "21231", [A], ("21231", "B", "<2 km"), 40),
    ("08:00", "21231", [A], ("21231", "C", "<2 km"), 25),
    ("08:00", "B|C", [B, C], ("B|C", "all", "all"), 40),
    ("09:00", "21231", [A], ("21231", "B|C", "<2 km"), 40),
]
TRANSIT: list[Row] = [
    ("08:00", "21231", [A], "", 50),
    ("08:00", "B|C", [B, C], "", 40),
    ("08:00", "V", [VENUE], "", 20),
    ("09:00", "B", [B], "", 60),
]
MORE_ROWS = {
    "attendance_by_category": CATEGORY,
    "attendance_by_origin": ORIGIN,
    "dwell_by_arrival": ARRIVALS,
    "nights": NIGHTS,
    "flows": FLOWS,
    "transit": TRANSIT,
}
_MINUTES = {"slot": 15, "hour": 60, "day": 24 * 60}


def plain_parquet(table: pa.Table, path: Path) -> None:
    """Write as releases are written."""
    pq.write_table(table, path, use_dictionary=False, compression="zstd")


@dataclass
class Draft:
    """What is about to be published; `tables` by privacy day and indicator.

    With `intervals`, the intervals are made to follow from what is printed at the last moment.
    """

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
    intervals: bool = True
    confidence: Json = 0.95
    effects: Json = field(default_factory=lambda: {name: dict(kinds) for name, kinds in stated_effects().items()})


def draft() -> Draft:
    """A sound draft."""
    days = {day: {name: table(name, rows, day) for name, rows in ROWS.items()} for day in (SATURDAY, SUNDAY)}
    communes = [zone(name, "commune", h3.cell_to_children(cell, 9)) for name, cell in (("A", A), ("B", B), ("C", C))]
    inside = [zone("V", "venue", [VENUE], "A"), zone("H", "hospital", [HOSPITAL], "B", sensitive=True)]
    return Draft(days, {"type": "FeatureCollection", "features": [*communes, *inside]})


def whole_draft() -> Draft:
    """A sound draft with every indicator; commune A has an INSEE code, so that people can be at home there."""
    content = draft()
    tables = {
        day: {
            **{name: _renamed(rows) for name, rows in of_day.items()},
            **{name: table(name, rows, day) for name, rows in MORE_ROWS.items()},
        }
        for day, of_day in content.tables.items()
    }
    zones = json.loads(json.dumps(content.zones).replace('"A"', '"21231"'))
    return replace(content, tables=tables, zones=zones)


def _renamed(rows: pa.Table) -> pa.Table:
    names = pa.array([name.replace("A", "21231") for name in rows["zone_id"].to_pylist()], pa.string())
    return rows.set_column(rows.schema.get_field_index("zone_id"), rows.schema.field("zone_id"), names)


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
        **{name: pa.array(values, pa.string()) for name, values in _attributes(indicator, listed).items()},
        "devices": devices,
        "people": devices * 2.0,
        "people_low": devices * 2.0,
        "people_high": devices * 2.0,
        "additive": np.full(len(listed), indicator.additive),
    }
    return with_intervals(indicator.table.conform(pa.table(columns)))


def _attributes(indicator: Indicator, rows: list[Row]) -> dict[str, list[str]]:
    values = [(row[3],) if isinstance(row[3], str) else row[3] for row in rows]
    return {name: [each[at] for each in values] for at, name in enumerate(indicator.attributes)}


def with_intervals(rows: pa.Table, rounding: int = 5, confidence: float = 0.95, effects: Json = None) -> pa.Table:
    """The table with intervals that follow from its devices and people; parts with `rest` are no whole zones."""
    effects = effects if isinstance(effects, dict) else {"zone": 1.0, "hexagons": 1.0}
    kinds = ["hexagons" if "rest" in name else "zone" for name in rows["zone_id"].to_pylist()]
    effect = np.array([effects[kind] for kind in kinds], np.float64)
    devices, people = np.maximum(rows["devices"].to_numpy(), 0), rows["people"].to_numpy()
    low, high = interval(devices, people, confidence, effect, rounding)
    for name, column in (("people_low", low), ("people_high", high)):
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), pa.array(column))
    return rows


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
            content.write(_last_intervals(name, rows, content), path)
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
            estimation={"confidence": content.confidence, "design_effects": content.effects},
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


def _last_intervals(name: str, rows: pa.Table, content: Draft) -> pa.Table:
    rounding = content.policy.get("rounding")
    fields = {"devices", "people", "people_low", "people_high", "zone_id"}
    if not content.intervals or not isinstance(rounding, int) or not fields <= set(rows.column_names):
        return rows
    effects = content.effects.get(name) if isinstance(content.effects, dict) else None
    confidence = content.confidence if isinstance(content.confidence, float) else 0.95
    return with_intervals(rows, rounding, confidence, effects)


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
