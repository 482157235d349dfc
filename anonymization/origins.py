"""Origins: where devices are at home, as public places, and the tree by which those of a part are cut.

Its first level is that of the visitor categories (residents of the part, other domestic, foreign), so that categories
and origins of a part split the same devices in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from anonymization.classes import OTHER_DOMESTIC, RESIDENT, Classes
from anonymization.tally import Tally, gathered
from anonymization.territory import ZoneArea
from anonymization.tree import class_tree
from schemas.countries import (
    COUNTRIES,
    DEPARTEMENTS,
    FRENCH_REGIONS,
    WORLD_REGIONS,
    country_of,
    departement_of,
    is_commune,
)
from schemas.vocabulary import FOREIGN, UNKNOWN

Ints = npt.NDArray[np.int64]
Nested = str | tuple["Nested", ...]


@dataclass(frozen=True)
class OriginTally:
    """Devices by part and origin: `part` int64[r], `origin` int64[r] places in the origins' names, `tally` [r]."""

    part: Ints
    origin: Ints
    tally: Tally

    def per_part(self, parts: int) -> Tally:
        """The sums of the parts."""
        return gathered(self.part, self.tally, parts)


@dataclass(frozen=True)
class Origins:
    """The public places where devices can be at home, given the zones of a release.

    A home commune that is a zone, else its département; `unknown` for domestic devices without either; or a country.
    """

    zones: Sequence[ZoneArea]

    @cached_property
    def communes(self) -> dict[str, int]:
        """The zones that are communes: INSEE code to the place of the zone, by code."""
        found = {zone.zone_id: place for place, zone in enumerate(self.zones) if is_commune(zone.zone_id)}
        return dict(sorted(found.items()))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every origin, in the order in which a pool lists them."""
        return (*self.communes, *DEPARTEMENTS, UNKNOWN, *COUNTRIES)

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of each origin in the names."""
        return {name: place for place, name in enumerate(self.names)}

    def of_homes(self, homes: Sequence[str]) -> Ints:
        """int64[homes + 1]: the origin of domestic devices by home, given as INSEE commune codes, and of those without.

        Place -1, the last, is that of a device whose home is not known.
        """
        known = [home if home in self.communes else departement_of(home) or UNKNOWN for home in homes]
        return np.array([self.place[name] for name in (*known, UNKNOWN)], np.int64)

    def of_codes(self) -> Ints:
        """int64[1000]: the origin of foreign devices by mobile country code."""
        return np.array([self.place[country_of(code)] for code in range(1000)], np.int64)

    def residents(self, part_zones: Sequence[int]) -> Ints:
        """int64[...]: the origins whose devices are residents of a part: the communes that are its zones or inside."""
        inside = {name for zone in part_zones for name in self._inside[zone]}
        return np.array([self.place[name] for name in sorted(inside)], np.int64)

    @cached_property
    def _inside(self) -> list[list[str]]:
        """For each zone the communes that are it or lie inside it."""
        found: list[list[str]] = [[] for _ in self.zones]
        for name, zone in self.communes.items():
            while zone >= 0:
                found[zone].append(name)
                zone = self.zones[zone].parent
        return found

    def classes(self, residents: Ints) -> Classes:
        """The origins of parts that have these residents, with their tree."""
        own = {self.names[place] for place in residents.tolist()}
        others: tuple[Nested, ...] = (self._other_domestic(own), self._foreign)
        nested = (self._ordered(own), *others) if own else others
        domestic = len(self.names) - len(COUNTRIES)
        groups = [RESIDENT if name in own else OTHER_DOMESTIC for name in self.names[:domestic]]
        groups += [FOREIGN] * len(COUNTRIES)
        return Classes("origin", self.names, class_tree(nested, self.names), tuple(groups))

    def _other_domestic(self, own: set[str]) -> Nested:
        """Regions, départements, and in each of these the communes that are zones; where the zones are comes last."""
        counts = {code: len(self._zones_of.get(code, ())) for code in DEPARTEMENTS}
        regions = sorted(FRENCH_REGIONS.values(), key=lambda codes: (sum(counts[code] for code in codes), codes))
        return (
            UNKNOWN,
            *(self._region(sorted(codes, key=lambda code: (counts[code], code)), own) for codes in regions),
        )

    def _region(self, departements: Sequence[str], own: set[str]) -> Nested:
        """The tree of a region; what is elsewhere in a département comes last in it."""
        nested = []
        for code in departements:
            others = set(self._zones_of.get(code, ())) - own
            communes = self._ordered(others)
            nested.append((*((communes,) if isinstance(communes, str) else communes), code) if others else code)
        return tuple(nested) if len(nested) > 1 else nested[0]

    def _ordered(self, communes: set[str]) -> Nested:
        """Communes by public size, then by code; a single one by itself."""
        ordered = sorted(communes, key=lambda name: (self.zones[self.communes[name]].public_size, name))
        return tuple(ordered) if len(ordered) != 1 else ordered[0]

    @cached_property
    def _zones_of(self) -> dict[str, list[str]]:
        """The communes that are zones, by département."""
        found: dict[str, list[str]] = {}
        for name in self.communes:
            found.setdefault(departement_of(name) or "", []).append(name)
        return found

    @cached_property
    def _foreign(self) -> Nested:
        """Countries by region of the world."""
        return tuple(codes if len(codes) > 1 else codes[0] for codes in WORLD_REGIONS.values())
