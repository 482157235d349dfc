"""The census: how many people live where, which is what is known of a device's place before it signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from anonymization.territory import ZoneArea

UNMAPPED: Final = 0.02
"""Share of the people that is spread evenly: people are also where nobody lives (the project's own assumption)."""

AT_HOME: Final = 0.65
"""Share of their time that people spend in the commune of their home.

The project's own assumption, after time-use surveys: about two thirds of the day are spent at home.
"""

AT_HOME_AT_NIGHT: Final = 0.95
"""Share of their nights that people spend there: the project's own assumption, some eighteen nights away in a year."""

NOWHERE: Final = -1

Cells = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Areas = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Census:
    """`area` int32[n]: the home area of each hexagon; `density` float64[n]: people in it; `homes`: the areas' zones.

    `hexagons` uint64[n], ascending: all that lie in a zone of which the inhabitants are known.
    """

    hexagons: Cells
    area: Areas
    density: Floats
    homes: tuple[str, ...]

    def prior(self, hexagons: Cells) -> tuple[Floats, Areas]:
        """What is known of a person's place before any signal: a share for each hexagon, and its home area or NOWHERE.

        The shares add up to 1. Without a census every hexagon is alike.
        """
        even = np.full(hexagons.size, 1 / max(hexagons.size, 1))
        if not self.hexagons.size:
            return even, np.full(hexagons.size, NOWHERE, np.int32)
        at = np.minimum(np.searchsorted(self.hexagons, hexagons), self.hexagons.size - 1)
        known = self.hexagons[at] == hexagons
        people = np.where(known, self.density[at], 0.0)
        area = np.where(known, self.area[at], NOWHERE).astype(np.int32)
        total = people.sum()
        return (even if total == 0 else (1 - UNMAPPED) * people / total + UNMAPPED * even), area

    def areas_of(self, home_zones: Sequence[str]) -> Areas:
        """int32[homes + 1]: the area of each of the register's home zones, and NOWHERE at the end, for the unknown."""
        place = {zone: area for area, zone in enumerate(self.homes)}
        return np.array([*(place.get(zone, NOWHERE) for zone in home_zones), NOWHERE], np.int32)


def census(zones: Sequence[ZoneArea], people: Mapping[str, float]) -> Census:
    """The census of zones from the `people` of some; a hexagon takes the smallest zone around it that is counted."""
    counted = [zone for zone in zones if people.get(zone.zone_id, 0.0) > 0]
    counted.sort(key=lambda zone: (-zone.cells.size, zone.zone_id))
    hexagons = np.unique(np.concatenate([np.zeros(0, np.uint64), *(zone.cells for zone in counted)]))
    area = np.full(hexagons.size, NOWHERE, np.int32)
    density = np.zeros(hexagons.size)
    for place, zone in enumerate(counted):
        inside = np.searchsorted(hexagons, zone.cells)
        area[inside] = place
        density[inside] = people[zone.zone_id] / zone.cells.size
    return Census(hexagons, area, density, tuple(zone.zone_id for zone in counted))
