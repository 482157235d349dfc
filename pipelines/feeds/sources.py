"""Reading the sources of a feed: files in, accepted rows and what is wrong in the others out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.feeds import checking
from pipelines.feeds.feed import Context, Feed, Large
from pipelines.feeds.reading import Located
from pipelines.feeds.rows import Finding, Rows
from schemas.errors import InputError
from schemas.feeds import FeedSettings, Source, Text


@dataclass(frozen=True)
class Sources:
    """What was read for a feed: rows and tables by source, the rows of each file, and those that count as its own."""

    rows: Mapping[str, Rows]
    tables: Mapping[str, Large]
    lengths: Mapping[str, int]
    counted: int
    findings: tuple[Finding, ...]


def sources_of(feed: Feed, settings: FeedSettings, context: Context) -> Sources:
    """The sources of a feed; raises InputError for one that cannot be read, or of which no row is right."""
    rows: dict[str, Rows] = {}
    tables: dict[str, Large] = {}
    lengths: dict[str, int] = {}
    counted, findings = 0, list[Finding]()
    for source in feed.chosen(settings):
        path = getattr(settings, source.key)
        if source.name in feed.large:
            if path is not None:
                tables[source.name] = feed.large[source.name](path, source, rows, context)
            continue
        rows[source.name], read, found = accepted(path, source, context.zone, partial(_asked, feed, settings))
        counted += 0 if source.reference else read
        if path is not None:
            file = source.member or path.name
            lengths[file] = lengths.get(file, 0) + read
        findings += found
    return Sources(rows, tables, lengths, counted, tuple(findings))


def accepted(
    path: Path | None, source: Source, zone: ZoneInfo, read: Callable[[Path, Source], Located]
) -> tuple[Rows, int, tuple[Finding, ...]]:
    """The accepted rows of a source, how many there were, and what is wrong; nothing of a source that is not stated."""
    if path is None:
        return (), 0, ()
    located = read(path, source)
    file = source.member or path.name
    rows, findings = checking.check(located, source, file, zone)
    see_that_some_are_right(file, len(located), findings)
    return rows, len(located), findings


def see_that_some_are_right(file: str, count: int, findings: Sequence[Finding]) -> None:
    """Raise InputError where no row of a file is left: what it replaces is more likely to be right than nothing."""
    wrong = [finding for finding in findings if finding.file == file and finding.level == "error"]
    if count and len({finding.line for finding in wrong}) >= count:
        raise InputError(
            f"none of the {count} rows can be published; {wrong[0].told()}", "correct the source, and build again"
        )


def empty(feed: Feed, settings: FeedSettings) -> Finding:
    """That a feed of what is always there has no row at all."""
    column = next(column.name for column in feed.sources[0].columns if column.required)
    expected = Text("at least one row: nothing is published now", "au moins une ligne : rien n’est publié")
    return Finding(settings.source.name, 1, column, "warning", expected, "none")


def _asked(feed: Feed, settings: FeedSettings, path: Path, source: Source) -> Located:
    return feed.read(path, source, settings)
