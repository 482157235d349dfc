"""Simulated people over the real communes and the real masts of Côte-d'Or, as input of a run."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from pipelines.simulator.day import plan
from pipelines.simulator.delivery import delivered, files, table
from pipelines.simulator.facts import read
from pipelines.simulator.habits import DayKind
from pipelines.simulator.lines import Lines, lines, register
from pipelines.simulator.movement import Paths, paths
from pipelines.simulator.network import Masts, sectors
from pipelines.simulator.people import People, Source, people
from pipelines.simulator.phones import events
from pipelines.simulator.places import CENTRE, FESTIVAL, HOTEL, JOB, KINDS, VENUE, Places
from pipelines.simulator.plane import Plane, chance, cumulated
from pipelines.simulator.radio import Radio
from pipelines.simulator.settings import CALENDAR, length

DAY = date(2026, 6, 16)
PEOPLE, SUBSCRIBERS = 30_000, 9_000
DIJON = "21231"

CONFIGURATION = """\
[input]
events = "events"
subscribers = "subscribers.parquet"
cells = "cells.csv"
zones = "{zones}"

[input.columns.zones]
zone_id = "insee_com"
name = "nom"

[estimation]
people_per_device = 3.33

[release]
directory = "release"
"""


@dataclass(frozen=True)
class Department:
    """The simulated department: `codes` of the communes; `paths` of everybody on the day."""

    codes: tuple[str, ...]
    people: People
    masts: Masts
    lines: Lines
    paths: Paths

    def attendance(self, code: str) -> int:
        """How many people are in a commune for at least a quarter of an hour."""
        stays = np.diff(self.paths.time)[:, ::2] * (self.paths.hexagon == self.codes.index(code))
        return int((stays.sum(1) >= 900).sum())


def write(folder: Path, shared: Path) -> Department:
    """Write the input of a run into a folder."""
    polygons = shared / "communes_21_2026.geojson"
    communes = geopandas.read_file(polygons).sort_values("insee_com")
    centre = communes[communes["insee_com"] == DIJON].geometry.representative_point().iloc[0]
    plane = Plane(centre.y, centre.x)
    masts = _masts(plane, shared / "arcep_sites_2018T1_cote_d_or.csv")
    made = _department(communes, plane, masts)
    (folder / "events").mkdir(parents=True)
    _write_events(made, folder / "events")
    pq.write_table(register(made.lines, made.people, made.codes, chance(1, "register")), folder / "subscribers.parquet")
    pa.csv.write_csv(masts.table(plane), folder / "cells.csv")
    (folder / "hexaflux.toml").write_text(CONFIGURATION.format(zones=polygons), encoding="utf-8")
    return made


def _masts(plane: Plane, path: Path) -> Masts:
    """Three sectors on each of Orange's sites."""
    sites = pa.csv.read_csv(path).to_pandas()
    sites = sites[sites["operateur"] == "Orange"].drop_duplicates(["latitude", "longitude"])
    east, north = plane.metres(sites["latitude"], sites["longitude"])
    nowhere = np.empty(0)
    return sectors(east, north, (nowhere, nowhere), chance(1, "masts"))


def _department(communes: geopandas.GeoDataFrame, plane: Plane, masts: Masts) -> Department:
    facts, codes = read(), tuple(communes["insee_com"])
    source = Source(tuple(communes["population"].astype(float)), (), (), facts.traits)
    places = _places(communes, plane)
    everybody = people(PEOPLE, 1, source, places, plane, chance(1, "people"))
    does = plan(everybody, places, 0, DayKind.WEEKDAY, crowd=0, random=chance(1, "day"))
    ways = paths(does.east, does.north, does.hexagon, does.leave, length(CALENDAR.privacy_day(DAY)))
    owners = np.sort(chance(1, "owners").choice(PEOPLE, SUBSCRIBERS, replace=False))
    return Department(codes, everybody, masts, lines(everybody, np.full(PEOPLE, 208), owners, chance(1, "lines")), ways)


def _places(communes: geopandas.GeoDataFrame, plane: Plane) -> Places:
    """The middle of each commune, in which everything of the commune is; the larger ones have the jobs."""
    points = communes.geometry.representative_point()
    east, north = plane.metres(points.y, points.x)
    inhabitants = communes["population"].to_numpy(np.float64)
    others = np.zeros((KINDS, len(communes)))
    near = np.exp(-np.hypot(east, north) / 15_000)
    others[JOB] = inhabitants**1.2 * near
    for kind in (CENTRE, VENUE, HOTEL, FESTIVAL):
        others[kind] = inhabitants * near
    return Places(east, north, cumulated(np.concatenate([np.eye(len(communes)), others])), 400.0)


def _write_events(made: Department, folder: Path) -> None:
    random = chance(1, "phones")
    found = events(made.lines.phones, made.paths, Radio(made.masts), random)
    time = CALENDAR.privacy_day(DAY).start + np.rint(found.time * 1_000).astype(np.int64) * 1_000
    sent = delivered(time, found.line, found.cell, found.kind, random)
    identifiers, cells = pa.array(made.lines.subscriber_id), pa.array(made.masts.cell_id)
    for number, (_, rows) in enumerate(files(sent, None)[0]):
        pq.write_table(table(rows, identifiers, made.lines.mcc, cells), folder / f"{number:02d}.parquet")


def zone_ids(shared: Path) -> list[str]:
    """Identifiers of the communes."""
    content = json.loads((shared / "communes_21_2026.geojson").read_text(encoding="utf-8"))
    return [feature["properties"]["insee_com"] for feature in content["features"]]
