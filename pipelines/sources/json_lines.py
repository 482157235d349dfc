"""JSON Lines files: one object for each line."""

import json
from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.json

from pipelines.sources.columns import Columns
from pipelines.sources.fragment import Batch, Fragment
from pipelines.sources.lines import Block, block_of, raw_blocks
from schemas.errors import InputError

KIND = "one JSON object on each line"
# A line may leave out what it does not know: a file lacks a column that none of its first lines has.
FIRST_SAMPLE_LINES = 1000
SAMPLE_LINES = 50
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def read(fragment: Fragment, columns: Columns) -> Iterator[Batch]:
    """The wanted columns of a JSON Lines file, absent ones null; a line that is no object is malformed.

    A column of a batch has the type of its values, or is text where they are of several types.
    """
    row = 1
    for data in raw_blocks(fragment, KIND):
        block = block_of(data, row)
        sample = first_objects(block, FIRST_SAMPLE_LINES if row == 1 else SAMPLE_LINES)
        if row == 1:
            _check(fragment.file, block, sample, columns)
        table, malformed = parse_block(block, sample, columns)
        batch = Batch(table, row, tuple(sorted((*block.malformed, *malformed))))
        row += batch.rows
        yield batch


def first_objects(block: Block, count: int) -> list[dict[str, object]]:
    """The objects among the first lines."""
    lines = block.data.split(b"\n", count)[:count]
    return [found for line in lines if (found := _object(line)) is not None]


def parse_block(block: Block, sample: list[dict[str, object]], columns: Columns) -> tuple[pa.Table, list[int]]:
    """The rows of the block, and the numbers of those that are no objects."""
    table = _parse_at_once(block, sample, columns)
    if table is not None:
        return table, []
    lines = block.lines()
    good = np.array([_object(line) is not None for line in lines], np.bool_)
    if not good.all():
        # A few bad lines do not slow the others down much: one by one takes four times as long.
        kept = b"".join(line + b"\n" for line, whole in zip(lines, good, strict=True) if whole)
        rest = block_of(kept, 0)
        if len(rest.rows) == good.sum() and (table := _parse_at_once(rest, sample, columns)) is not None:
            return table, block.rows[~good].tolist()
    return _parse_one_by_one(block, columns)


def _parse_at_once(block: Block, sample: list[dict[str, object]], columns: Columns) -> pa.Table | None:
    """The rows of the block; None where a line is no object, or a value not of the type of the others."""
    try:
        table = _parse_lines(block.data, _schema(sample, columns))
    except pa.ArrowInvalid:
        return None
    # Arrow also takes several objects on a line, and one object on several.
    if table.num_rows != len(block.rows):
        return None
    return table.select(list(columns.names.values())).rename_columns(list(columns.names))


def _check(file: str, block: Block, sample: list[dict[str, object]], columns: Columns) -> None:
    if sample:
        columns.found(file, list(dict.fromkeys(name for found in sample for name in found)))
    elif len(block.rows) or block.malformed:
        raise InputError(
            f"{file}: expected {KIND}, got no object in its first lines",
            "write one object on each line, without commas or brackets between them",
        )


def _schema(sample: list[dict[str, object]], columns: Columns) -> pa.Schema:
    """The Arrow type of the first value of each wanted column."""
    fields = {}
    for theirs in columns.names.values():
        first = next((found[theirs] for found in sample if found.get(theirs) is not None), "")
        fields[theirs] = _ARROW_TYPES.get(type(first), pa.string())
    return pa.schema(fields)


def _parse_lines(data: bytes, schema: pa.Schema) -> pa.Table:
    if not data:
        return schema.empty_table()
    return pa.json.read_json(
        pa.BufferReader(data),
        pa.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
        pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )


def _parse_one_by_one(block: Block, columns: Columns) -> tuple[pa.Table, list[int]]:
    rows = [_texts(line, columns) for line in block.lines()]
    malformed = [number for number, row in zip(block.rows.tolist(), rows, strict=True) if row is None]
    good = [row for row in rows if row is not None]
    arrays = [pa.array([row[place] for row in good], pa.string()) for place in range(len(columns.names))]
    return pa.table(arrays, names=list(columns.names)), malformed


def _texts(line: bytes, columns: Columns) -> list[str | None] | None:
    """The wanted values of a line as text; None where the line or a wanted value cannot be told."""
    found = _object(line)
    if found is None:
        return None
    try:
        return [_text(found.get(theirs)) for theirs in columns.names.values()]
    except ValueError:
        return None


def _text(value: object) -> str | None:
    """A value as text; raises ValueError for an object, an array and half of a surrogate pair."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, (str, int, float)):
        raise ValueError("not a text, a number or a truth value")
    text = str(value)
    text.encode()
    return text


def _object(line: bytes) -> dict[str, object] | None:
    try:
        found = _DECODER.decode(line.removeprefix(_BYTE_ORDER_MARK).decode())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


# One decoder for all lines: `json.loads` makes one for each, which takes three times as long as decoding.
_DECODER = json.JSONDecoder(parse_constant=_refuse)
