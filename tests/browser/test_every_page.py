"""What holds on every page, in both languages, light and dark."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from dashboards.page import all_pages
from tests.browser.programs import axe
from tests.browser.visit import NARROW, WIDE, Visit, plain_spaces, visiting
from tests.browser.wording import foreign, unfilled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

FIRST, *OTHERS = (page.path for page in all_pages())
# Words do not depend on colours, nor colours on words: two looks meet all four.
LOOKS = [
    pytest.param((path, language, dark), id=f"{name}-{language}-{'dark' if dark else 'light'}")
    for language, dark in (("fr", False), ("en", True))
    for name, path in ((FIRST, "/"), *((path, f"/{path}") for path in OTHERS))
]
TABBED = 250
"""More steps of the Tab key than any page has."""


@pytest.fixture(scope="module", params=LOOKS)
def seen(request: pytest.FixtureRequest, browser: "Browser", address: str) -> Iterator[Visit]:
    """A page that was opened by its address, by a reader whose browser speaks its language."""
    path, language, dark = request.param
    visit = visiting(browser, address, language, dark)
    visit.open(path, lang=language)
    yield visit
    visit.page.context.close()


def test_a_page_asks_no_other_host(seen: Visit, address: str) -> None:
    assert seen.hosts == {address.removeprefix("http://")}


def test_a_page_has_nothing_to_complain_of(seen: Visit) -> None:
    assert seen.errors == []


def test_a_page_says_which_language_it_speaks_and_speaks_no_other(seen: Visit) -> None:
    spoken = seen.choices["lang"]
    assert seen.page.evaluate("document.documentElement.lang") == spoken
    assert (foreign(_own_words(seen), spoken), unfilled(seen.text)) == ([], [])


def test_numbers_are_written_as_the_language_writes_them(seen: Visit) -> None:
    english = re.findall(r"\b\d{1,3},\d{3}\b", seen.text)
    french = re.findall(r"\b\d{1,3} \d{3}\b", seen.text)
    assert (english if seen.choices["lang"] == "fr" else french) == []


def test_axe_finds_nothing_serious(seen: Visit) -> None:
    found = seen.page.evaluate(f"{axe().read_text(encoding='utf-8')}; axe.run()")
    assert [_told(each) for each in found["violations"] if each["impact"] in ("serious", "critical")] == []


def test_a_page_fits_a_narrow_screen(seen: Visit) -> None:
    seen.page.set_viewport_size(NARROW)
    try:
        seen.settle()
        assert seen.page.evaluate(_WIDER) == []
    finally:
        seen.page.set_viewport_size(WIDE)
        seen.settle()


def test_the_keyboard_reaches_every_figure_as_a_table(seen: Visit) -> None:
    reached = _open_by_keyboard(seen)
    assert reached == seen.page.locator("summary").count() > 0
    seen.settle()
    found = seen.page.evaluate(_FIGURES_AND_TABLES)
    assert "figure" not in found or found[-1] == "table"


def _open_by_keyboard(seen: Visit) -> int:
    """Step through the page with Tab, open all that Enter opens, and say how many that were."""
    seen.page.evaluate("document.activeElement.blur()")
    opened = 0
    for _ in range(TABBED):
        seen.page.keyboard.press("Tab")
        focused = seen.page.evaluate("document.activeElement.tagName")
        if focused == "SUMMARY":
            seen.page.keyboard.press("Enter")
            opened += seen.page.evaluate("document.activeElement.parentElement.open")
        elif focused == "BODY":
            break
    return opened


def _own_words(seen: Visit) -> str:
    """What is said, but for the glossary, which has both languages."""
    glossary = seen.page.get_by_test_id("stTable").all_inner_texts() if "/method" in seen.page.url else []
    said = seen.text
    for table in glossary:
        said = said.replace(plain_spaces(table), "")
    return said


def _told(violation: dict) -> tuple[str, list[str]]:
    return violation["id"], [f"{node['html'][:160]} {node['failureSummary'][:200]}" for node in violation["nodes"][:4]]


_WIDER = """() => [...document.querySelectorAll("*")]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 300
        && ["auto", "scroll"].includes(getComputedStyle(each).overflowX))
    .map((each) => `${each.tagName} ${each.dataset.testid ?? each.className}: ${each.scrollWidth}`)
"""

_FIGURES_AND_TABLES = """() => [...document.querySelectorAll(
    "[data-testid='stVegaLiteChart'], [data-testid='stDeckGlJsonChart'], [data-testid='stBidiComponentIsolated'],"
    + " [data-testid='stTable'], [data-testid='stDataFrame']")]
    .filter((each) => each.getClientRects().length)
    .filter((each) => !each.shadowRoot || each.shadowRoot.querySelector("[role='img']"))
    .map((each) => /Table|DataFrame/.test(each.dataset.testid) ? "table" : "figure")
"""
"""Charts, maps and tables in the order of the page; bars are text themselves."""
