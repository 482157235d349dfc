import pyarrow as pa
import pytest

from schemas import fields

ALL = {name: value for name, value in vars(fields).items() if isinstance(value, fields.Field)}


@pytest.mark.parametrize("field", ALL.values(), ids=list(ALL))
def test_every_column_has_a_meaning_of_one_sentence(field: fields.Field) -> None:
    assert field.meaning[0].isupper() or field.meaning[0].isdigit() or field.meaning.startswith("H3")
    assert field.meaning.endswith(".")
    assert ". " not in field.meaning


@pytest.mark.parametrize("field", ALL.values(), ids=list(ALL))
def test_every_instant_is_utc_in_microseconds(field: fields.Field) -> None:
    if pa.types.is_timestamp(field.type):
        assert field.type == pa.timestamp("us", tz="UTC")


def test_no_column_is_declared_twice() -> None:
    declared = [(field.name, str(field.type), field.meaning) for field in ALL.values()]
    assert len(set(declared)) == len(declared)


def test_the_arrow_field_carries_meaning_and_unit() -> None:
    assert fields.RANGE.arrow.metadata == {b"meaning": b"Distance at which the footprint ends.", b"unit": b"metres"}
    assert fields.RANGE.arrow.nullable


def test_a_column_without_unit_states_none() -> None:
    assert b"unit" not in fields.CELL_ID.arrow.metadata


def test_an_optional_column_differs_in_nothing_else() -> None:
    optional = fields.AGE_BAND.optional()
    assert (optional.nullable, fields.AGE_BAND.nullable) == (True, False)
    assert (optional.name, optional.type, optional.values) == ("age_band", pa.string(), fields.AGE_BAND.values)
