"""Columns of the subscribers table as codes, and how many of their values could not be used."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.texts import places, words
from schemas.vocabulary import EXCLUDED_LINE_TYPES

_TRUE = ("true", "1", "yes", "oui")
_FALSE = ("false", "0", "no", "non")
# Years before stand for "not known" in many registers.
_FIRST_BIRTH_YEAR, _LAST_BIRTH_YEAR = 1901, 2100
_YEAR = r"^[0-9]{4}$"

I32 = npt.NDArray[np.int32]
I16 = npt.NDArray[np.int16]
I8 = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


def codes(column: pa.ChunkedArray, values: Sequence[str], unknown: int) -> tuple[I8, int]:
    """The place of each value in its closed list; `unknown` for null and for the values outside, which are counted."""
    encoded = words(column)
    known = pc.index_in(encoded.dictionary, pa.array(values))
    outside = known.is_null().to_numpy(zero_copy_only=False)
    found = known.fill_null(unknown).to_numpy(zero_copy_only=False)
    return _spread(encoded, found, unknown).astype(np.int8), _count(encoded, outside)


def birth_years(column: pa.ChunkedArray) -> tuple[I16, int]:
    """The years; 0 for null and for values that are no year of birth, which are counted."""
    encoded = words(column)
    digits = pc.match_substring_regex(encoded.dictionary, _YEAR)
    numbers = pc.if_else(digits, encoded.dictionary, "0").cast(pa.int16())
    years = numbers.fill_null(0).to_numpy(zero_copy_only=False)
    outside = (years < _FIRST_BIRTH_YEAR) | (years > _LAST_BIRTH_YEAR)
    return _spread(encoded, np.where(outside, 0, years), 0).astype(np.int16), _count(encoded, outside)


def truths(column: pa.ChunkedArray) -> tuple[Bools, int]:
    """False for what says no and for null, true for anything else; what says neither yes nor no is counted."""
    encoded = words(column)
    lower = pc.utf8_lower(encoded.dictionary)
    no = pc.is_in(lower, pa.array(_FALSE)).to_numpy(zero_copy_only=False)
    yes = pc.is_in(lower, pa.array(_TRUE)).to_numpy(zero_copy_only=False)
    return _spread(encoded, ~no, False).astype(np.bool_), _count(encoded, ~no & ~yes)


def excluded_line_types(column: pa.ChunkedArray) -> Bools:
    """Whether each line is of a type that stands for no person."""
    encoded = words(column)
    plain = pc.replace_substring_regex(pc.utf8_lower(encoded.dictionary), "[- ]", "_")
    left_out = pc.is_in(plain, pa.array(EXCLUDED_LINE_TYPES)).to_numpy(zero_copy_only=False)
    return _spread(encoded, left_out, False).astype(np.bool_)


def zones(column: pa.ChunkedArray, unknown: int) -> tuple[I32, tuple[str, ...]]:
    """The place of each value among the distinct ones, and these in order; `unknown` for null."""
    encoded = words(column)
    names = sorted(set(encoded.dictionary.drop_null().to_pylist()))
    found = pc.index_in(encoded.dictionary, pa.array(names, pa.string())).fill_null(unknown)
    return _spread(encoded, found.to_numpy(zero_copy_only=False), unknown).astype(np.int32), tuple(names)


def _spread(encoded: pa.DictionaryArray, values: npt.NDArray[np.generic], missing: int) -> npt.NDArray[np.generic]:
    """What each row gets, from what each dictionary value gets; `missing` for null."""
    return np.append(values, values.dtype.type(missing))[places(encoded)]


def _count(encoded: pa.DictionaryArray, chosen: Bools) -> int:
    return int(np.append(chosen, False)[places(encoded)].sum())
