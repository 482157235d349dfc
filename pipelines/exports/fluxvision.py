"""Flux Vision: the files of a delivery, so that spreadsheets made for one go on working.

Their layout is known from public client code only; docs/exports.md says what stands in for what.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import quote

from anonymization.released import Day, Release
from pipelines.exports import csv
from pipelines.exports.fluxvision_lines import FAMILIES, TOTAL, Family, Line, Row, volume
from pipelines.exports.fluxvision_presence import PRESENCE, half_hours
from pipelines.exports.french_days import WEEKDAYS, is_public_holiday, two_months
from pipelines.exports.zipped import write_zip
from pipelines.exports.zones import Zone, read_zones
from pipelines.progress import Advance
from schemas.vocabulary import SEPARATOR

READS: Final = (*dict.fromkeys(("attendance", *(family.indicator for family in FAMILIES), PRESENCE)),)
HALF_HOURS: Final = "presence30min.csv"

_COMMON: Final = (
    *("Date", "JourDeLaSemaine", "VacancesA", "VacancesB", "VacancesC", "Ferie"),
    *("ZoneObservation", "Provenance", "CategorieVisiteur"),
)
_VOLUME: Final = "Volume"
_BOM: Final = "\ufeff"
_NOTES: Final = (
    "# : chiffre non publié seul (regroupé ou retenu) ; jamais 0. Volume : personnes, arrondi à 10.",
    "VacancesA, VacancesB, VacancesC : vides, le calendrier scolaire n'est pas connu.",
    "Provenance ou CategorieVisiteur vide : toutes.",
    "Date : journée de la publication, qui ne commence pas à minuit ; dans presence30min.csv, jour civil.",
    "# marks a figure that is not published on its own; see docs/exports.md of Hexaflux.",
)
_LEFT_OUT: Final = (
    "Les journées non terminées sont laissées de côté : un chiffre qui manque encore n'est pas un chiffre masqué.",
    "Days that are not over are left out: a figure that is still to come is none that is held back.",
)

Figures = dict[tuple[date, str], list[Row]]
"""The rows of a zone that is a part of its own, by privacy day and zone."""


def write(release: Release, folder: Path, advance: Advance) -> list[str]:
    """`<YYYY>B<n>_<ZONE>.zip` for each two-month period and zone, and `presence30min.csv`; of days that are over."""
    zones = read_zones(release.zones())
    for period, days in groupby((day for day in release.days if day.over), lambda day: two_months(day.date)):
        _write_period(release, period, list(days), zones, folder, advance)
    _write_half_hours(release, zones, folder / HALF_HOURS, advance)
    return [*_NOTES, *(() if all(day.over for day in release.days) else _LEFT_OUT)]


def lines(
    family: Family, zone: Zone, zones: Sequence[Zone], days: Iterable[date], own: Figures, attendance: Figures
) -> Iterator[tuple[str, ...]]:
    """The lines of a file; `own` holds the figures of the family's indicator."""
    stated = family.lines(zone, zones)
    for day in days:
        rows = own.get((day, zone.zone_id), [])
        for line in stated:
            yield *_common(day, zone, line), *line.dimensions, volume(rows, line.classes)
        whole = attendance.get((day, zone.zone_id), [])
        # Rounded, the classes seldom add up to the whole; a total that contradicts them would be taken for an error.
        if family.total and whole and sum(people for _, people in rows) == sum(people for _, people in whole):
            total = Line("", "", (TOTAL,) * len(family.columns), frozenset())
            yield *_common(day, zone, total), *total.dimensions, str(round(sum(people for _, people in whole)))


def _common(day: date, zone: Zone, line: Line) -> tuple[str, ...]:
    holiday = "1" if is_public_holiday(day) else "0"
    when = (day.isoformat(), WEEKDAYS[day.weekday()], "", "", "", holiday)
    return (*when, zone.label, line.origin, line.category)


def _write_period(
    release: Release, period: str, days: list[Day], zones: Sequence[Zone], folder: Path, advance: Advance
) -> None:
    dates = [day.date for day in days]
    attendance = _figures(release, days, "attendance", "zone_id", advance)
    own = {
        indicator: _figures(release, days, indicator, attribute, advance)
        for indicator, attribute in {family.indicator: family.attribute for family in FAMILIES}.items()
    }
    families = [family for family in FAMILIES if own[family.indicator]]
    for zone in zones if families else ():
        name = quote(zone.zone_id, safe="")
        members = (
            (
                f"{family.name}_{period}_{name}.csv",
                _file(family, lines(family, zone, zones, dates, own[family.indicator], attendance)),
            )
            for family in families
        )
        write_zip(folder / f"{period}_{name}.zip", members)


def _figures(release: Release, days: list[Day], indicator: str, attribute: str, advance: Advance) -> Figures:
    found: Figures = {}
    for day in days:
        table = release.table(indicator, day)
        columns = (table[name].to_pylist() for name in ("zone_id", attribute, "people"))
        for zone_id, value, people in zip(*columns, strict=True):
            found.setdefault((day.date, zone_id), []).append((frozenset(value.split(SEPARATOR)), people))
        advance(table.num_rows)
    return found


def _file(family: Family, rows: Iterable[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    file.write(_BOM)
    csv.write_rows(file, [(*_COMMON, *family.columns, _VOLUME)], ";")
    csv.write_rows(file, rows, ";")
    return file.getvalue().encode()


def _write_half_hours(release: Release, zones: Sequence[Zone], path: Path, advance: Advance) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_BOM)
        csv.write_rows(file, [("Date", "Heures", "Zone", "Type", _VOLUME)], ";")
        for day, table in release.tables(PRESENCE):
            if day.over:
                csv.write_rows(file, half_hours(table, day, zones), ";")
            advance(table.num_rows)
