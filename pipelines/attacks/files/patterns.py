"""Very many texts sought at every place of another one at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from pipelines.arrays import Ints
from pipelines.attacks.files.numbers import MIX, U64, WORD, Bytes, Numbers, overlapping


@dataclass(frozen=True)
class Patterns:
    """Texts of one length, of eight bytes or more: `content` uint8[n, length], and their `owner` int64[n]."""

    content: Bytes
    owner: Ints

    def owners(self, text: bytes) -> Ints:
        """The owners of the texts that stand in another one."""
        width = self.content.shape[1]
        found = [np.empty(0, np.int64)]
        for piece in overlapping(text, width):
            found.append(self._digests.owners(_digests(piece, width)))
        return np.concatenate(found)

    @cached_property
    def _digests(self) -> Numbers:
        """A digest of each text, of 64 bits: no two of them are the same but by chance."""
        width = self.content.shape[1]
        return Numbers(_digests(self.content.reshape(-1), width, width), self.owner)


def patterns(forms: Sequence[tuple[pa.Array, Ints]]) -> tuple[Patterns, ...]:
    """Binary values without nulls, with their owners, those of each length together; shorter ones are left out."""
    found: dict[int, list[tuple[Bytes, Ints]]] = {}
    for values, owner in forms:
        for content, some in _of_each_length(values, owner):
            found.setdefault(content.shape[1], []).append((content, some))
    together = ((width, map(np.concatenate, zip(*some, strict=True))) for width, some in sorted(found.items()))
    return tuple(Patterns(*each) for width, each in together if width >= WORD)


def _of_each_length(values: pa.Array, owner: Ints) -> Iterator[tuple[Bytes, Ints]]:
    _, offsets, data = values.buffers()
    starts = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
    content, sizes = np.frombuffer(data or b"", np.uint8), np.diff(starts)
    for size in np.unique(sizes).tolist():
        some = np.flatnonzero(sizes == size)
        yield content[starts[some][:, None] + np.arange(size)], owner[some]


def _digests(text: Bytes, width: int, step: int = 1) -> U64:
    """uint64[places]: a digest of the `width` bytes from every `step`-th place on."""
    words = np.ndarray(text.size - WORD + 1, "<u8", text, strides=(1,))
    places = text.size - width + 1
    digest = np.zeros(-(-places // step), np.uint64)
    # Whole words from the front, and the last one, which may reach back into them.
    for offset in (*range(0, width - WORD, WORD), width - WORD):
        digest ^= words[offset : offset + places : step]
        digest *= MIX
        digest ^= digest >> np.uint64(32)
    return digest
