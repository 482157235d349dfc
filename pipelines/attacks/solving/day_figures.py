"""The figures of a day as the implications take them, found by what indicators are declared to count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from anonymization.territory import ZoneArea
from anonymization.zone_days import ZonePart, nested_parts
from pipelines.arrays import Ints, instants
from pipelines.attacks.members import Tables
from pipelines.attacks.solving.implications import Arrivals, Figures, Flow, Some
from schemas.errors import UsageError
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import SEPARATOR

_HOURS = 24

_HELD: Final = ("attendance", "flows", "transit")
"""Populations whose devices hold each other."""

_APART: Final = ("presence",)
"""Those that are held by no other: where a device is present is drawn from other evidence than its visits."""


@dataclass(frozen=True)
class Clock:
    """Local time: `hour_of` gives that of an instant in microseconds, `first` is the one in which the day begins."""

    hour_of: Callable[[int], int]
    first: int

    def rank(self, hour: int) -> int:
        """The place of an hour in the privacy day."""
        return (hour - self.first) % _HOURS


@dataclass(frozen=True)
class Numbered:
    """The tables of a day and a number for each of their rows; `slack`: how far it may be from the exact one."""

    tables: Mapping[str, pa.Table]
    numbers: Mapping[str, list[int]]
    slack: int

    def rows(self, name: str, *columns: str) -> list[tuple[str, ...]]:
        """Some columns of an indicator, row by row."""
        return list(zip(*(self.tables[name][each].to_pylist() for each in columns), strict=True))

    def named(self, which: Callable[[Indicator], bool]) -> list[str]:
        """The indicators that are declared so."""
        return [name for name in self.tables if which(INDICATORS[name])]


def numbered(tables: Tables, numbers: Mapping[str, Ints], day: date, slack: int) -> Numbered:
    """What tables of several days print of one."""
    own = {name: pc.equal(table["date"], day) for name, table in tables.items()}
    return Numbered(
        {name: table.filter(own[name]) for name, table in tables.items()},
        {name: numbers[name][own[name].to_numpy()].tolist() for name in tables},
        slack,
    )


def figures(of: Numbered, zones: Sequence[ZoneArea], clock: Clock, k: int) -> Figures:
    """What the implications are about; raises UsageError for a population of which none are known."""
    if unknown := of.named(lambda each: each.population not in (*_HELD, *_APART)):
        raise UsageError(
            f"attacks: expected to know what holds the devices of {', '.join(unknown)}, found no rule",
            "add the population in pipelines/attacks/solving/day_figures.py, and its implications beside it",
        )
    visitors: dict[str, int] = {}
    for name in of.named(lambda each: each.population == "attendance" and not each.attributes):
        visitors |= dict(zip(of.tables[name]["zone_id"].to_pylist(), of.numbers[name], strict=True))
    return Figures(
        visitors,
        _arrivals(of, clock),
        _flows(of, clock),
        _crossing(of),
        _some(of),
        _around(zones, list(visitors)),
        k,
        of.slack,
    )


def _arrivals(of: Numbered, clock: Clock) -> dict[str, list[Arrivals]]:
    found: dict[str, list[Arrivals]] = {}
    for name in of.named(lambda each: "arrival_hour" in each.attributes):
        for (part, hours), devices in zip(of.rows(name, "zone_id", "arrival_hour"), of.numbers[name], strict=True):
            earliest = min(clock.rank(int(hour)) for hour in hours.split(SEPARATOR))
            found.setdefault(part, []).append(Arrivals(earliest, devices))
    return found


def _flows(of: Numbered, clock: Clock) -> list[Flow]:
    found: list[Flow] = []
    for name in of.named(lambda each: each.population == "flows"):
        hours = [clock.rank(clock.hour_of(start)) for start in instants(of.tables[name], "window_start").tolist()]
        ends = of.rows(name, "origin_zone_id", "destination_zone_id")
        for (origin, destination), hour, devices in zip(ends, hours, of.numbers[name], strict=True):
            found.append(Flow(origin, destination, hour, devices))
    return found


def _crossing(of: Numbered) -> dict[int, dict[str, int]]:
    """By hour the zones that stand alone: who crosses a zone of a pool may visit another one of it."""
    found: dict[int, dict[str, int]] = {}
    for name in of.named(lambda each: each.population == "transit"):
        hours = instants(of.tables[name], "window_start").tolist()
        for hour, (part,), devices in zip(hours, of.rows(name, "zone_id"), of.numbers[name], strict=True):
            if SEPARATOR not in part:
                found.setdefault(hour, {})[part] = devices
    return found


def _some(of: Numbered) -> list[Some]:
    found = []
    for name in of.named(lambda each: each.partial):
        above, columns = INDICATORS[name].splits, ("zone_id", *INDICATORS[name].attributes)
        whole = dict(zip(of.rows(above, *columns), of.numbers[above], strict=True)) if above in of.tables else {}
        given = zip(of.rows(name, *columns), of.numbers[name], strict=True)
        found += [Some(whole[row], devices) for row, devices in given if row in whole]
    return found


def _around(zones: Sequence[ZoneArea], names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The parts that hold each part, by the public tree of zones."""
    place = {zone.zone_id: at for at, zone in enumerate(zones)}
    known = [name for name in names if all(zone in place for zone in name.split(SEPARATOR))]
    parts = [ZonePart(tuple(place[zone] for zone in name.split(SEPARATOR)), (), 0) for name in known]
    found: dict[str, set[str]] = {}
    for pairs in nested_parts(zones, parts):
        for inner, outer in zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True):
            found.setdefault(known[inner], set()).add(known[outer])
    return {name: frozenset(outers) for name, outers in found.items()}
