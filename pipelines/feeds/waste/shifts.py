"""Shifts: rounds that are on another day than their rule says, or that are not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds.checking import shown
from pipelines.feeds.rows import Finding, Row, Rows
from pipelines.feeds.waste.columns import ALL
from pipelines.feeds.waste.rounds import Round
from schemas.feeds import Text

FURTHEST: Final = 31
"""Days by which a round can be moved."""


class _Refused(Exception):
    """A field of a row that cannot be carried out."""

    def __init__(self, field: str, expected: Text) -> None:
        super().__init__(field)
        self.field = field
        self.expected = expected


def shifted(
    rounds: Sequence[Round], rows: Rows, file: str, zone: ZoneInfo
) -> tuple[tuple[Round, ...], tuple[Finding, ...]]:
    """The rounds with their shifts, in their order, and the rows that fit no round or contradict one before."""
    found = list(rounds)
    findings: list[Finding] = []
    for row in rows:
        try:
            places = _places(found, row, zone)
            changed = [_with(found[place], row, zone) for place in places]
        except _Refused as refused:
            text = str(row[refused.field] or "")
            line = int(str(row["line"]))
            findings.append(Finding(file, line, refused.field, "error", refused.expected, shown(text)))
            continue
        for place, one in zip(places, changed, strict=True):
            found[place] = one
    return tuple(found), tuple(findings)


def _places(rounds: Sequence[Round], row: Row, zone: ZoneInfo) -> list[int]:
    """Which of the rounds are on the day of a row."""
    sectors = {one.sector for one in rounds}
    if row["sector"] not in (ALL, *sectors):
        raise _Refused("sector", Text("* or a sector of the rounds", "* ou un secteur des tournées"))
    day = _day(row, "date")
    found = [
        place
        for place, one in enumerate(rounds)
        if row["sector"] in (ALL, one.sector)
        and row["stream"] in (ALL, one.stream)
        and one.series.plans(frozenset({_start(one, day)}), zone)
    ]
    if not found:
        raise _Refused("date", Text("a day with such a round", "un jour où cette tournée a lieu"))
    return found


def _with(one: Round, row: Row, zone: ZoneInfo) -> Round:
    day, series = _day(row, "date"), one.series
    start = _start(one, day)
    if start in series.without or start in series.moved:
        raise _Refused("date", Text("each round once", "une seule ligne par tournée"))
    french = str(row["reason_fr"] or "")
    shifts = {**one.shifts, day: Text(str(row["reason_en"] or french), french)}
    if row["moved_to"] is None:
        return replace(one, series=replace(series, without=series.without | {start}), shifts=shifts)
    to = _day(row, "moved_to")
    instead = _start(one, to)
    if to == day or abs((to - day).days) > FURTHEST:
        raise _Refused(
            "moved_to",
            Text(f"another day at most {FURTHEST} days away", f"un autre jour, à {FURTHEST} jours au plus"),
        )
    if instead in series.moved.values() or series.plans(frozenset({instead}), zone):
        raise _Refused("moved_to", Text("a day without this round", "un jour sans cette tournée"))
    return replace(one, series=replace(series, moved={**series.moved, start: instead}), shifts=shifts)


def _start(one: Round, day: date) -> datetime:
    return datetime.combine(day, one.series.start.time())


def _day(row: Row, name: str) -> date:
    return date.fromisoformat(str(row[name]))
