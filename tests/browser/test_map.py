"""The map that WebGL draws, and its other versions."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Reader
from tests.browser.test_figures import DAY, ZONE
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

CLICKS = 12
CARDS = ".hx-card .hx-title"
"""Of the zone, and of the area that is chosen."""


@pytest.fixture
def map_page(reader: Reader) -> Visit:
    return reader().open("/map", zone=ZONE, day=DAY, lang="fr")


def pixels(visit: Visit) -> np.ndarray:
    canvas = visit.page.get_by_test_id("stDeckGlJsonChart")
    # WebGL draws some time after the page says it is done.
    visit.page.wait_for_timeout(1500)
    return np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"))


def colours(picture: np.ndarray) -> set[tuple[int, ...]]:
    """Those of more than a hundred pixels."""
    found, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    return {tuple(colour) for colour in found[counts > 100].tolist()}


def test_the_map_is_drawn_in_many_colours(map_page: Visit) -> None:
    picture = pixels(map_page)
    assert len(colours(picture)) >= 5
    assert picture.std() > 10
    assert map_page.errors == []


def test_another_hour_changes_the_map_but_not_its_key(map_page: Visit) -> None:
    before, key = pixels(map_page), map_page.page.locator(".hx-tall").first.inner_text()
    slider = map_page.page.get_by_role("slider", name="Heure")
    slider.focus()
    slider.press("Home")
    map_page.settle()
    after = pixels(map_page)
    assert before.shape == after.shape
    assert 0 < (before != after).any(axis=2).mean() < 0.9
    assert map_page.page.locator(".hx-tall").first.inner_text() == key


def test_a_click_on_the_map_tells_of_what_is_there(reader: Reader) -> None:
    visit = reader().open("/map", zone="lac-kir", day=DAY, lang="fr")
    assert "part" not in visit.choices
    assert visit.page.locator(CARDS).count() == 1
    canvas = visit.page.get_by_test_id("stDeckGlJsonChart")
    pixels(visit)
    # Where WebGL is slow, a press lasts longer than what the map takes for a click.
    for _ in range(CLICKS):
        canvas.click()
        visit.page.wait_for_timeout(1500)
        if "part" in visit.choices:
            break
    visit.settle()
    assert "part" in visit.choices
    assert visit.page.locator(CARDS).count() == 2


def test_the_keyboard_tells_of_the_same_by_the_list(reader: Reader, map_page: Visit) -> None:
    box = map_page.page.get_by_role("combobox", name="Secteur", exact=True)
    box.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        box.press(key)
    map_page.settle()
    assert map_page.page.locator(CARDS).count() == 2
    other = reader()
    other.page.goto(map_page.page.url)
    other.page.wait_for_selector(".hx-foot")
    other.settle()
    assert other.page.locator(CARDS).all_inner_texts() == map_page.page.locator(CARDS).all_inner_texts()


def test_what_is_counted_together_says_so_and_has_no_count_of_its_own(reader: Reader, release: Path) -> None:
    visit = reader().open("/map", zone=ZONE, day=DAY, version="accessible", lang="fr")
    parts = visit.page.locator("path.part")
    tips = parts.evaluate_all("each => each.map(part => part.dataset.tip)")
    together = [tip for tip in tips if "ensemble" in tip]
    assert 0 < len(together) < len(tips)
    assert all("Masqué" in tip for tip in together)
