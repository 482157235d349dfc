"""A run of hexaflux, not measured, that tells the exact counts which it protects and publishes."""

import shutil
import sys
import tempfile
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from unittest import mock

import pyarrow as pa
from rich.console import Console

from pipelines import embedded, staging
from pipelines.closing import Closing
from pipelines.days import DayTables
from pipelines.progress import Progress
from pipelines.state import DayState
from tests.bench.counts import Counted, Counts, of_presence
from tests.bench.setting import Setting, read_setting
from tests.bench.told import tell
from tests.bench.zone_counts import zone_counts


def count(setting: Setting) -> Counted:
    """Run hexaflux into a release that is then removed."""
    captured: list[Counts] = []
    stage = Closing.stage

    def wrapped(self: Closing, day: str, measures: pa.Table, counted: staging.Counted, known: DayState) -> DayState:
        captured.append(of_presence(measures, setting.whole_day.lattice) | _by_zone(setting, counted))
        return stage(self, day, measures, counted, known)

    folder = Path(tempfile.mkdtemp(prefix="captured-", dir=setting.configuration.path.parent))
    release = replace(setting.configuration.release, directory=folder / "release")
    with mock.patch.object(Closing, "stage", wrapped):
        outcome = embedded.run(
            replace(setting.configuration, release=release), Progress(Console(stderr=True), quiet=True)
        )
    shutil.rmtree(folder)
    [counts] = captured
    return Counted(outcome.state.accounting.accepted, counts)


def _by_zone(setting: Setting, counted: staging.Counted) -> Counts:
    """The counts by zone, from the files of all shards."""
    shards = zip(counted.visits, counted.trips, counted.crossings, strict=True)
    return reduce(add, (zone_counts(setting, DayTables(0, *tables)) for tables in shards)).counts()


if __name__ == "__main__":
    tell(count(read_setting(Path(sys.argv[1]))))
