"""Exact counts in, publishable tables out: the partition, the classes below it, the rounding, the people.

The only door from counted to public. k is tested on exact distinct devices; everything printed afterwards is a function
of rounded figures and public numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.classes import CLASSES, split_by_class
from anonymization.partition import Counts, Parts, leaf_parts, partition
from anonymization.people import people
from anonymization.policy import Policy
from anonymization.prf import hash_columns, uniform32
from anonymization.rounding import round_to_base
from anonymization.territory import Cells, Territory
from anonymization.zone_days import ZonePart
from schemas.indicators import INDICATORS, Indicator


@dataclass(frozen=True)
class Estimate:
    """How printed devices become people: the factor and the confidence of the intervals."""

    people_per_device: float
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
        return Looks(pa.array([self.territory.name(nodes) for nodes in shapes], pa.string()), _lists(cells), keys)

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
    """Of each shape: its `zone_id`, its `cells`, and a number that stands for the cells in keyed rounding."""

    name: pa.Array
    cells: pa.Array
    key: npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Rows:
    """Rows before rounding: window int64[r] start and end, the part, the printed class or "", exact devices int64[r].

    `counted` int64[r]: the slot in which the devices were counted, or -1 for the day; `shape` int64[r]: the place of
    the part's nodes in `shapes`.
    """

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    counted: npt.NDArray[np.int64]
    shape: npt.NDArray[np.int64]
    shapes: Sequence[tuple[int, ...]]
    value: npt.NDArray[np.object_]
    devices: Counts


def protect_presence(counts: Counts, edges: npt.NDArray[np.int64], protection: Protection) -> tuple[pa.Table, Parts]:
    """The released `presence` of a day from int64[hexagons, slots], and its parts, on which attributes are split."""
    policy = protection.policy
    parts = partition(protection.territory.tree, counts, policy.k, policy.pool_target, hide_empty=True)
    shape, shapes = parts.shapes()
    slot = parts.window.astype(np.int64)
    rows = Rows(edges[slot], edges[slot + 1], slot, shape, shapes, _plain(shape.size), parts.devices)
    return released(INDICATORS["presence"], rows, protection), parts


def protect_presence_by(
    indicator: Indicator,
    parts: Parts,
    slots: npt.NDArray[np.int32],
    edges: npt.NDArray[np.int64],
    counts: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Counts]],
    protection: Protection,
) -> pa.Table:
    """The released hourly presence by an attribute.

    `slots` int32[hours]: the slot whose parts each hour takes; `edges` int64[hours + 1]; `counts`: for each hour,
    sparse (hexagon, class, devices), where a class past the vocabulary's end stands for foreign devices.
    """
    classes = CLASSES[indicator.attributes[0]]
    width = len(classes.names) + 1
    shape, shapes = parts.shapes()
    none = np.zeros(0, np.int64)
    pieces = [Rows(none, none, none, none, shapes, _plain(0), none)]
    for hour, slot in enumerate(slots.tolist()):
        hexagon, value, devices = counts[hour]
        low, high = np.searchsorted(parts.window, [slot, slot + 1])
        if low == high:
            continue
        part = leaf_parts(protection.territory.tree, parts, slot)[hexagon] - low
        table = np.bincount(part * width + value, devices, (high - low) * width).astype(np.int64).reshape(-1, width)
        split = split_by_class(classes, table[:, :-1], table[:, -1], protection.policy)
        window, counted = np.full(split.part.size, hour), np.full(split.part.size, slot)
        found = shape[low + split.part]
        pieces.append(Rows(edges[window], edges[window + 1], counted, found, shapes, split.value, split.devices))
    return released(indicator, _together(pieces), protection)


def protect_zone_day(
    indicator: Indicator,
    parts: Sequence[ZonePart],
    day: tuple[int, int],
    counts: Counts | None,
    protection: Protection,
) -> pa.Table:
    """A released day figure by zone: plain, or split by an attribute.

    `counts` int64[parts, classes + 1]: devices of each part by class, foreign ones last; None for the plain figure. A
    part that holds a sensitive zone is published as a plain figure only.
    """
    if counts is None:
        devices = np.array([part.devices for part in parts], np.int64)
        rows = _day_rows(day, parts, np.arange(devices.size), _plain(devices.size), devices)
        return released(indicator, rows, protection)
    zones = protection.territory.zones
    plain = np.array([not any(zones[zone].sensitive for zone in part.zones) for part in parts], np.bool_)
    open_parts = [part for part, keep in zip(parts, plain, strict=True) if keep]
    classes = CLASSES[indicator.attributes[0]]
    split = split_by_class(classes, counts[plain, :-1], counts[plain, -1], protection.policy)
    rows = _day_rows(day, open_parts, split.part, split.value, split.devices)
    return released(indicator, rows, protection)


def released(indicator: Indicator, rows: Rows, protection: Protection) -> pa.Table:
    """The public table: rounded devices, people with an interval, canonical order."""
    looks = protection.look_up(rows.shapes)
    values, value = _distinct(rows.value)
    value_key = np.array([_digest(name.encode()) for name in values], np.uint64)[value]
    value_key[_is_whole_part(rows)] = 0
    counted = rows.counted.astype(np.uint64)
    uniform = uniform32(hash_columns(protection.rounding_key, counted, looks.key[rows.shape], value_key))
    base = protection.policy.rounding
    devices = round_to_base(rows.devices, uniform, base)
    estimate = protection.estimate
    persons = people(devices, estimate.people_per_device, estimate.confidence, indicator.design_effect, base)
    columns = {
        "window_start": pa.array(rows.start, pa.timestamp("us", "UTC")),
        "window_end": pa.array(rows.end, pa.timestamp("us", "UTC")),
        "zone_id": looks.name.take(pa.array(rows.shape)),
        "cells": looks.cells.take(pa.array(rows.shape)),
        **{attribute: pa.array(values, pa.string()).take(pa.array(value)) for attribute in indicator.attributes},
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


def _day_rows(
    day: tuple[int, int],
    parts: Sequence[ZonePart],
    part: npt.NDArray[np.int64],
    value: npt.NDArray[np.object_],
    devices: Counts,
) -> Rows:
    """Rows of one day window; `part` are places in `parts`."""
    start, end, counted = (np.full(part.size, number, np.int64) for number in (*day, -1))
    return Rows(start, end, counted, part, [each.nodes for each in parts], value, devices)


def _together(pieces: Sequence[Rows]) -> Rows:
    """The rows of several windows over the same shapes as one."""
    columns = ((piece.start, piece.end, piece.counted, piece.shape, piece.value, piece.devices) for piece in pieces)
    start, end, counted, shape, value, devices = (np.concatenate(column) for column in zip(*columns, strict=True))
    return Rows(start, end, counted, shape, pieces[0].shapes, value, devices)


def _is_whole_part(rows: Rows) -> npt.NDArray[np.bool_]:
    """bool[r]: rows that are all of their part, and are rounded as the plain figure is.

    They hold the same devices: a second draw for one count would narrow it down.
    """
    part = (rows.counted + 1) * len(rows.shapes) + rows.shape
    _, place, sizes = np.unique(part, return_inverse=True, return_counts=True)
    whole: npt.NDArray[np.bool_] = sizes[place] == 1
    return whole


def _plain(rows: int) -> npt.NDArray[np.object_]:
    """The class of rows that are not split."""
    return np.full(rows, "", object)


def _distinct(value: npt.NDArray[np.object_]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The values that occur, sorted, and the place of each row's among them."""
    encoded = pa.array(value, pa.string()).dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    names = encoded.dictionary.take(order).to_pylist()
    return names, np.argsort(order.to_numpy())[encoded.indices.to_numpy(zero_copy_only=False)].astype(np.int64)


def _lists(cells: Sequence[Cells]) -> pa.Array:
    """list<uint64> from arrays, without a Python object per cell."""
    offsets = np.append(0, np.cumsum([piece.size for piece in cells], dtype=np.int64)).astype(np.int32)
    values = np.concatenate([np.zeros(0, np.uint64), *cells])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.uint64()))


def _digest(content: bytes) -> int:
    """64 bits that stand for public content."""
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")
