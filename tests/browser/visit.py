"""A page in the browser as a reader meets it, and all that it asked for and complained of."""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from PIL import Image

from tests.browser.programs import chromium

if TYPE_CHECKING:
    # It is installed for these tests only, and they are collected without it too.
    from playwright.sync_api import Browser, Page

FLAGS: Final = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # Without a graphics card, it leaves holes in pictures of high pages with a map (measured).
    "--disable-gpu-rasterization",
)
LOCALES: Final = {"fr": "fr-FR", "en": "en-GB"}
WIDE: Final = {"width": 1280, "height": 900}
NARROW: Final = {"width": 320, "height": 700}
FOOTER: Final = ".hx-foot"
LONGEST: Final = 60_000
"""Milliseconds that a page may take: the first audit of a release is long."""

_WATCH: Final = """
window.lastChange = 0
new MutationObserver(() => { window.lastChange = performance.now() })
    .observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
"""
_SETTLED: Final = """() => {
    const app = document.querySelector('[data-testid="stApp"]')
    const moving = document.getAnimations().some(
        (each) => each.playState === "running" && each.effect.getComputedTiming().endTime < Infinity)
    const waiting = moving || document.querySelector('[data-testid="stSkeleton"]')
    return app?.dataset.testScriptState === "notRunning" && !waiting && performance.now() - window.lastChange > 400
}"""
_TEXT: Final = """[document.body.innerText, ...[...document.querySelectorAll("[aria-label]")].map(
    (each) => each.getAttribute("aria-label"))].join("\\n")"""
_HEIGHT: Final = """document.querySelector('[data-testid="stMain"]').scrollHeight"""
_SCROLLED: Final = """(by) => {
    const main = document.querySelector('[data-testid="stMain"]'), before = main.scrollTop
    main.scrollTop += by
    return main.scrollTop > before
}"""
_HIGHEST: Final = 8000
"""Pixels: what is below 8192 of a window, Chromium paints with what is at its top."""
_BAR: Final = 100
"""Pixels at the top of the window that its bar covers, and somewhat more."""
_TRIES: Final = 3
"""How often a picture is taken until it is whole."""
_COLOUR_TYPE: Final = 25
"""Where a PNG says it; a page has a ground of its own, so that only a picture with holes can be seen through."""
_SEE_THROUGH: Final = 6
_PROBED: Final = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
"""Streamlit first asks for its server below the page's own address, where it is not, and then above it."""


@dataclass
class Visit:
    """One page of a browser, with a profile of its own."""

    page: "Page"
    address: str
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: said.type in ("error", "warning") and self._complain(said))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._ask(request.url))
        self.page.on("websocket", lambda socket: self._ask(socket.url))
        self.page.add_init_script(_WATCH)

    def open(self, path: str = "/", **choices: str) -> "Visit":
        """Open a page with choices in its address, and wait for what comes last on it."""
        self.page.goto(f"{self.address}{path}?{urlencode(choices)}")
        # Streamlit says that nothing runs before it has drawn what came.
        self.page.wait_for_selector(FOOTER, timeout=LONGEST)
        return self.settle()

    def settle(self) -> "Visit":
        """Wait until nothing runs and nothing changes any more."""
        self.page.evaluate("window.lastChange = performance.now()")
        self.page.wait_for_function(_SETTLED, timeout=LONGEST)
        return self

    def choose(self, label: str, option: str) -> "Visit":
        """Choose an option of a list by its words."""
        # Of a long list, only what can be seen is there.
        self.page.get_by_role("combobox", name=label, exact=True).fill(option)
        self.page.get_by_role("option", name=option, exact=True).click()
        return self.settle()

    @property
    def text(self) -> str:
        """All that can be seen, and what is said of pictures, with plain spaces."""
        return plain_spaces(self.page.evaluate(_TEXT))

    @property
    def choices(self) -> dict[str, str]:
        """What stands in the address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def picture(self, width: int = WIDE["width"]) -> bytes:
        """The whole page as PNG, at a width; Streamlit scrolls within the page, so that the window is made as high."""
        self.page.set_viewport_size({"width": width, "height": WIDE["height"]})
        self.settle()
        whole = self.page.evaluate(_HEIGHT)
        self.page.set_viewport_size({"width": width, "height": min(whole, _HIGHEST)})
        self.settle()
        parts = [self._painted()]
        while whole > _HIGHEST and self.page.evaluate(_SCROLLED, _HIGHEST - _BAR):
            self.settle()
            parts.append(self._painted())
        return parts[0] if len(parts) == 1 else _joined(parts, whole)

    def _painted(self) -> bytes:
        for _ in range(_TRIES):
            picture: bytes = self.page.screenshot()
            if picture[_COLOUR_TYPE] != _SEE_THROUGH:
                return picture
        raise RuntimeError(f"Chromium left parts of {self.page.url} unpainted in {_TRIES} pictures")

    def _complain(self, said: object) -> None:
        if not _PROBED.search(said.location["url"]):
            self.errors.append(said.text)

    def _ask(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob"):
            self.hosts.add(urlsplit(url).netloc)


def _joined(parts: list[bytes], whole: int) -> bytes:
    """Pictures of a page from its top down as one; each but the first repeats the bar, and the last ends the page."""
    images = [Image.open(io.BytesIO(part)).convert("RGB") for part in parts]
    page = Image.new("RGB", (images[0].width, whole))
    for place, image in enumerate(images):
        bar = _BAR if place else 0
        top = min(place * (_HIGHEST - _BAR), whole - image.height)
        page.paste(image.crop((0, bar, image.width, image.height)), (0, top + bar))
    written = io.BytesIO()
    page.save(written, "png")
    return written.getvalue()


def plain_spaces(text: str) -> str:
    """A text with one plain space wherever it has some of any kind, and its lines as they are."""
    return re.sub(r"[ \u00a0\u202f]+", " ", text)


@contextlib.contextmanager
def launched() -> Iterator["Browser"]:
    """Chromium without a window, which draws WebGL by itself where there is no graphics card."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def visiting(browser: "Browser", address: str, language: str = "fr", dark: bool = False) -> Visit:
    """A new profile of the browser, of a reader of a language who likes light or dark."""
    context = browser.new_context(
        locale=LOCALES[language], color_scheme="dark" if dark else "light", viewport=WIDE, accept_downloads=True
    )
    return Visit(context.new_page(), address)
