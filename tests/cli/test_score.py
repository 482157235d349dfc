"""`hexaflux score` as it is called: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Call, assert_refused
from tests.cli.conftest import Town

FIGURE = "attendance.single_zone"


@pytest.fixture
def truth(town: Town) -> Path:
    return town[0].path.parent / "truth"


def bounds(folder: Path, content: object) -> Path:
    file = folder / "bounds.json"
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize(("least", "code"), [(0.0, 0), (1.01, 1)])
def test_the_exit_code_says_whether_every_bound_is_met(
    hexaflux: Call, release: Path, truth: Path, tmp_path: Path, least: float, code: int
) -> None:
    file = bounds(tmp_path, {FIGURE: {"min": least}})
    ran = hexaflux("score", release, "--truth", truth, "--bounds", file)
    assert (ran.code, ran.err) == (code, "")
    summary = ran.out.splitlines()[-1]
    assert summary.startswith("score: ")
    assert summary.endswith(f"1 missed: {FIGURE}" if code else "1 bounds, all met")


def test_json_is_all_there_is_on_stdout(hexaflux: Call, release: Path, truth: Path, tmp_path: Path) -> None:
    file = bounds(tmp_path, {FIGURE: {"min": 0.0}})
    ran = hexaflux("score", release, "--truth", truth, "--bounds", file, "--json")
    told = json.loads(ran.out)
    assert (ran.code, ran.err, told["met"], list(told["bounds"])) == (0, "", True, [FIGURE])
    assert 0 <= told["figures"][FIGURE] <= 1


def test_the_folder_of_the_simulation_will_do_for_the_truth(hexaflux: Call, release: Path, truth: Path) -> None:
    one, other = (hexaflux("score", release, "--truth", place, "--json") for place in (truth, truth.parent))
    assert one == other
    assert json.loads(one.out)["figures"]


def test_what_cannot_be_compared_is_bad_input(hexaflux: Call, release: Path, truth: Path, tmp_path: Path) -> None:
    assert_refused(hexaflux("score", release, "--truth", tmp_path), 2, str(tmp_path))
    assert_refused(hexaflux("score", tmp_path, "--truth", truth), 2, "expected a release")
    assert_refused(hexaflux("score", release, "--truth", truth, "--event", "nowhere"), 2, "nowhere")
    file = bounds(tmp_path, {"no.such.figure": {"min": "high"}})
    assert_refused(hexaflux("score", release, "--truth", truth, "--bounds", file), 2, "bounds.json")
