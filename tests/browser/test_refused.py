"""What is not there, or not sound, is said in words."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.page import all_pages
from tests.browser.conftest import Reader
from tests.browser.served import served
from tests.dashboards.conftest import published

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def deserted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard of a release that nobody was in."""
    release = published(tmp_path_factory.mktemp("deserted") / "input", 5, 100, 1)
    assert [path.name for path in release.iterdir()] == ["manifest"]
    with served(release, tmp_path_factory.mktemp("cache")) as address:
        yield address


@pytest.mark.parametrize("path", ["", *(page.path for page in all_pages()[1:])])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_page_without_figures_explains_itself(reader: Reader, deserted: str, path: str, language: str) -> None:
    visit = reader(deserted).open(f"/{path}", lang=language)
    assert visit.page.get_by_test_id("stException").count() == 0
    figures = " ".join(visit.page.locator(".hx-figure").all_inner_texts())
    assert not any(letter.isdigit() for letter in figures)
    assert visit.errors == []
    if path not in ("audit", "method", "feeds"):
        assert {"fr": "Ce n’est pas zéro", "en": "It is not zero"}[language] in visit.text


def test_a_release_that_was_tampered_with_is_said_to_be_and_not_served_again(reader: Reader, tmp_path: Path) -> None:
    release = published(tmp_path / "input", 250, 5000, 1)
    copy = tmp_path / "copy"
    shutil.copytree(release, copy)
    file = next((copy / "presence").glob("*/*.parquet"))
    with served(copy, tmp_path / "home") as address:
        assert "appareils comptés" in reader(address).open("/event", lang="fr").text
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        page = reader(address).page
        page.goto(f"{address}/audit?lang=fr")
        page.get_by_test_id("stAlert").filter(has_text="n’est pas montrée").wait_for()
        page.get_by_test_id("stCode").filter(has_text=str(file.relative_to(copy))).wait_for()
        assert page.locator(".hx-figure").count() == 0
    command = "from pipelines.cli import main; main()"
    again = subprocess.run([sys.executable, "-c", command, "dashboard", str(copy)], capture_output=True, text=True)
    assert (again.returncode, again.stdout) == (1, "")
    assert str(file.relative_to(copy)) in again.stderr
