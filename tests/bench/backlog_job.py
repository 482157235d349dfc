"""A follower over all files of an inbox that are there: a backlog, taken as fast as it goes."""

import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from pipelines.allocator import keep_freed_memory
from pipelines.configuration import load
from pipelines.follow.command import follower_of
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.progress import Progress
from pipelines.working_directory import WorkingDirectory


def main(config: Path) -> None:
    """Follow into a release that is then removed, and tell rows, seconds, rounds and published slots as JSON."""
    keep_freed_memory()
    folder = Path(tempfile.mkdtemp(prefix="inbox-", dir=config.parent))
    configuration = load(config)
    release = replace(configuration.release, directory=folder / "release")
    inputs = inputs_of_now(replace(configuration, release=release))
    working = WorkingDirectory(folder / "release.work")
    began, rounds = time.perf_counter(), 0
    with working.locked():
        follower = follower_of(inputs, working, Progress(Console(stderr=True), quiet=True), silent)
        working.clear(follower.closing.keys)
        while follower.round():
            rounds += 1
    seconds = time.perf_counter() - began
    state = follower.state
    slots = sum(max(known.published, 0) for known in state.days.values())
    shutil.rmtree(folder)
    rows = state.accounting.rows_in
    print(json.dumps({"rows": rows, "seconds": round(seconds, 2), "rounds": rounds, "slots": slots}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
