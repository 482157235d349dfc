"""Traces linked anew: what came before and what follows is exchanged between them where that is likelier.

An exchange leaves every count as it is, so that counts alone cannot tell it from the truth. Of all ways to join pasts
and futures, those are taken whose places repeat: people come back to where they have been. Xu et al. (2017) link the
days of a person so, by the entropy of its places; here it is done from each slot to the next, and some times over.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from pipelines.arrays import Ints

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]

SWEEPS: Final = 2
"""Times that all slots are gone through: by the last, few traces change."""
AGAIN: Final = 0.5
"""Weight of a slot by which a trace is more in places of its own; slots of one stay are not independent."""
KM: Final = 1.0
FARTHEST_KM: Final = 8.0
"""A way is e times less likely for each so many kilometres; one from or to outside counts as the farthest."""
KNOWN: Final = 8
"""Places of its past by which a trace is known, at most: the first ones."""
TOGETHER: Final = 100
CLOSE: Final = 20
"""Movers that are compared with each other at a time, those of near places; and people of one part."""


@dataclass
class _Linking:
    """Traces while they are linked anew, with the past and the future of each at some slot.

    `part` and `place` int64[n, slots]; int16[n, places] `past` and `future`: slots in each place; `known` int64[n,
    KNOWN]: places of the past, the last number where there are fewer; `count` int64[n]: how many.
    """

    part: Ints
    place: Ints
    past: npt.NDArray[np.int16]
    future: npt.NDArray[np.int16]
    known: Ints
    count: Ints

    def enter(self, slot: int) -> None:
        """Let a slot that was of the future be of the past."""
        place = self.place[:, slot]
        inside = np.flatnonzero(place < self.past.shape[1] - 1)
        own = place[inside]
        unknown = (self.past[inside, own] == 0) & (self.count[inside] < KNOWN)
        first = inside[unknown]
        self.known[first, self.count[first]] = own[unknown]
        self.count[first] += 1
        self.past[inside, own] += 1
        self.future[inside, own] -= 1

    def exchange(self, to: Ints, of: Ints, slot: int) -> None:
        """Give traces the future of others from a slot on."""
        for array in (self.part, self.place):
            array[to, slot:] = array[of, slot:]
        self.future[to] = self.future[of]


def relinked(part: Ints, hexagon: Ints, places: Floats) -> Ints:
    """int64[traces, slots]: the parts of traces that are linked anew; `hexagon` stands for each part, -1 for outside.

    `places` float64[hexagons, 2]: kilometres on a plane.
    """
    random = np.random.default_rng(0)
    known, place = np.unique(hexagon, return_inverse=True)
    inside = known[known >= 0]
    # Outside is the last place.
    place = np.where(hexagon < 0, inside.size, place.reshape(hexagon.shape) - (known.size - inside.size))
    at = np.concatenate([places[inside], np.full((1, 2), np.nan)])
    more = _more(part.shape[1])
    part = part.copy()
    for _ in range(SWEEPS):
        linking = _beginning(part, place, inside.size + 1)
        for slot in range(part.shape[1] - 1):
            linking.enter(slot)
            _link(linking, slot, _movers(linking, slot, random), at, more)
            _link(linking, slot, _same(linking, slot, random), at, more)
    return part


def _beginning(part: Ints, place: Ints, places: int) -> _Linking:
    """All is future; the arrays of the traces are those that are given."""
    traces, slots = place.shape
    future = np.zeros((traces, places), np.int16)
    np.add.at(future, (np.repeat(np.arange(traces), slots), place.ravel()), 1)
    future[:, -1] = 0
    known = np.full((traces, KNOWN), places - 1)
    return _Linking(part, place, np.zeros_like(future), future, known, np.zeros(traces, np.int64))


def _more(slots: int) -> Floats32:
    """float32[slots + 1, slots + 1]: what is gained where so many slots in one place become one trace's.

    By how much the sum of n log n grows, which is by how much the entropy of its places is less.
    """
    sizes = np.arange(2 * slots + 1)
    own = sizes * np.log(np.maximum(sizes, 1))
    both = np.add.outer(np.arange(slots + 1), np.arange(slots + 1))
    found = own[both] - own[: slots + 1, None] - own[None, : slots + 1]
    return found.astype(np.float32)


def _movers(linking: _Linking, slot: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Those who move after a slot, and groups of them that are near: (trace, group)."""
    before, after = linking.place[:, slot], linking.place[:, slot + 1]
    moving = np.flatnonzero(before != after)
    # Hexagons next to each other have near numbers; whoever comes from outside is where it goes to.
    near = np.minimum(before, after)[moving]
    moving = moving[np.argsort(near, kind="stable")]
    return moving, (np.arange(moving.size) + random.integers(TOGETHER)) // TOGETHER


def _same(linking: _Linking, slot: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Those who are in one part in a slot that some leave, and groups of them: (trace, group)."""
    part = linking.part[:, slot]
    left = np.zeros(part.max(initial=-1) + 2, np.bool_)
    left[part[linking.place[:, slot] != linking.place[:, slot + 1]]] = True
    some = np.flatnonzero(left[part])
    some = some[np.lexsort((random.random(some.size), part[some]))]
    first = np.searchsorted(part[some], part[some])
    return some, np.unique(part[some] * some.size + (np.arange(some.size) - first) // CLOSE, return_inverse=True)[1]


def _link(linking: _Linking, slot: int, grouped: tuple[Ints, Ints], at: Floats, more: Floats32) -> None:
    """Exchange the futures within groups so that all together are likeliest."""
    trace, group = grouped
    if trace.size < 2:
        return
    size = np.bincount(group)
    one = np.repeat(np.arange(trace.size), size[group])
    offset = np.arange(one.size) - np.repeat(np.cumsum(size[group]) - size[group], size[group])
    other = (np.cumsum(size) - size)[group[one]] + offset
    cost = _kilometres(linking, slot, trace[one], trace[other], at) / KM
    cost -= AGAIN * _gained(linking, trace[one], trace[other], more)
    # Whoever gains nothing keeps its own.
    cost -= 1e-6 * (one == other)
    first, begin = 0, 0
    for number in size.tolist():
        of_group = cost[begin : begin + number * number].reshape(number, number)
        before, after = linear_sum_assignment(of_group)
        changed = before != after
        linking.exchange(trace[first + before[changed]], trace[first + after[changed]], slot + 1)
        first, begin = first + number, begin + number * number


def _kilometres(linking: _Linking, slot: int, past: Ints, future: Ints, at: Floats) -> Floats:
    """float64[pairs]: how long the way would be from the past of one trace to the future of another."""
    start, end = linking.place[past, slot], linking.place[future, slot + 1]
    distance = np.hypot(*(at[start] - at[end]).T)
    distance = np.minimum(np.where(np.isnan(distance), FARTHEST_KM, distance), FARTHEST_KM)
    found: Floats = np.where(start == end, 0, distance)
    return found


def _gained(linking: _Linking, past: Ints, future: Ints, more: Floats32) -> Floats32:
    """float32[pairs]: how much more the past of one trace and the future of another are in the same places."""
    gained = np.zeros(past.size, np.float32)
    places, slots = linking.past.shape[1], more.shape[1]
    own, others = past * places, future * places
    for number in range(int(linking.count[past].max(initial=0))):
        place = linking.known[past, number]
        sizes = linking.past.ravel()[own + place].astype(np.int64) * slots + linking.future.ravel()[others + place]
        gained += more.ravel()[sizes]
    return gained
