"""Released Parquet files, read only as far as they are what an indicator's table may be."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.checks.outcome import Unsound
from anonymization.checks.spans import valid
from schemas.indicators import Indicator

LARGEST_ROW_GROUP, LARGEST_BYTES = 1 << 20, 1 << 30
"""Of a row group, unpacked: more would fill the memory of who reads it."""

ROWS_AT_ONCE = 1 << 16
BUFFER = 1 << 20
_PLAIN = {"PLAIN", "RLE", "BIT_PACKED"}
_WRITER = re.compile(r"parquet-cpp-arrow version [0-9.]{1,12}")


def read_batches(path: Path, indicator: Indicator) -> Iterator[pa.Table]:
    """The rows of a released file, some at a time; raises Unsound saying what is wrong with its form.

    What comes back has the indicator's schema, no nulls, and H3 cells only, at least one in each row.
    """
    try:
        with pq.ParquetFile(path, pre_buffer=False, buffer_size=BUFFER) as file:
            _refuse(_file_problems(file, indicator))
            for batch in file.iter_batches(ROWS_AT_ONCE):
                table = pa.Table.from_batches([batch])
                table.validate(full=True)
                _refuse(_row_problems(table))
                yield table.cast(indicator.table.schema)
    except (pa.ArrowException, OSError, ValueError):
        raise Unsound("is no Parquet file, or a damaged one") from None


def cell_values(table: pa.Table) -> npt.NDArray[np.uint64]:
    """uint64[n]: the cells of all rows, one after the other."""
    nothing = np.zeros(0, np.uint64)
    return np.concatenate([nothing, *(chunk.flatten().to_numpy() for chunk in table["cells"].chunks)])


def cell_counts(table: pa.Table) -> npt.NDArray[np.int64]:
    """int64[rows]: how many cells each row has."""
    counts: npt.NDArray[np.int64] = pc.list_value_length(table["cells"]).to_numpy().astype(np.int64)
    return counts


def _refuse(problems: Iterator[str]) -> None:
    for problem in problems:
        raise Unsound(problem)


def _metadata(schema: pa.Schema) -> list[dict[bytes, bytes]]:
    """What a schema, its fields and the items of its lists carry beside names and types."""
    items = [field.type.value_field for field in schema if pa.types.is_list(field.type)]
    return [dict(each.metadata or {}) for each in (schema, *schema, *items)]


def _file_problems(file: pq.ParquetFile, indicator: Indicator) -> Iterator[str]:
    expected = indicator.table.schema
    found = file.schema_arrow
    if not found.equals(expected):
        yield f"has not the columns of {indicator.name}: {', '.join(map(str, found.names))}"
    elif _metadata(found) != _metadata(expected) or not _WRITER.fullmatch(file.metadata.created_by):
        yield "carries metadata that the schema does not declare"
    for group in range(file.metadata.num_row_groups):
        about = file.metadata.row_group(group)
        if about.num_rows > LARGEST_ROW_GROUP:
            yield f"has a row group of {about.num_rows} rows"
        if about.total_byte_size > LARGEST_BYTES:
            yield f"has a row group of {about.total_byte_size} bytes"
        for column in map(about.column, range(about.num_columns)):
            # A filtered dictionary keeps what was filtered out.
            if column.has_dictionary_page or not set(column.encodings) <= _PLAIN:
                yield f"has a column with a dictionary or another encoding ({column.path_in_schema})"
            if column.compression != "ZSTD":
                yield f"is compressed with {column.compression}, not ZSTD"


def _row_problems(table: pa.Table) -> Iterator[str]:
    for name in table.column_names:
        if table[name].null_count:
            yield f"has {table[name].null_count} nulls in {name}"
    if any(chunk.flatten().null_count for chunk in table["cells"].chunks):
        yield "has nulls among its cells"
    if not cell_counts(table).all():
        yield "has a row without cells"
    if not valid(cell_values(table)).all():
        yield "has a cell that is no H3 cell"
