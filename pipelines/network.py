"""The radio network: where each cell stands, how far it reaches and when it is on air."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines import cell_columns
from pipelines.texts import combined, places, texts
from schemas.errors import InputError
from schemas.tables import CELL

UNKNOWN_CELL = -1
NOT_ON_AIR = -2

GREATEST_RANGE_M = 35_000.0
"""Ranges end here: the reach of a GSM cell (source: timing advance of at most 63 symbols, 3GPP TS 45.010)."""

DEFAULT_RANGE_M: Mapping[int, float] = {0: 3_000.0, 2: 5_000.0, 3: 3_000.0, 4: 2_000.0, 5: 1_000.0}
"""Range by generation (0: unknown) where the operator states none: the project's own assumption."""

DEFAULT_BEAMWIDTH_DEG = 65.0
"""Half-power beamwidth of the antenna of a three-sector site (source: 3GPP TR 36.942, 4.2.1.1)."""


@dataclass(frozen=True)
class Network:
    """Radio cells in the order of their identifier's bytes, then of `valid_from`: one row per period on air.

    Degrees are WGS 84. `azimuth_deg` is nan where the antenna serves all around. `technology` is the
    generation, 0 where unknown. A period is [valid_from, valid_to), in microseconds since the epoch, UTC.
    `only_positions`: no row states a direction, a range or a technology.
    """

    cell_id: pa.Array
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    beamwidth_deg: NDArray[np.float64]
    range_m: NDArray[np.float64]
    technology: NDArray[np.int8]
    valid_from: NDArray[np.int64]
    valid_to: NDArray[np.int64]
    only_positions: bool = False
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.latitude)

    def lookup(self, cell_id: pa.ChunkedArray, event_time: NDArray[np.int64]) -> NDArray[np.int32]:
        """Row of the cell on air at each event: UNKNOWN_CELL without such a cell, NOT_ON_AIR at other times.

        `cell_id` is an array, chunked or not, of strings or of a dictionary of strings; a null is unknown.
        """
        encoded = combined(cell_id.dictionary_encode())
        distinct = encoded.dictionary.cast(pa.string())
        known = pc.index_in(distinct, value_set=self.identifiers).fill_null(UNKNOWN_CELL)
        identifier = np.append(np.asarray(known), UNKNOWN_CELL).astype(np.int32)[places(encoded)]
        several = len(self.identifiers) < len(self)
        row = self._latest(identifier, event_time) if several else identifier
        off_air = (self.identifier[row] != identifier) | (event_time < self.valid_from[row])
        off_air |= event_time >= self.valid_to[row]
        row = np.where(off_air, np.int32(NOT_ON_AIR), row)
        return np.where(identifier == UNKNOWN_CELL, np.int32(UNKNOWN_CELL), row)

    def _latest(self, identifier: NDArray[np.int32], event_time: NDArray[np.int64]) -> NDArray[np.int32]:
        """Last row of each identifier that began by the event, else a row of another identifier."""
        starts = np.unique(self.valid_from)
        width = len(starts) + 1
        began = self.identifier * np.int64(width) + np.searchsorted(starts, self.valid_from, "right")
        asked = identifier * np.int64(width) + np.searchsorted(starts, event_time, "right")
        return (np.searchsorted(began, asked, "right") - 1).astype(np.int32)

    @cached_property
    def periods(self) -> NDArray[np.float64]:
        """float64[n]: how many rows the cell of each row has."""
        return np.bincount(self.identifier)[self.identifier].astype(np.float64)

    @cached_property
    def identifiers(self) -> pa.Array:
        """The different identifiers, in the order of their bytes."""
        return self.cell_id.unique()

    @cached_property
    def identifier(self) -> NDArray[np.int32]:
        """int32[n]: the place of each row's identifier among them."""
        return np.asarray(pc.index_in(self.cell_id, value_set=self.identifiers))


def network(table: pa.Table, warnings: Sequence[str] = ()) -> Network:
    """The network of a cells table; `warnings` are those of its reader, kept in front.

    A row without a usable identifier, place or period is left out and counted in the warnings, as is one that says
    of a cell what another says for its whole period: plans that are delivered daily repeat themselves.
    Raises InputError where a required column is missing, no row is usable, or one cell is twice on air.
    """
    notes = list(warnings)
    cells = _usable(_parsed(table), notes)
    if not cells.num_rows:
        raise InputError(
            f"table cells: expected cells with coordinates in degrees, got none in {table.num_rows} rows",
            "check cell_id, latitude and longitude (WGS 84) under [input.columns.cells]",
        )
    cells = cells.sort_by([("cell_id", "ascending"), ("valid_from", "ascending"), ("valid_to", "descending")])
    cells = _without_repeats(cells, notes)
    _refuse_overlaps(cells)
    columns = {name: cells[name].to_numpy() for name in cells.column_names[1:]}
    stated = (~np.isnan(columns["azimuth_deg"])).any() | (~np.isnan(columns["range_m"])).any()
    only_positions = not stated and not columns["technology"].any()
    columns["azimuth_deg"], columns["beamwidth_deg"] = _beam(columns["azimuth_deg"], columns["beamwidth_deg"])
    columns["range_m"] = _range(columns["range_m"], columns["technology"], notes)
    if only_positions:
        notes.append("table cells: nothing but positions: each place is served by its nearest site")
    identifiers = cells["cell_id"].combine_chunks()
    return Network(identifiers, **columns, only_positions=only_positions, warnings=tuple(notes))


def _parsed(table: pa.Table) -> pa.Table:
    for name in ("cell_id", "latitude", "longitude"):
        if name not in table.column_names:
            raise InputError(
                f"table cells: expected a column {name}, got {', '.join(table.column_names) or 'none'}",
                f'name the column under [input.columns.cells], for example {name} = "their_name"',
            )
    columns = {name: table[name] for name in CELL.names if name in table.column_names}
    absent = pa.chunked_array([pa.nulls(table.num_rows)])
    numbers = ("latitude", "longitude", "azimuth_deg", "beamwidth_deg", "range_m")
    return pa.table(
        {"cell_id": texts(columns["cell_id"])}
        | {name: cell_columns.number(columns.get(name, absent)) for name in numbers}
        | {
            "technology": cell_columns.generation(columns.get("technology", absent)),
            "valid_from": cell_columns.instant(columns.get("valid_from", absent), -cell_columns.ALWAYS),
            "valid_to": cell_columns.instant(columns.get("valid_to", absent), cell_columns.ALWAYS),
        }
    )


def _usable(cells: pa.Table, notes: list[str]) -> pa.Table:
    column = {name: cells[name].to_numpy() for name in cells.column_names[1:]}
    named = cells["cell_id"].is_valid().to_numpy()
    # Written so that nan is out of range.
    placed = (np.abs(column["latitude"]) <= 90) & (np.abs(column["longitude"]) <= 180)
    dated = (column["valid_from"] != cell_columns.UNREADABLE) & (column["valid_from"] < column["valid_to"])
    for reason, wrong in (
        ("no cell_id", ~named),
        ("no latitude and longitude in degrees", named & ~placed),
        ("no period that begins before it ends", named & placed & ~dated),
    ):
        _note(notes, wrong, f"left out: {reason}")
    return cells.filter(pa.array(named & placed & dated))


def _without_repeats(cells: pa.Table, notes: list[str]) -> pa.Table:
    """Without the rows that equal the row before in all but a period that ends no later; `cells` is sorted."""
    repeats = np.zeros(cells.num_rows, np.bool_)
    repeats[1:] = cells["valid_to"].to_numpy()[1:] <= cells["valid_to"].to_numpy()[:-1]
    repeats[1:] &= np.asarray(pc.equal(cells["cell_id"][1:], cells["cell_id"][:-1]))
    for name in ("latitude", "longitude", "azimuth_deg", "beamwidth_deg", "range_m", "technology"):
        value = cells[name].to_numpy()
        repeats[1:] &= (value[1:] == value[:-1]) | (np.isnan(value[1:]) & np.isnan(value[:-1]))
    _note(notes, repeats, "left out: they repeat another row")
    return cells.filter(pa.array(~repeats))


def _refuse_overlaps(cells: pa.Table) -> None:
    name = cells["cell_id"]
    same = np.asarray(pc.equal(name[1:], name[:-1]))
    overlaps = same & (cells["valid_from"].to_numpy()[1:] < cells["valid_to"].to_numpy()[:-1])
    if overlaps.any():
        raise InputError(
            f"table cells: expected each cell on air once at a time, got two rows at once for the cell "
            f"{name[int(np.argmax(overlaps))].as_py()!r} ({int(overlaps.sum())} such pairs in all)",
            "remove the repeated row, or give each row its own valid_from and valid_to (excluded)",
        )


def _beam(
    azimuth: NDArray[np.float64], beamwidth: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Operators write -1, or a beam of the whole circle, for an antenna that serves all around.
    around = ~(azimuth >= 0) | np.isinf(azimuth) | (beamwidth >= 360)
    beam = np.where(beamwidth > 0, beamwidth, DEFAULT_BEAMWIDTH_DEG)
    direction = np.mod(np.where(around, 0.0, azimuth), 360)
    return np.where(around, np.nan, direction), np.where(around, 360.0, beam)


def _range(stated: NDArray[np.float64], technology: NDArray[np.int8], notes: list[str]) -> NDArray[np.float64]:
    default = np.zeros(max(DEFAULT_RANGE_M) + 1)
    default[list(DEFAULT_RANGE_M)] = list(DEFAULT_RANGE_M.values())
    missing, wrong, far = np.isnan(stated), stated <= 0, stated > GREATEST_RANGE_M
    _note(notes, missing, "without range_m: the default of the technology is used")
    _note(notes, wrong, "with a range_m that is not positive: the default of the technology is used")
    _note(notes, far, f"with a range_m above {GREATEST_RANGE_M:.0f}: reduced to it")
    return np.minimum(np.where(missing | wrong, default[technology], stated), GREATEST_RANGE_M)


def _note(notes: list[str], rows: NDArray[np.bool_], what: str) -> None:
    if rows.any():
        notes.append(f"table cells: {int(rows.sum())} of {len(rows)} rows {what}")
