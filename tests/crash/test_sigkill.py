"""A run that is killed at any moment and begun again ends as if nothing had happened."""

import random
import time
from pathlib import Path

import pytest

from anonymization.audit import audit
from tests.crash import runs
from tests.crash.runs import Case, case, left

ENGINE = "step_rows = 12000\nshards = 4"
KILLS = 20
SEED = 20260612


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.inputs(tmp_path_factory.mktemp("inputs") / "given", 4000, 150_000, 3)


@pytest.fixture(scope="module")
def unbroken(given: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    whole = case(tmp_path_factory.mktemp("unbroken") / "case", given, ENGINE)
    assert whole.run() == 0, whole.told()
    return left(whole)


def kill(of: Case, chance: random.Random) -> bool:
    """Run and kill once: at a random time, or at a random call while a day closes; False where the run ended first."""
    if chance.random() < 0.5:
        process = of.start()
        process.join(chance.uniform(0.1, 1.5))
        process.kill()
        process.join()
        code = process.exitcode
    else:
        code = of.run(within="_close", moment=chance.randint(1, 250))
    assert code in (0, -9), of.told()
    return code == -9


def test_a_release_of_a_run_killed_twenty_times_is_that_of_an_unbroken_run(
    given: Path, unbroken: dict[str, object], tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    chance, kills, number = random.Random(SEED), 0, 0
    began = time.time()
    while kills < KILLS:
        broken = case(tmp_path / str(number), given, ENGINE)
        number += 1
        while kills < KILLS and kill(broken, chance):
            kills += 1
            print(kills, broken.state.get("step"), {d: s["status"] for d, s in broken.state.get("days",{}).items()}, sorted(p.name for p in broken.release.rglob("*.json")), time.time()-began)
        assert broken.run() == 0, broken.told()
        assert left(broken) == unbroken
        report = audit(broken.release, None, True)
        assert report.verdict, report
