"""The page of a consultation in a browser: accessible, narrow, in both languages, without scripts, and it counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.server import clients
from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.closing import open_consultation
from pipelines.server.consultations.tables import TABLES
from pipelines.server.store import open_store
from schemas.feeds import Text
from tests.browser.programs import axe
from tests.browser.visit import LOCALES, NARROW
from tests.server import made as served
from tests.server.consultations.made import PLAYGROUND, changed, configuration, person, settings
from tests.server.consultations.people import passport

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGE = "/consultations/playground"
TITLE = {"fr": "Une aire de jeux", "en": "A playground"}
TOLD = {"fr": ("Votre réponse compte", "Une réponse a déjà été donnée"), "en": ("Your answer counts", "An answer was")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("consultation")


@pytest.fixture(scope="module")
def listening(folder: Path) -> Iterator[str]:
    """A server of two consultations, one of them attended."""
    store = open_store("server.db", folder)
    store.create(TABLES)
    open_consultation(Answers(store), settings(folder), PLAYGROUND, 11, test=False)
    attended = changed(id="desk", attended=True, title=Text("A market hall", "Une halle"))
    open_consultation(Answers(store), settings(folder), attended, 11, test=False)
    store.close()
    with served.running(configuration(folder, "server.db")) as server:
        yield f"http://127.0.0.1:{server.port}"


def problems(page: "Page") -> list[str]:
    """What axe finds."""
    page.evaluate(axe().read_text(encoding="utf-8"))
    return [each["id"] for each in page.evaluate("axe.run()")["violations"]]


def fits(page: "Page") -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_an_answer_at_320_pixels_is_counted_once_and_every_page_is_accessible(
    browser: "Browser", listening: str, language: str, dark: bool
) -> None:
    context = browser.new_context(
        locale=LOCALES[language], viewport=NARROW, color_scheme="dark" if dark else "light", bypass_csp=True
    )
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.partition("/consultations")[0]))
    lines = passport(person(10 + 2 * dark + (language == "fr")))
    said = [lines.replace("FRA", "FRB", 1)[:-1], lines, lines]
    page.goto(f"{listening}/consultations/")
    assert (problems(page), fits(page)) == ([], True)
    page.get_by_role("link", name=TITLE[language]).click()
    assert page.url.partition("?")[0] == f"{listening}{PAGE}"
    for at, text in enumerate(said):
        page.goto(f"{listening}{PAGE}")
        assert page.get_attribute("html", "lang") == language
        page.get_by_label("Yes").check()
        page.locator("#district").select_option("north")
        page.locator("#mrz").fill(text)
        page.get_by_role("button").click()
        assert (problems(page), fits(page)) == ([], True)
        if at:
            assert TOLD[language][at - 1] in page.inner_text("main")
        else:
            assert page.locator("[role=alert]").is_visible()
            assert page.locator("#mrz").input_value() == ""
            assert page.locator("#district").input_value() == "north"
    assert {host for host in hosts if not host.startswith("data:")} == {listening}
    context.close()


def test_who_attends_gives_the_key_once_and_two_people_answer(browser: "Browser", listening: str, folder: Path) -> None:
    key = clients.add(folder / "clients.json", "counter", ["consultations:answer"])
    context = browser.new_context(
        java_script_enabled=False, locale="en-GB", http_credentials={"username": "", "password": key}
    )
    page = context.new_page()
    page.goto(f"{listening}/consultations/desk")
    page.get_by_role("link", name="For who attends").click()
    for number in (40, 41):
        page.get_by_label("Yes").check()
        page.locator("#district").select_option("north")
        page.locator("#mrz").fill(passport(person(number)))
        page.get_by_role("button").click()
        assert "Your answer counts" in page.inner_text("main")
        page.get_by_role("link", name="The next person").click()
    context.close()


def test_the_page_works_without_scripts_by_the_keyboard_alone(browser: "Browser", listening: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto(f"{listening}{PAGE}")
    page.locator("input[value=no]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(passport(person(30)).lower())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".good")
    assert "Your answer counts" in page.inner_text("main")
    assert complaints == []
    context.close()
