"""A cluster of Flink: processes of its own, on loopback only, of which none is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.flink_cluster import FlinkCluster
from tests.cluster.flink_errors import FlinkError
from tests.cluster.processes import listening, processes

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    """A cluster that runs; the last test ends it."""
    with FlinkCluster(tmp_path_factory.mktemp("flink")) as started:
        yield started


@pytest.fixture(scope="module")
def job(cluster: FlinkCluster) -> str:
    """The id of a job that runs Python code."""
    command = [sys.executable, "-m", "tests.cluster.flink_job", cluster.address]
    done = subprocess.run(command, env=cluster.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def holder(cluster: FlinkCluster, job: str) -> str:
    """The TaskManager with the job's Python code, once that runs."""
    found: list[str] = []

    def runs() -> bool:
        for vertex in cluster.ask(f"/jobs/{job}")["vertices"]:
            tasks = cluster.ask(f"/jobs/{job}/vertices/{vertex['id']}")["subtasks"]
            found[:] = [task["taskmanager-id"] for task in tasks if task["status"] == "RUNNING"]
        return any(name in cluster.pids and len(group(cluster, name)) > 1 for name in found)

    wait_for(runs, 60.0)
    return found[0]


def group(cluster: FlinkCluster, name: str) -> set[int]:
    """A TaskManager and its Python workers."""
    return {pid for pid in processes(cluster.folder) if os.getpgid(pid) == cluster.pids[name]}


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"it did not come within {seconds} s"
        time.sleep(0.1)


def test_two_taskmanagers_join_in_processes_of_their_own(cluster: FlinkCluster) -> None:
    assert cluster.joined() == set(cluster.taskmanagers) == {"taskmanager-0", "taskmanager-1"}
    assert cluster.ask("/overview")["slots-total"] == 4
    assert processes(cluster.folder) == set(cluster.pids.values())
    assert len(cluster.pids) == 3


def test_all_sockets_listen_on_loopback_also_those_for_python_workers(cluster: FlinkCluster, job: str) -> None:
    name = holder(cluster, job)
    sockets = {pid: listening(pid) for pid in processes(cluster.folder)}
    idle = next(each for each in cluster.taskmanagers if each != name)
    assert len(sockets[cluster.pids[name]]) > len(sockets[cluster.pids[idle]]) > 0
    assert cluster.address in {f"{address}:{port}" for address, port in sockets[cluster.pids["jobmanager"]]}
    assert [each for found in sockets.values() for each in found if not each[0].is_loopback] == []


def test_nobody_else_can_read_what_a_cluster_writes(cluster: FlinkCluster) -> None:
    assert cluster.folder.stat().st_mode & 0o077 == 0
    assert [path for path in (cluster.folder / "tmp").rglob("*") if path.stat().st_mode & 0o077] == []


def test_a_killed_taskmanager_is_missed_and_its_job_goes_on_elsewhere(cluster: FlinkCluster, job: str) -> None:
    killed = holder(cluster, job)
    kept = set(cluster.taskmanagers) - {killed}
    workers = group(cluster, killed)
    cluster.kill_taskmanager(killed)
    wait_for(lambda: not workers & processes(cluster.folder))
    wait_for(lambda: cluster.joined() == kept)
    new = cluster.start_taskmanager()
    assert cluster.joined() == {*kept, new} == set(cluster.taskmanagers)
    assert holder(cluster, job) in {*kept, new}


def test_a_taskmanager_that_ends_by_itself_is_replaced_and_nothing_of_it_is_left(cluster: FlinkCluster) -> None:
    assert cluster.replace_dead() == []
    ended, kept = cluster.taskmanagers
    left = group(cluster, ended)
    os.kill(cluster.pids[ended], signal.SIGKILL)
    wait_for(lambda: cluster.replace_dead() == [ended], 60.0)
    assert not left & processes(cluster.folder)
    assert kept in cluster.taskmanagers
    assert len(cluster.taskmanagers) == 2
    assert cluster.joined() >= {*cluster.taskmanagers}


def test_a_request_that_is_refused_says_why(cluster: FlinkCluster) -> None:
    with pytest.raises(FlinkError, match=r"GET /jobs/0{32} was answered with 404.*NotFound"):
        cluster.ask(f"/jobs/{0:032}")


def test_a_cluster_that_cannot_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    other = FlinkCluster(tmp_path / "other", settings={"jobmanager.rpc.port": "nowhere"})
    with pytest.raises(FlinkError, match=r"(?s)ended as it started:\n\w+.*nowhere"):
        other.start()
    wait_for(lambda: not processes(other.folder))


def test_no_process_is_left_of_a_cluster_that_is_stopped(cluster: FlinkCluster) -> None:
    assert processes(cluster.folder) >= set(cluster.pids.values())
    cluster.stop()
    wait_for(lambda: not processes(cluster.folder))
    assert cluster.pids == {}
