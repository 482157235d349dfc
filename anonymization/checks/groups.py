"""Groups: residents, other domestic and foreign devices are the same wherever attributes of a day tell them apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices
from anonymization.checks.parts import in_groups, sums
from anonymization.checks.spans import Bools, Ints
from anonymization.checks.splits import Split
from anonymization.checks.zone_map import ZoneMap
from schemas.countries import COUNTRIES
from schemas.vocabulary import ALL, FOREIGN, SEPARATOR, VISITOR_CATEGORIES

_RESIDENT, _OTHER, _FOREIGN = 1, 2, 4
"""A set of groups is the sum of these; 0 is a row that tells none of them apart."""

_SETS = 8
_OF_CATEGORY = dict(zip(VISITOR_CATEGORIES, (_RESIDENT, _OTHER, _OTHER, _FOREIGN, _FOREIGN), strict=True))
_NAMES = ("attendance_by_category", "attendance_by_origin", "attendance_by_age", "attendance_by_spc")


@dataclass(frozen=True)
class _Groups:
    """int64[parts, 8] each: the devices of an indicator by part and set of groups, and the rows."""

    split: Split
    devices: Ints
    rows: Ints

    @property
    def present(self) -> Bools:
        """bool[parts, 1]: whether a part has rows."""
        present: Bools = self.rows.sum(axis=1, keepdims=True) > 0
        return present


def differing_groups(day: Day, splits: Sequence[Split]) -> Iterator[str]:
    """A sentence for each part where two attributes give other groups, or other numbers of them.

    Categories and origins are cut by the same groups first; age and class tell foreign devices apart at most.
    """
    if day.zones is None:
        return
    split_of = {split.indicator.name: split for split in splits}
    found = [_groups(split_of[name], day, day.zones) for name in _NAMES if name in split_of]
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            yield from _between(one, other, day)


def _groups(split: Split, day: Day, zones: ZoneMap) -> _Groups:
    parts = day.parts.count
    place = split.place * _SETS + _sets(split, day, zones)
    columns = (devices(split.rows), np.ones(place.size))
    return _Groups(split, *(sums(place, column, parts * _SETS).reshape(parts, _SETS) for column in columns))


def _sets(split: Split, day: Day, zones: ZoneMap) -> Ints:
    """int64[rows]: the groups that a row holds; for age and class `foreign` is one, and all else is none of them."""
    attribute = split.attributes[0]
    column = split.rows[attribute].combine_chunks().dictionary_encode()
    values = column.dictionary
    value: Ints = column.indices.to_numpy().astype(np.int64)
    if attribute == "visitor_category":
        found: Ints = _of_tokens(values, _OF_CATEGORY, 0)[value]
        # Residents of a part without communes have no origin: nothing can tell them apart there.
        homeless = ~_has_residents(day, zones)[split.place] & (found & ~_RESIDENT > 0)
        found[homeless] &= ~_RESIDENT
        return found
    if attribute == "origin":
        known = dict.fromkeys([*zones.zones, ALL], 0) | dict.fromkeys(COUNTRIES, _FOREIGN)
        of_communes = _of_communes(values, value, split.place, day, zones)
        of_communes |= _of_tokens(values, known, _OTHER)[value]
        return of_communes
    foreign: Bools = pc.equal(values, FOREIGN).to_numpy(zero_copy_only=False)[value]
    return foreign * np.int64(_FOREIGN)


def _of_tokens(values: pa.Array, group: Mapping[str, int], otherwise: int) -> Ints:
    """int64[values]: the groups of the tokens that each value lists."""
    lists = pc.split_pattern(values, SEPARATOR)
    tokens = lists.flatten()
    place = pc.fill_null(pc.index_in(tokens, pa.array(group.keys(), pa.string())), len(group)).to_numpy()
    of_token = np.array([*group.values(), otherwise], np.int64)[place]
    found = np.zeros(len(values), np.int64)
    np.bitwise_or.at(found, np.repeat(np.arange(len(values)), pc.list_value_length(lists).to_numpy()), of_token)
    return found


def _of_communes(values: pa.Array, value: Ints, part: Ints, day: Day, zones: ZoneMap) -> Ints:
    """int64[rows]: the groups of the zones among the origins of each row: inside its part or not."""
    named = zones.named(values)
    listed = named.kept((named.zone >= 0) & (named.zone < len(zones.zones)))
    found = np.zeros(value.size, np.int64)
    for rows in in_groups(part, listed.sizes[value]):
        row, zone = listed.of(value[rows])
        inside = _inside(part[rows][row], zone, day, zones)
        np.bitwise_or.at(found, rows[row], np.where(inside, _RESIDENT, _OTHER))
    return found


def _inside(part: Ints, zone: Ints, day: Day, zones: ZoneMap) -> Bools:
    """bool[n]: whether each zone is one of those that its part names, or inside one of them."""
    count = len(zones.zones)
    shown = np.sort(day.named.row * (count + 3) + day.named.zone % (count + 3))
    inside = np.zeros(zone.size, np.bool_)
    at = zone
    for _ in range(1 + zones.depth):
        key = part * (count + 3) + at % (count + 3)
        inside |= (at >= 0) & (shown[np.minimum(np.searchsorted(shown, key), shown.size - 1)] == key)
        at = np.where(at >= 0, zones.parents[at], -1)
    return inside


def _has_residents(day: Day, zones: ZoneMap) -> Bools:
    """bool[parts]: whether a commune is in a part."""
    return day.named.any(zones.with_communes[day.named.zone])


def _between(one: _Groups, other: _Groups, day: Day) -> Iterator[str]:
    """What differs between two indicators."""
    cut_alike = {one.split.attributes[0], other.split.attributes[0]} == {"visitor_category", "origin"}
    both = one.present & other.present
    labels = f"{one.split.label} and {other.split.indicator.name}"
    if cut_alike:
        # A part that prints `all` tells no group apart.
        cut = both & (one.rows[:, :1] + other.rows[:, :1] == 0)
        differ = cut & ((one.rows > 0) != (other.rows > 0))
        yield from _first(labels, differ, day, "not the same groups of residents, other domestic and foreign devices")
    # Rows that tell no group apart are not compared.
    shared = both & (one.rows > 0) & (other.rows > 0) & (np.arange(_SETS) > 0)
    # Single rows are the same devices, rounded once.
    rows = np.where((one.rows == 1) & (other.rows == 1), 0, one.rows + other.rows)
    far = shared & (np.abs(one.devices - other.devices) > rows * day.terms.slack)
    yield from _first(labels, far, day, "other numbers of residents, other domestic or foreign devices")


def _first(labels: str, differ: Bools, day: Day, sentence: str) -> Iterator[str]:
    """One sentence for all parts that differ, if there are any; `differ` bool[parts, 8]."""
    parts = np.flatnonzero(differ.any(axis=1))
    if parts.size:
        yield f"{labels}: {parts.size} parts with {sentence} (first: zone {day.parts.names[int(parts[0])]})"
