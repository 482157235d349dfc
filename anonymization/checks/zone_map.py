"""The zones of a release, from its zones.geojson: which H3 cells each one holds, and which zones hold it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from anonymization.checks.outcome import Unsound
from anonymization.checks.spans import WHOLE, Ints, merged, outside, spans, valid
from schemas.countries import is_commune
from schemas.vocabulary import REST, SEPARATOR, TERRITORY

Area = tuple[Ints, Ints]


@dataclass(frozen=True)
class Zone:
    """One zone; `area` is what it covers, as merged spans."""

    zone_id: str
    kind: str
    parent: str | None
    sensitive: bool
    area: Area


@dataclass(frozen=True)
class ZoneMap:
    """The zones by identifier."""

    zones: dict[str, Zone]

    @cached_property
    def rest(self) -> Area:
        """All that is in no zone."""
        return outside(*_union(zone.area for zone in self.zones.values()))

    @cached_property
    def communes(self) -> tuple[str, ...]:
        """The zones whose identifier is an INSEE commune code: devices can be at home there."""
        return tuple(zone_id for zone_id in self.zones if is_commune(zone_id))

    def area(self, zone_id: str) -> Area | None:
        """What a part may cover that carries these joined identifiers, or None if one is unknown."""
        areas = []
        for token in zone_id.split(SEPARATOR):
            if token == TERRITORY:
                areas.append((np.array([0]), np.array([WHOLE])))
            elif token == REST:
                areas.append(self.rest)
            elif token in self.zones:
                areas.append(self.zones[token].area)
            else:
                return None
        return _union(areas)

    def around(self, zone_id: str) -> Iterator[Zone]:
        """The zones that hold a zone, nearest first."""
        met = {zone_id}
        parent = self.zones[zone_id].parent
        while parent in self.zones and parent not in met:
            met.add(parent)
            yield self.zones[parent]
            parent = self.zones[parent].parent

    def is_sensitive(self, token: str) -> bool:
        """Whether a known zone is sensitive."""
        return token in self.zones and self.zones[token].sensitive

    def layer(self, zone_id: str) -> tuple[str, int] | None:
        """Kind of the joined zones and how many zones of that kind hold them; None where they are not of one layer."""
        layers = set()
        for token in zone_id.split(SEPARATOR):
            if token not in self.zones:
                return None
            kind = self.zones[token].kind
            layers.add((kind, sum(zone.kind == kind for zone in self.around(token))))
        return layers.pop() if len(layers) == 1 else None


def read_zones(path: Path) -> ZoneMap:
    """The zones of a file; raises Unsound saying what is wrong with it, OSError as the disk does."""
    try:
        content = json.loads(path.read_bytes())
        features = content["features"]
        zones = [_zone(feature["properties"]) for feature in features]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OverflowError):
        raise Unsound("is not a collection of zones with their cells") from None
    known = {zone.zone_id: zone for zone in zones}
    if len(known) != len(zones):
        raise Unsound("gives a zone twice")
    if missing := {zone.parent for zone in zones if zone.parent is not None} - known.keys():
        raise Unsound(f"names {sorted(missing)[0]} as a parent, but not as a zone")
    return ZoneMap(known)


def _zone(properties: dict[str, object]) -> Zone:
    texts = [properties[name] for name in ("zone_id", "name", "kind")]
    parent, cells = properties["parent"], properties["cells"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(parent, str | None):
        raise Unsound("holds a zone whose zone_id, name, kind or parent is no text")
    if not isinstance(properties["sensitive"], bool | None) or not isinstance(cells, list):
        raise Unsound("holds a zone without cells, or whose sensitive is no truth value")
    indexes = np.array([int(cell, 16) for cell in cells], np.uint64)
    if not valid(indexes).all():
        raise Unsound("holds a cell that is no H3 cell")
    return Zone(str(texts[0]), str(texts[2]), parent, bool(properties["sensitive"]), merged(*spans(indexes)))


def _union(areas: Iterable[Area]) -> Area:
    """The merged spans of several areas."""
    listed = list(areas)
    nothing = np.zeros(0, np.int64)
    low = np.concatenate([nothing, *(area[0] for area in listed)])
    return merged(low, np.concatenate([nothing, *(area[1] for area in listed)]))
