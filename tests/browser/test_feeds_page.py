"""The page of residents in a browser: its script agrees with its build, and never says open where nothing is known."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from schemas.feeds import Text
from tests.browser.feeds_visit import FeedsVisit, serving, written
from tests.browser.programs import axe
from tests.browser.visit import NARROW
from tests.feeds.made_town import HOSTILE, PLACES, at, built, module, town

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

Readers = Callable[..., FeedsVisit]
BEFORE_AUTUMN, BEFORE_SPRING = "2026-10-24T18:00", "2027-03-27T18:00"
NIGHT = replace(PLACES[1], hours="Mo-Su 00:00-02:30,02:45-04:00,08:00-10:00", valid_until=None)
TABBED = 250
"""More steps of the Tab key than the page has."""


def night(moment: str) -> object:
    """A town whose places are open at night."""
    kept = {"valid_until": None}
    return built([module("places", Text("Places", "Lieux"), [*PLACES, NIGHT], at(moment), **kept)], at(moment))


@pytest.fixture
def readers(browser: "Browser") -> Iterator[Readers]:
    """Makes readers, each with a profile of its own."""
    made: list[FeedsVisit] = []

    def new(**likes: object) -> FeedsVisit:
        made.append(FeedsVisit(browser, **likes))
        return made[-1]

    yield new
    for visit in made:
        visit.context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("feeds"), town())


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder.parent) as listening:
        yield f"{listening}/dijon"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize(
    ("made", "asked", "of"),
    [
        ("2026-06-20T18:00", "2026-06-20T18:00", town),
        ("2026-06-20T18:00", "2026-06-20T09:29", town),
        ("2026-06-20T18:00", "2026-06-21T01:59", town),
        ("2026-06-20T18:00", "2026-06-22T12:00", town),
        ("2026-06-20T18:00", "2026-06-26T23:59", town),
        (BEFORE_AUTUMN, "2026-10-25T02:15:00+02:00", night),
        (BEFORE_AUTUMN, "2026-10-25T02:35:00+02:00", night),
        (BEFORE_AUTUMN, "2026-10-25T02:15:00+01:00", night),
        (BEFORE_AUTUMN, "2026-10-25T03:59:00+01:00", night),
        (BEFORE_SPRING, "2027-03-28T01:59:00+01:00", night),
        (BEFORE_SPRING, "2027-03-28T03:00:00+02:00", night),
    ],
)
def test_for_any_moment_the_script_says_what_a_build_at_that_moment_says(
    made: str, asked: str, of: Callable, zone: str, language: str, tmp_path: Path, readers: Readers
) -> None:
    early = of(made) if of is night else of(at(made))
    late = of(asked) if of is night else of(at(asked))
    scripted = readers(zone=zone).open(f"file://{written(tmp_path / '1', early)}", language, asked.replace("+", "%2B"))
    plain = readers(script=False).open(f"file://{written(tmp_path / '2', late)}", language)
    assert scripted.states() == plain.states() != []
    scripted.unfold().page.wait_for_timeout(100)
    weeks = [each.page.locator("tr").all_text_contents() for each in (scripted, plain)]
    assert weeks[0] == weeks[1] != []
    assert scripted.errors == []


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-06-22T11:59", "Open"),
        ("2026-06-22T12:00", "Unknown since 22 June 2026, 12:00"),
        ("2026-06-22T12:01", "Unknown since 22 June 2026, 12:00"),
        ("2026-07-04T17:59", "Unknown since 22 June 2026, 12:00"),
    ],
)
def test_from_the_instant_at_which_hours_stop_to_hold_a_place_is_unknown(
    moment: str, state: str, address: str, readers: Readers
) -> None:
    assert readers().open(address, "en", moment).state("Patinoire").startswith(state)


@pytest.mark.parametrize(
    ("moment", "opened", "said"),
    [
        ("2026-06-19T23:59", 0, "Unknown hours are published from 20 June 2026"),
        ("2026-06-20T00:00", 1, "Closed opens at 9:30"),
        ("2026-07-04T17:59", 5, "Open"),
        ("2026-07-04T18:00", 0, "Unknown hours are published until 4 July 2026, 18:00"),
        ("2026-12-31T12:00", 0, "Unknown hours are published until 4 July 2026, 18:00"),
        ("2027-01-01T00:00", 0, "Unknown since 1 January 2027"),
        ("2031-01-01T00:00", 0, "Unknown since 1 January 2027"),
    ],
)
def test_beyond_what_is_published_nothing_is_ever_open(
    moment: str, opened: int, said: str, address: str, readers: Readers
) -> None:
    visit = readers().open(address, "en", moment)
    assert visit.state("Bibliothèque") == said
    assert len(visit.seen(".s .open")) == opened


def test_states_follow_the_clock_of_the_reader(address: str, readers: Readers) -> None:
    visit = readers(zone="Asia/Tokyo")
    visit.page.clock.install(time=at("2026-06-20T18:29:30"))
    visit.open(address, "en")
    assert visit.state("Bibliothèque") == "Open closes at 18:30"
    visit.page.clock.run_for(31_000)
    assert visit.state("Bibliothèque") == "Closed opens Tuesday at 9:30"
    assert visit.seen("#asof") == ["As of Saturday 20 June 2026, 18:30"]


def test_what_is_over_goes_and_what_is_not_known_any_more_says_so(address: str, readers: Readers) -> None:
    before, after = (readers().open(address, "en", moment) for moment in ("2026-06-20T18:59", "2026-06-21T06:00"))
    assert (len(before.seen("#alerts .i")), before.seen("#alerts .none")) == (2, [])
    assert (len(after.seen("#alerts .i")), after.seen("#alerts .none")) == (0, ["Nothing to report for now."])
    assert "Lake festival Culture" in before.seen("#events .n")
    assert after.seen("#events .n") == ["Night market Cancelled"]
    assert after.seen("#wifi .u") == ["Unknown since 20 June 2026, 19:00"]
    assert before.seen("#wifi .u") == []


@pytest.mark.parametrize("wrong", ["x", "2026-13-01T00:00", "2026-02-30T10:00", "<script>alert(1)</script>", "99"])
def test_a_moment_that_cannot_be_read_is_now_and_said_to_be(wrong: str, address: str, readers: Readers) -> None:
    visit = readers()
    visit.page.clock.install(time=at("2026-06-20T18:00"))
    visit.open(address, "en", wrong)
    assert visit.seen("#asof") == ["As of Saturday 20 June 2026, 18:00"]
    assert visit.seen("#bad") == ["The moment in the address cannot be read; this is now."]
    assert visit.errors == []


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_form_shows_another_moment_and_leads_back(
    scheme: str, folder: Path, address: str, readers: Readers
) -> None:
    visit = readers().open(address if scheme == "http" else f"file://{folder}", "en")
    visit.page.get_by_label("Show for:").fill("2026-06-20T20:00")
    visit.page.get_by_role("button", name="Show").click()
    visit.page.wait_for_url(re.compile("at=2026-06-20T20"))
    assert visit.state("Café") == "Open closes at 2:00"
    visit.page.get_by_role("link", name="Back to now").click()
    assert urlsplit(visit.page.url).query == ""
    assert visit.errors == []


def test_without_a_script_the_page_shows_the_moment_of_its_build(address: str, readers: Readers) -> None:
    visit = readers(script=False).open(address, "fr")
    assert visit.state("Bibliothèque") == "Ouvert ferme à 18 h 30"
    assert visit.seen("noscript") == ["Sans JavaScript, cette page ne montre que cet instant."]
    assert visit.seen("form") == []
    assert visit.seen("#waste .jump a") == ["Secteur Nord", "Secteur Sud"]


def test_the_chosen_sector_stands_in_the_address_and_nowhere_else(address: str, readers: Readers) -> None:
    visit = readers().open(address, "en", "2026-06-20T18:00")
    assert visit.seen("#waste h3") == ["Sector North", "Sector South"]
    visit.page.locator("#waste select").select_option("Sector South")
    assert visit.seen("#waste h3") == ["Sector South"]
    assert urlsplit(visit.page.url).fragment == "waste=secteur-sud"
    visit.page.reload()
    assert visit.seen("#waste h3") == ["Sector South"]
    visit.page.get_by_role("link", name="Français").click()
    assert visit.seen("#waste h3") == ["Secteur Sud"]
    assert urlsplit(visit.page.url).query == "at=2026-06-20T18:00"
    assert visit.context.cookies() == []
    assert visit.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_events_are_chosen_by_category(address: str, readers: Readers) -> None:
    visit = readers().open(address, "en", "2026-06-20T18:00", "#events=culture")
    assert visit.seen("#events .n") == ["Lake festival Culture"]
    visit.page.locator("#events select").select_option("All")
    assert visit.seen("#events .n") == ["Lake festival Culture", "Night market Cancelled"]
    assert urlsplit(visit.page.url).fragment == ""


def test_centres_are_chosen_by_service_and_places_by_being_open(address: str, readers: Readers) -> None:
    visit = readers().open(address, "en", "2026-06-20T18:00")
    visit.page.locator("#inclusion select").select_option(index=1)
    assert visit.seen("#inclusion .n") == ["Espace Darcy"]
    visit.page.locator("#inclusion").get_by_label("Open now only").check()
    assert (visit.seen("#inclusion .n"), visit.seen("#inclusion .left")) == ([], ["Nothing matches."])


@pytest.mark.parametrize(("language", "dark"), [("fr", False), ("fr", True), ("en", False), ("en", True)])
def test_the_page_is_accessible_narrow_silent_and_alone(
    language: str, dark: bool, address: str, readers: Readers
) -> None:
    visit = readers(dark=dark).open(address, language, "2026-06-22T12:00").unfold()
    assert visit.asked == [visit.page.url]
    visit.page.set_viewport_size(NARROW)
    assert visit.page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    small = "a, button, select, summary, input:not([type=checkbox]), label.tick"
    sizes = [(each.bounding_box(), each.inner_text()) for each in visit.page.locator(small).all() if each.is_visible()]
    assert [text for box, text in sizes if box is None or box["height"] < 44] == []
    assert visit.errors == []
    # The page forbids all scripts but its own; this one is the tests'.
    found = visit.page.evaluate(f"{axe().read_text(encoding='utf-8')}; axe.run()")
    told = [(each["id"], each["nodes"][0]["html"], each["impact"]) for each in found["violations"]]
    assert [each for each in told if each[2] in ("serious", "critical")] == []


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(address: str, readers: Readers) -> None:
    visit = readers().open(address, "en", "2026-06-20T18:00")
    visit.page.evaluate(_NUMBERED)
    reached: list[int] = []
    for _ in range(TABBED):
        visit.page.keyboard.press("Tab")
        number = visit.page.evaluate("document.activeElement.dataset.number")
        if number is None:
            break
        # A time has fields of its own within it.
        reached += [int(number)] if [int(number)] != reached[-1:] else []
        style = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", visit.page.evaluate("document.activeElement.outerHTML")
    assert reached == list(range(visit.page.locator("[data-number]").count()))
    visit.page.evaluate("document.activeElement.blur(); document.querySelector('.skip').focus()")
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "main"


_NUMBERED = """[...document.querySelectorAll("a, button, select, input, summary")]
    .filter((each) => each.checkVisibility()).forEach((each, number) => { each.dataset.number = number })"""


def test_hostile_names_do_nothing(tmp_path: Path, readers: Readers) -> None:
    made = built([module("places", Text.same("<b>Places</b>"), HOSTILE)])
    visit = readers().open(f"file://{written(tmp_path, made)}", "en", "2026-06-20T18:00").unfold()
    visit.page.wait_for_timeout(200)
    assert visit.errors == []
    assert visit.page.title() == "Dijon: open now, coming up"
    assert visit.seen("h2") == ["<b>Places</b>"]
    assert visit.state("harmed") == "Open closes at 19:00"


def test_on_paper_everything_is_unfolded(address: str, readers: Readers) -> None:
    visit = readers().open(address, "en", "2026-06-20T18:00")
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    assert len(visit.seen(".h tbody")) == len(visit.seen("[data-s]"))
    assert visit.seen("form, .toc") == []
