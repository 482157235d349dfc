"""The fold: open stays and a step's events in; closed stays, measures and open stays out. The one stateful step."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, instants, rows, starts_of_runs
from pipelines.bounded import Sampling
from pipelines.presence import (
    ATTRIBUTES,
    Counted,
    Lattice,
    Spans,
    attribute_counts,
    differences,
    tally,
    unknown,
    winners,
)
from pipelines.quality.heard import heard
from pipelines.stays import Locate, in_order, segment
from schemas.tables import HEARD, PRESENCE_COUNT, STAY

Weigh = Callable[[pa.Table], Ints]
"""Rows about devices to the thousandths of people that each stands for."""


@dataclass(frozen=True)
class Prepared:
    """What the fold looks at the events of a privacy day with; `sampling` under differential privacy alone."""

    locate: Locate
    weigh: Weigh
    sampling: Sampling | None = None


@dataclass(frozen=True)
class Step:
    """What the fold needs to know of time and place, all of one privacy day.

    Every event before `watermark` has been seen, none after it. `edges` int64[s + 1]: the slots of the day; those from
    `measured` on that the watermark has passed by the hold are due. `half_hours` int32[h]: the slots that attributes
    are counted in. `hold` and `missing` in microseconds: how far an event reaches, and how long a device counts as
    missing after that. With `last`, the day is over and every stay closes.
    """

    watermark: int
    edges: Ints
    measured: int
    half_hours: npt.NDArray[np.int32]
    hold: int
    missing: int
    hexagons: int
    domestic_mcc: tuple[int, ...]
    last: bool

    @property
    def due(self) -> int:
        """The number of slots of the day that no event to come can change."""
        if self.last:
            return self.edges.size - 1
        return due_slots(self.edges, self.watermark, self.hold)

    @property
    def day(self) -> tuple[int, int]:
        """The privacy day: [start, end)."""
        return int(self.edges[0]), int(self.edges[-1])

    @property
    def lattice(self) -> Lattice:
        """How counts of the day are packed."""
        return Lattice(self.hexagons, self.edges.size - 1)


def due_slots(edges: Ints, watermark: int, hold: int) -> int:
    """How many slots of a day, of which `edges` int64[s + 1] are known, a watermark has passed by the hold."""
    return max(int(np.searchsorted(edges, watermark - hold, "right")) - 1, 0)


@dataclass(frozen=True)
class Advance:
    """What a step makes of a shard: STAY rows closed, PRESENCE_COUNT rows, OPEN_STAY rows, and duplicates left out.

    `heard`: HEARD rows, the accepted events by cell and five minutes.
    """

    closed: pa.Table
    measures: pa.Table
    open_stays: pa.Table
    accepted: int
    duplicates: int
    heard: pa.Table = field(default_factory=HEARD.empty)


def advance(
    open_stays: pa.Table, events: pa.Table, step: Step, locate: Locate, weigh: Weigh, sampling: Sampling | None = None
) -> Advance:
    """Take one shard one step further; the result does not depend on where steps are cut.

    With `sampling`, measures are the plain counts of bounded devices, and nothing else.
    """
    ordered = in_order(events)
    is_open = column(open_stays, "open").astype(np.bool_)
    pending = open_stays.filter(pa.array(~is_open))
    stays = segment(open_stays.filter(pa.array(is_open)), ordered, locate, step.hold, step.day)
    lingering = column(stays, "open").astype(np.bool_)
    closing = np.ones_like(lingering) if step.last else ~lingering
    everything = _by_device(pa.concat_tables([pending, stays]))
    missing_until = _missing_until(everything, step)
    return Advance(
        closed=stays.filter(pa.array(closing)).select(STAY.names),
        measures=_measures(everything, missing_until, step, weigh, sampling),
        open_stays=everything.filter(pa.array(_carried(everything, missing_until, step))),
        accepted=ordered.columns["device"].size,
        duplicates=ordered.duplicates,
        heard=heard(ordered.columns["cell"], ordered.columns["event_time"].astype(np.int64, copy=False), step.day[0]),
    )


def _by_device(stays: pa.Table) -> pa.Table:
    """The stays with those of one device together, still in the order of time."""
    return stays.take(pa.array(np.argsort(column(stays, "device"), kind="stable"))).combine_chunks()


def _missing_until(stays: pa.Table, step: Step) -> Ints:
    """int64[n]: until when a device counts as missing after a stay; its end where another stay follows at once."""
    end = instants(stays, "end")
    until = np.minimum(end + step.missing, step.edges[-1])
    followed = ~starts_of_runs(column(stays, "device"))[1:]
    found: Ints = until
    found[:-1] = np.where(followed, np.minimum(until[:-1], instants(stays, "begin")[1:]), until[:-1])
    return found


def _carried(stays: pa.Table, missing_until: Ints, step: Step) -> Bools:
    """bool[n]: open stays, and closed ones that reach into a slot which is not yet due."""
    if step.last:
        return np.zeros(stays.num_rows, np.bool_)
    undue = step.edges[step.due]
    reaches = (missing_until > undue) | (instants(stays, "begin") >= undue)
    carried: Bools = column(stays, "open").astype(np.bool_) | reaches
    return carried


def _measures(stays: pa.Table, missing_until: Ints, step: Step, weigh: Weigh, sampling: Sampling | None) -> pa.Table:
    """The counts of the slots that have fallen due, packed."""
    if step.due <= step.measured or stays.num_rows == 0:
        return PRESENCE_COUNT.empty()
    slots = range(step.measured, step.due)
    edges = step.edges[slots.start : slots.stop + 1]
    spans = Spans(
        np.cumsum(starts_of_runs(column(stays, "device"))) - 1,
        column(stays, "hexagon").astype(np.int64),
        instants(stays, "begin"),
        instants(stays, "end"),
        weigh(stays),
        step.hexagons,
    )
    won = winners(spans, edges)
    if sampling is not None:
        bounded = sampling.winners(won, column(stays, "device").astype(np.uint64, copy=False), slots)
        plain = differences(bounded, spans, step.lattice, slots)
        return rows(PRESENCE_COUNT, {name: getattr(plain, name) for name in PRESENCE_COUNT.names})
    half_hours = np.unique(step.half_hours).astype(np.int64)
    at = half_hours[(half_hours >= slots.start) & (half_hours < slots.stop)]
    found = [
        differences(won, spans, step.lattice, slots),
        unknown(spans.end, missing_until, edges, step.lattice, slots),
        *attribute_counts(won, spans, _groups(stays, step.domestic_mcc), step.lattice, slots, at),
    ]
    columns = {name: np.concatenate([getattr(each, name) for each in found]) for name in PRESENCE_COUNT.names}
    return rows(PRESENCE_COUNT, columns)


def _groups(stays: pa.Table, domestic_mcc: tuple[int, ...]) -> dict[str, Ints]:
    """For each attribute, int64[n]: 1 + the place of its class among those of all attributes; 0 is the plain count."""
    foreign = is_foreign(stays, domestic_mcc)
    groups, before = {}, 1
    for attribute, classes in ATTRIBUTES.items():
        value = np.where(foreign, classes - 1, column(stays, attribute).astype(np.int64))
        groups[attribute] = value + before
        before += classes
    return groups


def is_foreign(table: pa.Table, domestic_mcc: tuple[int, ...]) -> Bools:
    """bool[n]: where the home network is known and not domestic."""
    home = column(table, "home_mcc")
    foreign: Bools = (home != 0) & ~np.isin(home, np.array(domestic_mcc, np.int16))
    return foreign


def between(events: pa.Table, start: int, end: int) -> pa.Table:
    """The events with a time in [start, end), of events in the order of time."""
    low, high = np.searchsorted(instants(events, "event_time"), [start, end])
    return events.slice(low, high - low)


def merged(measures: list[pa.Table]) -> pa.Table:
    """PRESENCE_COUNT rows of several shards or steps as one, sorted by place."""
    table = pa.concat_tables([PRESENCE_COUNT.empty(), *measures])
    if table.num_rows == 0:
        return PRESENCE_COUNT.empty()
    place, devices, weight = (column(table, name).astype(np.int64, copy=False) for name in PRESENCE_COUNT.names)
    low = int(place.min())
    found: Counted = tally(place - low, devices, weight, int(place.max()) - low + 1)
    return rows(PRESENCE_COUNT, {"place": found.place + low, "devices": found.devices, "weight": found.weight})
