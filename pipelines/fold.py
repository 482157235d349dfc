"""The fold: open stays and a step's events in; closed stays, measures and open stays out. The one stateful step."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Bools, Ints, column, instants, rows
from pipelines.presence import ATTRIBUTES, Lattice, Spans, attribute_counts, differences, tally, winners
from pipelines.stays import Locate, held_until, in_order, segment
from schemas.tables import PRESENCE_COUNT, STAY


@dataclass(frozen=True)
class Step:
    """What the fold needs to know of time and place, all of one privacy day.

    Every event before `watermark` has been seen, none after it. `edges` int64[s + 1]: the slots of the day; those from
    `measured` on whose end the watermark has reached are due. `half_hours` int32[h]: the slots that attributes are
    counted in. With `last`, the day is over and every stay closes.
    """

    watermark: int
    edges: Ints
    measured: int
    half_hours: npt.NDArray[np.int32]
    hold: int
    hexagons: int
    domestic_mcc: tuple[int, ...]
    last: bool

    @property
    def due(self) -> int:
        """The number of slots of the day that the watermark has passed."""
        return max(int(np.searchsorted(self.edges, self.watermark, "right")) - 1, 0)

    @property
    def lattice(self) -> Lattice:
        """How counts of the day are packed."""
        return Lattice(self.hexagons, self.edges.size - 1)


@dataclass(frozen=True)
class Advance:
    """What a step makes of a shard: STAY rows closed, PRESENCE_COUNT rows, OPEN_STAY rows, and duplicates left out."""

    closed: pa.Table
    measures: pa.Table
    open_stays: pa.Table
    accepted: int
    duplicates: int


def advance(open_stays: pa.Table, events: pa.Table, step: Step, locate: Locate) -> Advance:
    """Take one shard one step further; the result does not depend on where steps are cut."""
    ordered = in_order(events)
    is_open = column(open_stays, "open").astype(np.bool_)
    pending = open_stays.filter(pa.array(~is_open))
    stays = segment(open_stays.filter(pa.array(is_open)), ordered, locate, step.hold)
    lingering = column(stays, "open").astype(np.bool_)
    closing = np.ones_like(lingering) if step.last else ~lingering
    everything = pa.concat_tables([pending, stays])
    return Advance(
        closed=stays.filter(pa.array(closing)).select(STAY.names),
        measures=_measures(everything, step),
        open_stays=everything.filter(pa.array(_carried(everything, step))),
        accepted=ordered.columns["device"].size,
        duplicates=ordered.duplicates,
    )


def _carried(stays: pa.Table, step: Step) -> Bools:
    """bool[n]: open stays, and closed ones that reach into a slot which is not yet due."""
    if step.last:
        return np.zeros(stays.num_rows, np.bool_)
    undue = step.edges[step.due]
    held = held_until(stays, step.hold, int(step.edges[-1]))
    reaches = (held > undue) | (instants(stays, "start") >= undue)
    carried: Bools = column(stays, "open").astype(np.bool_) | reaches
    return carried


def _measures(stays: pa.Table, step: Step) -> pa.Table:
    """The counts of the slots that have fallen due, packed."""
    if step.due <= step.measured or stays.num_rows == 0:
        return PRESENCE_COUNT.empty()
    slots = range(step.measured, step.due)
    spans = _spans(stays, step)
    won = winners(spans, step.edges[slots.start : slots.stop + 1])
    plain = differences(won, spans, step.lattice, slots)
    half_hours = np.unique(step.half_hours).astype(np.int64)
    at = half_hours[(half_hours >= slots.start) & (half_hours < slots.stop)]
    split = attribute_counts(won, spans, _groups(stays, step.domestic_mcc), step.lattice, slots, at)
    place, devices = (np.concatenate(pair) for pair in zip(plain, split, strict=True))
    return rows(PRESENCE_COUNT, {"place": place, "devices": devices})


def _spans(stays: pa.Table, step: Step) -> Spans:
    """The stays as spans; closed ones of a device stand before the one that it is in, all in the order of time."""
    return Spans(
        np.unique(column(stays, "device"), return_inverse=True)[1].astype(np.int64),
        column(stays, "hexagon").astype(np.int64),
        instants(stays, "start"),
        held_until(stays, step.hold, int(step.edges[-1])),
        step.hexagons,
    )


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
    place, devices = (column(table, name).astype(np.int64, copy=False) for name in PRESENCE_COUNT.names)
    low = int(place.min())
    found, total = tally(place - low, devices, int(place.max()) - low + 1)
    return rows(PRESENCE_COUNT, {"place": found + low, "devices": total})
