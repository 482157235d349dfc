"""What is sought of identifiers and of pseudonyms: themselves, and what is left under hashes without a key."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.prf import KEY_BYTES, hash_strings
from pipelines.arrays import Ints
from pipelines.attacks.files.numbers import (
    BASE64_CHARACTERS,
    DECIMAL_DIGITS,
    U64,
    WORD,
    Numbers,
    read_base64,
    read_bytes,
    read_decimal,
    read_hexadecimal,
)
from pipelines.attacks.files.patterns import Patterns, patterns

HASHES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "blake2b of 16 bytes": lambda data: hashlib.blake2b(data, digest_size=16).digest(),
    "blake2b of 8 bytes": lambda data: hashlib.blake2b(data, digest_size=WORD).digest(),
}
"""Hashes that need no key, besides SipHash under a key of zeros; their first eight bytes give a longer one away."""

# An int64 holds any number of so many digits.
_MOST_DIGITS = 18


@dataclass(frozen=True)
class Needles:
    """Texts, and numbers: whole, by the bits that base64 shows of them, and by their first decimal digits."""

    texts: tuple[Patterns, ...]
    whole: Numbers
    bits: Numbers
    digits: Numbers

    def owners(self, text: bytes) -> Iterator[Ints]:
        """Arrays of the owners of what stands in a text, at whatever place."""
        for each in self.texts:
            yield each.owners(text)
        for numbers, read in (
            (self.whole, read_bytes),
            (self.whole, read_hexadecimal),
            (self.bits, read_base64),
            (self.digits, read_decimal),
        ):
            yield from map(numbers.owners, read(text))


def needles(names: Sequence[tuple[pa.Array, Ints]], pseudonyms: Sequence[tuple[U64, Ints]]) -> Needles:
    """The needles of identifiers, strings without nulls, and of pseudonyms, each with their owners."""
    texts = [(form, owner) for some, owner in names for form in _texts(some)]
    numbers = [each for some, owner in names for each in _numbers(some, owner)] + list(pseudonyms)
    value, owner = (np.concatenate(each) for each in zip(*numbers, strict=True))
    # Either order of the bytes may have been written.
    value, owner = np.concatenate([value, value.byteswap()]), np.concatenate([owner, owner])
    digits, long = _first_digits(value)
    bits = value >> np.uint64(8 * WORD - 6 * BASE64_CHARACTERS)
    return Needles(patterns(texts), Numbers(value, owner), Numbers(bits, owner), Numbers(digits, owner[long]))


def _texts(names: pa.Array) -> Iterator[pa.Array]:
    """Identifiers as they are, and in base64 as far as nothing else decides on the characters."""
    texts = names.cast(pa.binary())
    yield texts
    yield pa.array([base64.b64encode(value)[: len(value) * 8 // 6] for value in texts.to_pylist()], pa.binary())


def _numbers(names: pa.Array, owner: Ints) -> Iterator[tuple[U64, Ints]]:
    """The first eight bytes of each hash, and an identifier of digits as a whole number and as a double."""
    texts = names.cast(pa.binary())
    values = texts.to_pylist()
    for hashed in HASHES.values():
        yield np.frombuffer(b"".join([hashed(value)[:WORD] for value in values]), ">u8").astype(np.uint64), owner
    yield hash_strings(bytes(KEY_BYTES), texts), owner
    decimal = pc.and_(pc.ascii_is_decimal(names), pc.less_equal(pc.binary_length(names), _MOST_DIGITS))
    number = names.filter(decimal).cast(pa.int64()).to_numpy()
    some = owner[decimal.to_numpy(zero_copy_only=False)]
    yield number.astype(np.uint64), some
    yield number.astype(np.float64).view(np.uint64), some


def _first_digits(values: U64) -> tuple[U64, Ints]:
    """The first DECIMAL_DIGITS digits of the numbers that have as many, and which these are."""
    long = np.flatnonzero(values >= 10 ** (DECIMAL_DIGITS - 1))
    first = values[long]
    while (longer := first >= 10**DECIMAL_DIGITS).any():
        first = np.where(longer, first // np.uint64(10), first)
    return first, long
