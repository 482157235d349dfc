"""What tests of jobs on a real Flink share: places whose engine it is, and what is found in them."""

import sys
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from pipelines.flink.exchange import Exchange
from pipelines.state import State
from pipelines.working_directory import WorkingDirectory
from tests.cluster import compared
from tests.cluster.flink_cluster import FlinkCluster
from tests.follow.delivered import Place

SHARDS: Final = 4

READERS: Final = 2

SECONDS: Final = 240.0
"""How long something may take on a busy machine: workers start for ten seconds and more."""


def engine(cluster: FlinkCluster, parallelism: int = 2) -> str:
    """The part of a configuration that has a cluster do the work."""
    table = f'[engine.flink]\naddress = "{cluster.address}"\nparallelism = {parallelism}\nreaders = {READERS}\n'
    return f'[engine]\nshards = {SHARDS}\ndriver = "flink"\n{table}checkpoint_every = "3s"\n'


def deliver_in_parts(events: Path, of: Place, parts: int = 3) -> None:
    """Deliver the events of a folder as so many files, each of which a run reads as one fragment."""
    table = pq.read_table(events / "all.parquet")
    size = -(-table.num_rows // parts)
    for part in range(parts):
        pq.write_table(table.slice(part * size, size), of.inbox / f"{part}.parquet")


def files_of(of: Place) -> dict[str, bytes]:
    """The bytes of every Parquet file of a release."""
    return {str(file.relative_to(of.release)): file.read_bytes() for file in sorted(of.release.rglob("*.parquet"))}


def working_of(of: Place) -> WorkingDirectory:
    """The working directory of a release."""
    return WorkingDirectory(of.release.with_name("release.work"))


def state_of(of: Place) -> State:
    """What is committed; raises RuntimeError where nothing is."""
    return compared.Ended(of).state


def exchange_of(of: Place) -> Exchange:
    """Where a job hands on what it finds."""
    return Exchange(working_of(of).path / "flink")


def command(of: Place, name: str) -> list[str]:
    """How a command of Hexaflux is started for a place."""
    return [sys.executable, "-W", "ignore", "-c", "from pipelines.cli import main; main()", name, str(of.config)]
