"""A release by hand with a festival of two days, its last edition two weeks before, and usual Saturdays around them."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from anonymization.happenings import Happening, events_json
from tests.anonymization.releases import (
    REST,
    SATURDAY,
    A,
    B,
    C,
    Draft,
    Row,
    publish,
    table,
    whole_draft,
    with_intervals,
)

FIRST, SECOND = date(2026, 7, 25), date(2026, 7, 26)
LAST_EDITION = date(2026, 7, 11)
USUAL = (date(2026, 6, 20), date(2026, 6, 27), date(2026, 7, 4))
"""Saturdays without an event."""

_PARIS = ZoneInfo("Europe/Paris")
NAME = "Fête & <script>alert(1)</script>"
"""Names of events come from other people's files."""

EDITION = Happening(
    "Fête 2025", "21231", datetime(2026, 7, 11, 13, tzinfo=_PARIS), datetime(2026, 7, 11, 23, tzinfo=_PARIS)
)
FESTIVAL = Happening(
    NAME, "21231", datetime(2026, 7, 25, 14, tzinfo=_PARIS), datetime(2026, 7, 26, 23, tzinfo=_PARIS), "Fête 2025"
)
FEW = Happening(
    "Few", "V", datetime(2026, 7, 25, 14, tzinfo=_PARIS), datetime(2026, 7, 25, 20, tzinfo=_PARIS), "Long ago"
)
"""Its last edition lies before the release, and its zone has no presence of its own."""

CARE = Happening("Care", "H", datetime(2026, 7, 25, 14, tzinfo=_PARIS), datetime(2026, 7, 25, 20, tzinfo=_PARIS))
BEFORE = Happening(
    "Long ago", "21231", datetime(2025, 6, 20, 14, tzinfo=_PARIS), datetime(2025, 6, 20, 20, tzinfo=_PARIS)
)
"""It begins on no day of the release."""

TOGETHER = (92, 93)
"""The slots in which commune A is counted together with B: 04:00 and 04:15."""

_SLOT = timedelta(minutes=15)


def publish_festival(folder: Path) -> Path:
    """Six days; commune A holds the most people at 20:30."""
    return publish(folder, festival_draft())


def festival_draft() -> Draft:
    """The draft of it."""
    scale = {**dict.fromkeys(USUAL, 2), LAST_EDITION: 4, FIRST: 8, SECOND: 6}
    days = {day: _tables(day, scale[day], number) for number, day in enumerate(sorted(scale))}
    events = events_json([EDITION, FESTIVAL, FEW, CARE, BEFORE])
    content = replace(whole_draft(), tables=days, events=events)
    features = content.zones["features"]
    features[0]["properties"]["name"] = "Dijon <b>&"
    return replace(content, key_ids=tuple(f"{number:02x}" for number in range(len(days))))


def _tables(day: date, scale: int, number: int) -> dict[str, pa.Table]:
    whole = whole_draft().tables[SATURDAY]
    kept = ("attendance", "attendance_by_category", "attendance_by_spc", "attendance_by_origin", "dwell")
    return {
        **{name: _scaled(_on(day, whole[name]), scale) for name in kept},
        "presence": _presence(day, scale + number / 10),
        "flows": table("flows", _flows(scale), day),
    }


def _scaled(rows: pa.Table, scale: int) -> pa.Table:
    """The table with more people in commune A."""
    times = pc.if_else(pc.equal(rows["zone_id"], "21231"), scale, 1)
    for name in ("devices", "people"):
        more = pc.multiply(rows[name], times.cast(rows.schema.field(name).type))
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), more)
    return with_intervals(rows)


def _on(day: date, rows: pa.Table) -> pa.Table:
    shift = pa.scalar((day - SATURDAY) // timedelta(microseconds=1), pa.int64())
    for name in ("window_start", "window_end"):
        moved = pc.add(rows[name].cast(pa.int64()), shift).cast(rows.schema.field(name).type)
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), moved)
    return rows


def _presence(day: date, factor: float) -> pa.Table:
    evening, night = [], []
    for number in range(96):
        moment = datetime.combine(day, time(5)) + number * _SLOT
        rows = evening if moment.date() == day else night
        rows += _slot(f"{moment:%H:%M}", _tens(40 + factor * max(0, 60 - abs(number - 62))), number in TOGETHER)
    return pa.concat_tables([table("presence", evening, day), table("presence", night, day + timedelta(days=1))])


def _slot(clock: str, devices: int, together: bool) -> list[Row]:
    rest = (clock, "C|rest", [C, REST], "", 45)
    if together:
        return [(clock, "21231|B", [A, B], "", 100), rest]
    return [(clock, "21231", [A], "", devices), (clock, "B", [B], "", 40), rest]


def _flows(scale: int) -> list[Row]:
    rows: list[Row] = []
    for hour in range(8, 24):
        rows += [
            (f"{hour:02d}:00", "21231", [A], ("21231", "B", "<2 km"), 20),
            (f"{hour:02d}:00", "B", [B], ("B", "21231", "<2 km"), 20 + 5 * scale),
        ]
    return rows


def _tens(value: float) -> int:
    return round(value / 10) * 10
