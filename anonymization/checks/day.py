"""One published privacy day: its terms, its tables and its zones, as far as they are sound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.evidence import Evidence, listed, place_of
from anonymization.checks.outcome import Unsound
from anonymization.checks.tables import cell_values, read_table
from anonymization.checks.terms import Terms, terms_of
from anonymization.checks.zone_map import ZoneMap
from anonymization.entries import Entry
from schemas.indicators import INDICATORS, Indicator

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Day:
    """A privacy day; `tables` by indicator, `zones` only where zones.geojson is that of the day.

    `unsound`: a sentence for each file whose form is wrong; `unread`: for each that is not there as listed. Neither
    kind is in `tables`.
    """

    terms: Terms
    zones: ZoneMap | None
    tables: dict[str, pa.Table] = field(default_factory=dict)
    unsound: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def indicators(self) -> Iterator[tuple[Indicator, pa.Table, str]]:
        """Each indicator that has rows, its table and how to name it in a sentence."""
        for name, table in self.tables.items():
            if table.num_rows:
                yield INDICATORS[name], table, self.label(name)

    def rows_of(self, name: str) -> pa.Table:
        """The rows of an indicator, none where it is not published."""
        return self.tables.get(name, INDICATORS[name].table.empty())

    def label(self, name: str) -> str:
        """The folder of an indicator's day."""
        return f"{name}/date={self.terms.day}"


def read_day(evidence: Evidence, entry: Entry, zones: ZoneMap | None) -> Day:
    """The day of an entry; raises Unsound where its terms cannot be read."""
    day = Day(terms_of(entry), zones)
    pieces: dict[str, list[pa.Table]] = {}
    for path, record in sorted(listed(entry).items()):
        place = place_of(path)
        if place is None or not evidence.intact(path, record):
            day.unread.append(f"{path} is not there as listed")
            continue
        try:
            table = read_table(evidence.inventory.root / path, INDICATORS[place[0]])
        except Unsound as error:
            day.unsound.append(f"{path} {error}")
            continue
        if table.num_rows != record.get("rows"):
            day.unsound.append(f"{path} has {table.num_rows} rows, but another number is listed")
        pieces.setdefault(place[0], []).append(table)
    day.tables.update({name: pa.concat_tables(tables) for name, tables in sorted(pieces.items())})
    return day


def starts(table: pa.Table) -> Ints:
    """int64[rows]: where the window of each row begins."""
    return instants(table["window_start"])


def instants(column: pa.ChunkedArray) -> Ints:
    """int64[n]: microseconds since the epoch."""
    values: Ints = column.cast(pa.int64()).to_numpy()
    return values


def devices(table: pa.Table) -> Ints:
    """int64[rows]: the printed counts."""
    values: Ints = table["devices"].to_numpy()
    return values


def part_codes(*tables: pa.Table) -> list[Ints]:
    """int64[rows] for each table: rows have the same number exactly where `zone_id` and `cells` are the same."""
    zones = codes([table["zone_id"] for table in tables])
    cells = codes([_cells_as_bytes(table) for table in tables])
    width = 1 + max((int(code.max()) for code in cells if code.size), default=0)
    return [zone * width + cell for zone, cell in zip(zones, cells, strict=True)]


def codes(columns: Sequence[pa.Array | pa.ChunkedArray]) -> list[Ints]:
    """int64[n] for each column: the same number for the same value, in all of them."""
    encoded = pa.concat_arrays([_flat(column) for column in columns]).dictionary_encode()
    numbers = encoded.indices.to_numpy().astype(np.int64)
    return np.split(numbers, np.cumsum([len(column) for column in columns])[:-1])


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _cells_as_bytes(table: pa.Table) -> pa.Array:
    """The cells of each row as one value, without copying them: lists cannot be compared directly."""
    lengths = pc.list_value_length(table["cells"]).to_numpy().astype(np.int64) * np.uint64().itemsize
    offsets = np.append(0, np.cumsum(lengths))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(cell_values(table))]
    return pa.Array.from_buffers(pa.large_binary(), table.num_rows, buffers)
