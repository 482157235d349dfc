"""Homes: what origins tell of the other domestic devices of a zone, as seen from the zone around it.

They are residents there if their home lies in the outer zone. Where the origins of the inner zone list no such home, or
none but such homes, everybody knows that none of them is, or that all are.
"""

from collections.abc import Callable

import numpy as np

from anonymization.nested import Bools, Ints, Pairs
from anonymization.nested_origins import OriginRows

Residents = Callable[[int], Ints]
"""The place of a part to the origins of its residents, int64[...] places in the public list."""


def others_around(pairs: Pairs, listed: OriginRows, foreign: Bools, residents: Residents) -> tuple[Bools, Bools]:
    """bool[pairs] twice: whether other domestic devices of the inner part can be residents around, and whether others.

    `foreign` bool[origins]: the countries. Both where the inner part lists no origins.
    """
    domestic = ~foreign[listed.origin]
    key = np.unique(listed.part[listed.row[domestic]] * foreign.size + listed.origin[domestic])
    parts = key // max(foreign.size, 1)
    number = np.searchsorted(parts, pairs.inner, "right") - np.searchsorted(parts, pairs.inner)
    around, own = (_among(pairs.inner, zones, key, foreign.size, residents) for zones in (pairs.outer, pairs.inner))
    unknown = ~np.isin(pairs.inner, listed.part)
    return unknown | (around > own), unknown | (number > around)


def _among(inner: Ints, zones: Ints, key: Ints, origins: int, residents: Residents) -> Ints:
    """int64[pairs]: how many of the domestic origins of each inner part are those of residents of a zone."""
    homes = {zone: residents(zone) for zone in set(zones.tolist())}
    sizes = np.array([homes[zone].size for zone in zones.tolist()], np.int64)
    wanted = np.concatenate([np.zeros(0, np.int64), *(homes[zone] for zone in zones.tolist())])
    found = np.isin(np.repeat(inner, sizes) * origins + wanted, key)
    return np.bincount(np.repeat(np.arange(inner.size), sizes)[found], minlength=inner.size)
