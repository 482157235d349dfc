"""One simulated town in one dashboard, and one browser, for all tests of this tier."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.served import served
from tests.browser.town import published
from tests.browser.visit import Visit, launched, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Reader = Callable[..., Visit]


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of a town with a festival."""
    return published(tmp_path_factory.mktemp("town") / "demo")


@pytest.fixture(scope="session")
def address(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the dashboard of the release listens."""
    with served(release, tmp_path_factory.mktemp("cache")) as listening:
        yield listening


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium, without a window."""
    with launched() as browser:
        yield browser


@pytest.fixture
def reader(browser: "Browser", address: str) -> Iterator[Reader]:
    """Makes readers, each with a profile of its own: `reader(language="en", dark=True)`."""
    made: list[Visit] = []

    def new(address: str = address, **likes: object) -> Visit:
        made.append(visiting(browser, address, **likes))
        return made[-1]

    yield new
    for visit in made:
        visit.page.context.close()
