"""One published privacy day, or a run of its windows: its terms, its tables and its zones, as far as they are sound."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.endpoints import Endpoints
from anonymization.checks.named import Areas, Named
from anonymization.checks.parts import Parts, parts_of
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap
from schemas.indicators import INDICATORS, Indicator

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Day:
    """What the rules look at: the figures of a whole privacy day, or those of one of its hours and the slots in it.

    `tables` by indicator, sound files only; `zones` only where zones.geojson is that of the day. `whole`: the figures
    of the whole day, where these are of an hour.
    """

    terms: Terms
    zones: ZoneMap | None
    tables: dict[str, pa.Table] = field(default_factory=dict)
    whole: "Day | None" = None

    def indicators(self) -> Iterator[tuple[Indicator, pa.Table, str]]:
        """Each indicator that has rows, its table and how to name it in a sentence."""
        for name, table in self.tables.items():
            if table.num_rows:
                yield INDICATORS[name], table, self.label(name)

    def rows_of(self, name: str) -> pa.Table:
        """The rows of an indicator, none where it is not published."""
        return self.tables.get(name, INDICATORS[name].table.empty())

    def label(self, name: str) -> str:
        """The folder of an indicator's day."""
        return f"{name}/date={self.terms.day}"

    @cached_property
    def parts(self) -> Parts:
        """The different parts of all tables."""
        return parts_of(self.tables)

    def part_of(self, name: str) -> Ints:
        """int64[rows]: the part of each row of an indicator."""
        return self.parts.code.get(name, np.zeros(0, np.int64))

    @cached_property
    def named(self) -> Named:
        """The zones that each part names; raises ValueError where the zones are not known."""
        if self.zones is None:
            raise ValueError("the zones of the day are not known")
        return self.zones.named(self.parts.names)

    @cached_property
    def areas(self) -> Areas:
        """What the zones that each part names cover; raises ValueError where the zones are not known."""
        if self.zones is None:
            raise ValueError("the zones of the day are not known")
        return self.zones.areas(self.named)

    @cached_property
    def endpoints(self) -> Endpoints:
        """The parts of attendance; raises ValueError where the zones are not known."""
        if self.zones is None:
            raise ValueError("the zones of the day are not known")
        parts = parts_of({"attendance": self.rows_of("attendance")})
        return Endpoints(parts, self.zones.named(parts.names), self.zones)


def starts(table: pa.Table) -> Ints:
    """int64[rows]: where the window of each row begins."""
    return instants(table["window_start"])


def instants(column: pa.ChunkedArray) -> Ints:
    """int64[n]: microseconds since the epoch."""
    values: Ints = column.cast(pa.int64()).to_numpy()
    return values


def devices(table: pa.Table) -> Ints:
    """int64[rows]: the printed counts."""
    values: Ints = table["devices"].to_numpy()
    return values
