"""What a feed sends is what stood in the events, in each format."""

import io
import json

import fastavro
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.fields import INSTANT
from tests.cluster.messages import SCHEMA_NUMBER, arrow, avro, avro_schema, json_objects

TYPES = {
    "event_time": INSTANT,
    "subscriber_id": pa.string(),
    "cell_id": pa.string(),
    "event_type": pa.string(),
    "home_mcc": pa.int32(),
}
# From 1970 to 2100, as Python tells them exactly.
INSTANTS = st.none() | st.integers(0, 4_102_444_800_000_000)
# Longer than 63 bytes too: their length takes two bytes.
TEXTS = st.none() | st.text(max_size=80)
ROWS = st.lists(st.tuples(INSTANTS, TEXTS, TEXTS, TEXTS, st.none() | st.integers(-(2**31), 2**31 - 1)), max_size=20)


def events(rows: list[tuple[object, ...]]) -> pa.Table:
    columns = [[row[place] for row in rows] for place in range(len(TYPES))]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, TYPES.values(), strict=True)]
    return pa.table(arrays, names=list(TYPES))


def halves(table: pa.Table) -> list[tuple[int, int]]:
    return [(0, table.num_rows // 2), (table.num_rows // 2, table.num_rows)]


@settings(deadline=None)
@given(ROWS)
def test_a_reader_of_avro_finds_the_events(rows: list[tuple[object, ...]]) -> None:
    table = events(rows)
    schema = fastavro.parse_schema(json.loads(avro_schema(table.schema)))
    found = []
    for value in [value for values in avro(table, halves(table)) for value in values]:
        assert value[:5] == bytes([0, 0, 0, 0, SCHEMA_NUMBER])
        stream = io.BytesIO(value[5:])
        found.append(fastavro.schemaless_reader(stream, schema, None))
        assert stream.read() == b""
    assert found == table.to_pylist()


@settings(deadline=None)
@given(ROWS)
def test_a_reader_of_json_finds_the_events(rows: list[tuple[object, ...]]) -> None:
    table = events(rows)
    found = [json.loads(value) for values in json_objects(table, halves(table)) for value in values]
    given = table.to_pylist()
    for event in given:
        at = event["event_time"]
        event["event_time"] = at and at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert found == given


@settings(deadline=None)
@given(ROWS)
def test_a_reader_of_arrow_finds_the_events(rows: list[tuple[object, ...]]) -> None:
    table = events(rows)
    messages = arrow(table, halves(table))
    assert [len(values) for values in messages] == [1, 1]
    assert pa.concat_tables(pa.ipc.open_stream(value).read_all() for [value] in messages).equals(table)
