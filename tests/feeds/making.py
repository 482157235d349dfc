"""Feeds made of a few lines of text, as a build makes them."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from anonymization.policy import Policy
from pipelines.feeds.checking import check
from pipelines.feeds.exceptions import Exceptions
from pipelines.feeds.feed import Built, Context, Feed
from pipelines.feeds.rows import Finding, Rows
from schemas.feeds import FeedSettings, Town

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 6, 20, 12, tzinfo=PARIS)


def made(
    feed: Feed,
    folder: Path,
    sources: dict[str, str],
    at: datetime = NOON,
    address: str = "",
    updated: date | None = None,
    valid_until: date | None = None,
    **paths: Path,
) -> tuple[Built, tuple[Finding, ...]]:
    """The feed of some texts by key, and everything that was found wrong."""
    given = {}
    for key, text in sources.items():
        given[key] = folder / f"{key}.csv"
        given[key].write_text(text, encoding="utf-8")
    settings = feed.settings(**given, **paths, updated=updated, valid_until=valid_until)  # type: ignore[arg-type]
    return built(feed, settings, at, address)


def built(feed: Feed, settings: FeedSettings, at: datetime, address: str = "") -> tuple[Built, tuple[Finding, ...]]:
    """The feed of settings whose paths are whole."""
    town = Town(id="dijon", name="Dijon", address=address)
    context = Context(town, at, PARIS, settings, Exceptions(), Policy(20, 0.8, 5, test=False))
    rows: dict[str, Rows] = {}
    findings: list[Finding] = []
    for source in feed.sources:
        path = getattr(settings, source.key)
        if path is None:
            rows[source.name] = ()
            continue
        rows[source.name], found = check(feed.read(path, source, settings), source, source.member or path.name, PARIS)
        findings += found
    result = feed.build(rows, context)
    return result, (*findings, *result.findings)


def errors(findings: tuple[Finding, ...]) -> list[tuple[str, int, str]]:
    """Where the errors are: file, line and field."""
    return [(finding.file, finding.line, finding.field) for finding in findings if finding.level == "error"]
