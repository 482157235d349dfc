"""What the tables and files of the feeds may hold: the second half of docs/feeds.md, from the declarations.

`python -m pipelines.feeds.dictionary` writes it; with `--check` it exits 1 when it is stale.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, fields
from itertools import chain
from pathlib import Path
from typing import Final

from pipelines.feeds.exceptions import HOLIDAYS, SOURCE
from pipelines.feeds.feed import Feed, all_feeds
from schemas.dictionary import code, default, rows
from schemas.feeds import Column, FeedSettings, Kind, Source, Town
from schemas.toml import literal

PATH: Final = Path(__file__).parents[2] / "docs" / "feeds.md"
MARK: Final = "<!-- What follows is written by python -m pipelines.feeds.dictionary; do not edit it. -->\n"
KINDS: Final[Mapping[Kind, str]] = {
    "text": "any text",
    "whole": "a whole number",
    "number": "a number, with a point",
    "date": "a day, `2026-06-20`",
    "instant": "an instant, `2026-06-20T18:00`; local, unless it has an offset",
    "moment": "a day or an instant, `2026-06-20` or `2026-06-20T18:00`",
    "hours": "opening hours as OpenStreetMap writes them, `Mo-Fr 09:00-18:00; PH off`",
    "siret": "14 digits with a right check digit",
    "url": "an address that begins with `http://` or `https://`",
    "email": "an e-mail address",
    "phone": "a telephone number, `+33380000000`",
}
_LONGEST_LIST: Final = 30


def render(feeds: Iterable[Feed]) -> str:
    """The generated half in Markdown, from the declarations alone."""
    return "\n".join(chain(_shared(), *(_feed(feed) for feed in feeds)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the generated half, or say with `--check` whether it is current; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.feeds.dictionary", description="Describe the feeds.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when the file is stale")
    check = parser.parse_args(arguments).check
    before = PATH.read_text(encoding="utf-8")
    written = before.partition(MARK)[0] + MARK + render(all_feeds().values())
    if not check:
        PATH.write_text(written, encoding="utf-8")
    elif before != written:
        sys.stderr.write(f"Error: {PATH.name} is stale\nHint: run python -m pipelines.feeds.dictionary\n")
        return 1
    return 0


def _shared() -> Iterable[str]:
    yield "\n## Keys and columns\n"
    yield "Relative paths are relative to the configuration. A column that is not needed may be absent, or its cells"
    yield "empty; other columns are left alone.\n"
    yield from rows(("what a column says", "how it is written"), ((code(kind), KINDS[kind]) for kind in KINDS))
    yield "### `[feeds.town]`\n"
    yield from _keys(fields(Town))
    yield from _source(SOURCE)
    yield from _source(HOLIDAYS)
    yield "### In the table of every feed\n"
    yield from _keys(fields(FeedSettings))


def _feed(feed: Feed) -> Iterable[str]:
    yield f"### `[feeds.{feed.name}]`: {feed.title.en}\n"
    yield f"{feed.about.en} Standard: {feed.standard}.\n"
    shared = {key.name for key in fields(FeedSettings)}
    own = [key for key in fields(feed.settings) if key.name not in shared]
    if own:
        yield from _keys(own)
    for source in feed.sources:
        yield from _source(source)


def _keys(keys: Iterable[Field[object]]) -> Iterable[str]:
    named = ((code(key.name), default(key), key.metadata["meaning"], _example(key)) for key in keys)
    yield from rows(("key", "default", "meaning", "example"), named)


def _example(key: Field[object]) -> str:
    example = key.metadata["example"]
    return "" if example is None else code(literal(example))


def _source(source: Source) -> Iterable[str]:
    member = f", file `{source.member}` of the folder or archive" if source.member else ""
    yield f"`{source.key}`{member}{'' if source.needed else ' (may be absent)'}: {source.meaning}\n"
    header = ("column", "what it says", "needed", "meaning", "limits")
    yield from rows(header, (tuple(_column(column)) for column in source.columns))


def _column(column: Column) -> Iterable[str]:
    yield code(column.name)
    yield code(column.kind)
    yield "yes" if column.required else ""
    yield column.meaning
    yield "; ".join(_limits(column))


def _limits(column: Column) -> Iterable[str]:
    if column.unique:
        yield "stands once"
    if column.separator:
        yield f"several, with {code(column.separator)} between them"
    if column.choices:
        yield _choices(column.choices)
    if column.pattern:
        yield f"form {code(column.pattern)}"
    if column.shortest:
        yield f"{column.shortest} characters at least"
    if column.longest:
        yield f"{column.longest} characters at most"
    if column.low is not None:
        yield f"{column.low:g} at least"
    if column.high is not None:
        yield f"{column.high:g} at most"


def _choices(choices: Sequence[str]) -> str:
    listed = ", ".join(map(code, choices[:_LONGEST_LIST]))
    return listed if len(choices) <= _LONGEST_LIST else f"{listed} and {len(choices) - _LONGEST_LIST} others"


if __name__ == "__main__":
    sys.exit(main())
