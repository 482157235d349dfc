"""Messages of a partition of a topic: which format each topic has, and the rows in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.sources import messages_arrow, messages_avro, messages_json
from pipelines.sources.columns import Columns, columns_of
from pipelines.sources.decoded import Decoded, bad
from pipelines.sources.fragment import Batch
from schemas.tables import EVENT

LARGEST: Final = 8 << 20
"""Bytes of the largest message that is read; brokers take none above 1 MiB unless they are told to."""

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Format:
    """A format of messages: about how many rows one has, and how some become rows."""

    rows: Callable[[bytes], int]
    read: Callable[[Sequence[bytes], Columns, Path | None], Iterator[Decoded]]


FORMATS: Mapping[str, Format] = {
    "json": Format(messages_json.rows, messages_json.read),
    "avro": Format(messages_avro.rows, messages_avro.read),
    "arrow": Format(messages_arrow.rows, messages_arrow.read),
}


@dataclass(frozen=True, eq=False)
class Messages:
    """Messages of a partition, as they follow each other in it: none is left out, though offsets may have gaps.

    `partition` is its name, as in `events/0`; `offsets` int64[n] ascend; a value is None where the message has none.
    `high` is the latest time of an event in the messages before them in the partition, in microseconds, None where
    there is none; an event that is older by more than `lateness`, in microseconds, is late. `doubted`: see `Reach`.
    """

    partition: str
    offsets: I64
    values: tuple[bytes | None, ...]
    format: str
    schemas: Path | None = None
    high: int | None = None
    lateness: int = 0
    doubted: int = 0

    @property
    def next_offset(self) -> int:
        """From where on the partition has not been read."""
        return int(self.offsets[-1]) + 1


def read_messages(messages: Messages, columns: Mapping[str, str]) -> Iterator[Batch]:
    """The rows of messages in batches; `columns` gives their names where they differ from ours.

    The number of a row is the offset of its message. Rows of a batch are in the order of offsets; batches, one for each
    schema or more, are in no order. Absent optional columns are absent from the batch, or null. What cannot be read is
    one malformed row, be it a line or a message: of no value, larger than LARGEST, or not of its format.
    """
    wanted = columns_of(EVENT, columns)
    places = [at for at, value in enumerate(messages.values) if value is not None and len(value) <= LARGEST]
    values = [value for value in messages.values if value is not None and len(value) <= LARGEST]
    if unread := set(range(len(messages.values))) - set(places):
        yield _batch(bad(sorted(unread)), messages.offsets)
    if values:
        offsets = messages.offsets[places]
        for decoded in FORMATS[messages.format].read(values, wanted, messages.schemas):
            if decoded.table.num_rows or len(decoded.malformed):
                yield _batch(decoded, offsets)


def _batch(decoded: Decoded, offsets: I64) -> Batch:
    malformed = tuple(offsets[decoded.malformed].tolist())
    return Batch(decoded.table, int(offsets[0]), malformed, offsets[decoded.place])
