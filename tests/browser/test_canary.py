"""13 devices of a country of which there is nobody else: no page and no file that is taken away tells them apart."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from dashboards.page import all_pages
from dashboards.split.classes import KEY_MERGED
from dashboards.states import POOLED
from tests.browser.conftest import Reader
from tests.browser.planted import CANARY, COUNTRY, DAY, MCC, NAME, planted
from tests.browser.served import served
from tests.browser.test_exports import K, rows, taken
from tests.browser.visit import Visit
from tests.dashboards.opened import asked

pytestmark = pytest.mark.browser

ZONE = "21231"
ORIGINS = "Où habitent les personnes venues dans la journée ?"
_, *OTHERS = (page.path for page in all_pages())
ALONE = re.compile(rf"(?<![\w,|] )(?<![\w,|]){NAME}(?! ?[\w,|])")
"""The country as the name of a class of its own, and not among others."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(tmp_path_factory.mktemp("planted") / "town")


@pytest.fixture(scope="module")
def address(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(release, tmp_path_factory.mktemp("cache")) as listening:
        yield listening


def test_the_release_has_them_in_pools_of_k_alone(release: Path) -> None:
    events = release.parent / "events"
    ((planted_devices,),) = asked(
        release, f"SELECT count(DISTINCT subscriber_id) FROM '{events}/*.parquet' WHERE home_mcc = {MCC}"
    )
    assert planted_devices == CANARY
    found = asked(
        release,
        f"""SELECT origin, devices FROM {{attendance_by_origin}}
            WHERE zone_id = '{ZONE}' AND list_contains(string_split(origin, '|'), '{COUNTRY}')""",
    )
    ((origin, devices),) = found
    assert "|" in origin
    assert devices >= K


@pytest.mark.parametrize("path", ["/", *(f"/{path}" for path in OTHERS)])
def test_no_page_names_them_nor_is_sent_their_figure(path: str, reader: Reader) -> None:
    visit = reader()
    sent: list[bytes] = []
    visit.page.on("websocket", lambda socket: socket.on("framereceived", lambda data: sent.append(_bytes(data))))
    visit.open(path, zone=ZONE, day=DAY, lang="fr")
    assert len(sent) > 1
    assert ALONE.findall("\n".join([_unfolded(visit), *(each.decode("utf-8", "replace") for each in sent)])) == []


def test_what_is_taken_away_has_them_in_a_class_that_is_marked_as_pooled(reader: Reader) -> None:
    visit = reader().open("/profiles", zone=ZONE, day=DAY, lang="fr")
    (row,) = [each for each in rows(taken(visit, f"CSV · {ORIGINS}")) if COUNTRY in each["origin"].split("|")]
    assert row["status"] == POOLED.code
    assert float(row["devices"]) >= K
    book = openpyxl.load_workbook(io.BytesIO(taken(visit, "Tous les tableaux en un classeur")))
    cells = [str(cell) for sheet in book.worksheets for line in sheet.iter_rows(values_only=True) for cell in line]
    assert row["origin"] in cells
    assert [cell for cell in cells if cell == COUNTRY or ALONE.search(cell)] == []
    assert KEY_MERGED.fr in _unfolded(visit)


def test_the_map_that_is_taken_away_tells_of_nobody_fewer_than_k(reader: Reader) -> None:
    visit = reader().open("/map", zone=ZONE, day=DAY, lang="fr")
    shapes = taken(visit, "GeoJSON").decode()
    assert min(map(float, re.findall(r'"devices":([\d.]+)', shapes))) >= K
    assert ALONE.findall(shapes + taken(visit, "SVG").decode()) == []


def _bytes(data: str | bytes) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _unfolded(visit: Visit) -> str:
    """All that can be read, with every table open."""
    visit.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    return visit.settle().text
