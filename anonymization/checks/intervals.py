"""Intervals: people_low and people_high are what printed and stated numbers make them, and tell nothing else."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, Ints, devices, part_codes
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import covered, merged, spans
from anonymization.checks.tables import cell_counts, cell_values
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap
from anonymization.people import interval
from anonymization.verdict import INFERENCE
from schemas.indicators import Indicator
from schemas.vocabulary import SEPARATOR, TERRITORY

Bools = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


def examine(day: Day) -> Finding:
    """All rows of a day; the figure counts them."""
    problems: list[str] = []
    count = 0
    for indicator, table, label in day.indicators():
        count += table.num_rows
        problems += _differing(indicator, table, label, day)
    return Finding(tuple(problems), count)


def _differing(indicator: Indicator, table: pa.Table, label: str, day: Day) -> Iterator[str]:
    effects = day.terms.effects.get(indicator.name)
    if effects is None:
        yield f"{label}: no design effect is stated"
        return
    zone, hexagons = (_agrees(table, effects[kind], day.terms) for kind in ("zone", "hexagons"))
    if day.zones is None:
        right = zone | hexagons
    elif effects["zone"] == effects["hexagons"]:
        right = zone
    else:
        right = np.where(_of_whole_zones(table, day.zones), zone, hexagons)
    yield from where(label, table, ~right, "intervals that do not follow from what is printed")


def _agrees(table: pa.Table, effect: float, terms: Terms) -> Bools:
    """bool[rows]: whether the interval is that of a design effect."""
    people, low, high = (table[name].to_numpy() for name in ("people", "people_low", "people_high"))
    sound: Bools = np.isfinite(people) & (people >= 0)
    counts, persons = np.maximum(devices(table), 0), np.where(sound, people, 0)
    expected = interval(counts, persons, terms.confidence, np.full(counts.size, effect), terms.rounding)
    agrees: Bools = sound & (low == expected[0]) & (high == expected[1])
    return agrees


def _of_whole_zones(table: pa.Table, zones: ZoneMap) -> Bools:
    """bool[rows]: whether a part covers every zone that it names; `territory` names them all."""
    first, part = np.unique(part_codes(table)[0], return_index=True, return_inverse=True)[1:]
    parts = table.take(first)
    low, high = spans(cell_values(parts))
    bounds = np.append(0, np.cumsum(cell_counts(parts)))
    names = parts["zone_id"].to_pylist()
    whole = [_covers(name, low[a:b], high[a:b], zones) for name, a, b in zip(names, bounds, bounds[1:], strict=False)]
    return np.array(whole, np.bool_)[part]


def _covers(name: str, low: Ints, high: Ints, zones: ZoneMap) -> bool:
    named = list(zones.zones) if name == TERRITORY else name.split(SEPARATOR)
    area = merged(low, high)
    return bool(named) and all(zone in zones.zones and covered(*zones.zones[zone].area, area).all() for zone in named)


RULE = Rule(
    name="intervals",
    criterion=INFERENCE,
    threshold="people_low and people_high made of printed values, stated design effects and a confidence of "
    "{terms.confidence:.0%}",
    found="{:.0f} intervals worked out again",
    combine=sum,
    examine=examine,
)
