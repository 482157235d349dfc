"""Totals of a day: how much of each indicator was printed, and how much had to be merged; all from printed rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.entries import Body, Json
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import ALL, SEPARATOR

_BATCH_ROWS = 1 << 15
_BUFFER = 1 << 20


@dataclass(frozen=True)
class Totals:
    """Sums over printed rows of an indicator.

    `devices` of all rows, `pooled_devices` of those whose part pools several zones; `pooled`, `merged`, `collapsed`:
    rows whose part pools several zones, with an attribute that lists several values, with one that is `all`;
    `smallest`: the smallest printed count, None without rows.
    """

    windows: frozenset[int] = frozenset()
    rows: int = 0
    devices: int = 0
    pooled: int = 0
    pooled_devices: int = 0
    merged: int = 0
    collapsed: int = 0
    smallest: int | None = None

    def __add__(self, other: "Totals") -> "Totals":
        """The totals of both."""
        smallest = [count for count in (self.smallest, other.smallest) if count is not None]
        return Totals(
            self.windows | other.windows,
            self.rows + other.rows,
            self.devices + other.devices,
            self.pooled + other.pooled,
            self.pooled_devices + other.pooled_devices,
            self.merged + other.merged,
            self.collapsed + other.collapsed,
            min(smallest, default=None),
        )

    def as_json(self, indicator: Indicator) -> Body:
        """What the manifest states; the share of devices in pools of zones is in whole percent."""
        return {
            "window": indicator.window,
            "windows": len(self.windows),
            "rows": self.rows,
            "smallest": self.smallest,
            "rows_pooling_zones": self.pooled,
            "devices_pooling_zones_percent": round(100 * self.pooled_devices / self.devices) if self.devices else 0,
            "rows_merging_values": self.merged,
            "rows_all": self.collapsed,
        }


def totals_of(indicator: Indicator, rows: pa.Table) -> Totals:
    """The totals of some rows of an indicator; its `cells` may be left out."""
    if not rows.num_rows:
        return Totals()
    pooled = pc.match_substring(rows["zone_id"], SEPARATOR)
    merged = collapsed = pa.scalar(False)
    for name in indicator.attributes:
        merged = pc.or_(merged, pc.match_substring(rows[name], SEPARATOR))
        collapsed = pc.or_(collapsed, pc.equal(rows[name], ALL))
    return Totals(
        windows=frozenset(pc.unique(rows["window_start"].cast(pa.int64())).to_pylist()),
        rows=rows.num_rows,
        devices=pc.sum(rows["devices"]).as_py(),
        pooled=_count(pooled),
        pooled_devices=pc.sum(rows["devices"].filter(pooled)).as_py() or 0,
        merged=_count(merged),
        collapsed=_count(collapsed),
        smallest=pc.min(rows["devices"]).as_py(),
    )


def totals_of_files(folder: Path, files: Iterable[str]) -> dict[str, Json]:
    """What the manifest states of a day's files, given below a folder as `indicator/date=.../*.parquet`, by indicator.

    Raises OSError, KeyError and Arrow's errors for files that cannot be read.
    """
    found: dict[str, Totals] = {}
    for path in sorted(files):
        indicator = INDICATORS[path.split("/")[0]]
        columns = ["window_start", "zone_id", "devices", *indicator.attributes]
        total = found.get(indicator.name, Totals())
        # Read as it is needed: whole column chunks of a nation would fill the memory.
        with pq.ParquetFile(folder / path, pre_buffer=False, buffer_size=_BUFFER) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
                total += totals_of(indicator, pa.Table.from_batches([batch]))
        found[indicator.name] = total
    return {name: total.as_json(INDICATORS[name]) for name, total in found.items()}


def _count(flags: pa.ChunkedArray | pa.Scalar) -> int:
    """How many are true; a scalar stands for rows without attributes."""
    counted: int = 0 if isinstance(flags, pa.Scalar) else pc.sum(flags).as_py() or 0
    return counted
