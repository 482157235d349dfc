"""What is taken away from a page can be opened, says where it comes from, and holds nothing of fewer than k."""

import csv
import io
import json
from pathlib import Path

import geopandas
import openpyxl
import pytest
from PIL import Image

from tests.browser.conftest import Reader
from tests.browser.test_figures import DAY, ZONE, presence
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

TAKE = "Emporter les chiffres"
K = 20


def taken(visit: Visit, label: str) -> bytes:
    """What the button under a page gives for a line of its list."""
    if not visit.page.get_by_role("button", name=label).first.is_visible():
        visit.page.get_by_role("button", name=TAKE).click()
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name=label).first.click()
    return Path(download.value.path()).read_bytes()


def release_id(release: Path) -> str:
    entry = sorted((release / "manifest" / "chain").iterdir())[-1]
    found: str = json.loads(entry.read_text())["release_id"]
    return found


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_curve_as_csv_has_what_the_files_hold_and_leads_back_to_the_page(reader: Reader, release: Path) -> None:
    visit = reader().open("/event", event="-", zone=ZONE, day=DAY, base="none", lang="fr")
    found = rows(taken(visit, "CSV · Personnes par créneau"))
    told = [(float(row["people"]), float(row["devices"])) for row in found if row["people"]]
    assert told == [(people, devices) for _, people, devices in presence(release, ZONE, DAY)]
    assert min(devices for _, devices in told) >= K
    assert {row["release_id"] for row in found} == {release_id(release)}
    again = reader()
    again.page.goto(found[0]["address"])
    again.page.wait_for_selector(".hx-foot")
    again.settle()
    figures = ".hx-figure"
    assert again.page.locator(figures).all_inner_texts() == visit.page.locator(figures).all_inner_texts() != []


def test_the_workbook_of_a_page_opens_and_says_where_it_comes_from(reader: Reader, release: Path) -> None:
    visit = reader().open("/flows", zone=ZONE, day=DAY, lang="fr")
    book = openpyxl.load_workbook(io.BytesIO(taken(visit, "Tous les tableaux en un classeur")))
    first, flows, *_ = book.worksheets
    assert release_id(release) in [row[1] for row in first.iter_rows(values_only=True)]
    head, *lines = flows.iter_rows(values_only=True)
    assert len(lines) > 1
    assert all(line[head.index("people")] > 0 for line in lines)


def test_the_map_opens_as_geojson_and_is_a_picture(reader: Reader, release: Path) -> None:
    visit = reader().open("/map", zone=ZONE, day=DAY, lang="fr")
    content = taken(visit, "GeoJSON")
    shapes = geopandas.read_file(io.BytesIO(content))
    assert json.loads(content)["release_id"] == release_id(release)
    assert shapes.is_valid.all()
    assert shapes["devices"].min() >= K
    assert len(shapes) > 20
    assert release_id(release).encode() in taken(visit, "SVG")
    image = Image.open(io.BytesIO(taken(visit, "PNG"))).convert("RGB")
    assert image.width > 500
    assert len(image.getcolors(2**24) or []) > 20
