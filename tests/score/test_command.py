"""The command on files: a simulated day, published and compared."""

import json
import shutil
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from pipelines.configuration import load
from pipelines.embedded import run as publish
from pipelines.progress import Progress
from pipelines.score.bound import TARGETS
from pipelines.score.command import run
from pipelines.score.released import read_release
from pipelines.score.truth import read_truth
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate
from schemas.errors import InputError

QUIET = Progress(Console(stderr=True), quiet=True)


@dataclass(frozen=True)
class Town:
    """A simulated day and its release."""

    release: Path
    truth: Path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    directory = tmp_path_factory.mktemp("score") / "town"
    simulate(directory, Settings(1_500, 1, date(2026, 6, 20), 5, 0.3), QUIET)
    publish(load(directory / "hexaflux.toml"), QUIET)
    return Town(directory / "release", directory / "truth")


def printed(town: Town, **options) -> tuple[int, str]:
    console = Console(file=StringIO(), width=100, markup=False, emoji=False, highlight=False)
    code = run(console, QUIET, town.release, town.truth, **options)
    return code, console.file.getvalue()


def bounds(folder: Path, **values: dict[str, float]) -> Path:
    file = folder / "bounds.json"
    file.write_text(json.dumps({"presence.hexagon.misplaced": values}))
    return file


def test_a_program_reads_figures_bounds_and_the_summary(town: Town) -> None:
    code, output = printed(town, as_json=True)
    told = json.loads(output)
    assert {"presence", "attendance", "dwell", "attendance_by_age"} <= {key.split(".")[0] for key in told["figures"]}
    assert told["figures"].keys() == told["scored"].keys()
    assert told["bounds"].keys() == {target.key for target in TARGETS}
    assert all(value == value for value in told["figures"].values())
    assert told["summary"].startswith(f"score: {len(told['figures'])} figures, {len(TARGETS)} bounds")
    assert code == (0 if told["met"] else 1)


def test_people_read_a_table_and_one_summary_line_last(town: Town) -> None:
    _, output = printed(town)
    lines = output.splitlines()
    assert [line for line in lines if line.startswith("score:")] == lines[-1:]
    assert "presence.hexagon.misplaced" in output
    assert "attendance.single_zone" in output


@pytest.mark.parametrize(("most", "code"), [(0.0, 1), (1.0, 0)])
def test_the_exit_code_is_1_where_a_bound_of_the_file_is_missed(
    town: Town, tmp_path: Path, most: float, code: int
) -> None:
    found, output = printed(town, bounds=bounds(tmp_path, max=most))
    assert found == code
    assert output.splitlines()[-1].endswith("1 missed: presence.hexagon.misplaced" if code else "1 bounds, all met")


def test_estimates_are_near_the_truth_of_the_whole_town(town: Town) -> None:
    """A wrong join would not leave people where they are."""
    figures = json.loads(printed(town, as_json=True)[1])["figures"]
    assert figures["presence.hexagon.misplaced"] < 0.5
    assert figures["attendance.single_zone"] > 0.5


def test_rows_of_a_release_have_their_privacy_day(town: Town) -> None:
    attendance = read_release(town.release).tables["attendance"]
    assert attendance.num_rows
    assert set(attendance["date"].to_pylist()) == {date(2026, 6, 20)}


def test_a_folder_that_is_no_release_is_refused(town: Town, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a release with a privacy day"):
        read_release(tmp_path)


def test_a_release_without_its_zones_is_refused(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.release, tmp_path / "copy")
    (tmp_path / "copy" / "manifest" / "zones.geojson").unlink()
    with pytest.raises(InputError, match="the zones cannot be read"):
        read_release(tmp_path / "copy")


def test_a_damaged_table_of_a_release_is_refused(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.release, tmp_path / "copy")
    next((tmp_path / "copy" / "dwell").rglob("*.parquet")).write_bytes(b"PAR1")
    with pytest.raises(InputError, match="dwell: expected Parquet files"):
        read_release(tmp_path / "copy")


def test_the_folder_of_the_simulation_stands_for_the_truth_in_it(town: Town) -> None:
    assert read_truth(town.truth.parent) == read_truth(town.truth)


def test_a_truth_that_lacks_a_table_is_refused_by_the_name_of_its_file(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.truth, tmp_path / "truth")
    (tmp_path / "truth" / "flows.parquet").unlink()
    with pytest.raises(InputError, match=r"flows\.parquet: .* found nothing"):
        read_truth(tmp_path / "truth")


def test_a_truth_with_another_table_in_its_place_is_refused(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.truth, tmp_path / "truth")
    other = pq.read_table(tmp_path / "truth" / "dwell.parquet").drop_columns(["people"])
    pq.write_table(other, tmp_path / "truth" / "nights.parquet")
    with pytest.raises(InputError, match=r"nights\.parquet: .* found another table"):
        read_truth(tmp_path / "truth")
