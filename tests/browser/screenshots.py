"""Pictures of every page to look at: `python -m tests.browser.screenshots FOLDER [ADDRESS]`.

Without the address of a dashboard that runs, the town of the tests is simulated, published and served.
"""

import contextlib
import sys
import tempfile
from itertools import product
from pathlib import Path

from dashboards.page import all_pages
from dashboards.texts import LANGUAGES
from tests.browser.served import served
from tests.browser.town import published
from tests.browser.visit import NARROW, WIDE, launched, visiting


def main(folder: Path, address: str | None) -> None:
    """Picture the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as open_until_done:
        if address is None:
            made = Path(open_until_done.enter_context(tempfile.TemporaryDirectory()))
            address = open_until_done.enter_context(served(published(made / "demo"), made / "cache"))
        _picture(folder, address)


def _picture(folder: Path, address: str) -> None:
    with launched() as browser:
        for language, dark, size in product(LANGUAGES, (False, True), (WIDE, NARROW)):
            visit = visiting(browser, address, language, dark)
            for number, page in enumerate(all_pages()):
                visit.open(f"/{page.path}" if number else "/")
                name = f"{number}-{page.path}-{size['width']}-{language}-{'dark' if dark else 'light'}.png"
                (folder / name).write_bytes(visit.picture(size["width"]))
            visit.page.context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
