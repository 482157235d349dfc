"""What is taken away: tables and pictures that say where they come from, and hurt nobody who opens them."""

import csv as reader
import json
from dataclasses import replace
from datetime import datetime
from io import BytesIO, StringIO
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import geopandas
import h3
import openpyxl
import pandas as pd
import pytest

from dashboards.exports import csv, geojson, pictures, xlsx
from dashboards.exports.taken import Origin, Picture, Sheet, Taken
from dashboards.states import STATES

CELLS = sorted(h3.str_to_int(cell) for cell in h3.grid_disk(h3.latlng_to_cell(47.32, 5.04, 9), 1))
WHEN = datetime(2026, 6, 20, 21, 15, tzinfo=ZoneInfo("Europe/Paris"))
ADDRESS = "http://localhost:8501/event?zone=A&lang=fr"
ORIGIN = Origin("dijon", "ab" * 32, ADDRESS, "Lac & <Kir>", 20, "holders", test=True)
FRAME = pd.DataFrame(
    {
        "zone_id": ["=HYPERLINK(1)", "-1+1", "Zone é"],
        "slot_start": [WHEN, WHEN, WHEN],
        "people": [120.0, None, 50.0],
        "cells": [[CELLS[0]], CELLS[:3], CELLS],
        "status": ["published", "no_data", "pooled"],
    }
)
SHEET = Sheet("map", "The map", FRAME)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(reader.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_csv_names_release_manifest_and_address_in_every_row() -> None:
    data = csv.write(SHEET, ORIGIN)
    assert data.startswith(b"\xef\xbb\xbf")
    found = rows_of(data)
    assert len(found) == 3
    stated = {(row["release_id"], row["manifest"], row["address"]) for row in found}
    assert stated == {("dijon", "ab" * 32, ADDRESS)}


def test_a_csv_has_codes_gaps_hexagons_and_instants_as_they_are() -> None:
    found = rows_of(csv.write(SHEET, ORIGIN))
    assert [row["status"] for row in found] == ["published", "no_data", "pooled"]
    assert [row["people"] for row in found] == ["120.0", "", "50.0"]
    assert [h3.str_to_int(cell) for cell in found[2]["cells"].split()] == CELLS
    assert datetime.fromisoformat(found[0]["slot_start"]) == WHEN


def test_no_spreadsheet_takes_a_name_for_a_formula() -> None:
    found = rows_of(csv.write(SHEET, ORIGIN))
    assert [row["zone_id"] for row in found] == ["'=HYPERLINK(1)", "'-1+1", "Zone é"]
    headed = Sheet("matrix", "Matrix", pd.DataFrame({"=HYPERLINK(1)": [1.0]}))
    assert "'=HYPERLINK(1)" in rows_of(csv.write(headed, ORIGIN))[0]
    page = openpyxl.load_workbook(BytesIO(xlsx.write(Taken("x", ORIGIN, [SHEET]), "en")))["map"]
    assert [page.cell(row, 1).value for row in (2, 3, 4)] == ["=HYPERLINK(1)", "-1+1", "Zone é"]
    assert {page.cell(row, 1).data_type for row in (2, 3, 4)} == {"s"}


@pytest.mark.parametrize(("language", "first"), [("en", "README"), ("fr", "LISEZ-MOI")])
def test_a_workbook_begins_with_where_it_is_from_and_what_its_codes_mean(language: str, first: str) -> None:
    book = openpyxl.load_workbook(BytesIO(xlsx.write(Taken("x", ORIGIN, [SHEET]), language)))
    assert book.sheetnames == [first, "map"]
    said = [str(cell) for row in book[first].values for cell in row if cell]
    assert {"dijon", "ab" * 32, ADDRESS, "Lac & <Kir>", "20 holders"} <= set(said)
    assert {state.code for state in STATES} <= set(said)


def test_a_workbook_holds_local_times_and_empty_cells_for_what_is_missing() -> None:
    page = openpyxl.load_workbook(BytesIO(xlsx.write(Taken("x", ORIGIN, [SHEET]), "en")))["map"]
    assert page.cell(2, 2).value == datetime(2026, 6, 20, 21, 15)
    assert page.cell(3, 3).value is None
    assert page.cell(2, 3).value == 120


def test_the_same_tables_are_the_same_workbook() -> None:
    assert xlsx.write(Taken("x", ORIGIN, [SHEET]), "en") == xlsx.write(Taken("x", ORIGIN, [SHEET]), "en")


def test_geojson_has_the_outline_of_the_hexagons_of_each_row() -> None:
    data = geojson.write(SHEET, ORIGIN)
    stated = json.loads(data)
    assert (stated["release_id"], stated["manifest"], stated["address"]) == ("dijon", "ab" * 32, ADDRESS)
    assert [feature["properties"]["people"] for feature in stated["features"]] == [120.0, None, 50.0]
    shapes = geopandas.read_file(BytesIO(data))
    assert list(shapes["status"]) == ["published", "no_data", "pooled"]
    assert shapes.geometry.is_valid.all()
    areas = shapes.to_crs("EPSG:2154").geometry.area / 1e6
    for area, cells in zip(areas, FRAME["cells"], strict=True):
        assert area == pytest.approx(sum(h3.cell_area(h3.int_to_str(cell)) for cell in cells), rel=0.01)


def test_geojson_has_the_point_of_each_row_that_has_a_position() -> None:
    frame = pd.DataFrame({"title": ["Lac", "Nowhere"], "longitude": [5.0, None], "latitude": [47.3, None]})
    sheet = Sheet("items", "Items", frame)
    assert (sheet.placed, SHEET.placed, Sheet("x", "X", frame[["title"]]).placed) == (True, True, False)
    first, second = json.loads(geojson.write(sheet, ORIGIN))["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [5.0, 47.3]}
    assert first["properties"] == {"title": "Lac"}
    assert second["geometry"] is None


def test_a_workbook_of_what_counts_nobody_speaks_of_no_threshold_and_has_its_own_codes() -> None:
    state = replace(STATES[0], code="open")
    taken = Taken("feeds", replace(ORIGIN, k=0), [SHEET], states=[state])
    page, *_ = openpyxl.load_workbook(BytesIO(xlsx.write(taken, "en"))).worksheets
    said = [row[0] for row in page.iter_rows(values_only=True)]
    assert xlsx.LEAST.en not in said
    assert "open" in said
    assert STATES[1].code not in said


def test_geojson_of_a_table_without_hexagons_is_refused() -> None:
    with pytest.raises(KeyError):
        geojson.write(Sheet("x", "x", FRAME.drop(columns="cells")), ORIGIN)


def picture(drawn: str = '<svg viewBox="0 0 300 100" width="300"><rect width="9" height="9"/></svg>') -> Picture:
    return Picture("curve", "People & <places>", lambda: drawn)


def test_a_picture_is_framed_by_its_title_and_where_it_is_from() -> None:
    drawn = pictures.svg(picture(), ORIGIN).decode()
    root = ElementTree.fromstring(drawn)  # noqa: S314
    said = " ".join(root.itertext())
    assert "People & <places>" in said
    assert "dijon" in said
    assert "ab" * 6 in said
    assert "Lac & <Kir>" in said


def test_a_picture_is_drawn_only_when_it_is_asked_for() -> None:
    asked: list[int] = []
    Picture("x", "x", lambda: str(asked.append(1)))
    assert not asked


def test_a_png_has_twice_the_size_of_the_picture() -> None:
    data = pictures.png(picture(), ORIGIN)
    assert data.startswith(b"\x89PNG")
    width = int.from_bytes(data[16:20], "big")
    assert width == 2 * (300 + 2 * 24)


def test_a_picture_without_a_size_is_refused() -> None:
    with pytest.raises(ValueError, match="viewBox"):
        pictures.svg(picture("<svg><rect/></svg>"), ORIGIN)
