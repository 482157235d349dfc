"""A shard of a privacy day as time passes: what is late in it, and what it takes next. Engines keep its state for it.

Stages of Beam (`stateful`) and of Flink (`flink.stages`) both do no more than hand over what they keep.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

import pyarrow as pa

from pipelines.arrays import Bools, instants
from pipelines.calendar import Calendar
from pipelines.fold import Advance, Prepared, Step, advance
from pipelines.lateness import BUCKET
from pipelines.planning import Ground
from pipelines.publish import DayGrid, day_grid
from pipelines.shards import split
from schemas.tables import OPEN_STAY, PRESENCE_COUNT, PROBE, STAY

Key: TypeAlias = tuple[str, int]
"""A privacy day in ISO 8601, and a shard."""

Reached: TypeAlias = tuple[int, int]
"""How far a shard of a day has come: buckets before the first number are folded, slots before the second measured."""

BEGINNING: Final[Reached] = (0, 0)

STRIDE: Final = 5
"""Buckets of a stream that are folded together, the shortest slot: each fold writes all open stays anew."""


@dataclass(frozen=True)
class Terms:
    """What holds for every privacy day; `prepare` is pickled, and called in the worker.

    `lateness` in microseconds, a whole number of milliseconds: watermarks tell no finer times apart. `stride`: buckets
    that are folded together; what comes of it does not depend on it. `begun`: the ground of days that began on another.
    """

    calendar: Calendar
    ground: Ground
    lateness: int
    shards: int
    prepare: Callable[[date], Prepared]
    stride: int = STRIDE
    begun: Mapping[str, Ground] = field(default_factory=dict)


@dataclass(frozen=True)
class Stepped:
    """A step of a shard: what came of it, and how it goes on.

    `waiting`: PROBE rows that are yet to be folded. `next`: the instant, in microseconds, that the watermark has to
    pass before the step after it; None once the day is over.
    """

    step: Step
    moved: Advance
    reached: Reached
    waiting: pa.Table
    next: int | None


def keyed(day: str, events: pa.Table, shards: int) -> Iterator[tuple[Key, pa.Table]]:
    """PROBE rows of a privacy day by shard, also for shards without any: so all shards of a day begin together."""
    return (((day, shard), table) for shard, table in enumerate(split(events, shards)))


class ShardFold:
    """Takes shards of privacy days further as the watermark passes.

    A row is late if its stride has been folded. A day begins with its first delivery, whenever that comes: nothing was
    told of it before.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.prepared: dict[str, Prepared] = {}

    def in_time(self, day: str, events: pa.Table, reached: Reached) -> pa.Table:
        """The PROBE rows that are not late."""
        late = _before(events, int(self._grid(day).slots[0]) + reached[0] * BUCKET)
        return events.filter(pa.array(~late)) if late.any() else events

    def next(self, day: str, bucket: int = 0) -> int:
        """The instant, in microseconds, that the watermark has to pass before the step of a day from a bucket on."""
        return self._passed(self._grid(day), bucket + self.terms.stride)

    def step(self, day: str, reached: Reached, open_stays: pa.Table, waiting: Sequence[pa.Table]) -> Stepped:
        """Take the next stride of a shard's day, from its OPEN_STAY rows and the PROBE rows that wait."""
        grid = self._grid(day)
        bucket, measured = reached
        end = min(bucket + self.terms.stride, buckets_of(grid))
        ground = self.terms.begun.get(day, self.terms.ground)
        step = ground.step(grid, end, measured, last=end == buckets_of(grid))
        events = pa.concat_tables([PROBE.empty(), *waiting])
        due = _before(events, step.watermark)
        moved = self._advance(day, open_stays, events.filter(pa.array(due)), step)
        following = None if step.last else self._passed(grid, end + self.terms.stride)
        return Stepped(step, moved, (end, step.due), events.filter(pa.array(~due)), following)

    def _advance(self, day: str, open_stays: pa.Table, events: pa.Table, step: Step) -> Advance:
        """One step; a shard with nothing needs no key, and the key of a day that is over is let go."""
        moved = Advance(STAY.empty(), PRESENCE_COUNT.empty(), OPEN_STAY.empty(), 0, 0)
        if open_stays.num_rows or events.num_rows:
            if day not in self.prepared:
                self.prepared[day] = self.terms.prepare(date.fromisoformat(day))
            by = self.prepared[day]
            moved = advance(open_stays, events, step, by.locate, by.weigh, by.sampling)
        if step.last:
            self.prepared.pop(day, None)
        return moved

    def _grid(self, day: str) -> DayGrid:
        return day_grid(self.terms.calendar, date.fromisoformat(day))

    def _passed(self, grid: DayGrid, buckets: int) -> int:
        """When the watermark has passed some buckets of a day by the lateness."""
        return min(int(grid.slots[0]) + buckets * BUCKET, int(grid.slots[-1])) + self.terms.lateness


def _before(events: pa.Table, instant: int) -> Bools:
    """bool[n]: which events are before an instant."""
    earlier: Bools = instants(events, "event_time") < instant
    return earlier


def buckets_of(grid: DayGrid) -> int:
    """The buckets of a day; the last one may be shorter."""
    return -(-(int(grid.slots[-1]) - int(grid.slots[0])) // BUCKET)
