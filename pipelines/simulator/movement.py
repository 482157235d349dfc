"""Where people are at any instant: their activities and the ways between, at a finite speed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.simulator.plane import Bools, Floats, Ints

_WALKED_M, _CITY_M = 1_000.0, 12_000.0
_WALKING, _CITY, _ROAD = 1.25, 6.5, 20.0
_GETTING_READY_S = 90.0


def travel_time(east: Floats, north: Floats) -> Floats:
    """Seconds for a way of so many metres: on foot, through the city or by road; none where there is no way.

    The speeds, in metres a second along the straight line, are the project's own assumptions.
    """
    distance = np.hypot(east, north)
    speed = np.where(distance <= _WALKED_M, _WALKING, np.where(distance <= _CITY_M, _CITY, _ROAD))
    seconds: Floats = np.where(distance > 0, _GETTING_READY_S + distance / speed, 0.0)
    return seconds


@dataclass(frozen=True)
class Paths:
    """The ways of p people over a day: a place at each of 2 a nodes, for a activities; straight lines between.

    `time` [p, 2 a], ascending, in seconds from 0 to `length`; nodes 2 i and 2 i + 1 begin and end activity i.
    `hexagon` [p, a] is the row of the hexagon of each activity.
    """

    time: Floats
    east: Floats
    north: Floats
    hexagon: Ints
    length: float

    def at(self, person: Ints, time: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of people at instants."""
        nodes = self.time.shape[1]
        span = self.length + 1.0
        flat = (self.time + np.arange(len(self.time))[:, None] * span).ravel()
        node = np.searchsorted(flat, person * span + time, "right") - 1
        return self.between(np.clip(node, person * nodes, person * nodes + nodes - 2), time)

    def between(self, node: Ints, time: Floats) -> tuple[Floats, Floats]:
        """Places at instants after nodes that are given as flat indices."""
        start = self.time.ravel()[node]
        lasts = self.time.ravel()[node + 1] - start
        share = np.divide(time - start, lasts, out=np.zeros_like(time), where=lasts > 0)
        east, north = self.east.ravel(), self.north.ravel()
        return (
            east[node] + share * (east[node + 1] - east[node]),
            north[node] + share * (north[node + 1] - north[node]),
        )


@dataclass(frozen=True)
class Legs:
    """The ways that are longer than nothing: whose, from which activity, when, and how far in metres."""

    person: Ints
    activity: Ints
    start: Floats
    end: Floats
    distance: Floats


def paths(east: Floats, north: Floats, hexagon: Ints, leave: Floats, length: float) -> Paths:
    """Paths from activities, each a column, and when each would be left; who arrives late leaves at once."""
    count, activities = east.shape
    time = np.zeros((count, 2 * activities))
    for activity in range(activities):
        before = 2 * activity - 1
        if activity:
            way = travel_time(
                east[:, activity] - east[:, activity - 1],
                north[:, activity] - north[:, activity - 1],
            )
            time[:, before + 1] = np.minimum(time[:, before] + way, length)
        time[:, before + 2] = np.clip(leave[:, activity], time[:, before + 1], length)
    return Paths(time, np.repeat(east, 2, 1), np.repeat(north, 2, 1), hexagon, length)


def legs(found: Paths) -> Legs:
    """The ways of a day, by person, then by time."""
    away = np.hypot(np.diff(found.east[:, 1:])[:, ::2], np.diff(found.north[:, 1:])[:, ::2])
    person, activity = np.nonzero(away > 0)
    start, end = found.time[person, 2 * activity + 1], found.time[person, 2 * activity + 2]
    return Legs(person, activity, start, end, away[person, activity])


@dataclass(frozen=True)
class Grid:
    """Instants 0, step, 2 step, ... of a day, `count` of them, for every person.

    `hexagon` [p, count] is the row of the hexagon of the activity; where `moving`, the point must be located.
    `node` [p, count] is the flat index of the node before each instant.
    """

    hexagon: npt.NDArray[np.int32]
    moving: Bools
    node: npt.NDArray[np.int32]
    time: Floats


def grid(found: Paths, step: float, count: int) -> Grid:
    """The paths on a grid of instants."""
    people, nodes = found.time.shape
    edge = np.minimum(np.ceil(found.time / step).astype(np.int32), count)
    edge[:, 0], edge[:, -1] = 0, count
    sizes = np.diff(edge).ravel()
    # Of node 2 i the interval is activity i, of node 2 i + 1 the way from it.
    node = (np.arange(people, dtype=np.int32)[:, None] * nodes + np.arange(nodes - 1, dtype=np.int32)).ravel()
    moving = np.zeros((people, nodes - 1), np.bool_)
    moving[:, 1::2] = True
    hexagon = np.repeat(found.hexagon.astype(np.int32), 2, 1)[:, : nodes - 1].ravel()
    shape = (people, count)
    return Grid(
        np.repeat(hexagon, sizes).reshape(shape),
        np.repeat(moving.ravel(), sizes).reshape(shape),
        np.repeat(node, sizes).reshape(shape),
        np.arange(count, dtype=np.float64) * step,
    )
