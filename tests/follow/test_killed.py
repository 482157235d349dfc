"""A follower that is killed, and begun again, ends as one that was never killed."""

import multiprocessing
import random
import shutil
import signal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pyarrow as pa
import pytest

from anonymization.audit import audit
from anonymization.entries import DAY
from anonymization.manifest import read_chain
from pipelines.follow.files import FileFollower
from pipelines.working_directory import WorkingDirectory
from tests.crash import moments
from tests.crash.runs import files
from tests.follow.delivered import Place, deliver, follower, in_delay, place, town
from tests.oracle.generate import Generated

KILLS = 8
SEED = 20260612
ENGINE = "[engine]\nstep_rows = 1000\nshards = 2\nworkers = 1\n"
"""So few rows that each delivery is a round of its own, whenever the follower was begun."""

_PHASES = ("round", "fold", "publish_windows", "close")
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pipelines.follow.follower", "tests.follow.delivered"])


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("follow") / "town", events=30_000)


@pytest.fixture(scope="module")
def deliveries(given: Generated) -> list[pa.Table]:
    """A day, and what comes of the next one until that day is over."""
    return in_delay(given.events, 25)[10:56]


def filled(folder: Path, given: Generated, deliveries: list[pa.Table]) -> Place:
    found = place(folder, given, ENGINE)
    for number, some in enumerate(deliveries):
        deliver(found, some, f"{number:04d}")
    return found


def take_all(of: Place, moment: int = 0) -> None:
    """Take all that is there, and die at a moment of it: before that call which changes the disk."""
    if moment:
        moments.before_each_call(moments.signal_at(signal.SIGKILL, moment, "run"), FileFollower, _PHASES)
    found = follower(of)
    with WorkingDirectory(of.release.with_name("release.work")).locked():
        while found.round():
            pass


def begin(of: Place, moment: int = 0) -> ForkServerProcess:
    process = _CONTEXT.Process(target=take_all, args=(of, moment))
    process.start()
    return process


def watch_close(of: Place, album: Path) -> None:
    """Take all that is there, and copy the folder as it stands at each moment at which a kill may split a close."""
    moments.before_each_call(moments.copy_to(album, of.folder, ("close",)), FileFollower, _PHASES)
    take_all(of)


def entries(of: Place) -> list[tuple[object, object, object]]:
    return [(entry.kind, entry.privacy_day, entry.block("files")) for entry in read_chain(of.release)]


def parquet(of: Place) -> dict[str, str]:
    return {name: digest for name, digest in files(of.release).items() if name.endswith(".parquet")}


@pytest.mark.slow
def test_a_follower_killed_again_and_again_releases_what_one_does_that_never_was(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    whole, broken = (filled(tmp_path / name, given, deliveries) for name in ("whole", "broken"))
    take_all(whole)
    assert {kind for kind, *_ in entries(whole)} == {"windows", "day", "key_destroyed"}
    chance = random.Random(SEED)
    for _ in range(KILLS):
        # A round makes some hundred calls that change the disk; there are rounds enough for all of these kills.
        process = begin(broken, chance.randint(1, 300))
        process.join()
        assert process.exitcode == -signal.SIGKILL
    take_all(broken)
    assert entries(broken) == entries(whole)
    assert parquet(broken) == parquet(whole)
    ours, theirs = (follower(of).state for of in (broken, whole))
    assert ours.accounting == theirs.accounting
    assert ours.accounting.balances
    assert audit(broken.release, allow_test=True).verdict
    assert not list(broken.release.parent.rglob("*.tmp"))


@pytest.mark.slow
def test_a_day_whose_close_died_at_any_moment_ends_in_the_same_files(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    whole, album = filled(tmp_path / "whole", given, deliveries), tmp_path / "album"
    album.mkdir()
    process = _CONTEXT.Process(target=watch_close, args=(whole, album))
    process.start()
    process.join()
    assert process.exitcode == 0
    pictures = [Place(picture) for picture in sorted(album.iterdir())]
    both = [of for of in pictures if names(of) > {"part-0.parquet"}]
    stated = [of for of in both if DAY in {kind for kind, *_ in entries(of)}]
    partly = [of for of in stated if len(windows(of)) < len(windows(stated[0]))]
    assert len(both) > len(stated) > len(partly) > 3
    # Before the entry of the day, after it, and between the files that go.
    assert not audit(both[0].release, allow_test=True).verdict
    assert audit(partly[0].release, allow_test=True).verdict
    chance = random.Random(SEED)
    some = [both[0], stated[0], partly[0], *chance.sample(pictures, 2)]
    for number, picture in enumerate(some):
        broken = Place(Path(shutil.copytree(picture.folder, tmp_path / f"broken-{number}")))
        take_all(broken)
        assert entries(broken) == entries(whole), picture.folder.name
        assert parquet(broken) == parquet(whole), picture.folder.name
        assert not windows(broken)
        assert not list(broken.release.rglob("*.tmp"))
    assert audit(broken.release, allow_test=True).verdict


def windows(of: Place) -> list[Path]:
    """The files of windows of the day that is over."""
    return sorted(of.release.glob(f"*/date={town_day(of)}/part-from-*.parquet"))


def names(of: Place) -> set[str]:
    """How the files of presence of that day are named."""
    return {path.name for path in of.release.glob(f"presence/date={town_day(of)}/*.parquet")}


def town_day(of: Place) -> str:
    """The first privacy day that is released."""
    return min(str(day) for _, day, _ in entries(of))
