"""A day of a town through the embedded driver: what its steps make of the events, and the events themselves."""

from datetime import date
from pathlib import Path

import pyarrow as pa

from anonymization.key_service import DayKey
from pipelines.configuration import load
from pipelines.embedded import Driver
from pipelines.graph import Place, Preparation
from pipelines.ingest import ClosedDays
from pipelines.inputs import inputs_of_now
from pipelines.shard_files import read_table
from pipelines.shard_fold import Terms
from pipelines.sources.files import discover, fragments
from pipelines.staging import Counted, ShardFiles
from pipelines.state import Accounting
from pipelines.steps import Steps, Watch
from pipelines.working_directory import WorkingDirectory
from schemas.tables import PROBE
from tests.follow import delivered
from tests.follow.delivered import QUIET, deliver
from tests.oracle.generate import Generated, generate
from tests.stream.streamed import rows_of

DAY = "2026-06-12"


def day_of_town(folder: Path) -> Generated:
    """A day of a town."""
    return generate(folder, 300, 6_000, 1, date.fromisoformat(DAY), 5, "mixed")


def driver(folder: Path, given: Generated, watch: Watch | None = None) -> Driver:
    """What has yet to read the events; under one test key wherever it is."""
    place = delivered.place(folder, given, "[engine]\nshards = 2")
    deliver(place, given.events, "all")
    inputs, working = inputs_of_now(load(place.config)), WorkingDirectory(folder / "release.work")
    working.path.mkdir()
    return Driver(inputs, working, QUIET, watch)


def folded(folder: Path, given: Generated) -> tuple[list[tuple], pa.Table, Accounting]:
    """Closed stays, measures and counted rows of a run."""
    found: list[tuple[list[tuple], pa.Table]] = []

    def watch(key: DayKey, stays: ShardFiles, measures: pa.Table, counted: Counted) -> None:
        found.append((rows_of(stays), measures))

    outcome = driver(folder, given, watch).run(None)
    return *found[0], outcome.state.accounting


def probes(steps: Steps) -> pa.Table:
    """The events as they come from the boundary."""
    parts = list(fragments(discover(steps.configuration.input.files)))
    spools = [spool for receipt in steps.read(parts, ClosedDays(frozenset())) for _, spool in receipt.spools]
    return pa.concat_tables([PROBE.empty(), *(read_table(steps.working.resolve(spool.file)) for spool in spools)])


def terms(steps: Steps) -> Terms:
    inputs, configuration = steps.inputs, steps.configuration
    return Terms(
        inputs.calendar,
        inputs.ground,
        configuration.time.lateness_us,
        configuration.engine.shards,
        Preparation(Place(configuration, steps.working, 1)),
    )
