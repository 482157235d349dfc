"""The score sheet: all comparisons of a release with the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow.compute as pc

from pipelines.score import attendance, attribute, detail, event, flows, nights, presence
from pipelines.score.figure import Scored, together
from pipelines.score.places import numbered, touching
from pipelines.score.released import Released
from pipelines.score.times import common
from pipelines.score.truth import Truth
from schemas.errors import UsageError

VENUE: Final = "venue"

OF_A_DAY: Final = {
    "attendance_by_age": ("age_band", "attendance"),
    "attendance_by_spc": ("spc", "attendance"),
    "attendance_by_category": ("visitor_category", "attendance"),
    "attendance_by_origin": ("origin", "attendance"),
    "dwell": ("dwell_band", "dwell"),
}
"""Splits of attendance: the attribute, and the truth that tells it."""

OF_AN_HOUR: Final = {"presence_by_age": "age_band", "presence_by_spc": "spc"}
"""Splits of presence, each with a truth of its own name."""

COMPARED: Final = ("presence", *OF_AN_HOUR, "attendance", *OF_A_DAY, "nights", "flows")
"""Every indicator for which there is a truth."""


@dataclass(frozen=True)
class Sheet:
    """What was found; which indicators the release does not have, and for which of those it has there is no truth."""

    scored: Scored
    absent: tuple[str, ...]
    without_truth: tuple[str, ...] = ()


def score(released: Released, truth: Truth, events: Sequence[str] = (), market_share: float | None = None) -> Sheet:
    """Compare a release with the truth.

    `events` are the zones whose crowds are looked at, every venue if there is none; `market_share` is the share of the
    people that are devices, by default that of the release. Raises UsageError for an unknown zone, and InputError for
    a truth of other days.
    """
    zones = released.zones.zones
    if unknown := [zone for zone in events if zone not in zones]:
        raise UsageError(
            f"--event {unknown[0]}: expected a zone of the release, got another name",
            f"take one of: {', '.join(sorted(zones))}",
        )
    chosen = events or [zone for zone in sorted(zones) if zones[zone].kind == VENUE]
    known, left_out = common({name: released.tables[name] for name in COMPARED if name in released.tables}, truth)
    compared = replace(released, tables=known)
    found = together(
        [
            *_presence(compared, truth, chosen),
            *_attendance(compared, truth),
            *_flows(compared, truth, market_share),
            Scored((), left_out),
        ]
    )
    absent = tuple(name for name in COMPARED if name not in released.tables)
    return Sheet(found, absent, tuple(name for name in released.tables if name not in COMPARED))


def _presence(released: Released, truth: Truth, events: Sequence[str]) -> Iterator[Scored]:
    kinds = released.kinds
    if "presence" in released.tables:
        parts = numbered(released.tables["presence"])
        pairs = presence.by_zone(parts, touching(parts.parts, released.zones), kinds, truth["presence"])
        yield presence.zones(pairs)
        yield presence.hexagons(parts, truth["presence_by_hexagon"])
        yield detail.presence(released.tables["presence"])
        yield event.crowds(pairs, events)
    for name, column in OF_AN_HOUR.items():
        if name in released.tables:
            parts = numbered(released.tables[name])
            yield attribute.of_an_hour(name, column, parts, touching(parts.parts, released.zones), kinds, truth[name])


def _attendance(released: Released, truth: Truth) -> Iterator[Scored]:
    if table := released.tables.get("attendance"):
        yield attendance.zones(table, released.kinds, truth["attendance"])
        yield detail.attendance(table)
    for name, (column, source) in OF_A_DAY.items():
        if table := released.tables.get(name):
            yield attribute.of_a_day(name, column, table, released.kinds, truth[source])
    if table := released.tables.get("nights"):
        yield nights.zones(table, released.kinds, truth["nights"])


def _flows(released: Released, truth: Truth, market_share: float | None) -> Iterator[Scored]:
    if table := released.tables.get("flows"):
        share = market_share or _market_share(released)
        yield flows.zones(table, released.kinds, truth["flows"], released.k / share)


def _market_share(released: Released) -> float:
    """Printed devices by the people that they stand for, over all attendance, else over all flows."""
    table = released.tables.get("attendance") or released.tables["flows"]
    devices, people = pc.sum(table["devices"]).as_py(), pc.sum(table["people"]).as_py()
    return float(devices / people) if devices and people else 1.0
