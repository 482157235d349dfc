"""A finished day's counts to its released tables: every indicator, each by the one rule for its population."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anonymization.protect import Protection, protect_presence, protect_presence_by, protect_zone_day
from anonymization.zone_days import ZonePart
from pipelines.arrays import Ints, column
from pipelines.presence import ATTRIBUTES, Lattice
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
    devices = column(measures, "devices").astype(np.int64)
    plain = np.zeros((hexagons, lattice.slots + 1), np.int64)
    at = group == 0
    plain[hexagon[at], slot[at]] = devices[at]
    counts = np.cumsum(plain, axis=1)[:, :-1]
    table, parts = protect_presence(counts, grid.slots, protection)
    tables = {"presence": table}
    first = 1
    for attribute, classes in ATTRIBUTES.items():
        chosen = (group >= first) & (group < first + classes)
        hourly = _by_slot(slot[chosen], grid.half_hours, hexagon[chosen], group[chosen] - first, devices[chosen])
        for indicator in INDICATORS.values():
            if indicator.population == "presence" and indicator.attributes == (attribute,):
                tables[indicator.name] = protect_presence_by(
                    indicator, parts, grid.half_hours, grid.hours, hourly, protection
                )
        first += classes
    return tables


def _by_slot(
    slot: Ints, wanted: np.typing.NDArray[np.int32], hexagon: Ints, value: Ints, devices: Ints
) -> list[tuple[Ints, Ints, Ints]]:
    """The rows of each wanted slot."""
    order = np.argsort(slot, kind="stable")
    low, high = (np.searchsorted(slot[order], wanted, side).tolist() for side in ("left", "right"))
    pieces = [order[start:end] for start, end in zip(low, high, strict=True)]
    return [(hexagon[piece], value[piece], devices[piece]) for piece in pieces]


def zone_day_tables(
    parts: list[ZonePart], counts: Mapping[str, Ints], day: tuple[int, int], protection: Protection
) -> dict[str, pa.Table]:
    """`attendance` and what is split below it, from a day's parts and each attribute's int64[parts, classes + 1]."""
    tables = {}
    for indicator in INDICATORS.values():
        if indicator.population == "attendance":
            split = counts[indicator.attributes[0]] if indicator.attributes else None
            tables[indicator.name] = protect_zone_day(indicator, parts, day, split, protection)
    return tables
