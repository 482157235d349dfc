"""The GTFS of a network: what is refused of it, in a folder and in a ZIP archive."""

import json
from pathlib import Path

import pytest

from pipelines.feeds.modules.transport import FEED
from schemas.errors import InputError
from tests.feeds.making import errors, made
from tests.feeds.network_made import AGENCY, HEAD, ROUTES, STOPS, transport


@pytest.mark.parametrize(
    ("file", "row", "field"),
    [
        ("agency", "r,Autre,https://autre.example,Europe/Paris", "agency_id"),
        ("agency", "s,Autre,https://autre.example,Europe/Rome", "agency_timezone"),
        ("agency", "s,Autre,autre.example,Europe/Paris", "agency_url"),
        ("agency", "s,,https://autre.example,Europe/Paris", "agency_name"),
        ("routes", "T1,r,T1,,0", "route_id"),
        ("routes", "T2,s,T2,,0", "agency_id"),
        ("routes", "T2,r,,,0", "route_short_name"),
        ("routes", "T2,r,T2,,", "route_type"),
        ("routes", "T2,r,T2,,tram", "route_type"),
        ("stops", "lac,Lac,47,5,,", "stop_id"),
        ("stops", "x,,47,5,,", "stop_name"),
        ("stops", "x,X,,5,,", "stop_lat"),
        ("stops", "x,X,47,181,,", "stop_lon"),
        ("stops", "x,X,47,5,5,", "location_type"),
        ("stops", "x,X,47,5,0,nulle", "parent_station"),
        ("stops", "x,X,47,5,0,lac", "parent_station"),
        ("stops", "x,X,47,5,1,g", "parent_station"),
        ("stops", "x,X,47,5,2,", "parent_station"),
        ("stops", "x,,,,4,g", "parent_station"),
    ],
)
def test_a_wrong_row_of_the_gtfs_is_refused_with_its_line_and_field(
    tmp_path: Path, file: str, row: str, field: str
) -> None:
    text = {"agency": AGENCY, "routes": ROUTES, "stops": STOPS}[file]
    built, findings = transport(tmp_path, {}, **{file: text + row + "\n"})
    assert errors(findings) == [(f"{file}.txt", text.count("\n") + 1, field)]
    assert len(built.items) == 1


def test_a_boarding_area_belongs_to_a_stop_and_needs_no_position(tmp_path: Path) -> None:
    built, findings = transport(tmp_path, {"routes": "", "stops": "x"}, stops=STOPS + "x,,,,4,g1\n")
    assert not findings
    assert (built.items[0].place and built.items[0].place.latitude) is None
    assert [each["id"] for each in json.loads(built.files["stops.geojson"])["features"]] == ["g", "g1", "lac"]


def test_routes_of_several_agencies_state_theirs(tmp_path: Path) -> None:
    agency = AGENCY + "s,Autre,https://autre.example,Europe/Paris\n"
    _, findings = transport(tmp_path, agency=agency, routes=ROUTES + "T2,,T2,,0\n")
    assert errors(findings) == [("routes.txt", 4, "agency_id")]


def test_a_gtfs_without_a_file_or_a_column_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="route_type"):
        transport(tmp_path, routes="route_id,route_short_name\nT1,T1\n")
    (tmp_path / "gtfs" / "routes.txt").unlink()
    with pytest.raises(InputError, match=r"expected a file, found nothing"):
        made(FEED, tmp_path, {"source": HEAD + "\n"}, gtfs=tmp_path / "gtfs")


def test_a_zip_archive_gives_the_same_bytes_as_its_folder(tmp_path: Path) -> None:
    one, _ = transport(tmp_path, {"stops": "lac"})
    other, _ = transport(tmp_path, {"stops": "lac"}, packed=True)
    assert one.files == other.files
