"""Where each subscriber really was, every five minutes: rows about single people, to measure accuracy and attacks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.simulator.lines import MOBILE, Lines
from pipelines.simulator.plane import Ints
from pipelines.simulator.truth import STEP_S, Zoning
from pipelines.simulator.truth_tables import Names
from schemas.fields import INSTANT

_STEP_US = STEP_S * 1_000_000


@dataclass(frozen=True)
class Tracer:
    """Makes the traces of a day."""

    lines: Lines
    zoning: Zoning
    names: Names

    def traces(self, chunk: slice, where: npt.NDArray[np.int32]) -> pa.Table:
        """The traces of the subscribers among some people: one row for each of them and each instant of the grid.

        `hexagon` and `zone_id`, the innermost zone, are null outside of the area.
        """
        phones = self.lines.phones
        first, last = np.searchsorted(phones.person, [chunk.start, chunk.stop])
        rows = np.arange(first, last)[self.lines.kind[first:last] == MOBILE]
        seen = where[phones.person[rows] - chunk.start]
        instants = np.tile(self.names.slots[0] + np.arange(where.shape[1]) * _STEP_US, len(rows))
        subscriber = np.repeat(np.arange(len(rows), dtype=np.int32), where.shape[1])
        return pa.table(
            {
                "subscriber_id": _words(pa.array(self.lines.subscriber_id[rows], pa.string()), subscriber),
                "time": pa.array(instants).view(INSTANT),
                "hexagon": _words(pa.array(self.names.hexagons), seen.ravel()),
                "zone_id": _words(pa.array(self.names.zones[:-1], pa.string()), self._innermost[seen].ravel()),
            }
        )

    @cached_property
    def _innermost(self) -> Ints:
        """The innermost zone of each hexagon, and the outside."""
        venue, commune = self.zoning.venue, self.zoning.commune
        return np.where(venue < self.zoning.outside, venue, commune)


def _words(values: pa.Array, code: npt.NDArray[np.integer]) -> pa.DictionaryArray:
    """Values by code, null for the codes beyond them."""
    return pa.DictionaryArray.from_arrays(pa.array(code.astype(np.int32), mask=code >= len(values)), values)
