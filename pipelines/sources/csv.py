"""CSV files: a header, one row for each line, every value text, an empty value null."""

import csv
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv

from pipelines.sources.columns import Columns
from pipelines.sources.fragment import Batch, Fragment
from pipelines.sources.lines import Block, block_of, raw_blocks
from schemas.errors import InputError

KIND = "CSV text with a header"
DELIMITERS = (",", ";", "\t", "|")


class Layout:
    """What the header tells: the delimiter, the number of columns and the place of each wanted one."""

    def __init__(self, file: str, header: bytes, columns: Columns) -> None:
        line = header.decode().rstrip("\r")
        self.delimiter = max(DELIMITERS, key=line.count)
        try:
            present = [name.strip() for name in next(csv.reader([line], delimiter=self.delimiter), [])]
        except csv.Error:
            raise InputError(
                f"{file}: expected {KIND}, got a header that does not parse",
                "write the names of the columns in the first line",
            ) from None
        self.width = len(present)
        found = columns.found(file, present)
        self.places = {ours: present.index(theirs) for ours, theirs in found.items()}


def read(fragment: Fragment, columns: Columns) -> Iterator[Batch]:
    """The wanted columns of a CSV file, as strings; a row with the wrong number of fields is malformed."""
    layout: Layout | None = None
    row = 1
    for data in raw_blocks(fragment, KIND):
        if layout is None:
            header, _, data = data.lstrip(b"\r\n").partition(b"\n")
            layout = Layout(fragment.file, header, columns)
        block = block_of(data, row)
        tables, malformed = _parse(block, layout)
        rows_malformed = tuple(sorted((*block.malformed, *malformed)))
        batch = Batch(pa.concat_tables(tables), row, rows_malformed)
        row += batch.rows
        yield batch


def _parse(block: Block, layout: Layout) -> tuple[list[pa.Table], list[int]]:
    """The rows of the block, and the numbers of those with the wrong number of fields."""
    wrong: list[int] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        wrong.append(int(block.rows[row.number - 1]))
        return "skip"

    table = _parse_lines(block.data, layout, skip)
    if table.num_rows + len(wrong) == len(block.rows):
        return [table], wrong
    if len(block.rows) == 1:
        return [table.slice(0, 0)], block.rows.tolist()
    # A quote that is never closed swallows the lines after it: halve until it stands alone.
    left, right = (_parse(half, layout) for half in block.halves())
    return left[0] + right[0], left[1] + right[1]


def _parse_lines(data: bytes, layout: Layout, skip: object) -> pa.Table:
    names = [str(place) for place in range(layout.width)]
    wanted = {ours: str(place) for ours, place in layout.places.items()}
    if not data:
        return pa.table({ours: pa.array([], pa.string()) for ours in wanted})
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        # Without threads a malformed row has a number; one block, so that numbers count from its start.
        pa.csv.ReadOptions(use_threads=False, column_names=names, block_size=len(data) + 1),
        pa.csv.ParseOptions(delimiter=layout.delimiter, invalid_row_handler=skip),
        pa.csv.ConvertOptions(
            include_columns=list(wanted.values()),
            column_types={name: pa.string() for name in wanted.values()},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    return table.rename_columns(list(wanted))
