"""Telling what a day's events say of radio cells, hour by hour, to who judges reports of faults."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.quality import facts
from pipelines.quality.listening import Listening
from pipelines.quality.states import SILENT, UNKNOWN, Served, States, beside_others, served, states, whole_hours
from schemas.tables import CELL_FACT, SERVING
from schemas.vocabulary import CELL_STATES


def tell(listening: Listening, folder: Path, heard: pa.Table | None, until: int) -> None:
    """Write the facts of the hours of a day that end by `until`, in microseconds; all events before it are in `heard`.

    Nothing is written where there is no such folder, nor of an hour that is not over. `heard` None: a day that was not
    heard from its beginning, of which every state is unknown. So it is under differential privacy, where nothing that
    is told may follow from who is there.
    """
    over = int(np.searchsorted(listening.edges, until, "right")) - 1
    hours = whole_hours(listening.edges[: over + 1])
    known_until = int(listening.edges[hours[-1]])
    if hours.size < 2 or not folder.is_dir() or facts.until(facts.file_of(folder, listening.day)) == known_until:
        return
    if (mark := _mark(listening)) != facts.serving_mark(folder):
        facts.write_serving(folder, _serving(listening), mark)
    rows = CELL_FACT.empty()
    if heard is not None and not listening.inputs.budget:
        rows = _rows(listening, _states(listening, heard, hours), hours)
    facts.write(folder, listening.day, rows, known_until)


def _states(listening: Listening, heard: pa.Table, hours: np.typing.NDArray[np.int64]) -> States:
    events, silent = listening.events(heard), listening.silences(heard, int(listening.edges[hours[-1]]))
    wanted = listening.wanted().astype(np.float64)
    found = states(wanted, listening.devices(), events, silent, hours, listening.inputs.policy.k)
    return beside_others(found, _served(listening)) if (found == SILENT).any() else found


def _rows(listening: Listening, found: States, hours: np.typing.NDArray[np.int64]) -> pa.Table:
    """CELL_FACT rows by cell and hour."""
    cell, hour = np.nonzero(found != UNKNOWN)
    columns = {
        "cell_id": listening.inputs.network.identifiers.take(pa.array(cell)),
        "hour_start": pa.array(listening.edges[hours[hour]]).view(CELL_FACT.schema.field("hour_start").type),
        "state": pa.array(CELL_STATES).take(pa.array(found[cell, hour] - 1)),
    }
    return CELL_FACT.conform(pa.table(columns))


def _served(listening: Listening) -> Served:
    edges, inputs = listening.edges, listening.inputs
    return served(inputs.footprint, inputs.network, int(edges[0]), int(edges[-1]))


def _serving(listening: Listening) -> pa.Table:
    """SERVING rows of the day."""
    found = _served(listening)
    names = listening.inputs.network.identifiers.take(pa.array(found.cell))
    return SERVING.conform(pa.table({"hexagon": found.hexagon, "cell_id": names, "share": found.share}))


def _mark(listening: Listening) -> str:
    """What tells the plan of a day again: its cells, and which periods of them are on air."""
    network, edges = listening.inputs.network, listening.edges
    on_air = (network.valid_from < edges[-1]) & (network.valid_to > edges[0])
    area = listening.inputs.configuration.area.base_resolution
    return hashlib.sha256(f"{listening.inputs.digests['cells']} {area} {on_air.tolist()}".encode()).hexdigest()
