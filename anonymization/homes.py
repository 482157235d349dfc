"""Homes: what origins tell of the other domestic devices of a zone, as seen from the zone around it.

They are residents there if their home lies in the outer zone. Where the origins of the inner zone list no such home, or
none but such homes, everybody knows that none of them is, or that all are.
"""

from collections.abc import Callable

import numpy as np

from anonymization.nested import Bools, Ints, Pairs, distinct
from anonymization.nested_origins import OriginRows

_AT_ONCE = 1_000
"""Parts, or pairs of them, that are looked at in one go, which bounds the memory."""

Residents = Callable[[int], Ints]
"""The place of a part to the origins of its residents, int64[...] places in the public list."""


def others_around(pairs: Pairs, listed: OriginRows, foreign: Bools, residents: Residents) -> tuple[Bools, Bools]:
    """bool[pairs] twice: whether other domestic devices of the inner part can be residents around, and whether others.

    `foreign` bool[origins]: the countries. Both where the inner part lists no origins.
    """
    key = _domestic(distinct(pairs.inner), listed, foreign)
    parts = key // max(foreign.size, 1)
    number = np.searchsorted(parts, pairs.inner, "right") - np.searchsorted(parts, pairs.inner)
    around, own = (_among(pairs.inner, zones, key, foreign.size, residents) for zones in (pairs.outer, pairs.inner))
    unknown = ~np.isin(pairs.inner, listed.part)
    return unknown | (around > own), unknown | (number > around)


def _domestic(parts: Ints, listed: OriginRows, foreign: Bools) -> Ints:
    """int64[n], ascending: part times the number of origins, plus origin, of the domestic origins of some parts."""
    found = [np.zeros(0, np.int64)]
    for some in np.split(parts, range(_AT_ONCE, parts.size, _AT_ONCE)):
        place, origin, _ = listed.of_parts(some)
        kept = ~foreign[origin]
        found.append(distinct(some[place[kept]] * foreign.size + origin[kept]))
    return np.concatenate(found)


def _among(inner: Ints, zones: Ints, key: Ints, origins: int, residents: Residents) -> Ints:
    """int64[pairs]: how many of the domestic origins of each inner part are those of residents of a zone."""
    homes = {zone: residents(zone) for zone in set(zones.tolist())}
    number = np.zeros(inner.size, np.int64)
    for some in np.split(np.arange(inner.size), range(_AT_ONCE, inner.size, _AT_ONCE)):
        sizes = np.array([homes[zone].size for zone in zones[some].tolist()], np.int64)
        wanted = np.concatenate([np.zeros(0, np.int64), *(homes[zone] for zone in zones[some].tolist())])
        asked = np.repeat(inner[some], sizes) * origins + wanted
        at = np.minimum(np.searchsorted(key, asked), max(key.size - 1, 0))
        there = key[at] == asked if key.size else np.zeros(asked.size, np.bool_)
        number[some] = np.bincount(np.repeat(np.arange(some.size), sizes)[there], minlength=some.size)
    return number
