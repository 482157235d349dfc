"""Intervals: people_low and people_high are what printed and stated numbers make them, and tell nothing else."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools, covered, merged, spans
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap
from anonymization.people import interval
from anonymization.verdict import INFERENCE
from schemas.indicators import Indicator
from schemas.vocabulary import TERRITORY


def examine(day: Day) -> Finding:
    """All rows of a day; the figure counts them."""
    problems: list[str] = []
    count = 0
    whole = None if day.zones is None else _of_whole_zones(day, day.zones)
    for indicator, table, label in day.indicators():
        count += table.num_rows
        effects = day.terms.effects.get(indicator.name)
        if effects is None:
            problems.append(f"{label}: no design effect is stated")
        else:
            of_zones = None if whole is None else whole[day.part_of(indicator.name)]
            problems += _differing(indicator, table, label, effects, of_zones, day.terms)
    return Finding(tuple(problems), count)


def _differing(
    indicator: Indicator,
    table: pa.Table,
    label: str,
    effects: Mapping[str, float],
    of_zones: Bools | None,
    terms: Terms,
) -> Iterator[str]:
    """Rows whose interval is not that of the design effect of their part; of either, where the zones are not known."""
    zone = _agrees(table, effects["zone"], terms)
    same = effects["zone"] == effects["hexagons"]
    hexagons = zone if same else _agrees(table, effects["hexagons"], terms)
    right = zone | hexagons if of_zones is None else np.where(of_zones, zone, hexagons)
    yield from where(label, table, ~right, "intervals that do not follow from what is printed")


def _agrees(table: pa.Table, effect: float, terms: Terms) -> Bools:
    """bool[rows]: whether the interval is that of a design effect."""
    people, low, high = (table[name].to_numpy() for name in ("people", "people_low", "people_high"))
    sound: Bools = np.isfinite(people) & (people >= 0)
    counts, persons = np.maximum(devices(table), 0), np.where(sound, people, 0)
    expected = interval(counts, persons, terms.confidence, np.full(counts.size, effect), terms.rounding)
    agrees: Bools = sound & (low == expected[0]) & (high == expected[1])
    return agrees


def _of_whole_zones(day: Day, zones: ZoneMap) -> Bools:
    """bool[parts]: whether a part covers every zone that it names; `territory` names them all.

    A part lies in its zones (see `places.py`), so that it covers them where it is as large as they are.
    """
    named, parts = day.named, day.parts
    only_zones = named.all((named.zone >= 0) & (named.zone < len(zones.zones)))
    whole: Bools = only_zones & (parts.extent == day.areas.extent(parts.count))
    for part in np.flatnonzero(pc.equal(parts.names, TERRITORY).to_numpy(zero_copy_only=False)).tolist():
        area = merged(*spans(parts.cells_of(part)))
        whole[part] = bool(zones.zones) and all(covered(*zone.area, area).all() for zone in zones.zones.values())
    return whole


RULE = Rule(
    name="intervals",
    criterion=INFERENCE,
    threshold="people_low and people_high made of printed values, stated design effects and a confidence of "
    "{terms.confidence:.0%}",
    found="{:.0f} intervals worked out again",
    combine=sum,
    examine=examine,
    dp=False,
)
