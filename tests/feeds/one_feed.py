"""One feed of a town, built from a text."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.feeds import settings
from pipelines.feeds.build import Build, build, files
from pipelines.feeds.feed import all_feeds

SATURDAY = datetime(2026, 6, 20, 18, 0, tzinfo=ZoneInfo("Europe/Paris"))


def made(folder: Path, name: str, source: str, text: str, keys: str = "", exceptions: str = "") -> Build:
    """The feed of a source file with this text, on the Saturday of the festival."""
    (folder / source).write_text(text, encoding="utf-8")
    town = '[feeds.town]\nid = "dijon"\nname = "Dijon"\n'
    if exceptions:
        (folder / "exceptions.csv").write_text(exceptions, encoding="utf-8")
        town += 'exceptions = "exceptions.csv"\n'
    config = folder / "town.toml"
    config.write_text(f'{town}[feeds.{name}]\nsource = "{source}"\n{keys}', encoding="utf-8")
    return build(settings.load(config, all_feeds()), SATURDAY, lambda _: None)


def items(build: Build) -> dict[str, dict]:
    """The published items of the only feed by their identifiers."""
    [name] = [module.feed.name for module in build.modules]
    return {item["id"]: item for item in json.loads(files(build)[f"dijon/{name}/index.json"])["items"]}


def told(build: Build) -> list[tuple[int, str, str]]:
    """Line, field and level of every finding."""
    return [(finding.line, finding.field, finding.level) for finding in build.findings]


def facts(item: Mapping) -> dict[str, str]:
    """The facts of an item in French."""
    return {fact["label"]["fr"]: fact["value"]["fr"] for fact in item.get("facts", [])}


def as_text(rows: Iterable[Mapping[str, str]]) -> str:
    """Rows of the same columns as CSV."""
    listed = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, listed[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()
