"""CSV as RFC 4180 describes it, and the file that explains the columns."""

import csv
from pathlib import Path

import h3
import pytest

from anonymization.released import Release
from pipelines.exports.columns import FRENCH
from pipelines.exports.formats import FORMATS
from schemas.indicators import INDICATORS
from tests.anonymization.releases import EIGHTS
from tests.exports.handmade import DAY, TABLES, release


@pytest.fixture(scope="module")
def folder(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("csv")
    FORMATS["csv"].write(handmade, made, lambda _: None)
    return made


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_file_for_each_indicator_with_its_columns(folder: Path) -> None:
    assert {path.stem for path in folder.iterdir()} == {*TABLES, "columns"}
    for name in TABLES:
        heading = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert tuple(heading.split(",")) == INDICATORS[name].table.names


def test_a_row_reads_as_it_was_published(folder: Path, handmade: Release) -> None:
    low, high = (handmade.table("presence", handmade.days[0])[f"people_{end}"][0].as_py() for end in ("low", "high"))
    assert read(folder / "presence.csv")[0] == {
        "window_start": "2026-10-24T08:00:00Z",
        "window_end": "2026-10-24T08:15:00Z",
        "zone_id": "21231",
        "cells": EIGHTS[0],
        "devices": "100",
        "people": "300",
        "people_low": f"{low:.0f}",
        "people_high": f"{high:.0f}",
        "additive": "true",
    }


def test_cells_are_hexadecimal_and_separated_by_a_space(folder: Path) -> None:
    pooled = next(row for row in read(folder / "presence.csv") if row["zone_id"] == "21515|rest")
    assert pooled["cells"].split(" ") == sorted([EIGHTS[1], EIGHTS[2]], key=h3.str_to_int)


def test_lines_end_as_the_standard_says(folder: Path) -> None:
    for path in folder.iterdir():
        data = path.read_bytes()
        assert data.count(b"\n") == data.count(b"\r\n") > 1
        assert data.endswith(b"\r\n")


def test_text_with_a_separator_or_a_quote_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = release(tmp_path / "release", {DAY: {"attendance": TABLES["attendance"]}})
    table = made.table("attendance", made.days[0])
    odd = table.set_column(2, "zone_id", [['a,"b"\n', "é;", " c "]])
    monkeypatch.setattr(Release, "tables", lambda self, name: iter([(self.days[0], odd)]))
    FORMATS["csv"].write(made, tmp_path, lambda _: None)
    assert [row["zone_id"] for row in read(tmp_path / "attendance.csv")] == ['a,"b"\n', "é;", " c "]


def test_every_column_of_every_indicator_is_explained_in_both_languages(folder: Path) -> None:
    explained = {row["column / colonne"]: row for row in read(folder / "columns.csv")}
    assert set(explained) == {field.name for each in INDICATORS.values() for field in each.table.fields}
    for name, row in explained.items():
        assert row["meaning"]
        assert row["sens"] == FRENCH[name][0]
        assert bool(row["unité"]) >= bool(row["unit"])
        used = row["indicators / indicateurs"]
        assert set(used.split(", ")) <= set(INDICATORS) or used == "all / tous"


def test_no_french_meaning_is_left_over() -> None:
    assert set(FRENCH) == {field.name for each in INDICATORS.values() for field in each.table.fields}
