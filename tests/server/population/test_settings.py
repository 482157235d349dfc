import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from pipelines.server.population.settings import Population
from pipelines.server.services.population import SERVICE
from pipelines.server.settings import load
from schemas.errors import UsageError
from schemas.server import ServiceSettings
from tests.paths import ROOT

PAGES = ("docs/population.md", "docs/population.fr.md")


def read(folder: Path, table: str) -> Population:
    """The settings of a configuration with a table of the service."""
    (folder / "hexaflux.toml").write_text(f'[release]\ndirectory = "release"\n\n{table}\n', encoding="utf-8")
    ((_, settings),) = load(folder / "hexaflux.toml", {SERVICE.name: SERVICE}).services
    assert isinstance(settings, Population)
    return settings


def test_the_table_is_read_and_may_be_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "[server.population]") == Population()
    written = '[server.population]\nsinks = ["https://sink.intern"]\ngeohash_lists = false\nlargest_answer = 5'
    assert read(tmp_path, written) == Population(sinks=("https://sink.intern",), geohash_lists=False, largest_answer=5)


@pytest.mark.parametrize("line", ['sinks = "https://sink.intern"', "largest = 5", 'geohash_lists = "yes"'])
def test_a_key_of_another_kind_is_told(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match="population"):
        read(tmp_path, f"[server.population]\n{line}")


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_every_key_with_its_default(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", text, re.MULTILINE))
    own = [each for each in fields(Population) if each.name not in {field.name for field in fields(ServiceSettings)}]
    assert all(each.default is not MISSING for each in own)
    shown = {each.name: str(each.default).lower().replace("()", "[]") for each in own}
    assert told == shown
    named = dict(re.findall(r"^\| `(\w+)` \| `[^`]*` \| (.*?) \|$", text, re.MULTILINE))
    assert page.endswith(".fr.md") or named["largest_answer"] == own[1].metadata["meaning"]


@pytest.mark.parametrize("page", PAGES)
def test_the_configuration_of_the_page_is_one(tmp_path: Path, page: str) -> None:
    (table,) = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "hexaflux.toml").write_text(table, encoding="utf-8")
    assert len(load(tmp_path / "hexaflux.toml", {SERVICE.name: SERVICE}).services) == 1
