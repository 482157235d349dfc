"""Which published parts hold the place of a confirmed outage: there people may be missing. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa

from anonymization.checks.spans import spans
from anonymization.degraded import Degraded
from pipelines.arrays import Bools, instants
from pipelines.quality.flags import TOLD_OF, by_window, names
from pipelines.quality.outages import Outage
from pipelines.quality.parts import LEAST_SHARE, spans_of


def with_confirmed(
    flags: Iterable[Degraded], tables: Mapping[str, pa.Table], outages: Sequence[Outage], resolution: int
) -> tuple[Degraded, ...]:
    """Flags, and those of the parts of released tables whose place was out for a tenth of their window.

    One flag for each indicator and window, its parts in the order of their rows. `resolution`: that of the hexagons
    which stand for the places of outages.
    """
    found = {(flag.indicator, flag.start): flag for flag in flags}
    for indicator in TOLD_OF if outages else ():
        for start, rows in by_window(tables.get(indicator)):
            bad = touched(rows, start, int(instants(rows, "window_end")[0]), outages, resolution)
            if bad.any():
                before = found.get((indicator, start), Degraded(indicator, start, ())).parts
                parts = zip(names(rows), bad.tolist(), strict=True)
                chosen = tuple(name for name, is_bad in parts if is_bad or name in before)
                found[(indicator, start)] = Degraded(indicator, start, chosen)
    return tuple(found.values())


def touched(parts: pa.Table, start: int, end: int, outages: Sequence[Outage], resolution: int) -> Bools:
    """bool[n]: which parts of the window [start, end) hold the place of an outage of at least a tenth of it.

    `parts` have a column `cells`; instants are in microseconds.
    """
    long = [each for each in outages if min(each.end, end) - max(each.start, start) >= LEAST_SHARE * (end - start)]
    cells = np.array([h3.latlng_to_cell(each.latitude, each.longitude, resolution) for each in long], np.uint64)
    at = np.sort(spans(cells)[0])
    row, low, high = spans_of(parts)
    holds = np.searchsorted(at, low) < np.searchsorted(at, high)
    found: Bools = np.bincount(row, holds, parts.num_rows) > 0
    return found
