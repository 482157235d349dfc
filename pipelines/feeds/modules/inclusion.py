"""Digital-inclusion centres in the national standard, from it or from a list with half-day hours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from pipelines.feeds import checking
from pipelines.feeds.csv import as_csv
from pipelines.feeds.feed import Built, Context, Feed
from pipelines.feeds.inclusion import calendar, communes, items, mednum, tours
from pipelines.feeds.inclusion.checks import Judge
from pipelines.feeds.inclusion.columns import COLUMNS, STANDARD, tidied, unreadable
from pipelines.feeds.inclusion.communes import Communes
from pipelines.feeds.inclusion.settings import InclusionSettings
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.inclusion.twins import twins
from pipelines.feeds.reading import Located, read_table
from pipelines.feeds.rows import Finding, Row, Rows
from schemas.feeds import FeedSettings, Source, Text


def build(rows: Mapping[str, Rows], context: Context) -> Built:
    """The centres by name, the stops of itinerant ones, the file of the standard and the calendar of the stops."""
    settings = _settings(context.settings)
    known, findings = Communes.of(rows.get("communes", ()), _name(settings.communes))
    judge = Judge(known, context.at.date(), settings.stale_after_months)
    places, wrong = _places(rows["source"], settings, judge, context)
    findings += wrong
    by_id = {str(row["id"]): row for row in places}
    stops, errors = tours.stops(rows.get("tours", ()), _name(settings.tours), frozenset(by_id), context.zone)
    hours = {
        name: context.exceptions.hours(name, str(row["horaires"] or ""), context.at.date())
        for name, row in by_id.items()
    }
    times = [(stop, stop.next(context.at, context.zone, context.valid_until)) for stop in stops]
    centres = [
        items.centre(
            row,
            hours[name],
            [found for stop, found in times if stop.row["place_id"] == name],
            stale=isinstance(row["date_maj"], date) and judge.is_stale(row["date_maj"]),
        )
        for name, row in by_id.items()
    ]
    coming = [items.stop(stop.row, by_id[str(stop.row["place_id"])], found) for stop, found in times if found]
    written = [row | dict.fromkeys(unreadable(row)) | {"horaires": hours[name] or None} for name, row in by_id.items()]
    files = {"lieux.csv": as_csv(COLUMNS, written)}
    if stops:
        files["tournees.ics"] = calendar.as_ics(stops, by_id, context)
    return Built((*centres, *coming), files, (*findings, *errors))


def _places(
    rows: Rows, settings: InclusionSettings, judge: Judge, context: Context
) -> tuple[Rows, tuple[Finding, ...]]:
    """The rows that are published, by name, and all that is wrong in the source."""
    file = settings.source.name
    wrong: list[Finding] = []
    accepted: list[Row] = []
    for row in rows:
        spot = Spot.of(file, row)
        found, more = (row, []) if settings.format == "standard" else _converted(row, spot, settings, judge, context)
        if found is not None:
            more = [*more, *judge.findings(found, spot)]
        wrong += more
        if found is not None and all(finding.level != "error" for finding in more):
            accepted.append(tidied(found))
    wrong += twins(tuple(accepted), file)
    if settings.format != "standard":
        wrong = [replace(finding, field=mednum.FIELDS.get(finding.field, finding.field)) for finding in wrong]
    return tuple(sorted(accepted, key=lambda row: (str(row["nom"]), str(row["id"])))), tuple(sorted(wrong, key=_order))


def _converted(
    row: Row, spot: Spot, settings: InclusionSettings, judge: Judge, context: Context
) -> tuple[Row | None, list[Finding]]:
    """A row of MedNum BFC in the standard's columns, judged by their rules; None where they refuse it."""
    texts, wrong = mednum.texts(row, spot, judge.communes, settings.updated)
    if any(finding.level == "error" for finding in wrong):
        return None, wrong
    found, refused = checking.check([(spot.line, texts)], STANDARD, spot.file, context.zone)
    return (found[0] if found else None), [*wrong, *refused]


def _order(finding: Finding) -> tuple[int, str, str]:
    return finding.line, finding.field, finding.expected.en


def _name(path: Path | None) -> str:
    return "" if path is None else path.name


def _settings(settings: FeedSettings) -> InclusionSettings:
    if not isinstance(settings, InclusionSettings):
        raise TypeError(f"{type(settings).__name__} are no settings of this feed")
    return settings


def _sources(settings: FeedSettings) -> tuple[Source, ...]:
    form = STANDARD if _settings(settings).format == "standard" else mednum.SOURCE
    return form, tours.SOURCE, communes.SOURCE


def _read(path: Path, source: Source, settings: FeedSettings) -> Located:
    return communes.read(path) if source is communes.SOURCE else read_table(path, source, settings)


FEED: Final = Feed(
    name="inclusion",
    title=Text("Help with digital tools", "Aide au numérique"),
    about=Text(
        "Where somebody helps with computers, the internet and online procedures.",
        "Où se faire aider avec l’ordinateur, l’internet et les démarches en ligne.",
    ),
    standard="Lieux de médiation numérique 1.0.2",
    place=45,
    sources=(STANDARD, mednum.SOURCE, tours.SOURCE, communes.SOURCE),
    build=build,
    settings=InclusionSettings,
    read=_read,
    choose=_sources,
)
