"""Of a privacy day that is closed nothing stays in the working directory but counts, also after a kill."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.follow.files import FileFollower
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from tests.follow.delivered import QUIET, TEST, Place, deliver, follower, in_delay, place, town
from tests.oracle.generate import Generated

FIRST, SECOND = date(2026, 6, 12).isoformat(), date(2026, 6, 13).isoformat()
ENDS = 54


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("closed") / "town", events=30_000)


@pytest.fixture(scope="module")
def deliveries(given: Generated) -> list[pa.Table]:
    return in_delay(given.events, 20)[:ENDS]


def with_key_files(folder: Path, given: Generated) -> Place:
    """A place whose day keys are files, as those of all but test releases."""
    found = place(folder, given)
    found.config.write_text(found.config.read_text(encoding="utf-8").replace(TEST, ""), encoding="utf-8")
    return found


def working(of: Place) -> WorkingDirectory:
    return WorkingDirectory(of.release.with_name("release.work"))


def left(of: Place) -> set[str]:
    """What stands in the working directory and in the folder of its keys, but for what is said to be kept."""
    at = working(of)
    found = {str(path.relative_to(at.path)) for path in at.path.rglob("*") if path.is_file()}
    keys = {f"keys/{path.name}" for path in at.keys.iterdir()} if at.keys.exists() else set()
    kept = ("dead_letters/", "history/", "inputs/", "quality/")
    return {name for name in found | keys if not name.startswith(kept)} - {"state.json", "key_log.jsonl"}


def of_open_days(of: Place) -> set[str]:
    """What the state names of days that are not closed."""
    state = working(of).load()
    assert state is not None
    open_days = {day for day, known in state.days.items() if known.status != "closed"}
    return {f"steps/{file}" for file in state.step_files()} | {f"keys/{day}.key" for day in open_days}


def killed_before_sweeping(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """A sweep that dies as soon as a day has a status: what was to be removed then stays."""
    whole = WorkingDirectory.sweep

    def dying(self: WorkingDirectory, state: State) -> None:
        if any(known.status == status for known in state.days.values()):
            raise KeyboardInterrupt
        whole(self, state)

    monkeypatch.setattr(WorkingDirectory, "sweep", dying)


def test_of_a_day_that_was_followed_nothing_is_left(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = with_key_files(tmp_path / "place", given)
    found = follower(to)
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
        found.round()
    assert found.state.days[FIRST].status == "closed"
    assert left(to) == of_open_days(to)
    assert any(name.endswith(f"{SECOND}.arrow") for name in left(to))
    assert not any(FIRST in name for name in left(to))


def rounds(found: FileFollower) -> None:
    while found.round():
        pass


@pytest.mark.parametrize(("status", "remains"), [("staged", "/closed-00000.arrow"), ("closed", f"staged/{FIRST}/")])
def test_of_a_day_that_was_followed_nothing_is_left_after_a_kill_before_it_is_swept_away(
    given: Generated,
    deliveries: list[pa.Table],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    remains: str,
) -> None:
    to = with_key_files(tmp_path / "place", given)
    found = follower(to)
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
    with monkeypatch.context() as patched:
        killed_before_sweeping(patched, status)
        with pytest.raises(KeyboardInterrupt):
            rounds(found)
    assert any(remains in name for name in left(to) - of_open_days(to))
    again = follower(to)
    assert {name for name in left(to) if not name.startswith("staged/")} == of_open_days(to)
    rounds(again)
    assert left(to) == of_open_days(to)
    assert not any(FIRST in name for name in left(to))


@pytest.mark.parametrize("killed", [False, True])
def test_of_days_that_were_run_nothing_is_left(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    to = with_key_files(tmp_path / "place", given)
    deliver(to, given.events, "all")
    if killed:
        with monkeypatch.context() as patched:
            killed_before_sweeping(patched, "closed")
            with pytest.raises(KeyboardInterrupt):
                run(load(to.config), QUIET)
        assert left(to) - of_open_days(to)
    run(load(to.config), QUIET)
    assert left(to) == set()
