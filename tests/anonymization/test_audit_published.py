import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.entries import Json
from anonymization.report import to_text
from tests.anonymization import releases as r
from tests.anonymization.releases import Draft, draft, failed, message, publish, replaced, table, with_value

Change = Callable[[Draft], Draft]


def changed(name: str, row: int, column: str, value: object) -> Change:
    return lambda d: replaced(d, name, lambda rows: with_value(rows, row, column, value))


def with_rows(name: str, rows: list[r.Row]) -> Change:
    return lambda d: replaced(d, name, lambda _: table(name, rows))


def moved_row(rows: list[r.Row], row: int, to: r.Row) -> list[r.Row]:
    return [*rows[:row], to, *rows[row + 1 :]]


SPLIT_OF_A = r.PRESENCE_BY_AGE[:2]
PUBLISHED: dict[str, tuple[str, Change]] = {
    "a count below k": ("k", changed("attendance", 3, "devices", 15)),
    "a count of 0": ("k", changed("presence", 0, "devices", 0)),
    "a negative count": ("k", changed("presence", 0, "devices", -60)),
    "a count that is no multiple": ("k", changed("presence", 0, "devices", 61)),
    "people below their interval": ("k", changed("presence", 0, "people", 100.0)),
    "people above their interval": ("k", changed("presence", 0, "people", 150.0)),
    "people that are no number": ("k", changed("presence", 0, "people", float("nan"))),
    "an interval without end": ("k", changed("presence", 0, "people_high", float("inf"))),
    "an interval below nobody": ("k", changed("presence", 0, "people_low", -10.0)),
    "people that are no multiple": ("k", changed("presence", 0, "people", 121.0)),
    "k below eleven": ("k", lambda d: replace(d, policy={**d.policy, "k": 10})),
    "a part inside another": (
        "disjointness",
        with_rows("presence", [*r.PRESENCE[:3], ("10:30", "V", [r.VENUE], "", 20), *r.PRESENCE[3:]]),
    ),
    "a part twice": (
        "disjointness",
        with_rows("presence", [r.PRESENCE[0], *r.PRESENCE]),
    ),
    "two parts that share a cell": (
        "disjointness",
        with_rows("presence", moved_row(r.PRESENCE, 1, ("10:30", "B", [r.B, r.VENUE], "", 40))),
    ),
    "one zone in two parts of its kind": (
        "disjointness",
        with_rows("attendance", moved_row(r.ATTENDANCE, 1, ("05:00", "A|B", [r.A, r.B], "", 80))),
    ),
    "zones of two kinds in one part": (
        "disjointness",
        with_rows("attendance", moved_row(r.ATTENDANCE, 3, ("05:00", "C|H", [r.HOSPITAL], "", 20))),
    ),
    "a part outside its zone": (
        "zones",
        with_rows("presence", moved_row(r.PRESENCE, 1, ("10:30", "B", [r.EIGHTS[5]], "", 40))),
    ),
    "rest inside a zone": (
        "zones",
        with_rows("presence", moved_row(r.PRESENCE, 0, ("10:30", "rest", [r.A], "", 60))),
    ),
    "an unknown zone": ("zones", changed("presence", 0, "zone_id", "X")),
    "zones in another order": ("zones", changed("presence", 4, "zone_id", "C|B")),
    "a sensitive zone in presence": (
        "zones",
        with_rows("presence", [*r.PRESENCE[:1], ("10:30", "H", [r.HOSPITAL], "", 40), *r.PRESENCE[2:]]),
    ),
    "zones without cells": ("zones", lambda d: replace(d, zones={"features": [{"properties": {"zone_id": "A"}}]})),
    "zones that are a list": ("zones", lambda d: replace(d, zones={"features": [[]]})),
    "an impossible cell in the zones": ("zones", lambda d: replace(d, zones=with_cell(d, "8f"))),
    "a cell in the zones that is no text": ("zones", lambda d: replace(d, zones=with_cell(d, 7))),
    "a cell in the zones that is too long": ("zones", lambda d: replace(d, zones=with_cell(d, "f" * 99))),
    "a part of the hour that presence has not": (
        "nesting",
        with_rows("presence_by_age", [*r.PRESENCE_BY_AGE[:3], ("10:00", "rest", [r.REST], "all", 45)]),
    ),
    "the parts of another slot": (
        "nesting",
        with_rows("presence_by_age", [*SPLIT_OF_A, ("10:00", "B|C", [r.B, r.C], "all", 50)]),
    ),
    "a part left out of the hour": ("nesting", with_rows("presence_by_age", r.PRESENCE_BY_AGE[:3])),
    "no presence beside presence by age": ("nesting", lambda d: replaced(d, "presence", lambda rows: rows[:0])),
    "a part left out of the day": ("nesting", with_rows("dwell", r.DWELL[:4])),
    "the day total of a sensitive zone split": (
        "nesting",
        with_rows("dwell", [*r.DWELL[:4], ("05:00", "H", [r.HOSPITAL], "2-4 h", 20), r.DWELL[4]]),
    ),
    "rows that do not sum to the part": ("nesting", changed("attendance_by_spc", 0, "devices", 50)),
    "a class twice in one part": ("nesting", changed("attendance_by_spc", 1, "spc", "2|3")),
    "a total beside its classes": ("nesting", changed("attendance_by_spc", 2, "spc", "all")),
    "few who did not visit the inner zone": ("nesting", changed("attendance", 4, "devices", 90)),
    "more in the inner zone than around it": ("nesting", changed("attendance", 4, "devices", 115)),
    "one class that dominates": ("homogeneity", changed("attendance_by_spc", 3, "devices", 500)),
    "one known class": ("homogeneity", changed("attendance_by_spc", 4, "spc", "unknown")),
    "one class beside foreign": ("homogeneity", changed("attendance_by_spc", 4, "spc", "foreign")),
    "one class alone": ("homogeneity", changed("attendance_by_spc", 6, "spc", "3")),
    "a value outside the vocabulary": ("schema", changed("attendance_by_spc", 0, "spc", "9")),
    "an empty value": ("schema", changed("attendance_by_spc", 0, "spc", "")),
    "a joined value out of order": ("schema", changed("attendance_by_spc", 0, "spc", "2|1")),
    "all joined to a value": ("schema", changed("attendance_by_spc", 5, "spc", "8|all")),
    "unsorted rows": ("schema", lambda d: replaced(d, "presence", lambda rows: rows.take([1, 0, 2, 3, 4, 5]))),
    "a double row": ("schema", lambda d: replaced(d, "dwell", lambda rows: rows.take([0, 0, 1, 2, 3, 4]))),
    "cells that do not ascend": (
        "schema",
        lambda d: replaced(d, "presence", lambda rows: with_value(rows, 2, "cells", rows["cells"][2].as_py()[::-1])),
    ),
    "a window of another day": ("schema", lambda d: replaced(d, "dwell", lambda _: table("dwell", r.DWELL, r.SUNDAY))),
    "a window off the grid": (
        "schema",
        with_rows("presence", [*r.PRESENCE[:3], ("10:50", "A", [r.A], "", 60)]),
    ),
    "a window that is too long": (
        "schema",
        lambda d: replaced(
            d, "presence", lambda rows: with_value(rows, 0, "window_end", rows["window_end"][5].as_py())
        ),
    ),
    "presence that is not additive": ("schema", changed("presence", 0, "additive", False)),
    "a row without cells": ("schema", changed("presence", 0, "cells", [])),
    "a cell that is no cell": ("schema", changed("presence", 0, "cells", [12])),
    "a null among the cells": ("schema", changed("presence", 0, "cells", [None])),
    "another column": ("schema", lambda d: replaced(d, "dwell", lambda t: t.append_column("device", t["devices"]))),
    "a missing column": ("schema", lambda d: replaced(d, "dwell", lambda t: t.drop_columns(["people"]))),
    "another type": (
        "schema",
        lambda d: replaced(d, "dwell", lambda t: t.set_column(5, "devices", t["devices"].cast(pa.int32()))),
    ),
    "a dictionary": ("schema", lambda d: replace(d, write=lambda t, p: pq.write_table(t, p, compression="zstd"))),
    "another compression": (
        "schema",
        lambda d: replace(d, write=lambda t, p: pq.write_table(t, p, compression="gzip", use_dictionary=False)),
    ),
    "other metadata": (
        "schema",
        lambda d: replaced(d, "dwell", lambda t: t.replace_schema_metadata({"operator": "someone"})),
    ),
    "no Parquet at all": ("schema", lambda d: replace(d, write=lambda _, p: p.write_bytes(b"PAR1 nothing PAR1"))),
    "an empty file": ("schema", lambda d: replace(d, write=lambda _, p: p.write_bytes(b""))),
    "k that is no number": ("chain", lambda d: replace(d, policy={**d.policy, "k": "20"})),
    "k that is true": ("chain", lambda d: replace(d, policy={**d.policy, "k": True})),
    "no rounding stated": ("chain", lambda d: replace(d, policy={"k": 20, "max_share": 0.8})),
    "an unknown timezone": ("chain", lambda d: replace(d, timezone="Europe")),
    "one key for two days": ("keys", lambda d: replace(d, key_ids=("0a", "0a"))),
    "a test release": ("test", lambda d: replace(d, test=True)),
}


def with_cell(content: Draft, cell: object) -> dict[str, Json]:
    zones = json.loads(json.dumps(content.zones))
    zones["features"][0]["properties"]["cells"][0] = cell
    return dict(zones)


@pytest.mark.parametrize("case", PUBLISHED)
def test_what_must_not_be_published_fails_its_check_even_when_signed(case: str, tmp_path: Path) -> None:
    name, change = PUBLISHED[case]
    report = audit(publish(tmp_path / "release", change(draft())))
    assert name in failed(report), to_text(report)
    assert {"structure"}.isdisjoint(failed(report))
    assert "could not be looked at" not in to_text(report)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    content = replace(draft(), write=lambda _, path: path.write_bytes(b"PAR1"))
    report = audit(publish(tmp_path / "release", content))
    assert "presence/date=2026-06-20/part-0.parquet is no Parquet file" in message(report, "schema")
    assert "not checked" in message(report, "k")
