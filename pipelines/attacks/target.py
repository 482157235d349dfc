"""What is attacked: a test release, the simulated truth, and the devices behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from anonymization.policy import Policy
from pipelines.arrays import Ints
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.members import Tables, counts, members_of_release
from pipelines.attacks.reproduction import Reproduction
from pipelines.inputs import Inputs


@dataclass(frozen=True)
class Published:
    """Published tables by indicator, with the privacy day in `date`: a release, or a weak one."""

    tables: Tables


@dataclass(frozen=True)
class Target:
    """A test release, its simulated truth, and what a second run of the same input shows of the devices behind it.

    `truth`: the folder of the truth; `tables`: those of the release; `scratch`: a folder for what attacks have to
    write; `seed`: of all that is drawn.
    """

    release: Path
    truth: Path
    tables: Tables
    reproduction: Reproduction
    scratch: Path
    seed: int = 1

    @property
    def inputs(self) -> Inputs:
        """The small inputs of the release."""
        return self.reproduction.inputs

    @property
    def policy(self) -> Policy:
        """The privacy numbers of the release."""
        return self.inputs.policy

    @property
    def days(self) -> tuple[DayDevices, ...]:
        """The devices of each privacy day."""
        return self.reproduction.days

    @property
    def published(self) -> Published:
        """What the release publishes."""
        return Published(self.tables)

    @cached_property
    def behind(self) -> Mapping[str, Mapping[str, pa.Table]]:
        """MEMBERS of the release, by privacy day and indicator."""
        return {day.day.isoformat(): members_of_release(self.tables, day, self.inputs) for day in self.days}


def members_by_day(published: Published, target: Target) -> list[Mapping[str, pa.Table]]:
    """MEMBERS of published tables by indicator, for each privacy day."""
    if published.tables is target.tables:
        return list(target.behind.values())
    return [members_of_release(published.tables, day, target.inputs) for day in target.days]


def devices_behind(published: Published, target: Target) -> dict[str, Ints]:
    """For each indicator int64[rows]: how many distinct devices are behind each row."""
    return counted(published, members_by_day(published, target))


def counted(published: Published, found: Sequence[Mapping[str, pa.Table]]) -> dict[str, Ints]:
    """For each indicator int64[rows]: the pairs of each row in MEMBERS of all days."""
    return {
        name: sum((counts(of_day[name], table.num_rows) for of_day in found), np.zeros(table.num_rows, np.int64))
        for name, table in published.tables.items()
    }
