"""What messages become: rows under our column names, and the place of the message of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.sources.parquet import readable
from schemas.errors import InputError
from schemas.tables import EVENT

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Decoded:
    """Rows of messages: `place` int64[n] is the place of each row's message among them, in ascending order.

    `malformed` int64[m]: the places of what is no row, once for each.
    """

    table: pa.Table
    place: I64
    malformed: I64


def bad(places: Sequence[int] | I64) -> Decoded:
    """Messages that are no rows at all."""
    return Decoded(EVENT.empty(), np.zeros(0, np.int64), np.array(places, np.int64))


def sound(table: pa.Table, place: I64) -> list[Decoded]:
    """Rows with text in place of bytes, without the messages whose values are not what their types say.

    Arrow trusts what it reads: offsets, indices and texts are looked at here, before anything follows them.
    """
    try:
        table.validate(full=True)
        columns = dict(zip(table.column_names, table.columns, strict=True))
        return [Decoded(readable("message", columns), place, np.zeros(0, np.int64))]
    except (pa.ArrowException, InputError):
        if place[0] == place[-1]:
            return [bad(place[:1])]
    # Halve between messages, until a bad one stands alone.
    first, last = int(place[0]), int(place[-1])
    cut = int(np.searchsorted(place, first + (last - first + 1) // 2))
    return [*sound(table.slice(0, cut), place[:cut]), *sound(table.slice(cut), place[cut:])]
