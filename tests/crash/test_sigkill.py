"""A run that is killed at random moments, and each time begun again, ends as if nothing had happened."""

import random
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
    return runs.inputs(tmp_path_factory.mktemp("inputs") / "given", 2000, 90_000, 3)


def kill(of: Case, chance: random.Random) -> bool:
    """Run and kill, at a random time or at a random call while a day is closed; False where the run ended first."""
    if chance.random() < 0.5:
        return of.killed(chance.randint(1, 250), "close")
    process = of.start()
    process.join(chance.uniform(0.1, 1.5))
    process.kill()
    process.join()
    assert process.exitcode in (0, -9), of.log
    return process.exitcode == -9


@pytest.mark.slow
def test_a_run_killed_twenty_times_releases_what_an_unbroken_one_does(given: Path, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    whole = case(tmp_path / "whole", given, ENGINE)
    assert whole.run() == 0, whole.log
    kills = releases = 0
    while kills < KILLS:
        broken = case(tmp_path / f"broken {releases}", given, ENGINE)
        while kills < KILLS and kill(broken, chance):
            kills += 1
        assert broken.run() == 0, broken.log
        assert left(broken) == left(whole)
        assert audit(broken.release, None, allow_test=True).verdict
        releases += 1
    assert all(
        name in runs.KEPT or "." not in name or name.startswith(runs.OF_DAYS) for name in runs.files(whole.working)
    )
