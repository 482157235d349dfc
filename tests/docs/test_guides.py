"""The guides of the dashboard name pages, choices, commands and questions that are there, alike in both languages."""

import re
import shlex
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import typer.main

from dashboards.answers import asking
from dashboards.flows.chosen import DIRECTIONS, MEAN_DAYS
from dashboards.page import all_pages
from dashboards.texts import BASELINES
from pipelines.cli import app
from tests.paths import ROOT

NAMES = ("festival", "tram-line", "review")
LANGUAGES = ("en", "fr")
CHOICES = {"base": {*BASELINES}, "of": {*MEAN_DAYS, "day"}, "dir": {*DIRECTIONS}, "lang": {*LANGUAGES}}
"""What may stand in an address under a name, where that does not depend on the release."""
CHOSEN = {"event", "zone", "day", "t", "from", "to", "until", "a", "b"}
MOST_BYTES = 250_000

guides = pytest.mark.parametrize(("name", "language"), list(product(NAMES, LANGUAGES)))


def path_of(name: str, language: str) -> Path:
    return ROOT / "docs" / (f"{name}.md" if language == "en" else f"{name}.{language}.md")


def guide(name: str, language: str) -> str:
    return path_of(name, language).read_text(encoding="utf-8")


def addresses(text: str) -> list[str]:
    """Paths of pages that stand in backticks."""
    return re.findall(r"`(/[a-z]+\?[^`]+)`", text)


def commands(text: str) -> list[list[str]]:
    """The words of each `hexaflux` command in a block of code."""
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    lines = re.findall(r"^hexaflux .*$", blocks, re.MULTILINE)
    return [shlex.split(line.partition(";")[0])[1:] for line in lines]


@guides
def test_every_address_of_a_guide_is_of_a_page_and_of_choices_that_there_are(name: str, language: str) -> None:
    pages = {page.path for page in all_pages()}
    found = addresses(guide(name, language))
    assert found
    for each in found:
        parts = urlsplit(each)
        assert parts.path[1:] in pages, each
        asked = dict(parse_qsl(parts.query, strict_parsing=True))
        assert asked.keys() <= CHOICES.keys() | CHOSEN, each
        assert all(asked[choice] in CHOICES[choice] for choice in asked.keys() & CHOICES.keys()), each
        assert asked["lang"] == language, each


@guides
def test_every_page_that_is_opened_has_that_title(name: str, language: str) -> None:
    titles = {page.title.en if language == "en" else page.title.fr for page in all_pages()}
    opened = re.findall(r"(?:Open|Ouvrir) \*\*([^*]+)\*\*", guide(name, language))
    assert opened
    assert set(opened) <= titles


@guides
def test_every_command_of_a_guide_and_its_options_exist(name: str, language: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    found = commands(guide(name, language))
    assert len(found) >= 4
    for command, *words in found:
        assert command in known, command
        options = {option for param in known[command].params for option in param.opts}
        assert {word for word in words if word.startswith("--")} <= options, words


@guides
def test_every_question_of_a_guide_can_be_asked_so(name: str, language: str) -> None:
    asked = [words for command, *words in commands(guide(name, language)) if command == "query"]
    assert asked
    for _, question, *words in asked:
        given: dict[str, str] = {}
        for option, value in zip(words[::2], words[1::2], strict=True):
            if option == "--param":
                key, _, value = value.partition("=")
                given[key] = value
            elif option in ("--zone", "--day"):
                given[option[2:]] = value
        query = asking.question(question)
        assert asking.values(query, given).keys() == given.keys()


@guides
def test_every_document_and_picture_that_is_linked_exists_and_is_small_enough(name: str, language: str) -> None:
    linked = [ROOT / "docs" / each for each in re.findall(r"\]\(([^)#]+)(?:#[a-z-]+)?\)", guide(name, language))]
    assert len(linked) >= 4
    assert [each for each in linked if not each.exists()] == []
    pictures = [each for each in linked if each.suffix == ".png"]
    assert pictures
    assert all(each.stat().st_size <= MOST_BYTES for each in pictures)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_steps_commands_and_intervals(name: str) -> None:
    english, french = (guide(name, language) for language in LANGUAGES)
    assert commands(english) == commands(french)
    steps = [re.findall(r"^## (\d*)", each, re.MULTILINE) for each in (english, french)]
    assert steps[0] == steps[1]
    rows = [[line.count("|") for line in each.splitlines() if line.startswith("|")] for each in (english, french)]
    assert rows[0] == rows[1]
    addressed = [[each.replace("lang=fr", "lang=en") for each in addresses(text)] for text in (english, french)]
    assert addressed[0] == addressed[1]
    intervals = [
        re.findall(r"\(([\d,]+)\s+to\s+([\d,]+)\)", english),
        re.findall(r"\(([\d ]+)\s+à\s+([\d ]+)\)", french),
    ]
    plain = [[tuple(re.sub(r"\D", "", end) for end in each) for each in found] for found in intervals]
    assert plain[0] == plain[1]


def test_the_readme_leads_to_every_guide_and_shows_its_pictures() -> None:
    linked = set(re.findall(r"\]\(docs/([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {path_of(name, language).name for name, language in product(NAMES, LANGUAGES)} <= linked
    assert {f"images/{each.name}" for each in (ROOT / "docs" / "images").iterdir()} <= linked
