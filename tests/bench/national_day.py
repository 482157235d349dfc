"""A privacy day of national size: a made-up France of 35,000 communes, and counts for all thirteen indicators.

Nobody is simulated: counts are drawn, and protected by the functions that protect real ones. Two things are made here
in another way, since the real functions list every commune in each pool, which no file of this size could hold: the
origins of visitors are départements, and flows pool some tens of destinations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from unittest import mock

import h3
import h3.api.numpy_int as h3_int
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anonymization import protect_days
from anonymization.classes import OTHER_DOMESTIC, RESIDENT, Classes, split_by_class
from anonymization.day_rows import DayRows, joined
from anonymization.distances import centroid, distance_class
from anonymization.flows import flow_layers
from anonymization.origins import OriginTally
from anonymization.protect import Protection, Rows, protect_presence, protect_presence_by, released
from anonymization.protect_days import protect_attendance
from anonymization.tally import Tally
from anonymization.territory import Territory, territory
from anonymization.transit import ZoneSet, protect_transit
from anonymization.tree import class_tree
from anonymization.zone_days import Distinct, ZonePart, zone_parts
from pipelines.zones import Zone, Zones
from schemas.countries import COUNTRIES, DEPARTEMENTS, FRENCH_REGIONS, WORLD_REGIONS
from schemas.indicators import INDICATORS
from schemas.vocabulary import ALL, FOREIGN, SEPARATOR, UNKNOWN
from tests.bench.national_crowd import Crowd, crowd

Ints = npt.NDArray[np.int64]
Names = npt.NDArray[np.object_]

BASE, COARSEST = 7, 5
MAINLAND = DEPARTEMENTS[:96]
OUTLINE = h3.LatLngPoly([(42.4, -1.6), (42.4, 7.2), (51.2, 7.2), (51.2, -1.6)])
"""As large as France: about 630,000 km2."""
WEIGHT = 2_500
"""What a device stands for, in thousandths of people."""
OWN = "own communes"
"""What stands for the communes of a part until they are known."""


def country(communes: int) -> Zones:
    """Départements of communes of three or four hexagons; some hold a venue or a hospital, which is sensitive."""
    hexagons = sorted(h3.h3shape_to_cells(OUTLINE, BASE - 1))[: communes // 2]
    found: list[tuple[Zone, str | None]] = []
    per_departement = -(-communes // len(MAINLAND))
    for at in range(communes):
        children = sorted(h3.cell_to_children(hexagons[at // 2], BASE))
        code, number = MAINLAND[at // per_departement], at % per_departement + 1
        commune = f"{code}{number:03d}"
        own = children[:3] if at % 2 else children[3:]
        found.append(_zone(commune, "commune", own, f"D{code}"))
        if number % 40 == 0:
            found.append(_zone(f"V{commune}", "venue", own[:1], commune))
        if number % 80 == 7:
            found.append(_zone(f"H{commune}", "hospital", own[:1], commune, sensitive=True))
    for code in MAINLAND:
        inside = [zone.cells for zone, parent in found if parent == f"D{code}"]
        cells = [h3.int_to_str(int(cell)) for cell in np.concatenate(inside)] if inside else []
        found += [_zone(f"D{code}", "departement", cells, None)] if cells else []
    found.sort(key=lambda each: each[0].zone_id)
    place = {zone.zone_id: at for at, (zone, _) in enumerate(found)}
    parent = np.array([place.get(above or "", -1) for _, above in found], np.int32)
    return Zones(tuple(zone for zone, _ in found), parent, tuple(_outline(zone) for zone, _ in found))


def _zone(
    zone_id: str, kind: str, cells: Sequence[str], parent: str | None, *, sensitive: bool = False
) -> tuple[Zone, str | None]:
    own = np.sort(np.array([h3.str_to_int(cell) for cell in cells], np.uint64))
    return Zone(zone_id, f"Zone {zone_id}", kind, parent, sensitive, own), parent


def _outline(zone: Zone) -> BaseGeometry:
    return shape(h3_int.cells_to_h3shape(zone.cells))


@dataclass(frozen=True)
class NationalDay:
    """What the tables of the day are made of; `hours` and `slots` are edges."""

    protection: Protection
    slots: Ints
    hours: Ints
    random: np.random.Generator

    @property
    def territory(self) -> Territory:
        """The country."""
        return self.protection.territory

    def tables(self) -> dict[str, pa.Table]:
        """Every indicator."""
        size = np.minimum(self.random.lognormal(np.log(11), 1.5, self.territory.hexagons.size), 5_000)
        size = np.where(self._towns, 2_000 + size, size)
        tables = self._presence(size)
        visitors = self._visitors(size)
        parts = zone_parts(self.territory, visitors, self._sums(visitors), self.protection.policy)
        return tables | self._days(parts, visitors) | {"flows": self._flows(parts), "transit": self._transit(visitors)}

    @property
    def _towns(self) -> npt.NDArray[np.bool_]:
        """bool[hexagons]: those of communes that have a venue."""
        zones = self.territory.zones
        cells = [zones[zone.parent].cells for zone in zones if zone.kind == "venue"]
        return np.isin(self.territory.hexagons, np.concatenate([np.zeros(0, np.uint64), *cells]))

    def _presence(self, size: npt.NDArray[np.float64]) -> dict[str, pa.Table]:
        rhythm = 0.8 + 0.2 * np.sin(np.arange(self.slots.size - 1) / 96 * 2 * np.pi)
        counts = self.random.poisson(size[:, None] * rhythm).astype(np.int64)
        presence, parts = protect_presence(_weighed(counts), self.slots, self.protection)
        halves = (np.arange(self.hours.size - 1) * 4 + 2).astype(np.int32)
        tables = {"presence": presence}
        for name, classes in (("presence_by_age", 9), ("presence_by_spc", 10)):
            hourly = [self._classes(counts[:, slot], classes) for slot in halves.tolist()]
            tables[name] = protect_presence_by(INDICATORS[name], parts, halves, self.hours, hourly, self.protection)
        return tables

    def _classes(self, counts: Ints, classes: int) -> tuple[Ints, Ints, Ints, Ints]:
        split = self.random.multinomial(counts, np.full(classes, 1 / classes))
        hexagon, value = np.nonzero(split)
        devices = split[hexagon, value].astype(np.int64)
        return hexagon, value, devices, devices * WEIGHT

    def _visitors(self, size: npt.NDArray[np.float64]) -> Ints:
        """int64[zones]: a zone has nearly all the visitors of the zones in it."""
        zones = self.territory.zones
        own = np.zeros(len(zones))
        np.add.at(own, self.territory.innermost, size * 3)
        visitors = np.rint(own).astype(np.int64)
        inner = sorted(range(len(zones)), key=lambda at: zones[at].cells.size)
        for at in inner:
            if zones[at].parent >= 0:
                visitors[zones[at].parent] += visitors[at]
        return visitors

    def _sums(self, visitors: Ints) -> Distinct:
        return lambda sets: np.array([visitors[list(zones)].sum() for zones in sets], np.int64)

    def _days(self, parts: Sequence[ZonePart], visitors: Ints) -> dict[str, pa.Table]:
        drawn = crowd(self.territory.zones, visitors, self.random).of_parts(parts)
        kinds = np.array([self.territory.zones[part.zones[0]].kind for part in parts])
        category, night = drawn.categories(kinds == "venue")
        tallies = {
            "attendance": drawn.home.sum(axis=(1, 2)),
            "attendance_by_age": np.column_stack([drawn.age, drawn.foreign]),
            "attendance_by_spc": np.column_stack([drawn.spc, drawn.foreign]),
            "attendance_by_category": category,
            "dwell": drawn.arrival.sum(axis=2),
            "nights": np.stack([category - night, night], axis=2),
            "dwell_by_arrival": drawn.arrival,
        }
        counts = {name: _weighed(count) for name, count in tallies.items()}
        window = (int(self.hours[0]), int(self.hours[-1]))
        whole = np.arange(len(parts))
        origins = OriginTally(whole, np.zeros_like(whole), counts["attendance"])
        # The real rows of origins would list every commune of the country in each pool.
        with mock.patch.object(protect_days, "origin_rows", return_value=self._origins(parts, kinds, drawn)):
            return protect_attendance(parts, counts, origins, window, self.protection)

    def _origins(self, parts: Sequence[ZonePart], kinds: npt.NDArray[np.str_], drawn: Crowd) -> DayRows:
        """Origins by département, but for the communes of a part, or around it."""
        zones, pieces = self.territory.zones, []
        plain = np.array([not any(zones[zone].sensitive for zone in part.zones) for part in parts], np.bool_)
        for inside in (False, True):
            some = np.flatnonzero(plain & ((kinds == "venue") == inside))
            counts = np.concatenate(
                [drawn.home[some, 0].sum(axis=1)[:, None], drawn.other[some], drawn.abroad[some]], 1
            )
            split = split_by_class(_origin_classes(inside), _weighed(counts), self.protection.policy)
            part = some[split.part]
            values = [
                SEPARATOR.join([*(self._communes(parts[at]) if value.startswith(OWN) else []), *_others(value)])
                for at, value in zip(part.tolist(), split.value.tolist(), strict=True)
            ]
            pieces.append(DayRows(part, (np.array(values, object),), split.devices_of, split.tally))
        return joined(pieces, 1)

    def _communes(self, part: ZonePart) -> list[str]:
        """The communes of a part, inside it, or around it."""
        zones = self.territory.zones
        kind = zones[part.zones[0]].kind
        if kind == "departement":
            return self._inside[part.zones[0]]
        found = [zones[zone].parent if kind == "venue" else zone for zone in part.zones]
        return sorted({zones[zone].zone_id for zone in found})

    @cached_property
    def _inside(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for zone in self.territory.zones:
            if zone.kind == "commune":
                found.setdefault(zone.parent, []).append(zone.zone_id)
        return found

    def _flows(self, parts: Sequence[ZonePart]) -> pa.Table:
        """From each large part to its neighbours, one by one, and to some more together; small parts go to `all`."""
        layer = max(flow_layers(self.territory, parts), key=len)
        zones, place = self.territory.zones, {part: at for at, part in enumerate(layer)}
        ordered = sorted(layer, key=lambda part: parts[part].nodes)
        middle = {part: centroid(self.territory.cells(parts[part].nodes)) for part in layer}
        name = {part: SEPARATOR.join(sorted(zones[zone].zone_id for zone in parts[part].zones)) for part in layer}
        pairs, leaving = [], []
        for at, part in enumerate(ordered):
            alone = min(parts[part].devices // 400, 40)
            near = [ordered[(at + step) % len(ordered)] for step in range(1, alone + 11)]
            for group in [*([each] for each in near[:alone]), near[alone:]]:
                listed = sorted(zone for each in group for zone in name[each].split(SEPARATOR))
                distance = distance_class(middle[part], [middle[each] for each in group])
                pairs.append((name[part], SEPARATOR.join(listed), distance))
                leaving.append(place[part])
        return self._released_flows(parts, layer, name, np.array(leaving), np.array(pairs, object))

    def _released_flows(
        self, parts: Sequence[ZonePart], layer: Sequence[int], name: dict[int, str], leaving: Ints, pairs: Names
    ) -> pa.Table:
        """The pairs in each hour: `leaving` int64[pairs], places in the layer, `pairs` object[pairs, 3]."""
        devices = np.array([parts[part].devices for part in layer])
        shapes = [parts[part].nodes for part in layer]
        pieces = []
        for hour in range(self.hours.size - 1):
            small = devices * (1.2 + np.sin(hour / 24 * 2 * np.pi)) < 150
            chosen = np.flatnonzero(~small[leaving])
            joined = SEPARATOR.join(sorted(zone for at in np.flatnonzero(small) for zone in name[layer[at]].split("|")))
            values = np.concatenate([pairs[chosen], np.array([[joined, ALL, ALL]], object)])
            at = np.append(leaving[chosen], len(shapes))
            shapes.append(tuple(node for place in np.flatnonzero(small) for node in parts[layer[place]].nodes))
            pieces.append((np.full(at.size, hour), at, values))
        hour, at, values = (np.concatenate(column) for column in zip(*pieces, strict=True))
        tally = _weighed(40 + self.random.poisson(40, hour.size).astype(np.int64))
        columns = (values[:, 0], values[:, 1], values[:, 2])
        rows = Rows(self.hours[hour], self.hours[hour + 1], hour, at, shapes, columns, values[:, 1], tally)
        return released(INDICATORS["flows"], rows, self.protection)

    def _transit(self, visitors: Ints) -> pa.Table:
        rhythm = 0.1 * (1.2 + np.sin(np.arange(self.hours.size - 1) / 24 * 2 * np.pi))
        counts = self.random.poisson(visitors[:, None] * rhythm).astype(np.int64)

        def distinct(sets: Sequence[ZoneSet]) -> Tally:
            return _weighed(np.array([counts[list(each.zones), each.hour].sum() for each in sets], np.int64))

        return protect_transit(self.hours, counts, distinct, self.protection)


def _origin_classes(inside: bool) -> Classes:
    """The own communes, départements by region, and countries by region of the world.

    Who is at home in the commune around a place `inside` it is no resident of that place.
    """
    names = (OWN, *DEPARTEMENTS, UNKNOWN, *COUNTRIES)
    regions = tuple(codes if len(codes) > 1 else codes[0] for codes in FRENCH_REGIONS.values())
    abroad = tuple(codes if len(codes) > 1 else codes[0] for codes in WORLD_REGIONS.values())
    domestic = ((UNKNOWN, OWN, *regions),) if inside else (OWN, (UNKNOWN, *regions))
    own = OTHER_DOMESTIC if inside else RESIDENT
    groups = (own, *[OTHER_DOMESTIC] * (len(DEPARTEMENTS) + 1), *[FOREIGN] * len(COUNTRIES))
    return Classes("origin", names, class_tree((*domestic, abroad), names), groups)


def _weighed(devices: Ints) -> Tally:
    return Tally(devices, devices * WEIGHT)


def _others(value: str) -> list[str]:
    return [name for name in value.split(SEPARATOR) if name != OWN]


def national_territory(zones: Zones) -> Territory:
    """The tree of the country, with some hexagons that are in no commune."""
    inside = np.unique(np.concatenate([zone.cells for zone in zones.zones]))
    last = h3.cell_to_parent(h3.int_to_str(int(inside[-1])), BASE - 2)
    around = [child for cell in h3.grid_ring(last, 2) for child in h3.cell_to_children(cell, BASE)]
    rest = np.setdiff1d(np.array([h3.str_to_int(cell) for cell in around], np.uint64), inside)
    return territory(np.union1d(inside, rest), zones.areas(), BASE, COARSEST)
