"""Text files as blocks of whole lines: plain, gzip or zstd, one line for each row, memory bounded by a block."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.sources.fragment import Fragment, reading
from schemas.errors import InputError

# An event takes 18 bytes at the very least, so that no block holds more rows than a batch may.
BLOCK_BYTES = 16 << 20
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NEW_LINE, _CARRIAGE_RETURN, _NUL, _FIRST_NON_ASCII = 10, 13, 0, 0x80

Bytes = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Block:
    """Lines to parse, each ended by a line feed: where each ends in `data`, and its row number in the file.

    `malformed` holds the numbers of the rows that are not text; blank lines are no rows.
    """

    data: bytes
    ends: I64
    rows: I64
    malformed: tuple[int, ...] = ()

    def lines(self) -> list[bytes]:
        """The lines without their line feeds."""
        return self.data.split(b"\n")[:-1]

    def halves(self) -> tuple["Block", "Block"]:
        """The block in two, without its malformed rows."""
        middle = len(self.ends) // 2
        cut = int(self.ends[middle - 1]) + 1
        return (
            Block(self.data[:cut], self.ends[:middle], self.rows[:middle]),
            Block(self.data[cut:], self.ends[middle:] - cut, self.rows[middle:]),
        )


def whole_file(file: str, path: Path, rows: int) -> list[Fragment]:
    """The one fragment of a text file, whose rows only reading can count."""
    return [Fragment(file, path)]


def raw_blocks(fragment: Fragment, kind: str) -> Iterator[bytes]:
    """The bytes of a text file, decompressed, in blocks that end with a line, without byte order mark.

    Raises InputError for a file that is empty, does not decompress, does not begin with a line of text or has no
    line end for a whole block.
    """
    tail = b""
    first = True
    for data in _read(fragment, kind):
        cut = data.rfind(b"\n") + 1
        if cut:
            block = tail + data[:cut]
            yield _opening(fragment.file, block, kind) if first else block
            tail, first = data[cut:], False
        else:
            tail += data
            if len(tail) > BLOCK_BYTES:
                raise _not_text(fragment.file, kind, f"a line of more than {BLOCK_BYTES >> 20} MiB")
    if tail:
        yield _opening(fragment.file, tail + b"\n", kind) if first else tail + b"\n"
    elif first:
        raise InputError(f"{fragment.file}: expected {kind}, got an empty file", "deliver the file again, or remove it")


def block_of(data: bytes, first_row: int) -> Block:
    """Number the lines of a raw block from `first_row`, and set aside those that are not text."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    text = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(text == _NEW_LINE)
    lengths = np.diff(ends, prepend=-1)
    filled = lengths > 1
    rows = first_row - 1 + np.cumsum(filled)
    bad = filled & ~_text_lines(data, text, ends)
    keep = filled & ~bad
    if not keep.all():
        data = text[np.repeat(keep, lengths)].tobytes()
        ends = np.cumsum(lengths[keep]) - 1
    return Block(data, ends, rows[keep], tuple(rows[bad].tolist()))


def _read(fragment: Fragment, kind: str) -> Iterator[bytes]:
    compression = _COMPRESSIONS.get(fragment.path.suffix.lower())
    expected = f"{kind} compressed with {compression}" if compression else kind
    with (
        reading(fragment.file, expected),
        pa.input_stream(str(fragment.path), compression=compression) as stream,
    ):
        while data := stream.read(BLOCK_BYTES):
            yield data


def _opening(file: str, block: bytes, kind: str) -> bytes:
    """The first block without byte order mark."""
    block = block.removeprefix(_BYTE_ORDER_MARK)
    line = block.lstrip(b"\r\n").partition(b"\n")[0]
    if b"\0" in line or not _is_text(line):
        raise _not_text(file, kind, "bytes that are not UTF-8 text")
    return block


def _not_text(file: str, kind: str, got: str) -> InputError:
    return InputError(
        f"{file}: expected {kind}, got {got}",
        "save the file as UTF-8 text, or give it the suffix of its format",
    )


def _text_lines(data: bytes, text: Bytes, ends: I64) -> Bools:
    """Whether each line is UTF-8 text without NUL and without a carriage return inside."""
    good = np.ones(len(ends), np.bool_)
    for byte in (_NUL, _CARRIAGE_RETURN):
        if bytes([byte]) in data:
            good[np.searchsorted(ends, np.flatnonzero(text == byte))] = False
    if not _is_text(data):
        for line in np.unique(np.searchsorted(ends, np.flatnonzero(text >= _FIRST_NON_ASCII))):
            start = int(ends[line - 1]) + 1 if line else 0
            good[line] &= _is_text(data[start : int(ends[line])])
    return good


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
