"""The pages of reports in a browser: without a script, alone, accessible and narrow."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn

from tests.browser.programs import axe
from tests.browser.visit import NARROW, WIDE
from tests.server.reports.made import FAULT, picture, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("reports")
    made = served(folder)
    made.client(public=True, agency="Ville de Dijon", keep_contact=True)
    server = uvicorn.Server(uvicorn.Config(made.app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/open311/"
    server.should_exit = True
    thread.join()


def judged(page: "Page", said: list[str]) -> None:
    """Nothing is wider than a phone, too small for a finger, or serious to axe."""
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"], page.url
    tall = (
        "button, select, textarea, nav a, .tabs a, .card h2 a, summary, input:not([type=checkbox]):not([type=hidden])"
    )
    sizes = [(each.bounding_box(), each.evaluate("e => e.outerHTML")) for each in page.locator(tall).all()]
    assert [text for box, text in sizes if box and box["height"] < 44] == []
    # The page forbids all scripts; this one is the tests'.
    found = page.evaluate(f"{axe().read_text(encoding='utf-8')}; axe.run()")
    told = [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]
    assert told == [], page.url
    assert said == []
    page.set_viewport_size(WIDE)


@pytest.mark.parametrize(("language", "dark"), [("fr", False), ("en", True)])
def test_a_fault_is_reported_and_closed(language: str, dark: bool, address: str, browser: "Browser") -> None:
    context = browser.new_context(color_scheme="dark" if dark else "light", viewport=WIDE)
    page, said, asked = context.new_page(), [], set()
    page.on("console", lambda told: said.append(told.text))
    page.on("request", lambda request: asked.add(request.url.partition("/open311/")[0]))
    page.goto(f"{address}report?lang={language}")
    judged(page, said)
    page.locator(".card h2 a").nth(2).click()
    judged(page, said)
    page.locator("#where").fill("12 rue de la Liberté")
    page.locator("#lat").evaluate("e => { e.closest('details').open = true }")
    page.locator("#lat").fill(FAULT["lat"])
    page.locator("#long").fill(FAULT["long"])
    page.locator("#media").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": picture((800, 600))})
    page.get_by_role("button").last.click()
    page.wait_for_url(re.compile("sent=yes"))
    judged(page, said)
    name = page.url.partition("/report/")[2].partition("?")[0]
    page.goto(f"{address}?lang={language}")
    judged(page, said)
    page.locator("#key").fill("desk")
    page.locator("main button").click()
    judged(page, said)
    page.locator(f"a:has-text('{name}')").click()
    page.wait_for_selector("img")
    assert page.evaluate("document.querySelector('img').naturalWidth") == 800
    judged(page, said)
    page.locator("#note-closed").fill("Réparé.")
    page.locator("form:has(#note-closed) button").click()
    page.wait_for_selector(".state.closed")
    judged(page, said)
    assert asked == {address.removesuffix("/open311/")}
    context.close()
