import os
import shutil
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest

from anonymization.command_keys import CommandKeys
from anonymization.key_log import read
from anonymization.keys import KeyStore
from pipelines.configuration import load
from pipelines.state import DayState, Spool, State
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration, Input, ReleaseSettings, Test
from schemas.errors import SystemFailure, UsageError

DAY = "2026-06-13"


@pytest.fixture
def working(tmp_path: Path) -> WorkingDirectory:
    (tmp_path / "release.work").mkdir()
    return WorkingDirectory(tmp_path / "release.work")


def make(working: WorkingDirectory, *names: str) -> None:
    for name in names:
        (working.path / name).parent.mkdir(parents=True, exist_ok=True)
        (working.path / name).touch()


def standing(working: WorkingDirectory) -> list[str]:
    files = (path for path in working.path.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(working.path)) for path in files)


def state(day: DayState, step: int = 2) -> State:
    return State("release", {}, step=step, days={DAY: day})


def test_what_is_committed_is_loaded(working: WorkingDirectory) -> None:
    committed = state(DayState(spools=(Spool("000001/a", (0, 3), (10, 20)),)))
    assert working.load() is None
    working.commit(committed)
    assert working.load() == committed
    assert standing(working) == ["state.json"]
    assert (working.path / "state.json").stat().st_mode & 0o077 == 0


def test_a_damaged_state_is_a_failure(working: WorkingDirectory) -> None:
    (working.path / "state.json").write_text('{"release_id": ')
    with pytest.raises(SystemFailure, match=r"state\.json: expected the state of a run"):
        working.load()


def test_what_a_state_does_not_name_is_swept_away(working: WorkingDirectory) -> None:
    make(working, "steps/000001/a", "steps/000001/b", "steps/000001/.a.tmp", "steps/000003/c", ".state.json.x1.tmp")
    make(working, "dead_letters/000002-000.parquet", "dead_letters/000003-000.parquet")
    make(working, "dead_letters/.000003-001.parquet.tmp", f"staged/{DAY}/presence/part", "keys/2026-06-13.key", "notes")
    working.sweep(state(DayState(spools=(Spool("000001/a", (0,), (1,)),))))
    assert standing(working) == [
        "dead_letters/000002-000.parquet",
        "keys/2026-06-13.key",
        "notes",
        "steps/000001/a",
    ]
    assert not (working.path / "steps" / "000003").exists()


def test_what_waits_for_publication_stays_until_the_day_is_closed(working: WorkingDirectory) -> None:
    make(working, f"staged/{DAY}/part")
    working.sweep(state(DayState("staged")))
    assert standing(working) == [f"staged/{DAY}/part"]
    working.sweep(state(DayState("closed")))
    assert standing(working) == []


def test_a_cleared_directory_holds_nothing_of_a_run_but_all_else(working: WorkingDirectory) -> None:
    working.commit(state(DayState()))
    make(working, "steps/000001/a", "dead_letters/b", "staged/c", "notes")
    KeyStore(working.keys).create_or_open(date(2026, 6, 13))
    assert "key_log.jsonl" in standing(working)
    working.remove(KeyStore(working.keys))
    assert standing(working) == ["notes"]
    (working.path / "notes").unlink()
    working.remove(KeyStore(working.keys))
    assert not working.path.exists()


def test_keys_in_memory_go_with_a_cleared_directory(working: WorkingDirectory) -> None:
    keys = KeyStore(working.keys, in_memory=True)
    keys.create_or_open(date(2026, 6, 13))
    place = working.keys.resolve()
    assert (place / "2026-06-13.key").exists()
    working.remove(KeyStore(working.keys))
    assert not place.exists()
    assert not working.path.exists()


def test_a_run_that_begins_anew_destroys_the_keys_of_a_directory_that_was_removed_by_hand(
    working: WorkingDirectory,
) -> None:
    KeyStore(working.keys, in_memory=True).create_or_open(date(2026, 6, 13))
    place = working.keys.resolve()
    shutil.rmtree(working.path)
    with working.locked():
        working.clear(KeyStore(working.keys))
    assert not place.exists()


def test_keys_of_another_service_are_destroyed_before_their_log_goes(working: WorkingDirectory) -> None:
    class Service(KeyStore):
        """Keys somewhere else; `logged` is what the log said when they were destroyed."""

        logged: ClassVar[list[bytes]] = []

        def destroy_all_but(self, days: Collection[date], since: date = date.max) -> None:
            super().destroy_all_but(days, since)
            self.logged.append(working.key_log.content())

    keys = Service(working.keys)
    keys.create_or_open(date(2026, 6, 13))
    working.clear(keys)
    assert [line.event for line in read(Service.logged[0])] == ["created", "destroyed"]
    assert standing(working) == []


@pytest.mark.parametrize(
    ("sections", "service"),
    [
        ({}, KeyStore),
        ({"key_service": ("./keys",)}, CommandKeys),
    ],
)
def test_the_configuration_names_the_key_service(
    working: WorkingDirectory, tmp_path: Path, sections: dict[str, tuple[str, ...]], service: type
) -> None:
    release = ReleaseSettings(tmp_path / "release", **sections)
    given = Input(events=tmp_path, cells=tmp_path, zones=tmp_path)
    configuration = Configuration(path=tmp_path / "hexaflux.toml", input=given, release=release)
    keys = working.key_service(configuration)
    assert isinstance(keys, service)
    if isinstance(keys, CommandKeys):
        assert (keys.command, keys.folder) == (("./keys",), tmp_path)
    else:
        assert keys == KeyStore(working.keys, None, in_memory=True)
        tested = replace(configuration, test=Test(day_key="ab" * 32))
        assert working.key_service(tested) == KeyStore(working.keys, "ab" * 32, in_memory=True)


MINIMUM = '[input]\nevents = "e"\ncells = "c"\nzones = "z"\n[release]\ndirectory = "r"\n'


def test_a_key_service_is_a_command_of_words(tmp_path: Path) -> None:
    (tmp_path / "hexaflux.toml").write_text(MINIMUM + 'key_service = ["python3", "vault_keys.py"]\n')
    assert load(tmp_path / "hexaflux.toml").release.key_service == ("python3", "vault_keys.py")
    (tmp_path / "hexaflux.toml").write_text(MINIMUM)
    assert load(tmp_path / "hexaflux.toml").release.key_service is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("key_service = []", "[release] key_service: expected a command, each word in quotes"),
        ('key_service = "vault_keys.py"', "[release] key_service: expected a list"),
        ("key_service = [1]", "[release] key_service item 1: expected a text in quotes"),
        ('key_service = ["a", " "]', "[release] key_service item 2: expected a text that is not blank"),
        (f'key_service = ["a"]\n[test]\nday_key = "{"ab" * 32}"', "[test] day_key: expected none beside [release]"),
    ],
)
def test_another_key_service_is_refused_and_no_key_is_shown(tmp_path: Path, written: str, expected: str) -> None:
    (tmp_path / "hexaflux.toml").write_text(MINIMUM + written + "\n")
    with pytest.raises(UsageError) as refusal:
        load(tmp_path / "hexaflux.toml")
    assert refusal.value.message.startswith(expected), refusal.value.message
    assert "abab" not in refusal.value.message + refusal.value.hint


def test_a_directory_is_held_by_one_run_and_closed_to_others(working: WorkingDirectory) -> None:
    with working.locked():
        assert working.path.stat().st_mode & 0o077 == 0
        with pytest.raises(SystemFailure, match="another run of this release is at work"), working.locked():
            pass
    with working.locked():
        pass


def test_an_error_in_the_midst_of_a_run_is_not_taken_for_another_run(working: WorkingDirectory) -> None:
    def block() -> None:
        with working.locked():
            raise BlockingIOError(11, os.strerror(11))

    with pytest.raises(BlockingIOError):
        block()
