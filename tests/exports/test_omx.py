"""Matrices of flows: what stands in a cell, what does not, and the layout of OMX 0.2."""

from datetime import date
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from anonymization.released import Release
from pipelines.exports import omx
from schemas.errors import UsageError
from tests.exports.handmade import DAY, TABLES, release, rows

ZONES = ["21231", "21515", "lac"]


@pytest.fixture(scope="module")
def folder(handmade: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("omx")
    omx.write(handmade, made, lambda _: None)
    return made


def test_a_row_of_one_origin_and_one_destination_is_a_cell(folder: Path) -> None:
    with h5py.File(folder / "flows_2026-10-24.omx") as file:
        assert file["data/H08"][()].tolist() == [[0, 120, 0], [130, 0, 0], [0, 0, 0]]
        assert file["data/H08_devices"][()].tolist() == [[0, 40, 0], [45, 0, 0], [0, 0, 0]]


def test_pools_are_listed_beside_the_matrices_and_not_spread_over_them(folder: Path) -> None:
    pooled = pd.read_csv(folder / "flows_pooled.csv", dtype=str)
    assert pooled[["origin_zone_id", "destination_zone_id", "people"]].to_numpy().tolist() == [
        ["21231", "21515|lac", "70"],
        ["21515|lac", "all", "140"],
    ]
    with h5py.File(folder / "flows_2026-10-24.omx") as file:
        assert set(file["data"]) == {f"{hour}{end}" for hour in ("H08", "H02", "H02B") for end in ("", "_devices")}


def test_the_totals_in_cells_and_in_pools_are_attributes_of_the_file(folder: Path) -> None:
    with h5py.File(folder / "flows_2026-10-24.omx") as file:
        stated = {name: int(file.attrs[name]) for name in file.attrs if name.startswith(("people", "devices"))}
    assert stated == {"people_in_cells": 400, "people_in_pools": 210, "devices_in_cells": 135, "devices_in_pools": 75}


def test_the_totals_stand_in_the_readme_too(handmade: Release, tmp_path: Path) -> None:
    notes = omx.write(handmade, tmp_path, lambda _: None)
    assert "2026-10-24: people_in_cells 400, people_in_pools 210, devices_in_cells 135, devices_in_pools 75" in notes


def test_the_hour_that_comes_twice_has_two_matrices(folder: Path) -> None:
    with h5py.File(folder / "flows_2026-10-24.omx") as file:
        first, second = file["data/H02"], file["data/H02B"]
        assert (first[0, 1], second[0, 1]) == (60, 90)
        assert first.attrs["window_start"] == b"2026-10-25T00:00:00Z"
        assert second.attrs["window_start"] == b"2026-10-25T01:00:00Z"


def test_the_lookup_names_every_zone_that_a_row_names(folder: Path) -> None:
    with h5py.File(folder / "flows_2026-10-24.omx") as file:
        assert [name.decode() for name in file["lookup/zone_id"]] == ZONES


def test_all_days_have_the_same_zones_in_the_same_order(tmp_path: Path) -> None:
    second = "window_start zone_id origin_zone_id destination_zone_id distance_class devices people\n" + (
        "2026-10-25T06:00Z rest rest 21515 2-5_km 40 120"
    )
    made = release(tmp_path / "release", {DAY: {"flows": TABLES["flows"]}, date(2026, 10, 25): {"flows": second}})
    omx.write(made, tmp_path, lambda _: None)
    for day in ("2026-10-24", "2026-10-25"):
        with h5py.File(tmp_path / f"flows_{day}.omx") as file:
            assert [name.decode() for name in file["lookup/zone_id"]] == [*ZONES, "rest"]


def test_the_file_is_laid_out_as_omx_0_2(folder: Path) -> None:
    """What the validator of the openmatrix library looks at."""
    with h5py.File(folder / "flows_2026-10-24.omx") as file:
        assert file.attrs["OMX_VERSION"] == b"0.2"
        assert file.attrs["SHAPE"].dtype == np.int32
        assert file.attrs["SHAPE"].tolist() == [3, 3]
        assert set(file) == {"data", "lookup"}
        for matrix in file["data"].values():
            assert matrix.shape == (3, 3)
            assert matrix.dtype == np.float64
            assert matrix.chunks is not None
            assert matrix.compression == "gzip"
            assert matrix.attrs["NA"] == 0
        assert file["lookup/zone_id"].shape == (3,)


def test_a_test_release_is_marked_in_the_file(tmp_path: Path, folder: Path) -> None:
    omx.write(release(tmp_path / "release", test=True), tmp_path, lambda _: None)
    for where, expected in ((tmp_path, b"true"), (folder, b"false")):
        with h5py.File(where / "flows_2026-10-24.omx") as file:
            assert file.attrs["test"] == expected


def test_a_release_without_flows_is_refused(tmp_path: Path) -> None:
    made = release(tmp_path / "release", {DAY: {"attendance": TABLES["attendance"]}})
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="expected a release with flows"):
        omx.write(made, tmp_path / "out", lambda _: None)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("origin", "destination", "single"),
    [("a", "b", True), ("a", "b,c", False), ("a,b", "all", False), ("a,b", "c", False), ("a", "all", False)],
)
def test_a_row_is_single_with_one_origin_and_one_destination(origin: str, destination: str, single: bool) -> None:
    text = "window_start zone_id origin_zone_id destination_zone_id distance_class devices people\n" + (
        f"2026-10-24T06:00Z 21231 {origin} {destination} 2-5_km 40 120"
    )
    assert omx.is_single(rows("flows", text)).to_pylist() == [single]
