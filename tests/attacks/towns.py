"""The towns that the battery is proved on: parts of the simulated one, each hard to protect in its own way."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import geopandas as gpd
import h3.api.numpy_int as h3
import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
from rich.console import Console

from pipelines.progress import Progress
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate

QUIET = Progress(Console(stderr=True), quiet=True)
DAY_KEY = f"{7:064x}"
CENTRE = ("21231", "21166", "21617", "21278")
"""Dijon, Chenôve, Talant and Fontaine-lès-Dijon: nine tenths of the people on a quarter of the ground."""
COUNTRYSIDE = ("21270", "21192", "21315", "21106", "21370", "21105", "21263", "21473", "21223", "21485")
"""The communes with fewer than 170 inhabitants per square kilometre."""


@dataclass(frozen=True)
class Town:
    """A fixture: subscribers of the whole area and days; `communes` that are kept of it, or all; venues added."""

    name: str
    devices: int
    days: int = 1
    start: date = date(2026, 6, 19)
    communes: tuple[str, ...] = ()
    venues: int = 0


TOWNS = (
    Town("dense town", 12_000, communes=CENTRE),
    Town("sparse countryside", 12_000, communes=COUNTRYSIDE),
    Town("multi-day", 4_000, days=3, start=date(2026, 6, 16)),
    Town("many small venues", 12_000, communes=CENTRE, venues=80),
    Town("large festival", 12_000, start=date(2026, 6, 20)),
)


def build(directory: Path, town: Town, policy: str = "") -> Path:
    """Simulate a town below a folder and return its test configuration; `policy` is more of its TOML."""
    config = simulate(directory, Settings(town.devices, town.days, town.start, seed=1), QUIET)
    if town.communes:
        _keep(directory, town.communes)
    if town.venues:
        _add_venues(directory / "zones.geojson", town.venues)
    config.write_text(f'{config.read_text()}\n[test]\nday_key = "{DAY_KEY}"\n{policy}')
    return config


def _keep(directory: Path, communes: tuple[str, ...]) -> None:
    """Leave the zones of some communes, the cells that stand in them, and the events in those cells."""
    zones = json.loads((directory / "zones.geojson").read_text())
    zones["features"] = [
        feature
        for feature in zones["features"]
        if {feature["properties"]["zone_id"], feature["properties"]["parent"]} & set(communes)
    ]
    (directory / "zones.geojson").write_text(json.dumps(zones))
    ground = gpd.GeoDataFrame.from_features(zones["features"], crs=4326).union_all()
    cells = pyarrow.csv.read_csv(directory / "cells.csv")
    points = gpd.points_from_xy(cells["longitude"].to_numpy(), cells["latitude"].to_numpy())
    kept = cells.filter(pyarrow.array(points.within(ground)))
    pyarrow.csv.write_csv(kept, directory / "cells.csv")
    for file in sorted((directory / "events").glob("*.parquet")):
        events = pq.read_table(file)
        inside = duckdb.sql("SELECT * FROM events SEMI JOIN kept USING (cell_id) ORDER BY ALL").to_arrow_table()
        pq.write_table(inside.cast(events.schema), file)
    # The festival's zone may lie elsewhere.
    config = directory / "hexaflux.toml"
    config.write_text(config.read_text().split("[[event]]")[0])


def _add_venues(path: Path, number: int) -> None:
    """Venues of one hexagon each, spread over the greatest commune."""
    zones = json.loads(path.read_text())
    commune = CENTRE[0]
    outline = gpd.GeoDataFrame.from_features(zones["features"], crs=4326).set_index("zone_id")
    taken = set(outline[outline["parent"] == commune].geometry.pipe(_hexagons))
    free = np.array(sorted(set(_hexagons(outline.loc[[commune]].geometry)) - taken), np.uint64)
    for at, cell in enumerate(np.random.default_rng(1).choice(free, number, replace=False)):
        words = {"zone_id": f"shop-{at:02}", "name": f"Shop {at}", "kind": "venue", "parent": commune}
        shape = h3.cells_to_geo([int(cell)])
        zones["features"].append({"type": "Feature", "properties": words | {"sensitive": False}, "geometry": shape})
    path.write_text(json.dumps(zones))


def _hexagons(shapes: gpd.GeoSeries) -> list[int]:
    return [int(cell) for shape in shapes for cell in h3.geo_to_cells(shape, 9)]
