"""Which events are late: those of buckets that end before what their partition has delivered, less the lateness. Pure.

A partition is delivered in an order of its own. So what is late does not depend on when its deliveries are read, nor
with what others.
"""

from typing import Final

import numpy as np

from pipelines.arrays import Ints

BUCKET: Final = 60_000_000
"""Events are counted by buckets of a minute, which every slot is a multiple of: steps are cut between buckets."""

NEVER: Final = -(1 << 62)
"""In columns of latest times: none yet. It is so early that nothing is late after it."""


def first_bucket(high: int | None, lateness: int, day_start: int) -> int:
    """The first bucket of a day whose events are not late in a delivery after events of up to `high`.

    Whole buckets are late: an event that is older than the lateness by less than a bucket may still be taken.
    """
    highs = np.array([NEVER if high is None else high], np.int64)
    return int(first_buckets(highs, lateness, day_start)[0])


def first_buckets(highs: Ints, lateness: int, day_start: int) -> Ints:
    """The same for many deliveries: int64[n] in and out, NEVER where no event came before."""
    return np.maximum((highs - lateness - day_start) // BUCKET, 0)


def latest_before(place: Ints, time: Ints, deliveries: int, high: int | None) -> tuple[Ints, int | None]:
    """For each of some deliveries of a partition, in their order, the latest time of the events before it.

    `place` int64[n] tells the delivery of each event, `time` int64[n] its time; `high` is the latest time before them
    all. Returns int64[deliveries], NEVER where no event came before, and the latest time after them all.
    """
    latest = np.full(deliveries + 1, NEVER, np.int64)
    latest[0] = NEVER if high is None else high
    np.maximum.at(latest, place + 1, time)
    running = np.maximum.accumulate(latest)
    return running[:-1], None if running[-1] == NEVER else int(running[-1])
