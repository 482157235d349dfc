"""Columns of times, whatever type they come in, as microseconds since the epoch in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.texts import combined, nulls, string_buffers, trimmed, value_type

# The years 1 to 9999: what a time in ISO 8601 can say.
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
_MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_MICROSECONDS_OF_DAY = 86_400_000_000
_NAIVE, _ZONED = pa.timestamp("us"), pa.timestamp("us", "UTC")
# A value that only the slow reader can read takes no more rows than these along with it.
_PIECE_ROWS = 65_536
_MOST_DIGITS = 15
_ISO_8601 = (
    r"^\d{4}-?\d{2}-?\d{2}"
    r"([T ]\d{2}(:?\d{2}(:?\d{2}(\.\d+)?)?)? ?(Z|[+-]\d{2}(:?\d{2})?)?)?$"
)
_WITH_OFFSET = r"[T ].*(Z|[+-]\d{2}:?(\d{2})?)$"
_ZERO, _NINE = 0x30, 0x39
_KINDS_OF_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_KINDS_OF_NUMBERS = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal128, pa.types.is_decimal256)
_KINDS_OF_TIMES = (*_KINDS_OF_TEXT, *_KINDS_OF_NUMBERS, pa.types.is_date, pa.types.is_timestamp)

I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Instants:
    """Times in microseconds since the epoch; 0 where the value is missing or unreadable."""

    microseconds: I64
    missing: Bools
    unreadable: Bools


def instants(column: pa.ChunkedArray | pa.Array) -> Instants:
    """Read timestamps of any unit, ISO 8601 text, and epoch milliseconds as numbers or digits; naive means UTC.

    Fractions of a microsecond are cut off. Null, NaN and blank text are missing; what is none of these is unreadable.
    """
    if not any(test(value_type(column)) for test in _KINDS_OF_TIMES):
        return Instants(np.zeros(len(column), np.int64), nulls(column), ~nulls(column))
    array = combined(column)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _taken(instants(array.dictionary), array.indices)
    if pa.types.is_date32(kind):
        return _scaled(_integers(array.cast(pa.int32())), _MICROSECONDS_OF_DAY, nulls(array))
    if pa.types.is_date64(kind):
        return _milliseconds(array)
    if pa.types.is_timestamp(kind):
        return _timestamps(array)
    if pa.types.is_signed_integer(kind):
        return _milliseconds(array)
    if any(test(kind) for test in _KINDS_OF_TEXT):
        return _texts(array.cast(pa.string()))
    # Unsafe: what a float does not hold to the last digit is no time either.
    return _floats(array.cast(pa.float64(), safe=False))


def _timestamps(array: pa.Array) -> Instants:
    values = _integers(array)
    if array.type.unit == "ns":
        return _scaled(values // 1_000, 1, nulls(array))
    return _scaled(values, _MICROSECONDS[array.type.unit], nulls(array))


def _floats(array: pa.Array) -> Instants:
    """Whole floats are milliseconds; 53 bits hold each of them up to the year 9999."""
    values = array.fill_null(np.nan).to_numpy(zero_copy_only=False)
    whole = np.isfinite(values) & (np.abs(values) < 2.0**53) & (values == np.floor(values))
    numbers = np.where(whole, values, 0).astype(np.int64)
    return _scaled(numbers, _MICROSECONDS["ms"], np.isnan(values), ~whole)


def _scaled(values: I64, factor: int, missing: Bools, unreadable: Bools | None = None) -> Instants:
    inside = (values >= -(-_EARLIEST // factor)) & (values <= _LATEST // factor)
    if unreadable is not None:
        inside &= ~unreadable
    readable = inside & ~missing
    if readable.all():
        return Instants(values * factor, missing, missing)
    return Instants(np.where(readable, values, 0) * factor, missing, ~readable & ~missing)


def _texts(array: pa.Array) -> Instants:
    pieces = [_piece(array.slice(start, _PIECE_ROWS)) for start in range(0, max(len(array), 1), _PIECE_ROWS)]
    return Instants(
        np.concatenate([piece.microseconds for piece in pieces]),
        np.concatenate([piece.missing for piece in pieces]),
        np.concatenate([piece.unreadable for piece in pieces]),
    )


def _piece(array: pa.Array) -> Instants:
    """All values at once where Arrow can read them in the way of the first, else one by one, which agrees."""
    valid = array.drop_null()
    first = str(valid[0]) if len(valid) else ""
    if first.isdecimal():
        return _milliseconds(array) if _all_digits(array) else _one_by_one(trimmed(array))
    return _by_arrow(array, first) or _one_by_one(trimmed(array))


def _by_arrow(array: pa.Array, first: str) -> Instants | None:
    # One try only: Arrow takes twenty times as long to fail on a value as to read it.
    try:
        return _timestamps(array.cast(_ZONED if re.search(_WITH_OFFSET, first) else _NAIVE))
    except pa.ArrowInvalid:
        return None


def _one_by_one(array: pa.Array) -> Instants:
    """Digits are milliseconds; pandas reads every form of ISO 8601 that Arrow reads, and more."""
    values = np.zeros(len(array), np.int64)
    unreadable = ~nulls(array)
    short = pc.less_equal(pc.binary_length(array), _MOST_DIGITS)
    for shape, read in (
        (pc.and_(pc.ascii_is_decimal(array), short), _milliseconds),
        (pc.match_substring_regex(array, _ISO_8601), _iso_8601),
    ):
        chosen = np.flatnonzero(shape.fill_null(False).to_numpy(zero_copy_only=False) & unreadable)
        found = read(array.take(pa.array(chosen)))
        values[chosen], unreadable[chosen] = found.microseconds, found.unreadable
    return Instants(values, nulls(array), unreadable)


def _milliseconds(array: pa.Array) -> Instants:
    return _scaled(_integers(array.cast(pa.int64())), _MICROSECONDS["ms"], nulls(array))


def _iso_8601(array: pa.Array) -> Instants:
    by_arrow = _by_arrow(array, str(array[0])) if len(array) else None
    if by_arrow is not None:
        return by_arrow
    # In nanoseconds pandas would only reach from 1677 to 2262.
    texts = pc.replace_substring_regex(array, r"(\.[0-9]{6})[0-9]+", r"\1").to_pandas()
    parsed = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").dt.as_unit("us")
    values = parsed.astype("int64").to_numpy()
    return _scaled(values, 1, np.zeros(len(array), np.bool_), parsed.isna().to_numpy())


def _all_digits(array: pa.Array) -> bool:
    """Whether Arrow may read the values as decimal numbers, which it would also do for hexadecimal ones."""
    offsets, data = string_buffers(array)
    used, lengths = data[offsets[0] : offsets[-1]], np.diff(offsets)
    if int((lengths == 0).sum()) > array.null_count or lengths.max(initial=0) > _MOST_DIGITS:
        return False
    return bool(used.min(initial=_NINE) >= _ZERO and used.max(initial=_ZERO) <= _NINE)


def _taken(found: Instants, indices: pa.Array) -> Instants:
    """The times of dictionary values, spread over the rows."""
    missing = nulls(indices)
    if not len(found.missing):
        return Instants(np.zeros(len(indices), np.int64), missing, ~missing)
    places = indices.fill_null(0).to_numpy(zero_copy_only=False)
    return Instants(
        np.where(missing, 0, found.microseconds[places]),
        missing | found.missing[places],
        ~missing & found.unreadable[places],
    )


def _integers(array: pa.Array) -> I64:
    """The 64-bit numbers of integers or timestamps, 0 for null."""
    numbers = array.cast(pa.int64())
    return np.asarray(numbers.fill_null(0).to_numpy(zero_copy_only=False))


def iso_utc(instant: int) -> str:
    """A time in microseconds as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(int(instant) // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
