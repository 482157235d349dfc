"""The truth as tables: codes become the identifiers and words that the product publishes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.hexagons import parents
from pipelines.simulator.counts import Count
from pipelines.simulator.plane import Ints
from pipelines.simulator.truth import NIGHTS
from schemas.fields import INSTANT
from schemas.vocabulary import AGE_BANDS, DWELL_BANDS, SPC, VISITOR_CATEGORIES

OUTSIDE = "outside"
COARSE = 8
"""Resolution of the hexagons of `presence_by_hexagon`."""

_WORDS = {
    "age_band": AGE_BANDS,
    "spc": SPC,
    "visitor_category": VISITOR_CATEGORIES,
    "night_in": NIGHTS,
    "dwell_band": DWELL_BANDS,
}
_SLOTS, _HOURS, _NOTHING = "slot", "hour", ""

TABLES: Mapping[str, tuple[str, ...]] = {
    "presence": (_SLOTS, "zone_id", _NOTHING),
    "presence_by_hexagon": (_HOURS, "hexagon"),
    "presence_by_age": (_HOURS, "zone_id", "age_band"),
    "presence_by_spc": (_HOURS, "zone_id", "spc"),
    "attendance": ("zone_id", "age_band", "spc", "visitor_category", "origin", "night_in"),
    "dwell": ("zone_id", "dwell_band"),
    "nights": ("zone_id", "visitor_category"),
    "flows": (_HOURS, "origin_zone_id", "destination_zone_id"),
}
"""The dimensions of each table, in the order of its codes."""


@dataclass(frozen=True)
class Names:
    """What the codes of a day stand for: zones with the outside last, origins, hexagons, edges of slots and hours."""

    day: date
    zones: Sequence[str]
    origins: Sequence[str]
    hexagons: npt.NDArray[np.uint64]
    slots: Ints
    hours: Ints


def table(name: str, found: Count, names: Names) -> pa.Table:
    """A truth table of a day: its date, its dimensions, and `people`, in the order of the dimensions."""
    columns: dict[str, pa.Array] = {"date": pa.array([names.day] * len(found.code), pa.date32())}
    for dimension, code in zip(TABLES[name], found.columns(), strict=True):
        columns |= _column(dimension, code, names)
    result = pa.table(columns | {"people": pa.array(found.people)})
    return _coarse(result) if "hexagon" in columns else result


def _column(dimension: str, code: Ints, names: Names) -> dict[str, pa.Array]:
    if dimension == _NOTHING:
        return {}
    if dimension in (_SLOTS, _HOURS):
        edges = names.slots if dimension == _SLOTS else names.hours
        return {
            "window_start": pa.array(edges[code]).view(INSTANT),
            "window_end": pa.array(edges[code + 1]).view(INSTANT),
        }
    if dimension == "hexagon":
        inside = code < len(names.hexagons)
        cells = np.append(parents(names.hexagons, COARSE), np.uint64(0))[code]
        return {dimension: pa.array(cells, pa.uint64(), mask=~inside)}
    words = _WORDS.get(dimension, names.origins if dimension == "origin" else names.zones)
    return {dimension: pa.array(words, pa.string()).take(pa.array(code))}


def _coarse(fine: pa.Table) -> pa.Table:
    """People summed over the hexagons with the same ancestor."""
    keys = [name for name in fine.column_names if name != "people"]
    summed = fine.group_by(keys, use_threads=False).aggregate([("people", "sum")])
    summed = summed.rename_columns([*keys, "people"])
    return summed.sort_by([(key, "ascending") for key in keys])
