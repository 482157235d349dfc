"""Events of many devices on one privacy day, for measuring speed: 40 for each, in files of an hour."""

import argparse
from dataclasses import dataclass
from pathlib import Path

import h3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY_START = np.datetime64("2026-06-20T03:00:00", "us")
HOURS = 24
PER_DEVICE = 40
CELLS = 2_000
CENTRE = (47.32, 5.04)
TYPES = np.array(["location_update", "handover", "call", "sms", "data"])

CONFIGURATION = """[input]
events = "events"
subscribers = "subscribers.parquet"
cells = "cells.csv"
zones = "zones.geojson"

[release]
directory = "release"

[test]
day_key = "5b1f0c2d9a7e4836b4c8d1f2a3958617e0d4c3b2a19687f5e4d3c2b1a0f9e8d7"
"""


@dataclass(frozen=True)
class Scale:
    """How much: devices, and with them events."""

    devices: int
    per_device: int = PER_DEVICE

    @property
    def events(self) -> int:
        """Events of the day."""
        return self.devices * self.per_device


def write(directory: Path, scale: Scale, seed: int = 1, hours: int = HOURS) -> None:
    """Write the inputs of a run: a Parquet file of events for each hour, a register, cells, zones and a configuration.

    `hours`: so many from the beginning of the day, which may go on into the days after it.
    """
    random = np.random.default_rng(seed)
    (directory / "events").mkdir(parents=True, exist_ok=True)
    cells = np.array([f"20801{i:010d}" for i in range(CELLS)])
    home = random.integers(0, CELLS, scale.devices).astype(np.int32)
    for hour in range(hours):
        pq.write_table(_hour(random, scale, hour, home, cells), directory / "events" / f"{hour:02d}.parquet")
    pq.write_table(_register(random, scale.devices), directory / "subscribers.parquet")
    _write_cells(random, directory / "cells.csv", cells)
    _write_zones(directory / "zones.geojson")
    (directory / "hexaflux.toml").write_text(CONFIGURATION)


def _identifiers(device: np.ndarray) -> pa.Array:
    digits = np.char.zfill(device.astype("U10"), 10)
    return pa.array(np.char.add("20801", digits))


def _hour(random: np.random.Generator, scale: Scale, hour: int, home: np.ndarray, cells: np.ndarray) -> pa.Table:
    """The events of an hour, in order of time: half at home, the rest at a cell that lasts a few hours, or anywhere."""
    count = scale.events // HOURS
    device = random.integers(0, scale.devices, count)
    time = np.sort(random.integers(0, 3_600_000, count)) * 1_000
    away = (device * 7919 + (hour // 3) * 104_729) % CELLS
    cell = np.where((device + hour // 4) % 2 == 0, home[device], away)
    stray = random.random(count) < 0.1
    cell[stray] = random.integers(0, CELLS, int(stray.sum()))
    kind = random.integers(0, TYPES.size, count)
    start = DAY_START.astype(np.int64) + hour * 3_600_000_000
    return pa.table(
        {
            "event_time": pa.array(start + time, pa.timestamp("us", "UTC")),
            "subscriber_id": _spread(_identifiers(np.arange(scale.devices)), device),
            "cell_id": _spread(pa.array(cells), cell),
            "event_type": _spread(pa.array(TYPES), kind),
        }
    )


def _spread(names: pa.Array, at: np.ndarray) -> pa.Array:
    """The name at each place, as strings."""
    return names.take(pa.array(at)).cast(pa.string())


def _register(random: np.random.Generator, devices: int) -> pa.Table:
    bands = np.array(["<18", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"])
    return pa.table(
        {
            "subscriber_id": _identifiers(np.arange(devices)),
            "age_band": pa.array(bands[random.integers(0, bands.size, devices)]),
            "spc": pa.array(random.integers(1, 9, devices).astype("U1")),
        }
    )


def _write_cells(random: np.random.Generator, path: Path, cells: np.ndarray) -> None:
    latitude = CENTRE[0] + random.normal(0, 0.08, cells.size)
    longitude = CENTRE[1] + random.normal(0, 0.12, cells.size)
    azimuth = random.integers(0, 360, cells.size)
    rows = ["cell_id,latitude,longitude,azimuth_deg,beamwidth_deg,range_m"]
    rows += [f"{c},{a:.6f},{o:.6f},{z},65,1500" for c, a, o, z in zip(cells, latitude, longitude, azimuth, strict=True)]
    path.write_text("\n".join(rows) + "\n")


def _write_zones(path: Path) -> None:
    """Forty zones, each an H3 hexagon of resolution 7 around the centre, as polygons of the cells they hold."""
    import json

    disk = sorted(h3.grid_disk(h3.latlng_to_cell(*CENTRE, 7), 3))
    features = [
        {
            "type": "Feature",
            "properties": {"zone_id": f"z{i:02d}", "name": f"Zone {i}", "kind": "district"},
            "geometry": h3.cells_to_h3shape(h3.cell_to_children(cell, 9)).__geo_interface__,
        }
        for i, cell in enumerate(disk)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def main() -> None:
    """Write the inputs that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.events", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="where the inputs and hexaflux.toml go")
    parser.add_argument("--devices", type=int, default=20_000, help="how many devices (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers (default: %(default)s)")
    chosen = parser.parse_args()
    write(chosen.directory, Scale(chosen.devices), chosen.seed)


if __name__ == "__main__":
    main()
