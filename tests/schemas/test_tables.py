from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import fields
from schemas.errors import InputError
from schemas.tables import CELL, EVENT, INPUTS, INTERNAL, PROBE, SUBSCRIBER, VISIT, Sensitivity, Table

PAIR = Table("pair", "One pair.", (fields.CELL_ID, fields.ROW, fields.TECHNOLOGY))
NOON = datetime(2026, 6, 20, 12, tzinfo=UTC)


def refused(table: Table, given_table: pa.Table) -> str:
    with pytest.raises(InputError) as caught:
        table.conform(given_table)
    assert caught.value.hint
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.message


def test_a_table_is_personal_unless_it_says_otherwise() -> None:
    assert PAIR.sensitivity is Sensitivity.PERSONAL
    assert PAIR.schema.metadata[b"sensitivity"] == b"personal"


def test_tables_about_single_devices_or_lines_are_personal() -> None:
    personal = {table.name for table in (INPUTS | INTERNAL).values() if table.sensitivity is Sensitivity.PERSONAL}
    about = {table.name for table in (INPUTS | INTERNAL).values() if {"device", "subscriber_id"} & set(table.names)}
    assert personal == about


def test_no_internal_table_is_public() -> None:
    assert all(table.sensitivity is not Sensitivity.PUBLIC for table in INTERNAL.values())


def test_events_have_the_columns_of_the_contract() -> None:
    assert EVENT.names == ("event_time", "subscriber_id", "cell_id", "event_type", "home_mcc")
    assert [field.name for field in EVENT.schema if not field.nullable] == ["event_time", "subscriber_id", "cell_id"]


def test_the_register_needs_only_the_identifier_of_the_line() -> None:
    conformed = SUBSCRIBER.conform(pa.table({"subscriber_id": ["a", "b"]}))
    assert conformed.schema.equals(SUBSCRIBER.schema)
    assert all(conformed.column(name).null_count == 2 for name in SUBSCRIBER.names[1:])


def test_a_probe_holds_codes_and_no_text() -> None:
    assert PROBE.schema.types == [
        pa.uint64(),
        pa.timestamp("us", tz="UTC"),
        pa.int32(),
        pa.int8(),
        pa.int16(),
        pa.int16(),
        pa.int8(),
        pa.int8(),
        pa.int32(),
    ]


def test_a_visit_is_of_one_device_in_one_zone() -> None:
    about = ("device", "zone", "dwell", "arrival", "night", "signals")
    assert VISIT.names == (*about, "home_mcc", "age_band", "spc", "home_zone")


def test_columns_are_selected_ordered_and_cast() -> None:
    given_table = pa.table({"more": [1], "technology": ["4G"], "row": pa.array([7], pa.int8()), "cell_id": ["c"]})
    conformed = PAIR.conform(given_table)
    assert conformed.schema.equals(PAIR.schema, check_metadata=True)
    assert conformed.to_pylist() == [{"cell_id": "c", "row": 7, "technology": "4G"}]


def test_instants_of_another_zone_and_unit_stay_the_same_instants() -> None:
    paris = pa.array([NOON], pa.timestamp("ms", tz="Europe/Paris"))
    conformed = EVENT.conform(pa.table({"event_time": paris, "subscriber_id": ["s"], "cell_id": ["c"]}))
    assert conformed.column("event_time").to_pylist() == [NOON]


def test_dictionaries_and_large_texts_become_plain_texts() -> None:
    given_table = pa.table(
        {"cell_id": pa.array(["c"]).dictionary_encode(), "row": [1], "technology": pa.array(["5G"], pa.large_string())}
    )
    assert PAIR.conform(given_table).schema.types == [pa.string(), pa.int64(), pa.string()]


def test_a_missing_column_is_named_and_the_columns_found_are_not() -> None:
    message = refused(PAIR, pa.table({"208011234567890": ["c"], "row": [1]}))
    assert message == "table pair, column cell_id: expected one column, got 0 of that name"


def test_a_missing_input_column_can_be_mapped() -> None:
    with pytest.raises(InputError) as caught:
        CELL.conform(pa.table({"cell_id": ["c"], "lat": [47.3], "longitude": [5.0]}))
    assert '[input.columns.cells]: latitude = "their_name"' in caught.value.hint


def test_a_column_that_appears_twice_is_refused() -> None:
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([1])], ["cell_id", "cell_id", "row"])
    assert refused(PAIR, twice).endswith("expected one column, got 2 of that name")


def test_nulls_are_counted_where_none_may_be() -> None:
    message = refused(PAIR, pa.table({"cell_id": ["c", None], "row": [1, 2]}))
    assert message == "table pair, column cell_id: expected no nulls, got 1 in 2 rows"


def test_a_value_that_does_not_fit_is_not_quoted() -> None:
    message = refused(PAIR, pa.table({"cell_id": ["c"], "row": ["208011234567890x"]}))
    assert message == "table pair, column row: expected int64, got string with values that do not fit"


def test_a_cast_with_loss_is_refused() -> None:
    assert "expected int64, got double" in refused(PAIR, pa.table({"cell_id": ["c"], "row": [1.5]}))


def test_a_type_without_cast_is_refused() -> None:
    assert "expected int64, got list" in refused(PAIR, pa.table({"cell_id": ["c"], "row": [[1]]}))


def test_a_table_without_rows_conforms() -> None:
    assert PAIR.conform(PAIR.empty()).equals(PAIR.empty())
    assert PAIR.empty().num_rows == 0


@given(st.lists(st.tuples(st.text(), st.integers(-(2**63), 2**63 - 1), st.none() | st.text()), min_size=1, max_size=20))
def test_conforming_twice_is_conforming_once(rows: list[tuple[str, int, str | None]]) -> None:
    cells, numbers, technologies = zip(*rows, strict=True)
    once = PAIR.conform(
        pa.table({"row": pa.array(numbers), "technology": pa.array(technologies, pa.string()), "cell_id": cells})
    )
    assert PAIR.conform(once).equals(once, check_metadata=True)
