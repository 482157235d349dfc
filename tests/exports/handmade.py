"""A small release by hand with rows of nearly every indicator: two communes, a venue in one of them, two days."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from anonymization.happenings import events_json
from anonymization.released import Release, as_stated
from schemas.indicators import INDICATORS
from tests import tables
from tests.anonymization.releases import EIGHTS, VENUE, draft, publish, zone

DAY = date(2026, 10, 24)
"""A Saturday; the clocks go back in its night, and the privacy day has 25 hours."""
NEXT = date(2026, 10, 25)

CELLS = {"21231": [EIGHTS[0]], "21515": [EIGHTS[1]], "lac": [VENUE], "rest": [EIGHTS[2]]}
ZONES = {
    "21231": ("Dijon", "commune", None),
    "21515": ("Quetigny", "commune", None),
    "lac": ("Lac Kir", "venue", "21231"),
}

_LENGTHS = {"slot": 15, "hour": 60}

TABLES = {
    "presence": """
        window_start           zone_id      devices  people
        2026-10-24T08:00Z      21231        100      300
        2026-10-24T08:00Z      lac          25       70
        2026-10-24T08:00Z      21515        40       120
        2026-10-24T08:15Z      21231        90       280
        2026-10-24T08:15Z      lac          30       80
        2026-10-24T08:15Z      21515        45       130
        2026-10-24T08:30Z      21231        80       240
        2026-10-24T08:30Z      21515,rest   50       150
        2026-10-24T08:45Z      21231        80       240
        2026-10-24T08:45Z      21515        60       180
    """,
    "attendance": """
        zone_id  devices  people
        21231    200      600
        21515    80       240
        lac      30       90
    """,
    "attendance_by_age": """
        zone_id  age_band      devices  people
        21231    <18           40       120
        21231    18-24         60       180
        21231    25-34,35-44   70       200
        21231    foreign       30       100
        21515    all           80       240
    """,
    "attendance_by_category": """
        zone_id  visitor_category  devices  people
        21231    resident          100      300
        21231    excursionist      40       120
        21231    tourist           30       90
        21231    foreign_excursionist,foreign_tourist 30 90
    """,
    "attendance_by_origin": """
        zone_id  origin     devices  people
        21231    21231      100      300
        21231    21515      25       70
        21231    21         20       60
        21231    75,77      25       80
        21231    DE         30       90
    """,
    "dwell": """
        zone_id  dwell_band      devices  people
        21231    <30_min,30-60_min 60     180
        21231    1-2_h           140      420
        lac      2-4_h           30       80
    """,
    "dwell_by_arrival": """
        zone_id  dwell_band  arrival_hour  devices  people
        21231    1-2_h       09            100      300
        21231    1-2_h       10,11         40       120
    """,
    "nights": """
        zone_id  visitor_category  devices  people
        21231    resident          80       240
        21231    tourist           25       80
    """,
    "flows": """
        window_start       zone_id  origin_zone_id  destination_zone_id  distance_class  devices  people
        2026-10-24T06:00Z  21231    21231           21515                2-5_km          40       120
        2026-10-24T06:00Z  21515    21515           21231                2-5_km          45       130
        2026-10-24T07:00Z  21231    21231           21515,lac            <2_km,2-5_km    25       70
        2026-10-25T00:00Z  21231    21231           21515                2-5_km          20       60
        2026-10-25T01:00Z  21231    21231           21515                2-5_km          30       90
        2026-10-25T02:00Z  lac      21515,lac       all                  all             50       140
    """,
    "transit": """
        window_start       zone_id  devices  people
        2026-10-24T06:00Z  21231    35       110
    """,
}
"""Instants in UTC; a comma stands for `|`, and `_` for a space."""

OF_NEXT_DAY = {
    "presence": """
        window_start       zone_id    devices  people
        2026-10-25T08:00Z  territory  40       120
    """,
    "attendance": """
        zone_id      devices  people
        21231,21515  90       270
    """,
}


def release(folder: Path, days: Mapping[date, Mapping[str, str]] | None = None, *, test: bool = False) -> Release:
    """The release of some tables, signed but not verified: what stands in it need not be sound."""
    stated = {DAY: TABLES, NEXT: OF_NEXT_DAY} if days is None else days
    content = {day: {name: rows(name, text, day) for name, text in texts.items()} for day, texts in stated.items()}
    features = [zone(zone_id, kind, CELLS[zone_id], parent) for zone_id, (_, kind, parent) in ZONES.items()]
    for feature, (name, _, _) in zip(features, ZONES.values(), strict=True):
        feature["properties"]["name"] = name
    made = replace(
        draft(),
        tables=content,
        zones={"type": "FeatureCollection", "features": features},
        events=events_json([]),
        test=test,
    )
    return as_stated(publish(folder, replace(made, key_ids=tuple(f"{n:02x}" for n in range(len(content))))))


def rows(name: str, text: str, day: date = DAY) -> pa.Table:
    """The released table of some rows: windows, cells and interval are filled in."""
    indicator = INDICATORS[name]
    types = {each: pa.string() for each in ("zone_id", *indicator.attributes)}
    given = tables.table(text, types=types)
    plain = {each: [value.replace(",", "|") for value in given[each].to_pylist()] for each in types}
    values = {
        each: [value.replace("_", " ") for value in plain[each]] for each in types if each in indicator.attributes
    }
    starts, ends = _windows(given, indicator.window, day)
    people = given["people"].cast(pa.float64())
    columns = {
        "window_start": starts,
        "window_end": ends,
        "zone_id": plain["zone_id"],
        "cells": pa.array([_cells(zone_id) for zone_id in plain["zone_id"]], pa.list_(pa.uint64())),
        **values,
        "devices": given["devices"],
        "people": people,
        "people_low": people,
        "people_high": people,
        "additive": pa.array([indicator.additive] * given.num_rows),
    }
    return indicator.table.conform(pa.table(columns))


def _windows(given: pa.Table, window: str, day: date) -> tuple[pa.Array, pa.Array]:
    if window == "day":
        bounds = (datetime.combine(day + timedelta(days), time(5), ZoneInfo("Europe/Paris")) for days in (0, 1))
        return tuple(pa.array([bound.astimezone(UTC)] * given.num_rows, tables.INSTANT) for bound in bounds)
    starts = given["window_start"].cast(pa.int64()).to_numpy()
    return tuple(pa.array(starts + minutes * 60_000_000).cast(tables.INSTANT) for minutes in (0, _LENGTHS[window]))


def _cells(zone_id: str) -> list[int]:
    named = ["21231", "21515", "rest"] if zone_id == "territory" else zone_id.split("|")
    return sorted({int(cell, 16) for name in named for cell in CELLS[name]})
