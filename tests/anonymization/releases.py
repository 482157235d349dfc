"""A small sound release, made by hand: three communes, a venue and a hospital near Dijon, two privacy days.

A test changes a Draft before it is published, or damages the published files.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anonymization.entries import EVENTS, REGISTER, STATEMENTS, ZONES, Body, Entry, Json, canonical_json
from anonymization.happenings import Happening, events_json
from anonymization.key_log import CREATED, DESTROYED, LAST_USED, Line, encode, head
from anonymization.manifest import CHAIN, HEAD, NOTHING_BEFORE, append, entry_name, head_of
from anonymization.people import interval
from anonymization.policy import Policy
from anonymization.records import (
    DayRecord,
    FileRecord,
    InputRecord,
    Software,
    day_entry,
    key_destroyed_entry,
    so_far,
    told_files,
    windows_entry,
)
from anonymization.row_digest import digest_of_file
from anonymization.signing import sign
from anonymization.statement import steps_taken, texts_sha256
from anonymization.totals import totals_of_files
from anonymization.verdict import Report
from schemas.errors import HexafluxError
from schemas.indicators import INDICATORS, Indicator, stated_effects

SATURDAY, SUNDAY = date(2026, 6, 20), date(2026, 6, 21)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
NOON = datetime(2026, 6, 22, 12, tzinfo=UTC)
SOFTWARE = Software("0.1.0", None, None, "ab" * 32, texts_sha256())
MORNING = "2026-06-20T03:00:00Z"

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
    ("05:00", "V", [VENUE], "1-2 h", 30),
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
    ("05:00", "V", [VENUE], ("1-2 h", "20"), 30),
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
MARKET = Happening("Market", "A", datetime(2026, 6, 20, 6, tzinfo=UTC), datetime(2026, 6, 20, 12, tzinfo=UTC))
_MINUTES = {"slot": 15, "hour": 60, "day": 24 * 60}


def plain_parquet(table: pa.Table, path: Path) -> None:
    """Write as releases are written."""
    pq.write_table(table, path, use_dictionary=False, compression="zstd")


@dataclass
class Draft:
    """What is about to be published; `tables` by privacy day and indicator.

    The last `open_keys` are not destroyed. With `intervals`, the intervals are made to follow at the last moment from
    what is printed.
    """

    tables: dict[date, dict[str, pa.Table]]
    zones: dict[str, Json]
    events: bytes = field(default_factory=lambda: events_json([]))
    policy: dict[str, Json] = field(default_factory=lambda: policy())
    timezone: str = "Europe/Paris"
    test: bool = False
    unit: str = "holders"
    flags: tuple[str, ...] = ()
    key_ids: tuple[str, ...] = ("0a", "0b")
    write: Callable[[pa.Table, Path], object] = plain_parquet
    last_policy: dict[str, Json] | None = None
    open_keys: int = 0
    intervals: bool = True
    confidence: Json = 0.95
    effects: Json = field(default_factory=lambda: {name: dict(kinds) for name, kinds in stated_effects().items()})


def draft() -> Draft:
    """A sound draft."""
    days = {day: {name: table(name, rows, day) for name, rows in ROWS.items()} for day in (SATURDAY, SUNDAY)}
    communes = [zone(name, "commune", h3.cell_to_children(cell, 9)) for name, cell in (("A", A), ("B", B), ("C", C))]
    inside = [zone("V", "venue", [VENUE], "A"), zone("H", "hospital", [HOSPITAL], "B", sensitive=True)]
    zones: dict[str, Json] = {"type": "FeatureCollection", "features": [*communes, *inside]}
    return Draft(days, zones, events_json([MARKET]))


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
    return replace(content, tables=tables, zones=zones, events=events_json([replace(MARKET, zone_id="21231")]))


def followed_draft() -> Draft:
    """A sound draft with a third window of presence: a follower publishes two while the day is open."""
    content = draft()
    for day in content.tables:
        rows = table("presence", [*PRESENCE, ("11:00", "A", [A], "", 30)], day)
        content = replace(content, tables={**content.tables, day: {**content.tables[day], "presence": rows}})
    return content


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


def policy(**changes: Json) -> dict[str, Json]:
    """All privacy numbers as an entry states them, some of them changed, and those that follow from k with it."""
    numbers: dict[str, Json] = {**Policy(20, 0.8, 5, test=False).as_json(), **changes}
    k = numbers["k"]
    follow = {"pool_target": 2 * k - 1, "nested_least": k} if isinstance(k, int) else {}
    return numbers | {name: value for name, value in follow.items() if name not in changes}


def noon_after(day: date) -> str:
    """When the key of a privacy day is destroyed."""
    return f"{day + timedelta(days=1)}T12:00:00Z"


def key_log(*events: tuple[str, date, str]) -> bytes:
    """A sound log of some events: kind, privacy day and key_id."""
    lines: list[Line] = []
    for event, day, key_id in events:
        pinned = head(lines)
        at = MORNING if event == CREATED else noon_after(day)
        stated = (event, day.isoformat(), key_id, key_id * 4, at, "file", "tmpfs", "provable: in memory", "test")
        lines.append(Line(pinned.entries + 1, pinned.sha256, *stated))
    return b"".join(map(encode, lines))


def publish(release: Path, content: Draft, key: Ed25519PrivateKey = KEY) -> Path:
    """Write the draft as a signed release, whatever is in it."""
    zones_sha256, keys = _begun(release, content)
    events = [(event, day, key_id) for day, key_id in keys for event in (CREATED, LAST_USED)]
    entries: list[Entry] = []
    for (day, tables), (_, key_id) in zip(content.tables.items(), keys, strict=True):
        files = _written(release, content, day, tables)
        record = _record(release, content, day, files, key_id, zones_sha256)
        entries.append(append(release, _entry(release, record, [e.body for e in entries]), key, key_log(*events)))
    for entry, (day, key_id) in list(zip(entries, keys, strict=True))[: len(keys) - content.open_keys]:
        events.append((DESTROYED, day, key_id))
        append(release, key_destroyed_entry(entry, noon_after(day), SOFTWARE, NOON), key, key_log(*events))
    return release


def publish_followed(
    release: Path, content: Draft, key: Ed25519PrivateKey = KEY, early: int = 2, *, compacted: bool = False
) -> Path:
    """Write the draft as a follower does, which is in its last day.

    The first `early` windows of presence of each day have an entry of their own, with the hours that begin before them
    and are not yet there; of the last day there is no more. Their files stay, as in releases of an earlier form, unless
    `compacted`.
    """
    zones_sha256, keys = _begun(release, content)
    events: list[tuple[str, date, str]] = []
    before: list[Body] = []
    for day, key_id in keys:
        events += [(CREATED, day, key_id), (LAST_USED, day, key_id)]
        left, listed = dict(content.tables[day]), {}
        for number, start in enumerate(sorted(set(left["presence"]["window_start"].to_pylist()))[:early]):
            due = {name: rows for name, rows in left.items() if INDICATORS[name].population == "presence"}
            due = {
                name: rows.filter(pc.less_equal(rows["window_start"], pa.scalar(start))) for name, rows in due.items()
            }
            left |= {name: left[name].slice(rows.num_rows) for name, rows in due.items()}
            due = {name: rows for name, rows in due.items() if rows.num_rows}
            files = _written(release, content, day, due, f"part-from-{number:03d}")
            record = _record(release, content, day, files, key_id, zones_sha256)
            if compacted:
                files = {path: _digested(release, path, file) for path, file in files.items()}
            record = replace(record, files=files, input=InputRecord((), 0, 0, 0))
            append(release, _windows(release, record, before, listed), key, key_log(*events))
            listed |= {path: {"sha256": file.sha256, "rows": file.rows} for path, file in files.items()}
        if day == max(content.tables):
            break
        if compacted:
            files = _written(release, content, day, content.tables[day])
        else:
            files = {path: FileRecord(**file) for path, file in listed.items()}
            files |= _written(release, content, day, left, f"part-from-{early:03d}")
        record = _record(release, content, day, files, key_id, zones_sha256)
        entry = append(release, _entry(release, record, before), key, key_log(*events))
        for path in listed if compacted else ():
            (release / path).unlink()
        before.append(entry.body)
        events.append((DESTROYED, day, key_id))
        append(release, key_destroyed_entry(entry, noon_after(day), SOFTWARE, NOON), key, key_log(*events))
    return release


def _begun(release: Path, content: Draft) -> tuple[str, list[tuple[date, str]]]:
    """The hash of the zones, which are written, and the key of each day."""
    (release / "manifest").mkdir(parents=True)
    zones = json.dumps(content.zones).encode()
    (release / ZONES).write_bytes(zones)
    (release / EVENTS).write_bytes(content.events)
    keys = [(day, (short * 16)[:16]) for day, short in zip(content.tables, content.key_ids, strict=True)]
    return hashlib.sha256(zones).hexdigest(), keys


def _written(
    release: Path, content: Draft, day: date, tables: dict[str, pa.Table], part: str = "part-0"
) -> dict[str, FileRecord]:
    files = {}
    for name, rows in tables.items():
        path = release / name / f"date={day}" / f"{part}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        content.write(_last_intervals(name, rows, content), path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        files[path.relative_to(release).as_posix()] = FileRecord(sha256, rows.num_rows)
    return files


def _digested(release: Path, path: str, file: FileRecord) -> FileRecord:
    """What is said of a file of windows that may go."""
    schema = INDICATORS[path.partition("/")[0]].table.schema
    return replace(file, rows_sha256=digest_of_file(release / path, schema))


def _record(
    release: Path, content: Draft, day: date, files: dict[str, FileRecord], key_id: str, zones_sha256: str
) -> DayRecord:
    last = day == max(content.tables) and content.last_policy
    return DayRecord(
        release_id="dijon",
        test=content.test,
        privacy_day=day,
        policy=content.last_policy if last and content.last_policy else content.policy,
        timezone=content.timezone,
        slot_minutes=15,
        privacy_day_starts="05:00",
        estimation={
            "confidence": content.confidence,
            "design_effects": content.effects,
            "people_per_device": 2.0,
        },
        unit=content.unit,
        files=files,
        zones_sha256=zones_sha256,
        events_sha256=hashlib.sha256(content.events).hexdigest(),
        flags=content.flags,
        key_id=key_id,
        key_commitment=key_id * 4,
        key_created_at=MORNING,
        software=SOFTWARE,
        created_at=NOON,
        input=InputRecord(("cd" * 32,), 123_456, 4_321, 0),
        register=True,
        steps=steps_taken(
            sorted({path.partition("/")[0] for path in files}), rounding=5, objections=True, nested=True, sensitive=True
        ),
        indicators=_figures(release, files),
        widths={},
    )


def _windows(release: Path, record: DayRecord, before: list[Body], earlier: Body) -> Body:
    """The entry of windows of a record, with the files that tell it."""
    body = windows_entry(record, before, earlier)
    for path, data in told_files([*before, so_far(body, earlier)]).items():
        (release / path).write_bytes(data)
    return body


def _figures(release: Path, files: dict[str, FileRecord]) -> dict[str, Json]:
    """The figures of the files, as far as they can be read."""
    try:
        return totals_of_files(release, files)
    except (pa.ArrowException, KeyError, ValueError):
        return {}


def _entry(release: Path, record: DayRecord, before: list[Body]) -> Body:
    """The entry of a record with the files that tell it; a record that cannot be told has others in their place."""
    try:
        body = day_entry(record, before)
        told = told_files([*before, body])
    except (KeyError, TypeError, ValueError, HexafluxError):
        told = dict.fromkeys((REGISTER, *STATEMENTS.values()), b"nothing\n")
        sound = day_entry(replace(record, policy=policy(), unit="holders"), [])
        body = sound | {"policy": dict(record.policy), "unit": record.unit}
        body["shared"] = {ZONES: record.zones_sha256, EVENTS: record.events_sha256}
        body["shared"] |= {p: hashlib.sha256(d).hexdigest() for p, d in told.items()}
    for path, data in told.items():
        (release / path).write_bytes(data)
    return body


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


def rewrite(
    release: Path,
    change: Callable[[list[Body]], list[Body]],
    key: Ed25519PrivateKey = KEY,
    *,
    link: bool = True,
) -> None:
    """Make the chain anew of changed entries, with sound numbers, links (with `link`), signatures and head.

    What an operator could do who holds the key: the checks of content must find it.
    """
    folder = release / CHAIN
    bodies = change([json.loads(path.read_bytes()) for path in sorted(folder.iterdir())])
    for path in folder.iterdir():
        path.unlink()
    entries: list[Entry] = []
    for sequence, body in enumerate(bodies, 1):
        previous = entries[-1].sha256 if entries else NOTHING_BEFORE
        unsigned = {name: value for name, value in body.items() if name != "signature"} | {"sequence": sequence}
        unsigned |= {"previous": previous} if link else {}
        data = canonical_json(unsigned | {"signature": sign(key, canonical_json(unsigned))})
        entries.append(Entry(entry_name(sequence), data, json.loads(data)))
        (folder / entry_name(sequence)).write_bytes(data)
    if entries:
        (release / HEAD).write_bytes(canonical_json(head_of(entries, key)))
