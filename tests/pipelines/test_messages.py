"""Messages of each format, read as the same rows in files are, and what cannot be read told apart from it."""

import io
import json
import pickle
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import fastavro
import numpy as np
import pyarrow as pa
import pytest

from pipelines import configuration_kafka
from pipelines.conform import conform
from pipelines.sources import messages, messages_avro, messages_json
from pipelines.sources.files import discover, fragments, read
from pipelines.sources.fragment import Batch
from pipelines.sources.messages import LARGEST, Messages, read_messages
from schemas.errors import InputError, UsageError

SCHEMA = {
    "type": "record",
    "name": "probe",
    "fields": [
        {"name": "event_time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "subscriber_id", "type": "string"},
        {"name": "cell_id", "type": {"type": "enum", "name": "cells", "symbols": ["c1", "c2", "c3"]}},
        {"name": "event_type", "type": ["null", "string"], "default": None},
        {"name": "extra", "type": {"type": "array", "items": "int"}, "default": []},
    ],
}
START = 1_781_000_000_000_000


def given(values: Sequence[bytes | None], form: str, schemas: Path | None = None, first: int = 100) -> Messages:
    """Messages at every other offset."""
    return Messages("t/0", first + 2 * np.arange(len(values)), tuple(values), form, schemas)


def batches(messages: Messages, columns: dict[str, str] | None = None) -> list[Batch]:
    return list(read_messages(messages, columns or {}))


def malformed(found: Sequence[Batch]) -> list[int]:
    return sorted(number for batch in found for number in batch.malformed)


def rows(found: Sequence[Batch], *names: str) -> list[tuple[object, ...]]:
    """The offset and the values of each row, in the order of offsets."""
    read = [
        row
        for batch in found
        for row in zip(batch.row_numbers().tolist(), *(batch.table[name].to_pylist() for name in names), strict=True)
    ]
    return sorted(read, key=lambda row: row[0])


def events(count: int, first: int = 0) -> pa.Table:
    numbers = range(first, first + count)
    return pa.table(
        {
            "event_time": pa.array([START + number * 1_000_000 for number in numbers], pa.timestamp("us", "UTC")),
            "subscriber_id": [f"20801{number:010d}" for number in numbers],
            "cell_id": [f"c{number % 3 + 1}" for number in numbers],
            "event_type": [("call", None)[number % 2] for number in numbers],
        }
    )


def as_json(table: pa.Table) -> list[bytes]:
    return [json.dumps(row | {"event_time": row["event_time"].isoformat()}).encode() for row in table.to_pylist()]


def as_avro(table: pa.Table, number: int = 7, schema: dict[str, object] = SCHEMA) -> list[bytes]:
    parsed, found = fastavro.parse_schema(schema), []
    for row in table.to_pylist():
        stream = io.BytesIO()
        stream.write(struct.pack(">bI", 0, number))
        fastavro.schemaless_writer(stream, parsed, row)
        found.append(stream.getvalue())
    return found


def as_arrow(table: pa.Table, size: int = 5) -> list[bytes]:
    found = []
    for start in range(0, max(table.num_rows, 1), size):
        stream = io.BytesIO()
        with pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table.slice(start, size))
        found.append(stream.getvalue())
    return found


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "7.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return tmp_path / "schemas"


WRITERS: dict[str, Callable[[pa.Table], list[bytes]]] = {"json": as_json, "avro": as_avro, "arrow": as_arrow}


def test_every_format_of_a_configuration_can_be_read() -> None:
    assert set(messages.FORMATS) == set(configuration_kafka.FORMATS) == set(WRITERS)


@pytest.mark.parametrize("form", WRITERS)
def test_messages_of_each_format_are_the_rows_of_a_file(form: str, schemas: Path, tmp_path: Path) -> None:
    table = events(37)
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(as_json(table)))
    (part,) = fragments(discover(tmp_path / "a.jsonl"))
    expected = pa.concat_tables([conform(batch.table).events for batch in read(part, {})])
    found = batches(given(WRITERS[form](table), form, schemas))
    assert malformed(found) == []
    assert pa.concat_tables([conform(batch.table).events for batch in found]).to_pylist() == expected.to_pylist()


@pytest.mark.parametrize("form", WRITERS)
def test_the_number_of_a_row_is_the_offset_of_its_message(form: str, schemas: Path) -> None:
    found = batches(given(WRITERS[form](events(12)), form, schemas))
    size = 5 if form == "arrow" else 1
    assert [offset for offset, _ in rows(found, "subscriber_id")] == [100 + 2 * (row // size) for row in range(12)]
    assert [name for _, name in rows(found, "subscriber_id")] == events(12)["subscriber_id"].to_pylist()


@pytest.mark.parametrize("form", WRITERS)
def test_a_bad_message_is_one_malformed_row_and_does_not_spoil_the_others(form: str, schemas: Path) -> None:
    good = WRITERS[form](events(10))
    bad = [None, b"", b"\0", b"\xff\xfe garbage", b"{", b"[1]", b"x" * (LARGEST + 1), good[0][: len(good[0]) // 2]]
    values = [each for pair in zip(bad, (good * len(bad))[: len(bad)], strict=True) for each in pair]
    found = batches(given(values, form, schemas))
    assert malformed(found) == [100 + 4 * number for number in range(len(bad))]
    whole = {offset for offset, _ in rows(found, "subscriber_id")}
    assert whole == {102 + 4 * number for number in range(len(bad))}
    assert sum(batch.rows for batch in found) == len(bad) + sum(batch.table.num_rows for batch in found)


@pytest.mark.parametrize("form", WRITERS)
def test_messages_of_which_none_can_be_read_are_malformed_rows(form: str, schemas: Path) -> None:
    found = batches(given([b"nothing", None], form, schemas))
    assert malformed(found) == [100, 102]
    assert sum(batch.table.num_rows for batch in found) == 0
    assert all(conform(batch.table).events.num_rows == 0 for batch in found)


@pytest.mark.parametrize("form", WRITERS)
def test_columns_may_have_other_names(form: str, schemas: Path) -> None:
    table = events(4).rename_columns(["event_time", "imsi", "cell_id", "event_type"])
    renamed = json.loads(json.dumps(SCHEMA).replace("subscriber_id", "imsi"))
    (schemas / "7.avsc").write_text(json.dumps(renamed), encoding="utf-8")
    values = as_avro(table, 7, renamed) if form == "avro" else WRITERS[form](table)
    found = batches(given(values, form, schemas), {"subscriber_id": "imsi"})
    assert [name for _, name in rows(found, "subscriber_id")] == events(4)["subscriber_id"].to_pylist()
    with pytest.raises(UsageError):
        batches(given(values, form, schemas), {"subscriber": "imsi"})


@pytest.mark.parametrize("form", WRITERS)
def test_messages_can_be_pickled(form: str, schemas: Path) -> None:
    messages = given(WRITERS[form](events(9)), form, schemas)
    again = pickle.loads(pickle.dumps(messages))  # noqa: S301
    assert again.next_offset == messages.next_offset == 100 + 2 * len(messages.values) - 1
    assert rows(batches(again), "subscriber_id") == rows(batches(messages), "subscriber_id")


# JSON


def test_a_message_may_hold_an_object_on_each_line() -> None:
    one, two, three, four = as_json(events(4))
    values = [one + b"\n" + two + b"\n\n", b"\r\n" + three + b"\r\r\n{\r\n", b"\n\n", b" ", four + b"\r"]
    found = batches(given(values, "json"))
    names = events(4)["subscriber_id"].to_pylist()
    assert rows(found, "subscriber_id") == list(zip([100, 100, 102, 108], names, strict=True))
    assert malformed(found) == [102, 104, 106]


def test_blocks_of_messages_are_read_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values: list[bytes | None] = list(as_json(events(500)))
    for place in range(3, 500, 50):
        values[place] = b'{"event_time": '
    values[7], values[60] = b"", None
    whole = batches(given(values, "json"))
    monkeypatch.setattr(messages_json, "BLOCK_BYTES", 300)
    pieces = batches(given(values, "json"))
    assert len(pieces) > len(whole) + 50
    assert rows(pieces, "subscriber_id", "cell_id") == rows(whole, "subscriber_id", "cell_id")
    assert malformed(pieces) == malformed(whole)
    assert len(malformed(whole)) == 12


def test_a_key_that_is_absent_is_null_and_a_type_may_differ_between_objects() -> None:
    values = [b'{"event_time": 1781000000000, "subscriber_id": 5}', b'{"event_time": "x", "cell_id": "c"}']
    found = batches(given(values, "json"))
    assert rows(found, "event_time", "subscriber_id", "cell_id") == [
        (100, "1781000000000", "5", None),
        (102, "x", None, "c"),
    ]


def test_a_key_that_only_few_objects_have_has_its_type_in_all_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_json, "BLOCK_BYTES", 4_000)
    values = [
        value[:-1] + b', "home_mcc": 262}' if at in (5, 900) else value
        for at, value in enumerate(as_json(events(1_000)))
    ]
    types = {batch.table.schema.field("home_mcc").type for batch in batches(given(values, "json"))}
    assert types == {pa.int64()}


# Avro


def test_a_message_of_an_unknown_schema_is_malformed(schemas: Path) -> None:
    values = [as_avro(events(1), number)[0] for number in (7, 8, 7)]
    values.append(b"\1" + values[0][1:])
    assert malformed(batches(given(values, "avro", schemas))) == [102, 106]
    (schemas / "8.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
    assert malformed(batches(given(values, "avro", schemas))) == [106]


def test_a_body_with_bytes_to_spare_or_too_few_is_malformed(schemas: Path) -> None:
    (value,) = as_avro(events(1))
    assert malformed(batches(given([value + b"\0", value[:-1], value], "avro", schemas))) == [100, 102]


def test_messages_of_several_schemas_are_read_under_their_own(schemas: Path) -> None:
    other = {
        "type": "record",
        "name": "probe",
        "fields": [
            {"name": "cell_id", "type": ["null", "int", "string"]},
            {"name": "subscriber_id", "type": "bytes"},
            {"name": "event_time", "type": "long"},
        ],
    }
    (schemas / "9.avsc").write_text(json.dumps(other), encoding="utf-8")
    table = pa.table({"cell_id": [None, 5], "subscriber_id": [b"\x01\xff", b"\x02"], "event_time": [1781000000000] * 2})
    mixed = [*as_avro(table, 9, other)[:1], *as_avro(events(1)), *as_avro(table, 9, other)[1:]]
    mixed += as_avro(pa.table({"cell_id": ["x"], "subscriber_id": [b""], "event_time": [0]}), 9, other)
    found = batches(given(mixed, "avro", schemas))
    assert malformed(found) == []
    names = rows(found, "subscriber_id", "cell_id")
    assert names == [(100, "01ff", None), (102, "208010000000000", "c1"), (104, "02", "5"), (106, "", "x")]


@pytest.mark.parametrize("text", ["", "{", '"string"', '{"type": "record"}', "[]", '{"type": "record", "fields": 3}'])
def test_a_schema_that_cannot_be_read_is_bad_input_at_the_start_and_an_unknown_one_later(
    schemas: Path, text: str
) -> None:
    (schemas / "11.avsc").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"11\.avsc: expected the Avro schema of a record"):
        messages_avro.check(schemas)
    values = [*as_avro(events(1), 11), *as_avro(events(1))]
    assert malformed(batches(given(values, "avro", schemas))) == [100]
    # Its copy is complete by now.
    (schemas / "11.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
    assert malformed(batches(given(values, "avro", schemas))) == []


# Arrow


def dictionaries(table: pa.Table) -> pa.Table:
    return pa.table({name: table[name].combine_chunks().dictionary_encode() for name in table.column_names})


def test_streams_may_have_dictionaries_and_each_its_own_schema() -> None:
    table = events(40)
    shapes = [
        table.slice(0, 10),
        dictionaries(table.slice(10, 10)),
        table.slice(20, 10).cast(table.schema.set(1, pa.field("subscriber_id", pa.large_string()))),
        table.slice(30, 10).select(["cell_id", "subscriber_id", "event_time"]).append_column("x", [[1.5] * 10]),
    ]
    values = [value for shape in shapes for value in as_arrow(shape, 3)]
    found = batches(given([value for start in range(4) for value in values[start::4]], "arrow"))
    assert malformed(found) == []
    assert len(found) == 4
    read = pa.concat_tables([conform(batch.table).events.select(["event_time", "subscriber_id"]) for batch in found])
    assert read.sort_by("event_time")["subscriber_id"].to_pylist() == table["subscriber_id"].to_pylist()


def test_a_stream_may_hold_several_batches_or_no_row() -> None:
    table = events(6)
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    found = batches(given([*as_arrow(events(0)), stream.getvalue()], "arrow"))
    assert [offset for offset, _ in rows(found, "cell_id")] == [102] * 6
    assert malformed(found) == []


def test_a_stream_without_a_required_column_is_one_malformed_row() -> None:
    values = [*as_arrow(events(5).drop_columns("cell_id")), *as_arrow(events(5))]
    found = batches(given(values, "arrow"))
    assert malformed(found) == [100]
    assert len(rows(found, "cell_id")) == 5


def test_a_stream_of_more_rows_than_a_batch_may_have_is_malformed() -> None:
    columns = {name: pa.nulls(1_000_001, pa.null()) for name in ("event_time", "subscriber_id", "cell_id")}
    assert malformed(batches(given(as_arrow(pa.table(columns), 2_000_000), "arrow"))) == [100]


def test_values_that_are_not_what_their_types_say_spoil_no_other_message() -> None:
    values = as_arrow(dictionaries(events(40)), 5)
    index = pa.array(range(15, 20), pa.int32()).buffers()[1].to_pybytes()
    assert index in values[3]
    values[3] = values[3].replace(index, index[:-4] + struct.pack("<i", 1_000_000))
    text = as_arrow(events(40), 5)
    text[2] = text[2].replace(b"208010000000010", b"20801\xff000000010")
    for some, wrong in ((values, 106), (text, 104)):
        found = batches(given(some, "arrow"))
        assert malformed(found) == [wrong]
        assert len(rows(found, "subscriber_id")) == 35


def test_binary_identifiers_are_hexadecimal_and_a_cell_that_is_no_text_is_malformed() -> None:
    table = events(6)
    table = table.set_column(1, "subscriber_id", table["subscriber_id"].cast(pa.binary()))
    table = table.set_column(2, "cell_id", pa.array([b"c1", b"c2", b"\xff", b"c3", b"c1", b"c2"], pa.binary()))
    found = batches(given(as_arrow(table, 1), "arrow"))
    assert malformed(found) == [104]
    assert rows(found, "subscriber_id", "cell_id")[0] == (100, b"208010000000000".hex(), "c1")
