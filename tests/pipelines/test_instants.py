from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import instants as module
from pipelines.instants import instants
from pipelines.texts import trimmed

NOON = 1_782_043_200_000_000  # 2026-06-21T12:00:00Z


def us(column: pa.Array) -> list[int | None]:
    """Microseconds, None where missing; an unreadable value is -1."""
    found = instants(column)
    assert not (found.missing & found.unreadable).any()
    assert not found.microseconds[found.missing | found.unreadable].any()
    return [
        None if missing else -1 if unreadable else int(value)
        for value, missing, unreadable in zip(found.microseconds, found.missing, found.unreadable, strict=True)
    ]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Paris"])
def test_timestamps_of_any_unit_and_zone_are_instants(unit: str, zone: str | None) -> None:
    moment = pa.array([datetime(2026, 6, 21, 12, tzinfo=UTC), None], pa.timestamp("us", "UTC"))
    assert us(moment.cast(pa.timestamp(unit, zone or "UTC")).cast(pa.timestamp(unit, zone or "UTC"))) == [NOON, None]
    naive = pa.array([datetime(2026, 6, 21, 12), None], pa.timestamp(unit))
    assert us(naive) == [NOON, None]


def test_a_timestamp_that_microseconds_cannot_hold_is_unreadable() -> None:
    assert us(pa.array([2**62, 0], pa.int64()).cast(pa.timestamp("s"))) == [-1, 0]


def test_nanoseconds_are_cut_off() -> None:
    assert us(pa.array([1_999, 1_000, 999], pa.int64()).cast(pa.timestamp("ns"))) == [1, 1, 0]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1_782_043_200_000, None]),
        pa.array([1_782_043_200_000, None], pa.uint64()),
        pa.array([1_782_043_200_000.0, None]),
        pa.array([1_782_043_200_000.0, float("nan")]),
        pa.array([Decimal("1782043200000"), None]),
        pa.array(["1782043200000", None]),
        pa.array([" 1782043200000", " "]),
        pa.array(["2026-06-21T12:00:00Z", None]).dictionary_encode(),
        pa.array(["2026-06-21T12:00:00Z", ""]).dictionary_encode(),
        pa.array(["2026-06-21T12:00:00Z", ""], pa.large_string()),
        pa.chunked_array([["2026-06-21T12:00:00Z"], [None]]),
    ],
)
def test_numbers_digits_and_text_are_instants_in_every_storage(column: pa.Array) -> None:
    assert us(column) == [NOON, None]


def test_dates_are_their_midnight_in_utc() -> None:
    assert us(pa.array([date(1970, 1, 2)])) == [86_400_000_000]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-21", NOON - 12 * 3_600_000_000),
        ("2026-06-21 12:00", NOON),
        ("2026-06-21T12:00:00", NOON),
        ("2026-06-21 12:00:00Z", NOON),
        ("2026-06-21T12:00:00 +00:00", NOON),
        ("2026-06-21T14:00:00+02:00", NOON),
        ("2026-06-21T14:00:00+0200", NOON),
        ("2026-06-21T14:00:00+02", NOON),
        ("2026-06-21T09:30-02:30", NOON),
        ("20260621T120000Z", NOON),
        ("2026-06-21T12:00:00.5", NOON + 500_000),
        ("2026-06-21T12:00:00.123456Z", NOON + 123_456),
        ("2026-06-21T12:00:00.123456999Z", NOON + 123_456),
        ("  2026-06-21T12:00:00Z ", NOON),
        ("1782043200000", NOON),
        ("0", 0),
        ("253402300799999", 253_402_300_799_999_000),
        ("253402300800000", -1),
        ("20260621", 20_260_621_000),
        ("", None),
        ("\u00a0", None),
        ("now", -1),
        ("today", -1),
        ("NaT", -1),
        ("noon", -1),
        ("2026", 2_026_000),
        ("2026-06", -1),
        ("2026-6-21", -1),
        ("2026-13-21", -1),
        ("2026-02-30T00:00:00Z", -1),
        ("2026-06-21T24:00:00", -1),
        ("2026-06-21T12:00:60", -1),
        ("21/06/2026", -1),
        ("0x18C", -1),
        ("-1782043200000", -1),
        ("1.782e12", -1),
    ],
)
def test_a_text_is_judged_by_itself_whatever_stands_beside_it(text: str, expected: int | None) -> None:
    for beside in ([], ["2026-06-21T12:00:00Z"], ["2026-06-21 12:00"], ["1782043200000"], ["nothing"], [None]):
        assert us(pa.array([text, *beside], pa.string()))[0] == expected
        assert us(pa.array([*beside, text], pa.string()))[-1] == expected


MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
OFFSETS = st.none() | st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))


@given(st.lists(st.tuples(MOMENTS, OFFSETS, st.sampled_from(["T", " "])), min_size=1, max_size=20))
def test_the_fast_and_the_slow_reader_agree(moments: list[tuple[datetime, timezone | None, str]]) -> None:
    texts = [moment.replace(tzinfo=zone).isoformat(separator) for moment, zone, separator in moments]
    expected = [
        (moment.replace(tzinfo=zone or UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        for moment, zone, _ in moments
    ]
    for text, value in zip(texts, expected, strict=True):
        assert us(pa.array([text])) == [value]
    slow = module._one_by_one(trimmed(pa.array([*texts, "2026-06-21T12:00:00.1234567Z", "?"])))
    assert slow.microseconds.tolist() == [*expected, NOON + 123_456, 0]
    assert us(pa.array(texts)) == expected


@given(st.lists(st.text("0123456789-:.TZ+ x", max_size=30), max_size=8))
def test_any_text_is_judged_alone_as_it_is_in_company(texts: list[str]) -> None:
    alone = [us(pa.array([text]))[0] for text in texts]
    assert us(pa.array(texts, pa.string())) == alone


def test_a_type_that_holds_no_time_is_unreadable() -> None:
    assert us(pa.array([True, None])) == [-1, None]
    assert us(pa.array([[1], None])) == [-1, None]
    assert us(pa.nulls(2)) == [None, None]
    assert us(pa.array([], pa.string())) == []
    assert us(pa.chunked_array([], pa.string())) == []


def test_one_bad_text_costs_only_its_own_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE_ROWS", 10)
    texts = np.datetime_as_string(np.arange(100).astype("datetime64[s]"), timezone="UTC").astype(object)
    texts[[0, 35, 99]] = "?"
    found = instants(pa.array(texts, pa.string()))
    assert np.flatnonzero(found.unreadable).tolist() == [0, 35, 99]
    good = ~found.unreadable
    assert (found.microseconds[good] == np.arange(100)[good] * 1_000_000).all()
