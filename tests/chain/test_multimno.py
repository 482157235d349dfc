"""The whole chain on somebody else's data: the multimno sample, read through a column mapping."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import h3
import pytest
from rich.console import Console

from anonymization.audit import audit
from pipelines.configuration import load
from pipelines.embedded import Outcome, run
from pipelines.progress import Progress
from tests.paths import shared_data

CONFIGURATION = """\
[input]
events = "{events}"
cells = "{cells}"
zones = "zones.geojson"

[input.columns.events]
event_time = "timestamp"
subscriber_id = "user_id"
home_mcc = "mcc"

[input.columns.cells]
range_m = "range"
azimuth_deg = "azimuth_angle"
beamwidth_deg = "horizontal_beam_width"
valid_from = "valid_date_start"
valid_to = "valid_date_end"

[area]
timezone = "Europe/Madrid"
domestic_mcc = [214]

[policy]
k = 2
rounding = 0

[release]
directory = "release"

[test]
allow_small_k = true
"""

# Where each row of the events goes, from the words of the contract alone.
ACCOUNTING = """
    WITH judged AS (
        SELECT user_id, "timestamp", cell_id,
            CASE
                WHEN "timestamp" IS NULL OR trim("timestamp") = '' THEN 'missing event_time'
                WHEN try_cast("timestamp" AS TIMESTAMP) IS NULL THEN 'unreadable event_time'
                WHEN user_id IS NULL OR octet_length(user_id) = 0 THEN 'missing subscriber_id'
                WHEN cell_id IS NULL OR trim(cell_id) = '' THEN 'missing cell_id'
                WHEN cell_id NOT IN (SELECT cell_id FROM cells) THEN 'unknown cell'
                WHEN NOT EXISTS (
                    SELECT 1 FROM cells WHERE cells.cell_id = events.cell_id
                    AND try_cast("timestamp" AS TIMESTAMP) >= CAST(valid_date_start AS TIMESTAMP)
                    AND (valid_date_end IS NULL
                         OR try_cast("timestamp" AS TIMESTAMP) < CAST(valid_date_end AS TIMESTAMP))
                ) THEN 'cell not valid at that time'
            END AS reason
        FROM events
    )
    SELECT coalesce(reason, 'accepted'), count(*) FROM judged WHERE reason IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT 'accepted', count(*) FROM (
        SELECT DISTINCT user_id, try_cast("timestamp" AS TIMESTAMP), cell_id FROM judged WHERE reason IS NULL)
    UNION ALL
    SELECT 'rows in', count(*) FROM judged
"""


def network(folder: Path, snapshot: str) -> Path:
    """All daily snapshots of the network, or the last one, in which every cell ends on 11 January."""
    source = shared_data() / "multimno_sample" / "mno_network.parquet"
    if snapshot == "every day":
        return source
    target = folder / "last_day.parquet"
    duckdb.execute(f"COPY (SELECT * FROM '{source}' WHERE day = 11) TO '{target}' (FORMAT parquet)")
    return target


def write_zones(folder: Path, cells: Path) -> None:
    """Two halves of the land around the sites, and a zone inside one of them, each a union of H3 cells."""
    [(latitude, longitude)] = duckdb.execute(f"SELECT avg(latitude), avg(longitude) FROM '{cells}'").fetchall()
    middle = h3.latlng_to_cell(latitude, longitude, 9)
    places = {cell: h3.cell_to_latlng(cell)[1] for cell in h3.grid_disk(middle, 60)}
    zones = {
        "west": [cell for cell, east in places.items() if east < longitude],
        "east": [cell for cell, east in places.items() if east >= longitude],
    }
    heart = h3.latlng_to_cell(latitude, longitude + 0.03, 9)
    zones["park"] = [cell for cell in h3.grid_disk(heart, 8) if places[cell] >= longitude]
    features = [
        {
            "type": "Feature",
            "properties": {"zone_id": name, "kind": "park" if name == "park" else "half"},
            "geometry": h3.cells_to_geo(cells),
        }
        for name, cells in zones.items()
    ]
    content = {"type": "FeatureCollection", "features": features}
    (folder / "zones.geojson").write_text(json.dumps(content), encoding="utf-8")


@dataclass(frozen=True)
class Chain:
    """A run of the sample: what it made, and what SQL counts in the same files."""

    snapshot: str
    release: Path
    outcome: Outcome
    expected: dict[str, int]


def published(folder: Path, snapshot: str) -> tuple[Outcome, dict[str, int]]:
    """What a run made of the sample, and what SQL counts in it."""
    events = shared_data() / "multimno_sample" / "mno_events.parquet"
    cells = network(folder, snapshot)
    write_zones(folder, cells)
    config = folder / "hexaflux.toml"
    config.write_text(CONFIGURATION.format(events=events, cells=cells), encoding="utf-8")
    outcome = run(load(config), Progress(Console(stderr=True), quiet=True))
    sql = duckdb.connect()
    for name, path in (("events", events), ("cells", cells)):
        sql.execute(f"CREATE VIEW {name} AS FROM '{path}'")
    return outcome, dict(sql.execute(ACCOUNTING).fetchall())


@pytest.fixture(scope="module", params=["every day", "the last day"])
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The run of the sample with one of the two networks."""
    folder = tmp_path_factory.mktemp("multimno")
    return Chain(str(request.param), folder / "release", *published(folder, str(request.param)))


def test_every_row_of_the_multimno_sample_is_accounted_for(chain: Chain) -> None:
    found, expected = chain.outcome.state.accounting, dict(chain.expected)
    assert found.balances
    assert (found.rows_in, found.late) == (expected.pop("rows in"), 0)
    assert found.accepted == expected.pop("accepted")
    assert found.rejected == expected
    assert found.duplicates == found.rows_in - found.accepted - sum(expected.values()) > 0
    assert ("cell not valid at that time" in expected) == (chain.snapshot == "the last day")
    assert (found.rows_in, expected["missing event_time"]) == (1823, 594)


@pytest.mark.slow
def test_figures_of_the_multimno_sample_are_published_and_pass_the_audit(chain: Chain) -> None:
    report = audit(chain.release, allow_test=True)
    assert [(check.name, check.message) for check in report.checks if not check.passed] == []
    assert not audit(chain.release).verdict
    # The night before the first morning belongs to the privacy day of 6 January.
    last = 11 if chain.snapshot == "every day" else 10
    assert list(chain.outcome.state.days) == [f"2023-01-{day:02d}" for day in range(6, last + 1)]
    counted = duckdb.execute(f"""
        SELECT regexp_extract(filename, 'release/([a-z_]+)/', 1), count(*), min(devices), max(devices)
        FROM read_parquet('{chain.release}/*/*/*.parquet', filename = true, union_by_name = true)
        GROUP BY ALL""").fetchall()
    rows = {name: count for name, count, _, _ in counted}
    assert rows["presence"] > 200
    assert rows["attendance"] > 3
    assert rows["dwell"] > 3
    assert all(2 <= least <= most <= 10 for _, _, least, most in counted)
