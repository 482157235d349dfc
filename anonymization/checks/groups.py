"""Groups: residents, other domestic and foreign devices are the same wherever attributes of a day tell them apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anonymization.checks.day import Day, Ints, devices, part_codes
from anonymization.checks.splits import Split, tokens
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap
from schemas.countries import COUNTRIES
from schemas.vocabulary import FOREIGN, VISITOR_CATEGORIES

Sums = dict[frozenset[str], tuple[int, int]]
"""Devices and rows by the groups that a row holds."""

_RESIDENT, _OTHER = "resident", "other domestic"
_OF_CATEGORY = dict(zip(VISITOR_CATEGORIES, (_RESIDENT, _OTHER, _OTHER, FOREIGN, FOREIGN), strict=True))


@dataclass(frozen=True)
class _Parts:
    """The groups of one indicator, by part."""

    split: Split
    names: dict[int, str]
    sums: dict[int, Sums]


def differing_groups(day: Day, splits: Sequence[Split]) -> Iterator[str]:
    """A sentence for each part where two attributes give other groups, or other numbers of them.

    Categories and origins are cut by the same groups first; age and class tell foreign devices apart at most.
    """
    if day.zones is None:
        return
    split_of = {split.indicator.name: split for split in splits}
    chosen = [split_of[name] for name in _NAMES if name in split_of]
    found = [_parts(split, code, day.zones) for split, code in zip(chosen, _codes(chosen), strict=True)]
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            yield from _between(one, other, day.terms)


_NAMES = ("attendance_by_category", "attendance_by_origin", "attendance_by_age", "attendance_by_spc")


def _codes(splits: Sequence[Split]) -> list[Ints]:
    return part_codes(*(split.rows for split in splits)) if splits else []


def _parts(split: Split, code: Ints, zones: ZoneMap) -> _Parts:
    names: dict[int, str] = {}
    sums: dict[int, Sums] = {}
    values = split.rows[split.attributes[0]].to_pylist()
    columns = (code.tolist(), split.rows["zone_id"].to_pylist(), values, devices(split.rows).tolist())
    for part, name, value, count in zip(*columns, strict=True):
        groups = _groups(split.attributes[0], value, set(tokens(name)), zones)
        names[part] = name
        total, rows = sums.setdefault(part, {}).get(groups, (0, 0))
        sums[part][groups] = (total + count, rows + 1)
    return _Parts(split, names, sums)


def _groups(attribute: str, value: str, part: set[str], zones: ZoneMap) -> frozenset[str]:
    """The groups that a row of a part holds; for age and class `foreign` is one, and all else is none of them."""
    listed = tokens(value)
    if attribute == "visitor_category":
        found = {_OF_CATEGORY.get(token, "") for token in listed}
        # Residents of a part without communes have no origin: nothing can tell them apart there.
        return frozenset(found if _has_residents(part, zones) else found - {_RESIDENT} or found)
    if attribute == "origin":
        return frozenset(_of_origin(token, part, zones) for token in listed)
    return frozenset({FOREIGN} if listed == [FOREIGN] else ())


def _of_origin(token: str, part: set[str], zones: ZoneMap) -> str:
    if token in COUNTRIES:
        return FOREIGN
    return _RESIDENT if token in zones.zones and _is_inside(token, part, zones) else _OTHER


def _is_inside(zone_id: str, part: set[str], zones: ZoneMap) -> bool:
    return zone_id in part or any(zone.zone_id in part for zone in zones.around(zone_id))


def _has_residents(part: set[str], zones: ZoneMap) -> bool:
    return any(_is_inside(commune, part, zones) for commune in zones.communes)


def _between(one: _Parts, other: _Parts, terms: Terms) -> Iterator[str]:
    """What differs between two indicators."""
    cut_alike = {one.split.attributes[0], other.split.attributes[0]} == {"visitor_category", "origin"}
    for part in one.sums.keys() & other.sums.keys():
        sums, others = one.sums[part], other.sums[part]
        labels = f"{one.split.label} and {other.split.indicator.name}, zone {one.names[part]}"
        if cut_alike and sums.keys() != others.keys():
            yield f"{labels}: not the same groups of residents, other domestic and foreign devices"
        shared = sums.keys() & others.keys() - {frozenset()}
        if any(not _agree(sums[groups], others[groups], terms.slack) for groups in shared):
            yield f"{labels}: other numbers of residents, other domestic or foreign devices"


def _agree(one: tuple[int, int], other: tuple[int, int], slack: int) -> bool:
    """Sums of rows within rounding; single rows are the same devices, rounded once."""
    return abs(one[0] - other[0]) <= (0 if one[1] == other[1] == 1 else (one[1] + other[1]) * slack)
