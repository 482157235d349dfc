"""What everybody does on one day: a fixed number of activities, one after the other, as arrays."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulator.festival import festival
from pipelines.simulator.habits import AT_WORK, AWAY, HOUR, DayKind, Outing, Role, outing, roles
from pipelines.simulator.movement import travel_time
from pipelines.simulator.people import FARTHEST_M, People
from pipelines.simulator.places import CENTRE, FESTIVAL, VENUE, Places, Spots, outside
from pipelines.simulator.plane import Bools, Floats, Ints

_AT_HOME_BETWEEN = 0.75 * HOUR
_DAY_TRIP = (9.5 - 5) * HOUR, (19.0 - 5) * HOUR


@dataclass(frozen=True)
class Plan:
    """The activities of p people on a day: where each is, and when each would be left, in seconds since it began.

    One column for each activity, in order; the last one is never left.
    """

    east: Floats
    north: Floats
    hexagon: Ints
    leave: Floats


def plan(people: People, places: Places, day: int, kind: DayKind, *, crowd: float, random: np.random.Generator) -> Plan:
    """What people do on the given day of the simulation: up to three outings, with home between where time allows.

    Visitors are in the area from their first to their last day and otherwise where they come from. `crowd`: see
    `festival`; 0 without one.
    """
    role = roles(people.spc, people.age_band, people.resident)
    there = (people.first <= day) & (day <= people.last)
    away = people.resident & (random.random(len(people)) < AWAY[kind])
    start = people.night.where(there & (people.first < day), people.home)
    end = people.night.where(there & (day < people.last), people.home)
    outings = [outing(number, kind, role, random) for number in range(3)]
    spots = [_destination(people, places, role, kind, number, random) for number in range(3)]
    if crowd:
        visit = festival(people, there & ~away, random, crowd)
        outings = _with_festival(outings, visit)
        spots[2] = places.draw(_kind(people, places, FESTIVAL), random).where(visit.goes, spots[2])
    outings, spots[0] = _day_trips(people, outings, spots[0], away, random)
    goes = [out.goes & there for out in outings]
    return _activities(people, start, end, spots, outings, goes)


def _kind(people: People, places: Places, kind: int) -> Ints:
    return np.full(len(people), places.communes + kind)


def _destination(
    people: People, places: Places, role: Ints, kind: DayKind, number: int, random: np.random.Generator
) -> Spots:
    """Where an outing leads: to work, to school, near home, into the centre, to a venue."""
    uniform = random.random(len(people))
    near = np.where(role == Role.VISITOR, 0.0, 0.4 if number < 2 else 0.5)
    central = near + np.where(role == Role.VISITOR, 0.55, 0.25)
    kinds = np.where(uniform < near, people.local, places.communes + VENUE)
    kinds = np.where((uniform >= near) & (uniform < central), places.communes + CENTRE, kinds)
    spots = places.draw(kinds, random)
    if number > 0:
        return spots
    works = (role == Role.WORKER) & (random.random(len(people)) < AT_WORK[kind])
    return people.work.where(works | ((role == Role.PUPIL) & (kind == DayKind.WEEKDAY)), spots)


def _with_festival(outings: list[Outing], visit: Outing) -> list[Outing]:
    """The evening of those who go is the festival; outings that would still last when they enter are left out."""
    others = [
        Outing(out.goes & ~(visit.goes & (out.leave + 0.25 * HOUR > visit.arrive)), out.arrive, out.leave)
        for out in outings[:2]
    ]
    evening = outings[2]
    return [
        *others,
        Outing(
            evening.goes | visit.goes,
            np.where(visit.goes, visit.arrive, evening.arrive),
            np.where(visit.goes, visit.leave, evening.leave),
        ),
    ]


def _day_trips(
    people: People, outings: list[Outing], spots: Spots, away: Bools, random: np.random.Generator
) -> tuple[list[Outing], Spots]:
    """Those who are away leave the area in the morning, and do nothing else on that day."""
    count = len(people)
    direction = random.random(count) * 2 * np.pi
    far = outside(FARTHEST_M * np.cos(direction), FARTHEST_M * np.sin(direction))
    begin, back = (mean + HOUR * random.standard_normal(count) for mean in _DAY_TRIP)
    first = Outing(
        outings[0].goes | away,
        np.where(away, begin, outings[0].arrive),
        np.where(away, back, outings[0].leave),
    )
    return [first, *(Outing(out.goes & ~away, out.arrive, out.leave) for out in outings[1:])], far.where(away, spots)


def _activities(
    people: People, start: Spots, end: Spots, spots: list[Spots], outings: list[Outing], goes: list[Bools]
) -> Plan:
    """The first place, then for each outing the place and where one is until the next, then the last place."""
    here, leaves = [start], []
    left = np.zeros(len(people))
    for number, (spot, out, going) in enumerate(zip(spots, outings, goes, strict=True)):
        place = spot.where(going, here[-1])
        on_time = out.arrive - travel_time(place.east - here[-1].east, place.north - here[-1].north)
        leaves.append(np.where(going, np.maximum(on_time, left), left))
        left = np.where(going, out.leave, left)
        here.append(place)
        leaves.append(left)
        if number < 2:
            home = people.resident & going & ~_soon(left, outings[number + 1 :], goes[number + 1 :])
            here.append(start.where(home, place))
    here.append(end)
    return Plan(
        np.stack([spot.east for spot in here], 1),
        np.stack([spot.north for spot in here], 1),
        np.stack([spot.hexagon for spot in here], 1),
        np.stack([*leaves, np.full(len(people), np.inf)], 1),
    )


def _soon(left: Floats, outings: list[Outing], goes: list[Bools]) -> Bools:
    """Whether the next outing follows too soon to go home first."""
    begin = np.full(len(left), np.inf)
    for out, going in zip(reversed(outings), reversed(goes), strict=True):
        begin = np.where(going, out.arrive, begin)
    soon: Bools = begin - left < _AT_HOME_BETWEEN
    return soon
