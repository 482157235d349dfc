"""Which events are far ahead of their partition: a wrong clock would make all that follows it late. Pure.

An event is far ahead if no event of its partition lies within a day before it, until enough of them say the same. Event
times alone decide, in the order of the partition's deliveries, and never the clock of the machine.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pipelines.arrays import Bools, Ints
from pipelines.lateness import NEVER

FAR_AHEAD: Final = "far ahead of its partition"

AHEAD: Final = 24 * 60 * 60_000_000
"""How far, in microseconds, an event may be ahead of all others: a night without events is no wrong clock."""

CONFIRMING: Final = 100
"""So many events are taken for an outage that ended, fewer for a wrong clock (the project's own assumption)."""

CONFIRMING_SHARE: Final = 0.05
"""Least share of a delivery that confirms: in a large one, a single wrong clock has many events."""

FOREVER: Final = 1 << 62

_LOOKED_AT: Final = 4096


@dataclass(frozen=True)
class Reach:
    """How far a partition has come: the latest time of an event that is not far ahead, microseconds, if there is any.

    `doubted`: the events that were far ahead, less those that were not, since there were as many of both.
    """

    high: int | None = None
    doubted: int = 0

    def with_delivery(self, time: Ints, rows: Ints) -> "tuple[int, Reach]":
        """Up to which time the events of a delivery are not far ahead, FOREVER if none is, and the reach after it.

        `time` int64[n], n > 0, ascends; `rows` int64[n] tells how many events have each.
        """
        beyond = np.cumsum(rows[::-1])[::-1]
        # Nothing is known before the first delivery: most of its events have the right time.
        median = int(time[np.searchsorted(-beyond, -(beyond[0] // 2 + 1), "right") - 1])
        base = median if self.high is None else self.high
        before = np.maximum(np.concatenate([[base], time[:-1]]), base)
        confirmed = (beyond + self.doubted >= CONFIRMING) & (beyond >= CONFIRMING_SHARE * beyond[0])
        doubtful = np.flatnonzero((time - before > AHEAD) & ~confirmed)
        first = int(doubtful[0]) if doubtful.size else time.size
        far = int(beyond[first]) if doubtful.size else 0
        limit = int(time[first]) - 1 if doubtful.size else FOREVER
        return limit, self._after(time[:first], int(beyond[0]) - far, far)

    def _after(self, taken: Ints, near: int, far: int) -> "Reach":
        """The reach after events at some times were taken, of which `near` are so many, and `far` were not."""
        if not taken.size:
            return Reach(self.high, self.doubted + far)
        high = int(taken[-1]) if self.high is None else max(self.high, int(taken[-1]))
        jumped = self.high is not None and high - self.high > AHEAD
        return Reach(high, 0 if jumped else max(self.doubted + far - near, 0))


def far_ahead(place: Ints, time: Ints, deliveries: int, reach: Reach) -> tuple[Bools, Reach]:
    """Which events of some deliveries of a partition, in their order, are far ahead; and the reach after them.

    `place` int64[n] tells the delivery of each event, `time` int64[n] its time, `reach` how far the partition had come.
    """
    order = np.lexsort((time, place))
    ordered = time[order]
    begins = np.searchsorted(place[order], np.arange(deliveries + 1))
    latest = np.full(deliveries, NEVER, np.int64)
    some = np.flatnonzero(begins[1:] > begins[:-1])
    latest[some] = ordered[begins[some + 1] - 1]
    far = np.zeros(time.size, np.bool_)
    at = 0
    while at < deliveries:
        stop = _first_jump(latest, at, reach.high)
        passed = slice(int(begins[at]), int(begins[stop]))
        if passed.stop > passed.start:
            reach = reach._after(np.sort(latest[at:stop])[-1:], passed.stop - passed.start, 0)
        at = stop
        if stop < deliveries and _jumps(latest[stop : stop + 1], reach.high)[0]:
            one = slice(int(begins[stop]), int(begins[stop + 1]))
            limit, reach = reach.with_delivery(ordered[one], np.ones(one.stop - one.start, np.int64))
            far[order[one]] = ordered[one] > limit
            at = stop + 1
    return far, reach


def _first_jump(latest: Ints, start: int, high: int | None) -> int:
    """The first delivery from one on that may have events far ahead; only so many are looked at in one go."""
    looked = latest[start : start + _LOOKED_AT]
    found = np.flatnonzero(_jumps(looked, high))
    return start + (int(found[0]) if found.size else looked.size)


def _jumps(latest: Ints, high: int | None) -> Bools:
    """bool[n]: whether the latest event of each delivery is far beyond all before it, or is among the first."""
    known = NEVER if high is None else high
    before = np.maximum.accumulate(np.concatenate([[known], latest[:-1]]))
    jumps: Bools = (latest > NEVER) & ((before == NEVER) | (latest - before > AHEAD))
    return jumps
