import zipfile
from pathlib import Path

import pytest

from pipelines.feeds.reading import read_table
from schemas.errors import InputError
from schemas.feeds import Column, Source

SOURCE = Source("source", "", (Column("id", "", required=True), Column("name", "")))
MEMBER = Source("gtfs", "", (Column("stop_id", "", required=True),), member="stops.txt")


def read(tmp_path: Path, name: str, content: str | bytes):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_table(path, SOURCE))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_may_have_any_usual_separator(tmp_path: Path, separator: str) -> None:
    rows = read(tmp_path, "a.csv", f"id{separator}name\n1{separator} Lac Kir \n")

    assert rows == [(2, {"id": "1", "name": "Lac Kir"})]


def test_a_row_stands_where_its_first_line_stands(tmp_path: Path) -> None:
    rows = read(tmp_path, "a.csv", 'id,name\n1,"two\nlines"\n\n2,b\n')

    assert [(line, row["id"]) for line, row in rows] == [(2, "1"), (5, "2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_the_text_may_be_in_utf_8_or_that_of_a_french_spreadsheet(tmp_path: Path, encoding: str) -> None:
    rows = read(tmp_path, "a.csv", "id,name\n1,Médiathèque\n".encode(encoding))

    assert rows[0][1]["name"] == "Médiathèque"


def test_json_is_a_list_of_objects_or_geojson(tmp_path: Path) -> None:
    feature = '{"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[5,47.3]}}'
    places = Source("source", "", (Column("id", ""), Column("latitude", "", "number")))
    path = tmp_path / "a.geojson"
    path.write_text(f'{{"type":"FeatureCollection","features":[{feature}]}}')

    assert read(tmp_path, "a.json", '[{"id": 1, "name": null}]') == [(1, {"id": "1", "name": ""})]
    assert list(read_table(path, places)) == [(1, {"id": "1", "latitude": "47.3"})]


def test_a_table_of_an_archive_is_read_like_that_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "gtfs"
    folder.mkdir()
    (folder / "stops.txt").write_text("stop_id,stop_name\nS1,Darcy\n")
    with zipfile.ZipFile(tmp_path / "gtfs.zip", "w") as archive:
        archive.write(folder / "stops.txt", "stops.txt")

    assert read_table(folder, MEMBER) == read_table(tmp_path / "gtfs.zip", MEMBER) == [(2, {"stop_id": "S1"})]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "a.csv: expected a line of column names, found nothing"),
        ("a.csv", "id,name\n1,x\n".encode("utf-16"), "a.csv: expected UTF-8 text, found UTF-16"),
        ("a.csv", "name\nx\n", "a.csv: expected a column id, found name"),
        ("a.csv", "name\n", "a.csv: expected a column id, found name"),
        ("a.csv", "id,id\n1,2\n", "a.csv:1: expected each column once, found id twice"),
        ("a.csv", "id,name\n1\n", "a.csv:2: expected 2 columns, found 1"),
        ("a.csv", 'id,name\n1,"x\n', "a.csv:2: expected CSV"),
        ("a.json", '[{"id": 1},]', "a.json:1: expected JSON"),
        ("a.json", '{"id": 1}', "a.json: expected a list of objects, or GeoJSON features"),
        ("a.json", "[" * 100_000, "a.json"),
        ("a.json", f'[{{"id": {"1" * 5_000}}}]', "a.json: expected JSON, found a number of thousands of digits"),
        ("a.ods", "", "a.ods: expected a file named .csv, .geojson, .json, found .ods"),
    ],
)
def test_a_file_of_another_form_is_bad_input(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, name, content)

    assert message in refused.value.message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.zip", None, "expected a file, found nothing"),
        ("broken.zip", b"PK\x03\x04", "expected a ZIP archive or a folder"),
        ("empty", None, "expected a file, found nothing"),
    ],
)
def test_an_archive_that_is_none_is_bad_input(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif not path.suffix:
        path.mkdir()
    with pytest.raises(InputError, match=message):
        read_table(path, MEMBER)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_bad_input_however_it_is_compressed(tmp_path: Path, method: int) -> None:
    path = tmp_path / "gtfs.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("stops.txt", "stop_id\n" + "".join(f"{number}\n" for number in range(200)))
    whole, told = path.read_bytes(), 0
    for at in range(40, 120):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        try:
            read_table(path, MEMBER)
        except InputError:
            told += 1
    assert told > 70


def test_a_file_without_rows_has_none(tmp_path: Path) -> None:
    assert read(tmp_path, "a.csv", "id,name\n") == []
    assert read(tmp_path, "a.json", "[]") == []
