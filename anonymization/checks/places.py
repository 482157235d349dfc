"""Places: a part covers what its zones cover, and a sensitive zone has a total for the day at most."""

from collections.abc import Iterator

import pyarrow as pa

from anonymization.checks.day import Day
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools
from anonymization.checks.zone_map import ZoneMap
from anonymization.verdict import INTEGRITY
from schemas.indicators import Indicator


def examine(day: Day) -> Finding:
    """All parts of a day against the zones; the figure counts them."""
    if day.zones is None:
        return Finding(())
    named, parts = day.named, day.parts
    wrong = {
        "rows name a zone that zones.geojson does not have": named.any(named.zone < 0),
        "rows name their zones twice or in another order": named.any(named.repeated),
        "rows have a cell outside the zones that they name": _outside(day),
    }
    problems: list[str] = []
    for indicator, table, label in day.indicators():
        code = day.part_of(indicator.name)
        for sentence, bad in wrong.items():
            problems += where(label, table, bad[code], sentence)
        problems += _sensitive(indicator, table, label, _shown(indicator, day, day.zones)[code])
    return Finding(tuple(problems), parts.count)


def _outside(day: Day) -> Bools:
    """bool[parts]: whether a cell of a part lies outside the area of its name; an unknown name has none."""
    parts, named = day.parts, day.named
    found = named.any(named.zone < 0)
    beyond = ~day.areas.hold(parts.owner, *parts.spans)
    outside = found.copy()
    outside[parts.owner[beyond]] = True
    return outside & ~found


def _shown(indicator: Indicator, day: Day, zones: ZoneMap) -> Bools:
    """bool[parts]: presence may have a sensitive zone in a pool, movements may not have it at all."""
    sensitive = zones.sensitive[day.named.zone]
    return day.named.all(sensitive) if indicator.population == "presence" else day.named.any(sensitive)


def _sensitive(indicator: Indicator, table: pa.Table, label: str, shown: Bools) -> Iterator[str]:
    if indicator.population != "attendance":
        yield from where(label, table, shown, "rows show a sensitive zone in less than a day")


RULE = Rule(
    name="zones",
    criterion=INTEGRITY,
    threshold="each part within the zones that it names; sensitive zones as day totals only",
    found="{:.0f} parts compared with the zones",
    combine=sum,
    examine=examine,
)
