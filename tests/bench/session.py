"""One run of the benchmark: every job on the same inputs, in turns, and what each of them took."""

import os
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import lots
from tests.bench.counts import differences
from tests.bench.measured import JobFailed, Measured, measure
from tests.bench.told import Told, told

HEXAFLUX, NUMPY, DUCKDB, NAIVE = "hexaflux run", "NumPy", "DuckDB, presence", "naive Beam, presence"

SAMPLE_DEVICES = 5_000
PER_DEVICE = 40
LARGEST_REPEATED = 500_000
"""Larger sizes run once, whatever the number of rounds."""

Say = Callable[[str], None]


@dataclass
class Size:
    """What the jobs took on the inputs of one size, a measurement for each round; `failed` says why a job has none."""

    devices: int
    runs: dict[str, list[Measured]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def events(self) -> int:
        return self.devices * PER_DEVICE

    def seconds(self, job: str) -> float:
        """The median of the rounds."""
        return statistics.median(run.seconds for run in self.runs[job])

    def peak(self, job: str) -> int:
        """Bytes, the greatest of the rounds."""
        return max(run.peak for run in self.runs[job])


@dataclass(frozen=True)
class Naive:
    """The naive job on a sample: `seconds` are its own, without the start of the process."""

    events: int
    seconds: float
    run: Measured


@dataclass
class Session:
    """Runs the jobs of a benchmark; `cache` keeps the inputs, `say` tells what is going on."""

    cache: Path
    rounds: int
    say: Say

    def size(self, devices: int) -> Size:
        """Run the three complete jobs on the inputs of a size, in turns."""
        size, folder = Size(devices), self._lot(devices)
        expected = self._expected(folder, size)
        for number in range(self.rounds if devices <= LARGEST_REPEATED else 1):
            for job in (HEXAFLUX, NUMPY, DUCKDB):
                if job not in size.failed:
                    self.say(f"{size.events:,} events, round {number + 1}: {job}")
                    self._turn(size, job, folder, expected)
        return size

    def naive(self, devices: int) -> Naive | str:
        """Run the naive job on a sample of the inputs of a size; a text says why it failed."""
        whole = self._lot(devices)
        folder = self.cache / f"{whole.name}-sample"
        if not folder.exists():
            measure(_module("lots", folder, SAMPLE_DEVICES, whole))
        self.say("a sample: naive Beam")
        try:
            expected = told(measure(_module("numpy_job", folder / lots.CONFIG)).output)
            run = measure(_module("naive_job", folder / lots.CONFIG))
            found = told(run.output)
            _agree(found, expected)
        except JobFailed as failure:
            return str(failure)
        assert found.seconds is not None
        return Naive(int(expected.summary["events"]["rows"]), found.seconds, run)

    def _lot(self, devices: int) -> Path:
        folder = lots.folder_of(self.cache, devices)
        if not folder.exists():
            self.say(f"{devices * PER_DEVICE:,} events: writing them")
            # In a process of its own, like all that needs memory: this one has to stay small.
            measure(_module("lots", folder, devices))
        return folder

    def _expected(self, folder: Path, size: Size) -> Told | None:
        """What hexaflux counts; this also brings the files into the cache of the operating system."""
        self.say(f"{size.events:,} events: counting what to expect")
        try:
            return told(measure(_module("captured_job", folder / lots.CONFIG)).output)
        except JobFailed as failure:
            size.failed[HEXAFLUX] = str(failure)
            return None

    def _turn(self, size: Size, job: str, folder: Path, expected: Told | None) -> None:
        try:
            if job == HEXAFLUX:
                run = _hexaflux(folder)
            else:
                run = measure(_module({NUMPY: "numpy_job", DUCKDB: "duckdb_job"}[job], folder / lots.CONFIG))
                if expected is not None:
                    _agree(told(run.output), expected)
        except JobFailed as failure:
            size.failed[job] = str(failure)
        else:
            size.runs.setdefault(job, []).append(run)


def _hexaflux(folder: Path) -> Measured:
    """Run the command into a fresh release, and remove it."""
    release = folder / f"release-{os.getpid()}"
    command = Path(sys.executable).with_name("hexaflux")
    try:
        return measure([str(command), "run", str(folder / lots.CONFIG), "--release", str(release), "--quiet"])
    finally:
        for path in (release, release.with_name(f"{release.name}.work")):
            shutil.rmtree(path, ignore_errors=True)


def _module(name: str, *arguments: object) -> Sequence[str]:
    return [sys.executable, "-W", "ignore", "-m", f"tests.bench.{name}", *map(str, arguments)]


def _agree(found: Told, expected: Told) -> None:
    """Raise JobFailed where two jobs counted differently."""
    if wrong := differences(found.summary, expected.summary):
        raise JobFailed(f"other counts than expected: {', '.join(wrong)}")
