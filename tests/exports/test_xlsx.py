"""The workbook as a reader finds it."""

import errno
import zipfile
from datetime import datetime
from pathlib import Path

import h3
import openpyxl
import pytest
from xlsxwriter.exceptions import FileCreateError

from anonymization.released import Release
from pipelines.exports import xlsx
from schemas.errors import UsageError
from tests.anonymization.releases import EIGHTS, VENUE
from tests.exports.handmade import DAY, TABLES, release

Row = dict[str, object]


@pytest.fixture(scope="module")
def workbook(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    folder = tmp_path_factory.mktemp("xlsx")
    xlsx.write(handmade, folder, lambda _: None)
    return openpyxl.load_workbook(folder / "hexaflux.xlsx")


def rows(workbook: openpyxl.Workbook, title: str) -> list[Row]:
    heading, *found = workbook[title].iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in found]


def test_there_is_a_sheet_for_each_indicator_and_three_that_explain(workbook: openpyxl.Workbook) -> None:
    assert set(workbook.sheetnames) == {"about", "columns", *TABLES, "cells"}
    assert workbook.sheetnames[:2] == ["about", "columns"]


def test_the_workbook_tells_no_clock_time(handmade: Release, tmp_path: Path) -> None:
    xlsx.write(handmade, tmp_path, lambda _: None)
    with zipfile.ZipFile(tmp_path / "hexaflux.xlsx") as archive:
        assert {member.date_time[0] for member in archive.infolist()} == {1980}


def test_times_are_excel_dates_of_local_time(workbook: openpyxl.Workbook) -> None:
    sheet = workbook["presence"]
    assert sheet["A2"].is_date
    assert (sheet["A2"].value, sheet["B2"].value) == (datetime(2026, 10, 24, 10), datetime(2026, 10, 24, 10, 15))
    assert sheet["C2"].value == "+02:00"


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset(workbook: openpyxl.Workbook) -> None:
    twice = [row for row in rows(workbook, "flows") if row["window_start"] == datetime(2026, 10, 25, 2)]
    assert [(row["utc_offset"], row["devices"]) for row in twice] == [("+02:00", 20), ("+01:00", 30)]


def test_figures_are_numbers_and_classes_are_texts(workbook: openpyxl.Workbook) -> None:
    row = rows(workbook, "dwell")[0]
    assert (row["dwell_band"], row["devices"], row["people"], row["additive"]) == ("<30 min|30-60 min", 60, 180, False)


def test_a_part_is_numbered_once_and_its_cells_stand_in_their_sheet(workbook: openpyxl.Workbook) -> None:
    cells = {row["part"]: row["cells"] for row in rows(workbook, "cells")}
    for title, zone_id, expected in [
        ("presence", "lac", VENUE),
        ("attendance", "lac", VENUE),
        ("presence", "21515|rest", " ".join(sorted([EIGHTS[1], EIGHTS[2]], key=h3.str_to_int))),
    ]:
        parts = {row["part"] for row in rows(workbook, title) if row["zone_id"] == zone_id}
        assert [cells[part] for part in parts] == [expected]


def test_columns_are_explained_in_both_languages(workbook: openpyxl.Workbook) -> None:
    explained = {row["column / colonne"]: row for row in rows(workbook, "columns")}
    assert explained["people"]["meaning"] == "Estimated number of people that the devices stand for."
    assert explained["people"]["unité"] == "personnes"
    assert explained["window_start"]["unité"] == "heure locale"
    shown = {name for title in TABLES for name in rows(workbook, title)[0]}
    assert set(explained) == shown | {"spc"}


def test_the_sheet_about_names_the_release_and_what_the_interval_leaves_out(workbook: openpyxl.Workbook) -> None:
    told = [value for row in workbook["about"].iter_rows(values_only=True) for value in row if value]
    text = "\n".join(map(str, told))
    assert "dijon" in told
    assert {"20", "holders", "Europe/Paris"} <= set(told)
    assert "do not cover a wrong market share" in text
    assert "ni une part de marché fausse" in text
    assert "TEST RELEASE" not in text


def test_the_sheet_about_of_a_test_release_begins_with_that(tmp_path: Path) -> None:
    xlsx.write(release(tmp_path / "release", test=True), tmp_path, lambda _: None)
    sheet = openpyxl.load_workbook(tmp_path / "hexaflux.xlsx")["about"]
    assert str(sheet["A1"].value).startswith("TEST RELEASE")
    assert str(sheet["B1"].value).startswith("PUBLICATION D'ESSAI")


def test_the_workbook_says_that_it_was_made_on_the_last_day_of_the_release(workbook: openpyxl.Workbook) -> None:
    assert workbook.properties.created == workbook.properties.modified == datetime(2026, 10, 25)


@pytest.mark.parametrize(
    ("most_rows", "titles"),
    [
        (12, ["presence"]),
        (11, ["presence 2026-10-24", "presence 2026-10-25"]),
        (10, ["presence 2026-10-24", "presence 2026-10-24 2", "presence 2026-10-25"]),
        (4, [*("presence 2026-10-24", *(f"presence 2026-10-24 {n}" for n in (2, 3, 4))), "presence 2026-10-25"]),
    ],
)
def test_too_many_rows_are_split_by_day_and_then_further_which_is_said(
    handmade: Release, tmp_path: Path, most_rows: int, titles: list[str]
) -> None:
    """There are 10 rows on the first day and one on the second; the heading takes a row of each sheet."""
    notes = xlsx.write(handmade, tmp_path, lambda _: None, most_rows)
    workbook = openpyxl.load_workbook(tmp_path / "hexaflux.xlsx")
    assert [title for title in workbook.sheetnames if title.split()[0] == "presence"] == titles
    assert max(sheet.max_row for sheet in workbook) <= max(most_rows, workbook["about"].max_row)
    told = {str(row[0]): row[2] for row in workbook["about"].iter_rows(max_col=3, values_only=True)}
    split = "presence: too many rows for one sheet"
    assert told.get(split) == (", ".join(titles) if len(titles) > 1 else None)
    assert (f"presence: {', '.join(titles)}" in notes) == (len(titles) > 1)
    devices = [row["devices"] for title in titles for row in rows(workbook, title)]
    assert devices == [100, 25, 40, 90, 30, 45, 80, 50, 80, 60, 40]


def test_every_title_has_at_most_31_characters(handmade: Release, tmp_path: Path) -> None:
    xlsx.write(handmade, tmp_path, lambda _: None, 2)
    workbook = openpyxl.load_workbook(tmp_path / "hexaflux.xlsx")
    assert max(map(len, workbook.sheetnames)) <= 31
    assert "attendance_by_cat 2026-10-24 4" in workbook.sheetnames


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = release(tmp_path / "release", {DAY: {"attendance": TABLES["attendance"]}})
    odd = made.table("attendance", made.days[0]).set_column(2, "zone_id", [["=1+1", "007", "http://a.b"]])
    monkeypatch.setattr(Release, "tables", lambda self, name: iter([(self.days[0], odd)]))
    xlsx.write(made, tmp_path, lambda _: None)
    sheet = openpyxl.load_workbook(tmp_path / "hexaflux.xlsx")["attendance"]
    found = [sheet[f"D{number}"] for number in (2, 3, 4)]
    assert [(cell.value, cell.data_type) for cell in found] == [("=1+1", "s"), ("007", "s"), ("http://a.b", "s")]


def test_a_text_that_excel_would_cut_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = release(tmp_path / "release", {DAY: {"attendance": TABLES["attendance"]}})
    for size in (32_767, 32_768):
        table = made.table("attendance", made.days[0]).set_column(2, "zone_id", [["x" * size, "a", "b"]])
        monkeypatch.setattr(Release, "tables", lambda self, name, table=table: iter([(self.days[0], table)]))
        if size == 32_767:
            xlsx.write(made, tmp_path, lambda _: None)
        else:
            with pytest.raises(UsageError, match=r"32,767"):
                xlsx.write(made, tmp_path, lambda _: None)


def test_a_part_of_very_many_cells_goes_on_in_the_next_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "CELLS_PER_LINE", 1)
    made = release(tmp_path / "release", {DAY: {"presence": TABLES["presence"]}})
    xlsx.write(made, tmp_path, lambda _: None)
    lines = rows(openpyxl.load_workbook(tmp_path / "hexaflux.xlsx"), "cells")
    assert [line["part"] for line in lines] == [1, 2, 3, 4, 4]
    assert [line["cells"] for line in lines[3:]] == sorted([EIGHTS[1], EIGHTS[2]], key=h3.str_to_int)


def test_a_full_disk_is_told_as_such(handmade: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object) -> None:
        raise FileCreateError(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(xlsx.Workbook, "close", fail)
    with pytest.raises(OSError, match="No space left"):
        xlsx.write(handmade, tmp_path, lambda _: None)
