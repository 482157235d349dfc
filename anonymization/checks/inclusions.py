"""Inclusions: no class of a zone tells of a few devices, by subtraction from the classes of a zone around it.

The rule of `collapse.py` on printed numbers: a difference is refused where no rounding could have made it of nobody, or
of at least k.
"""

from collections.abc import Iterator

import numpy as np

from anonymization.checks.day import Day
from anonymization.checks.nests import nested_parts
from anonymization.checks.rule import Finding, Rule
from anonymization.checks.zone_map import ZoneMap
from anonymization.comparisons import BY_CATEGORY, COMPARED, COMPARISONS, Published, published_in
from anonymization.nested import Limits, Pairs
from anonymization.verdict import INFERENCE
from schemas.vocabulary import SEPARATOR


def examine(day: Day) -> Finding:
    """All pairs of nested parts of attendance; the figure counts them."""
    pairs, names = nested_parts(day)
    problems = _problems(day, pairs, names) if pairs.inner.size else ()
    return Finding(tuple(problems), pairs.inner.size)


def _problems(day: Day, pairs: Pairs, names: list[str]) -> Iterator[str]:
    published = printed(day)
    limits = Limits(day.terms.k, day.terms.slack)
    for comparison in COMPARISONS:
        # Categories and nights are compared in one.
        if (comparison.inner, comparison.outer) != (BY_CATEGORY, BY_CATEGORY):
            bad = np.flatnonzero(comparison.judge(published, pairs, limits))
            if bad.size:
                inner, outer = (names[int(places[bad[0]])] for places in (pairs.inner, pairs.outer))
                yield (
                    f"{day.label(comparison.inner)}: {bad.size} zones have classes that only a few devices of "
                    f"{comparison.outer} in a zone around them are not in (first: {inner} in {outer})"
                )


def printed(day: Day) -> Published:
    """What the tables of a day print of the parts of attendance."""
    names = day.rows_of("attendance")["zone_id"].combine_chunks()
    communes = _communes(day.zones)
    listed = [name.split(SEPARATOR) for name in names.to_pylist()]

    def inside(part: int) -> list[str]:
        return [commune for zone in listed[part] for commune in communes.get(zone, ())]

    return published_in({name: day.rows_of(name) for name in COMPARED}, names, day.terms.first_hour, inside)


def _communes(zones: ZoneMap | None) -> dict[str, list[str]]:
    """By zone the communes that are it or lie inside it."""
    found: dict[str, list[str]] = {}
    if zones is not None:
        for commune in zones.communes:
            for zone in (commune, *(around.zone_id for around in zones.around(commune))):
                found.setdefault(zone, []).append(commune)
    return found


RULE = Rule(
    name="inclusions",
    criterion=INFERENCE,
    threshold="classes of nested zones that differ by nobody or by what can be {terms.k}, within rounding",
    found="{:.0f} pairs of nested zones",
    combine=sum,
    examine=examine,
    dp=False,
)
