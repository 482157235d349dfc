"""The zones of a release, from its zones.geojson: which H3 cells each one holds, and which zones hold it."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.named import Areas, Named
from anonymization.checks.outcome import Unsound
from anonymization.checks.parts import expanded
from anonymization.checks.spans import (
    WHOLE,
    Bools,
    Cells,
    Ints,
    merged,
    merged_in_groups,
    outside,
    spans,
    valid,
)
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

    def around(self, zone_id: str) -> Iterator[Zone]:
        """The zones that hold a zone, nearest first."""
        met = {zone_id}
        parent = self.zones[zone_id].parent
        while parent in self.zones and parent not in met:
            met.add(parent)
            yield self.zones[parent]
            parent = self.zones[parent].parent

    def is_sensitive(self, token: str) -> bool:
        """Whether a known zone is sensitive: so is each zone inside a sensitive one."""
        return token in self.zones and any(zone.sensitive for zone in (self.zones[token], *self.around(token)))

    def layer(self, zone_id: str) -> tuple[str, int] | None:
        """Kind of the joined zones and how many zones of that kind hold them; None where they are not of one layer."""
        layers = set()
        for token in zone_id.split(SEPARATOR):
            if token not in self.zones:
                return None
            kind = self.zones[token].kind
            layers.add((kind, sum(zone.kind == kind for zone in self.around(token))))
        return layers.pop() if len(layers) == 1 else None

    def named(self, names: pa.Array) -> Named:
        """The zones that joined identifiers list."""
        lists = pc.split_pattern(names, SEPARATOR)
        tokens = lists.flatten()
        row = np.repeat(np.arange(len(names)), pc.list_value_length(lists).to_numpy())
        zone = pc.fill_null(pc.index_in(tokens, self._tokens), -1).to_numpy().astype(np.int64)
        ascends = pc.less(tokens[:-1], tokens[1:]).to_numpy(zero_copy_only=False)
        repeated = np.append(False, ~ascends & (row[1:] == row[:-1]))[: row.size]
        return Named(len(names), row, zone, repeated)

    def areas(self, named: Named) -> Areas:
        """What the zones of each name cover together."""
        first, sizes, begin, end = self._segments_of_zones
        listed, place = expanded(first[named.zone], sizes[named.zone])
        # One name after the other on one line, with a gap after each.
        width = self._bounds.size + 1
        line = named.row[listed] * width
        low, high = merged(line + begin[place], line + end[place])
        return Areas(self._bounds, low, high)

    @cached_property
    def sensitive(self) -> Bools:
        """bool[zones + 3]: whether each zone is sensitive; `rest`, `territory` and what is no zone are not."""
        return np.array([*map(self.is_sensitive, self.zones), False, False, False])

    @cached_property
    def layers(self) -> Ints:
        """int64[zones + 3]: a number for the layer of each zone, -1 for what is no zone."""
        numbers: dict[tuple[str, int] | None, int] = {}
        found = [numbers.setdefault(self.layer(zone_id), len(numbers)) for zone_id in self.zones]
        return np.array([*found, -1, -1, -1], np.int64)

    def layer_of(self, named: Named) -> Ints:
        """int64[names]: the number of the layer of each name's zones, or -1 where they are not of one layer."""
        layer = self.layers[named.zone]
        of_name = np.full(named.names, -1, np.int64)
        of_name[named.row] = layer
        of_name[named.any(layer != of_name[named.row])] = -1
        return of_name

    @cached_property
    def depth(self) -> int:
        """The most zones that hold a zone."""
        return max((sum(1 for _ in self.around(zone_id)) for zone_id in self.zones), default=0)

    @cached_property
    def with_communes(self) -> Bools:
        """bool[zones + 3]: whether each zone is a commune or holds one."""
        holding = set(self.communes) | {zone.zone_id for commune in self.communes for zone in self.around(commune)}
        return np.array([*(zone_id in holding for zone_id in self.zones), False, False, False])

    @cached_property
    def parents(self) -> Ints:
        """int64[zones]: the zone that holds each one, or -1."""
        place = {zone_id: at for at, zone_id in enumerate(self.zones)}
        return np.array([place.get(zone.parent or "", -1) for zone in self.zones.values()], np.int64)

    @cached_property
    def _tokens(self) -> pa.Array:
        return pa.array([*self.zones, REST, TERRITORY], pa.string())

    @cached_property
    def _bounds(self) -> Ints:
        """int64[segments + 1]: where a zone begins or ends, and the ends of the Earth: zones are made of segments."""
        ends = [end for zone in self.zones.values() for end in zone.area]
        return np.unique(np.concatenate([np.array([0, WHOLE]), *ends]))

    @cached_property
    def _segments_of_zones(self) -> tuple[Ints, Ints, Ints, Ints]:
        """`first` and `sizes` int64[zones + 3], `begin` and `end` int64[n]: the runs of segments of each zone."""
        areas = [zone.area for zone in self.zones.values()]
        areas += [self.rest, (np.array([0]), np.array([WHOLE])), (np.zeros(0, np.int64), np.zeros(0, np.int64))]
        sizes = np.array([low.size for low, _ in areas], np.int64)
        begin, end = (np.searchsorted(self._bounds, np.concatenate(column)) for column in zip(*areas, strict=True))
        return np.cumsum(sizes) - sizes, sizes, begin, end


def read_zones(path: Path) -> ZoneMap:
    """The zones of a file; raises Unsound saying what is wrong with it, OSError as the disk does."""
    try:
        content = json.loads(path.read_bytes(), object_hook=_without_outline)
        stated = [feature["properties"] for feature in content["features"]]
        cells = [_cells(properties) for properties in stated]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OverflowError):
        raise Unsound("is not a collection of zones with their cells") from None
    if not valid(np.concatenate([np.zeros(0, np.uint64), *cells])).all():
        raise Unsound("holds a cell that is no H3 cell")
    zones = [_zone(properties, area) for properties, area in zip(stated, _areas(cells), strict=True)]
    known = {zone.zone_id: zone for zone in zones}
    if len(known) != len(zones):
        raise Unsound("gives a zone twice")
    if missing := {zone.parent for zone in zones if zone.parent is not None} - known.keys():
        raise Unsound(f"names {sorted(missing)[0]} as a parent, but not as a zone")
    return ZoneMap(known)


def _without_outline(content: dict[str, object]) -> dict[str, object]:
    """An object of the file; outlines are let go at once, since those of a country would fill the memory."""
    return {name: value for name, value in content.items() if name != "coordinates"}


def _cells(properties: dict[str, object]) -> Cells:
    texts = [properties[name] for name in ("zone_id", "name", "kind")]
    parent, cells = properties["parent"], properties["cells"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(parent, str | None):
        raise Unsound("holds a zone whose zone_id, name, kind or parent is no text")
    if not isinstance(properties["sensitive"], bool | None) or not isinstance(cells, list):
        raise Unsound("holds a zone without cells, or whose sensitive is no truth value")
    # Half a character, which JSON can spell, is no text that a table can hold.
    "".join(map(str, (*texts, parent))).encode()
    return np.array([int(cell, 16) for cell in cells], np.uint64)


def _zone(properties: dict[str, object], area: Area) -> Zone:
    parent = properties["parent"]
    zone_id = str(properties["zone_id"])
    if zone_id in (REST, TERRITORY) or SEPARATOR in zone_id:
        raise Unsound(f"gives a zone the identifier {zone_id}, which stands for something else")
    return Zone(
        zone_id, str(properties["kind"]), None if parent is None else str(parent), bool(properties["sensitive"]), area
    )


def _areas(cells: list[Cells]) -> list[Area]:
    """The merged spans of the cells of each zone."""
    zone = np.repeat(np.arange(len(cells)), [each.size for each in cells])
    of, low, high = merged_in_groups(zone, *spans(np.concatenate([np.zeros(0, np.uint64), *cells])))
    ends = np.searchsorted(of, np.arange(1, len(cells)))
    return list(zip(np.split(low, ends), np.split(high, ends), strict=True))[: len(cells)]


def _union(areas: Iterable[Area]) -> Area:
    """The merged spans of several areas."""
    listed = list(areas)
    nothing = np.zeros(0, np.int64)
    low = np.concatenate([nothing, *(area[0] for area in listed)])
    return merged(low, np.concatenate([nothing, *(area[1] for area in listed)]))
