import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.conform import conform
from schemas.vocabulary import EVENT_TYPES

TIME = "2026-06-21T12:00:00Z"


def table(**columns: object) -> pa.Table:
    """One row for each value of the longest column; the columns that are not given are good."""
    given_columns = {name: pa.array(values) if isinstance(values, list) else values for name, values in columns.items()}
    rows = max((len(values) for values in given_columns.values()), default=1)
    good = {"event_time": [TIME] * rows, "subscriber_id": ["s"] * rows, "cell_id": ["c"] * rows}
    return pa.table(good | given_columns)


def rejected(**columns: object) -> dict[str, list[int]]:
    return {reason: rows.tolist() for reason, rows in conform(table(**columns)).rejected.items()}


def column(name: str, **columns: object) -> list[object]:
    conformed = conform(table(**columns))
    assert conformed.rejected == {}
    return conformed.events.column(name).to_pylist()


def test_events_have_one_form() -> None:
    conformed = conform(table(event_type=["call"], home_mcc=[208]))
    assert conformed.events.schema == pa.schema(
        {
            "event_time": pa.timestamp("us", "UTC"),
            "subscriber_id": pa.string(),
            "cell_id": pa.dictionary(pa.int32(), pa.string()),
            "event_type": pa.int8(),
            "home_mcc": pa.int16(),
        }
    )
    assert conformed.events.column("event_type").to_pylist() == [1 + EVENT_TYPES.index("call")]


def test_a_row_is_rejected_for_the_first_of_its_faults() -> None:
    faults = {
        "event_time": [None, "?", TIME, TIME, TIME, TIME],
        "subscriber_id": [None, None, None, "s", "s", "s"],
        "cell_id": [None, None, None, None, "c", "c"],
        "event_type": ["x", "x", "x", "x", "x", "call"],
    }
    conformed = conform(table(**faults))
    assert {reason: rows.tolist() for reason, rows in conformed.rejected.items()} == {
        "missing event_time": [0],
        "unreadable event_time": [1],
        "missing subscriber_id": [2],
        "missing cell_id": [3],
        "unknown event_type": [4],
    }
    assert conformed.row.tolist() == [5]
    assert conformed.events.num_rows == 1


@given(
    st.lists(
        st.tuples(
            *[
                st.sampled_from(values)
                for values in (
                    (TIME, "", None, "?", "1999-12-31"),
                    ("s", " ", None),
                    ("c", "", None),
                    ("sms", "", None, "fax"),
                )
            ]
        ),
        max_size=30,
    )
)
def test_every_row_is_an_event_or_rejected_once(rows: list[tuple[str | None, ...]]) -> None:
    names = ("event_time", "subscriber_id", "cell_id", "event_type")
    conformed = conform(pa.table([pa.array([row[i] for row in rows], pa.string()) for i in range(4)], names=names))
    counted = np.concatenate([conformed.row, *conformed.rejected.values()])
    assert sorted(counted.tolist()) == list(range(len(rows)))
    assert conformed.events.num_rows == len(conformed.row)
    assert all(events.null_count == 0 for events in conformed.events.columns)


@pytest.mark.parametrize(
    ("time", "good"),
    [
        ("1999-12-31T23:59:59.999999Z", False),
        ("2000-01-01T00:00:00Z", True),
        ("2000-01-01T00:00:00.000001Z", True),
        ("2100-12-31T23:59:59.999999Z", True),
        ("2101-01-01T00:00:00Z", False),
        ("2101-01-01T01:00:00+02:00", True),
    ],
)
def test_times_are_in_the_years_2000_to_2100(time: str, good: bool) -> None:
    assert rejected(event_time=[time]) == ({} if good else {"unreadable event_time": [0]})


def test_identifiers_are_trimmed_and_blank_ones_missing() -> None:
    assert column("subscriber_id", subscriber_id=[" a", "b\t", "\u00a0c", "é", "007"]) == ["a", "b", "c", "é", "007"]
    assert column("cell_id", cell_id=[" a", "a", "b "]) == ["a", "a", "b"]
    assert rejected(subscriber_id=["", " ", "\u3000", None, "a"]) == {"missing subscriber_id": [0, 1, 2, 3]}
    assert rejected(cell_id=["a", "", " ", None]) == {"missing cell_id": [1, 2, 3]}


@pytest.mark.parametrize(
    "values",
    [
        pa.array([12, 7], pa.int64()),
        pa.array([12.0, 7.0]),
        pa.array(["12", "7"], pa.large_string()),
        pa.array(["12", "7"]).dictionary_encode(),
        pa.array([" 12", "7"]).dictionary_encode(),
        pa.chunked_array([pa.array(["12"]).dictionary_encode(), pa.array(["7"]).dictionary_encode()]),
        pa.array([12, 7]).dictionary_encode(),
        pa.chunked_array([["12"], ["7"]]),
        pa.array(["x", "12", "7"]).slice(1),
    ],
)
def test_identifiers_of_any_storage_are_text(values: pa.Array) -> None:
    assert column("subscriber_id", subscriber_id=values) == ["12", "7"]
    assert column("cell_id", cell_id=values) == ["12", "7"]


def test_a_dictionary_with_a_null_value_has_a_missing_row() -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array([None, "a"]))
    assert rejected(subscriber_id=values) == {"missing subscriber_id": [0, 2]}
    assert rejected(cell_id=values) == {"missing cell_id": [0, 2]}


def test_event_types_are_of_the_closed_list_in_any_case() -> None:
    assert column("event_type", event_type=list(EVENT_TYPES)) == [1, 2, 3, 4, 5, 6, 7]
    assert column("event_type", event_type=[" CALL ", "Sms", "", " ", None]) == [5, 6, 0, 0, 0]
    assert column("event_type") == [0]
    assert column("event_type", event_type=pa.nulls(2)) == [0, 0]
    assert rejected(event_type=["call", "fax", "5"]) == {"unknown event_type": [1, 2]}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [("199", 0), ("200", 200), ("208", 208), ("799", 799), ("800", 0), (" 208 ", 208)]
    + [(text, 0) for text in ("", "20", "2080", "0208", "-208", "2o8", "208.0", "２０８")],
)
def test_a_stated_home_mcc_has_three_digits_from_200_to_799(stated: str, expected: int) -> None:
    assert column("home_mcc", home_mcc=[stated]) == [expected]


def test_a_stated_home_mcc_may_be_a_number() -> None:
    expected = [0, 208, 0, 0]
    for kind in (pa.int32(), pa.int64(), pa.float64()):
        assert column("home_mcc", home_mcc=pa.array([199, 208, 2080, None], kind)) == expected
    assert column("home_mcc", home_mcc=pa.array([208.5, 208.0, float("nan")])) == [0, 208, 0]


@pytest.mark.parametrize(
    ("subscriber", "expected"),
    [
        ("199010000000001", 0),
        ("200010000000001", 200),
        ("208010000000001", 208),
        ("799010000000001", 799),
        ("800010000000001", 0),
        ("20801000000000", 0),
        ("2080100000000010", 0),
        ("20801000000000a", 0),
        (" 208010000000001 ", 208),
    ],
)
def test_an_identifier_of_15_digits_tells_the_home_mcc(subscriber: str, expected: int) -> None:
    for beside in ([], ["s"], ["234010000000001"], ["é"]):
        subscribers = [*beside, subscriber]
        assert column("home_mcc", subscriber_id=subscribers)[-1] == expected
        stated = [None] * len(beside)
        assert column("home_mcc", subscriber_id=subscribers, home_mcc=[*stated, "999"])[-1] == expected
        assert column("home_mcc", subscriber_id=subscribers, home_mcc=[*stated, "214"])[-1] == 214


def test_identifiers_of_15_digits_may_be_numbers() -> None:
    assert column("home_mcc", subscriber_id=[208010000000001, 7]) == [208, 0]


def test_a_selection_keeps_the_rows_of_the_input() -> None:
    conformed = conform(table(subscriber_id=["a", None, "b", "c"]))
    chosen = conformed.select(np.array([False, True, True]))
    assert chosen.row.tolist() == [2, 3]
    assert chosen.events.column("subscriber_id").to_pylist() == ["b", "c"]
    assert chosen.rejected == {}


def test_no_rows_make_no_events() -> None:
    conformed = conform(table(subscriber_id=pa.array([], pa.string())))
    assert (conformed.events.num_rows, len(conformed.row), conformed.rejected) == (0, 0, {})
