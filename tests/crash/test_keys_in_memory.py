"""Open keys in memory: a killed run goes on with them, and one whose machine was restarted cannot."""

import os
import shutil
from pathlib import Path

import pytest

from anonymization import memory
from anonymization.key_log import open_keys, problems, read
from tests.crash import runs
from tests.crash.runs import Case, case

ENGINE = "shards = 2\nworkers = 1\nstep_rows = 2000"
DAY = "2026-06-12"

pytestmark = pytest.mark.skipif(memory.base() is None, reason="this machine has no tmpfs to keep keys in")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.inputs(tmp_path_factory.mktemp("inputs") / "given", 300, 3500, 1)


@pytest.fixture
def killed(given: Path, tmp_path: Path) -> Case:
    """A run that died in the midst of the fold."""
    broken = case(tmp_path / "case", given, ENGINE)
    assert broken.killed(30, "count")
    return broken


def events(of: Case) -> list[tuple[str, str]]:
    """Event and reason of each line of the log, which is sound."""
    lines = read((of.working / "key_log.jsonl").read_bytes())
    assert list(problems(lines)) == []
    return [(line.event, line.reason) for line in lines]


def test_a_killed_run_goes_on_with_its_keys_in_memory_and_leaves_none_there(killed: Case) -> None:
    place = (killed.working / "keys").resolve()
    assert not place.is_relative_to(killed.folder)
    assert [path.name for path in place.iterdir()] == [f"{DAY}.key"]
    assert list(open_keys(read((killed.working / "key_log.jsonl").read_bytes()))) == [DAY]
    assert killed.run() == 0, killed.log
    assert not place.exists()
    assert not os.path.lexists(killed.working / "keys")
    assert [event for event, _ in events(killed)] == ["created", "last_used", "destroyed"]


def test_a_run_whose_machine_was_restarted_says_what_to_do_and_that_helps(killed: Case) -> None:
    shutil.rmtree((killed.working / "keys").resolve())
    before = events(killed)
    (killed.folder / "log").unlink()
    assert killed.run() == 4, killed.log
    error, hint = killed.log.splitlines()
    assert "Error: " in error
    assert f"expected the key of privacy day {DAY}" in error
    assert "do not outlive a restart of the machine" in error
    assert "remove the working directory and run again" in hint
    assert not killed.release.exists()
    assert events(killed) == before
    shutil.rmtree(killed.working)
    assert killed.run() == 0, killed.log
    assert [event for event, _ in events(killed)] == ["created", "last_used", "destroyed"]


def test_a_working_directory_that_was_removed_by_hand_leaves_no_key_behind_after_the_next_run(killed: Case) -> None:
    place = (killed.working / "keys").resolve()
    shutil.rmtree(killed.working)
    assert place.exists()
    assert killed.run() == 0, killed.log
    assert not place.exists()


def test_keys_on_the_disk_of_a_run_that_began_without_memory_go_on_being_used(killed: Case) -> None:
    place = (killed.working / "keys").resolve()
    (killed.working / "keys").unlink()
    shutil.copytree(place, killed.working / "keys")
    shutil.rmtree(place)
    assert killed.run() == 0, killed.log
    assert not (killed.working / "keys").exists()
    assert events(killed)[-1] == ("destroyed", "day is published")
