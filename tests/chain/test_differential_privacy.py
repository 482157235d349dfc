"""A run under differential privacy, from events to an audited release; its budget, and its noise that is drawn once."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import h3
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.report import to_text
from pipelines.cli import main
from pipelines.closing import Closing
from schemas.errors import SystemFailure
from tests.oracle.generate import generate

DAYS = ("2026-06-20", "2026-06-21")


@dataclass(frozen=True)
class Ran:
    code: int
    err: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    generate(folder, devices=900, events=30_000, days=2, start=date(2026, 6, 20), seed=8, style="mixed")
    config = folder / "hexaflux.toml"
    config.write_text(config.read_text().partition("[test]")[0])
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "run")


def run(folder: Path, capsys: pytest.CaptureFixture[str], budget: float = 80.0) -> Ran:
    text = (folder / "hexaflux.toml").read_text().partition("[policy.dp]")[0]
    (folder / "hexaflux.toml").write_text(
        f"{text}[policy.dp]\nepsilon = 2.0\nresolution = 7\nbudget_epsilon = {budget}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["hexaflux", "run", str(folder / "hexaflux.toml"), "--quiet"])
        with pytest.raises(SystemExit) as ended:
            main()
    return Ran(int(str(ended.value.code)), capsys.readouterr().err)


def files(release: Path) -> dict[str, str]:
    return {
        path.relative_to(release).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*.parquet"))
    }


def test_a_run_publishes_noisy_figures_of_the_lattice_and_the_audit_passes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, capsys).code == 0
    release = folder / "release"
    report = audit(release)
    assert report.verdict, to_text(report)
    assert {path.split("/")[0] for path in files(release)} == {"presence", "attendance"}
    presence = pq.read_table(release / "presence")
    assert {h3.get_resolution(h3.int_to_str(cells[0])) for cells in presence["cells"].to_pylist()} == {7}
    assert presence.num_rows > 50
    ledger = [json.loads(line) for line in (folder / "publications.budget.jsonl").read_text().splitlines()]
    assert [line["day"] for line in ledger] == list(DAYS)
    entry = json.loads((release / "manifest/chain/000001.json").read_bytes())
    assert entry["input"] == {"files": [], "events": None, "devices": None, "late": None}
    assert 1.99 < entry["dp"]["epsilon_1"] <= 2.0
    for language in ("en", "fr"):
        text = (release / f"manifest/statement.{language}.md").read_text()
        assert "e^2" in text
        assert "{" not in text


def test_a_finished_release_is_not_drawn_or_paid_for_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, capsys)
    before, ledger = files(folder / "release"), (folder / "publications.budget.jsonl").read_bytes()
    assert run(folder, capsys).code == 0
    assert files(folder / "release") == before
    assert (folder / "publications.budget.jsonl").read_bytes() == ledger


def test_a_run_that_would_pass_the_budget_is_refused_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = run(folder, capsys, budget=2.5)
    assert ran.code == 3
    assert "budget_epsilon of 2.5" in ran.err
    for name in ("release", "release.work", "publications.budget.jsonl", "publications.jsonl"):
        assert not (folder / name).exists(), name


def test_another_run_of_the_same_days_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, capsys)
    shutil.rmtree(folder / "release")
    shutil.rmtree(folder / "release.work")
    ran = run(folder, capsys)
    assert ran.code == 3
    assert not (folder / "release").exists()


def test_noise_that_was_staged_before_a_failure_is_what_is_published(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise SystemFailure("the disk is full", "free some space")

    with monkeypatch.context() as patch:
        patch.setattr(Closing, "publish", stopped)
        assert run(folder, capsys).code == 4
    staged = files(folder / "release.work/staged" / DAYS[0])
    assert staged
    assert run(folder, capsys).code == 0
    published = files(folder / "release")
    assert {name: digest for name, digest in published.items() if DAYS[0] in name} == staged
    assert audit(folder / "release").verdict


@pytest.mark.slow
def test_the_same_events_do_not_give_the_same_noise(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for name in ("one", "two"):
        folder = shutil.copytree(made, tmp_path / name)
        run(folder, capsys)
        found.append(files(folder / "release"))
    assert found[0] != found[1]
