"""Nests: a zone inside a published one never tells how many, fewer than k, did not visit it."""

from collections.abc import Iterator

from anonymization.checks.day import Day, devices
from anonymization.checks.terms import Terms
from anonymization.checks.zone_map import ZoneMap
from schemas.vocabulary import SEPARATOR


def differences(day: Day) -> Iterator[str]:
    """A sentence for each part of attendance inside another, where the difference must lie in 1..k-1."""
    if day.zones is None:
        return
    table = day.rows_of("attendance")
    parts = [(name.split(SEPARATOR), name) for name in table["zone_id"].to_pylist()]
    part_of = {token: row for row, (names, _) in enumerate(parts) for token in names}
    counts = devices(table).tolist()
    label = day.label("attendance")
    for row, (names, name) in enumerate(parts):
        for outer in sorted(_outer_parts(names, part_of, day.zones)):
            gap = counts[outer] - counts[row]
            if outer != row and not _is_safe(gap, day.terms):
                yield f"{label}: {name} has {counts[row]} devices inside {parts[outer][1]} with {counts[outer]}"


def _outer_parts(names: list[str], part_of: dict[str, int], zones: ZoneMap) -> set[int]:
    """The parts that hold every one of these zones."""
    known = [name for name in names if name in zones.zones]
    around = [{part_of[zone.zone_id] for zone in zones.around(name) if zone.zone_id in part_of} for name in known]
    return set.intersection(*around) if around and len(known) == len(names) else set()


def _is_safe(gap: int, terms: Terms) -> bool:
    """Whether the exact difference can be 0, or at least k."""
    least, most = gap - 2 * terms.slack, gap + 2 * terms.slack
    return least <= 0 <= most or most >= terms.k
