"""The people of the simulation: where they live, work and sleep, how old they are and what they do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipelines.simulator.facts import Origin, Traits
from pipelines.simulator.places import CENTRE, HOTEL, JOB, Places, Spots, outside
from pipelines.simulator.plane import Bools, Floats, Ints, Plane, cumulated

DOMESTIC_VISITORS = 0.12
FOREIGN_VISITORS = 0.04
"""Shares of the population: the project's own assumptions."""

MOST_NIGHTS = 3
FARTHEST_M = 45_000.0
"""Visitors from farther away are met on their way, at this distance."""

_SPREAD_M = 1_000.0
_LOCAL_JOB = 0.3
_FITTING_ROUNDS = 50

Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Source:
    """What people are drawn from: inhabitants of each commune, where visitors come from (perhaps nowhere), traits."""

    inhabitants: Sequence[float]
    domestic: Sequence[Origin]
    abroad: Sequence[Origin]
    traits: Traits


@dataclass(frozen=True)
class People:
    """p people.

    `origin`: row among the communes, the other communes of visitors, then the countries. `age_band`, `spc`: places in
    the closed lists. `local`: kind of the places near home. `first`, `last`: the first and the last day in the area, as
    days of the simulation; residents begin before it and end after it. `night`: where they sleep when in the area.
    """

    origin: Ints
    age_band: Codes
    spc: Codes
    resident: Bools
    local: Ints
    home: Spots
    night: Spots
    work: Spots
    first: Ints
    last: Ints

    def __len__(self) -> int:
        return len(self.origin)

    def take(self, rows: slice) -> "People":
        """Some of the people."""
        spots = {name: getattr(self, name).take(rows) for name in ("home", "night", "work")}
        others = (name for name in self.__dataclass_fields__ if name not in spots)
        return replace(self, **spots, **{name: getattr(self, name)[rows] for name in others})

    def again(self, day: int, every: int) -> "People":
        """The people with the stays of visitors that began last, up to a day, where they come every so many days."""
        later = np.where(self.resident, 0, (day - self.first) // every * every)
        return replace(self, first=self.first + later, last=self.last + later)


def people(count: int, days: int, source: Source, places: Places, plane: Plane, random: np.random.Generator) -> People:
    """Residents in the proportions of the communes' inhabitants, and visitors from France and from abroad."""
    origin, overnight = _origins(count, source, random)
    resident = origin < len(source.inhabitants)
    age_band, spc = age_and_class(source.traits, count, random)
    local = np.where(resident, origin, places.communes + CENTRE)
    away = _outside(origin - len(source.inhabitants), source, plane, random)
    home = places.draw(local, random).where(resident, away)
    hotel = places.draw(np.full(count, places.communes + HOTEL), random)
    nights = np.where(overnight, random.integers(1, MOST_NIGHTS + 1, count), 0)
    first = random.integers(-nights, days)
    jobs = np.where(resident & (random.random(count) < _LOCAL_JOB), local, places.communes + JOB)
    work = places.draw(jobs, random)
    first, last = np.where(resident, -1, first), np.where(resident, days, first + nights)
    return People(origin, age_band, spc, resident, local, home, hotel.where(overnight, home), work, first, last)


def age_and_class(traits: Traits, count: int, random: np.random.Generator) -> tuple[Codes, Codes]:
    """Age bands and socio-professional classes with the shares of both, and as likely together as stated.

    The joint shares are fitted by iterative proportions (source: W. E. Deming and F. F. Stephan, 1940).
    """
    joint = np.array(traits.likelihood, np.float64)
    ages, classes = np.array(traits.age_bands), np.array(traits.spc)
    for _ in range(_FITTING_ROUNDS):
        joint *= (classes / joint.sum(0))[None, :]
        joint *= (ages / joint.sum(1))[:, None]
    found = np.searchsorted(cumulated(joint.ravel()), random.random(count), "right")
    age_band, spc = np.divmod(found, len(classes))
    return age_band.astype(np.int8), spc.astype(np.int8)


def _origins(count: int, source: Source, random: np.random.Generator) -> tuple[Ints, Bools]:
    """Origin of each person, and whether visitors stay overnight."""
    residents = np.array(source.inhabitants, np.float64)
    foreign = FOREIGN_VISITORS if source.abroad else 0.0
    domestic = DOMESTIC_VISITORS if source.domestic else 0.0
    parts = [
        (1 - domestic - foreign) * residents / residents.sum(),
        domestic * _visitors(source.domestic),
        foreign * _visitors(source.abroad),
    ]
    origin = np.searchsorted(cumulated(np.concatenate(parts)), random.random(count), "right")
    overnight = [*[0.0] * len(residents), *(o.overnight for o in (*source.domestic, *source.abroad))]
    return origin, random.random(count) < np.array(overnight)[origin]


def _visitors(origins: Sequence[Origin]) -> Floats:
    """Share of each origin."""
    visitors = np.array([origin.visitors for origin in origins])
    return visitors / visitors.sum() if len(visitors) else visitors


def _outside(row: Ints, source: Source, plane: Plane, random: np.random.Generator) -> Spots:
    """The place of each visitor's origin, or the nearest at which they are met, within a kilometre or two."""
    origins = [*source.domestic, *source.abroad]
    row = np.maximum(row, -1)
    east, north = plane.metres([*(o.latitude for o in origins), 0.0], [*(o.longitude for o in origins), 0.0])
    nearer = np.minimum(FARTHEST_M / np.hypot(east, north), 1.0)
    spread: Floats = random.normal(0, _SPREAD_M, (2, len(row)))
    return outside((east * nearer)[row] + spread[0], (north * nearer)[row] + spread[1])
