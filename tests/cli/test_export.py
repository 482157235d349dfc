"""`hexaflux export` as it is called: every format once on a real release, and how it ends otherwise."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.exports.formats import FORMATS
from tests.cli.command import Call, assert_refused

FILES = {
    "csv": ("attendance.csv", "presence.csv", "flows.csv", "columns.csv"),
    "xlsx": ("hexaflux.xlsx",),
    "geojson": ("attendance.geojson", "presence_2026-06-20.geojson"),
    "geoparquet": ("attendance.parquet", "presence.parquet"),
    "omx": ("flows_2026-06-20.omx", "flows_pooled.csv"),
    "fluxvision": ("presence30min.csv",),
    "ngsi-ld": ("CrowdFlowObserved_2026-06-20.jsonld", "OriginDestinationFlow_2026-06-20.jsonld"),
    "comptage-mobilites": ("site.csv", "channel.csv", "measure.csv", "datapackage.json"),
    "dcat": ("catalogue.ttl", "catalogue.rdf", "catalogue.jsonld"),
}
BESIDE = ("README.txt", "statement.en.md", "statement.fr.md")


def damaged(release: Path, folder: Path) -> Path:
    """A copy of a release with one byte changed."""
    copy = Path(shutil.copytree(release, folder / "damaged"))
    table = next(copy.glob("attendance/*/*.parquet"))
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(bytes(data))
    return copy


@pytest.mark.parametrize("format", FORMATS)
def test_a_release_is_written_in_every_format(hexaflux: Call, release: Path, tmp_path: Path, format: str) -> None:
    ran = hexaflux("export", release, "--format", format, "--out", tmp_path / "out")
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{len(written)} files written to {tmp_path / 'out'}\n"
    assert {*FILES[format], *BESIDE} <= written
    assert all(path.stat().st_size for path in (tmp_path / "out").iterdir())


def test_an_export_holds_the_people_of_the_release(hexaflux: Call, release: Path, tmp_path: Path) -> None:
    assert hexaflux("export", release, "--format", "csv", "--out", tmp_path / "out", "--quiet").code == 0
    for indicator in ("attendance", "flows", "nights", "transit"):
        files = f"'{release}/{indicator}/*/*.parquet'", f"'{tmp_path}/out/{indicator}.csv'"
        [ours, theirs] = [duckdb.sql(f"SELECT count(*), sum(people) FROM {file}").fetchall() for file in files]
        assert ours == theirs
        assert ours[0][0] > 0


def test_a_damaged_release_is_not_exported(hexaflux: Call, release: Path, tmp_path: Path) -> None:
    ran = hexaflux("export", damaged(release, tmp_path), "--format", "csv", "--out", tmp_path / "out")
    assert_refused(ran, 1, "does not verify", "attendance/date=2026-06-20", "hexaflux audit")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_empty_is_bad_usage(hexaflux: Call, release: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    ran = hexaflux("export", release, "--format", "csv", "--out", tmp_path)
    assert_refused(ran, 2, "mine.txt", "new or an empty folder")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("option", "value"), [("--address", "ftp://ville.example"), ("--publisher", ""), ("--licence", "open")]
)
def test_a_publisher_that_cannot_be_is_bad_usage(
    hexaflux: Call, release: Path, tmp_path: Path, option: str, value: str
) -> None:
    ran = hexaflux("export", release, "--format", "dcat", "--out", tmp_path / "out", option, value)
    assert_refused(ran, 2, option)
    assert not (tmp_path / "out").exists()


def test_a_catalogue_names_who_publishes_where_and_under_which_licence(
    hexaflux: Call, release: Path, tmp_path: Path
) -> None:
    told = {"--publisher": "Dijon", "--address": "https://ville.example/flux", "--licence": "https://ville.example/lo"}
    options = [word for option in told.items() for word in option]
    assert hexaflux("export", release, "--format", "dcat", "--out", tmp_path / "out", *options).code == 0
    written = (tmp_path / "out" / "catalogue.ttl").read_text(encoding="utf-8")
    for words in ('foaf:name "Dijon"', "<https://ville.example/flux/#catalogue>", "<https://ville.example/lo>"):
        assert words in written


def test_a_release_without_flows_makes_no_matrix(hexaflux: Call, folder: Path, tmp_path: Path) -> None:
    published = json.loads(hexaflux("run", folder / "hexaflux.toml", "--json", "--quiet").out)["rows_published"]
    assert "flows" not in {name for name, rows in published.items() if rows}
    ran = hexaflux("export", folder / "release", "--format", "omx", "--out", tmp_path / "out")
    assert_refused(ran, 2, "flows")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_a_system_failure(hexaflux: Call, release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    assert_refused(hexaflux("export", release, "--format", "csv", "--out", tmp_path / "file" / "out"), 4, "file")
    assert (tmp_path / "file").read_text() == "a file"
