"""Two runs of one source: no hour is published twice, and a release is of one mode."""

import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from pipelines.cli import main
from tests.oracle.generate import generate

DP = "[policy.dp]\nepsilon = 2.0\nresolution = 7\nbudget_epsilon = 80.0\n"


def run(config: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["hexaflux", "run", str(config), "--quiet"])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(str(ended.value.code))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose first day is published, and the events of the second in `later`."""
    folder = tmp_path_factory.mktemp("made")
    generate(folder, devices=900, events=30_000, days=2, start=date(2026, 6, 20), seed=8, style="mixed")
    config = folder / "hexaflux.toml"
    config.write_text(config.read_text().partition("[test]")[0])
    everything = [pq.read_table(path) for path in sorted((folder / "events").iterdir())]
    shutil.rmtree(folder / "events")
    for name in ("events", "later"):
        (folder / name).mkdir()
    for number, table in enumerate(everything):
        # 05:00 local time is 03:00 UTC.
        second = [str(moment or "") >= "2026-06-21 03:00" for moment in table["event_time"].to_pylist()]
        for name, wanted in (("events", False), ("later", True)):
            pq.write_table(table.filter([flag == wanted for flag in second]), folder / name / f"{number}.parquet")
    assert run(config) == 0
    return folder


def moved(made: Path, target: Path, addition: str = "", release: str = "") -> Path:
    """A copy with the events of the second day delivered, and something added to its configuration."""
    folder = shutil.copytree(made, target, symlinks=True)
    for path in (folder / "later").iterdir():
        path.rename(folder / "events" / f"later-{path.name}")
    config = folder / "hexaflux.toml"
    text = config.read_text()
    config.write_text(
        (text.replace('directory = "release"', f'directory = "{release}"') if release else text) + addition
    )
    return config


def test_the_next_day_stands_beside_the_first(made: Path, tmp_path: Path) -> None:
    config = moved(made, tmp_path / "run")
    assert run(config) == 0
    assert audit(config.parent / "release").verdict


@pytest.mark.parametrize("addition", ['\n[time]\nprivacy_day_starts = "03:00"\n', f"\n{DP}"], ids=["hour", "mode"])
def test_a_day_that_overlaps_or_is_of_another_mode_is_refused_and_the_release_stays_sound(
    made: Path, tmp_path: Path, addition: str
) -> None:
    config = moved(made, tmp_path / "run", addition)
    assert run(config) == 3
    assert audit(config.parent / "release").verdict
    assert not list((config.parent / "release").glob("*/date=2026-06-21"))


def test_hours_that_were_published_are_not_published_under_another_beginning_of_the_day(
    made: Path, tmp_path: Path
) -> None:
    config = moved(made, tmp_path / "run", '\n[time]\nprivacy_day_starts = "17:00"\n', release="another")
    assert run(config) == 3
    assert not (config.parent / "another").exists()
