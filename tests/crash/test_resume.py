"""What a run that goes on refuses, leaves alone and cleans up."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.crash import runs
from tests.crash.runs import Case, album, case, files, left

ENGINE = "shards = 2\nworkers = 1\nstep_rows = 2000"
FIRST, SECOND = "2026-06-12", "2026-06-13"
CELL = "208-01-0000-0"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.inputs(tmp_path_factory.mktemp("inputs") / "given", 300, 6000, 2)


@pytest.fixture(scope="module")
def pictures(given: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What stands on the disk at every moment of a run, which `whole` is at its end."""
    return album(case(tmp_path_factory.mktemp("whole") / "case", given, ENGINE))


@pytest.fixture(scope="module")
def whole(pictures: list[Path]) -> Case:
    return Case(pictures[0].parent.with_name("case"))


def stopped(pictures: list[Path], folder: Path, when: Callable[[Case], bool], given: Path | None = None) -> Case:
    """A run that died at the first moment of which something is true; it goes on with other inputs, if given."""
    found = Case(Path(shutil.copytree(next(picture for picture in pictures if when(Case(picture))), folder)))
    if given:
        text = re.sub('"/.*/given/', f'"{given}/', found.config.read_text(encoding="utf-8"))
        found.config.write_text(text, encoding="utf-8")
    return found


def uncommitted(of: Case) -> bool:
    """Whether events of the first step are spooled."""
    return not of.state and any(of.working.glob("steps/*/spool*"))


def reading(of: Case) -> bool:
    """Whether some fragments are committed and others not."""
    return bool(of.state.get("unread")) and any(of.working.glob("steps/*/*.tmp"))


def following(of: Case) -> bool:
    """Whether the fold is in the midst of the first day."""
    return bool(of.state) and of.state["days"].get(FIRST, {"bucket": 0})["bucket"] > 0


def closing(of: Case) -> bool:
    """Whether the first day is final and waits to be published."""
    return bool(of.state) and of.state["days"].get(FIRST, {"status": ""})["status"] == "staged"


def own(given: Path, tmp_path: Path) -> Path:
    """A copy of the inputs that a test may change; sizes and times are kept."""
    return Path(shutil.copytree(given, tmp_path / "given"))


def refused(of: Case, code: int) -> str:
    """Run; what is told by a refusal that leaves everything on the disk as it is."""
    (of.folder / "log").unlink(missing_ok=True)
    before = files(of.folder)
    assert of.run() == code, of.log
    told = of.log
    assert [line.partition(":")[0] for line in told.splitlines()] == ["Error", "Hint"], told
    (of.folder / "log").unlink()
    assert files(of.folder) == before
    return told


def deliver(given: Path, events: list[tuple[str, str]]) -> None:
    """One more file of events: the day and the cell of each, at noon UTC."""
    day, cell = zip(*events, strict=True)
    time = [datetime.fromisoformat(f"{one}T12:00:00+00:00") for one in day]
    columns = {"event_time": pa.array(time, pa.timestamp("us", tz="UTC")), "cell_id": cell}
    table = pa.table({**columns, "subscriber_id": ["208019999999999"] * len(events)})
    pq.write_table(table, given / "events" / "part-9999.parquet")


def published(of: Case, day: str) -> dict[str, str]:
    """The files of a privacy day, with their SHA-256."""
    return {name: digest for name, digest in files(of.release).items() if f"date={day}/" in name}


def stands_still(pid: int) -> bool:
    """Whether a process was stopped by a signal."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"


# Configurations


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("shards = 2", "shards = 3", "shards"),
        ("[release]", "[policy]\nk = 25\n[release]", "policy"),
        ("zones.geojson", "other.geojson", "zones"),
    ],
)
@pytest.mark.slow
def test_a_release_goes_on_only_with_the_configuration_that_it_began_with(
    given: Path, pictures: list[Path], whole: Case, tmp_path: Path, old: str, new: str, named: str
) -> None:
    zones = (given / "zones.geojson").read_text(encoding="utf-8")
    (given / "other.geojson").write_text(zones.replace('"name": "', '"name": "New ', 1), encoding="utf-8")
    for when, code in [(following, 2), (closing, 3)]:
        broken = stopped(pictures, tmp_path / when.__name__, when)
        written = broken.config.read_text(encoding="utf-8")
        broken.config.write_text(written.replace(old, new), encoding="utf-8")
        assert f"{named} changed since this release was begun" in refused(broken, code)
        broken.config.write_text(written, encoding="utf-8")
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


@pytest.mark.slow
def test_a_run_that_died_before_its_first_commit_may_begin_again_with_another_configuration(
    given: Path, pictures: list[Path], whole: Case, tmp_path: Path
) -> None:
    broken = case(tmp_path / "case", given, "step_rows = 6000")
    letters = broken.working / "dead_letters"
    moment = 20
    while not letters.exists() or len(list(letters.iterdir())) < 2:
        assert broken.killed(moment, "_ingest")
        moment += 20
    assert broken.state == {}
    shutil.copy(whole.config, broken.config)
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


def test_a_run_that_died_before_its_first_commit_leaves_nothing_when_the_next_is_refused(
    given: Path, pictures: list[Path], tmp_path: Path
) -> None:
    mine = own(given, tmp_path)
    broken = stopped(pictures, tmp_path / "case", uncommitted, mine)
    assert any((broken.working / "keys").iterdir())
    (mine / "events" / "part-0003.parquet").write_bytes(b"torn")
    assert broken.run() == 2, broken.log
    assert sorted(path.name for path in broken.folder.iterdir()) == ["hexaflux.toml", "log"]


# Events


def test_a_file_that_was_there_when_the_release_was_begun_must_still_be_read(
    given: Path, pictures: list[Path], whole: Case, tmp_path: Path
) -> None:
    mine = own(given, tmp_path)
    broken = stopped(pictures, tmp_path / "case", reading, mine)
    last = mine / "events" / broken.state["unread"][-1].partition("#")[0]
    last.rename(tmp_path / "away")
    assert broken.run() == 2
    assert f"Error: {last.name}: expected the rest of a file" in broken.log
    (mine / "events").rename(tmp_path / "all away")
    refused(broken, 2)
    (tmp_path / "all away").rename(mine / "events")
    (tmp_path / "away").rename(last)
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


def test_events_that_come_while_a_day_is_followed_are_late(
    given: Path, pictures: list[Path], whole: Case, tmp_path: Path
) -> None:
    mine = own(given, tmp_path)
    broken = stopped(pictures, tmp_path / "case", following, mine)
    deliver(mine, [(FIRST, CELL), (FIRST, "nowhere"), (SECOND, CELL)])
    assert broken.run() == 0, broken.log
    counted, before = broken.state["accounting"], whole.state["accounting"]
    grown = {name: counted[name] - before[name] for name in ("rows_in", "accepted", "duplicates", "late")}
    assert grown == {"rows_in": 3, "accepted": 1, "duplicates": 0, "late": 1}
    assert counted["rejected"]["unknown cell"] == before["rejected"]["unknown cell"] + 1
    assert published(broken, FIRST) == published(whole, FIRST)
    assert published(broken, SECOND)


def test_a_day_without_an_event_that_counts_leaves_no_key(given: Path, whole: Case, tmp_path: Path) -> None:
    mine = own(given, tmp_path)
    deliver(mine, [("2026-06-20", "nowhere")])
    complete = case(tmp_path / "case", mine, ENGINE)
    assert complete.run() == 0, complete.log
    assert list(complete.state["days"]) == [FIRST, SECOND]
    assert not (complete.working / "keys").exists()
    assert left(complete)["released"] == left(whole)["released"]


def test_a_complete_release_is_left_alone_even_without_its_events(given: Path, whole: Case, tmp_path: Path) -> None:
    mine = own(given, tmp_path)
    complete = stopped([whole.folder], tmp_path / "case", lambda _: True, mine)
    shutil.rmtree(mine / "events")
    (complete.folder / "log").unlink()
    before = files(complete.folder)
    assert complete.run() == 0, complete.log
    assert "nothing was changed" in complete.log
    (complete.folder / "log").unlink()
    assert files(complete.folder) == before


# Signals and other runs


def test_a_second_run_of_a_release_is_refused_and_the_first_unharmed(given: Path, whole: Case, tmp_path: Path) -> None:
    first = case(tmp_path / "first", given, ENGINE)
    second = case(tmp_path / "second", given, ENGINE, release=f'directory = "{first.release}"')
    process = first.start(partial(runs.signalled, signal.SIGSTOP, 30, "count"))
    assert process.pid
    while not stands_still(process.pid):
        time.sleep(0.01)
    before = files(first.folder)
    assert "another run of this release is at work" in refused(second, 4)
    assert files(first.folder) == before
    os.kill(process.pid, signal.SIGCONT)
    process.join()
    assert process.exitcode == 0, first.log
    assert left(first) == left(whole)


@pytest.mark.parametrize(("when", "moment"), [(uncommitted, 25), (following, 20), (closing, 20)])
@pytest.mark.slow
def test_an_interrupted_run_says_so_in_its_exit_code_and_goes_on(
    pictures: list[Path], whole: Case, tmp_path: Path, when: Callable[[Case], bool], moment: int
) -> None:
    broken = stopped(pictures, tmp_path / "case", when)
    assert broken.run(partial(runs.signalled, signal.SIGINT, moment, "run")) == 130, broken.log
    assert [line.partition(":")[0] for line in broken.log.splitlines()] == ["Error", "Hint"], broken.log
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


@pytest.mark.slow
def test_the_command_itself_can_be_interrupted_and_killed(given: Path, whole: Case, tmp_path: Path) -> None:
    broken = case(tmp_path / "case", given, ENGINE)
    command: list[str | Path] = [Path(sys.executable).with_name("hexaflux"), "run", "--quiet", broken.config]
    for sent, steps, code in [(signal.SIGINT, 1, 130), (signal.SIGKILL, 2, -9)]:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
        while process.poll() is None and broken.state.get("step", 0) < steps:
            time.sleep(0.01)
        os.killpg(process.pid, sent)
        told = process.communicate()[1].splitlines()
        assert [line.partition(b":")[0] for line in told] == ([b"Error", b"Hint"] if sent == signal.SIGINT else [])
        assert process.returncode == code
    assert subprocess.run(command, check=False).returncode == 0
    assert left(broken) == left(whole) | {"beside": sorted(path.name for path in broken.folder.iterdir())}


# The register of publications


@pytest.fixture(scope="module")
def registered(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    first = case(tmp_path_factory.mktemp("registered") / "case", given, ENGINE, test="")
    assert first.run() == 0, first.log
    assert len(first.register.read_text(encoding="utf-8").splitlines()) == 2
    return first


@pytest.mark.parametrize("copied", [False, True])
def test_a_second_release_of_a_day_is_refused_and_writes_nothing(
    given: Path, registered: Case, tmp_path: Path, copied: bool
) -> None:
    before = files(registered.folder)
    source = own(given, tmp_path) if copied else given
    sections = f'directory = "release"\nregister = "{registered.register}"'
    second = case(tmp_path / "second", source, ENGINE, test="", release=sections)
    assert f"privacy day {FIRST} of this source is already published" in refused(second, 3)
    assert files(registered.folder) == before


def test_a_run_that_was_overtaken_by_another_release_publishes_nothing(
    given: Path, registered: Case, tmp_path: Path
) -> None:
    broken = case(tmp_path / "case", given, ENGINE, test="")
    assert broken.killed(30, "count")
    shutil.copy(registered.register, broken.register)
    assert broken.run() == 3, broken.log
    assert not broken.release.exists()
    assert files(broken.folder)["publications.jsonl"] == files(registered.folder)["publications.jsonl"]
