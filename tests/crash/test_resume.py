"""What a run that goes on refuses, leaves alone and cleans up."""

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from tests.crash import runs
from tests.crash.runs import Case, case, files, left

ENGINE = "shards = 2\nworkers = 1\nstep_rows = 1500"
FIRST, SECOND = "2026-06-12", "2026-06-13"
CELL = "208-01-0000-0"


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return runs.inputs(tmp_path_factory.mktemp("inputs") / "given", 300, 6000, 2)


@pytest.fixture(scope="module")
def whole(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    unbroken = case(tmp_path_factory.mktemp("whole") / "case", given, ENGINE)
    assert unbroken.run() == 0, unbroken.log
    return unbroken


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


# Configurations


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("shards = 2", "shards = 3", "shards"),
        ("[release]", "[policy]\nk = 25\n[release]", "policy"),
        ("zones.geojson", "other.geojson", "zones"),
    ],
)
def test_a_release_goes_on_only_with_the_configuration_that_it_began_with(
    given: Path, whole: Case, tmp_path: Path, old: str, new: str, named: str
) -> None:
    zones = (given / "zones.geojson").read_text(encoding="utf-8")
    (given / "other.geojson").write_text(zones.replace('"name": "', '"name": "New ', 1), encoding="utf-8")
    broken = case(tmp_path / "case", given, ENGINE)
    written = broken.config.read_text(encoding="utf-8")
    for phase, moment, code in [("_fold", 60, 2), ("_close", 260, 3)]:
        assert broken.killed(moment, phase)
        assert any(known["status"] != "open" for known in broken.state["days"].values()) == (code == 3)
        broken.config.write_text(written.replace(old, new), encoding="utf-8")
        assert f"{named} changed since this release was begun" in refused(broken, code)
        broken.config.write_text(written, encoding="utf-8")
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


def test_a_run_that_died_before_its_first_commit_may_begin_again_with_another_configuration(
    given: Path, tmp_path: Path
) -> None:
    broken, other = case(tmp_path / "broken", given, "step_rows = 6000"), case(tmp_path / "other", given, ENGINE)
    assert broken.killed(60, "_ingest")
    assert broken.state == {}
    assert len(list((broken.working / "dead_letters").iterdir())) > 1
    shutil.copy(other.config, broken.config)
    assert broken.run() == other.run() == 0, broken.log + other.log
    assert left(broken) == left(other)


def test_a_run_that_died_before_its_first_commit_leaves_nothing_when_the_next_is_refused(
    given: Path, tmp_path: Path
) -> None:
    mine = own(given, tmp_path)
    broken = case(tmp_path / "case", mine, ENGINE)
    assert broken.killed(25, "_ingest")
    assert broken.state == {}
    assert any((broken.working / "keys").iterdir())
    (mine / "events" / "part-0003.parquet").write_bytes(b"torn")
    assert broken.run() == 2, broken.log
    assert sorted(path.name for path in broken.folder.iterdir()) == ["hexaflux.toml", "log"]


# Events


def test_a_file_that_was_there_when_the_release_was_begun_must_still_be_read(
    given: Path, whole: Case, tmp_path: Path
) -> None:
    mine = own(given, tmp_path)
    broken = case(tmp_path / "case", mine, ENGINE)
    assert broken.killed(120, "_ingest")
    assert broken.state["unread"]
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


def test_events_that_come_while_a_day_is_followed_are_late(given: Path, whole: Case, tmp_path: Path) -> None:
    mine = own(given, tmp_path)
    broken = case(tmp_path / "case", mine, ENGINE)
    assert broken.killed(75, "_fold")
    assert broken.state["days"][FIRST]["bucket"] > broken.state["days"][SECOND]["bucket"] == 0
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
    assert list((complete.working / "keys").iterdir()) == []
    assert left(complete)["released"] == left(whole)["released"]


def test_a_complete_release_is_left_alone_even_without_its_events(given: Path, tmp_path: Path) -> None:
    mine = own(given, tmp_path)
    complete = case(tmp_path / "case", mine, ENGINE)
    assert complete.run() == 0, complete.log
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
    process = first.start()
    while not first.state:
        time.sleep(0.01)
    assert process.pid
    os.kill(process.pid, signal.SIGSTOP)
    before = files(first.folder)
    assert "another run of this release is at work" in refused(second, 4)
    assert files(first.folder) == before
    os.kill(process.pid, signal.SIGCONT)
    process.join()
    assert process.exitcode == 0, first.log
    assert left(first) == left(whole)


@pytest.mark.parametrize(("moment", "phase"), [(1, "_ingest"), (100, "_ingest"), (80, "_fold"), (90, "_close")])
def test_an_interrupted_run_says_so_in_its_exit_code_and_goes_on(
    given: Path, whole: Case, tmp_path: Path, moment: int, phase: str
) -> None:
    broken = case(tmp_path / "case", given, ENGINE)
    assert broken.run(partial(runs.signalled, signal.SIGINT, moment, phase)) == 130, broken.log
    assert "Traceback" not in broken.log
    assert broken.run() == 0, broken.log
    assert left(broken) == left(whole)


def test_the_command_itself_can_be_interrupted_and_killed(given: Path, whole: Case, tmp_path: Path) -> None:
    broken = case(tmp_path / "case", given, ENGINE)
    command = [Path(sys.executable).with_name("hexaflux"), "run", "--quiet", broken.config]
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


@pytest.mark.parametrize("copied", [False, True])
def test_a_second_release_of_a_day_is_refused_and_writes_nothing(given: Path, tmp_path: Path, copied: bool) -> None:
    first = case(tmp_path / "first", given, ENGINE, test="")
    assert first.run() == 0, first.log
    assert audit(first.release, None).verdict
    entered = first.register.read_bytes()
    assert len(entered.splitlines()) == 2
    source = own(given, tmp_path) if copied else given
    sections = f'directory = "release"\nregister = "{first.register}"'
    second = case(tmp_path / "second", source, ENGINE, test="", release=sections)
    assert f"privacy day {FIRST} of this source is already published" in refused(second, 3)
    assert first.register.read_bytes() == entered
    assert first.run() == 0, first.log
    assert "nothing was changed" in first.log


def test_a_run_that_was_overtaken_by_another_release_publishes_nothing(given: Path, tmp_path: Path) -> None:
    first = case(tmp_path / "first", given, ENGINE, test="")
    second = case(
        tmp_path / "second", given, ENGINE, test="", release=f'directory = "release"\nregister = "{first.register}"'
    )
    assert first.killed(60, "_fold")
    assert second.run() == 0, second.log
    entered = first.register.read_bytes()
    assert first.run() == 3, first.log
    assert not first.release.exists()
    assert first.register.read_bytes() == entered
