"""Traces from counts alone: which people of one slot are which of the next, as a stranger would guess.

After Xu et al. (2017): people stay where they are, or go the shortest way. What the counts leave open is decided by
who came last, who leaves again first, and by how near each would come to its first place, its home (the second is an
addition of this project, with which more is recovered on simulated days).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linear_sum_assignment, linprog

from pipelines.arrays import Ints
from pipelines.attacks.people.halves import Scene, Series

Floats = npt.NDArray[np.float64]

OUTSIDE_KM: Final = 8.0
"""What it costs to appear or to vanish: a way that is longer than this is not gone in one slot."""
STAYING: Final = 1e-3
"""Cost of a kilometre between parts that overlap: whoever is in both need not have moved."""
NEAREST: Final = 12
"""Parts that are thought of as the next of each, and as the one before."""
HOME: Final = 0.5
HOME_KM: Final = 6.0
"""Weight of the way from home against the way that is gone, and how far from home makes no difference any more."""
MOST_MOVERS: Final = 2_000


@dataclass(frozen=True)
class Way:
    """How many of a part go to a part of the next slot: int64[ways] `start`, `end`, `people`; float64 `cost` in km."""

    start: Ints
    end: Ints
    people: Ints
    cost: Floats


def recover(series: Series, places: Floats) -> Ints:
    """int64[traces, slots]: the part of each recovered trace in each slot, among those of the slot; past them: outside.

    `places` float64[hexagons, 2]: kilometres on a plane.
    """
    slots = len(series.part)
    scenes = [series.at(slot) for slot in range(slots)]
    people = max((int(scene.printed.sum()) for scene in scenes), default=0)
    traces = np.empty((people, slots), np.int64)
    traces[:, 0] = np.repeat(np.arange(scenes[0].printed.size + 1), _with_outside(scenes[0], people))
    centre = _centres(scenes[0], places)
    home = centre[traces[:, 0]]
    since = np.zeros(people)
    for slot in range(slots - 1):
        after = _centres(scenes[slot + 1], places)
        way = ways(scenes[slot], scenes[slot + 1], centre, after, people)
        traces[:, slot + 1], stays = _next(traces[:, slot], since, home, way, centre, after)
        home = np.where(np.isnan(home), after[traces[:, slot + 1]], home)
        since, centre = np.where(stays, since + 1, 0), after
    return traces


def ways(before: Scene, after: Scene, start: Floats, end: Floats, people: int) -> Way:
    """The cheapest ways from one slot to the next; a part that stays as it is keeps whom it can keep."""
    shared = _shared(before, after)
    cost = _costs(shared, start, end)
    have, want = _with_outside(before, people), _with_outside(after, people)
    same_start, same_end = np.nonzero((shared == before.size[:, None]) & (shared == after.size[None]))
    kept = np.minimum(have[same_start], want[same_end])
    have[same_start] -= kept
    want[same_end] -= kept
    moved = _transported(have, want, cost)
    found = [np.concatenate(both) for both in zip((same_start, same_end, kept), moved, strict=True)]
    return Way(found[0], found[1], found[2], cost[found[0], found[1]])


def _with_outside(scene: Scene, people: int) -> Ints:
    """The people of each part, and those outside."""
    return np.append(scene.printed, people - scene.printed.sum())


def _centres(scene: Scene, places: Floats) -> Floats:
    """float64[parts + 1, 2]: the middle of each part; outside is nowhere."""
    inside = scene.part >= 0
    sums = [np.bincount(scene.part[inside], places[inside, axis], scene.size.size) for axis in (0, 1)]
    middles = np.stack(sums, axis=1) / np.maximum(scene.size, 1)[:, None]
    return np.concatenate([middles, np.full((1, 2), np.nan)])


def _shared(before: Scene, after: Scene) -> Ints:
    """int64[parts before, parts after]: the hexagons that two parts share."""
    inside = (before.part >= 0) & (after.part >= 0)
    width = after.size.size
    found = np.bincount(before.part[inside] * width + after.part[inside], minlength=before.size.size * width)
    return found.reshape(before.size.size, width)


def _costs(shared: Ints, start: Floats, end: Floats) -> Floats:
    """float64[parts before + 1, parts after + 1]: kilometres, few between parts that overlap."""
    cost = np.full((len(start), len(end)), OUTSIDE_KM)
    distance = np.hypot(*(start[:-1, None] - end[None, :-1]).transpose(2, 0, 1))
    cost[:-1, :-1] = np.where(shared > 0, STAYING * distance, STAYING + distance)
    cost[-1, -1] = 0
    return cost


def _transported(have: Ints, want: Ints, cost: Floats) -> tuple[Ints, Ints, Ints]:
    """(start, end, people) of the cheapest ways that bring those who are left where they are missing."""
    rows, columns = np.flatnonzero(have), np.flatnonzero(want)
    if not rows.size:
        return rows, columns, rows
    some = cost[np.ix_(rows, columns)]
    start, end = _near(some)
    count = start.size
    incidence = sparse.csr_array(
        (np.ones(2 * count), (np.concatenate([start, rows.size + end]), np.tile(np.arange(count), 2)))
    )
    found = linprog(some[start, end], A_eq=incidence, b_eq=np.concatenate([have[rows], want[columns]]), method="highs")
    people = np.rint(found.x).astype(np.int64)
    return rows[start[people > 0]], columns[end[people > 0]], people[people > 0]


def _near(cost: Floats) -> tuple[Ints, Ints]:
    """The ways that are thought of: those to the nearest, and of the last row and column, so that all people fit."""
    rows, columns = cost.shape
    chosen = np.zeros(cost.shape, np.bool_)
    for axis, length in ((1, columns), (0, rows)):
        nearest = np.argsort(cost, axis=axis, kind="stable").take(np.arange(min(NEAREST, length)), axis=axis)
        np.put_along_axis(chosen, nearest, True, axis=axis)
    chosen[-1], chosen[:, -1] = True, True
    start, end = np.nonzero(chosen)
    return start.astype(np.int64), end.astype(np.int64)


def _next(
    part: Ints, since: Floats, home: Floats, way: Way, start: Floats, end: Floats
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The next part of each trace, and whether it stays; of a part those move who came last."""
    order = np.lexsort((np.arange(part.size), -since, part))
    by_start = np.lexsort((way.end, way.cost, way.start))
    people = way.people[by_start]
    following, stays = np.empty_like(part), np.empty(part.size, np.bool_)
    following[order] = np.repeat(way.end[by_start], people)
    stays[order] = np.repeat(way.cost[by_start] < STAYING, people)
    movers = np.flatnonzero(~stays)
    if 1 < movers.size <= MOST_MOVERS:
        ends = end[following[movers]]
        cost = _between(start[part[movers]], ends, OUTSIDE_KM) + HOME * _between(home[movers], ends, HOME_KM)
        who, where = linear_sum_assignment(cost)
        following[movers[who]] = following[movers[where]]
    return following, stays


def _between(one: Floats, other: Floats, most: float) -> Floats:
    """float64[n, m]: kilometres, at most so many; as many where a place is not known."""
    distance = np.hypot(*(one[:, None] - other[None]).transpose(2, 0, 1))
    return np.minimum(np.where(np.isnan(distance), most, distance), most)
