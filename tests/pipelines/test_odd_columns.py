"""Columns of odd types and damaged bytes: rejected rows or bad input, and nothing else."""

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.conform import conform
from pipelines.sources.files import discover, fragments, read
from pipelines.sources.fragment import Batch
from pipelines.sources.messages import Messages, read_messages
from schemas.errors import InputError

TIME = "2026-06-21T12:00:00Z"
COLUMNS = ("event_time", "subscriber_id", "cell_id", "event_type", "home_mcc")
CELLS = pa.array(["c1", "c2", "c3"])
RUN_ENDS = pa.array([1, 3], pa.int32())

ODD = {
    "float16": pa.array(np.array([1.5, 2, np.nan], np.float16)),
    "float": pa.array([1.5, np.inf, None], pa.float32()),
    "uint64": pa.array([2**53 + 1, 2**64 - 1, None], pa.uint64()),
    "int64": pa.array([2**63 - 1, -(2**63), 1]),
    "date32": pa.array([2**31 - 1, -(2**31), None], pa.int32()).view(pa.date32()),
    "date64": pa.array([2**62, 0, None], pa.int64()).view(pa.date64()),
    "timestamp": pa.array([2**62, -(2**63), None], pa.timestamp("s")),
    "no time zone": pa.array([1, 2, None], pa.timestamp("us", "No/Where")),
    "time": pa.array([2**62, 2, None], pa.int64()).view(pa.time64("us")),
    "duration": pa.array([1, 2, None], pa.duration("us")),
    "interval": pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval()),
    "decimal32": pa.array([Decimal("1.5")] * 3, pa.decimal32(5, 2)),
    "decimal256": pa.array([Decimal(10) ** 60] * 3, pa.decimal256(76, 2)),
    "bool": pa.array([True, False, None]),
    "null": pa.nulls(3),
    "string view": pa.array(["a", "b", None], pa.string_view()),
    "large string": pa.array(["a", TIME, None], pa.large_string()),
    "binary": pa.array([b"\xff", b"b", None]),
    "binary view": pa.array([b"\xff", b"b", None], pa.binary_view()),
    "run-end encoded": pa.RunEndEncodedArray.from_arrays(RUN_ENDS, pa.array(["a", None])),
    "uuid": pa.array([b"0" * 16, b"1" * 16, None], pa.uuid()),
    "bool8": pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None], pa.int8())),
    "json": pa.array(["1", "2", None], pa.json_()),
    "list": pa.array([[1], [2], None]),
    "struct": pa.array([{"a": 1}, {"a": 2}, None]),
    "map": pa.array([[(1, 2)]] * 3, pa.map_(pa.int64(), pa.int64())),
    "union": pa.UnionArray.from_sparse(
        pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array(["a", "b", "c"])]
    ),
}


def table(**columns: pa.Array) -> pa.Table:
    """Three rows; the columns that are not given are good."""
    good = {"event_time": [TIME] * 3, "subscriber_id": ["s"] * 3, "cell_id": ["c"] * 3}
    return pa.table(good | columns)


def accounted(given: pa.Table) -> int:
    found = conform(given)
    return found.events.num_rows + sum(map(len, found.rejected.values()))


def stream(given: pa.Table, **options: str) -> bytes:
    written = io.BytesIO()
    with pa.ipc.new_stream(written, given.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(given)
    return written.getvalue()


def batches(*values: bytes) -> Iterator[Batch]:
    return read_messages(Messages("t/0", np.arange(len(values)), values, "arrow"), {})


def from_message(given: pa.Table) -> Iterator[Batch]:
    return batches(stream(given))


def accounted_in(found: Iterator[Batch]) -> int:
    return sum(accounted(batch.table) + len(batch.malformed) for batch in found)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("odd", ODD)
def test_each_row_of_a_column_of_an_odd_type_is_an_event_or_rejected(odd: str, name: str) -> None:
    values = ODD[odd]
    assert accounted(table(**{name: values})) == 3
    twice = pa.concat_tables([table(**{name: values})] * 2)
    assert accounted(twice) == 6
    places = pa.array([0, 1, None], pa.int8())
    encoded = pa.DictionaryArray.from_arrays(places, values)
    assert accounted(table(**{name: encoded})) == 3
    assert accounted(pa.concat_tables([table(**{name: encoded})] * 2)) == 6


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("odd", ODD)
def test_a_message_with_a_column_of_an_odd_type_is_its_rows_or_one_malformed_row(odd: str, name: str) -> None:
    assert accounted_in(from_message(table(**{name: ODD[odd]}))) in (1, 3)


@pytest.mark.parametrize("odd", ["float16", "run-end encoded", "list", "decimal32", "uuid", "bool8"])
def test_a_type_that_has_no_text_is_missing(odd: str) -> None:
    found = conform(table(cell_id=ODD[odd]))
    assert {reason: rows.tolist() for reason, rows in found.rejected.items()} == {"missing cell_id": [0, 1, 2]}


def test_a_number_that_is_too_great_to_be_a_time_is_unreadable() -> None:
    for odd in ("uint64", "date32", "timestamp"):
        found = conform(table(event_time=ODD[odd]))
        assert found.rejected["unreadable event_time"].tolist() == [0, 1], odd
        assert found.rejected["missing event_time"].tolist() == [2], odd


def test_dictionaries_with_a_null_among_their_values_are_united() -> None:
    pieces = [pa.DictionaryArray.from_arrays([0, 1, 2], ["a", None, last]) for last in ("b", "c")]
    found = conform(pa.concat_tables([table(cell_id=piece) for piece in pieces]))
    assert found.events["cell_id"].to_pylist() == ["a", "b", "a", "c"]
    assert found.rejected["missing cell_id"].tolist() == [1, 4]


def test_a_message_with_a_name_that_is_no_text_is_malformed() -> None:
    good = stream(table(home_mcc=pa.array(["208"] * 3)))
    bad = good.replace(b"home_mcc", b"home_m\xff\xfe")
    (read_well, malformed) = sorted(batches(good, bad), key=lambda batch: -batch.rows)
    assert (read_well.table.num_rows, malformed.malformed) == (3, (1,))


@pytest.mark.parametrize("told", [b"", b"{}", b"[]", b"\xff", b'{"freq": []}', b'{"subtype": "x", "closed": "y"}'])
@pytest.mark.parametrize("name", [b"pandas.period", b"pandas.interval", b"arrow.uuid", b"arrow.opaque"])
def test_an_extension_that_cannot_be_made_is_one_malformed_row_and_a_refused_file(
    tmp_path: Path, name: bytes, told: bytes
) -> None:
    # What registers the types of pandas with Arrow.
    pa.array(pd.period_range("2026-06-21", periods=1))
    extension = {b"ARROW:extension:name": name, b"ARROW:extension:metadata": told}
    schema = table().schema.set(0, pa.field("event_time", pa.int64(), metadata=extension))
    given = table(event_time=pa.array([1] * 3)).cast(schema)
    assert accounted_in(from_message(given)) in (1, 3)
    pq.write_table(given, tmp_path / "a.parquet")
    assert accounted_or_refused(tmp_path / "a.parquet") in (0, 3)


@pytest.mark.parametrize("options", [{}, {"compression": "zstd"}], ids=["plain", "zstd"])
@pytest.mark.parametrize("cells", [CELLS, CELLS.dictionary_encode()], ids=["text", "dictionary"])
def test_messages_with_any_bytes_changed_are_rows_or_one_malformed_row_each(
    cells: pa.Array, options: dict[str, str]
) -> None:
    good, random = stream(table(cell_id=cells), **options), np.random.default_rng(5)
    changed = [bytearray(good) for _ in range(1_000)]
    for message in changed:
        for at in random.integers(0, len(good), random.integers(1, 4)).tolist():
            message[at] = int(random.integers(256))
    found = list(batches(*map(bytes, changed)))
    rows = sum(batch.table.num_rows for batch in found)
    malformed = sum(len(batch.malformed) for batch in found)
    assert min(rows, malformed) > 100
    assert accounted_in(iter(found)) == rows + malformed


def accounted_or_refused(path: Path) -> int:
    """The rows that are accounted for; 0 where the file is refused."""
    try:
        return accounted_in(batch for part in fragments(discover(path)) for batch in read(part, {}))
    except InputError:
        return 0


@pytest.mark.parametrize("odd", ["float16", "uint64", "date32", "uuid", "bool8", "list", "string view", "binary"])
@pytest.mark.parametrize("name", COLUMNS)
def test_a_parquet_file_with_a_column_of_an_odd_type_is_its_rows_or_refused(
    tmp_path: Path, odd: str, name: str
) -> None:
    pq.write_table(table(**{name: ODD[odd]}), tmp_path / "a.parquet")
    assert accounted_or_refused(tmp_path / "a.parquet") in (0, 3)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_parquet_file_with_text_that_is_no_utf_8_is_bad_input(tmp_path: Path, name: str) -> None:
    text = pa.array([b"ab\xff \xfe", b"b", None]).view(pa.string())
    pq.write_table(table(**{name: text}), tmp_path / "a.parquet")
    (part,) = fragments(discover(tmp_path / "a.parquet"))
    with pytest.raises(InputError, match=r"a\.parquet: expected a Parquet file"):
        list(read(part, {}))


def test_a_parquet_file_with_a_name_that_is_no_text_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(home_mcc=pa.array(["208"] * 3)), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"home_mcc", b"home_m\xff\xfe"))
    with pytest.raises(InputError, match=r"a\.parquet: expected a Parquet file"):
        fragments(discover(path))


def test_a_parquet_file_with_any_byte_changed_is_its_rows_or_refused(tmp_path: Path) -> None:
    path, random = tmp_path / "a.parquet", np.random.default_rng(5)
    pq.write_table(table(cell_id=CELLS.dictionary_encode()), path, compression="none")
    good = path.read_bytes()
    for at in random.choice(len(good), 400, replace=False).tolist():
        path.write_bytes(good[:at] + bytes([good[at] ^ int(random.integers(1, 256))]) + good[at + 1 :])
        accounted_or_refused(path)
