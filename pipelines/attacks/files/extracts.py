"""Releases and exports in which single devices stand: what T13 has to find."""

from pathlib import Path
from shutil import copytree
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from anonymization.atomic import make_directory, remove_tree
from pipelines.arrays import column
from pipelines.attacks.figures.shown import PRESENCE
from pipelines.attacks.files.exports import Outputs
from pipelines.attacks.files.points import placed
from pipelines.attacks.target import Target
from schemas.indicators import INDICATORS

_EXTRACTED: Final = 1_000
"""Devices of each day that are shown one by one."""


def with_an_extract(target: Target) -> Outputs:
    """The release, and among its files the points of some devices under random pseudonyms of each day."""
    outputs, points = _copied(target), _extract(target)
    make_directory(outputs / "extract")
    pq.write_table(points, outputs / "extract" / "points.parquet")
    return Outputs(outputs)


def with_single_devices(target: Target) -> Outputs:
    """The release, whose `presence` has for each of some devices a row in each slot, as it is declared."""
    outputs, points = _copied(target), _extract(target)
    cells = pa.ListArray.from_arrays(
        pa.array(np.arange(points.num_rows + 1, dtype=np.int32)), points["hexagon"].combine_chunks()
    )
    ones = pa.array(np.ones(points.num_rows, np.int64))
    columns = {
        "window_start": points["slot"],
        "window_end": points["slot"],
        "zone_id": points["pseudonym"].cast(pa.string()),
        "cells": cells,
        "devices": ones,
        **dict.fromkeys(("people", "people_low", "people_high"), ones),
        "additive": pa.array(np.ones(points.num_rows, np.bool_)),
    }
    for path in sorted((outputs / PRESENCE).rglob("*.parquet")):
        pq.write_table(INDICATORS[PRESENCE].table.conform(pa.table(columns)), path)
    return Outputs(outputs)


def exported_extract(target: Target) -> Outputs:
    """The release, and an export in which the places of some devices stand as text."""
    folder, points = target.scratch / "exported", _extract(target)
    make_directory(folder)
    written = [f"{cell:x}" for cell in points["hexagon"].to_pylist()]
    rows = pa.table({"zone_id": points["pseudonym"], "window_start": points["slot"], "cells": written})
    pyarrow.csv.write_csv(rows, folder / "devices.csv")
    return Outputs(target.release, (folder,))


def _copied(target: Target) -> Path:
    outputs = target.scratch / "unicity"
    remove_tree(outputs)
    copytree(target.release, outputs)
    return outputs


def _extract(target: Target) -> pa.Table:
    """(pseudonym, slot, hexagon): all points of some devices."""
    draws = np.random.default_rng([target.seed, 13, 1])
    found = []
    for at, day in enumerate(target.days):
        pseudonym = draws.permutation(day.count).astype(np.int64) + (day.day.toordinal() << 32)
        device, slot = np.nonzero((day.traces >= 0) & (draws.permutation(day.count) < _EXTRACTED)[:, None])
        points = placed(at, day, (device, slot), target.inputs.footprint.hexagons)
        found.append(
            pa.table(
                {
                    "pseudonym": pseudonym[device],
                    "slot": pa.array(column(points, "slot")).view(pa.timestamp("us", "UTC")),
                    "hexagon": points["hexagon"],
                }
            )
        )
    return pa.concat_tables(found)
