from pathlib import Path

import pytest

from dashboards.page import all_pages
from tests.dashboards.conftest import published
from tests.dashboards.opened import open_page


@pytest.fixture(scope="module")
def deserted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a day on which there were too few for any figure."""
    release = published(tmp_path_factory.mktemp("deserted") / "input", 5, 100, 1)
    assert [path.name for path in release.iterdir()] == ["manifest"]
    return release


@pytest.mark.parametrize("path", [page.path for page in all_pages()])
def test_a_page_without_figures_explains_itself(deserted: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(deserted))
    told = open_page(deserted, path, lang="fr")
    assert "hx-figure" not in told.html.rpartition("</style>")[2]
    if path not in ("audit", "method", "feeds"):
        assert "Ce n’est pas zéro" in told.text
