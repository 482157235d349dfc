"""A run of hexaflux, not measured, that tells the exact counts which it protects and publishes."""

import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
from rich.console import Console

from pipelines import embedded
from pipelines.arrays import Ints
from pipelines.closing import Closing, Visited
from pipelines.progress import Progress
from pipelines.shard_files import read_batch
from pipelines.visits import part_counts, visitors
from tests.bench import counts
from tests.bench.counts import Counted
from tests.bench.setting import Setting, read_setting
from tests.bench.told import tell

Staged = dict[str, tuple[str, int]]


def count(setting: Setting) -> Counted:
    """Run hexaflux into a release that is then removed."""
    captured: list[tuple[pa.Table, dict[str, Ints]]] = []
    stage = Closing.stage

    def wrapped(self: Closing, day: str, measures: pa.Table, visited: Visited) -> Staged:
        captured.append((measures, _by_zone(setting, visited)))
        return stage(self, day, measures, visited)

    folder = Path(tempfile.mkdtemp(prefix="captured-", dir=setting.configuration.path.parent))
    release = replace(setting.configuration.release, directory=folder / "release")
    with mock.patch.object(Closing, "stage", wrapped):
        outcome = embedded.run(
            replace(setting.configuration, release=release), Progress(Console(stderr=True), quiet=True)
        )
    shutil.rmtree(folder)
    [(measures, by_zone)] = captured
    return Counted(outcome.state.accounting.accepted, counts.of_kernels(measures, by_zone, setting.whole_day.lattice))


def _by_zone(setting: Setting, visited: Visited) -> dict[str, Ints]:
    """int64[zones, classes] by attribute of the day; "" is the plain count."""
    zones, domestic = setting.zones.zones, setting.configuration.area.domestic_mcc
    total: dict[str, Ints] = {}
    for file in visited.files:
        for at in range(len(file.shards)):
            table = read_batch(visited.working.resolve(file.file), at)
            found: Mapping[str, Ints] = part_counts(table, np.arange(zones), zones, domestic)
            for name, devices in {"": visitors(table, zones), **found}.items():
                total[name] = total[name] + devices if name in total else devices
    return total


if __name__ == "__main__":
    tell(count(read_setting(Path(sys.argv[1]))))
