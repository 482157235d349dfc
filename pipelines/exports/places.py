"""The places that published rows name: what a program calls them, and where they are."""

import json
from collections.abc import Sequence
from typing import Final

import numpy as np

from anonymization.hexagons import Cells, resolutions
from anonymization.released import Release
from pipelines.exports.zones import Zone, read_zones
from schemas.feeds import Text
from schemas.vocabulary import ALL, REST, SEPARATOR, TERRITORY

_NAMES: Final = {
    ALL: Text("all destinations", "toutes les destinations"),
    REST: Text("outside the zones", "hors des zones"),
    TERRITORY: Text("the whole territory", "tout le territoire"),
}


class Places:
    """The zones of a release by what stands in `zone_id` and its like: one identifier, or several joined."""

    def __init__(self, release: Release) -> None:
        data = release.zones()
        self._zones = {zone.zone_id: zone for zone in read_zones(data)}
        features = json.loads(data)["features"]
        self._cells = {str(each["properties"]["zone_id"]): _cells(each["properties"]["cells"]) for each in features}

    @property
    def resolution(self) -> int:
        """That of the finest cell of a zone; 0 without zones."""
        return max((int(resolutions(cells).max(initial=0)) for cells in self._cells.values()), default=0)

    def zone(self, place: str) -> Zone | None:
        """The one zone that it is, or None."""
        return self._zones.get(place)

    def name(self, place: str) -> str:
        """The names of all that it joins, separated by a comma; words that are no zone in both languages."""
        return ", ".join(" / ".join(dict.fromkeys((text.en, text.fr))) for text in self._names(place))

    def french(self, place: str) -> str:
        """The same in French alone."""
        return ", ".join(text.fr for text in self._names(place))

    def cells(self, place: str) -> Cells:
        """The base cells of its zones, in order; none where it names another place than a zone."""
        named = place.split(SEPARATOR)
        if not all(each in self._cells for each in named):
            return np.empty(0, np.uint64)
        return np.unique(np.concatenate([self._cells[each] for each in named]))

    def _names(self, place: str) -> list[Text]:
        return [
            Text.same(self._zones[each].label) if each in self._zones else _NAMES.get(each, Text.same(each))
            for each in place.split(SEPARATOR)
        ]


def is_pool(place: str) -> bool:
    """Whether it stands for several places of which none is told on its own."""
    return SEPARATOR in place or place == ALL


def _cells(listed: Sequence[str]) -> Cells:
    return np.array([int(cell, 16) for cell in listed], np.uint64)
