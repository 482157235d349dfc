import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymization import prf
from anonymization.prf import hash_columns, hash_strings, uniform32

KEY = bytes(range(16))
MASK = (1 << 64) - 1
messages = st.lists(st.binary(max_size=40), max_size=30)
keys = st.binary(min_size=16, max_size=16)


def siphash24(key: bytes, message: bytes) -> int:
    """SipHash-2-4 one message at a time, as the paper writes it."""
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rotl(x: int, b: int) -> int:
        return (x << b | x >> (64 - b)) & MASK

    def sipround() -> None:
        v[0] = (v[0] + v[1]) & MASK
        v[2] = (v[2] + v[3]) & MASK
        v[1] = rotl(v[1], 13) ^ v[0]
        v[3] = rotl(v[3], 16) ^ v[2]
        v[0] = rotl(v[0], 32)
        v[2] = (v[2] + v[1]) & MASK
        v[0] = (v[0] + v[3]) & MASK
        v[1] = rotl(v[1], 17) ^ v[2]
        v[3] = rotl(v[3], 21) ^ v[0]
        v[2] = rotl(v[2], 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 0xFF])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start : start + 8], "little")
        v[3] ^= word
        sipround()
        sipround()
        v[0] ^= word
    v[2] ^= 0xFF
    for _ in range(4):
        sipround()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def scalar(key: bytes, rows: list[bytes]) -> list[int]:
    return [siphash24(key, row) for row in rows]


# From the reference implementation: key 00 01 .. 0f, message 00 01 .. of the given length.
@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, 0x726FDB47DD0E0E31),
        (1, 0x74F839C593DC67FD),
        (7, 0xAB0200F58B01D137),
        (8, 0x93F5F5799A932462),
        (15, 0xA129CA6149BE45E5),
        (63, 0x958A324CEB064572),
    ],
)
def test_the_published_vectors_come_out(length: int, expected: int) -> None:
    message = bytes(range(length))
    assert siphash24(KEY, message) == expected
    assert hash_strings(KEY, pa.array([message], pa.binary())).tolist() == [expected]


@given(keys, messages, st.sampled_from([pa.binary(), pa.large_binary()]))
def test_a_column_of_any_lengths_hashes_like_each_of_its_rows(key: bytes, rows: list[bytes], kind: pa.DataType) -> None:
    assert hash_strings(key, pa.array(rows, kind)).tolist() == scalar(key, rows)


@given(st.lists(st.text(max_size=12), max_size=20), st.sampled_from([pa.string(), pa.large_string()]))
def test_text_hashes_as_its_utf8_bytes(rows: list[str], kind: pa.DataType) -> None:
    assert hash_strings(KEY, pa.array(rows, kind)).tolist() == scalar(KEY, [row.encode() for row in rows])


@given(messages, st.integers(0, 30), st.integers(0, 30))
def test_a_slice_hashes_like_the_rows_it_shows(rows: list[bytes], offset: int, length: int) -> None:
    offset = min(offset, len(rows))
    piece = pa.array(rows, pa.binary()).slice(offset, length)
    assert hash_strings(KEY, piece).tolist() == scalar(KEY, rows[offset : offset + length])


@given(st.lists(messages, max_size=4))
def test_a_chunked_column_hashes_like_its_chunks_in_order(chunks: list[list[bytes]]) -> None:
    column = pa.chunked_array(chunks, pa.binary())
    assert hash_strings(KEY, column).tolist() == scalar(KEY, [row for chunk in chunks for row in chunk])


def test_a_slice_of_a_chunked_column_hashes_like_the_rows_it_shows() -> None:
    column = pa.chunked_array([["a", "bc"], ["", "20801" * 3]]).slice(1, 2)
    assert hash_strings(KEY, column).tolist() == scalar(KEY, [b"bc", b""])


def test_blocks_of_rows_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [b"x" * (n % 20) for n in range(25)]
    words = np.arange(25, dtype=np.uint64)
    whole = hash_strings(KEY, pa.array(rows)), hash_columns(KEY, words)
    for size in (1, 7, 24, 25, 26):
        monkeypatch.setattr(prf, "_CHUNK_ROWS", size)
        assert hash_strings(KEY, pa.array(rows)).tolist() == whole[0].tolist()
        assert hash_columns(KEY, words).tolist() == whole[1].tolist()


def test_a_long_string_keeps_its_length_modulo_256() -> None:
    rows = [b"y" * length for length in (255, 256, 257, 1000)]
    assert hash_strings(KEY, pa.array(rows)).tolist() == scalar(KEY, rows)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary()])
def test_no_rows_give_no_hashes(kind: pa.DataType) -> None:
    for empty in (pa.array([], kind), pa.chunked_array([], kind), pa.array(["a"]).cast(kind).slice(1)):
        hashes = hash_strings(KEY, empty)
        assert hashes.dtype == np.uint64
        assert len(hashes) == 0


def test_empty_strings_have_a_hash() -> None:
    assert hash_strings(KEY, pa.array(["", ""])).tolist() == [siphash24(KEY, b"")] * 2


@pytest.mark.parametrize("column", [pa.array(["a", None]), pa.chunked_array([["a"], [None]], pa.string())])
def test_a_null_has_no_hash(column: pa.Array) -> None:
    with pytest.raises(ValueError, match="1 nulls in 2 rows"):
        hash_strings(KEY, column)


def test_a_null_outside_a_slice_does_not_matter() -> None:
    assert hash_strings(KEY, pa.array(["a", None]).slice(0, 1)).tolist() == [siphash24(KEY, b"a")]


@pytest.mark.parametrize("column", [pa.array([1]), pa.array(["a"]).dictionary_encode(), pa.array([b"a"], pa.binary(1))])
def test_only_string_and_binary_columns_are_hashed_as_strings(column: pa.Array) -> None:
    with pytest.raises(TypeError, match="expected a string or binary column"):
        hash_strings(KEY, column)


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_a_key_of_another_size_is_refused_without_being_shown(size: int) -> None:
    with pytest.raises(ValueError, match=f"expected a key of 16 bytes, got {size}"):
        hash_strings(b"k" * size, pa.array([], pa.string()))
    with pytest.raises(ValueError, match=f"expected a key of 16 bytes, got {size}"):
        hash_columns(b"k" * size, np.zeros(0, np.uint64))


@given(keys, st.integers(1, 4), st.integers(0, 5), st.randoms(use_true_random=False))
def test_columns_hash_like_the_bytes_of_their_rows(key: bytes, width: int, rows: int, random) -> None:  # type: ignore[no-untyped-def]
    table = [[random.getrandbits(64) for _ in range(width)] for _ in range(rows)]
    columns = [np.array([row[i] for row in table], np.uint64) for i in range(width)]
    expected = [siphash24(key, b"".join(word.to_bytes(8, "little") for word in row)) for row in table]
    assert hash_columns(key, *columns).tolist() == expected


def test_hashing_leaves_its_input_as_it_was() -> None:
    words = np.arange(5, dtype=np.uint64)
    hash_columns(KEY, words, words)
    assert words.tolist() == [0, 1, 2, 3, 4]


def test_columns_of_another_type_or_length_are_refused() -> None:
    with pytest.raises(ValueError, match="expected uint64 columns"):
        hash_columns(KEY)
    with pytest.raises(ValueError, match="expected uint64 columns"):
        hash_columns(KEY, np.arange(3))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected columns of one length"):
        hash_columns(KEY, np.zeros(2, np.uint64), np.zeros(3, np.uint64))


def test_the_uniform_number_is_the_top_half_of_the_hash() -> None:
    numbers = uniform32(np.array([0, 2**32 - 1, 2**32, 2**64 - 1], np.uint64))
    assert numbers.dtype == np.uint32
    assert numbers.tolist() == [0, 0, 1, 2**32 - 1]


def test_uniform_numbers_spread_evenly() -> None:
    numbers = uniform32(hash_columns(KEY, np.arange(100_000, dtype=np.uint64)))
    counts = np.bincount(numbers >> 28, minlength=16)
    # Sixteen bins of 6250 with a standard deviation of 77: five of them.
    assert abs(counts - 6250).max() < 385
