"""Runs of the same events by the embedded driver and by a cluster of Flink on this machine, and what each used."""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench import lots
from tests.bench.command import HEXAFLUX
from tests.bench.flink_parts import DRIVER, MANAGER, SUBMISSION, TASKS, WORKERS, parts
from tests.bench.flink_way import Way
from tests.bench.measured import JobFailed
from tests.bench.session import PER_DEVICE, Say
from tests.bench.timers import read_times
from tests.bench.used import Used, Watch
from tests.cluster.flink_cluster import JOBMANAGER, FlinkCluster
from tests.paths import ROOT

SLOTS: Final = 4
HEAP: Final = {"-Xmx512m": "-Xmx2g", "-XX:MaxDirectMemorySize=128m": "-XX:MaxDirectMemorySize=1g"}
SETTINGS: Final = {
    "taskmanager.memory.task.heap.size": "1984m",
    "taskmanager.memory.managed.size": "512m",
    # Other work on the machine may take its time from them.
    "heartbeat.timeout": "60 s",
}

SETTLE_SECONDS: Final = 1.5
"""After a job Java machines clean up; that is part of it."""


@dataclass(frozen=True)
class Job:
    """What the cluster tells of a job: its number, seconds from its start to its end, and its stages in their order.

    `checkpoints`: how many it took, where it takes them.
    """

    number: str
    seconds: float
    stages: tuple["Stage", ...]
    checkpoints: int | None = None


@dataclass(frozen=True)
class Stage:
    """A stage: records and bytes that come in, seconds that its tasks were busy and that they waited for the next."""

    name: str
    records: int
    size: int
    busy: float
    backpressured: float


@dataclass(frozen=True)
class Run:
    """What a run took: seconds on the wall, what it used, what the cluster told, and times of its parts."""

    events: int
    seconds: float
    used: Used
    files: Mapping[str, str]
    job: Job | None = None
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def processor(self) -> float:
        """Seconds of all processors."""
        return self.used.seconds


class Roomy(FlinkCluster):
    """A cluster whose TaskManager has room for some millions of events."""

    def _start(self, name: str, *arguments: str) -> None:
        super()._start(name, *(HEAP.get(argument, argument) for argument in arguments))


class Turns:
    """Runs ways on lots of events beside a cluster, which is a context; raises JobFailed where a run fails.

    Every release has to hold the same Parquet, byte for byte, as the first of its lot.
    """

    def __init__(self, folder: Path, cache: Path, say: Say) -> None:
        self.folder, self.cache, self.say = folder, cache, say
        self.cluster = Roomy(folder / "cluster", 1, SLOTS, SETTINGS, (ROOT,))
        self.compared: dict[int, Mapping[str, str]] = {}
        self.same = 0
        self._seen: set[str] = set()

    def __enter__(self) -> "Turns":
        self.cluster.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.cluster.stop()

    def run(self, devices: int, way: Way) -> Run:
        """One run, into a release that is removed."""
        lot = lots.folder_of(self.cache, devices)
        if not lot.exists():
            self.say(f"writing {devices * PER_DEVICE:,} events")
            lots.write(lot, devices)
        self.say(f"{devices * PER_DEVICE:,} events: {way}")
        release = self.folder / "release"
        try:
            found = self._measured(lot, release, way, devices * PER_DEVICE)
        finally:
            for path in (release, release.with_name("release.work")):
                shutil.rmtree(path, ignore_errors=True)
        first = self.compared.setdefault(devices, found.files)
        if not found.files or found.files != first:
            raise JobFailed(f"{way}: the released Parquet is not that of the first run")
        self.same += 1
        return found

    def _measured(self, lot: Path, release: Path, way: Way, events: int) -> Run:
        config = lot / "way.toml"
        config.write_text((lot / lots.CONFIG).read_text() + way.toml(self.cluster.address))
        if way.is_plain:
            command = [*HEXAFLUX, "run", str(config), "--release", str(release), "--quiet"]
        else:
            command = [sys.executable, "-W", "ignore", "-m", "tests.bench.flink_job"]
            command += [str(config), str(release), way.written()]
        with self.watch(way) as watch, (self.folder / "errors").open("w+") as errors:
            began = time.perf_counter()
            process = subprocess.Popen(
                command, env=self.cluster.environment, stdout=subprocess.DEVNULL, stderr=errors, cwd=self.folder
            )
            watch.add(DRIVER, process.pid, SUBMISSION)
            code = process.wait()
            seconds = time.perf_counter() - began
            if way.driver == "flink":
                time.sleep(SETTLE_SECONDS)
            errors.seek(0)
            told = errors.read()
        if code:
            raise JobFailed(f"{way}: exit code {code}\n{told[-2000:]}")
        job = self.job() if way.driver == "flink" else None
        return Run(events, seconds, watch.used, released(release), job, _parts(release, watch.used, way))

    def watch(self, way: Way) -> Watch:
        """Looks at the processes of the cluster, where a way has it at work; others are added."""
        pids = self.cluster.pids
        workers = [pid for name, pid in pids.items() if name != JOBMANAGER]
        on_cluster = {MANAGER: ([pids[JOBMANAGER]], MANAGER), TASKS: (workers, WORKERS)}
        return Watch(on_cluster if way.driver == "flink" else {})

    def job(self) -> Job:
        """What the cluster tells of the job that was not there before."""
        jobs = {job["jid"] for job in self.cluster.ask("/jobs/overview")["jobs"]} - self._seen
        self._seen |= jobs
        (number,) = jobs
        return told(self.cluster.ask(f"/jobs/{number}"))


def _parts(release: Path, used: Used, way: Way) -> dict[str, float]:
    work = release.with_name(f"{release.name}.work")
    return parts(used, read_times(work), read_times(work / "flink")) if way.timed else {}


def told(answer: Mapping[str, Any]) -> Job:
    """What REST answers about a job."""
    stages = tuple(
        Stage(
            str(vertex["name"]).partition(",")[0],
            int(vertex["metrics"]["read-records"]),
            int(vertex["metrics"]["read-bytes"]),
            _seconds(vertex["metrics"]["accumulated-busy-time"]),
            _seconds(vertex["metrics"]["accumulated-backpressured-time"]),
        )
        for vertex in answer["vertices"]
    )
    return Job(str(answer["jid"]), float(answer["duration"]) / 1000, stages)


def _seconds(milliseconds: object) -> float:
    """Of a source Flink tells that it is not a number."""
    found = float(str(milliseconds)) / 1000
    return found if found == found else 0.0


def released(release: Path) -> dict[str, str]:
    """The digest of every Parquet file of a release."""
    found = sorted(release.rglob("*.parquet"))
    return {str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
