import json
from datetime import date
from pathlib import Path

import h3
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.oracle.edges import privacy_day
from tests.oracle.generate import generate
from tests.oracle.oracle import Oracle
from tests.oracle.styles import STYLES
from tests.tables import rows

START = date(2026, 3, 28)


@pytest.mark.parametrize("style", [*STYLES, "mixed"])
def test_every_style_lies_in_its_days_and_is_read_back_as_it_was_made(tmp_path: Path, style: str) -> None:
    lot = generate(tmp_path, devices=60, events=1500, days=2, start=START, seed=5, style=style, cut="hourly")
    read = pa.concat_tables([pq.read_table(file) for file in sorted((tmp_path / "events").iterdir())])
    assert read.schema.equals(lot.events.schema)
    assert read.num_rows == lot.events.num_rows <= 1500
    bounds = pc.min_max(read["event_time"]).as_py()
    assert bounds["min"] >= privacy_day(START).starts
    assert bounds["max"] < privacy_day(date(2026, 3, 29)).ends


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        generate(tmp_path / name, 40, 800, 1, START, seed, "mixed")
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    contents = {name: b"".join((tmp_path / name / file).read_bytes() for file in files) for name in ("one", "same")}
    assert contents["one"] == contents["same"]
    assert (tmp_path / "other" / "cells.csv").read_bytes() != (tmp_path / "one" / "cells.csv").read_bytes()


def test_the_hexagons_of_a_zone_are_those_whose_centre_its_outline_holds(tmp_path: Path) -> None:
    lot = generate(tmp_path, 10, 100, 1, START, 3, "dense")
    features = json.loads((tmp_path / "zones.geojson").read_text())["features"]
    for feature in features:
        inside = h3.geo_to_cells(feature["geometry"], 9)
        zone = pc.equal(lot.zone_chain["zone_id"], feature["properties"]["zone_id"])
        listed = lot.zone_chain.filter(zone)["hexagon"].to_pylist()
        assert {h3.str_to_int(cell) for cell in inside} == set(listed)


def test_the_style_ties_has_what_it_is_for(tmp_path: Path) -> None:
    lot = generate(tmp_path, 30, 6000, 1, START, 3, "ties")
    oracle = Oracle(lot.events, lot.cells, lot.subscribers)
    accounting = oracle.accounting()
    duplicates = accounting.filter(pc.equal(accounting["outcome"], "duplicate"))["rows"][0].as_py()
    assert duplicates > 100
    instants = lot.events.group_by(["subscriber_id", "event_time"]).aggregate([("cell_id", "count_distinct")])
    assert pc.sum(pc.greater(instants["cell_id_count_distinct"], 1)).as_py() > 100


def test_the_style_dirty_has_every_reason_to_reject(tmp_path: Path) -> None:
    lot = generate(tmp_path, 300, 6000, 1, START, 3, "dirty")
    accounting = Oracle(lot.events, lot.cells, lot.subscribers).accounting()
    assert {reason for outcome, reason, _ in rows(accounting) if outcome == "rejected"} == {
        "missing event_time",
        "missing subscriber_id",
        "missing cell_id",
        "unknown event_type",
        "unknown cell",
        "opted out",
        "line type left out",
    }
