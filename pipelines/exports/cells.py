"""What is made of the `cells` of a part, once for each distinct list of them."""

from collections.abc import Callable
from itertools import pairwise
from typing import Generic, TypeVar

import h3
import numpy as np
import pyarrow as pa

from anonymization.hexagons import Cells

Made = TypeVar("Made")


class PerPart(Generic[Made]):
    """Calls `make` with each distinct list of cells only once, over all tables that it is given."""

    def __init__(self, make: Callable[[Cells], Made]) -> None:
        self._make = make
        self._made: dict[bytes, Made] = {}

    def of(self, table: pa.Table) -> list[Made]:
        """One value per row."""
        column = table["cells"].combine_chunks()
        values, bounds = column.values.to_numpy(), column.offsets.to_numpy().tolist()
        return [self.one(values[low:high]) for low, high in pairwise(bounds)]

    def one(self, cells: Cells) -> Made:
        """That of one list of cells."""
        key = cells.tobytes()
        if key not in self._made:
            self._made[key] = self._make(cells)
        return self._made[key]


def as_text(cells: Cells) -> str:
    """H3 indexes in hexadecimal, separated by a space."""
    return " ".join(map(h3.int_to_str, np.asarray(cells).tolist()))
