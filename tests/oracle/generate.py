"""Seeded lots of probe events, with the register, cells, zones and configuration that go with them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from tests.oracle import territory
from tests.oracle.definitions import AGE_BANDS, EVENT_TYPES, SPC
from tests.oracle.edges import INSTANT, privacy_day
from tests.oracle.styles import HOUR, Lot, World, draw

MCC_ABROAD = np.array([262, 228, 222, 206, 234, 310, 647, 901])

LINE_TYPES = [*["mobile"] * 80, *[None] * 16, "M2M", "watch", "Secondary SIM", "secondary-sim"]


@dataclass(frozen=True)
class Generated:
    """What was written, as read from nowhere else.

    `zone_chain` (hexagon uint64 at resolution 9, zone_id); `nesting` (zone_id, layer, within), see `territory.nesting`.
    """

    directory: Path
    config: Path
    events: pa.Table
    subscribers: pa.Table
    cells: pa.Table
    zone_chain: pa.Table
    nesting: pa.Table
    days: tuple[date, ...]


def generate(
    directory: Path,
    devices: int,
    events: int,
    days: int,
    start: date,
    seed: int,
    style: str,
    *,
    cells: int = 180,
    cut: str = "arbitrary",
) -> Generated:
    """Write events/*.parquet, subscribers.parquet, four small inputs and hexaflux.toml.

    `events` is the number of rows; where style `sparse` has a part, there may be fewer. All events lie in the
    `days` privacy days from `start` on. `style` is a key of `styles.STYLES`, or `mixed`, which gives each of
    them its share of the devices; only `holders` has a register with holders. `cut` is `hourly` (files by UTC
    hour, rows in order of time) or `arbitrary` (rows shuffled, files of any size). The same arguments give the
    same bytes.
    """
    rng = np.random.default_rng([seed, *style.encode()])
    calendar = tuple(start + timedelta(days=i) for i in range(days))
    network, zones = territory.cells(cells, rng), territory.zones()
    world = World(devices, tuple(privacy_day(day) for day in calendar), territory.neighbours(network))
    lot = draw(style, world, events, rng)
    subscribers = _subscriber_ids(devices, style, rng)
    table = _event_table(lot, subscribers, network, rng, dirty=style in ("dirty", "mixed"))
    register = _register(subscribers, rng, holders=style == "holders")
    directory.mkdir(parents=True, exist_ok=True)
    _write_events(table, directory / "events", cut, rng)
    pa.parquet.write_table(register, directory / "subscribers.parquet")
    pa.csv.write_csv(network, directory / "cells.csv")
    (directory / "zones.geojson").write_text(json.dumps(territory.geojson(zones)), encoding="utf-8")
    pa.csv.write_csv(territory.population(), directory / "population.csv")
    pa.csv.write_csv(territory.roaming_share(), directory / "roaming_share.csv")
    (directory / "hexaflux.toml").write_text(_toml(seed), encoding="utf-8")
    config, around = directory / "hexaflux.toml", (territory.chain(zones), territory.nesting(zones))
    return Generated(directory, config, table, register, network, *around, calendar)


def _subscriber_ids(devices: int, style: str, rng: np.random.Generator) -> pa.Array:
    """IMSIs of 15 digits, one in eight from abroad; in some styles some are no IMSI, of foreigners one in four."""
    abroad = rng.random(devices) < (0.5 if style == "foreigners" else 0.125)
    mcc = np.where(abroad, rng.choice(MCC_ABROAD, devices), 208)
    number = (rng.integers(0, 10**9) + np.arange(devices, dtype=np.int64) * 7_368_787) % 10**10
    ids = np.char.add(np.char.mod("%03d01", mcc), np.char.mod("%010d", number))
    if style in ("foreigners", "dirty", "mixed"):
        odd = rng.random(devices) < (0.25 if style == "foreigners" else 0.05)
        ids = np.where(odd, np.char.add("imsi-", np.char.mod("%d", number)), ids)
    return pa.array(ids.tolist(), pa.string())


def _event_table(
    lot: Lot, subscribers: pa.Array, network: pa.Table, rng: np.random.Generator, *, dirty: bool
) -> pa.Table:
    count = len(lot["time"])
    time, cell, kind = pa.array(lot["time"]).cast(INSTANT), lot["cell"], lot["type"]
    cell_names = pa.concat_arrays([network["cell_id"].combine_chunks(), pa.array(["208-01-none", ""])])
    types = pa.array([*EVENT_TYPES, "fax"])
    missing = np.zeros((3, count), bool)
    if dirty:
        missing = rng.random((3, count)) < 0.01
        wrong = rng.random((2, count)) < 0.02
        cell = np.where(wrong[0], len(network) + rng.integers(0, 2, count), cell)
        kind = np.where(wrong[1], len(EVENT_TYPES), kind)
        time = pa.array(lot["time"], mask=missing[1]).cast(INSTANT)
    return pa.table(
        {
            "event_time": time,
            "subscriber_id": subscribers.take(pa.array(lot["device"], mask=missing[0])),
            "cell_id": cell_names.take(pa.array(cell, mask=missing[2])),
            "event_type": types.take(pa.array(kind, mask=kind < 0)),
            "home_mcc": pa.array(lot["mcc"].astype(np.int32), mask=lot["mcc"] < 0),
        }
    )


def _register(subscribers: pa.Array, rng: np.random.Generator, *, holders: bool) -> pa.Table:
    """Seven in eight subscribers, with unknown bands and classes, lines left out and people who opted out."""
    rows = np.flatnonzero(rng.random(len(subscribers)) < 0.875)
    known, count = subscribers.take(pa.array(rows)), len(rows)
    holder = pa.array(np.char.mod("holder %d", rows // 2).tolist(), mask=rng.random(count) < 0.1)
    homes = [*territory.COMMUNES, "21054", "75056", None]
    register = pa.table(
        {
            "subscriber_id": known,
            "age_band": _drawn([*AGE_BANDS, "unknown", None], count, rng),
            "spc": _drawn([*SPC, "unknown", None], count, rng),
            "home_zone": _drawn(homes, count, rng),
            "line_type": _drawn(LINE_TYPES, count, rng),
            "opted_out": pa.array(rng.random(count) < 0.02, mask=rng.random(count) < 0.1),
        }
    )
    return register.append_column("holder", holder) if holders else register


def _drawn(values: list[str | None], count: int, rng: np.random.Generator) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(rng.integers(0, len(values), count)))


def _write_events(table: pa.Table, folder: Path, cut: str, rng: np.random.Generator) -> None:
    folder.mkdir(exist_ok=True)
    if cut == "hourly":
        time = table["event_time"].cast(pa.int64()).fill_null(0).to_numpy()
        table = table.take(pa.array(np.argsort(time, kind="stable")))
        bounds = np.flatnonzero(np.diff(np.sort(time) // (HOUR))) + 1
    elif cut == "arbitrary":
        table = table.take(pa.array(rng.permutation(table.num_rows)))
        bounds = np.sort(rng.integers(0, table.num_rows + 1, 4))
    else:
        raise ValueError(f"cut is hourly or arbitrary, not {cut}")
    edges = [0, *bounds.tolist(), table.num_rows]
    for i, (first, last) in enumerate(pairwise(edges)):
        pa.parquet.write_table(table.slice(first, last - first), folder / f"part-{i:04d}.parquet")


def _toml(seed: int) -> str:
    day_key = hashlib.sha256(f"day key {seed}".encode()).hexdigest()
    return f"""\
[input]
events = "events"
subscribers = "subscribers.parquet"
cells = "cells.csv"
zones = "zones.geojson"
population = "population.csv"
roaming_share = "roaming_share.csv"

[release]
directory = "release"

[test]
day_key = "{day_key}"
"""
