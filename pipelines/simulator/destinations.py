"""How likely each hexagon of the area is as a home, a work place, a shop, a hotel. The project's own assumptions."""

import numpy as np

from pipelines.simulator.area import NO_VENUE, Area
from pipelines.simulator.facts import Facts, Venue
from pipelines.simulator.places import CENTRE, FESTIVAL, HOTEL, JOB, KINDS, VENUE, Places
from pipelines.simulator.plane import Floats, cumulated

_HOME_SCALE = 0.55
_CENTRE_M, _HOTEL_M, _STAGE_M = 700.0, 600.0, 320.0
_SPOT_M = 165.0
_CENTRE, _HOTELS = "liberation", ("liberation", "gare", "toison-dor")
_JOBS_IN_CENTRE, _JOBS_AT_VENUES, _CONCENTRATION = 0.25, 0.15, 1.1


def destinations(facts: Facts, ground: Area) -> Places:
    """The hexagons as places for each kind of destination."""
    local, centre = homes(facts, ground), _near(ground, _named(facts, _CENTRE), _CENTRE_M)
    venues = _venues(facts, ground)
    inhabitants = np.array([commune.population for commune in facts.communes])
    jobs = _shares(inhabitants**_CONCENTRATION @ local)
    jobs += _JOBS_IN_CENTRE * _shares(centre) + _JOBS_AT_VENUES * venues
    others = np.zeros((KINDS, len(ground.hexagons)))
    others[JOB], others[CENTRE], others[VENUE] = jobs, centre, venues
    others[HOTEL] = sum(_near(ground, _named(facts, name), _HOTEL_M) for name in _HOTELS)
    stage = festival_venue(facts)
    others[FESTIVAL] = (ground.venue == facts.venues.index(stage)) * _near(ground, stage, _STAGE_M)
    return Places(ground.east, ground.north, cumulated(np.concatenate([local, others])), _SPOT_M)


def homes(facts: Facts, ground: Area) -> Floats:
    """[communes, hexagons] shares of the homes of each commune: denser around its centre, none in a venue."""
    east, north = ground.plane.metres([c.latitude for c in facts.communes], [c.longitude for c in facts.communes])
    scale = _HOME_SCALE * 1_000 * np.sqrt([c.area_km2 / np.pi for c in facts.communes])
    away = np.hypot(ground.east - east[:, None], ground.north - north[:, None])
    mine = (ground.commune == np.arange(len(facts.communes))[:, None]) & (ground.venue == NO_VENUE)
    weight = np.where(mine, np.exp(-away / scale[:, None]), 0)
    shares: Floats = weight / weight.sum(1)[:, None]
    return shares


def people_by_hexagon(facts: Facts, places: Places) -> Floats:
    """Where people are, at home and at work, in any unit."""
    shares = np.diff(places.cumulative, axis=1, prepend=0)
    inhabitants = _shares(np.array([commune.population for commune in facts.communes]))
    found: Floats = inhabitants @ shares[: places.communes] + shares[places.communes + JOB]
    return found


def festival_venue(facts: Facts) -> Venue:
    """Where the festival takes place."""
    return next(venue for venue in facts.venues if venue.festival)


def _named(facts: Facts, zone_id: str) -> Venue:
    return next(venue for venue in facts.venues if venue.zone_id == zone_id)


def _venues(facts: Facts, ground: Area) -> Floats:
    """Shares of the visits to venues, spread evenly over the hexagons of each."""
    visits = np.array([*(venue.visits for venue in facts.venues), 0.0])
    sizes = np.bincount(ground.venue[ground.venue != NO_VENUE], minlength=len(facts.venues))
    return _shares((visits / np.append(sizes, 1))[ground.venue])


def _near(ground: Area, venue: Venue, scale: float) -> Floats:
    """A weight that falls with the distance from a venue, by e over `scale` metres."""
    east, north = ground.plane.metres(venue.latitude, venue.longitude)
    weight: Floats = np.exp(-np.hypot(ground.east - east, ground.north - north) / scale)
    return weight


def _shares(weight: Floats) -> Floats:
    shares: Floats = weight / weight.sum()
    return shares
