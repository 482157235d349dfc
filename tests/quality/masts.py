"""Three places far apart, with a mast each, and the events of some days: one mast may fail for some hours."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from shapely.geometry import Point

from anonymization.degraded import Degraded, read_degraded
from anonymization.entries import DAY, WINDOWS
from anonymization.manifest import read_chain
from pipelines.progress import Progress

QUIET = Progress(Console(stderr=True), quiet=True)
FIRST = date(2026, 6, 8)
PLACES = {"town": (47.32, 5.04), "suburb": (47.32, 5.24), "hamlet": (47.52, 5.04)}
"""So far apart that no footprint of one reaches another."""

CELLS = {"T1": "town", "S1": "suburb", "H1": "hamlet"}
ZONE = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Outage:
    """A mast that is silent on a day, from an hour of the local clock to another."""

    cell: str
    day: int
    start: float
    end: float


@dataclass(frozen=True)
class Masts:
    """Days of events from 08:00 to 18:00: steady in the town and the suburb, in rare bursts in the hamlet.

    `devices` by place.
    """

    days: int = 5
    devices: dict[str, int] = field(default_factory=lambda: {"town": 60, "suburb": 60, "hamlet": 40})
    outages: tuple[Outage, ...] = ()

    def events(self) -> pa.Table:
        """All events, in the order of time."""
        chance = np.random.default_rng(8)
        parts = [self._of(chance, day, cell) for day in range(self.days) for cell in CELLS]
        table = pa.concat_tables(parts)
        return table.sort_by("event_time")

    def _of(self, chance: np.random.Generator, day: int, cell: str) -> pa.Table:
        place = CELLS[cell]
        number = self.devices[place]
        if place == "hamlet":
            # All phones of the bus that has just come, at any five of the sixty ten minutes of the day.
            hour = np.repeat(8 + chance.choice(60, 5, replace=False) / 6, number) + chance.random(5 * number) / 12
            who = np.tile(np.arange(number), 5)
        else:
            hour = 8 + 10 * chance.random(120 * number)
            who = np.repeat(np.arange(number), 120)
        for outage in self.outages:
            if (outage.cell, outage.day) == (cell, day):
                kept = (hour < outage.start) | (hour >= outage.end)
                hour, who = hour[kept], who[kept]
        instant = midnight(day) + (hour * 3_600_000_000).astype(np.int64)
        names = pa.array([f"{place}-{each}" for each in who.tolist()])
        return pa.table(
            {
                "event_time": pa.array(instant).view(pa.timestamp("us", "UTC")),
                "subscriber_id": names,
                "cell_id": pa.repeat(cell, len(names)),
            }
        )


def midnight(day: int) -> int:
    """Local midnight of a day, by its number, in microseconds."""
    local = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), ZONE)
    return int(local.timestamp()) * 1_000_000


def place(folder: Path, *sections: str) -> Path:
    """A folder with the masts, the zones and a configuration; its events are still to come."""
    (folder / "events").mkdir(parents=True)
    lines = [f"{cell},{PLACES[at][0]},{PLACES[at][1]},900" for cell, at in CELLS.items()]
    (folder / "cells.csv").write_text("\n".join(["cell_id,latitude,longitude,range_m", *lines]) + "\n")
    circles = [Point(longitude, latitude).buffer(0.02) for latitude, longitude in PLACES.values()]
    frame = {"zone_id": list(PLACES), "name": list(PLACES), "kind": ["commune"] * len(PLACES)}
    geopandas.GeoDataFrame(frame, geometry=circles, crs="EPSG:4326").to_file(folder / "zones.geojson")
    config = folder / "hexaflux.toml"
    text = (
        '[input]\nevents = "events"\ncells = "cells.csv"\nzones = "zones.geojson"\n[release]\ndirectory = "release"\n'
    )
    config.write_text(f'{text}[test]\nday_key = "{7:064x}"\n' + "\n".join(sections))
    return config


def given(folder: Path, masts: Masts, *sections: str) -> Path:
    """The configuration of a folder with all events in one file."""
    config = place(folder, *sections)
    pq.write_table(masts.events(), folder / "events" / "all.parquet")
    return config


def flags(release: Path, kind: str = DAY) -> dict[str, list[Degraded]]:
    """The degraded parts that entries of a kind state, by privacy day."""
    found: dict[str, list[Degraded]] = {}
    for entry in read_chain(release):
        if entry.kind == kind and "degraded" in entry.body:
            found.setdefault(str(entry.privacy_day), []).extend(read_degraded(entry.body["degraded"]))
    return found


def early_flags(release: Path) -> dict[str, list[Degraded]]:
    """Those of windows that were published while their day was open."""
    return flags(release, WINDOWS)


def clock(instant: int) -> str:
    """The local time of an instant in microseconds."""
    return datetime.fromtimestamp(instant // 1_000_000, ZONE).strftime("%H:%M")
