"""Nests: a zone inside a published one never tells how many, fewer than k, did not visit it."""

from collections.abc import Iterator, Sequence

import numpy as np

from anonymization.checks.day import Day, devices
from anonymization.checks.zone_map import ZoneMap
from anonymization.nested import Limits, Pairs
from schemas.vocabulary import SEPARATOR


def differences(day: Day) -> Iterator[str]:
    """A sentence for each part of attendance inside another, where the difference must lie in 1..k-1."""
    pairs, names = nested_parts(day)
    counts = devices(day.rows_of("attendance"))
    inner, outer = counts[pairs.inner], counts[pairs.outer]
    limits = Limits(day.terms.k, day.terms.slack)
    label = day.label("attendance")
    for at in np.flatnonzero(limits.forbids(outer - inner, np.full(inner.size, 2))).tolist():
        name, around = names[int(pairs.inner[at])], names[int(pairs.outer[at])]
        yield f"{label}: {name} has {inner[at]} devices inside {around} with {outer[at]}"


def nested_parts(day: Day) -> tuple[Pairs, list[str]]:
    """The pairs of parts of attendance of which one holds the other, as rows of that table, and the names of all.

    None where the zones of the day are not known.
    """
    names: list[str] = day.rows_of("attendance")["zone_id"].to_pylist()
    return nested_pairs(names, day.zones) if day.zones is not None else _pairs([]), names


def nested_pairs(names: Sequence[str], zones: ZoneMap) -> Pairs:
    """The places of names of which one lists zones that hold every zone of the other; ordered by these places."""
    listed = [name.split(SEPARATOR) for name in names]
    place_of = {zone: place for place, each in enumerate(listed) for zone in each}
    pairs = []
    for place, each in enumerate(listed):
        if all(zone in zones.zones for zone in each):
            around = [{place_of[above.zone_id] for above in zones.around(z) if above.zone_id in place_of} for z in each]
            pairs += [(place, outer) for outer in sorted(set.intersection(*around)) if outer != place]
    return _pairs(pairs)


def _pairs(found: list[tuple[int, int]]) -> Pairs:
    inner, outer = np.array(found, np.int64).reshape(-1, 2).T
    return Pairs(inner, outer)
