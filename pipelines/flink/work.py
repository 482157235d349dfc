"""What a task of a cluster works with: it gets the name of a configuration, and opens all else by itself.

So no key, no option of a broker and no register is in the graph that a cluster keeps.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from anonymization.key_service import KeyService
from pipelines.configuration import load
from pipelines.days import Day
from pipelines.flink.exchange import Announced, Exchange
from pipelines.fold import Prepared
from pipelines.ingest import ClosedDays, Ingestion
from pipelines.inputs import Inputs, inputs_of
from pipelines.kept_inputs import KeptInputs
from pipelines.open_registers import OPEN_REGISTERS
from pipelines.shard_fold import ShardFold, Terms
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.errors import SystemFailure

WHOLE_DAY = 26 * 60
"""Buckets of the longest privacy day: the stride where all events of a day are there before its first step."""


@dataclass(frozen=True)
class Task:
    """What every task is told, and what a job is resumed with.

    `terms`: the name of the kept inputs of privacy days that begin from now on, '' where inputs are read where they
    are; `begun`: those of the days that have begun. `lateness` in microseconds. `run` names the job.
    """

    configuration: str
    release: str
    exchange: str
    shards: int
    stride: int
    lateness: int
    terms: str = ""
    begun: Mapping[str, str] | None = None
    run: str = ""


class Work:
    """A task as it is in a worker: inputs and keys are opened when they are needed, once for the process."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.exchange = Exchange(Path(task.exchange))
        self._prepared: dict[str, Prepared] = {}
        self._days: dict[str, Day] = {}

    @cached_property
    def configuration(self) -> Configuration:
        """The configuration, as it is written now; the release is the one that the job was begun for."""
        found = load(Path(self.task.configuration))
        return replace(found, release=replace(found.release, directory=Path(self.task.release)))

    @cached_property
    def working(self) -> WorkingDirectory:
        """The working directory of the release."""
        directory = Path(self.task.release)
        return WorkingDirectory(directory.with_name(f"{directory.name}.work"))

    @cached_property
    def keys(self) -> KeyService:
        """The open day keys."""
        return self.working.key_service(self.configuration)

    def inputs_of(self, day: str) -> Inputs:
        """What a privacy day begins with, or began with."""
        terms = self.terms_of(day)
        # Stages of one process ask for the same at the same time.
        with _READING:
            if not terms:
                return inputs_of(self.configuration)
            return KeptInputs(self.working.kept_inputs).inputs(terms, self.configuration)

    @cached_property
    def terms(self) -> Terms:
        """What the fold of a shard goes by."""
        return Terms(
            self.inputs_of("").calendar,
            self.inputs_of("").ground,
            self.task.lateness,
            self.task.shards,
            self.prepare,
            self.task.stride,
            {day: self.inputs_of(day).ground for day in self.task.begun or {}},
        )

    def prepare(self, day: date) -> Prepared:
        """What the fold looks at the events of a privacy day with; raises SystemFailure where its key is gone."""
        name = day.isoformat()
        if name not in self._prepared:
            self._prepared[name] = self.inputs_of(name).prepared(self.keys.open(day))
        return self._prepared[name]

    def day(self, day: str) -> Day:
        """What the stays of a privacy day that is over are looked at with."""
        if day not in self._days:
            privacy_day = date.fromisoformat(day)
            self._days[day] = self.inputs_of(day).day(privacy_day, self.keys.open(privacy_day))
        return self._days[day]

    @cached_property
    def fold(self) -> ShardFold:
        """The fold of shards."""
        return ShardFold(self.terms)

    @property
    def announced(self) -> Announced:
        """What this task goes by; what holds keys and registers of published days here is let go."""
        announced = self.exchange.announced
        for known in (self._days, self._prepared):
            for day in [day for day in known if day in announced.published]:
                del known[day]
        for privacy_day in OPEN_REGISTERS.days:
            if privacy_day.isoformat() in announced.published:
                OPEN_REGISTERS.forget(privacy_day)
        return announced

    def see_that_it_is_at_work(self) -> None:
        """Raise SystemFailure where another job is: who submitted this one was killed, and has a follower."""
        if self.exchange.announced.run != self.task.run:
            raise SystemFailure("a task: another job of the same release is at work", "leave this one to its end")

    def terms_of(self, day: str) -> str:
        """The name of the kept inputs of a privacy day, '' where they are read where they are."""
        return (self.task.begun or {}).get(day, self.task.terms)

    def ingestion(self, folder: Path, dead_letters: Path, late: ClosedDays) -> Ingestion:
        """What reads files and messages; `folder` names what it leaves."""
        begun = {day: self.inputs_of(day) for day in self.task.begun or {} if day not in late}
        return Ingestion(self.inputs_of(""), self.keys, folder, dead_letters, late, begun)


_READING = threading.Lock()
