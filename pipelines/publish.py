"""A finished day's counts to its released tables: every indicator, each by the one rule for its population."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.origins import OriginTally
from anonymization.protect import Protection, protect_presence, protect_presence_by
from anonymization.protect_days import protect_arrivals, protect_nights, protect_origins, protect_zone_day
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart
from pipelines.arrays import Ints, column
from pipelines.presence import ATTRIBUTES, UNKNOWN, Lattice
from schemas.indicators import INDICATORS


@dataclass(frozen=True)
class DayGrid:
    """The windows of a privacy day: edges of slots and hours, and the slot that stands for each hour."""

    slots: Ints
    hours: Ints
    half_hours: np.typing.NDArray[np.int32]


def presence_tables(measures: pa.Table, grid: DayGrid, protection: Protection) -> dict[str, pa.Table]:
    """`presence` and what is split below it, from the summed PRESENCE_COUNT rows of a day."""
    hexagons = protection.territory.hexagons.size
    lattice = Lattice(hexagons, grid.slots.size - 1)
    group, hexagon, slot = lattice.unkey(column(measures, "place").astype(np.int64))
    devices, weight = (column(measures, name).astype(np.int64) for name in ("devices", "weight"))
    at = group == 0
    plain, stands_for = (_summed(hexagon[at], slot[at], steps[at], lattice) for steps in (devices, weight))
    raised = _raised(plain, devices, group, slot, lattice)
    counts = Tally(plain, np.rint(stands_for * raised).astype(np.int64))
    weight = np.rint(weight * raised[np.minimum(slot, lattice.slots - 1)]).astype(np.int64)
    table, parts = protect_presence(counts, grid.slots, protection)
    tables = {"presence": table}
    first = 1
    for attribute, classes in ATTRIBUTES.items():
        chosen = (group >= first) & (group < first + classes)
        rows = (hexagon[chosen], group[chosen] - first, devices[chosen], weight[chosen])
        hourly = _by_slot(slot[chosen], grid.half_hours, rows)
        for indicator in INDICATORS.values():
            if indicator.population == "presence" and indicator.attributes == (attribute,):
                tables[indicator.name] = protect_presence_by(
                    indicator, parts, grid.half_hours, grid.hours, hourly, protection
                )
        first += classes
    return tables


def _raised(plain: Ints, devices: Ints, group: Ints, slot: Ints, lattice: Lattice) -> npt.NDArray[np.float64]:
    """float64[slots]: what a known device stands for, itself and its share of those that are missing in the slot."""
    steps = np.zeros(lattice.slots + 1, np.int64)
    np.add.at(steps, slot[group == UNKNOWN], devices[group == UNKNOWN])
    known, missing = plain.sum(axis=0), np.cumsum(steps)[:-1]
    raised: npt.NDArray[np.float64] = 1 + missing / np.maximum(known, 1)
    return raised


def _summed(hexagon: Ints, slot: Ints, steps: Ints, lattice: Lattice) -> Ints:
    """int64[hexagons, slots]: the running sum of what is added in each slot."""
    plain = np.zeros((lattice.hexagons, lattice.slots + 1), np.int64)
    plain[hexagon, slot] = steps
    return np.cumsum(plain, axis=1)[:, :-1]


def _by_slot(
    slot: Ints, wanted: np.typing.NDArray[np.int32], rows: tuple[Ints, Ints, Ints, Ints]
) -> list[tuple[Ints, Ints, Ints, Ints]]:
    """The rows (hexagon, class, devices, weight) of each wanted slot."""
    order = np.argsort(slot, kind="stable")
    low, high = (np.searchsorted(slot[order], wanted, side).tolist() for side in ("left", "right"))
    pieces = [order[start:end] for start, end in zip(low, high, strict=True)]
    hexagon, value, devices, weight = rows
    return [(hexagon[piece], value[piece], devices[piece], weight[piece]) for piece in pieces]


def zone_day_tables(
    parts: list[ZonePart],
    counts: Mapping[str, Tally],
    origins: OriginTally,
    day: tuple[int, int],
    protection: Protection,
) -> dict[str, pa.Table]:
    """`attendance` and what is split below it, from a day's parts and a tally for each indicator, by its name.

    `origins`: the devices by part and origin, for `attendance_by_origin`.
    """
    special = {"nights": protect_nights, "dwell_by_arrival": protect_arrivals}
    tables = {"attendance_by_origin": protect_origins(parts, day, origins, protection)}
    for indicator in INDICATORS.values():
        if indicator.name in special:
            tables[indicator.name] = special[indicator.name](parts, day, counts[indicator.name], protection)
        elif indicator.population == "attendance" and indicator.name not in tables:
            tables[indicator.name] = protect_zone_day(indicator, parts, day, counts[indicator.name], protection)
    return tables
