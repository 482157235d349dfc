"""Releases whose rows are each of k devices, and do not nest: what subtraction has to break to count."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.hexagons import parents
from pipelines.attacks.figures.shown import (
    PLAIN,
    Shown,
    at_least,
    by_place,
    only,
    shown,
    shown_of,
    together,
    zones_of_hexagons,
)
from pipelines.attacks.target import Published, Target
from pipelines.score.sql import ask
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

LARGER: Final = 2
"""Resolutions between the base hexagons and the larger ones: 49 to one, since few hexagons of a village have k."""

SHORT: Final = 12
"""Most classes of a list that is tried class by class: ages are, places where people live are not."""


def zones_and_hexagons(target: Target) -> Shown:
    """Presence in zones, and in the larger hexagons inside them: whatever has k devices, as it is."""
    zones = zones_of_hexagons(target)
    larger = parents(target.inputs.territory.hexagons, target.policy.base_resolution - LARGER)
    _, inside = np.unique(np.stack([zones.astype(np.uint64), larger]), axis=1, return_inverse=True)
    return together(by_place(target, zones), by_place(target, inside))


def overlapping(target: Target) -> Shown:
    """Presence in zones by slot, and by two slots."""
    zones = zones_of_hexagons(target)
    return together(by_place(target, zones), by_place(target, zones, slots=2))


def every_class(target: Target) -> Shown:
    """The parts of a day, and below each row every class of a short list that has k devices; no others pool."""
    found = only(shown(target), PLAIN)
    for name, indicator in INDICATORS.items():
        if {name, indicator.splits} <= target.tables.keys() and indicator.window == "day" and not indicator.partial:
            own = next(each for each in indicator.attributes if each not in INDICATORS[indicator.splits].attributes)
            words = pc.unique(pc.split_pattern(pc.unique(target.tables[name][own]), SEPARATOR).flatten())
            if len(words) <= SHORT:
                found = together(found, _classes(name, own, words, target))
    return found


def _classes(name: str, attribute: str, words: pa.Array, target: Target) -> Shown:
    """Every class of the rows that an indicator splits, where it has k devices."""
    table = ask(
        f"SELECT * FROM rows CROSS JOIN words WHERE {attribute} <> '{ALL}' ORDER BY ALL",  # noqa: S608
        rows=target.tables[INDICATORS[name].splits],
        words=pa.table({attribute: words}),
    )
    every = Published({name: table.select(target.tables[name].column_names)})
    return at_least(shown_of(every, target), target.policy.k)
