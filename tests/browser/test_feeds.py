"""The page of the feeds in the hands of a reader: choices stand in the address, and files are what they were."""

from pathlib import Path

import pytest

from tests.browser.conftest import Reader
from tests.browser.visit import Visit
from tests.dashboards.town_feeds import write_feeds

pytestmark = pytest.mark.browser

CLICKS = 5


def rows(visit: Visit) -> list[str]:
    """The items as a table."""
    visit.page.get_by_text("All items as a table").click()
    visit.settle()
    return visit.page.get_by_test_id("stTable").filter(has_text="Mairie").locator("tbody tr").all_inner_texts()


def test_what_is_chosen_stands_in_the_address_and_is_shown_to_somebody_else(reader: Reader) -> None:
    first = reader().open("/feeds", lang="en")
    first.choose("Feed", "Places of the town").choose("Day", "Monday 22 June 2026")
    slider = first.page.get_by_role("slider", name="Time")
    slider.focus()
    slider.press("Home")
    first.settle()
    slider.press("ArrowRight")
    first.settle()
    assert (first.choices["feed"], first.choices["feedday"], first.choices["feedtime"]) == (
        "places",
        "2026-06-22",
        "00:30",
    )
    # A list that has to be scrolled to closes as the page moves.
    first.page.get_by_role("combobox", name="From", exact=True).scroll_into_view_if_needed()
    first.page.wait_for_timeout(1000)
    first.choose("From", "a latitude and longitude")
    field = first.page.get_by_role("textbox", name="Latitude, longitude (degrees)")
    field.fill("47.3216, 5.0415")
    field.press("Enter")
    first.settle()
    second = reader(language="fr")
    second.page.goto(first.page.url)
    second.page.wait_for_selector(".hx-foot")
    second.settle()
    assert second.choices == first.choices
    assert rows(second) == rows(first) != []
    assert first.errors == second.errors == []


def test_a_point_that_is_clicked_is_chosen_and_told_of(reader: Reader) -> None:
    visit = reader().open("/feeds", lang="en", feed="wifi")
    # Where WebGL is slow, a press lasts longer than what the map takes for a click.
    for _ in range(CLICKS):
        visit.page.get_by_test_id("stDeckGlJsonChart").click()
        visit.page.wait_for_timeout(1500)
        if "item" in visit.choices:
            break
    visit.settle()
    assert visit.choices["item"] == "wifi/ap1"
    assert "Available in June: 99.2%" in visit.text
    assert visit.errors == []


def test_a_file_is_taken_away_as_it_was_published(reader: Reader, release: Path) -> None:
    path = "dijon/places/index.json"
    visit = reader().open("/feeds", lang="en", feed="places")
    visit.page.get_by_text("All files of “Places of the town”").click()
    visit.settle()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name=f"feeds/{path}").click()
    assert Path(download.value.path()).read_bytes() == (release.parent / "feeds" / path).read_bytes()


def test_feeds_that_are_damaged_while_they_are_shown_are_refused_and_then_shown_anew(
    reader: Reader, release: Path
) -> None:
    folder = release.parent / "feeds"
    file = folder / "dijon" / "places" / "index.json"
    visit = reader().open("/feeds", lang="en")
    assert "Are the feeds fresh?" in visit.text
    try:
        file.write_bytes(file.read_bytes().replace(b"Piscine", b"Pissine"))
        visit.open("/feeds", lang="en")
        assert "These feeds are not shown" in visit.text
        assert "dijon/places/index.json" in visit.text
        assert "Pissine" not in visit.text
        assert visit.open("/method", lang="en").page.get_by_test_id("stException").count() == 0
    finally:
        write_feeds(folder)
    assert "Are the feeds fresh?" in visit.open("/feeds", lang="en").text
