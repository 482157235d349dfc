import pyarrow as pa
import pytest

from schemas.fields import ATTRIBUTES
from schemas.indicators import INDICATORS, Indicator, design_effect, stated_effects
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
        "attendance_by_category",
        "attendance_by_origin",
        "dwell",
        "dwell_by_arrival",
        "nights",
        "flows",
        "transit",
    ]


@EACH
def test_a_question_has_the_apostrophes_of_print(indicator: Indicator) -> None:
    assert "'" not in indicator.question_fr + indicator.question_en


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
def test_every_attribute_has_a_closed_list_or_names_zones(indicator: Indicator) -> None:
    assert all(ATTRIBUTES[name].values or ATTRIBUTES[name].names_zones for name in indicator.attributes)


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
def test_what_splits_nothing_is_the_figure_that_its_population_is_named_after(indicator: Indicator) -> None:
    assert (indicator.splits == "") == (indicator.name == indicator.population)


@EACH
def test_a_split_has_the_population_and_the_attributes_of_what_it_splits(indicator: Indicator) -> None:
    if indicator.splits:
        above = INDICATORS[indicator.splits]
        assert above.population == indicator.population
        assert indicator.attributes[: len(above.attributes)] == above.attributes
        assert indicator.partial or len(indicator.attributes) == len(above.attributes) + 1


def test_every_design_effect_is_stated() -> None:
    stated = stated_effects()
    assert set(stated) == set(INDICATORS)
    for name, indicator in INDICATORS.items():
        assert stated[name] == {kind: design_effect(indicator, kind) for kind in ("zone", "hexagons")}
        assert all(0 < effect <= 1.3 for effect in stated[name].values())
