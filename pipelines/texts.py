"""Columns of identifiers and words, whatever type they come in, as trimmed text."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BLANK_END, _ASCII_END = 0x21, 0x80
_NO_TEXT = pa.scalar(None, pa.string())
# A closed list: of the types that Arrow adds from time to time, its functions take some and not others.
_TYPES_WITH_TEXT = (
    *(pa.string(), pa.large_string(), pa.string_view()),
    *(pa.binary(), pa.large_binary(), pa.binary_view()),
    *(pa.float32(), pa.float64(), pa.bool_()),
)
_PLAIN_TYPES = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}
_KINDS_WITH_TEXT = (
    *(pa.types.is_integer, pa.types.is_decimal128, pa.types.is_decimal256),
    *(pa.types.is_fixed_size_binary, pa.types.is_date, pa.types.is_timestamp),
)

Bytes = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


def texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as string, without surrounding blanks, empty values null.

    Numbers become decimal digits, whole floats too; a type that has no text becomes null.
    """
    if not _has_text(value_type(column)):
        return pa.nulls(len(column), pa.string())
    return trimmed(_plain(combined(column)))


def words(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    """A column of few distinct values as a dictionary of what `texts` makes of them; every null is in the indices."""
    array = combined(column) if _has_text(value_type(column)) else pa.nulls(len(column), pa.string())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    found = texts(array.dictionary)
    indices = array.indices
    if found.null_count:
        indices = pc.if_else(found.is_valid().take(indices), indices, pa.scalar(None, indices.type))
    return pa.DictionaryArray.from_arrays(indices, found)


def places(encoded: pa.DictionaryArray) -> I32:
    """The place of each row's value in the dictionary: int32[n], the length of the dictionary for null."""
    indices = encoded.indices.cast(pa.int32()).fill_null(len(encoded.dictionary))
    return np.asarray(indices.to_numpy(zero_copy_only=False))


def trimmed(array: pa.Array) -> pa.Array:
    """A string array without surrounding blanks, empty values null."""
    if _may_have_blanks(array):
        array = pc.utf8_trim_whitespace(array)
    offsets, _ = string_buffers(array)
    empty = np.diff(offsets) == 0
    # A null has no bytes either, so that more empty slots than nulls are empty strings.
    if int(empty.sum()) > array.null_count:
        array = pc.if_else(pa.array(empty), _NO_TEXT, array)
    return array


def combined(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece, its dictionaries united."""
    if isinstance(column, pa.Array):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    try:
        return column.unify_dictionaries().combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        # Arrow does not unite dictionaries of each type, nor those with a null among their values.
        return pa.chunked_array([_undone(chunk) for chunk in column.chunks]).combine_chunks()


def value_type(column: pa.ChunkedArray | pa.Array) -> pa.DataType:
    """The type of the values of a column, be they in a dictionary or not."""
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def nulls(array: pa.Array) -> Bools:
    """Where an array is null: bool[n]."""
    if not array.null_count:
        return np.zeros(len(array), np.bool_)
    return np.asarray(array.is_null().to_numpy(zero_copy_only=False))


def string_buffers(array: pa.Array) -> tuple[I32, Bytes]:
    """The n + 1 byte offsets of a string array, and the bytes that they point into."""
    _, offsets, data = array.buffers()
    if len(array) == 0 or offsets is None:
        return np.zeros(len(array) + 1, np.int32), np.empty(0, np.uint8)
    found = np.frombuffer(offsets, np.int32, len(array) + 1, array.offset * 4)
    return found, np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)


def _undone(array: pa.DictionaryArray) -> pa.Array:
    """A dictionary as plain values; Arrow takes none out of a view."""
    values = array.dictionary
    return values.cast(_PLAIN_TYPES.get(values.type, values.type)).take(array.indices)


def _has_text(kind: pa.DataType) -> bool:
    return kind in _TYPES_WITH_TEXT or any(test(kind) for test in _KINDS_WITH_TEXT)


def _plain(array: pa.Array) -> pa.Array:
    if pa.types.is_floating(array.type):
        array = _whole_numbers(array)
    try:
        return array if array.type == pa.string() else array.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.nulls(len(array), pa.string())


def _whole_numbers(array: pa.Array) -> pa.Array:
    """Floats as integers where all are whole, as integers with gaps often come; what is not finite becomes null."""
    finite = pc.if_else(pc.is_finite(array), array, pa.scalar(None, array.type))
    try:
        return finite.cast(pa.int64())
    except pa.ArrowInvalid:
        return finite


def _may_have_blanks(array: pa.Array) -> bool:
    """Whether a byte is a blank, or part of a character above ASCII, which may be one."""
    offsets, data = string_buffers(array)
    used = data[offsets[0] : offsets[-1]]
    return bool(used.min(initial=_BLANK_END) < _BLANK_END or used.max(initial=0) >= _ASCII_END)
