import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.entries import Json
from anonymization.report import to_text
from tests.anonymization import releases as r
from tests.anonymization.releases import (
    Draft,
    draft,
    failed,
    message,
    publish,
    replaced,
    table,
    whole_draft,
    with_value,
)
from tests.anonymization.sentences import SAYS

Change = Callable[[Draft], Draft]


def changed(name: str, row: int, column: str, value: object) -> Change:
    def change(content: Draft) -> Draft:
        kept = content.intervals and not column.startswith("people")
        return replace(replaced(content, name, lambda rows: with_value(rows, row, column, value)), intervals=kept)

    return change


def with_rows(name: str, rows: list[r.Row]) -> Change:
    return lambda d: replaced(d, name, lambda _: table(name, rows))


def moved_row(rows: list[r.Row], row: int, to: r.Row) -> list[r.Row]:
    return [*rows[:row], to, *rows[row + 1 :]]


def features(content: Draft) -> list[Json]:
    found = content.zones["features"]
    assert isinstance(found, list)
    return found


def with_property(content: Draft, place: int, name: str, value: Json) -> dict[str, Json]:
    zones = json.loads(json.dumps(content.zones))
    zones["features"][place]["properties"][name] = value
    return dict(zones)


INNER = h3.cell_to_children(r.B, 9)
SPLIT_OF_A = r.PRESENCE_BY_AGE[:2]
PUBLISHED: dict[str, tuple[str, Change]] = {
    "a count below k": ("k", changed("attendance", 3, "devices", 15)),
    "a count of 0": ("k", changed("presence", 0, "devices", 0)),
    "a negative count": ("k", changed("presence", 0, "devices", -60)),
    "a count that is no multiple": ("k", changed("presence", 0, "devices", 61)),
    "people below their interval": ("k", changed("presence", 0, "people", 50.0)),
    "people above their interval": ("k", changed("presence", 0, "people", 200.0)),
    "people that are no number": ("k", changed("presence", 0, "people", float("nan"))),
    "an interval without end": ("k", changed("presence", 0, "people_high", float("inf"))),
    "an interval below nobody": ("k", changed("presence", 0, "people_low", -10.0)),
    "people that are no multiple": ("k", changed("presence", 0, "people", 121.0)),
    "k below eleven": ("k", lambda d: replace(d, policy=r.policy(k=10))),
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
    "a zone in two parts that share no cell": (
        "disjointness",
        with_rows(
            "attendance",
            [*moved_row(r.ATTENDANCE[:3], 1, ("05:00", "B", INNER[:3], "", 80)), ("05:00", "B|C", INNER[3:], "", 30)],
        ),
    ),
    "a zone twice in one part": (
        "disjointness",
        with_rows("attendance", moved_row(r.ATTENDANCE, 1, ("05:00", "B|B", [r.B], "", 80))),
    ),
    "a zone that is given twice": (
        "zones",
        lambda d: replace(d, zones={"features": [*features(d), features(d)[0]]}),
    ),
    "a parent that is no zone": ("zones", lambda d: replace(d, zones=with_property(d, 3, "parent", "Z"))),
    "a zone with a name that stands for all": (
        "zones",
        lambda d: replace(d, zones=with_property(d, 3, "zone_id", "territory")),
    ),
    "a zone with a joined name": ("zones", lambda d: replace(d, zones=with_property(d, 3, "zone_id", "A|B"))),
    "a kind that is no text": ("zones", lambda d: replace(d, zones=with_property(d, 3, "kind", 7))),
    "cells that are no list": ("zones", lambda d: replace(d, zones=with_property(d, 3, "cells", None))),
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
    "no rounding stated": (
        "chain",
        lambda d: replace(d, policy={n: v for n, v in d.policy.items() if n != "rounding"}),
    ),
    "an unknown timezone": ("chain", lambda d: replace(d, timezone="Europe")),
    "one key for two days": ("keys", lambda d: replace(d, key_ids=("0a", "0a"))),
    "a test release": ("test", lambda d: replace(d, test=True)),
}


WHOLE: dict[str, tuple[str, Change]] = {
    "a category left out of a part": (
        "nesting",
        with_rows("attendance_by_category", [*r.CATEGORY[:3], *r.CATEGORY[4:]]),
    ),
    "a part without categories": ("nesting", with_rows("attendance_by_category", r.CATEGORY[:6])),
    "categories that do not sum to the part": ("nesting", changed("attendance_by_category", 4, "devices", 60)),
    "origins that do not sum to the part": ("nesting", changed("attendance_by_origin", 3, "devices", 45)),
    "a country in two rows": ("nesting", changed("attendance_by_origin", 1, "origin", "21|BE")),
    "a whole part rounded in two ways": ("nesting", changed("attendance_by_origin", 7, "devices", 35)),
    "other residents by origin than by category": (
        "nesting",
        lambda d: changed("attendance_by_origin", 0, "devices", 50)(
            changed("attendance_by_origin", 1, "devices", 25)(d)
        ),
    ),
    "another number of foreign devices by class than by category": (
        "nesting",
        lambda d: changed("attendance_by_spc", 2, "devices", 30)(changed("attendance_by_spc", 0, "devices", 25)(d)),
    ),
    "origins that are not cut as categories are": (
        "nesting",
        with_rows(
            "attendance_by_origin",
            [
                ("05:00", "21231", [r.A], f"21231|21|39|{r.WEST}", 100),
                *r.ORIGIN[3:],
            ],
        ),
    ),
    "residents among the other origins": ("nesting", changed("attendance_by_origin", 0, "origin", "58")),
    "arrivals of a dwell class that is not published": (
        "nesting",
        changed("dwell_by_arrival", 3, "dwell_band", "2-4 h"),
    ),
    "arrivals that do not sum to the dwell class": ("nesting", changed("dwell_by_arrival", 0, "devices", 45)),
    "an hour of arrival twice": ("nesting", changed("dwell_by_arrival", 1, "arrival_hour", "08|09")),
    "a dwell class without arrivals": ("nesting", with_rows("dwell_by_arrival", r.ARRIVALS[2:])),
    "nights of a category that is not published": ("nesting", changed("nights", 1, "visitor_category", "resident")),
    "a night that few spent elsewhere": ("nesting", changed("nights", 0, "devices", 40)),
    "more nights than visitors": ("nesting", changed("nights", 0, "devices", 60)),
    "a night of all that is rounded in another way": ("nesting", changed("nights", 1, "devices", 35)),
    "origins of a sensitive zone": (
        "nesting",
        with_rows("attendance_by_origin", [*r.ORIGIN[:7], ("05:00", "H", [r.HOSPITAL], "75", 20), r.ORIGIN[7]]),
    ),
    "a commune that is no zone": ("schema", changed("attendance_by_origin", 3, "origin", "21515")),
    "a zone that is no commune as an origin": ("schema", changed("attendance_by_origin", 3, "origin", "V")),
    "a country that is not listed": ("schema", changed("attendance_by_origin", 3, "origin", "QQ")),
    "origins out of order": ("schema", changed("attendance_by_origin", 1, "origin", "39|21")),
    "an hour of no clock": ("schema", changed("dwell_by_arrival", 0, "arrival_hour", "8")),
    "a destination that is no zone": ("schema", changed("flows", 0, "destination_zone_id", "X")),
    "an unknown distance": ("schema", changed("flows", 0, "distance_class", "1 km")),
    "flows of a day": (
        "schema",
        lambda d: replaced(d, "flows", lambda rows: with_value(rows, 0, "window_end", rows["window_end"][3].as_py())),
    ),
    "a zone that is not the origin": ("movements", changed("flows", 0, "origin_zone_id", "C")),
    "an origin that is no part": (
        "movements",
        with_rows("flows", [("08:00", "H", [r.HOSPITAL], ("H", "B", "<2 km"), 40), *r.FLOWS[3:]]),
    ),
    "a destination of another layer": ("movements", changed("flows", 0, "destination_zone_id", "V")),
    "a flow that ends where it begins": ("movements", changed("flows", 0, "destination_zone_id", "21231")),
    "a pair in two rows": ("movements", changed("flows", 0, "destination_zone_id", "B|C")),
    "an origin in a pool and alone": (
        "movements",
        with_rows("flows", [*r.FLOWS[:3], ("08:00", "C", [r.C], ("C", "B", "<2 km"), 40), r.FLOWS[3]]),
    ),
    "a single origin that goes to all": ("movements", changed("flows", 3, "destination_zone_id", "all")),
    "a pool of origins that goes to one zone": ("movements", changed("flows", 2, "destination_zone_id", "21231")),
    "another distance": ("movements", changed("flows", 0, "distance_class", "5-10 km")),
    "a pool without its distance": ("movements", changed("flows", 2, "distance_class", "<2 km")),
    "cells inside its origin": ("movements", changed("flows", 0, "cells", [int(r.VENUE, 16)])),
    "as many cells of another place": ("movements", changed("flows", 3, "cells", [int(r.C, 16)])),
    "cells of another origin": ("movements", changed("flows", 2, "cells", [int(r.B, 16)])),
    "flows without attendance": ("movements", lambda d: replaced(d, "attendance", lambda rows: rows[:0])),
    "a sensitive zone in transit": (
        "zones",
        with_rows("transit", [*r.TRANSIT[:2], ("08:00", "H|V", [r.HOSPITAL, r.VENUE], "", 40), r.TRANSIT[3]]),
    ),
    "a sensitive zone in flows": (
        "zones",
        with_rows("flows", [*r.FLOWS[:2], ("08:00", "B|H", [r.B, r.HOSPITAL], ("B|H", "all", "all"), 40), r.FLOWS[3]]),
    ),
    "one zone in two parts of an hour's transit": (
        "disjointness",
        with_rows("transit", [("08:00", "21231|B", [r.A, r.B], "", 50), *r.TRANSIT[1:]]),
    ),
    "zones of two kinds in one part of transit": (
        "disjointness",
        with_rows("transit", [*r.TRANSIT[:2], ("08:00", "C|V", [r.C, r.VENUE], "", 20), r.TRANSIT[3]]),
    ),
    "transit below k": ("k", changed("transit", 2, "devices", 15)),
    "a lower end that tells more": ("intervals", changed("flows", 0, "people_low", 70.0)),
    "an upper end that tells more": ("intervals", changed("presence", 0, "people_high", 130.0)),
    "an interval of another confidence": ("intervals", lambda d: replace(d, intervals=False, confidence=0.5)),
    "an interval of another rounding": (
        "intervals",
        lambda d: replace(d, intervals=False, policy=r.policy(rounding=0)),
    ),
    "an indicator without a design effect": (
        "intervals",
        lambda d: replace(d, effects={name: kinds for name, kinds in dict(d.effects).items() if name != "transit"}),
    ),
    "design effects that are not stated": ("chain", lambda d: replace(d, effects=None)),
    "a confidence that is no share": ("chain", lambda d: replace(d, confidence=95)),
}


def with_cell(content: Draft, cell: object) -> dict[str, Json]:
    zones = json.loads(json.dumps(content.zones))
    zones["features"][0]["properties"]["cells"][0] = cell
    return dict(zones)


@pytest.mark.parametrize("case", WHOLE)
def test_so_does_what_must_not_stand_in_a_release_of_all_indicators(case: str, tmp_path: Path) -> None:
    name, change = WHOLE[case]
    report = audit(publish(tmp_path / "release", change(whole_draft())))
    assert name in failed(report), to_text(report)
    assert all(sentence in message(report, name) for sentence in SAYS.get(case, ())), to_text(report)
    assert {"structure"}.isdisjoint(failed(report))
    assert "could not be looked at" not in to_text(report)


@pytest.mark.parametrize("case", PUBLISHED)
def test_what_must_not_be_published_fails_its_check_even_when_signed(case: str, tmp_path: Path) -> None:
    name, change = PUBLISHED[case]
    report = audit(publish(tmp_path / "release", change(draft())))
    assert name in failed(report), to_text(report)
    assert all(sentence in message(report, name) for sentence in SAYS.get(case, ())), to_text(report)
    assert {"structure"}.isdisjoint(failed(report))
    assert "could not be looked at" not in to_text(report)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    content = replace(draft(), write=lambda _, path: path.write_bytes(b"PAR1"))
    report = audit(publish(tmp_path / "release", content))
    assert "presence/date=2026-06-20/part-0.parquet is no Parquet file" in message(report, "schema")
    assert "not checked" in message(report, "k")


SPOKEN = {"schema", "k", "disjointness", "zones", "nesting", "movements", "homogeneity", "intervals"}


def test_every_case_says_what_is_wrong() -> None:
    cases = {case for case, (name, _) in {**PUBLISHED, **WHOLE}.items() if name in SPOKEN}
    assert cases == SAYS.keys()


@pytest.mark.parametrize(
    ("case", "name", "found"),
    [
        ("a count below k", "k", "smallest count 15"),
        ("a part twice", "disjointness", "1 overlapping parts"),
        ("one zone in two parts of its kind", "disjointness", "2 overlapping parts"),
        ("zones of two kinds in one part", "disjointness", "1 overlapping parts"),
        ("one class that dominates", "homogeneity", "largest printed share 96%"),
    ],
)
def test_what_was_found_is_told(case: str, name: str, found: str, tmp_path: Path) -> None:
    report = audit(publish(tmp_path / "release", PUBLISHED[case][1](draft())))
    assert next(check.found for check in report.checks if check.name == name) == found
