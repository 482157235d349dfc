"""`hexaflux feeds build`: from a configuration to the folder of feeds, and what is told of it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from pipelines.feeds import settings
from pipelines.feeds.build import Build, Module, build, publish
from pipelines.feeds.feed import all_feeds
from pipelines.feeds.groups import grouped
from pipelines.feeds.rows import Level
from pipelines.progress import Progress

FOLDER: Final = "feeds"
"""Where feeds are written without --out, beside the configuration."""
_HEADS: Final[Mapping[Level, str]] = {"error": "Refused", "warning": "Warning"}
FIRST: Final = 20
"""How many groups of findings are told; all of them are in report.json."""


def build_feeds(
    config: Path, out: Path | None, at: str | None, progress: Progress, *, strict: bool
) -> tuple[Build, Path]:
    """Build the feeds of a configuration and publish them; returns what was built, and where."""
    chosen = settings.load(config, all_feeds())
    instant = settings.instant(at, chosen.zone) if at else now(chosen.zone)
    with progress.task("Building feeds", len(chosen.feeds)) as advance:
        built = build(chosen, instant, lambda _: advance(1))
    folder = out or chosen.path.parent / FOLDER
    publish(built, folder, strict=strict)
    return built, folder


def now(zone: ZoneInfo) -> datetime:
    """This second, by the clock of a town."""
    return datetime.now(zone).replace(microsecond=0)


def tell(results: Console, errors: Console, built: Build, out: Path, *, quiet: bool) -> None:
    """The table of feeds on one console, the findings on the other."""
    if not quiet:
        found = grouped(built.findings)
        for group in found[:FIRST]:
            style = "red" if group.level == "error" else "yellow"
            errors.print(f"{_HEADS[group.level]}: {group.told()}", style=style, soft_wrap=True)
        if len(found) > FIRST:
            rest = sum(len(group.lines) for group in found[FIRST:])
            errors.print(f"… and {rest:,} more, see {out / 'report.json'}", soft_wrap=True)
    table = Table("feed", *(head for head in ("rows", "published", "refused", "warnings")))
    for column in table.columns[1:]:
        column.justify = "right"
    for module in built.modules:
        table.add_row(module.feed.name, *(f"{count:,}" for count in _counts(module).values()))
    results.print(table)
    results.print(f"Feeds of {built.chosen.town.name} for {built.at:%Y-%m-%d %H:%M}: {out}", soft_wrap=True)


def as_values(built: Build, out: Path) -> dict[str, object]:
    """The same for a program."""
    return {
        "out": str(out),
        "at": built.at.isoformat(timespec="seconds"),
        "modules": {module.feed.name: _counts(module) for module in built.modules},
        "findings": [
            {
                "file": finding.file,
                "line": finding.line,
                "field": finding.field,
                "level": finding.level,
                "expected": finding.expected.en,
                "found": finding.found,
            }
            for finding in built.findings
        ],
    }


def _counts(module: Module) -> dict[str, int]:
    return {
        "rows": module.rows,
        "published": len(module.items),
        "refused": module.refused,
        "warnings": sum(finding.level == "warning" for finding in module.findings),
    }
