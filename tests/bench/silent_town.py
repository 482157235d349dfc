"""The simulated town as its radio cells hear it: events and devices of each cell, day by day, in memory."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rich.console import Console

from pipelines.arrays import Ints, rows
from pipelines.configuration import load
from pipelines.inputs import Inputs, read_inputs
from pipelines.progress import Progress
from pipelines.quality.heard import BIN, cell_hours, device_grid, heard, heard_grid
from pipelines.quality.history import ClockDay, clock_day, history_rows
from pipelines.quality.states import Served, served
from pipelines.simulator.phones import events as signalled
from pipelines.simulator.plane import chance
from pipelines.simulator.settings import CALENDAR, Settings
from pipelines.simulator.town import town, walk
from pipelines.simulator.write import simulate
from pipelines.stays import HOLD, in_order, segment
from schemas.tables import OPEN_STAY, PROBE, STAY


@dataclass(frozen=True)
class HeardDay:
    """A day: `edges` int64[bins + 1], `events` int64[cells, bins], and what the history keeps of it."""

    day: date
    edges: Ints
    events: Ints
    kept: ClockDay


@dataclass(frozen=True)
class SilentTown:
    """The days of a town without an outage; `site` int64[cells]: the mast of each cell."""

    inputs: Inputs
    where: Served
    site: Ints
    days: tuple[HeardDay, ...]


def hear(settings: Settings, k: int, say: Callable[[str], None]) -> SilentTown:
    """Simulate the days of a town; nothing of a device is kept but for its day."""
    inputs = _inputs(settings)
    found = town(settings)
    network = inputs.network
    names = pa.array([str(each) for each in found.radio.masts.cell_id])
    row = network.lookup(names, np.zeros(len(names), np.int64))
    days = []
    for number, day in enumerate(settings.calendar):
        say(f"{day}: simulating")
        bounds, parts = settings.bounds(number), []
        for chunk in found.chunks:
            random = chance(settings.seed, "phones", number, chunk.start)
            seen = signalled(found.lines.phones.of(chunk), walk(found, number, chunk), found.radio, random)
            parts.append(_probes(seen.line, bounds.start + np.rint(seen.time * 1e6).astype(np.int64), row[seen.cell]))
        days.append(_heard(pa.concat_tables(parts), day, inputs, k))
    site = np.zeros(len(network.identifiers), np.int64)
    site[network.identifier[row]] = found.radio.masts.site
    where = served(inputs.footprint, network, days[0].edges[0], days[-1].edges[-1])
    return SilentTown(inputs, where, site, tuple(days))


def _inputs(settings: Settings) -> Inputs:
    """The small inputs of the town: its network is that of any number of devices."""
    with tempfile.TemporaryDirectory() as temporary:
        small = Settings(300, 1, settings.start, settings.seed)
        folder = Path(temporary) / "town"
        inputs = read_inputs(load(simulate(folder, small, Progress(Console(stderr=True), quiet=True))))
        _ = inputs.footprint, inputs.digests
    return inputs


def _probes(line: Ints, time: Ints, cell: Ints) -> pa.Table:
    nothing = np.zeros(line.size, np.int16)
    columns = dict.fromkeys(PROBE.names, nothing) | {"device": line, "event_time": time, "cell": cell}
    return rows(PROBE, columns)


def _nowhere(device: npt.NDArray[np.uint64], *_: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Hexagons that nobody asks for."""
    return np.zeros(device.size, np.int32)


def _heard(probes: pa.Table, day: date, inputs: Inputs, k: int) -> HeardDay:
    edges, network = CALENDAR.bins(day, BIN), inputs.network
    ordered, cells = in_order(probes), len(network.identifiers)
    span = int(edges[0]), int(edges[-1])
    stays = segment(OPEN_STAY.empty(), ordered, _nowhere, HOLD, span)
    time, cell = (ordered.columns[name].astype(np.int64) for name in ("event_time", "cell"))
    events = heard_grid(heard(cell, time, span[0]), network.identifier, cells, edges.size - 1)
    hours = CALENDAR.hours(day)
    devices = device_grid([cell_hours(stays.select(STAY.names), network.identifier, hours)], cells, hours.size - 1)
    places = CALENDAR.places(edges[:-1], BIN)
    kept = clock_day(history_rows(events, devices, network.identifiers, k), network.identifiers, places)
    return HeardDay(day, edges, events, kept)
