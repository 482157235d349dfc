import pyarrow as pa
import pytest

from schemas.fields import ATTRIBUTES
from schemas.indicators import INDICATORS, Indicator
from schemas.tables import Sensitivity

EACH = pytest.mark.parametrize("indicator", INDICATORS.values(), ids=list(INDICATORS))
BEFORE = ("window_start", "window_end", "zone_id", "cells")
AFTER = ("devices", "people", "people_low", "people_high", "additive")


def test_the_indicators_are_those_of_the_design() -> None:
    assert list(INDICATORS) == [
        "presence",
        "presence_by_age",
        "presence_by_spc",
        "attendance",
        "attendance_by_age",
        "attendance_by_spc",
        "dwell",
    ]


@EACH
def test_columns_stand_in_the_public_order(indicator: Indicator) -> None:
    assert indicator.table.names == (*BEFORE, *indicator.attributes, *AFTER)


@EACH
def test_a_released_table_is_public_and_holds_no_null(indicator: Indicator) -> None:
    assert indicator.table.sensitivity is Sensitivity.PUBLIC
    assert not any(field.nullable for field in indicator.table.schema)


@EACH
def test_released_types_are_those_of_the_design(indicator: Indicator) -> None:
    schema = indicator.table.schema
    instant = pa.timestamp("us", tz="UTC")
    assert schema.field("window_start").type == schema.field("window_end").type == instant
    assert schema.field("cells").type == pa.list_(pa.uint64())
    assert all(schema.field(name).type == pa.string() for name in ("zone_id", *indicator.attributes))
    assert [schema.field(name).type for name in AFTER] == [pa.int64(), *[pa.float64()] * 3, pa.bool_()]


@EACH
def test_every_attribute_has_a_closed_list(indicator: Indicator) -> None:
    assert all(ATTRIBUTES[name].values for name in indicator.attributes)


@EACH
def test_every_question_is_asked_in_two_languages(indicator: Indicator) -> None:
    assert indicator.question_en.endswith("?")
    assert indicator.question_fr.endswith(" ?")


@EACH
def test_only_the_presence_of_a_device_adds_up(indicator: Indicator) -> None:
    assert indicator.additive == (indicator.population == "presence")


@EACH
def test_only_age_and_class_are_tested_for_homogeneity(indicator: Indicator) -> None:
    assert indicator.homogeneous == bool({"age_band", "spc"} & set(indicator.attributes))


@EACH
def test_every_split_has_the_plain_count_of_its_population(indicator: Indicator) -> None:
    plain = INDICATORS[indicator.population]
    assert plain.attributes == ()
    assert plain.population == indicator.population
