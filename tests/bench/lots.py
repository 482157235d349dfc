"""The generated inputs of each size, written once into a cache folder, and a sample of them for the slowest job."""

import hashlib
import shutil
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.bench import events

CONFIG = "hexaflux.toml"


def folder_of(cache: Path, devices: int, hours: int = events.HOURS) -> Path:
    """Where the inputs of a size stand; another generator writes elsewhere."""
    generator = hashlib.sha256(Path(events.__file__).read_bytes()).hexdigest()[:8]
    longer = "" if hours == events.HOURS else f"-{hours}-hours"
    return cache / f"{devices}-devices-{generator}{longer}"


def write(folder: Path, devices: int, hours: int = events.HOURS) -> None:
    """Write the inputs of a size, unless they are there; the folder appears whole or not at all."""
    if not folder.exists():
        unfinished = _fresh(folder)
        events.write(unfinished, events.Scale(devices), hours=hours)
        unfinished.rename(folder)


def write_sample(folder: Path, whole: Path, devices: int) -> None:
    """Write the inputs of the first devices of a size, unless they are there."""
    if folder.exists():
        return
    unfinished = _fresh(folder)
    for name in (CONFIG, "cells.csv", "zones.geojson"):
        shutil.copy(whole / name, unfinished)
    (unfinished / "events").mkdir()
    chosen = pq.read_table(whole / "subscribers.parquet")["subscriber_id"].combine_chunks().slice(0, devices)
    for path in [whole / "subscribers.parquet", *(whole / "events").glob("*.parquet")]:
        table = pq.read_table(path)
        kept = table.filter(pc.is_in(table["subscriber_id"], chosen))
        pq.write_table(kept, unfinished / path.relative_to(whole))
    unfinished.rename(folder)


def _fresh(folder: Path) -> Path:
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    return unfinished


if __name__ == "__main__":
    target, size = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        write_sample(target, Path(sys.argv[3]), size)
    else:
        write(target, size)
