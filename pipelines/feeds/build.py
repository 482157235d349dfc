"""Building the feeds of a town: its sources in, one folder of validated, static files out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds import checking, documents, exceptions, folder, statement
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Built, Context, Feed, Item
from pipelines.feeds.page.page import pages
from pipelines.feeds.reading import read_table
from pipelines.feeds.rows import Finding, Rows
from pipelines.feeds.settings import Chosen, label
from pipelines.feeds.sources import accepted, empty, see_that_some_are_right, sources_of
from schemas.errors import CheckFailed
from schemas.feeds import FeedSettings, Source, Text

REPORT: Final = "report.json"
INDEX: Final = "index.json"
MAP: Final = "map.geojson"

Started = Callable[[str], object]
"""Gets the name of each feed when its turn comes."""


@dataclass(frozen=True)
class Module:
    """A feed as it was built: its title, items and files, the rows that were read and those left out, and findings.

    `places` are what it keeps hours of.
    """

    feed: Feed
    title: Text
    context: Context
    items: tuple[Item, ...]
    files: Mapping[str, bytes]
    rows: int
    refused: int
    findings: tuple[Finding, ...]
    places: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Build:
    """All feeds of a town, in its order, and findings in what they share."""

    chosen: Chosen
    at: datetime
    modules: tuple[Module, ...]
    shared: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found wrong."""
        return (*self.shared, *(finding for module in self.modules for finding in module.findings))


def build(chosen: Chosen, at: datetime, started: Started) -> Build:
    """Make the feeds of a town for an instant; nothing is written.

    Raises InputError for a source that cannot be read at all, or of which no row can be published.
    """
    at = at.astimezone(chosen.zone)
    shared, findings = _exceptions(chosen)
    modules = []
    for feed, settings in chosen.feeds:
        started(feed.name)
        context = Context(chosen.town, at, chosen.zone, settings, shared, chosen.policy)
        modules.append(_module(feed, settings, context))
    findings += _of_no_place(chosen, shared, modules)
    return Build(chosen, at, tuple(modules), findings)


def publish(built: Build, out: Path, *, strict: bool) -> None:
    """Write all feeds in the place of those before; with `strict`, raise CheckFailed instead if a row was refused."""
    refused = [finding for finding in built.findings if finding.level == "error"]
    if strict and refused:
        raise CheckFailed(
            f"{len(refused):,} of the values are refused, the first one in {refused[0].told()}",
            "correct the sources, or build without --strict, which leaves these rows out",
        )
    folder.publish(out, files(built))


def files(built: Build) -> dict[str, bytes]:
    """Every file of the folder by its path, the manifest last."""
    town = built.chosen.town.id
    found: dict[str, bytes] = {}
    for module in built.modules:
        found |= {f"{town}/{module.feed.name}/{name}": data for name, data in module.files.items()}
    found |= {f"{town}/{name}": data for name, data in pages(built).items()}
    found[REPORT] = documents.as_bytes(statement.report(built))
    return found | {folder.MANIFEST: documents.as_bytes(statement.manifest(built, found))}


def _exceptions(chosen: Chosen) -> tuple[Exceptions, tuple[Finding, ...]]:
    rows, found = _days(chosen.town.exceptions, exceptions.SOURCE, chosen.zone)
    holidays, more = _days(chosen.town.school_holidays, exceptions.HOLIDAYS, chosen.zone)
    return Exceptions(rows, holidays), (*found, *more)


def _days(path: Path | None, source: Source, zone: ZoneInfo) -> tuple[Rows, tuple[Finding, ...]]:
    file = path.name if path else ""
    rows, count, found = accepted(path, source, zone, read_table)
    rows, wrong = exceptions.judged(rows, file)
    see_that_some_are_right(file, count, (*found, *wrong))
    return rows, (*found, *wrong)


def _of_no_place(chosen: Chosen, shared: Exceptions, modules: Sequence[Module]) -> tuple[Finding, ...]:
    """Exceptions that change nothing, as no place has their identifier: often one that was misspelt."""
    places = frozenset().union(*(module.places for module in modules))
    file = chosen.town.exceptions.name if chosen.town.exceptions else ""
    expected = Text("the identifier of a place that is published", "l’identifiant d’un lieu publié")
    return tuple(
        Finding(file, int(str(row["line"])), "place_id", "warning", expected, checking.shown(str(row["place_id"])))
        for row in shared.of_others(places)
    )


def _module(feed: Feed, settings: FeedSettings, context: Context) -> Module:
    read = sources_of(feed, settings, context)
    context = replace(context, tables={name: large.table for name, large in read.tables.items()})
    made: Built = feed.build(read.rows, context)
    findings = (*read.findings, *made.findings)
    for file, length in read.lengths.items():
        see_that_some_are_right(file, length, findings)
    if not feed.may_be_empty and not read.lengths[settings.source.name]:
        findings = (*findings, empty(feed, settings))
    large = read.tables.values()
    refused = len({(finding.file, finding.line) for finding in findings if finding.level == "error"})
    return Module(
        feed,
        label(feed, settings),
        context,
        made.items,
        _files(feed, settings, made, context),
        read.counted + sum(each.rows for each in large),
        refused + sum(each.refused for each in large),
        (*findings, *(finding for each in large for finding in each.findings)),
        made.places or frozenset(item.id for item in made.items),
    )


def _files(feed: Feed, settings: FeedSettings, made: Built, context: Context) -> dict[str, bytes]:
    """The files of the standard, the index, and the map of what has a position."""
    told = documents.told_of(made.items, context)
    written = dict(made.files) | {INDEX: documents.index(feed, label(feed, settings), told, context)}
    if any(item.place and item.place.latitude is not None for item in made.items):
        written[MAP] = documents.geojson(made.items, told)
    return written
