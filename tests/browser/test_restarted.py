"""A dashboard that is started anew: it keeps what it has worked out, and believes nothing that somebody put there."""

import pickle
import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from dashboards.cache import Cache
from tests.browser.conftest import Reader
from tests.browser.served import served
from tests.dashboards.conftest import published
from tests.dashboards.opened import asked, plain
from tests.dashboards.test_cache import Bomb, poison

pytestmark = pytest.mark.browser

FORGED = 1_234_560
ZONE = "21231"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of one day."""
    return published(tmp_path_factory.mktemp("small") / "input", 300, 6000, 1)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another release of the same days and zones."""
    return published(tmp_path_factory.mktemp("grown") / "input", 900, 18_000, 1)


def came(release: Path) -> str:
    """How many came to the zone, as the page writes it."""
    ((people,),) = asked(release, f"SELECT people FROM {{attendance}} WHERE zone_id = '{ZONE}'")
    return plain(people)


def first_figure(reader: Reader, release: Path, home: Path) -> str:
    """The first figure of the page of the zone, from a dashboard with its cache in a folder."""
    with served(release, home) as address:
        visit = reader(address).open("/event", event="-", zone=ZONE, base="none", lang="fr")
        assert visit.errors == []
        return " ".join(visit.page.locator(".hx-figure").first.inner_text().split())


def forge(folder: Path) -> None:
    """Put another figure where the cache keeps how many came."""
    with sqlite3.connect(folder / "cache.db") as database:
        keys = [key for (key,) in database.execute("SELECT key FROM Cache WHERE key LIKE '% attendance %'")]
    cache = Cache(folder)
    for key in keys:
        table = cache.get(key)
        assert table is not None
        at = table.column_names.index("people")
        cache.set(key, table.set_column(at, "people", pa.array([float(FORGED)] * len(table))))
    assert keys


def test_it_reads_its_cache_after_a_restart_and_not_for_another_manifest(
    reader: Reader, small: Path, grown: Path, tmp_path: Path
) -> None:
    release, home = tmp_path / "release", tmp_path / "home"
    shutil.copytree(small, release)
    assert first_figure(reader, release, home) == came(small)
    forge(home / "hexaflux" / "dashboard")
    assert first_figure(reader, release, home) == plain(FORGED)
    shutil.rmtree(release)
    shutil.copytree(grown, release)
    assert first_figure(reader, release, home) == came(grown) != came(small)


def test_a_poisoned_cache_changes_no_figure_and_runs_nothing(reader: Reader, small: Path, tmp_path: Path) -> None:
    home, mark = tmp_path / "home", tmp_path / "mark"
    assert first_figure(reader, small, home) == came(small)
    poison(home / "hexaflux" / "dashboard", "UPDATE Cache SET value = ?, mode = 4", pickle.dumps(Bomb(mark)))
    assert first_figure(reader, small, home) == came(small)
    assert not mark.exists()
