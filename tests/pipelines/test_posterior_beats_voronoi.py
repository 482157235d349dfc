"""The posterior of signals, census and capacity places a simulated town better than a Voronoi tessellation does."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from anonymization.hexagons import parents
from pipelines.census import Census, census
from pipelines.footprint import footprint
from pipelines.inputs import people_by_zone
from pipelines.network import Network, network
from pipelines.progress import Progress
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate
from pipelines.sources.files import read_table
from pipelines.zones import read_zones
from schemas.tables import POPULATION

BASE, COARSE = 9, 8


@dataclass(frozen=True)
class Afternoon:
    """The events of one afternoon of a simulated town whose devices were in the area: where each was, and its cell."""

    directory: Path

    @cached_property
    def events(self) -> pa.Table:
        # Truth is known every five minutes; some events name no cell of the network.
        sql = f"""
            SELECT cell_id, hexagon::UBIGINT AS hexagon
            FROM '{self.directory}/events/*.parquet' AS event
            JOIN '{self.directory}/truth/devices/*.parquet' AS truth ON event.subscriber_id = truth.subscriber_id
                AND truth.time = time_bucket(INTERVAL 5 MINUTE, event.event_time)
            WHERE hexagon IS NOT NULL AND cell_id IN (SELECT cell_id FROM '{self.directory}/cells.csv')
                AND hour(event.event_time AT TIME ZONE 'UTC') BETWEEN 11 AND 15
        """
        return duckdb.sql(sql).to_arrow_table()

    @cached_property
    def people(self) -> Census:
        zones = read_zones(self.directory / "zones.geojson", {}, BASE, "refuse")
        counted = POPULATION.conform(read_table(self.directory / "population.csv", "population", {}))
        return census(zones.areas({}), people_by_zone(counted))

    @cached_property
    def cells(self) -> pa.Table:
        return read_table(self.directory / "cells.csv", "cells", {})

    def misplaced(self, radio: Network) -> float:
        """Share of the events that are expected in another hexagon of resolution 8 than in truth, after all cancel."""
        found = footprint(radio, BASE, self.people)
        row = radio.lookup(self.events["cell_id"], np.zeros(self.events.num_rows, np.int64))
        weight = found.likelihood * found.prior[found.hexagon]
        share = weight / np.add.reduceat(weight, found.first[:-1])[found.cell]
        expected = np.bincount(row, minlength=len(radio))[found.cell] * share
        where = np.append(found.hexagons[found.hexagon], self.events["hexagon"].to_numpy())
        _, place = np.unique(parents(where, COARSE), return_inverse=True)
        difference = np.bincount(place, np.append(expected, -np.ones(self.events.num_rows)))
        return float(np.abs(difference).sum() / 2 / self.events.num_rows)


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Afternoon:
    directory = tmp_path_factory.mktemp("town") / "town"
    simulate(directory, Settings(devices=4_000, days=1, seed=3), Progress(Console(stderr=True), quiet=True))
    return Afternoon(directory)


def test_the_posterior_misplaces_a_fifth_less_than_voronoi_at_least(afternoon: Afternoon) -> None:
    signals = network(afternoon.cells)
    positions = network(afternoon.cells.select(["cell_id", "latitude", "longitude"]))
    assert afternoon.events.num_rows > 2_000
    assert (signals.only_positions, positions.only_positions) == (False, True)
    assert afternoon.misplaced(signals) <= 0.8 * afternoon.misplaced(positions)
