"""How the days of a town are counted: its zones and what they are called, the instants of a day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from pipelines.simulator.settings import CALENDAR, TIMEZONE, Settings, length
from pipelines.simulator.town import Town
from pipelines.simulator.truth import STEP_S, Day, Zoning
from pipelines.simulator.truth_tables import OUTSIDE, Names


def zoning(found: Town) -> Zoning:
    """The zones of a town by number."""
    facts = found.facts
    domestic = len(facts.communes) + len(facts.domestic)
    return Zoning(found.area, len(facts.communes), len(facts.venues), len(found.origins), domestic)


def names(found: Town, number: int) -> Names:
    """What the codes of a day of the simulation stand for."""
    day = found.settings.calendar[number]
    zones = (*(c.code for c in found.facts.communes), *(v.zone_id for v in found.facts.venues), OUTSIDE)
    return Names(day, zones, found.origins, found.area.hexagons, CALENDAR.slots(day), CALENDAR.hours(day))


def grid_of(settings: Settings, number: int) -> Day:
    """The instants of a day of the simulation."""
    day, bounds = settings.calendar[number], settings.bounds(number)
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(TIMEZONE))
    night = int(np.ceil((midnight.timestamp() - bounds.start / 1e6) / STEP_S))
    return Day(round(length(bounds) / STEP_S), night, CALENDAR.half_hour_slot(day))
