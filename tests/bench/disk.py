"""How large the files of a follower are: `python -m tests.bench.disk FOLDER`, where `hexaflux simulate` wrote days."""

import json
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from rich.console import Console

from pipelines.configuration import load
from pipelines.follow.command import follower_of
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.progress import Progress
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory

KINDS = ("spool", "open", "closed", "measures", "visits", "trips", "crossings")


def sizes(folder: Path) -> Counter[str]:
    """Bytes of the working files of each kind, and of the state."""
    found = Counter({path.name: path.stat().st_size for path in folder.glob("state.json")})
    for path in folder.glob("steps/*/*"):
        found[path.name.split("-")[0].split(".")[0]] += path.stat().st_size
    return found


def rows(folder: Path, kind: str) -> int:
    """Rows of the working files of a kind."""
    total = 0
    for path in folder.glob(f"steps/*/{kind}*"):
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.open_file(file)
            total += sum(reader.get_batch(at).num_rows for at in range(reader.num_record_batches))
    return total


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(config: Path) -> None:
    """Follow all files of an inbox, and tell the largest size of each kind of file, with the rows in it, as JSON."""
    with tempfile.TemporaryDirectory(dir=config.parent) as name:
        folder = Path(name)
        configuration = load(config)
        release = replace(configuration.release, directory=folder / "release", register=folder / "publications.jsonl")
        configuration = replace(configuration, release=release)
        working = WorkingDirectory(folder / "release.work")
        largest: dict[str, tuple[int, int]] = {}
        whole = WorkingDirectory.commit

        def commit(self: WorkingDirectory, state: State) -> None:
            # Before it: what the state names no more is swept away with it.
            for kind, size in sizes(self.path).items():
                if size > largest.get(kind, (0, 0))[0]:
                    largest[kind] = (size, rows(self.path, kind) if kind in KINDS else 0)
            whole(self, state)

        WorkingDirectory.commit = commit  # type: ignore[method-assign]
        with working.locked():
            follower = follower_of(inputs_of_now(configuration), working, Progress(Console(), quiet=True), silent)
            working.clear(follower.closing.keys)
            while follower.round():
                pass
        told = {kind: {"bytes": size, "rows": count} for kind, (size, count) in largest.items()}
        days = {path.name: size_of(path) for path in sorted((folder / "release").iterdir())}
        letters = size_of(working.dead_letters)
        print(json.dumps({"rows": follower.state.accounting.rows_in, **told, "letters": letters, "release": days}))


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "hexaflux.toml")
