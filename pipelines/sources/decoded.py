"""What messages of a partition become: rows under our column names, and the place of the message of each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.sources.parquet import readable
from schemas.errors import InputError

I64 = npt.NDArray[np.int64]

MAGIC = 0
"""The first byte of a message in Confluent's framing."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """Rows of messages: `place` int64[n] is that of each row's message, in ascending order.

    `malformed` int64[m] are the places of what is no row: a place stands there once for each such row.
    """

    table: pa.Table
    place: I64
    malformed: I64


def sound(table: pa.Table, place: I64) -> Decoded:
    """Rows with text for bytes, without the messages whose values are not what their types say.

    Arrow trusts what it reads: offsets, indices and text are looked at here, before anything follows them.
    """
    try:
        table.validate(full=True)
        return Decoded(readable("message", dict(zip(table.column_names, table.columns, strict=True))), place, _NONE)
    except (pa.ArrowException, InputError):
        if not len(place) or place[0] == place[-1]:
            return Decoded(table.schema.empty_table(), _NONE, np.unique(place))
    # Halve between messages until a bad one stands alone.
    first, last = int(place[0]), int(place[-1])
    cut = int(np.searchsorted(place, first + (last - first + 1) // 2))
    return joined([sound(table.slice(0, cut), place[:cut]), sound(table.slice(cut), place[cut:])])
