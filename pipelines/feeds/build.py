"""Building the feeds of a town: its sources in, one folder of validated, static files out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds import checking, documents, exceptions, folder, statement
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Built, Context, Feed, Item, Large
from pipelines.feeds.page.page import pages
from pipelines.feeds.reading import Located, read_table
from pipelines.feeds.rows import Finding, Rows
from pipelines.feeds.settings import Chosen, label
from schemas.errors import CheckFailed, InputError
from schemas.feeds import FeedSettings, Source, Text

REPORT: Final = "report.json"
INDEX: Final = "index.json"
MAP: Final = "map.geojson"

Started = Callable[[str], object]
"""Gets the name of each feed when its turn comes."""


@dataclass(frozen=True)
class Module:
    """A feed as it was built: its title, items and files, the rows that were read and those left out, and findings."""

    feed: Feed
    title: Text
    context: Context
    items: tuple[Item, ...]
    files: Mapping[str, bytes]
    rows: int
    refused: int
    findings: tuple[Finding, ...]


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
    findings += _of_no_place(chosen, shared)
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
    rows, count, found = _accepted(path, source, zone, read_table)
    rows, wrong = exceptions.judged(rows, file)
    _see_that_some_are_right(file, count, (*found, *wrong))
    return rows, (*found, *wrong)


def _of_no_place(chosen: Chosen, shared: Exceptions) -> tuple[Finding, ...]:
    """Exceptions that change nothing, as no place has their identifier: often one that was misspelt."""
    file = chosen.town.exceptions.name if chosen.town.exceptions else ""
    expected = Text("the identifier of a place that is published", "l’identifiant d’un lieu publié")
    return tuple(
        Finding(file, int(str(row["line"])), "place_id", "warning", expected, checking.shown(str(row["place_id"])))
        for row in shared.unasked()
    )


def _accepted(
    path: Path | None, source: Source, zone: ZoneInfo, read: Callable[[Path, Source], Located]
) -> tuple[Rows, int, tuple[Finding, ...]]:
    """The accepted rows of a source, how many there were, and what is wrong; nothing of a source that is not stated."""
    if path is None:
        return (), 0, ()
    located = read(path, source)
    file = source.member or path.name
    rows, findings = checking.check(located, source, file, zone)
    _see_that_some_are_right(file, len(located), findings)
    return rows, len(located), findings


def _see_that_some_are_right(file: str, count: int, findings: Sequence[Finding]) -> None:
    """Raise InputError where no row of a file is left: what it replaces is more likely to be right than nothing."""
    wrong = [finding for finding in findings if finding.file == file and finding.level == "error"]
    if count and len({finding.line for finding in wrong}) >= count:
        raise InputError(
            f"none of the {count} rows can be published; {wrong[0].told()}", "correct the source, and build again"
        )


def _module(feed: Feed, settings: FeedSettings, context: Context) -> Module:
    rows: dict[str, Rows] = {}
    tables: dict[str, Large] = {}
    counts: dict[str, int] = {}
    count, findings = 0, list[Finding]()
    for source in feed.chosen(settings):
        path = getattr(settings, source.key)
        if source.name in feed.large:
            if path is not None:
                tables[source.name] = feed.large[source.name](path, source, rows, context)
            continue
        reader = partial(_asked, feed, settings)
        rows[source.name], read, found = _accepted(path, source, context.zone, reader)
        count += 0 if source.reference else read
        if path is not None:
            file = source.member or path.name
            counts[file] = counts.get(file, 0) + read
        findings += found
    context = replace(context, tables={name: large.table for name, large in tables.items()})
    made: Built = feed.build(rows, context)
    title = label(feed, settings)
    told = documents.told_of(made.items, context)
    written = dict(made.files) | {INDEX: documents.index(feed, title, told, context)}
    if any(item.place and item.place.latitude is not None for item in made.items):
        written[MAP] = documents.geojson(made.items, told)
    findings += made.findings
    for file, read in counts.items():
        _see_that_some_are_right(file, read, findings)
    refused = len({(finding.file, finding.line) for finding in findings if finding.level == "error"})
    for large in tables.values():
        count, refused = count + large.rows, refused + large.refused
        findings += large.findings
    return Module(feed, title, context, made.items, written, count, refused, tuple(findings))


def _asked(feed: Feed, settings: FeedSettings, path: Path, source: Source) -> Located:
    return feed.read(path, source, settings)
