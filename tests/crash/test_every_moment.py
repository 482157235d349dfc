"""Every state of the disk that a kill can leave, and runs that go on from it; `make soak` takes them all."""

import json
import random
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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


@pytest.fixture(scope="module")
def pictures(given: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What stands on the disk at every moment of a run, which `whole` is at its end."""
    return album(case(tmp_path_factory.mktemp("whole") / "case", given, ENGINE))


@pytest.fixture(scope="module")
def whole(pictures: list[Path]) -> Case:
    return Case(pictures[0].parent.with_name("case"))


def is_final(of: Case) -> bool:
    """Whether the figures of the day are final: they wait to be published, or are."""
    return any(day["status"] != "open" for day in of.state.get("days", {}).values())


def each(check: Callable[[Path], None], pictures: Iterable[Path]) -> None:
    """Check the pictures, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(check, pictures):
            pass


@pytest.mark.parametrize(("every", "share"), [(10, 0.25), pytest.param(1, 1.0, marks=pytest.mark.soak)])
def test_a_day_ends_the_same_at_whatever_moments_its_runs_died(
    pictures: list[Path], whole: Case, tmp_path: Path, every: int, share: float
) -> None:
    publishing = [picture for picture in pictures if is_final(Case(picture))]
    before = [picture for picture in pictures if picture not in publishing]
    assert len(publishing) > 50
    expected = left(whole)
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    # At random: a step would meet the same calls of every file.
    some = [*before[::every], *sorted(chance.sample(publishing, int(share * len(publishing))))]
    # Of every third picture the run that goes on is killed too.
    again = {picture: chance.randint(1, LONGEST) for picture in some[::3]}

    def check(picture: Path) -> None:
        broken = Case(Path(shutil.copytree(picture, tmp_path / picture.name)))
        if picture in again:
            broken.killed(again[picture])
        assert broken.run() == 0, broken.log
        assert left(broken) == expected, (picture.name, again.get(picture))
        assert audit(broken.release, None, allow_test=True).verdict

    each(check, some)


@pytest.mark.parametrize("name", ["public.pem", "chain/000001.json", "chain/000002.json"])
def test_nothing_is_left_of_the_manifest_files_of_two_runs_that_died(
    pictures: list[Path], whole: Case, tmp_path: Path, name: str
) -> None:
    file = Path("release/manifest") / name
    picture = next(picture for picture in pictures if any((picture / file.parent).glob(f".{file.name}.*.tmp")))
    broken = Case(Path(shutil.copytree(picture, tmp_path / "case")))
    assert broken.run(partial(runs.killed_after, broken.folder / file)) == -9
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


@pytest.mark.slow
def test_a_day_is_registered_once_and_published_at_whatever_moment_its_close_died(given: Path, tmp_path: Path) -> None:
    pictures = album(case(tmp_path / "case", given, ENGINE, test=""), ("close",))
    staged = [picture for picture in pictures if Case(picture).register.exists()]
    assert len(staged) > 50
    # From the entry in the register to its commit, the day is staged again.
    again = [picture for picture in staged if not is_final(Case(picture))]

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
        assert not (broken.working / "keys").exists()

    each(check, [*again[::2], *staged[len(again) :: 6]])
