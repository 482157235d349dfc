"""Numbers of 64 bits, read at every place of a text in each way in which they may be written, and looked up."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.arrays import Bools, Ints

Bytes = npt.NDArray[np.uint8]
U64 = npt.NDArray[np.uint64]

WORD: Final = 8
HEXADECIMAL_DIGITS: Final = 16
BASE64_CHARACTERS: Final = 10
"""As many as eight bytes fill: 60 bits."""
DECIMAL_DIGITS: Final = 16
"""The first digits of a number are enough to know it by."""

_PIECE: Final = 1 << 17
_BITS: Final = 24
MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_NONE: Final = 255


@dataclass(frozen=True)
class Numbers:
    """Numbers uint64[n] and their owners int64[n]."""

    value: U64
    owner: Ints

    def owners(self, values: U64) -> Ints:
        """The owners of those of the numbers that are among the values."""
        if not self.value.size:
            return np.empty(0, np.int64)
        values = values[self._likely[_first_bits(values)]]
        rank = np.minimum(np.searchsorted(self._ordered, values), self.value.size - 1)
        found: Ints = self.owner[self._order[rank[self._ordered[rank] == values]]]
        return found

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.value)

    @cached_property
    def _ordered(self) -> U64:
        ordered: U64 = self.value[self._order]
        return ordered

    @cached_property
    def _likely(self) -> Bools:
        """bool[2^_BITS]: most values are ruled out by a look here."""
        likely = np.zeros(1 << _BITS, np.bool_)
        likely[_first_bits(self.value)] = True
        return likely


def read_bytes(text: bytes) -> Iterator[U64]:
    """The eight bytes from each place on, the first of them the highest."""
    for piece in overlapping(text, WORD):
        yield np.ndarray(piece.size - WORD + 1, ">u8", piece, strides=(1,)).astype(np.uint64)


def read_hexadecimal(text: bytes) -> Iterator[U64]:
    """Each run of HEXADECIMAL_DIGITS digits."""
    return _read(text, _HEXADECIMAL, HEXADECIMAL_DIGITS, 16)


def read_base64(text: bytes) -> Iterator[U64]:
    """Each run of BASE64_CHARACTERS characters of base64, also of that of URLs."""
    return _read(text, _BASE64, BASE64_CHARACTERS, 64)


def read_decimal(text: bytes) -> Iterator[U64]:
    """Each run of DECIMAL_DIGITS digits."""
    return _read(text, _DECIMAL, DECIMAL_DIGITS, 10)


def _read(text: bytes, digits: Bytes, count: int, base: int) -> Iterator[U64]:
    powers = np.array([base**at for at in range(count)][::-1], np.uint64)
    for piece in overlapping(text, count):
        digit = digits[piece]
        others = np.append(0, np.cumsum(digit == _NONE))
        runs = np.flatnonzero(others[count:] == others[:-count])
        yield digit[runs[:, None] + np.arange(count)].astype(np.uint64) @ powers


def overlapping(text: bytes, count: int) -> Iterator[Bytes]:
    """The text in pieces that overlap, so that `count` bytes in a row are whole in one of them."""
    whole = np.frombuffer(text, np.uint8)
    for start in range(0, whole.size - count + 1, _PIECE):
        yield whole[start : start + _PIECE + count - 1]


def _first_bits(values: U64) -> U64:
    mixed: U64 = (values * MIX) >> np.uint64(64 - _BITS)
    return mixed


def _digits(*alphabets: bytes) -> Bytes:
    """uint8[256]: the value of each character in an alphabet, or _NONE."""
    values = np.full(256, _NONE, np.uint8)
    for alphabet in alphabets:
        values[np.frombuffer(alphabet, np.uint8)] = np.arange(len(alphabet))
    return values


_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_HEXADECIMAL: Final = _digits(b"0123456789abcdef", b"0123456789ABCDEF")
_BASE64: Final = _digits(_LETTERS + b"+/", _LETTERS + b"-_")
_DECIMAL: Final = _digits(b"0123456789")
