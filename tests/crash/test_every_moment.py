"""Every state of the disk that a kill can leave, and a run that goes on from it: exhaustive over the close of a day."""

import json
import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anonymization.audit import audit
from tests.crash import runs
from tests.crash.runs import Case, album, case, left

ENGINE = "shards = 2\nworkers = 1"
SEED = 7
LONGEST = 200
"""A second kill comes at one of so many calls."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.inputs(tmp_path_factory.mktemp("inputs") / "given", 300, 3500, 1)


def each(check: Callable[[Path], None], pictures: Iterable[Path]) -> None:
    """Check the pictures, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(check, pictures):
            pass


def test_a_day_ends_the_same_at_whatever_moments_its_runs_died(given: Path, tmp_path: Path) -> None:
    whole = case(tmp_path / "case", given, ENGINE)
    pictures = album(whole)
    closing = [picture for picture in pictures if picture.name.endswith("_close")]
    before = [picture for picture in pictures if picture not in closing]
    assert len(closing) > 100
    expected = left(whole)
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    # Of every second picture the run that goes on is killed too.
    again = {picture: chance.randint(1, LONGEST) for picture in [*before[::14], *closing[::2]]}

    def check(picture: Path) -> None:
        broken = Case(picture)
        if picture in again:
            broken.killed(again[picture])
        assert broken.run() == 0, broken.log
        assert left(broken) == expected, (picture.name, again.get(picture))
        assert audit(broken.release, None, allow_test=True).verdict

    each(check, [*before[::7], *closing])


def test_a_day_is_registered_once_and_published_at_whatever_moment_its_close_died(given: Path, tmp_path: Path) -> None:
    pictures = album(case(tmp_path / "case", given, ENGINE, test=""), ("_close",))
    staged = [picture for picture in pictures if Case(picture).register.exists()]
    assert len(staged) > 90
    # Those from the entry in the register to its commit: the day is staged again.
    again = [picture for picture in staged if not Case(picture).state["days"]["2026-06-12"]["files"]]

    def check(picture: Path) -> None:
        broken = Case(picture)
        entered = broken.register.read_bytes()
        assert broken.run() == 0, broken.log
        assert audit(broken.release, None).verdict
        (line,) = broken.register.read_text(encoding="utf-8").splitlines()
        assert line.encode() == entered.strip() or not entered
        first = json.loads((broken.release / "manifest/chain/000001.json").read_bytes())
        registered = json.loads(line)
        assert (registered["release_id"], registered["key_id"]) == (first["release_id"], first["key"]["key_id"])
        assert not any((broken.working / "keys").iterdir())

    each(check, [*again[::2], *staged[len(again) :: 6]])
