"""Stays to visits: all of a device's time in a zone on a privacy day, and the counts of the day by zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints, column, instants, rows, starts_of_runs
from pipelines.fold import is_foreign
from pipelines.stays import PERSON
from schemas.tables import VISIT
from schemas.vocabulary import AGE_BANDS, DWELL_BAND_STARTS_MINUTES, DWELL_BANDS, SPC

MINUTE = 60_000_000

SHORTEST_VISIT = DWELL_BAND_STARTS_MINUTES[0] * MINUTE
"""Attendance counts visits of at least 15 minutes, which is where the dwell bands begin."""


@dataclass(frozen=True)
class Nests:
    """`chain` int32[m, depth]: the zones that hold each hexagon, innermost first, then -1."""

    chain: npt.NDArray[np.int32]
    zones: int


def nests(innermost: npt.NDArray[np.int32], parent: Sequence[int]) -> Nests:
    """The zones of each hexagon, from its innermost zone (or -1) and each zone's parent (or -1)."""
    up = np.append(np.array(parent, np.int32), np.int32(-1))
    chain = [innermost]
    while (up[chain[-1]] >= 0).any():
        chain.append(up[chain[-1]])
    return Nests(np.stack(chain, axis=1), len(parent))


def visits(stays: pa.Table, zones: Nests) -> pa.Table:
    """VISIT rows of at least the shortest visit from a shard's closed STAY rows of a day, by device and zone.

    The stays of a device are in the order of time. A device's `home_mcc` is that of its last stay.
    """
    if stays.num_rows == 0:
        return VISIT.empty()
    device, hexagon = column(stays, "device"), column(stays, "hexagon")
    # Every step wrote its stays by device: few sorted runs, which a stable sort only has to merge.
    order = np.argsort(device, kind="stable")
    stays, device, hexagon = stays.take(pa.array(order)), device[order], hexagon[order]
    fresh = starts_of_runs(device)
    code = np.cumsum(fresh) - 1
    last = np.append(np.flatnonzero(fresh)[1:], device.size) - 1
    dwell = instants(stays, "left") - instants(stays, "start")
    pair, total = _dwell_by_zone(code, hexagon, dwell, zones)
    kept = total >= SHORTEST_VISIT
    pair, total = pair[kept], total[kept]
    at = last[pair // max(zones.zones, 1)]
    person = {name: column(stays, name)[at] for name in PERSON}
    place = {"device": device[at], "zone": (pair % max(zones.zones, 1)).astype(np.int32), "dwell": total}
    return rows(VISIT, {**place, **person})


def _dwell_by_zone(code: Ints, hexagon: npt.NDArray[np.generic], dwell: Ints, zones: Nests) -> tuple[Ints, Ints]:
    """Packed (device, zone) pairs, sorted, and the time of each device in each zone around it."""
    chain = zones.chain[hexagon.astype(np.int64)]
    row, depth = np.nonzero(chain >= 0)
    pair = code[row] * zones.zones + chain[row, depth]
    order = np.argsort(pair, kind="stable")
    pair, spent = pair[order], dwell[row][order]
    starts = np.flatnonzero(starts_of_runs(pair))
    return pair[starts], np.add.reduceat(spent, starts) if starts.size else spent


def visitors(table: pa.Table, zones: int) -> Ints:
    """int64[zones]: distinct devices of each zone, from a shard's VISIT rows."""
    return np.bincount(column(table, "zone").astype(np.int64), minlength=zones)


def distinct_visitors(table: pa.Table, sets: Sequence[tuple[int, ...]]) -> Ints:
    """int64[sets]: distinct devices that visited any zone of each set, from a shard's VISIT rows."""
    zone, device = column(table, "zone"), column(table, "device")
    return np.array([np.unique(device[np.isin(zone, members)]).size for members in sets], np.int64)


def part_counts(
    table: pa.Table, part_of_zone: npt.NDArray[np.int64], parts: int, domestic_mcc: tuple[int, ...]
) -> dict[str, Ints]:
    """For each attribute of a day, int64[parts, classes + 1]: devices by class, foreign ones last.

    `part_of_zone` int64[zones]: the part of each zone, or -1. In a part that pools zones, a device's dwell is its time
    in all those that it visited.
    """
    part = part_of_zone[column(table, "zone").astype(np.int64)]
    table, part = table.filter(pa.array(part >= 0)), part[part >= 0]
    order = np.lexsort((part, column(table, "device")))
    table, part = table.take(pa.array(order)), part[order]
    starts = np.flatnonzero(starts_of_runs(column(table, "device"), part))
    dwell = np.add.reduceat(column(table, "dwell"), starts) if starts.size else np.zeros(0, np.int64)
    table, part = table.take(pa.array(starts)), part[starts]
    bands = np.searchsorted(np.array(DWELL_BAND_STARTS_MINUTES) * MINUTE, dwell, "right") - 1
    foreign = is_foreign(table, domestic_mcc)
    values: Mapping[str, tuple[Ints, int]] = {
        "age_band": (np.where(foreign, len(AGE_BANDS), column(table, "age_band")), len(AGE_BANDS)),
        "spc": (np.where(foreign, len(SPC), column(table, "spc")), len(SPC)),
        "dwell_band": (bands, len(DWELL_BANDS)),
    }
    return {name: _table(part, value, parts, classes + 1) for name, (value, classes) in values.items()}


def _table(part: Ints, value: Ints, parts: int, classes: int) -> Ints:
    """int64[parts, classes]: how many rows hold each pair."""
    counts = np.bincount(part * classes + value.astype(np.int64), minlength=parts * classes)
    return counts.reshape(parts, classes)
