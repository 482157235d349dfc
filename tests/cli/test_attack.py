"""`hexaflux attack` as it is called: what it writes, where, and how it ends."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest

from anonymization.manifest import read_chain
from pipelines.attacks import battery, command
from pipelines.attacks.figures.threshold import THRESHOLD
from pipelines.attacks.finding import AnyAttack, Finding
from pipelines.attacks.sources import read_target
from pipelines.attacks.target import Target
from pipelines.configuration import load
from pipelines.embedded import run
from tests.attacks.findings import BROKEN, HELD, IDLE
from tests.attacks.towns import QUIET, Town, build
from tests.cli.command import Call, Ran, assert_refused, identifiers

Attack = Callable[..., Ran]


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small town and its test release."""
    folder = tmp_path_factory.mktemp("attacked") / "town"
    run(load(build(folder, Town("small", 500))), QUIET)
    return folder


@pytest.fixture
def folder(simulated: Path, tmp_path: Path) -> Path:
    """A copy of the town, of the test's own."""
    return Path(shutil.copytree(simulated, tmp_path / "town"))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of this test stand."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture(scope="session")
def read_once(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """The town as attacks see it."""
    scratch = tmp_path_factory.mktemp("scratch")
    return read_target(simulated / "release", simulated / "truth", None, scratch, QUIET)


@pytest.fixture
def attack(hexaflux: Call, folder: Path, scratch: Path, read_once: Target, monkeypatch: pytest.MonkeyPatch) -> Attack:
    """`hexaflux attack` on the town, with the one attack that is quick, or with what attacks are said to have found."""

    def call(*options: object, findings: Sequence[Finding] = ()) -> Ran:
        only: Sequence[AnyAttack] = (THRESHOLD,)
        monkeypatch.setattr(command, "attack", partial(battery.attack, attacks=only))
        if findings:
            monkeypatch.setattr(command, "read_target", lambda *_: read_once)
            monkeypatch.setattr(command, "attack", lambda target, progress: battery.Report(tuple(findings)))
        return hexaflux("attack", folder / "release", "--truth", folder / "truth", *options)

    return call


def content(release: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in release.rglob("*") if path.is_file()}


def test_the_report_is_on_stdout_and_beside_the_release_and_nothing_else_is_left(
    attack: Attack, folder: Path, scratch: Path
) -> None:
    before = content(folder)
    ran = attack()
    kept = folder / "release.attack.json"
    assert ran.code == 0, ran
    assert "T1   Threshold: held" in ran.out
    assert "Policy: k = 20, base of rounding 5, one draw for 2 hours, slots of 15 minutes\n" in ran.out
    assert ran.out.splitlines()[-1].endswith(f"weak releases held 0 of {len(THRESHOLD.weaknesses)}: PASSED")
    assert ran.err == f"Written for the dashboard: {kept}\n"
    found = json.loads(kept.read_text(encoding="utf-8"))
    assert found["passed"] is True
    made = read_chain(folder / "release")[0].body["software"]
    assert isinstance(made, dict)
    conditions = {name: value for name, value in found["conditions"].items() if not name.endswith("by")}
    assert conditions == {"k": 20, "rounding": 5, "rounding_hours": 2, "slot_minutes": 15}
    assert found["conditions"]["made_by"].startswith(f"Hexaflux {made['version']}")
    assert found["conditions"]["attacked_by"].startswith(f"Hexaflux {version('hexaflux')}")
    assert content(folder) == before | {str(kept): kept.read_bytes()}
    assert list(scratch.iterdir()) == []
    assert not [each for each in identifiers(folder) if each in ran.out + kept.read_text(encoding="utf-8")]


@pytest.mark.parametrize("how", [("--json",), ("--format", "json")])
def test_json_is_all_there_is_on_stdout(attack: Attack, folder: Path, how: Sequence[str]) -> None:
    ran = attack(*how, "--quiet", "--seed", 7, findings=[HELD])
    assert (ran.code, ran.err, json.loads(ran.out)["seed"]) == (0, "", 7)
    assert ran.out == (folder / "release.attack.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("finding", "code"), [(HELD, 0), (BROKEN, 1), (IDLE, 1)])
def test_the_exit_code_says_whether_the_release_held_and_every_attack_works(
    attack: Attack, finding: Finding, code: int
) -> None:
    ran = attack("--quiet", findings=[finding])
    assert (ran.code, ran.out.splitlines()[-1].rpartition(" ")[2]) == (code, "FAILED" if code else "PASSED")


def test_a_report_in_a_file_is_named_with_how_it_ended(attack: Attack, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    ran = attack("--report", file, "--format", "html", "--quiet", findings=[BROKEN])
    assert (ran.code, ran.out) == (1, f"failed: report written to {file}\n")
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_text_is_french_where_french_is_asked_for(attack: Attack) -> None:
    ran = attack("--lang", "fr", "--quiet", findings=[HELD])
    assert "lignes sous k : 0, au plus 0 : tient" in ran.out
    assert ran.out.splitlines()[-1].endswith("CONFORME")


def test_an_attack_that_fails_ends_the_battery_and_leaves_nothing(
    attack: Attack, folder: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(battery, "_weak", fail)
    assert_refused(attack(), 4, "unexpected ZeroDivisionError")
    assert not (folder / "release.attack.json").exists()
    assert list(scratch.iterdir()) == []


def test_a_report_is_not_written_into_the_release(attack: Attack, folder: Path) -> None:
    before = content(folder)
    assert_refused(attack("--report", folder / "release" / "report.html"), 2, "--report", "outside of the release")
    assert content(folder) == before


def test_a_place_beside_the_release_that_cannot_be_written_is_told_after_the_report(
    attack: Attack, folder: Path
) -> None:
    (folder / "release.attack.json").mkdir()
    ran = attack("--quiet", findings=[HELD])
    assert (ran.code, ran.out.splitlines()[-1].rpartition(" ")[2]) == (4, "PASSED")
    assert "release.attack.json: the report cannot be written" in ran.err


def test_a_release_of_real_keys_is_not_attacked(hexaflux: Call, release: Path) -> None:
    ran = hexaflux("attack", release, "--truth", release.parent / "truth")
    assert_refused(ran, 2, "expected a release marked as a test", "[test] day_key")


def test_what_cannot_be_attacked_is_bad_usage(hexaflux: Call, folder: Path, tmp_path: Path) -> None:
    truth = folder / "truth"
    assert_refused(hexaflux("attack", tmp_path / "none", "--truth", truth), 2, "found nothing")
    assert_refused(hexaflux("attack", folder / "release", "--truth", tmp_path), 2, "expected the truth of a simulation")
    assert_refused(hexaflux("attack", folder / "release"), 2, "--truth")
    (folder / "hexaflux.toml").unlink()
    assert_refused(hexaflux("attack", folder / "release", "--truth", truth), 2, "--config")
