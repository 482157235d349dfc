"""A keyed pseudorandom function over whole columns: SipHash-2-4, 64 bits, in NumPy.

Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

KEY_BYTES = 16
# Four state vectors and a scratch vector of this many rows stay in the cache of a core.
_CHUNK_ROWS = 32_768
_WORD = np.dtype("<u8")
_INITIAL_STATE = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
# The bytes of a last word that belong to the message, by length modulo 8.
_TAIL_MASKS = np.array([(1 << (8 * count)) - 1 for count in range(8)], np.uint64)


def hash_strings(key: bytes, array: pa.Array | pa.ChunkedArray) -> U64:
    """Hash the bytes of each string: string, large_string, binary or large_binary in, uint64[n] out.

    Raises ValueError for nulls and for a key that is not 16 bytes, TypeError for another column type.
    """
    halves = _halves(key)
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    if array.null_count:
        raise ValueError(f"expected a string in each row, got {array.null_count} nulls in {len(array)} rows")
    hashes = np.empty(len(array), np.uint64)
    done = 0
    for chunk in chunks:
        offsets, data = _buffers(chunk)
        for rows in _row_chunks(len(chunk)):
            block = offsets[rows.start : rows.stop + 1]
            text = data[block[0] : block[-1]]
            hashes[done : done + len(block) - 1] = _hash_block(halves, block - block[0], text)
            done += len(block) - 1
    return hashes


def hash_columns(key: bytes, *columns: U64) -> U64:
    """Hash each row of one or more uint64[n] columns, read as little-endian words: uint64[n].

    Raises ValueError for no column, columns of other types or lengths, and a key that is not 16 bytes.
    """
    halves = _halves(key)
    if not columns or any(column.dtype != np.uint64 or column.ndim != 1 for column in columns):
        raise ValueError(f"expected uint64 columns, got {[str(column.dtype) for column in columns]}")
    if len({len(column) for column in columns}) > 1:
        raise ValueError(f"expected columns of one length, got {[len(column) for column in columns]}")
    hashes = np.empty(len(columns[0]), np.uint64)
    # The message ends on a word, so its last word holds nothing but its length.
    length = np.uint64((8 * len(columns) & 0xFF) << 56)
    for rows in _row_chunks(len(hashes)):
        words: list[U64 | np.uint64] = [column[rows] for column in columns]
        _siphash24(halves, [*words, length], hashes[rows])
    return hashes


def uniform32(hashes: U64) -> npt.NDArray[np.uint32]:
    """The top 32 bits of each hash: uniform numbers over 0 .. 2^32 - 1."""
    return (hashes >> 32).astype(np.uint32)


def _row_chunks(rows: int) -> Iterator[slice]:
    for start in range(0, rows, _CHUNK_ROWS):
        yield slice(start, min(start + _CHUNK_ROWS, rows))


def _buffers(array: pa.Array) -> tuple[npt.NDArray[np.signedinteger], npt.NDArray[np.uint8]]:
    """The n + 1 byte offsets of an array, whatever slice it is, and the bytes that they point into."""
    kind = array.type
    if not (pa.types.is_string(kind) or pa.types.is_binary(kind) or _is_large(kind)):
        raise TypeError(f"expected a string or binary column, got {kind}")
    _, offsets, data = array.buffers()
    text = np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    if len(array) == 0:
        return np.zeros(1, np.int64), text
    width = np.dtype(np.int64 if _is_large(kind) else np.int32)
    start = array.offset * width.itemsize
    return np.frombuffer(offsets, width, len(array) + 1, start), text


def _is_large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind) or pa.types.is_large_binary(kind))


def _hash_block(halves: U64, offsets: I64, text: npt.NDArray[np.uint8]) -> U64:
    """Hash the strings of one block, group by group of equal numbers of whole words."""
    starts, lengths = offsets[:-1], np.diff(offsets)
    # Every byte position can be read as a word, the last ones too.
    padded = np.zeros(len(text) + 8, np.uint8)
    padded[: len(text)] = text
    words = np.ndarray(len(text) + 1, _WORD, padded, strides=(1,))
    hashes = np.empty(len(starts), np.uint64)
    counts = lengths // 8
    if counts.min() == counts.max():
        _siphash24(halves, _message(words, starts, lengths), hashes)
        return hashes
    for count in np.unique(counts):
        group = np.flatnonzero(counts == count)
        part = np.empty(len(group), np.uint64)
        _siphash24(halves, _message(words, starts[group], lengths[group]), part)
        hashes[group] = part
    return hashes


def _message(words: U64, starts: I64, lengths: I64) -> Iterator[U64]:
    """The words of messages that have as many whole words each, then the last one with the length on top."""
    whole = int(lengths[0]) // 8
    for position in range(whole):
        yield words[starts + 8 * position]
    last = words[starts + 8 * whole]
    last &= _TAIL_MASKS[lengths & 7]
    last |= lengths.astype(np.uint64) << 56
    yield last


def _halves(key: bytes) -> U64:
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected a key of {KEY_BYTES} bytes, got {len(key)}")
    return np.frombuffer(key, _WORD).astype(np.uint64)


def _siphash24(halves: U64, words: Iterable[U64 | np.uint64], out: U64) -> None:
    """Hash messages into `out`: two rounds for each word, four at the end."""
    state = np.empty((4, len(out)), np.uint64)
    for lane, initial in enumerate(_INITIAL_STATE):
        state[lane] = halves[lane % 2] ^ np.uint64(initial)
    v0, v1, v2, v3 = state
    scratch = np.empty_like(out)
    for word in words:
        v3 ^= word
        _rounds(2, v0, v1, v2, v3, scratch)
        v0 ^= word
    v2 ^= np.uint64(0xFF)
    _rounds(4, v0, v1, v2, v3, scratch)
    np.bitwise_xor.reduce(state, axis=0, out=out)


def _rounds(count: int, v0: U64, v1: U64, v2: U64, v3: U64, scratch: U64) -> None:
    for _ in range(count):
        v0 += v1
        _rotate(v1, 13, scratch)
        v1 ^= v0
        _rotate(v0, 32, scratch)
        v2 += v3
        _rotate(v3, 16, scratch)
        v3 ^= v2
        v0 += v3
        _rotate(v3, 21, scratch)
        v3 ^= v0
        v2 += v1
        _rotate(v1, 17, scratch)
        v1 ^= v2
        _rotate(v2, 32, scratch)


def _rotate(vector: U64, bits: int, scratch: U64) -> None:
    np.right_shift(vector, 64 - bits, out=scratch)
    np.left_shift(vector, bits, out=vector)
    np.bitwise_or(vector, scratch, out=vector)
