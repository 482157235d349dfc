"""The guides of the feeds: what they tell a town to write is accepted, and their links lead somewhere."""

import re
from datetime import date
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from pipelines.feeds import checking, dictionary, settings
from pipelines.feeds.build import build
from pipelines.feeds.command import tell
from pipelines.feeds.exceptions import SOURCE, judged
from pipelines.feeds.feed import all_feeds
from pipelines.feeds.hours.grammar import accept
from pipelines.feeds.reading import csv_table, rows_of
from pipelines.simulator import feeds
from pipelines.simulator.settings import Settings
from schemas.feeds import Column, Source
from tests.paths import ROOT

PAGES = ("feeds.md", "feeds.fr.md")
pages = pytest.mark.parametrize("page", PAGES)


def by_hand(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8").partition(dictionary.MARK)[0]


def blocks(page: str, kind: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", by_hand(page), re.MULTILINE | re.DOTALL)
    return [text for of, text in found if of == kind]


@pages
def test_every_configuration_of_the_guide_loads(page: str, tmp_path: Path) -> None:
    found = blocks(page, "toml")
    assert found
    for text in found:
        (tmp_path / "town.toml").write_text(text, encoding="utf-8")
        assert settings.load(tmp_path / "town.toml", all_feeds()).feeds


def test_the_guide_quotes_what_is_told_of_a_bad_row() -> None:
    [quoted] = [block for block in blocks("feeds.md", "") if block.startswith("Refused: ")]
    column = Column("EQUIP_OUVERTURE", "", "hours")
    source = Source("source", "", (column,))
    _, (finding,) = checking.check([(7, {column.name: "lundi matin"})], source, "places.csv", ZoneInfo("UTC"))
    assert quoted == f"Refused: {finding.told()}\n"


def test_the_guide_prints_what_a_build_of_the_samples_tells(tmp_path: Path) -> None:
    [quoted] = [block for block in blocks("feeds.md", "") if "┃ feed" in block]
    # The settings of `hexaflux simulate town --devices 20 --days 1`.
    sources = feeds.sources(Settings(20, 1, date(2026, 6, 20), 1, 0.3))
    feeds.write(tmp_path, sources)
    (tmp_path / "town.toml").write_text(feeds.tables(frozenset(sources)), encoding="utf-8")
    chosen = settings.load(tmp_path / "town.toml", all_feeds())
    told = Console(record=True, width=120, file=StringIO())

    tell(
        told,
        told,
        build(chosen, settings.instant("2026-06-20T20:30", chosen.zone), print),
        Path("town/feeds"),
        quiet=False,
    )

    assert told.export_text() == quoted


@pages
def test_the_exceptions_of_the_guide_are_accepted(page: str) -> None:
    [text] = [block for block in blocks(page, "") if block.startswith("place_id,")]
    rows, findings = checking.check(rows_of(csv_table(text, page), SOURCE), SOURCE, page, ZoneInfo("Europe/Paris"))
    assert (len(rows), findings, judged(rows, page)[1]) == (len(text.splitlines()) - 1, (), ())


def test_the_hours_of_the_guide_are_accepted() -> None:
    table = by_hand("feeds.md").partition("| hours | meaning |\n|---|---|\n")[2].partition("\n\n")[0]
    hours = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(hours) == 4
    for text in hours:
        accept(text)


@pages
def test_every_link_of_the_guide_leads_to_a_page(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", by_hand(page))
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_the_guide_tells_of_every_feed() -> None:
    text = by_hand("feeds.md").partition("\n## The feeds\n")[2]
    assert [name for name in all_feeds() if f"**`{name}`**" not in text] == []
