"""Day figures by zone: the plain one, its attributes, and what is split below the classes of an attribute."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.classes import ARRIVAL, CATEGORY, CLASSES, DWELL, WHOLE_PART, ClassRows, split_by_class
from anonymization.origins import Origins, OriginTally
from anonymization.partition import CELLS_AT_ONCE
from anonymization.protect import Protection, Rows, released, whole_parts
from anonymization.tally import Tally, gathered, together
from anonymization.zone_days import ZonePart
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import SEPARATOR

Ints = npt.NDArray[np.int64]
Day = tuple[int, int]
"""The instants at which a privacy day begins and ends."""

NIGHT, BELOW = "night of ", " in "
"""How the device sets of classes below a class are named; no vocabulary has such values."""


def protect_zone_day(
    indicator: Indicator, parts: Sequence[ZonePart], day: Day, counts: Tally, protection: Protection
) -> pa.Table:
    """A released day figure by zone: plain, or split by an attribute with the same classes everywhere.

    `counts`: the plain figure is [parts]; an attribute is [parts, classes], for age and class one column more, foreign
    devices last. A part that holds a sensitive zone is published as a plain figure only. Raises ValueError where the
    counts are not those of the parts.
    """
    if not indicator.attributes:
        _must_match(indicator, parts, counts)
        every = np.arange(len(parts))
        return _released(indicator, parts, day, every, (), whole_parts(every.size), counts, protection)
    _must_match(indicator, parts, counts.sum(axis=1))
    plain = _splittable(parts, protection)
    split = split_by_class(CLASSES[indicator.attributes[0]], counts[plain], protection.policy)
    part = plain[split.part]
    return _released(indicator, parts, day, part, (split.value,), split.devices_of, split.tally, protection)


def protect_nights(parts: Sequence[ZonePart], day: Day, counts: Tally, protection: Protection) -> pa.Table:
    """The released `nights`: of each published visitor category, those who spent the night in the part.

    `counts` [parts, categories, 2]: who did not, and who did. A row stands only where each side holds at least k
    devices, or one holds none.
    """
    indicator = INDICATORS["nights"]
    _must_match(indicator, parts, counts.sum(axis=2).sum(axis=1))
    plain = _splittable(parts, protection)
    counts = counts[plain]
    split = split_by_class(CATEGORY, counts.sum(axis=2), protection.policy)
    night, kept = nights_of(split, CATEGORY.names, counts, protection.policy.k)
    everybody = night.devices == split.tally.devices
    sets = np.where(everybody, split.devices_of, NIGHT + split.devices_of)
    part = plain[split.part][kept]
    return _released(indicator, parts, day, part, (split.value[kept],), sets[kept], night[kept], protection)


def protect_arrivals(parts: Sequence[ZonePart], day: Day, counts: Tally, protection: Protection) -> pa.Table:
    """The released `dwell_by_arrival`: each published dwell class, split by the hour of arrival.

    `counts` [parts, bands, 24]: by dwell band and local hour of arrival.
    """
    indicator = INDICATORS["dwell_by_arrival"]
    _must_match(indicator, parts, counts.sum(axis=2).sum(axis=1))
    plain = _splittable(parts, protection)
    counts = counts[plain]
    dwell = split_by_class(DWELL, counts.sum(axis=2), protection.policy)
    hours = split_by_class(ARRIVAL, of_rows(dwell, DWELL.names, counts), protection.policy)
    above = hours.part
    of_class = dwell.devices_of[above]
    sets = np.where(hours.devices_of == WHOLE_PART, of_class, hours.value + BELOW + of_class)
    part, values = plain[dwell.part[above]], (dwell.value[above], hours.value)
    return _released(indicator, parts, day, part, values, sets, hours.tally, protection)


def protect_origins(parts: Sequence[ZonePart], day: Day, counts: OriginTally, protection: Protection) -> pa.Table:
    """The released `attendance_by_origin`, from the devices of each part by origin.

    Each part has a tree of its own, since which communes are those of its residents depends on it.
    """
    indicator = INDICATORS["attendance_by_origin"]
    _must_match(indicator, parts, counts.per_part(len(parts)))
    origins = Origins(protection.territory.zones)
    pieces = []
    for residents, group in _by_residents(origins, parts, _splittable(parts, protection)).items():
        classes = origins.classes(np.array(residents, np.int64))
        step = max(1, CELLS_AT_ONCE // classes.tree.size)
        for some in np.split(group, np.arange(step, group.size, step)):
            dense = _dense(counts, some, len(parts), classes.columns)
            split = split_by_class(classes, dense, protection.policy)
            pieces.append((some[split.part], split))
    part = np.concatenate([np.zeros(0, np.int64), *(of_group for of_group, _ in pieces)])
    values, sets = (
        np.concatenate([whole_parts(0), *(getattr(split, column) for _, split in pieces)])
        for column in ("value", "devices_of")
    )
    tally = together([split.tally for _, split in pieces])
    return _released(indicator, parts, day, part, (values,), sets, tally, protection)


def _by_residents(origins: Origins, parts: Sequence[ZonePart], places: Ints) -> dict[tuple[int, ...], Ints]:
    """The parts that have the same residents share a tree: places of parts by the origins of their residents."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for place in places.tolist():
        groups.setdefault(tuple(origins.residents(parts[place].zones).tolist()), []).append(place)
    return {residents: np.array(group, np.int64) for residents, group in groups.items()}


def _dense(counts: OriginTally, group: Ints, parts: int, origins: int) -> Tally:
    """[group, origins]: the devices of some parts by origin."""
    row = np.full(parts, -1, np.int64)
    row[group] = np.arange(group.size)
    kept = row[counts.part] >= 0
    place = row[counts.part[kept]] * origins + counts.origin[kept]
    return gathered(place, counts.tally[kept], group.size * origins).reshape(group.size, origins)


def nights_of(split: ClassRows, names: tuple[str, ...], counts: Tally, k: int) -> tuple[Tally, npt.NDArray[np.bool_]]:
    """The devices of each row that spent the night, from [parts, classes, 2], and whether they may be printed."""
    night = of_rows(split, names, counts)[:, 1]
    others = split.tally.devices - night.devices
    return night, (night.devices >= k) & ((others >= k) | (others == 0))


def of_rows(split: ClassRows, names: tuple[str, ...], counts: Tally) -> Tally:
    """[rows, ...]: the sums over the classes of each row, from [parts, classes, ...]."""
    row, name = [], []
    for at, value in enumerate(split.value.tolist()):
        listed = [names.index(each) for each in value.split(SEPARATOR)]
        row += [at] * len(listed)
        name += listed
    cells = counts[split.part[row], name]
    width = cells.shape[1]
    place = np.array(row, np.int64)[:, None] * width + np.arange(width)
    return gathered(place.ravel(), cells.reshape(-1), split.part.size * width).reshape(-1, width)


def _splittable(parts: Sequence[ZonePart], protection: Protection) -> Ints:
    """int64[...]: the parts without a sensitive zone."""
    zones = protection.territory.zones
    return np.array(
        [at for at, part in enumerate(parts) if not any(zones[zone].sensitive for zone in part.zones)], np.int64
    )


def _must_match(indicator: Indicator, parts: Sequence[ZonePart], counts: Tally) -> None:
    """Raise ValueError where counts are not of exactly the devices of the parts: k was tested on these."""
    expected = np.array([part.devices for part in parts], np.int64)
    if counts.shape != expected.shape or (counts.devices != expected).any():
        raise ValueError(f"{indicator.name}: expected the devices of the day's parts, got other counts")


def _released(
    indicator: Indicator,
    parts: Sequence[ZonePart],
    day: Day,
    part: Ints,
    values: tuple[npt.NDArray[np.object_], ...],
    sets: npt.NDArray[np.object_],
    tally: Tally,
    protection: Protection,
) -> pa.Table:
    """Rows of one day window; `part` are places in `parts`."""
    start, end, counted = (np.full(part.size, number, np.int64) for number in (*day, -1))
    rows = Rows(start, end, counted, part, [each.nodes for each in parts], values, sets, tally)
    return released(indicator, rows, protection)
