"""The town of the demo: Dijon Métropole with its communes, venues, network, people and phones."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.simulator.area import Area, area
from pipelines.simulator.day import plan
from pipelines.simulator.destinations import destinations, people_by_hexagon
from pipelines.simulator.facts import HOME_MCC, Facts, read
from pipelines.simulator.lines import Lines, lines, subscribers
from pipelines.simulator.movement import Paths, paths
from pipelines.simulator.network import Masts, masts
from pipelines.simulator.people import People, Source, people
from pipelines.simulator.places import Places
from pipelines.simulator.plane import Floats, Plane, chance
from pipelines.simulator.radio import Radio
from pipelines.simulator.settings import Settings, day_kind, length

PEOPLE_AT_ONCE = 40_000

_AROUND = 0.5
_LEAST_ROAMING, _MOST_ROAMING = 0.02, 0.95


@dataclass(frozen=True)
class Town:
    """Everything that does not change from day to day; `origins` are the identifiers that `People.origin` points to."""

    settings: Settings
    facts: Facts
    area: Area
    places: Places
    radio: Radio
    people: People
    lines: Lines
    origins: tuple[str, ...]

    @property
    def chunks(self) -> Iterator[slice]:
        """The people in lots of bounded size."""
        for start in range(0, len(self.people), PEOPLE_AT_ONCE):
            yield slice(start, min(start + PEOPLE_AT_ONCE, len(self.people)))


def town(settings: Settings) -> Town:
    """Dijon, with as many people as the settings want."""
    facts = read()
    ground = area(facts.communes, facts.venues)
    places = destinations(facts, ground)
    source = Source(tuple(c.population for c in facts.communes), facts.domestic, facts.abroad, facts.traits)
    everybody = people(
        settings.population, settings.days, source, places, ground.plane, chance(settings.seed, "people")
    )
    radio = Radio(_masts(facts, ground, places, settings.seed))
    visitors = [origin.code for origin in (*facts.domestic, *facts.abroad)]
    origins = (*(commune.code for commune in facts.communes), *visitors)
    return Town(settings, facts, ground, places, radio, everybody, _lines(settings, facts, everybody), origins)


def walk(found: Town, number: int, chunk: slice) -> Paths:
    """The paths of some of the people on a day of the simulation."""
    settings = found.settings
    kind, crowd = day_kind(settings.calendar[number]), settings.crowd(number)
    random = chance(settings.seed, "day", number, chunk.start)
    people = found.people.take(chunk)
    if settings.visits_every:
        people = people.again(number, settings.visits_every)
    does = plan(people, found.places, number, kind, crowd=crowd, random=random)
    return paths(does.east, does.north, does.hexagon, does.leave, length(settings.bounds(number)))


def _masts(facts: Facts, ground: Area, places: Places, seed: int) -> Masts:
    """Masts where people live and work, and small cells at the venues."""
    weight = people_by_hexagon(facts, places)
    small = _small_cells(facts, ground.plane)
    return masts(ground.east, ground.north, weight, small, chance(seed, "masts"))


def _small_cells(facts: Facts, plane: Plane) -> tuple[Floats, Floats]:
    """Where small cells stand: in the middle of a venue, or several around it."""
    east, north = plane.metres([v.latitude for v in facts.venues], [v.longitude for v in facts.venues])
    number = np.array([v.small_cells for v in facts.venues])
    venue = np.repeat(np.arange(len(number)), number)
    turn = 2 * np.pi * (np.arange(len(venue)) - np.repeat(np.cumsum(number) - number, number)) / number[venue]
    away = np.where(number > 1, _AROUND * np.array([v.radius_m for v in facts.venues]), 0)[venue]
    return east[venue] + away * np.sin(turn), north[venue] + away * np.cos(turn)


def _lines(settings: Settings, facts: Facts, everybody: People) -> Lines:
    random = chance(settings.seed, "lines")
    mcc = [HOME_MCC] * len(facts.communes) + [origin.mcc for origin in (*facts.domestic, *facts.abroad)]
    roaming = _roaming(facts, everybody, random)
    owners = subscribers(everybody, settings.devices, facts.traits.ownership, roaming, random)
    return lines(everybody, np.array(mcc)[everybody.origin], owners, random)


def _roaming(facts: Facts, everybody: People, random: np.random.Generator) -> Floats:
    """The share of each person's compatriots who roam here, as it happens to be; nan for those who live in France."""
    shares = [random.normal(country.share, country.sd) for country in facts.roaming]
    by_origin = np.full(len(facts.communes) + len(facts.domestic) + len(shares), np.nan)
    by_origin[len(by_origin) - len(shares) :] = np.clip(shares, _LEAST_ROAMING, _MOST_ROAMING)
    roaming: Floats = by_origin[everybody.origin]
    return roaming
