"""The release once more, from the same input under the same test key, with the devices behind it kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from anonymization.key_service import DayKey
from pipelines.attacks.devices import DayDevices, day_devices
from pipelines.embedded import Driver
from pipelines.inputs import Inputs, read_inputs
from pipelines.progress import Progress
from pipelines.staging import Counted, Shards
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.errors import UsageError


@dataclass(frozen=True)
class Reproduction:
    """What a second run of the same input made, and the devices of each privacy day.

    `release` and `working` are its folders, `keys` the keys of the days, which a test configuration derives anew;
    `measures` and `counted` are what the tables of each day were made from, and `stays` what these were counted from.
    """

    release: Path
    working: Path
    inputs: Inputs
    days: tuple[DayDevices, ...]
    keys: tuple[DayKey, ...]
    measures: tuple[pa.Table, ...]
    counted: tuple[Counted, ...]
    stays: tuple[Shards, ...]


def reproduce(configuration: Configuration, folder: Path, progress: Progress) -> Reproduction:
    """Run a configuration once more, into `folder`/release.

    Raises UsageError where it is no test, and what `run` raises.
    """
    if configuration.test is None:
        raise UsageError(
            f"{configuration.path}: expected a [test] table with a day_key, found none",
            "attacks need the devices behind a release: run simulated events with [test] day_key, and attack that",
        )
    release = folder / "release"
    settings = replace(configuration.release, directory=release, signing_key=folder / "signing_key.pem")
    inputs = read_inputs(replace(configuration, release=settings))
    working = WorkingDirectory(release.with_name(f"{release.name}.work"))
    watcher = _Watcher(inputs)
    with working.locked():
        Driver(inputs, working, progress, watcher.see).run(None)
    return Reproduction(
        release,
        working.path,
        inputs,
        tuple(watcher.days),
        tuple(watcher.keys),
        tuple(watcher.measures),
        tuple(watcher.counted),
        tuple(watcher.stays),
    )


@dataclass(frozen=True)
class Held(Shards):
    """Shards in memory."""

    tables: tuple[pa.Table, ...]

    def __iter__(self) -> Iterator[pa.Table]:
        yield from self.tables


@dataclass
class _Watcher:
    """Keeps what each day is counted from while it is counted."""

    inputs: Inputs
    days: list[DayDevices] = field(default_factory=list)
    keys: list[DayKey] = field(default_factory=list)
    measures: list[pa.Table] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    stays: list[Shards] = field(default_factory=list)

    def see(self, key: DayKey, stays: Shards, measures: pa.Table, counted: Counted) -> None:
        """Keep a day."""
        held = Counted(*(Held(tuple(each)) for each in (counted.visits, counted.trips, counted.crossings)))
        known = Held(tuple(stays))
        tables = (pa.concat_tables(list(each)) for each in (known, held.visits, held.trips, held.crossings))
        self.days.append(day_devices(self.inputs, key, *tables))
        self.keys.append(key)
        self.measures.append(measures)
        self.counted.append(held)
        self.stays.append(known)
