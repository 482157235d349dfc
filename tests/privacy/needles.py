"""Every form in which an identifier, a key or a pseudonym could have been left behind."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anonymization.prf import hash_strings

# Eight bytes, or as much of their text, are no coincidence: they also give away a hash that was cut short.
WORD = 8
HEX_WORD = 2 * WORD
BASE64_WORD = 10

HASHES: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "sha3-256": lambda data: hashlib.sha3_256(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "blake2b-32": lambda data: hashlib.blake2b(data, digest_size=32).digest(),
    "blake2b-16": lambda data: hashlib.blake2b(data, digest_size=16).digest(),
    "blake2b-8": lambda data: hashlib.blake2b(data, digest_size=8).digest(),
    "blake2s": lambda data: hashlib.blake2s(data).digest(),
    "siphash without key": lambda data: hash_strings(bytes(16), pa.array([data], pa.binary())).tobytes(),
}


@dataclass(frozen=True)
class Needle:
    """Bytes that must not be there, at least WORD of them, and the form of what they are."""

    form: str
    pattern: bytes


def of_identifier(text: str) -> Iterator[Needle]:
    """An identifier as text, in other codings, as a number, and under every hash without a key."""
    data = text.encode()
    yield Needle("text", data)
    for coding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield Needle(coding, text.encode(coding))
    yield from _written("text", data, whole=True)
    if text.isdecimal():
        yield from _number(int(text))
    for name, hashed in HASHES.items():
        yield from of_secret(name, hashed(data))


def of_secret(name: str, secret: bytes) -> Iterator[Needle]:
    """Bytes as they are, backwards, in hexadecimal and in base64, whole or the first of them."""
    yield Needle(name, secret[:WORD])
    yield Needle(f"{name} backwards", secret[:WORD][::-1])
    yield from _written(name, secret, whole=False)
    yield Needle(f"{name} decimal", str(int.from_bytes(secret[:WORD], "little")).encode())


def of_key(name: str, key: bytes) -> Iterator[Needle]:
    """A key, and each word of it alone."""
    for start in range(0, len(key), WORD):
        yield from of_secret(f"{name}, byte {start}", key[start : start + WORD])
    yield from _base64(name, key, whole=True)


def of_pseudonyms(pseudonyms: np.ndarray) -> Iterator[Needle]:
    """Pseudonyms as numbers of both byte orders, in decimal and in hexadecimal."""
    for value in pseudonyms.tolist():
        yield from of_secret("pseudonym", int(value).to_bytes(WORD, "little"))
        yield from _hexadecimal("pseudonym as a number", int(value).to_bytes(WORD, "big"))


def _number(value: int) -> Iterator[Needle]:
    yield Needle("int64", value.to_bytes(WORD, "little"))
    yield Needle("int64 backwards", value.to_bytes(WORD, "big"))
    yield Needle("double", np.float64(value).tobytes())
    yield Needle("double backwards", np.float64(value).tobytes()[::-1])


def _written(name: str, data: bytes, *, whole: bool) -> Iterator[Needle]:
    yield from _hexadecimal(name, data if whole else data[:WORD])
    yield from _base64(name, data, whole=whole)


def _hexadecimal(name: str, data: bytes) -> Iterator[Needle]:
    yield Needle(f"{name} hex", data.hex().encode())
    yield Needle(f"{name} HEX", data.hex().upper().encode())


def _base64(name: str, data: bytes, *, whole: bool) -> Iterator[Needle]:
    """The characters that depend on nothing but the data, at each place in a longer text."""
    for before in range(3):
        certain = slice(-(-8 * before // 6), 8 * (before + len(data)) // 6)
        for alphabet, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            characters = encode(bytes(before) + data)[certain]
            yield Needle(f"{name} {alphabet} +{before}", characters if whole else characters[:BASE64_WORD])
