"""The rule for classes of nested zones: an attribute of the inner zone that would isolate a few devices collapses.

Zones are looked at from the outside in, each beside all published zones around it as these will be printed. What
collapsed looks like what small classes or one large class make of a part: a name of its own would tell that a few were
left, and often of which class.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from anonymization.classes import ARRIVAL, CATEGORY, DWELL
from anonymization.comparisons import (
    BY_AGE,
    BY_ARRIVAL,
    BY_CATEGORY,
    BY_ORIGIN,
    BY_SPC,
    COMPARISONS,
    DWELLS,
    NIGHTS,
    Published,
    parts_of,
)
from anonymization.day_rows import DayRows, Ints, joined
from anonymization.homes import Residents
from anonymization.nested import Limits, Pairs
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, SEPARATOR

Day = dict[str, DayRows]

_TOGETHER = {
    BY_AGE: (BY_AGE,),
    BY_SPC: (BY_SPC,),
    BY_CATEGORY: (BY_CATEGORY, BY_ORIGIN),
    BY_ORIGIN: (BY_CATEGORY, BY_ORIGIN),
    DWELLS: (DWELLS, BY_ARRIVAL),
}
"""What collapses with an indicator: those that share its first split, or split its rows."""


def without_isolating(
    rows: Mapping[str, DayRows],
    turns: Sequence[Pairs],
    k: int,
    origins: Mapping[str, int],
    first_hour: int,
    residents: Residents,
    arrivals: DayRows,
) -> Day:
    """The rows of a day by indicator, such that no difference over nested zones is of 1 to k-1 devices.

    `turns`: pairs of parts of which one holds the other, outer ones settled in earlier turns. `origins`, `first_hour`
    and `residents` are those of `Published`. `arrivals`: what stands in `dwell_by_arrival` without hours. What is not
    given is compared with nothing.
    """
    settled = dict(rows)
    published = Published({name: each.figures for name, each in rows.items()}, origins, first_hour, residents)
    for pairs in turns:
        for comparison in COMPARISONS:
            if comparison.inner not in settled or comparison.outer not in settled:
                continue
            found = comparison.judge(published, pairs, Limits(k))
            if found.any():
                changed = _without(settled, comparison.inner, parts_of(pairs, found), origins, arrivals)
                settled |= changed
                figures = {name: each.figures for name, each in changed.items()}
                published = Published({**published.figures, **figures}, origins, first_hour, residents)
    return settled


def _without(rows: Day, name: str, parts: Ints, origins: Mapping[str, int], arrivals: DayRows) -> Day:
    """The indicators that change where one of them tells nothing any more of some parts, with their rows."""
    if name == BY_ARRIVAL:
        dwell = arrivals.where(np.isin(arrivals.part, parts))
        return {name: joined([rows[name].without(parts), dwell], len(dwell.values))}
    together = _TOGETHER.get(name, ())
    changed = {each: rows[each].collapsed(parts, _whole(each, origins)) for each in together if each in rows}
    if NIGHTS in rows and (name == NIGHTS or BY_CATEGORY in together):
        changed[NIGHTS] = rows[NIGHTS].without(parts)
    return changed


def _whole(name: str, origins: Mapping[str, int]) -> tuple[str, ...]:
    """What a row of all classes prints: `all` as where a part is homogeneous, else the pool of everything."""
    if INDICATORS[name].homogeneous:
        return (ALL,)
    names = {"origin": tuple(origins), **{classes.attribute: classes.names for classes in (CATEGORY, DWELL, ARRIVAL)}}
    return tuple(SEPARATOR.join(names[attribute]) for attribute in INDICATORS[name].attributes)
