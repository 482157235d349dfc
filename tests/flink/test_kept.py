"""What a cluster keeps for tasks: it comes back as it was, also in a version whose tables have other columns."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.flink import kept as module
from pipelines.flink.exchange import Announced, Found, ReadDay, ReaderReceipt, ShardReceipt
from pipelines.flink.kept import kept_table, read, written
from pipelines.flink.shards import ShardDay
from pipelines.ingest import ClosedDays
from pipelines.ipc import packed
from pipelines.state import Accounting, Partition
from schemas.errors import SystemFailure
from schemas.fields import Field
from schemas.tables import HEARD, OPEN_STAY, PRESENCE_COUNT, PROBE, STAY, Sensitivity, Table
from tests.tables import table

I64 = pa.int64()
TABLES = (PROBE, OPEN_STAY, STAY, PRESENCE_COUNT, HEARD)


def column_of(field_of: Field, rng: np.random.Generator, rows: int) -> pa.Array:
    """Values of a column, over all that its type holds; some null where it may be."""
    kind = field_of.type
    mask = rng.random(rows) < 0.3 if field_of.nullable else None
    if pa.types.is_timestamp(kind):
        return pa.array(rng.integers(0, 2**51, rows), mask=mask).cast(pa.int64()).view(kind)
    if pa.types.is_boolean(kind):
        return pa.array(rng.random(rows) < 0.5, mask=mask)
    if pa.types.is_floating(kind):
        return pa.array(rng.random(rows), kind, mask=mask)
    assert pa.types.is_integer(kind), kind
    limits = np.iinfo(kind.to_pandas_dtype())
    values = rng.integers(limits.min, limits.max, rows, dtype=limits.dtype, endpoint=True)
    return pa.array(values, kind, mask=mask)


def rows_of(declared: Table, rows: int, seed: int = 1) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table([column_of(each, rng, rows) for each in declared.fields], schema=declared.schema)


def declared(*fields: Field) -> Table:
    return Table("stay", "A version of a table.", fields, Sensitivity.COUNTED)


def integer(name: str, *, nullable: bool = False, kind: pa.DataType = I64) -> Field:
    return Field(name, kind, "a column", nullable=nullable)


@pytest.mark.parametrize("of", TABLES, ids=[of.name for of in TABLES])
@given(rows=st.integers(0, 40), seed=st.integers(0, 99))
def test_rows_come_back_as_they_were(of: Table, rows: int, seed: int) -> None:
    some = rows_of(of, rows, seed)
    found = kept_table(packed(some), of)
    assert found.equals(some)
    assert found.schema.equals(of.schema)


@pytest.mark.parametrize("of", TABLES, ids=[of.name for of in TABLES])
def test_rows_in_many_pieces_come_back_in_their_order(of: Table) -> None:
    some = rows_of(of, 9)
    pieces = pa.concat_tables([some.slice(0, 4), some.slice(4, 0), some.slice(4)])
    assert kept_table(packed(pieces), of).equals(some)


OLD = declared(integer("a"), integer("b"))


def test_a_column_that_is_new_has_the_value_that_is_told_for_rows_kept_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ADDED", {("stay", "c"): 7})
    new = declared(integer("a"), integer("c", kind=pa.int16()), integer("b"))
    found = kept_table(packed(OLD.conform(table("a b\n1 2\n3 4"))), new)
    assert found.schema.equals(new.schema)
    assert found.to_pylist() == [{"a": 1, "c": 7, "b": 2}, {"a": 3, "c": 7, "b": 4}]


def test_a_value_is_told_for_the_column_of_one_table_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ADDED", {("probe", "c"): 7})
    with pytest.raises(SystemFailure):
        kept_table(packed(OLD.empty()), declared(integer("a"), integer("b"), integer("c")))


def test_a_column_that_is_new_and_may_be_null_is_null_in_rows_kept_before() -> None:
    new = declared(integer("a"), integer("b"), integer("c", nullable=True))
    found = kept_table(packed(OLD.conform(table("a b\n1 2"))), new)
    assert found.schema.equals(new.schema)
    assert found.to_pylist() == [{"a": 1, "b": 2, "c": None}]


def test_a_column_that_is_gone_is_left_out() -> None:
    found = kept_table(packed(OLD.conform(table("a b\n1 2"))), declared(integer("b")))
    assert found.to_pylist() == [{"b": 2}]


def test_a_column_that_is_wider_now_has_the_same_numbers() -> None:
    narrow = declared(integer("a", kind=pa.int16()))
    found = kept_table(packed(narrow.conform(table("a\n-3"))), declared(integer("a")))
    assert found.schema.equals(declared(integer("a")).schema)
    assert found.to_pylist() == [{"a": -3}]


@pytest.mark.parametrize("rows", ["a b", "a b\n1 2"])
def test_rows_without_a_way_to_the_columns_of_now_end_the_job_and_tell_which(rows: str) -> None:
    kept = packed(OLD.conform(table(rows, types={"a": pa.int64(), "b": pa.int64()})))
    with pytest.raises(SystemFailure) as raised:
        kept_table(kept, declared(integer("a"), integer("b"), integer("c")))
    assert raised.value.message == "state of stay: expected a column c, got rows of a version without it"
    assert "restore its savepoint" in raised.value.hint


@pytest.mark.parametrize(
    ("rows", "now"),
    [
        ("a\n70000", declared(integer("a", kind=pa.int16()))),
        ("a\n1\n-", declared(integer("a"))),
    ],
    ids=["narrower", "null no more"],
)
def test_rows_that_do_not_fit_the_columns_of_now_end_the_job(rows: str, now: Table) -> None:
    kept = packed(declared(integer("a", nullable=True)).conform(table(rows)))
    with pytest.raises(SystemFailure, match="state of stay: expected rows that fit its columns, got those of another"):
        kept_table(kept, now)


# Numbers


@pytest.mark.parametrize(
    "value",
    [
        ShardDay(),
        ShardDay(1_440, 96, Found(5, 2, 1)),
        ShardDay(1_440, 96, Found(5, 2, 1), ShardReceipt(3, Found(5, 2, 1), 1 << 60)),
        Announced(ClosedDays(frozenset({"2026-06-10"}), "2026-06-09"), ClosedDays(frozenset(), "2026-06-09"), 7),
        ReaderReceipt(
            Accounting(9, 6, 1, 1, {"malformed row": 1}),
            {"t/0": Partition(1 << 60, 1 << 40, 2)},
            {"2026-06-10": ReadDay(3, 6, "terms"), "2026-06-11": ReadDay(0, 1)},
            {"t": "id"},
            {"t/0": "ab" * 32},
            -1,
            3,
            4,
            5,
        ),
    ],
)
def test_numbers_come_back_as_they_were(value: object) -> None:
    assert read(written(value), type(value)) == value


def test_numbers_that_a_version_before_did_not_have_take_their_default() -> None:
    assert read(b'{"bucket": 5}', ShardDay) == ShardDay(5)
    assert read(b'{"bucket": 5, "found": {"taken": 3}}', ShardDay) == ShardDay(5, found=Found(3))
    receipt = read(b'{"accounting": {}, "partitions": {}, "days": {}, "topics": {}}', ReaderReceipt)
    assert receipt == ReaderReceipt(Accounting(), {}, {}, {})


@dataclass(frozen=True)
class Later:
    bucket: int = 0
    begun: date = date(2026, 6, 10)
    parts: tuple[int, ...] = (1, 2)
    known: dict[str, datetime] = field(default_factory=lambda: {"a": datetime(2026, 6, 10, tzinfo=UTC)})


def test_numbers_of_now_are_read_by_a_version_that_has_more_and_by_one_that_has_fewer() -> None:
    assert read(written(ShardDay(5, 2)), Later) == Later(5)
    assert read(written(Later(5)), ShardDay) == ShardDay(5)
