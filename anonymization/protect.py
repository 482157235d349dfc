"""Exact counts in, publishable tables out: the partition, the classes below it, the rounding, the people.

The only door from counted to public. k is tested on exact distinct devices; everything printed afterwards is a function
of rounded figures, the mean weight of a row's devices and public numbers. Day figures by zone are in `protect_days.py`,
movements in `flows.py` and `transit.py`; all end in `released`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.classes import CLASSES, WHOLE_PART, Names, split_by_class
from anonymization.partition import Counts, Parts, leaf_parts, partition
from anonymization.people import people
from anonymization.policy import Policy
from anonymization.prf import hash_columns, uniform32
from anonymization.rounding import blocks, round_to_base
from anonymization.tally import Tally, gathered, nothing, together
from anonymization.territory import Cells, Territory
from schemas.indicators import INDICATORS, Indicator, PartKind, design_effect


@dataclass(frozen=True)
class Estimate:
    """How printed devices become people: the confidence of the intervals; the weights come with the counts."""

    confidence: float


@dataclass(frozen=True)
class Protection:
    """What every table of one privacy day is protected with; `rounding_key` is the day's, 16 bytes."""

    territory: Territory
    policy: Policy
    estimate: Estimate
    rounding_key: bytes

    def look_up(self, shapes: Sequence[tuple[int, ...]]) -> "Looks":
        """What is printed of each set of nodes."""
        cells = [self._cells(nodes) for nodes in shapes]
        keys = np.array([_digest(piece.tobytes()) for piece in cells], np.uint64)
        zones = np.array([self.territory.is_whole_zones(nodes) for nodes in shapes], np.bool_)
        names = pa.array([self.territory.name(nodes) for nodes in shapes], pa.string())
        return Looks(names, _lists(cells), keys, zones)

    def _cells(self, nodes: tuple[int, ...]) -> Cells:
        """The cells of a set of nodes, worked out once: sets repeat from window to window."""
        if nodes not in self._known_cells:
            self._known_cells[nodes] = self.territory.cells(nodes)
        return self._known_cells[nodes]

    @cached_property
    def _known_cells(self) -> dict[tuple[int, ...], Cells]:
        return {}


@dataclass(frozen=True)
class Looks:
    """Of each shape: its `zone_id`, its `cells`, a number that stands for the cells in keyed rounding, and whether it
    is made of whole zones.
    """

    name: pa.Array
    cells: pa.Array
    key: npt.NDArray[np.uint64]
    zones: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Rows before rounding.

    int64[r] each: `start` and `end` of the window; `block`, what it shares its draw with: the number of its block of
    hours, of its hour, or -1 for the day; `shape`, the place of the part's nodes in `shapes`. `values`: a column for
    each attribute. `devices_of` names the device set: rows of one population, window and part with the same name hold
    the same devices. `tally` [r].
    """

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    block: npt.NDArray[np.int64]
    shape: npt.NDArray[np.int64]
    shapes: Sequence[tuple[int, ...]]
    values: tuple[Names, ...]
    devices_of: Names
    tally: Tally


def protect_presence(
    counts: Tally, edges: npt.NDArray[np.int64], protection: Protection, first: int = 0
) -> tuple[pa.Table, Parts]:
    """The released `presence` of some slots from a tally [hexagons, slots], and its parts, which attributes split.

    `edges` int64[slots of the day + 1]: the first one begins the privacy day; `first`: the slot of the day that the
    first one of the tally is.
    """
    policy, tree = protection.policy, protection.territory.tree
    parts = partition(tree, counts.devices, policy.k, policy.pool_target, hide_empty=True)
    tally = Tally(parts.devices, parts.sums(tree, counts.weight))
    shape, shapes = parts.shapes()
    slot = parts.window.astype(np.int64) + first
    block = blocks(edges, policy.rounding_hours)[slot]
    rows = Rows(edges[slot], edges[slot + 1], block, shape, shapes, (), whole_parts(shape.size), tally)
    return released(INDICATORS["presence"], rows, protection), parts


def protect_presence_by(
    indicator: Indicator,
    parts: Parts,
    slots: npt.NDArray[np.int32],
    edges: npt.NDArray[np.int64],
    counts: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Counts, Counts]],
    protection: Protection,
    first: int = 0,
) -> pa.Table:
    """The released presence of some hours by an attribute.

    `slots` int32[hours]: the window of `parts` whose parts each hour takes, which begins in it; `edges` int64[hours of
    the day + 1], of which the first begins the privacy day; `counts`: for each hour, sparse (hexagon, class, devices,
    weight), where a class past the vocabulary's end stands for foreign devices; `first`: the hour of the day that the
    first of these is.
    """
    classes = CLASSES[indicator.attributes[0]]
    shape, shapes = parts.shapes()
    block = blocks(edges, protection.policy.rounding_hours)
    none = np.zeros(0, np.int64)
    pieces = [Rows(none, none, none, none, shapes, (whole_parts(0),), whole_parts(0), nothing(0))]
    for hour, slot in enumerate(slots.tolist()):
        hexagon, value, devices, weight = counts[hour]
        low, high = np.searchsorted(parts.window, [slot, slot + 1])
        if low == high:
            continue
        part = leaf_parts(protection.territory.tree, parts, slot)[hexagon] - low
        table = gathered(part * classes.columns + value, Tally(devices, weight), int(high - low) * classes.columns)
        split = split_by_class(classes, table.reshape(-1, classes.columns), protection.policy)
        window = np.full(split.part.size, first + hour)
        place = (edges[window], edges[window + 1], block[window], shape[low + split.part], shapes)
        pieces.append(Rows(*place, (split.value,), split.devices_of, split.tally))
    return released(indicator, joined(pieces), protection)


def released(indicator: Indicator, rows: Rows, protection: Protection) -> pa.Table:
    """The public table: rounded devices, people with an interval, canonical order.

    Raises ValueError where a row holds fewer than k devices: nothing below it may come this far.
    """
    policy = protection.policy
    if (rows.tally.devices < policy.k).any():
        raise ValueError(f"{indicator.name}: expected rows of at least {policy.k} devices")
    looks = protection.look_up(rows.shapes)
    uniform = _uniform(indicator, rows, looks, protection.rounding_key)
    devices = round_to_base(rows.tally.devices, uniform, policy.rounding)
    zone, hexagons = (design_effect(indicator, kind) for kind in get_args(PartKind))
    effect = np.where(looks.zones, zone, hexagons)[rows.shape]
    persons = people(devices, rows.tally, protection.estimate.confidence, effect, policy.rounding)
    columns = {
        "window_start": pa.array(rows.start, pa.timestamp("us", "UTC")),
        "window_end": pa.array(rows.end, pa.timestamp("us", "UTC")),
        "zone_id": looks.name.take(pa.array(rows.shape)),
        "cells": looks.cells.take(pa.array(rows.shape)),
        **dict(zip(indicator.attributes, (pa.array(value, pa.string()) for value in rows.values), strict=True)),
        "devices": pa.array(devices),
        "people": pa.array(persons.people),
        "people_low": pa.array(persons.low),
        "people_high": pa.array(persons.high),
        "additive": pa.array(np.full(devices.size, indicator.additive)),
    }
    return in_public_order(indicator, indicator.table.conform(pa.table(columns)))


def in_public_order(indicator: Indicator, table: pa.Table) -> pa.Table:
    """Rows by window, zone, first cell, classes: an order that tells nothing of how they were made."""
    keys = ["window_start", "zone_id", "first_cell", *indicator.attributes]
    first = pc.list_element(table["cells"], 0) if table.num_rows else pa.array([], pa.uint64())
    order = pc.sort_indices(table.append_column("first_cell", first), [(key, "ascending") for key in keys])
    return table.take(order)


def joined(pieces: Sequence[Rows]) -> Rows:
    """The rows of several windows over the same shapes as one."""
    columns = ((piece.start, piece.end, piece.block, piece.shape) for piece in pieces)
    start, end, block, shape = (np.concatenate(column) for column in zip(*columns, strict=True))
    values = tuple(np.concatenate(column) for column in zip(*(piece.values for piece in pieces), strict=True))
    sets = np.concatenate([piece.devices_of for piece in pieces])
    tally = together([piece.tally for piece in pieces])
    return Rows(start, end, block, shape, pieces[0].shapes, values, sets, tally)


def whole_parts(rows: int) -> Names:
    """The device sets of rows that are not split."""
    return np.full(rows, WHOLE_PART, object)


def _uniform(indicator: Indicator, rows: Rows, looks: Looks, key: bytes) -> npt.NDArray[np.uint32]:
    """uint32[r]: the number that decides whether a row is rounded up.

    It depends on the device set, as far as its name tells, and not on the indicator: a second draw for the same devices
    would narrow their number down. In presence it stays for a block of hours: a part is often of the same devices in
    many windows, and the mean of many draws would tell how many (decision 0022).
    """
    population = np.full(rows.shape.size, _digest(indicator.population.encode()), np.uint64)
    names, name = _distinct(rows.devices_of)
    set_key = np.array([_digest(each.encode()) for each in names], np.uint64)[name]
    return uniform32(hash_columns(key, population, rows.block.astype(np.uint64), looks.key[rows.shape], set_key))


def _distinct(names: Names) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The names that occur, and the place of each row's among them."""
    encoded = pa.array(names, pa.string()).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _lists(cells: Sequence[Cells]) -> pa.Array:
    """list<uint64> from arrays, without a Python object per cell."""
    offsets = np.append(0, np.cumsum([piece.size for piece in cells], dtype=np.int64)).astype(np.int32)
    values = np.concatenate([np.zeros(0, np.uint64), *cells])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.uint64()))


def _digest(content: bytes) -> int:
    """64 bits that stand for public content."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
