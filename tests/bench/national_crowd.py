"""The visitors of a made-up country by class, such that those of a zone are among those of the zones around it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from anonymization.territory import ZoneArea
from anonymization.zone_days import ZonePart
from schemas.countries import COUNTRIES, DEPARTEMENTS

Ints = npt.NDArray[np.int64]

HOMES = (0.6, 0.3, 0.1)
"""At home in the commune, elsewhere in the country, abroad."""
NIGHT = 0.3


@dataclass(frozen=True)
class Crowd:
    """Devices of zones or parts, int64[n, ...]: `home` by HOMES and whether they spent the night; `age`, `spc` of the
    domestic ones; `arrival` by dwell band and hour; `other` by département, or unknown; `abroad` by country.
    """

    home: Ints
    age: Ints
    spc: Ints
    arrival: Ints
    other: Ints
    abroad: Ints

    @property
    def foreign(self) -> Ints:
        """int64[n]: foreign devices."""
        return self.home[:, 2].sum(axis=1)

    def of_parts(self, parts: Sequence[ZonePart]) -> "Crowd":
        """Those of parts: sums over their zones, who are different people here."""
        zone = np.concatenate([part.zones for part in parts]).astype(np.int64)
        starts = np.cumsum([0, *(len(part.zones) for part in parts)])[:-1]
        return Crowd(*(np.add.reduceat(getattr(self, each.name)[zone], starts) for each in fields(self)))

    def categories(self, inside: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """int64[n, 5] twice: visitors by category, and who spent the night; nobody is at home `inside` bool[n]."""
        own, other, foreign = self.home.transpose(1, 0, 2)
        resident = np.where(inside[:, None], 0, own)
        guest = other + own - resident
        category = np.column_stack([resident.sum(axis=1), guest, foreign])
        none = np.zeros_like(guest[:, 0])
        return category, np.column_stack([resident[:, 1], none, guest[:, 1], none, foreign[:, 1]])


def crowd(zones: Sequence[ZoneArea], visitors: Ints, random: np.random.Generator) -> Crowd:
    """Draw the devices of each zone that are in no zone inside it, and add them up outwards."""
    own = visitors.copy()
    for zone, count in zip(zones, visitors.tolist(), strict=True):
        if zone.parent >= 0:
            own[zone.parent] -= count
    homes = random.multinomial(own, HOMES)
    night = random.binomial(homes, NIGHT)
    domestic = homes[:, 0] + homes[:, 1]
    elsewhere = np.tile(np.ones(len(DEPARTEMENTS) + 1), (len(zones), 1))
    for at, zone in enumerate(zones):
        code = zone.zone_id.lstrip("DVH")[:2]
        elsewhere[at, DEPARTEMENTS.index(code)] = 0
    drawn = (
        np.stack([homes - night, night], axis=2),
        random.multinomial(domestic, np.full(8, 1 / 8)),
        random.multinomial(domestic, np.full(9, 1 / 9)),
        random.multinomial(own, np.full(6 * 24, 1 / (6 * 24))).reshape(-1, 6, 24),
        random.multinomial(homes[:, 1], elsewhere / elsewhere.sum(axis=1, keepdims=True)),
        random.multinomial(homes[:, 2], np.full(len(COUNTRIES), 1 / len(COUNTRIES))),
    )
    outwards = sorted((at for at, zone in enumerate(zones) if zone.parent >= 0), key=lambda at: zones[at].cells.size)
    found = [each.astype(np.int64) for each in drawn]
    for at in outwards:
        for each in found:
            each[zones[at].parent] += each[at]
    return Crowd(*found)
