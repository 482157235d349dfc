"""Building the feeds of a town: its sources in, one folder of validated, static files out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pipelines.feeds import checking, documents, exceptions, folder
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Built, Context, Feed, Item, Large
from pipelines.feeds.page.page import pages
from pipelines.feeds.reading import Located, read_table
from pipelines.feeds.rows import Finding, Rows
from pipelines.feeds.settings import Chosen, label
from schemas.errors import CheckFailed, InputError
from schemas.feeds import FeedSettings, Source, Text

SCHEMA_VERSION: Final = 1
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
    found[REPORT] = documents.as_bytes(_report(built))
    return found | {folder.MANIFEST: documents.as_bytes(_manifest(built, found))}


def _exceptions(chosen: Chosen) -> tuple[Exceptions, tuple[Finding, ...]]:
    town = chosen.town
    rows, _, found = _accepted(town.exceptions, exceptions.SOURCE, chosen.zone, read_table)
    rows, wrong = exceptions.judged(rows, town.exceptions.name if town.exceptions else "")
    holidays, _, more = _accepted(town.school_holidays, exceptions.HOLIDAYS, chosen.zone, read_table)
    return Exceptions(rows, holidays), (*found, *wrong, *more)


def _of_no_place(chosen: Chosen, shared: Exceptions, modules: Sequence[Module]) -> tuple[Finding, ...]:
    """Exceptions that change nothing, as no item has their identifier: often one that was misspelt."""
    known = {item.id for module in modules for item in module.items}
    file = chosen.town.exceptions.name if chosen.town.exceptions else ""
    expected = Text("the identifier of a place that is published", "l’identifiant d’un lieu publié")
    return tuple(
        Finding(file, int(str(row["line"])), "place_id", "warning", expected, checking.shown(str(row["place_id"])))
        for row in shared.rows
        if row["place_id"] not in known
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
    if located and not rows:
        raise InputError(
            f"none of the {len(located)} rows can be published; {findings[0].told()}",
            "correct the source, and build again",
        )
    return rows, len(located), findings


def _module(feed: Feed, settings: FeedSettings, context: Context) -> Module:
    rows: dict[str, Rows] = {}
    tables: dict[str, Large] = {}
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
        findings += found
    context = replace(context, tables={name: large.table for name, large in tables.items()})
    made: Built = feed.build(rows, context)
    title = label(feed, settings)
    written = dict(made.files) | {INDEX: documents.index(feed, title, made.items, context)}
    if any(item.place and item.place.latitude is not None for item in made.items):
        written[MAP] = documents.geojson(made.items, context)
    findings += made.findings
    refused = len({(finding.file, finding.line) for finding in findings if finding.level == "error"})
    for large in tables.values():
        count, refused = count + large.rows, refused + large.refused
        findings += large.findings
    return Module(feed, title, context, made.items, written, count, refused, tuple(findings))


def _asked(feed: Feed, settings: FeedSettings, path: Path, source: Source) -> Located:
    return feed.read(path, source, settings)


def _report(built: Build) -> list[dict[str, object]]:
    """All findings, those of what the feeds share first, without a feed."""
    of_feeds = [_reported(finding, module.feed.name) for module in built.modules for finding in module.findings]
    return [*(_reported(finding, None) for finding in built.shared), *of_feeds]


def _reported(finding: Finding, feed: str | None) -> dict[str, object]:
    """A finding as everybody may read it: what was found instead stays on the operator's screen."""
    return {
        "module": feed,
        "file": finding.file,
        "line": finding.line,
        "field": finding.field,
        "level": finding.level,
        "expected": finding.expected.as_json(),
    }


def _manifest(built: Build, written: Mapping[str, bytes]) -> dict[str, object]:
    town = built.chosen.town
    return {
        "schema_version": SCHEMA_VERSION,
        "software": f"hexaflux {version('hexaflux')}",
        "town": {"id": town.id, "name": town.name},
        "at": built.at.isoformat(timespec="seconds"),
        "modules": [_stated(module, written, town.id) for module in built.modules],
        "files": _digests({path: data for path, data in written.items() if path.count("/") < 2}),
    }


def _stated(module: Module, written: Mapping[str, bytes], town: str) -> dict[str, object]:
    under = f"{town}/{module.feed.name}/"
    valid_until = module.context.valid_until
    return {
        "name": module.feed.name,
        "title": module.title.as_json(),
        "standard": module.feed.standard,
        "updated": module.context.settings.updated and module.context.settings.updated.isoformat(),
        "valid_until": valid_until and valid_until.isoformat(timespec="seconds"),
        "rows": module.rows,
        "items": len(module.items),
        "refused": module.refused,
        "warnings": sum(finding.level == "warning" for finding in module.findings),
        "files": _digests({path: data for path, data in written.items() if path.startswith(under)}),
    }


def _digests(written: Mapping[str, bytes]) -> list[dict[str, object]]:
    return [
        {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(written.items())
    ]
