"""Runs whose reading and counting are a bounded job on a real Flink: with a kill in the midst, with a key service."""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from anonymization.audit import audit
from anonymization.key_log import open_keys, problems, read
from tests.anonymization.fake_transit import TOKEN, Engine, Served
from tests.cluster.flink_cluster import FlinkCluster
from tests.cluster.flinking import (
    SECONDS,
    command,
    deliver_in_parts,
    engine,
    exchange_of,
    files_of,
    state_of,
    working_of,
)
from tests.follow.delivered import Place, place, with_key_files
from tests.oracle.generate import Generated
from tests.paths import ROOT

pytestmark = pytest.mark.cluster

EXAMPLE = ROOT / "docs" / "examples" / "vault_keys.py"
DAYS = ["2026-06-12", "2026-06-13"]

FRAGMENTS = 400
"""So many that two tasks read for some seconds (measured: five on an idle machine)."""


@dataclass(frozen=True)
class Vault:
    """One vault with two doors: the environment of TaskManagers has one, that of a run the other."""

    for_workers: Served
    for_driver: Served

    @property
    def keys(self) -> Mapping[str, object]:
        """The keys that there are, by their names."""
        return self.for_driver.engine.keys


def secret_of_the_day(name: str) -> bytes:
    """The same for every release, so that the bytes of two can be compared."""
    return hashlib.sha256(name[-len(DAYS[0]) :].encode()).digest()


def at(door: Served) -> dict[str, str]:
    return {"VAULT_ADDR": door.address, "VAULT_TOKEN": TOKEN}


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    inside = Engine(secret_of=secret_of_the_day)
    beside = Engine(inside.keys, inside.secrets, secret_of=secret_of_the_day)
    found = Vault(Served(inside), Served(beside))
    yield found
    for door in (found.for_workers, found.for_driver):
        door.shutdown()
        door.server_close()


@pytest.fixture(scope="module")
def cluster(vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    """Two TaskManagers, of which each has room for half of a job."""
    found = FlinkCluster(tmp_path_factory.mktemp("flink"), taskmanagers=2, slots=1)
    found.environment |= at(vault.for_workers)
    with found as started:
        yield started


@contextmanager
def running(of: Place, environment: Mapping[str, str] = os.environ) -> Iterator[subprocess.Popen[bytes]]:
    """`hexaflux run` in a process of its own."""
    process = subprocess.Popen(
        [*command(of, "run"), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def see_that_it_ended_well(process: subprocess.Popen[bytes]) -> None:
    errors = process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 0, errors.decode()


def wait_for_fragments(of: Place, process: subprocess.Popen[bytes], least: int) -> None:
    """Wait until the job of a run has told of so many fragments."""
    exchange, until = exchange_of(of), time.monotonic() + SECONDS
    while exchange.count_told() < least:
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < until
        time.sleep(0.02)


def supervise(cluster: FlinkCluster, process: subprocess.Popen[bytes]) -> None:
    """Replace TaskManagers that end by themselves, until a run has ended: PyFlink may take another one down."""
    until = time.monotonic() + SECONDS
    while process.poll() is None:
        assert time.monotonic() < until
        cluster.replace_dead()
        time.sleep(0.1)


def tasks_of(cluster: FlinkCluster, job: str) -> list[dict[str, Any]]:
    """The tasks of a job that has ended, as REST tells them: where each was, how it ended, and which attempt it was."""
    return [cluster.ask(path) for path in _paths(cluster, job)]


def first_attempts(cluster: FlinkCluster, job: str) -> list[dict[str, Any]]:
    """The same of their first attempts: what REST tells of a job that runs is up to three seconds old."""
    return [cluster.ask(f"{path}/attempts/0") for path in _paths(cluster, job)]


def _paths(cluster: FlinkCluster, job: str) -> list[str]:
    """Where REST tells of each task of a job."""
    return [
        f"/jobs/{job}/vertices/{each['id']}/subtasks/{number}"
        for each in cluster.ask(f"/jobs/{job}")["vertices"]
        for number in range(each["parallelism"])
    ]


def test_a_taskmanager_that_is_killed_under_a_run_loses_nothing_and_doubles_nothing(
    given: Generated, events: Path, whole: Place, cluster: FlinkCluster, tmp_path: Path
) -> None:
    of = place(tmp_path / "place", given, engine(cluster))
    deliver_in_parts(events, of, FRAGMENTS)
    with running(of) as process:
        wait_for_fragments(of, process, FRAGMENTS // 8)
        job = exchange_of(of).job
        assert job is not None
        killed = cluster.taskmanagers[0]
        cluster.kill_taskmanager(killed)
        # What the other one has read meanwhile is among them.
        assert FRAGMENTS // 8 <= exchange_of(of).count_told() < FRAGMENTS
        new = cluster.start_taskmanager()
        supervise(cluster, process)
        see_that_it_ended_well(process)
    before = first_attempts(cluster, job.number)
    assert killed in {task["taskmanager-id"] for task in before if task["status"] in ("CANCELED", "FAILED")}
    # Nothing went on as it was: every task was begun again, some of them on the new TaskManager.
    after = tasks_of(cluster, job.number)
    assert {task["status"] for task in after} == {"FINISHED"}
    assert min(task["attempt"] for task in after) > 0
    assert new in {task["taskmanager-id"] for task in after}
    assert files_of(of) == files_of(whole)
    assert len(files_of(of)) == 24
    assert state_of(of).accounting == state_of(whole).accounting
    assert audit(of.release, allow_test=True).verdict


def with_key_service(folder: Path, given: Generated, *sections: str) -> Place:
    """A place whose day keys are in the vault that the environment names."""
    found = with_key_files(folder, given)
    named = f"[release]\nkey_service = {json.dumps([sys.executable, str(EXAMPLE)])}\n"
    text = found.config.read_text(encoding="utf-8").replace("[release]\n", named)
    found.config.write_text("\n".join([text, *sections]), encoding="utf-8")
    return found


def asked_of(door: Served, what: str) -> list[str]:
    """The days of the keys that something was asked of, such as `POST /v1/transit/hmac/`."""
    names = re.compile(re.escape(what) + r"hexaflux-[0-9a-f]{16}-(\d{4}-\d{2}-\d{2})(?:/sha2-256)?")
    return sorted({found[1] for asked in door.engine.asked if (found := names.fullmatch(asked))})


def test_workers_of_a_cluster_ask_a_key_service_and_give_the_files_of_the_embedded_driver(
    given: Generated, events: Path, whole: Place, vault: Vault, cluster: FlinkCluster, tmp_path: Path
) -> None:
    alone = with_key_service(tmp_path / "alone", given)
    of = with_key_service(tmp_path / "place", given, engine(cluster))
    for each in (alone, of):
        deliver_in_parts(events, each)
    environment = os.environ | at(vault.for_driver)
    with running(alone, environment) as process:
        see_that_it_ended_well(process)
    assert vault.for_workers.engine.asked == []
    vault.for_driver.engine.asked.clear()
    keys, links = set[str](), list[bool]()
    with running(of, environment) as process:
        while process.poll() is None:
            keys.update(name[-len(DAYS[0]) :] for name in [*vault.keys])
            links.append(os.path.lexists(working_of(of).keys))
            time.sleep(0.05)
        see_that_it_ended_well(process)
    # Workers had the keys made and asked for sub-keys; the process that publishes destroyed them.
    assert asked_of(vault.for_workers, "POST /v1/transit/keys/") == DAYS
    assert asked_of(vault.for_workers, "POST /v1/transit/hmac/") == DAYS
    assert asked_of(vault.for_workers, "DELETE /v1/transit/keys/") == []
    assert asked_of(vault.for_driver, "POST /v1/transit/keys/") == []
    assert asked_of(vault.for_driver, "DELETE /v1/transit/keys/") == DAYS
    assert sorted(keys) == DAYS
    assert vault.keys == {}
    assert not any(links)
    assert not os.path.lexists(working_of(of).keys)
    lines = read((working_of(of).path / "key_log.jsonl").read_bytes())
    assert list(problems(lines)) == []
    assert open_keys(lines) == {}
    assert {line.service for line in lines} == {"external"}
    for day in DAYS:
        assert [line.event for line in lines if line.day == day] == ["created", "last_used", "destroyed"]
    assert files_of(of) == files_of(alone)
    assert len(files_of(of)) == 24
    # Figures follow from the key, so that equal ones were made with the same.
    assert files_of(of) != files_of(whole)
    assert state_of(of).accounting == state_of(alone).accounting
    assert audit(of.release).verdict
