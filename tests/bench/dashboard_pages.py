"""What readers of the dashboard wait for, in a real browser: a page, another filter, and five readers at once."""

import contextlib
import re
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.page import all_pages
from tests.browser.served import served
from tests.browser.visit import Visit, launched, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROUNDS: Final = 5
READERS: Final = 5
FIGURE: Final = ".hx-figure"
LONGEST: Final = 3600
"""Seconds that all pages may take: a browser that does not answer must not be waited for without end."""
_NOW: Final = "performance.now()"
_DAY: Final = re.compile("^(Day|Jour)")
_FILTERED: Final = "/map"


@dataclass(frozen=True)
class Waited:
    """Seconds: of the rounds, what half and what 95 % took at most."""

    half: float
    most: float


@dataclass(frozen=True)
class Pages:
    """`start`: until the dashboard answers, with a full audit and with one that is remembered; `figure`: the first one.

    `whole`: until a page stands still, by path; `filtered`: after another day is chosen; `crowd`: with five readers.
    `megabytes`: of the server, after all that.
    """

    start: float
    start_remembered: float
    figure: Waited
    whole: dict[str, Waited]
    filtered: Waited
    crowd: Waited
    megabytes: float


def measured(release: Path, folder: Path) -> Pages:
    """The measures of a release; `folder` keeps the caches of the dashboard. Raises TimeoutError after LONGEST."""
    with _ending():
        return _measured(release, folder)


def _measured(release: Path, folder: Path) -> Pages:
    start = _started(release, folder)
    began = time.perf_counter()
    with served(release, folder) as address, launched() as browser:
        again = time.perf_counter() - began
        # The first reader waits for the release to be loaded.
        _whole(browser, address, "/")
        figure = _waited([_figure(browser, address) for _ in range(ROUNDS)])
        paths = ["/", *(f"/{page.path}" for page in all_pages()[1:])]
        whole = {path: _waited([_whole(browser, address, path) for _ in range(ROUNDS)]) for path in paths}
        one = _filtered(browser, address, 1)
        crowd = _filtered(browser, address, READERS)
        return Pages(start, again, figure, whole, _waited(one), _waited(crowd), _megabytes(address))


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Ends what takes longer than LONGEST: Playwright waits for an answer of a page without a limit."""

    def late(*_: object) -> None:
        raise TimeoutError(f"the pages took longer than {LONGEST} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _started(release: Path, folder: Path) -> float:
    began = time.perf_counter()
    with served(release, folder):
        return time.perf_counter() - began


def _figure(browser: "Browser", address: str) -> float:
    """From asking for the first page to its first figure, for a new reader."""
    visit = visiting(browser, address)
    began = time.perf_counter()
    visit.page.goto(address)
    visit.page.wait_for_selector(FIGURE)
    took = time.perf_counter() - began
    visit.page.context.close()
    return took


def _whole(browser: "Browser", address: str, path: str) -> float:
    """From asking for a page to the last change of it, for a new reader."""
    visit = visiting(browser, address).open(path)
    took: float = visit.page.evaluate("window.lastChange") / 1000
    visit.page.context.close()
    return took


def _filtered(browser: "Browser", address: str, readers: int) -> list[float]:
    """From the choice of another day to the last change of the map's page, for readers at once."""
    visits = [visiting(browser, address).open(_FILTERED) for _ in range(readers)]
    took = []
    for number in range(ROUNDS):
        for visit in visits:
            visit.page.get_by_test_id("stSelectbox").filter(has_text=_DAY).locator("input").click()
        began = [_choose(visit, number) for visit in visits]
        took += [_last_change(visit, at) for visit, at in zip(visits, began, strict=True)]
    for visit in visits:
        visit.page.context.close()
    return took


def _choose(visit: Visit, number: int) -> float:
    """Choose another day of the open list; returns when, on the clock of the page."""
    options = visit.page.locator("[role=option]")
    at: float = visit.page.evaluate(_NOW)
    options.nth(number % 2).click()
    return at


def _last_change(visit: Visit, began: float) -> float:
    """Seconds until nothing has changed any more; that it stands still is seen a while later."""
    visit.page.wait_for_timeout(300)
    visit.page.wait_for_function("performance.now() - window.lastChange > 700")
    took: float = visit.page.evaluate("window.lastChange") - began
    return took / 1000


def _waited(seconds: Sequence[float]) -> Waited:
    half, most = np.quantile(seconds, [0.5, 0.95])
    return Waited(round(float(half), 2), round(float(most), 2))


def _megabytes(address: str) -> float:
    """What the process that listens there holds, as the operating system tells it."""
    port = address.rpartition(":")[2]
    for commands in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = commands.read_bytes().split(b"\0")
            if f"--server.port={port}".encode() in arguments:
                return int((commands.parent / "statm").read_text().split()[1]) * 4096 / 2**20
        except OSError:
            continue
    raise LookupError("the server of the dashboard is not running")
