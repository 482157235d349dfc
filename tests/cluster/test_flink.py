"""The cluster driver on a real Flink: it gives the release of the embedded one, bounded, unbounded and after kills."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from anonymization.audit import audit
from pipelines.shard_fold import STRIDE
from schemas.indicators import INDICATORS
from tests.cluster.broker import Broker
from tests.cluster.feed import Feed, feed
from tests.cluster.flink_cluster import FlinkCluster
from tests.cluster.flinking import (
    READERS,
    SECONDS,
    SHARDS,
    command,
    deliver_in_parts,
    engine,
    exchange_of,
    files_of,
    state_of,
)
from tests.cluster.places import place_of_topic
from tests.follow.delivered import Place, place
from tests.oracle.generate import Generated
from tests.paths import ROOT

pytestmark = pytest.mark.cluster

FIRST = date(2026, 6, 12)
PARTITIONS = 3
SLOW = 400
"""Events per second: the topic fills for more than a minute."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    """Two TaskManagers, of which each has room for half of a job."""
    with FlinkCluster(tmp_path_factory.mktemp("flink"), taskmanagers=2, slots=1) as started:
        yield started


def is_handed_on(of: Place) -> bool:
    """Whether the job has counted all of the first day."""
    exchange, day, buckets = exchange_of(of), FIRST.isoformat(), 24 * 60
    return len(exchange.shards(day)) == SHARDS and exchange.sums(day, 0, STRIDE, buckets)[-1:] == [buckets]


def have_told_since(of: Place, then: float) -> bool:
    """Whether all readers of a job have told how far they are since a time, in seconds since 1970."""
    told = list((exchange_of(of).path / "read").glob("reader-*.json"))
    return len(told) == READERS and all(file.stat().st_mtime > then for file in told)


@dataclass
class Following:
    """`hexaflux follow` in a process of its own, whose log goes to a file."""

    process: subprocess.Popen[bytes]
    log: Path
    cluster: FlinkCluster

    def logged(self) -> list[dict[str, object]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wait_for(self, event: str, times: int = 1) -> None:
        self.wait(lambda: sum(line["event"] == event for line in self.logged()) >= times, event)

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + SECONDS
        while not holds():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < until, f"{what}: not in time\n" + self.log.read_text(encoding="utf-8")[-2000:]
            # PyFlink may take another one down with a task that is cancelled.
            self.cluster.replace_dead()
            time.sleep(0.1)

    def end(self) -> dict[str, object]:
        self.process.send_signal(signal.SIGTERM)
        told = self.process.communicate(timeout=SECONDS)[0]
        assert self.process.returncode == 0
        found: dict[str, object] = json.loads(told)
        return found


@contextmanager
def following(of: Place, cluster: FlinkCluster, code: Path = ROOT) -> Iterator[Following]:
    log = of.folder / f"log-{time.monotonic_ns()}"
    with log.open("wb") as stream:
        environment = os.environ | {"PYTHONPATH": str(code)}
        follow = [*command(of, "follow"), "--json"]
        process = subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=stream, cwd=code, env=environment)
    try:
        yield Following(process, log, cluster)
    finally:
        process.kill()
        process.wait()


@contextmanager
def sending(events: Path, broker: Broker, topic: str) -> Iterator[subprocess.Popen[bytes]]:
    """A feed that takes its time."""
    made = [sys.executable, "-m", "tests.cluster.feed", str(events), "--brokers", broker.address]
    process = subprocess.Popen(
        [*made, "--topic", topic, "--rows", "100", "--rate", str(SLOW)], stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def same_day(of: Place, whole: Place) -> None:
    """What is released of the first day, row by row; what is known with the day as a whole, byte by byte."""
    for name in INDICATORS:
        assert of.rows(name, FIRST).equals(whole.rows(name, FIRST), check_metadata=True), name
    for name, data in files_of(whole).items():
        if f"date={FIRST}" in name and not name.startswith("presence"):
            assert files_of(of)[name] == data, name
    assert of.rows("presence", FIRST).num_rows > 1_000


def all_counted(of: Place, sent: int) -> None:
    counted = state_of(of).accounting
    assert counted.rows_in == sent
    assert counted.balances
    assert counted.late == 0


def test_a_run_on_flink_gives_the_files_of_the_embedded_driver_byte_for_byte(
    given: Generated, events: Path, whole: Place, cluster: FlinkCluster, tmp_path: Path
) -> None:
    of = place(tmp_path / "place", given, engine(cluster))
    deliver_in_parts(events, of)
    done = subprocess.run([*command(of, "run"), "--json"], capture_output=True, cwd=ROOT, timeout=SECONDS)
    assert done.returncode == 0, done.stderr.decode()
    assert files_of(of) == files_of(whole)
    assert len(files_of(of)) == 24
    assert state_of(of).accounting == state_of(whole).accounting
    assert audit(of.release, allow_test=True).verdict
    again = subprocess.run([*command(of, "run"), "--json"], capture_output=True, cwd=ROOT, timeout=SECONDS)
    assert again.returncode == 0
    assert files_of(of) == files_of(whole)


def test_a_job_goes_on_without_the_process_that_publishes_and_the_next_one_publishes_byte_for_byte(
    given: Generated, events: Path, whole: Place, cluster: FlinkCluster, broker: Broker, tmp_path: Path
) -> None:
    broker.create_topic("alone", PARTITIONS)
    of = place_of_topic(tmp_path / "place", given, broker.address, "alone", engine=engine(cluster))
    sent = feed(Feed(events, broker.address, "alone", rows=500))
    with following(of, cluster) as first:
        first.wait_for("job begun")
        job = exchange_of(of).job
        first.process.kill()
    until = time.monotonic() + SECONDS
    while not is_handed_on(of):
        assert time.monotonic() < until
        time.sleep(0.2)
    with following(of, cluster) as second:
        second.wait_for("day closed")
        assert exchange_of(of).job == job
        second.end()
        assert not any(line["event"] == "job begun" for line in second.logged())
    assert {name: data for name, data in files_of(of).items() if f"date={FIRST}" in name} == {
        name: data for name, data in files_of(whole).items() if f"date={FIRST}" in name
    }
    all_counted(of, sent.events)
    assert audit(of.release, allow_test=True).verdict


def test_a_taskmanager_that_is_killed_mid_stream_loses_nothing_and_doubles_nothing(
    given: Generated, events: Path, whole: Place, cluster: FlinkCluster, broker: Broker, tmp_path: Path
) -> None:
    broker.create_topic("killed", PARTITIONS)
    of = place_of_topic(tmp_path / "place", given, broker.address, "killed", engine=engine(cluster))
    with following(of, cluster) as follower, sending(events, broker, "killed") as sender:
        follower.wait_for("windows published")
        killed = cluster.taskmanagers[0]
        assert sender.poll() is None
        cluster.kill_taskmanager(killed)
        cluster.start_taskmanager()
        follower.wait_for("job restored")
        sent = json.loads(sender.communicate(timeout=SECONDS)[0])
        follower.wait_for("day closed")
        follower.wait(lambda: state_of(of).accounting.rows_in == sent["events"], "all that was sent")
        # Again, now that a day is published, and its key gone.
        before, restores = time.time(), sum(line["event"] == "job restored" for line in follower.logged())
        cluster.kill_taskmanager(cluster.taskmanagers[0])
        cluster.start_taskmanager()
        follower.wait_for("job restored", restores + 1)
        follower.wait(lambda: have_told_since(of, before), "what readers tell after the restore")
        told = follower.end()
    assert told["rows_in"] == sent["events"]
    all_counted(of, sent["events"])
    same_day(of, whole)
    assert audit(of.release, allow_test=True).verdict


CHANGES = {
    "schemas/fields.py": (
        "KNOWN_MCC = ",
        'STEPS_OPEN = Field("steps_open", pa.int32(), "Steps.", "steps")\nKNOWN_MCC = ',
    ),
    "schemas/tables.py": ("f.HEXAGON, f.OPEN, f.KNOWN_MCC)", "f.HEXAGON, f.OPEN, f.KNOWN_MCC, f.STEPS_OPEN)"),
    "pipelines/stays.py": (
        '        "known_mcc": known[last],\n',
        '        "known_mcc": known[last],\n'
        '        "steps_open": merge(carried["steps_open"], np.zeros(device.size, np.int32))[first] + 1,\n',
    ),
    "pipelines/flink/kept.py": ("object]] = {}", 'object]] = {("open_stay", "steps_open"): 7}'),
    "pipelines/flink/shards.py": (
        "    receipt: ShardReceipt | None = None\n",
        "    receipt: ShardReceipt | None = None\n    steps: int = 3\n",
    ),
}
"""A later version: a column more in what is kept of a device, a number more in what is kept of a shard."""


def test_a_savepoint_is_taken_up_by_changed_code_and_more_tasks(
    given: Generated, events: Path, whole: Place, broker: Broker, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    for package in ("schemas", "anonymization", "pipelines", "data"):
        shutil.copytree(ROOT / package, code / package, ignore=shutil.ignore_patterns("__pycache__"))
    broker.create_topic("changed", PARTITIONS)
    with FlinkCluster(tmp_path / "flink", taskmanagers=2, slots=1, pythonpath=(code,)) as cluster:
        of = place_of_topic(tmp_path / "place", given, broker.address, "changed", engine=engine(cluster, parallelism=1))
        with sending(events, broker, "changed") as sender:
            with following(of, cluster, code) as former:
                former.wait_for("windows published")
                former.end()
            job = exchange_of(of).job
            assert job is not None
            assert job.stopped_at
            assert sender.poll() is None
            for file, (found, made) in CHANGES.items():
                text = (code / file).read_text(encoding="utf-8")
                assert text.count(found) == 1, file
                (code / file).write_text(text.replace(found, made), encoding="utf-8")
            of.config.write_text(of.config.read_text().replace("parallelism = 1", "parallelism = 2"))
            with following(of, cluster, code) as later:
                later.wait_for("job begun")
                sent = json.loads(sender.communicate(timeout=SECONDS)[0])
                later.wait_for("day closed")
                later.wait(lambda: state_of(of).accounting.rows_in == sent["events"], "all that was sent")
                later.end()
                assert next(line for line in later.logged() if line["event"] == "job begun")["restored"]
    all_counted(of, sent["events"])
    same_day(of, whole)
    assert audit(of.release, allow_test=True).verdict
