"""Traces from counts alone: which people of one slot are which of the next, as a stranger would guess.

After Xu et al. (2017): people stay where they are, or go the shortest way. What the counts leave open is decided by
who came last, who leaves again first, and by how near each would come to its first place, its home (the second is an
addition of this project, with which more is recovered on simulated days). Traces through all slots are then linked
anew, see `relinked.py`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linear_sum_assignment, linprog

from pipelines.arrays import Ints
from pipelines.attacks.people.halves import Scene, Series
from pipelines.attacks.people.relinked import relinked

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
"""People who are thought of one by one, at most: time grows with their cube."""


@dataclass(frozen=True)
class Way:
    """How many of a part go to a part of the next slot: int64[ways] `start`, `end`, `people`; float64 `cost` in km."""

    start: Ints
    end: Ints
    people: Ints
    cost: Floats


def recover(series: Series, places: Floats, likely: Floats) -> Ints:
    """int64[traces, slots]: the part of each recovered trace in each slot, among all parts of the series, or -1.

    `places` float64[hexagons, 2]: kilometres on a plane; `likely` float64[hexagons]: where people are in general.
    """
    traces = _in_turn(series, places)
    first = np.searchsorted(series.slot, np.arange(len(series.part)))
    inside = traces < np.diff(np.append(first, series.slot.size))
    parts = np.where(inside, traces + first, -1)[inside.any(axis=1)]
    return relinked(parts, np.append(series.likeliest(likely), -1)[parts], places)


def _in_turn(series: Series, places: Floats) -> Ints:
    """int64[traces, slots]: the part of each trace in each slot, among those of the slot; past them: outside.

    As many again as are ever printed are outside, so that anybody can vanish while another appears.
    """
    slots = len(series.part)
    scenes = [series.at(slot) for slot in range(slots)]
    people = 2 * max((int(scene.printed.sum()) for scene in scenes), default=0)
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
    have, want = _with_outside(before, people), _with_outside(after, people)
    same_start, same_end = np.nonzero((shared == before.size[:, None]) & (shared == after.size[None]))
    kept = np.minimum(have[same_start], want[same_end])
    have[same_start] -= kept
    want[same_end] -= kept
    # Outside, the last one, is among both: anybody can go there.
    rows, columns = np.flatnonzero(have), np.flatnonzero(want)
    cost = _costs(shared[np.ix_(rows[:-1], columns[:-1])], start[rows[:-1]], end[columns[:-1]])
    few = have[rows[:-1]].sum() + want[columns[:-1]].sum() <= MOST_MOVERS
    moved_start, moved_end, moved = (_one_by_one if few else _together)(have[rows], want[columns], cost)
    return Way(
        np.concatenate([same_start, rows[moved_start]]),
        np.concatenate([same_end, columns[moved_end]]),
        np.concatenate([kept, moved]),
        np.concatenate([np.zeros(kept.size), cost[moved_start, moved_end]]),
    )


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
    """float64[parts before + 1, parts after + 1]: kilometres, few between parts that overlap; outside is the last."""
    cost = np.full((len(start) + 1, len(end) + 1), OUTSIDE_KM)
    distance = np.hypot(*(start[:, None] - end[None]).transpose(2, 0, 1))
    cost[:-1, :-1] = np.where(shared > 0, STAYING * distance, STAYING + distance)
    cost[-1, -1] = 0
    return cost


def _one_by_one(have: Ints, want: Ints, cost: Floats) -> tuple[Ints, Ints, Ints]:
    """(start, end, people) of the cheapest ways of so many people, each by itself: fast where parts are many."""
    outside, no_longer = have.size - 1, want.size - 1
    leaving, coming = (np.repeat(np.arange(each.size - 1), each[:-1]) for each in (have, want))
    start = np.concatenate([leaving, np.full(coming.size, outside)])
    end = np.concatenate([coming, np.full(leaving.size, no_longer)])
    who, where = linear_sum_assignment(cost[np.ix_(start, end)])
    people = np.zeros(cost.shape, np.int64)
    np.add.at(people, (start[who], end[where]), 1)
    people[-1, -1] = want[-1] - people[:-1, -1].sum()
    found_start, found_end = np.nonzero(people)
    return found_start, found_end, people[found_start, found_end]


def _together(have: Ints, want: Ints, cost: Floats) -> tuple[Ints, Ints, Ints]:
    """The same of many people, as the flow of a linear programme: fast where parts are few."""
    start, end = _near(cost)
    count = start.size
    incidence = sparse.csr_array(
        (np.ones(2 * count), (np.concatenate([start, have.size + end]), np.tile(np.arange(count), 2)))
    )
    found = linprog(cost[start, end], A_eq=incidence, b_eq=np.concatenate([have, want]), method="highs")
    people = np.rint(found.x).astype(np.int64)
    return start[people > 0], end[people > 0], people[people > 0]


def _near(cost: Floats) -> tuple[Ints, Ints]:
    """The ways that are thought of: those to the nearest, and from and to outside, so that all people fit."""
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
