"""The page of residents in a browser: where it is served, and what a reader of it sees."""

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.feeds import build
from pipelines.feeds.build import Build
from tests.browser.visit import WIDE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = {"fr": "index.html", "en": "index.en.html"}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address at which a folder is served."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def written(folder: Path, built: Build) -> Path:
    """The folder of a town's feeds."""
    for path, data in build.files(built).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder / "dijon"


class FeedsVisit:
    """A reader with a profile of their own, and all that the page asked for and complained of."""

    def __init__(self, browser: "Browser", dark: bool = False, script: bool = True, zone: str = "Europe/Paris") -> None:
        self.context = browser.new_context(
            color_scheme="dark" if dark else "light", viewport=WIDE, java_script_enabled=script, timezone_id=zone
        )
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address: str, language: str = "fr", at: str = "", part: str = "") -> "FeedsVisit":
        """Open the page, for a moment."""
        self.page.goto(f"{address}/{NAMES[language]}{'?at=' + at if at else ''}{part}")
        return self

    def seen(self, query: str) -> list[str]:
        """The texts of the elements that can be seen, with plain spaces."""
        found = [each.inner_text() for each in self.page.locator(query).all() if each.is_visible()]
        return [" ".join(text.split()) for text in found]

    def states(self) -> list[str]:
        """Name and state of all that can be seen and opens, and the days with exceptional hours."""
        return self.seen(".n, .s, .c")

    def state(self, name: str) -> str:
        """The state of one thing."""
        (said,) = self.seen(f".i:has-text('{name}') .s")
        return said

    def unfold(self) -> "FeedsVisit":
        """Open all that can be opened."""
        self.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        return self
