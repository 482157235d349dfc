"""What both drivers of a cluster do alike: one over all the input there is, one over what arrives."""

import hashlib
import sys
from collections.abc import Mapping
from functools import cached_property

from pipelines.flink.cluster import Cluster
from pipelines.flink.exchange import Exchange
from pipelines.flink.work import Task
from pipelines.graph import Place
from pipelines.receipts import DayReceipt
from pipelines.state import DayState
from pipelines.steps import Steps
from schemas.errors import SystemFailure


class FlinkSteps(Steps):
    """Steps whose reading and counting are a job of a cluster, and are taken from its exchange."""

    @cached_property
    def exchange(self) -> Exchange:
        """Where the job hands on what it finds."""
        return Exchange(self.configuration.engine.flink.exchange or self.working.path / "flink")

    @cached_property
    def cluster(self) -> Cluster:
        """Where the job runs."""
        return Cluster(self.configuration.engine.flink.address)

    def day_receipts(self, day: str, known: DayState, place: Place) -> list[DayReceipt]:
        """What all shards did on a day, as they handed it on."""
        return self.exchange.take_shards(day, place.folder)

    def job_name(self, what: str) -> str:
        """The name of a job, which no job of another release has."""
        directory = self.configuration.release.directory
        return f"hexaflux {what} {directory.name} {hashlib.sha256(str(directory).encode()).hexdigest()[:8]}"

    def task(self, run: str, stride: int, terms: str = "", begun: Mapping[str, str] | None = None) -> Task:
        """What every task of the job is told."""
        configuration = self.configuration
        paths = (str(configuration.path), str(configuration.release.directory), str(self.exchange.path))
        return Task(*paths, configuration.engine.shards, stride, configuration.time.lateness_us, terms, begun, run)

    @property
    def settings(self) -> dict[str, str]:
        """Which Python the tasks are in, and what else every job needs of Flink, by its names."""
        python = str(self.configuration.engine.flink.python or sys.executable)
        return {
            "python.executable": python,
            "python.client.executable": python,
            "python.fn-execution.bundle.time": "100",
            "state.backend.type": "rocksdb",
            "restart-strategy.type": "fixed-delay",
            # It takes a while until a cluster knows that a TaskManager is gone, and tries it until then.
            "restart-strategy.fixed-delay.attempts": "30",
            "restart-strategy.fixed-delay.delay": "5 s",
        }


def see_that_all_rows_came(day: str, handed: int, counted: int) -> None:
    """Raise SystemFailure where shards have counted other rows of a day than readers handed on."""
    if handed != counted:
        raise SystemFailure(
            f"privacy day {day}: expected as many rows in its shards as were handed on, got "
            f"{'fewer' if counted < handed else 'more'}",
            "the cluster lost some or counted some twice, and nothing of the day is published; please report it",
        )
