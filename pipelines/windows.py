"""Windows that are published while their day is open: which indicators have them, and what of a day is left. Pure."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.arrays import instants
from pipelines.publish import DayGrid
from pipelines.release import WINDOWS_FROM
from schemas.indicators import INDICATORS

EARLY: Final = tuple(name for name, each in INDICATORS.items() if each.population == "presence")
"""Indicators of a slot, or of the slot that stands for an hour; what others count is known when the day is over."""


def first_left(grid: DayGrid, published: int) -> dict[str, int]:
    """The first window of each such indicator that is not published where the slots before `published` are."""
    hour = int(np.searchsorted(grid.half_hours, published))
    return {name: published if INDICATORS[name].window == "slot" else hour for name in EARLY}


def file_names(grid: DayGrid, published: int) -> dict[str, str]:
    """The names of the files of windows that follow the published slots: names have the order of time."""
    return {name: f"{WINDOWS_FROM}{window:03d}" for name, window in first_left(grid, published).items()}


def left(tables: Mapping[str, pa.Table], grid: DayGrid, published: int) -> dict[str, pa.Table]:
    """The tables of a day without the rows that were published while it was open."""
    rest = dict(tables)
    for name, window in first_left(grid, published).items():
        if name in tables and window:
            edges = grid.slots if INDICATORS[name].window == "slot" else grid.hours
            rest[name] = tables[name].filter(pa.array(instants(tables[name], "window_start") >= edges[window]))
    return rest
