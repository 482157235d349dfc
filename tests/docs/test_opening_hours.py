"""The pages on opening hours say of each example what becomes of it, in both languages."""

import re

import pytest

from pipelines.feeds.hours.dated import Span, with_dates
from tests.feeds.hours_changed import accepted
from tests.feeds.test_hours_dated import CHRISTMAS
from tests.paths import ROOT

PAGES = {"en": "opening-hours.md", "fr": "opening-hours.fr.md"}
languages = pytest.mark.parametrize("language", ["en", "fr"])


def page(language: str) -> str:
    return (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8")


def examples(language: str) -> tuple[list[str], list[str], list[str]]:
    """What is accepted, what is refused, and what to write instead."""
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in page(language).splitlines() if line.startswith("| ")]
    cells = [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]
    good = [row[1].strip("`") for row in cells if len(row) == 2 and "`" in row[1]]
    bad = [row[0].strip("`") for row in cells if len(row) == 3 and "`" in row[0]]
    instead = [row[2].strip("`") for row in cells if len(row) == 3 and "`" in row[2]]
    return good, bad, instead


@languages
def test_each_example_is_accepted_or_refused_as_the_page_says(language: str) -> None:
    good, bad, instead = examples(language)
    assert (len(good), len(bad), len(instead)) == (12, 19, 18)
    assert [text for text in [*good, *instead] if not accepted(text)] == []
    assert [text for text in bad if accepted(text)] == []


def test_both_pages_have_the_same_examples() -> None:
    assert examples("en") == examples("fr")


@languages
def test_the_example_of_school_holidays_is_what_is_published(language: str) -> None:
    span = Span(CHRISTMAS.first, CHRISTMAS.last)
    assert f"`{with_dates('Mo-Fr 08:30-17:30; PH off', [span], 'Mo-Fr 09:00-12:00')}`" in page(language)
