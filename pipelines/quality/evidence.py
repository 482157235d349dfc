"""What the network tells of reports of faults: corroborated, contradicted, or that it cannot tell. Pure.

A verdict depends on the hexagon of a report and on the hours around it, and on nothing else: neither on when it is
asked for nor on other reports. So all reports together learn no more than one state of each cell and hour.
"""

from typing import Final

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrays import Ints, column, instants
from pipelines.quality.parts import LEAST_SHARE
from pipelines.quality.states import HOUR
from schemas.tables import EVIDENCE, FAULT_REPORT
from schemas.vocabulary import CELL_STATES, VERDICTS

Floats = npt.NDArray[np.float64]

BEFORE: Final = 2 * HOUR
"""How long before a report a fault may have begun, or ended, and be meant (source: `reference/civic.md` 1b)."""

AFTER: Final = HOUR
"""How long after a report one listens; no verdict comes earlier (source: likewise)."""

SILENT_SHARE: Final = LEAST_SHARE
"""Of the chance to serve a device at a place: in silent cells it corroborates a report, as it flags a part."""

UP_SHARE: Final = 0.75
"""Of the same chance: in cells on air, and none of it in silent ones, it contradicts a report (the project's own)."""

_CORROBORATED, _CONTRADICTED, _CANNOT_TELL = range(len(VERDICTS))
_HOURS = (BEFORE + AFTER) // HOUR + 1


def window(requested_at: Ints) -> tuple[Ints, Ints]:
    """The hours [first, last) of UTC that a report of an instant is judged by, in microseconds: three, or four.

    From two hours before to one hour after, outwards: what is told does not depend on the minute.
    """
    return (requested_at - BEFORE) // HOUR * HOUR, -(-(requested_at + AFTER) // HOUR) * HOUR


def verdicts(reports: pa.Table, facts: pa.Table, serving: pa.Table, known_until: int | None) -> pa.Table:
    """EVIDENCE rows of FAULT_REPORT rows, in their order.

    `facts` CELL_FACT rows, `serving` SERVING rows by hexagon. `known_until`, in microseconds: all events before it have
    been seen; None where none have. The verdict is null until then has come the end of the hour that holds the instant
    one hour after the report. It is *corroborated* if in one of its hours silent cells have a tenth of the chance to
    serve a device at the place; *contradicted* if in none of them a cell is silent that serves it at all, and in each
    cells on air have three quarters; else *cannot tell*, as of a report without a place, or out of reach. Raises
    InputError for columns that do not fit.
    """
    reports = FAULT_REPORT.conform(reports)
    requested = instants(reports, "requested_at")
    first, last = window(requested)
    report, share, cell = _cells(reports, serving)
    names = serving["cell_id"].combine_chunks().dictionary_encode()
    hour = np.arange(_HOURS)
    at = first[report][:, None] + hour * HOUR
    found = _lookup(facts, names.dictionary, names.indices.to_numpy()[cell], at)
    up, silent = (_sums(report, share, found == each, reports.num_rows) for each in CELL_STATES)
    asked = first[:, None] + hour * HOUR < last[:, None]
    corroborated = (asked & (silent >= SILENT_SHARE - _ROUNDING)).any(axis=1)
    contradicted = (~asked | ((silent == 0) & (up >= UP_SHARE - _ROUNDING))).all(axis=1)
    verdict = np.where(corroborated, _CORROBORATED, np.where(contradicted, _CONTRADICTED, _CANNOT_TELL))
    due = last <= known_until if known_until is not None else np.zeros(last.size, np.bool_)
    texts = pa.array(VERDICTS).take(pa.array(verdict, mask=~due))
    return pa.Table.from_arrays([reports["id"], texts], schema=EVIDENCE.schema)


_ROUNDING: Final = 1e-9


def hexagons(reports: pa.Table, resolution: int) -> npt.NDArray[np.uint64]:
    """uint64[n]: the H3 cell of each report, 0 without a place or for one that is none on Earth."""
    places = zip(reports["latitude"].to_pylist(), reports["longitude"].to_pylist(), strict=True)
    return np.array([_hexagon(latitude, longitude, resolution) for latitude, longitude in places], np.uint64)


def _hexagon(latitude: float | None, longitude: float | None, resolution: int) -> int:
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return 0
    return int(h3.latlng_to_cell(latitude, longitude, resolution))


def _cells(reports: pa.Table, serving: pa.Table) -> tuple[Ints, Floats, Ints]:
    """For each report and cell that serves its place: the report, the share and the row of `serving`."""
    known = column(serving, "hexagon").astype(np.uint64, copy=False)
    if not known.size:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    places = hexagons(reports, h3.get_resolution(int(known[0])))
    low, high = np.searchsorted(known, places, "left"), np.searchsorted(known, places, "right")
    size = high - low
    report = np.repeat(np.arange(size.size), size)
    row = np.arange(report.size) - np.repeat(np.cumsum(size) - size, size) + low[report]
    return report, column(serving, "share").astype(np.float64)[row], row


def _lookup(facts: pa.Table, cell_id: pa.Array, cell: Ints, at: Ints) -> npt.NDArray[np.str_]:
    """str[n, hours]: the state of each cell, by its place in `cell_id`, at each hour; empty where nothing is told."""
    known = pc.index_in(facts["cell_id"], value_set=cell_id)
    facts, known = facts.filter(known.is_valid()), known.drop_null().to_numpy().astype(np.int64)
    if not known.size or not cell.size:
        return np.full(at.shape, "", np.str_)
    key = instants(facts, "hour_start") // HOUR * len(cell_id) + known
    order = np.argsort(key, kind="stable")
    wanted = at // HOUR * len(cell_id) + cell[:, None].astype(np.int64)
    place = np.minimum(np.searchsorted(key[order], wanted), key.size - 1)
    states = np.array(facts["state"].to_pylist(), np.str_)[order]
    return np.where(key[order][place] == wanted, states[place], "")


def _sums(report: Ints, share: Floats, mask: npt.NDArray[np.bool_], reports: int) -> Floats:
    """float64[reports, hours]: the shares of each report where the mask is true."""
    weight = share[:, None] * mask
    return np.stack([np.bincount(report, weight[:, hour], reports) for hour in range(_HOURS)], axis=1)
