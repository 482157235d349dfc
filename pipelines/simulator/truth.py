"""What really happened on a day, counted over the whole population as the product counts devices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipelines.simulator.area import NO_VENUE, OUTSIDE, Area
from pipelines.simulator.counts import Count, count
from pipelines.simulator.movement import Paths, grid, legs
from pipelines.simulator.people import People
from pipelines.simulator.plane import Bools, Ints
from schemas.vocabulary import AGE_BANDS, DWELL_BAND_STARTS_MINUTES, SPC, VISITOR_CATEGORIES

STEP_S = 300
_MINUTES = STEP_S // 60
_SLOT = 3
_HOUR = 12
NIGHTS = ("zone", "area", "outside")
"""Where a night was spent: in the zone of the row, elsewhere in the area, outside of it."""

RESIDENT, EXCURSIONIST, TOURIST, FOREIGN_EXCURSIONIST, FOREIGN_TOURIST = range(len(VISITOR_CATEGORIES))

_Hexagons = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Zoning:
    """Zones as numbers: communes, then venues, then the outside; hexagons, then the outside.

    Of the `origins` of people, those from `abroad` on are countries.
    """

    area: Area
    communes: int
    venues: int
    origins: int
    abroad: int

    @property
    def outside(self) -> int:
        """The number of the outside among the zones, which is that of zones."""
        return self.communes + self.venues

    @cached_property
    def commune(self) -> Ints:
        """The commune of each hexagon, or the outside."""
        return np.append(self.area.commune, self.outside)

    @cached_property
    def venue(self) -> Ints:
        """The venue of each hexagon, or one more than the outside."""
        venue = self.area.venue
        return np.append(np.where(venue == NO_VENUE, self.outside + 1, self.communes + venue), self.outside + 1)


@dataclass(frozen=True)
class Day:
    """A privacy day on the grid: its instants, the first of them at night, the slot that stands for each hour."""

    instants: int
    night: int
    half_hour: npt.NDArray[np.int32]


def hexagons(paths: Paths, area: Area, instants: int) -> _Hexagons:
    """[p, instants] the hexagon of everybody every five minutes; one more than the last hexagon is outside."""
    found = grid(paths, STEP_S, instants)
    moving = np.flatnonzero(found.moving)
    node = found.node.ravel()[moving].astype(np.int64)
    place = found.hexagon.ravel()
    place[moving] = area.locate(*paths.between(node, (moving % instants).astype(np.float64) * STEP_S))
    place[place == OUTSIDE] = len(area.hexagons)
    return place.reshape(found.hexagon.shape)


def observe(people: People, paths: Paths, where: _Hexagons, zoning: Zoning, day: Day) -> dict[str, Count]:
    """The counts of a lot of people on a day, by name of the table."""
    slots = _most_of_slot(where)
    hours = slots[:, day.half_hour]
    return {
        "presence": _presence(slots, zoning),
        "presence_by_hexagon": _by_hexagon(hours, zoning),
        "presence_by_age": _presence(hours, zoning, people.age_band, len(AGE_BANDS)),
        "presence_by_spc": _presence(hours, zoning, people.spc, len(SPC)),
        "flows": _flows(paths, zoning),
        **_visits(people, where, zoning, day),
    }


def _most_of_slot(where: _Hexagons) -> _Hexagons:
    """The hexagon where each is in most of a slot, of three instants; the last one if all differ."""
    first, second, third = (where[:, at::_SLOT] for at in range(_SLOT))
    return np.where(first == second, first, third)


def _presence(where: _Hexagons, zoning: Zoning, code: npt.NDArray[np.int8] | None = None, codes: int = 1) -> Count:
    """People by window, zone and code: in their commune or outside, and once more in their venue."""
    window = np.broadcast_to(np.arange(where.shape[1]), where.shape).ravel()
    codes_of = np.zeros(len(where), np.int8) if code is None else code
    attribute: npt.NDArray[np.int8] = np.repeat(codes_of, where.shape[1])
    venue = zoning.venue[where].ravel()
    inside = venue <= zoning.outside
    zone = np.append(zoning.commune[where].ravel(), venue[inside])
    shape = (where.shape[1], zoning.outside + 1, codes)
    return count(shape, np.append(window, window[inside]), zone, np.append(attribute, attribute[inside]))


def _by_hexagon(hours: _Hexagons, zoning: Zoning) -> Count:
    window = np.broadcast_to(np.arange(hours.shape[1]), hours.shape)
    return count((hours.shape[1], len(zoning.area.hexagons) + 1), window, hours)


def _flows(paths: Paths, zoning: Zoning) -> Count:
    """People by hour of departure, commune that they leave and commune that they come to, each once."""
    ways = legs(paths)
    zone = zoning.commune[paths.hexagon]
    start, end = zone[ways.person, ways.activity], zone[ways.person, ways.activity + 1]
    hours = int(np.ceil(paths.length / 3600))
    shape = (len(paths.hexagon), hours, zoning.outside + 1, zoning.outside + 1)
    moves = start != end
    hour = np.minimum(ways.start[moves] // 3600, hours - 1).astype(np.int64)
    once = count(shape, ways.person[moves], hour, start[moves], end[moves])
    return count(shape[1:], *once.columns()[1:])


def _visits(people: People, where: _Hexagons, zoning: Zoning, day: Day) -> dict[str, Count]:
    """Attendance, dwell and nights: of everybody who is in a zone for at least 15 minutes of the day."""
    minutes = _instants_by_zone(where, zoning) * _MINUTES
    asleep = _instants_by_zone(where[:, day.night :], zoning) * 2 >= where.shape[1] - day.night
    person, zone = np.nonzero(minutes[:, : zoning.outside] >= DWELL_BAND_STARTS_MINUTES[0])
    night = np.where(asleep[person, zone], 0, np.where(asleep[person, zoning.outside], 2, 1))
    origin = people.origin[person]
    sleeps = night == 0
    at_home = people.resident[person] & (origin == zone)
    category = _categories(at_home, origin >= zoning.abroad, sleeps)
    band = np.searchsorted(DWELL_BAND_STARTS_MINUTES, minutes[person, zone], "right") - 1
    attributes = (people.age_band[person], people.spc[person], category, origin, night)
    sizes = (len(AGE_BANDS), len(SPC), len(VISITOR_CATEGORIES), zoning.origins, len(NIGHTS))
    return {
        "attendance": count((zoning.outside, *sizes), zone, *attributes),
        "dwell": count((zoning.outside, len(DWELL_BAND_STARTS_MINUTES)), zone, band),
        "nights": count((zoning.outside, len(VISITOR_CATEGORIES)), zone[sleeps], category[sleeps]),
    }


def _instants_by_zone(where: _Hexagons, zoning: Zoning) -> Ints:
    """[p, zones] how many instants each is in each zone, and outside."""
    columns = zoning.outside + 2
    base = (np.arange(len(where)) * columns)[:, None]
    found = np.zeros(len(where) * columns, np.int64)
    for layer in (zoning.commune, zoning.venue):
        found += np.bincount((layer[where] + base).ravel(), minlength=len(found))
    return found.reshape(-1, columns)[:, : zoning.outside + 1]


def _categories(resident: Bools, foreign: Bools, sleeps: Bools) -> Ints:
    """The visitor category: residents of the zone; others by where they come from and whether they sleep there."""
    visitor = np.where(sleeps, TOURIST, EXCURSIONIST)
    abroad = np.where(sleeps, FOREIGN_TOURIST, FOREIGN_EXCURSIONIST)
    return np.where(resident, RESIDENT, np.where(foreign, abroad, visitor))
