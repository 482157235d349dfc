"""A run whose reading and counting are a job of a cluster: what it publishes, and what ends it."""

import contextlib
import random
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from anonymization.audit import audit
from anonymization.manifest import read_chain
from pipelines import embedded
from pipelines.configuration import load
from pipelines.embedded import Outcome, run
from pipelines.flink.driver import FlinkDriver
from pipelines.flink.reading import NO_ROWS, Element
from pipelines.ingest import Receipt
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from schemas.errors import InputError, PrivacyRefusal, SystemFailure, UsageError
from tests.flink.following import FIRST, SECOND, committed, exchange, parquet
from tests.flink.played import PlayedCluster
from tests.flink.shelf import place
from tests.follow import delivered
from tests.follow.delivered import QUIET, TEST, Place, deliver, times
from tests.oracle.generate import Generated


def in_parts(to: Place, events: pa.Table, parts: int = 5) -> Place:
    """Events in some files, in no order."""
    rows = list(range(events.num_rows))
    random.Random(1).shuffle(rows)
    for part in range(parts):
        deliver(to, events.take(pa.array(sorted(rows[part::parts]))), f"{part:04d}")
    return to


@pytest.fixture(scope="module")
def whole(given: Generated, tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Outcome]:
    """The same by the embedded driver."""
    folder = tmp_path_factory.mktemp("whole") / "place"
    found = in_parts(delivered.place(folder, given, "[engine]\nshards = 2\n"), given.events)
    return found, run(load(found.config), QUIET)


def counted(to: Place) -> Outcome:
    return run(load(to.config), QUIET, FlinkDriver)


def stated(of: Place) -> list[tuple[str, str, object]]:
    """The entries of the manifest, with the files of each: what tells one release from another is left out."""
    return [(entry.kind, entry.privacy_day, entry.body.get("files")) for entry in read_chain(of.release)]


def killed_in(method: str, to: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill a driver at the beginning of what it does."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(FlinkDriver, method, killed)
        with pytest.raises(KeyboardInterrupt):
            counted(to)


@pytest.mark.parametrize("seed", [None, 1])
def test_a_job_gives_the_parquet_of_the_embedded_driver_byte_for_byte_whatever_the_turns_of_its_readers(
    given: Generated, whole: tuple[Place, Outcome], cluster: PlayedCluster, tmp_path: Path, seed: int | None
) -> None:
    if seed is not None:
        drawn = random.Random(seed)
        cluster.turns = iter(lambda: drawn.randrange(100), None)
    to = in_parts(place(tmp_path / "place", given), given.events)
    outcome = counted(to)
    embedded_place, embedded_outcome = whole
    expected = parquet(embedded_place)
    assert len(expected) > 20
    assert parquet(to) == expected
    assert outcome.state.accounting == embedded_outcome.state.accounting
    assert outcome.state.accounting.duplicates > 100
    assert stated(to) == stated(embedded_place)
    assert audit(to.release, allow_test=True).verdict


def test_of_a_run_that_is_over_nothing_of_a_day_is_left_in_the_exchange(
    given: Generated, cluster: PlayedCluster, tmp_path: Path
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)
    assert counted(to).changed
    assert not [path for path in exchange(to).path.rglob("*") if path.is_file()]
    assert {known.status for known in committed(to).days.values()} == {"closed"}
    assert not counted(to).changed
    assert len(cluster.called("submit")) == 1


# Rows that are lost or doubled


class Damaged:
    """Drops or doubles one element with rows on its way to a shard."""

    def __init__(self, times: int, at: int = 3) -> None:
        self.times, self.at = times, at

    def __call__(self, element: Element) -> Iterable[Element]:
        if bytes(element[2]) == NO_ROWS:
            return [element]
        self.at -= 1
        return [element] * (self.times if self.at == 0 else 1)


@pytest.mark.parametrize("times", [0, 2], ids=["lost", "doubled"])
def test_rows_that_a_cluster_lost_or_counted_twice_are_noticed_and_nothing_is_published(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, times: int
) -> None:
    cluster.passing = Damaged(times)
    to = in_parts(place(tmp_path / "place", given), given.events)
    with pytest.raises(SystemFailure, match="as many rows in its shards as were handed on, got") as raised:
        counted(to)
    assert "nothing of the day is published" in raised.value.hint
    assert parquet(to) == {}
    with pytest.raises(SystemFailure, match="as many rows in its shards as were handed on, got"):
        counted(to)


def test_a_day_of_which_not_all_shards_are_there_is_not_published(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)
    killed_in("count", to, monkeypatch)
    (exchange(to).day(FIRST) / "shard-00001.json").unlink()
    with pytest.raises(SystemFailure, match="expected what all shards handed on, got it of 1"):
        counted(to)
    assert parquet(to) == {}


# Errors


def test_a_day_that_was_published_before_is_refused_as_itself(
    given: Generated, cluster: PlayedCluster, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    first, second = (in_parts(place(folder, given), given.events) for folder in folders)
    for to in (first, second):
        text = to.config.read_text(encoding="utf-8").replace(TEST, "")
        release = f'[release]\nregister = "{tmp_path / "register.json"}"\nsigning_key = "{tmp_path / "key.pem"}"'
        to.config.write_text(text.replace("[release]", release), encoding="utf-8")
    counted(first)
    with pytest.raises(PrivacyRefusal):
        counted(second)
    assert parquet(second) == {}
    assert not (second.folder / "release.work").exists() or not list((second.folder / "release.work").glob("keys/*"))


def test_an_error_of_a_task_is_raised_as_the_embedded_driver_raises_it_and_ends_the_job(
    given: Generated, cluster: PlayedCluster, tmp_path: Path
) -> None:
    raised = {}
    for name, make in (("embedded", delivered.place), ("flink", place)):
        to = in_parts(make(tmp_path / name, given), given.events, 2)
        deliver(to, given.events.drop_columns(["cell_id"]), "0009")
        with pytest.raises(InputError) as error:
            run(load(to.config), QUIET, FlinkDriver if name == "flink" else None)
        raised[name] = (error.value.message, error.value.hint)
        assert parquet(to) == {}
    assert raised["flink"] == raised["embedded"]
    assert len(cluster.called("cancel")) == 1
    assert not cluster.running_jobs()


def test_an_error_that_a_job_reports_after_its_end_is_raised_as_itself(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events, 2)

    def ended(self: PlayedCluster, job: str) -> str:
        with contextlib.suppress(InputError), exchange(to).reporting():
            raise InputError("expected this, got that", "do")
        return "ended"

    monkeypatch.setattr(PlayedCluster, "status", ended)
    with pytest.raises(InputError, match="expected this, got that"):
        counted(to)


def test_a_job_that_ends_without_a_report_is_a_failure_with_its_reason_and_the_next_run_begins_another(
    given: Generated, whole: tuple[Place, Outcome], cluster: PlayedCluster, tmp_path: Path
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)

    def breaks(_: Element) -> Iterable[Element]:
        raise ZeroDivisionError

    cluster.passing = breaks
    with pytest.raises(SystemFailure, match="to finish, got ZeroDivisionError in a task") as raised:
        counted(to)
    assert "run the same command again" in raised.value.hint
    cluster.passing = lambda element: (element,)
    counted(to)
    assert len(cluster.called("submit")) == 2
    assert parquet(to) == parquet(whole[0])


# Killed and begun again


def test_a_driver_that_was_killed_goes_on_with_the_same_job(
    given: Generated,
    whole: tuple[Place, Outcome],
    cluster: PlayedCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)
    killed_in("_wait", to, monkeypatch)
    assert len(cluster.running_jobs()) == 1
    counted(to)
    assert len(cluster.called("submit")) == 1
    assert cluster.called("cancel") == []
    assert parquet(to) == parquet(whole[0])


def test_a_driver_that_was_killed_after_the_job_was_over_takes_what_it_handed_on(
    given: Generated,
    whole: tuple[Place, Outcome],
    cluster: PlayedCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)
    commit, left = WorkingDirectory.commit, [0]

    def dying(self: WorkingDirectory, state: State) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        commit(self, state)

    with monkeypatch.context() as patched:
        patched.setattr(WorkingDirectory, "commit", dying)
        # The first commit comes before the job.
        for commits in (2, 2, 2, 2, 2, 1):
            left[0] = commits
            with pytest.raises(KeyboardInterrupt):
                counted(to)
    counted(to)
    assert len(cluster.called("submit")) == 1
    assert parquet(to) == parquet(whole[0])


def test_a_job_for_other_files_is_not_waited_for(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events, 2)
    killed_in("_wait", to, monkeypatch)
    deliver(to, given.events.slice(0, 100), "0007")
    outcome = counted(to)
    assert len(cluster.called("submit")) == 2
    assert outcome.state.accounting.rows_in == given.events.num_rows + 100


def test_files_that_come_after_their_day_is_published_are_late_and_those_of_a_new_day_are_counted(
    given: Generated, cluster: PlayedCluster, tmp_path: Path
) -> None:
    before = times(given.events) < times(given.events)[times(given.events) > 0].min() + 20 * 3_600_000_000
    to = place(tmp_path / "place", given)
    deliver(to, given.events.filter(pa.array(before)), "0000")
    counted(to)
    first = parquet(to)
    deliver(to, given.events.filter(pa.array(~before)), "0001")
    outcome = counted(to)
    assert len(cluster.called("submit")) == 2
    assert outcome.state.accounting.late > 0
    assert outcome.state.accounting.rows_in == given.events.num_rows
    assert outcome.state.accounting.balances
    assert first.items() <= parquet(to).items()
    assert to.rows("presence", date.fromisoformat(SECOND)).num_rows
    assert audit(to.release, allow_test=True).verdict


def test_a_day_that_the_embedded_driver_has_begun_is_its_own(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    text = to.config.read_text(encoding="utf-8")
    to.config.write_text(text.replace('driver = "flink"', 'driver = "embedded"'), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(embedded.Driver, "count", killed)
        with pytest.raises(KeyboardInterrupt):
            run(load(to.config), QUIET)
    deliver(to, given.events.slice(0, 100), "0007")
    to.config.write_text(text, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(UsageError, match="driver: expected embedded, which counts privacy day") as raised:
            counted(to)
        assert 'write driver = "embedded"' in raised.value.hint
    assert cluster.calls == []


# What is told


def test_receipts_of_fragments_are_told_without_working_files_and_no_key_is_in_the_exchange(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)
    killed_in("count", to, monkeypatch)
    receipts = list(exchange(to).all_told(Receipt).values())
    assert len(receipts) == 5
    assert all(spool.file == "" for receipt in receipts for _, spool in receipt.spools)
    assert sum(receipt.accounting.rows_in for receipt in receipts) == given.events.num_rows
    key = TEST.partition('"')[2].partition('"')[0]
    assert key in to.config.read_text(encoding="utf-8")
    files = [path for path in exchange(to).path.rglob("*") if path.is_file()]
    assert {"order.json", "job.json", "shard-00000.json"} <= {path.name for path in files}
    assert all(key.encode() not in path.read_bytes() for path in files)


def test_new_files_are_late_on_a_day_that_a_job_has_counted_as_a_whole(
    given: Generated,
    whole: tuple[Place, Outcome],
    cluster: PlayedCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events)
    killed_in("count", to, monkeypatch)
    deliver(to, given.events.slice(0, 500), "0007")
    outcome = counted(to)
    assert len(cluster.called("submit")) == 2
    assert parquet(to) == parquet(whole[0])
    assert outcome.state.accounting.late > 300
    assert outcome.state.accounting.rows_in == given.events.num_rows + 500
    assert outcome.state.accounting.balances


def test_of_a_run_that_published_nothing_nothing_is_left(
    given: Generated, cluster: PlayedCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = in_parts(place(tmp_path / "place", given), given.events, 2)
    deliver(to, given.events.drop_columns(["cell_id"]), "0009")
    killed_in("_wait", to, monkeypatch)
    assert len(cluster.running_jobs()) == 1
    with pytest.raises(InputError):
        counted(to)
    assert not cluster.running_jobs()
    assert sorted(path.name for path in to.folder.iterdir()) == ["events", "hexaflux.toml"]
