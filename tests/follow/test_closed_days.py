"""Of a privacy day that is closed nothing stays in the working directory but counts, also after a kill."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from rich.console import Console

from anonymization.audit import audit
from anonymization.key_log import CREATED, problems, read
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.follow.command import Watching, begun_follower
from pipelines.follow.display import Display
from pipelines.follow.files import FileFollower
from pipelines.follow.follower import Follower
from pipelines.follow.log import silent
from pipelines.follow.terms import Terms
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from tests.follow.delivered import QUIET, Place, deliver, follower, place, with_key_files
from tests.oracle.generate import Generated

FIRST, SECOND = date(2026, 6, 12).isoformat(), date(2026, 6, 13).isoformat()


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


@pytest.mark.slow
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
@pytest.mark.slow
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
@pytest.mark.slow
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


def begun(of: Place) -> Follower:
    """A follower as the command begins it where another was killed."""
    terms = Terms(load(of.config), silent)
    terms.read()
    watching = Watching(QUIET, Display(Console(), "UTC", quiet=True), silent)
    return begun_follower(terms, working(of), working(of).load(), watching)


@pytest.mark.parametrize("test_key", [False, True])
@pytest.mark.slow
def test_a_key_made_in_a_step_that_was_killed_stays_the_key_of_its_day(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test_key: bool
) -> None:
    to = place(tmp_path / "place", given) if test_key else with_key_files(tmp_path / "place", given)
    whole = WorkingDirectory.commit

    def dying(self: WorkingDirectory, state: State) -> None:
        known = self.load()
        if known is not None and SECOND in state.days and SECOND not in known.days:
            raise KeyboardInterrupt
        whole(self, state)

    found, kills = begun(to), 0
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
        with monkeypatch.context() as patched:
            patched.setattr(WorkingDirectory, "commit", dying if not kills else whole)
            try:
                found.round()
            except KeyboardInterrupt:
                kills += 1
        if kills and SECOND not in found.state.days:
            found = begun(to)
    assert kills == 1
    assert found.state.days[FIRST].status == "closed"
    lines = read(found.working.key_log.content())
    assert list(problems(lines)) == []
    assert [line.event for line in lines if line.day == SECOND].count(CREATED) == 1
    assert audit(to.release, allow_test=test_key).verdict
