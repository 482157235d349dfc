from collections.abc import Callable
from dataclasses import replace
from datetime import date

import h3
import numpy as np
import pyarrow as pa
import pytest

from anonymization.checks.lattice import problems
from anonymization.checks.terms import Terms
from anonymization.dp import BoundedCounts, Printing, protect_lattice
from anonymization.guarantee import Guarantee, guarantee
from anonymization.lattice import lattice_of
from schemas.configuration import DifferentialPrivacy
from schemas.indicators import INDICATORS, stated_effects
from tests.anonymization.territories import SEVENS, build, zone

AREA = build(SEVENS[:2], zone("A", SEVENS[:1]), zone("B", SEVENS[1:2]))
LATTICE = lattice_of(AREA, 8)
PROMISE = guarantee(DifferentialPrivacy(epsilon=2.0, budget_epsilon=80.0), 96, 2)
SLOT = 900_000_000
TERMS = Terms(
    day=date(1970, 1, 1),
    k=20,
    max_share=0.8,
    rounding=5,
    slot=SLOT,
    start=0,
    end=96 * SLOT,
    zones_sha256="",
    test=False,
    confidence=0.95,
    effects=stated_effects(),
)
TABLES = protect_lattice(
    BoundedCounts(np.full((LATTICE.cells.size, 96), 100), np.full(2, 500)),
    np.arange(97, dtype=np.int64) * SLOT,
    LATTICE,
    PROMISE,
    Printing(20, 5, 3.0, 0.95),
)


def found(
    name: str, table: pa.Table, *, factor: float = 3.0, promise: Guarantee = PROMISE, terms: Terms = TERMS
) -> list[str]:
    return list(problems(INDICATORS[name], table, name, promise, factor, terms))


def with_value(table: pa.Table, name: str, value: object) -> pa.Table:
    """The table with another value in its first row."""
    values = [value, *table[name].to_pylist()[1:]]
    place = table.column_names.index(name)
    return table.set_column(place, table.schema.field(name), pa.array(values, table.schema.field(name).type))


@pytest.mark.parametrize("name", ["presence", "attendance"])
def test_what_is_released_passes(name: str) -> None:
    assert TABLES[name].num_rows
    assert found(name, TABLES[name]) == []
    assert found(name, TABLES[name].slice(0, 0)) == []


FINER = h3.str_to_int(h3.cell_to_children(h3.int_to_str(int(LATTICE.cells[0])), 9)[0])


@pytest.mark.parametrize(
    ("name", "column", "value", "sentence"),
    [
        ("presence", "cells", [FINER], "no place of the lattice"),
        ("presence", "cells", LATTICE.cells[:2].tolist(), "no place of the lattice"),
        ("presence", "zone_id", "A", "no place of the lattice"),
        ("attendance", "zone_id", "A|B", "no place of the lattice"),
        ("attendance", "zone_id", "territory", "no place of the lattice"),
        ("attendance", "zone_id", "rest", "no place of the lattice"),
        ("presence", "devices", 110, "figures below"),
        ("attendance", "devices", 20, "figures below"),
        ("presence", "people", 10.0, "people that are not devices by the factor"),
        ("presence", "people_low", 0.0, "intervals that do not follow"),
        ("attendance", "people_high", 9990.0, "intervals that do not follow"),
    ],
)
def test_a_row_that_does_not_follow_is_found(name: str, column: str, value: object, sentence: str) -> None:
    assert any(sentence in problem for problem in found(name, with_value(TABLES[name], column, value)))


@pytest.mark.parametrize(
    "change",
    [
        lambda table: found("presence", table, factor=3.1),
        lambda table: found("presence", table, promise=replace(PROMISE, sigma=20.0)),
        lambda table: found("presence", table, promise=replace(PROMISE, slots_kept=12)),
        lambda table: found("presence", table, promise=replace(PROMISE, resolution=7)),
        lambda table: found("presence", table, terms=replace(TERMS, confidence=0.9)),
        lambda table: found("presence", table, terms=replace(TERMS, rounding=10)),
    ],
)
def test_other_stated_numbers_do_not_fit_what_is_printed(change: Callable[[pa.Table], list[str]]) -> None:
    assert change(TABLES["presence"]) != []
