"""Places: a part covers what its zones cover, and a sensitive zone has a total for the day at most."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.checks.day import Day, part_codes
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import covered, spans
from anonymization.checks.tables import cell_counts, cell_values
from anonymization.checks.zone_map import Area, ZoneMap
from anonymization.verdict import INTEGRITY
from schemas.vocabulary import SEPARATOR

Bools = npt.NDArray[np.bool_]


def examine(day: Day) -> Finding:
    """All parts of a day against the zones; the figure counts different parts."""
    if day.zones is None:
        return Finding(())
    problems: list[str] = []
    count = 0
    for indicator, table, label in day.indicators():
        parts = table.take(np.unique(part_codes(table)[0], return_index=True)[1])
        count += parts.num_rows
        problems += _problems(parts, label, day.zones)
        if indicator.population != "attendance":
            together = all if indicator.population == "presence" else any
            problems += _sensitive(parts, label, day.zones, together)
    return Finding(tuple(problems), count)


def _problems(parts: pa.Table, label: str, zones: ZoneMap) -> Iterator[str]:
    names = parts["zone_id"].to_pylist()
    areas = {name: zones.area(name) for name in set(names)}
    unknown = np.array([areas[name] is None for name in names])
    yield from where(label, parts, unknown, "parts name a zone that zones.geojson does not have")
    unsorted = np.array([sorted(set(t := name.split(SEPARATOR))) != t for name in names])
    yield from where(label, parts, unsorted, "parts name their zones twice or in another order")
    inside = _inside(parts, names, areas)
    yield from where(label, parts, ~inside, "parts have a cell outside the zones that they name")


def _inside(parts: pa.Table, names: list[str], areas: dict[str, Area | None]) -> Bools:
    """bool[parts]: whether all cells of a part lie in the area of its name; a name without area is left alone."""
    low, high = spans(cell_values(parts))
    row = np.repeat(np.arange(parts.num_rows), cell_counts(parts))
    number = {name: place for place, name in enumerate(areas)}
    named = np.array([number[name] for name in names], np.int64)[row]
    order = np.argsort(named, kind="stable")
    bounds = np.searchsorted(named[order], np.arange(len(areas) + 1))
    inside = np.ones(parts.num_rows, np.bool_)
    for place, area in enumerate(areas.values()):
        if area is not None:
            of_name = order[bounds[place] : bounds[place + 1]]
            inside[row[of_name[~covered(low[of_name], high[of_name], area)]]] = False
    return inside


def _sensitive(
    parts: pa.Table, label: str, zones: ZoneMap, together: Callable[[Iterable[bool]], bool]
) -> Iterator[str]:
    """Presence may have a sensitive zone in a pool, movements may not have it at all."""
    names = parts["zone_id"].to_pylist()
    bad = [together(map(zones.is_sensitive, name.split(SEPARATOR))) for name in names]
    yield from where(label, parts, np.array(bad, np.bool_), "parts show a sensitive zone in less than a day")


RULE = Rule(
    name="zones",
    criterion=INTEGRITY,
    threshold="each part within the zones that it names; sensitive zones as day totals only",
    found="{:.0f} different parts",
    combine=sum,
    examine=examine,
)
