"""What can happen to the rows of released files, and to the form in which they are written."""

import io
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from tests.privacy.damages import Files
from tests.privacy.odd import TEXTS

PLAIN: Final = {"use_dictionary": False, "compression": "zstd"}
"""How releases are written."""

FORMS: Final[tuple[dict[str, object], ...]] = (
    {"use_dictionary": True},
    {"use_dictionary": ["zone_id"]},
    {"compression": "snappy"},
    {"compression": "none"},
    {"compression": "gzip"},
    {"row_group_size": 1},
    {"row_group_size": 3},
    {"data_page_size": 1},
    {"data_page_version": "2.0"},
    {"version": "1.0"},
    {"write_statistics": False},
    {"write_page_index": True},
    {"write_page_checksum": True},
    {"store_schema": False},
    {"use_deprecated_int96_timestamps": True},
    {"column_encoding": {"people": "BYTE_STREAM_SPLIT"}},
    {"column_encoding": {"devices": "DELTA_BINARY_PACKED"}},
    {"column_encoding": {"zone_id": "DELTA_BYTE_ARRAY"}},
    {"column_encoding": {"zone_id": "DELTA_LENGTH_BYTE_ARRAY"}},
)
_TYPES: Final = (
    pa.int32(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(), pa.string(), pa.large_string(), pa.binary(),
    pa.string_view(), pa.bool_(), pa.null(), pa.list_(pa.int64()), pa.large_list(pa.uint64()), pa.date32(),
    pa.timestamp("ns", "UTC"), pa.timestamp("us"), pa.timestamp("us", "Europe/Paris"), pa.decimal128(20, 2),
    pa.dictionary(pa.int32(), pa.string()), pa.struct([("a", pa.int64())]), pa.map_(pa.string(), pa.int64()),
)  # fmt: skip
_INT64: Final = (-(2**63), -60, -5, -1, 0, 1, 5, 15, 19, 20, 21, 61, 2**31, 2**53 + 1, 2**63 - 1)
_FLOATS: Final = (float("nan"), float("inf"), float("-inf"), -0.0, -10.0, 0.0, 5.0, 1e-320, 1e308, 10.0, 100_000.0)
_CELL: Final = 0x89194E69D4FFFFF
_CELLS: Final = (0, 1, 2**63, 2**64 - 1, _CELL, 0x8029FFFFFFFFFFF, 0x8F194E69D4DB6DB)


def table_of(data: bytes) -> pa.Table:
    """The rows of a released file."""
    return pq.ParquetFile(io.BytesIO(data)).read()


def bytes_of(rows: pa.Table, **form: object) -> bytes:
    """The file of some rows."""
    sink = io.BytesIO()
    pq.write_table(rows, sink, **{**PLAIN, **form})
    return sink.getvalue()


def released(files: Files) -> list[str]:
    """The paths of the released rows."""
    return sorted(path for path in files if path.endswith(".parquet"))


def _value(kind: pa.DataType) -> st.SearchStrategy[object]:
    """Any value that a column of a type can hold."""
    if pa.types.is_boolean(kind):
        return st.booleans()
    if pa.types.is_string(kind):
        return st.one_of(
            st.none(), st.sampled_from(TEXTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
        )
    if pa.types.is_floating(kind):
        return st.one_of(st.none(), st.sampled_from(_FLOATS), st.floats())
    if pa.types.is_list(kind):
        cell = st.one_of(st.none(), st.sampled_from(_CELLS), st.integers(0, 2**64 - 1))
        return st.one_of(st.none(), st.lists(cell, max_size=3))
    return st.one_of(st.none(), st.sampled_from(_INT64), st.integers(-(2**63), 2**63 - 1))


@st.composite
def _cell_changed(draw: st.DrawFn, rows: pa.Table) -> pa.Table:
    """One value replaced, or by that of another row."""
    name = draw(st.sampled_from(rows.column_names))
    place = rows.schema.get_field_index(name)
    kind = rows.schema.field(name).type
    values = rows[name].cast(pa.int64()).to_pylist() if pa.types.is_timestamp(kind) else rows[name].to_pylist()
    at = draw(st.integers(0, len(values) - 1))
    values[at] = draw(st.one_of(st.sampled_from(values), _value(kind)))
    column = pa.array(values, pa.int64()).cast(kind) if pa.types.is_timestamp(kind) else pa.array(values, kind)
    return rows.set_column(place, pa.field(name, kind), column)


@st.composite
def _rows_changed(draw: st.DrawFn, rows: pa.Table) -> pa.Table:
    """Rows left out, doubled or moved."""
    kept = draw(st.lists(st.integers(0, rows.num_rows - 1), max_size=rows.num_rows + 2))
    order = draw(st.sampled_from([kept, sorted(set(kept)), sorted(kept), list(range(rows.num_rows))[::-1]]))
    return rows.take(pa.array(order, pa.int64()))


@st.composite
def _columns_changed(draw: st.DrawFn, rows: pa.Table) -> pa.Table:
    """A column left out, doubled, moved, renamed, made all null or of another type, or metadata added."""
    name = draw(st.sampled_from(rows.column_names))
    place = rows.schema.get_field_index(name)
    kind = draw(st.sampled_from(["drop", "move", "rename", "null", "type", "metadata", "field", "double"]))
    if kind == "drop":
        return rows.drop_columns([name])
    if kind == "move":
        return rows.select([name, *(each for each in rows.column_names if each != name)])
    if kind == "rename":
        return rows.rename_columns({name: draw(st.sampled_from(["", "subscriber_id", "zone_id2", "devices", "\x1b"]))})
    if kind == "metadata":
        return rows.replace_schema_metadata({"note": draw(st.sampled_from(["", "imsi-1", "\x00"]))})
    if kind == "field":
        return rows.set_column(place, rows.schema.field(name).with_metadata({"note": "imsi-1"}), rows[name])
    if kind == "double":
        return rows.append_column(name, rows[name])
    new = draw(st.sampled_from(_TYPES))
    if kind == "type":
        try:
            return rows.set_column(place, name, rows[name].cast(new))
        except pa.ArrowException:
            pass
    return rows.set_column(place, name, pa.nulls(rows.num_rows, new))


def _written(rows: pa.Table, form: dict[str, object]) -> bytes | None:
    """The file, or None where it cannot be written so."""
    try:
        return bytes_of(rows, **form)
    except (pa.ArrowException, ValueError, KeyError, TypeError):
        return None


@st.composite
def rows_damaged(draw: st.DrawFn, files: Files) -> Files:
    """One released file with other values, rows, columns, or written in another form; two with rows exchanged."""
    path = draw(st.sampled_from(released(files)))
    rows = table_of(files[path])
    if not rows.num_rows:
        return files
    kind = draw(st.sampled_from(["cell", "cell", "cell", "rows", "columns", "form", "other", "moved", "empty"]))
    form: dict[str, object] = {}
    if kind == "other":
        return {**files, path: files[draw(st.sampled_from(released(files)))]}
    if kind == "moved":
        return _moved(draw, files, path, rows)
    if kind == "cell":
        for _ in range(draw(st.integers(1, 3))):
            rows = draw(_cell_changed(rows))
    elif kind == "rows":
        rows = draw(_rows_changed(rows))
    elif kind == "columns":
        rows = draw(_columns_changed(rows))
    elif kind == "form":
        form = draw(st.sampled_from(FORMS))
    else:
        rows = rows.slice(0, 0)
    data = _written(rows, form)
    return files if data is None else {**files, path: data}


@st.composite
def rule_broken(draw: st.DrawFn, files: Files) -> tuple[str, Files]:
    """One released file whose rows break a rule, and the check of the audit that has this rule."""
    path = draw(st.sampled_from(released(files)))
    rows = table_of(files[path])
    at = draw(st.integers(0, rows.num_rows - 1))
    few = st.sampled_from([-(2**63), -60, 0, 1, 15, 19, 21, 61, 2**63 - 1])
    people = st.sampled_from([float("nan"), float("inf"), -10.0, 121.0, 1e308])
    text = st.sampled_from(["", "9", "all|x", "X", "A|A", "\x1b"])
    kind = draw(st.sampled_from(["devices", "people", "text", "double", "reverse", "day", "cells", "encoding"]))
    if kind == "devices":
        return "k", {**files, path: bytes_of(_with(rows, at, "devices", draw(few)))}
    if kind == "people":
        return "intervals", {**files, path: bytes_of(_with(rows, at, "people_low", draw(people)))}
    if kind == "text":
        name = draw(st.sampled_from([name for name in rows.column_names if pa.types.is_string(rows[name].type)]))
        return "zones" if name == "zone_id" else "schema", {**files, path: bytes_of(_with(rows, at, name, draw(text)))}
    if kind == "double":
        return "schema", {**files, path: bytes_of(pa.concat_tables([rows.slice(0, at + 1), rows.slice(at)]))}
    if kind == "reverse" and rows.num_rows > 1:
        return "schema", {**files, path: bytes_of(rows.take(pa.array(range(rows.num_rows - 1, -1, -1))))}
    if kind == "cells":
        cells = draw(st.sampled_from([[], [0], [None], [12, 12], None]))
        return "schema", {**files, path: bytes_of(_with(rows, at, "cells", cells))}
    if kind == "day":
        others = [each for each in released(files) if each != path and each.split("/")[0] == path.split("/")[0]]
        target = draw(st.sampled_from(others))
        moved = pa.concat_tables([rows.slice(at, 1), table_of(files[target])])
        rest = pa.concat_tables([rows.slice(0, at), rows.slice(at + 1)])
        return "schema", {**files, path: bytes_of(rest), target: bytes_of(moved)}
    return "schema", {**files, path: bytes_of(rows, use_dictionary=True)}


def _with(rows: pa.Table, at: int, name: str, value: object) -> pa.Table:
    """The rows with one value changed."""
    values = rows[name].to_pylist()
    values[at] = value
    kind = rows.schema.field(name)
    return rows.set_column(rows.schema.get_field_index(name), kind, pa.array(values, kind.type))


def _moved(draw: st.DrawFn, files: Files, path: str, rows: pa.Table) -> Files:
    """One row taken out of a file and put at a place of another one with the same columns."""
    others = [other for other in released(files) if other != path]
    same = [other for other in others if table_of(files[other]).schema.equals(rows.schema)]
    if not same:
        return files
    target = draw(st.sampled_from(same))
    into = table_of(files[target])
    at, to = draw(st.integers(0, rows.num_rows - 1)), draw(st.integers(0, into.num_rows))
    rest = pa.concat_tables([rows.slice(0, at), rows.slice(at + 1)])
    more = pa.concat_tables([into.slice(0, to), rows.slice(at, 1), into.slice(to)])
    return {**files, path: bytes_of(rest), target: bytes_of(more)}
