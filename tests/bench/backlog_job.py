"""A follower over all that is there, files of an inbox or messages of a topic: a backlog, taken as fast as it goes."""

import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from pipelines.allocator import keep_freed_memory
from pipelines.configuration import load
from pipelines.follow.command import follower_of
from pipelines.follow.follower import Follower
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.progress import Progress
from pipelines.working_directory import WorkingDirectory

PATIENCE: Final = 30.0
"""Seconds without a row after which nothing more is waited for."""


def main(config: Path, rows: int) -> None:
    """Follow until so many rows are taken, into a release that is then removed, and tell what it took as JSON."""
    keep_freed_memory()
    folder = Path(tempfile.mkdtemp(prefix="backlog-", dir=config.parent))
    configuration = load(config)
    release = replace(configuration.release, directory=folder / "release")
    inputs = inputs_of_now(replace(configuration, release=release))
    working = WorkingDirectory(folder / "release.work")
    with working.locked():
        follower = follower_of(inputs, working, Progress(Console(stderr=True), quiet=True), silent)
        working.clear(follower.closing.keys)
        print(json.dumps(take(follower, rows)))
        follower.end()
    shutil.rmtree(folder)


def take(follower: Follower, rows: int) -> dict[str, float]:
    """Follow until so many rows are taken: rows, seconds on the wall and of processors, rounds and published slots."""
    began, processor, rounds = time.perf_counter(), time.process_time(), 0
    last = began
    while follower.state.accounting.rows_in < rows:
        if follower.round():
            rounds, last = rounds + 1, time.perf_counter()
        elif time.perf_counter() - last > PATIENCE:
            raise RuntimeError(f"expected {rows:,} rows, got {follower.state.accounting.rows_in:,} and no more")
    state = follower.state
    return {
        "rows": state.accounting.rows_in,
        "seconds": round(time.perf_counter() - began, 2),
        "processor": round(time.process_time() - processor, 2),
        "rounds": rounds,
        "slots": sum(max(known.published, 0) for known in state.days.values()),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
