"""Comptage des mobilités: its three files hold the movements of the release, and the official schemas accept them."""

import csv
import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from anonymization.released import Release
from pipelines.exports.comptage import write
from pipelines.exports.comptage_package import COLUMNS
from pipelines.exports.publisher import Publisher
from schemas.errors import UsageError
from tests.exports.handmade import DAY, TABLES, release
from tests.exports.schemas import faults
from tests.paths import shared_conformance

DIJON = Publisher("Dijon métropole", "https://data.ville.example/flux")


def lines(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def written(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("comptage")
    write(handmade, folder, lambda _: None, DIJON)
    return folder


@pytest.fixture(scope="module")
def audited(whole: Release, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release that passes its audit, and what is made of it."""
    folder = tmp_path_factory.mktemp("comptage")
    write(whole, folder, lambda _: None, DIJON)
    return whole.root, folder


def test_a_site_is_a_published_place_with_a_point_inside_it(written: Path) -> None:
    sites = {site["site_id"]: site for site in lines(written, "site")}
    dijon = sites["21231"]
    assert (dijon["site_name"], dijon["fr_insee_code"], dijon["parent_site_id"]) == ("Dijon", "21231", "")
    assert dijon["infrastructure_type"] == "OTHER"
    assert (47.2 < float(dijon["ylat"]) < 47.4, 4.9 < float(dijon["xlong"]) < 5.2) == (True, True)
    [pool] = [site for name, site in sites.items() if name.startswith("pool-")]
    assert (pool["site_name"], pool["fr_insee_code"]) == ("plusieurs zones (Quetigny, Lac Kir)", "")


def test_a_venue_has_the_code_and_the_site_of_the_commune_around_it(tmp_path: Path) -> None:
    transit = "window_start zone_id devices people\n2026-10-24T06:00Z 21231 35 110\n2026-10-24T06:00Z lac 25 70"
    write(release(tmp_path / "release", {DAY: {"transit": transit}}), tmp_path, lambda _: None, DIJON)
    [_, lac] = lines(tmp_path, "site")
    assert (lac["site_id"], lac["fr_insee_code"], lac["parent_site_id"]) == ("lac", "21231", "21231")


def test_a_channel_is_an_estimate_of_a_network_from_one_place_to_another(written: Path) -> None:
    channels = {channel["channel_id"]: channel for channel in lines(written, "channel")}
    there = channels["flows:21231:21515"]
    assert (there["mobility_type"], there["counter_type"]) == ("UNDEFINED", "OTHER")
    assert there["comment"] == "Estimation par réseau mobile, tous modes réunis"
    assert (there["provider_direction_code"], there["time_step"]) == ("21515", "3600")
    assert there["provider_direction_name"] == "Départ : Dijon ; arrivée : Quetigny"
    assert (there["data_provider_name"], there["started_at"]) == ("Dijon métropole", "2026-10-24T03:00:00Z")
    assert channels["transit:21231"]["provider_direction_name"] == "Traversée sans arrêt : Dijon"
    assert all(len(channel["comment"]) <= 50 for channel in channels.values())


def test_a_place_of_its_own_has_every_hour_of_a_day_of_25_and_is_empty_where_nothing_is_published(
    written: Path,
) -> None:
    own = [line for line in lines(written, "measure") if line["channel_id"] == "flows:21231:21515"]
    day = own[:25]
    assert (day[0]["start_datetime"], day[-1]["end_datetime"]) == ("2026-10-24T03:00:00Z", "2026-10-25T04:00:00Z")
    assert [line["end_datetime"] for line in day[:-1]] == [line["start_datetime"] for line in day[1:]]
    assert {line["start_datetime"]: line["count"] for line in day if line["count"]} == {
        "2026-10-24T06:00:00Z": "120",
        "2026-10-25T00:00:00Z": "60",
        "2026-10-25T01:00:00Z": "90",
    }
    assert len(own) == 49


def test_a_pool_has_lines_in_its_hours_alone_and_nothing_is_0(written: Path) -> None:
    found = lines(written, "measure")
    pools = [line for line in found if "pool-" in line["channel_id"]]
    assert [(line["start_datetime"], line["count"]) for line in pools] == [
        ("2026-10-24T07:00:00Z", "70"),
        ("2026-10-25T02:00:00Z", "140"),
    ]
    assert "0" not in {line["count"] for line in found}


def test_a_channel_has_each_hour_once_and_leads_to_a_site(audited: tuple[Path, Path], written: Path) -> None:
    for folder in (audited[1], written):
        channels = {channel["channel_id"]: channel["site_id"] for channel in lines(folder, "channel")}
        assert set(channels.values()) == {site["site_id"] for site in lines(folder, "site")}
        hours = Counter((line["channel_id"], line["start_datetime"]) for line in lines(folder, "measure"))
        assert {channel for channel, _ in hours} == set(channels)
        assert set(hours.values()) == {1}


@pytest.mark.parametrize("indicator", ["flows", "transit"])
def test_the_counts_of_an_audited_export_are_those_of_the_release(audited: tuple[Path, Path], indicator: str) -> None:
    root, out = audited
    start = "strftime({} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')".format
    released = duckdb.sql(
        f"SELECT {start('window_start')}, {start('window_end')}, people::BIGINT "
        f"FROM read_parquet('{root}/{indicator}/*/*.parquet') ORDER BY ALL"
    ).fetchall()
    exported = duckdb.sql(
        f"SELECT start_datetime, end_datetime, count::BIGINT FROM read_csv('{out}/measure.csv', all_varchar=1) "
        f"WHERE channel_id LIKE '{indicator}:%' AND count IS NOT NULL ORDER BY ALL"
    ).fetchall()
    assert released
    assert exported == released


def test_presence_is_no_passage_and_a_release_of_it_alone_is_refused(tmp_path: Path) -> None:
    made = release(tmp_path / "release", {DAY: {"presence": TABLES["presence"]}})
    with pytest.raises(UsageError, match="expected a release with flows or transit"):
        write(made, tmp_path, lambda _: None, DIJON)


def test_the_package_leads_to_the_files_and_to_the_official_schemas(written: Path) -> None:
    package = json.loads((written / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert (written / resource["path"]).is_file()
        assert resource["schema"].endswith(f"/v0.2.4/{resource['name']}/schema.json")
    assert package["sources"] == [{"title": "Dijon métropole", "path": "https://data.ville.example/flux/"}]
    assert "licenses" not in package


@pytest.mark.parametrize("name", COLUMNS)
def test_the_official_schema_accepts_every_line(audited: tuple[Path, Path], written: Path, name: str) -> None:
    schema = json.loads((shared_conformance() / "comptage-mobilites" / f"{name}.schema.json").read_text("utf-8"))
    assert COLUMNS[name] == tuple(field["name"] for field in schema["fields"])
    assert faults(written, name) == faults(audited[1], name) == []


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("site", "site_id", ""),
        ("site", "ylat", "91"),
        ("site", "xlong", "est"),
        ("site", "fr_insee_code", "2123"),
        ("site", "infrastructure_type", "CELL"),
        ("channel", "mobility_type", "PHONE"),
        ("channel", "counter_type", "MOBILE NETWORK"),
        ("channel", "temporality", ""),
        ("channel", "started_at", "24/10/2026"),
        ("measure", "channel_id", ""),
        ("measure", "start_datetime", "2026-10-24 03:00"),
        ("measure", "count", "<20"),
    ],
)
def test_the_official_schema_refuses_what_is_wrong(
    written: Path, tmp_path: Path, name: str, field: str, value: str
) -> None:
    found = lines(written, name)
    found[0][field] = value
    with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[name])
        writer.writeheader()
        writer.writerows(found)
    assert (2, field) in faults(tmp_path, name)
