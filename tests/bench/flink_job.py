"""A run as a way of the benchmark has it: `python -m tests.bench.flink_job CONFIG RELEASE WAY.json`."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.flink import driver
from pipelines.flink.cluster import Cluster
from pipelines.flink.driver import FlinkDriver
from pipelines.flink.order import Order
from pipelines.progress import Progress
from pipelines.sources.fragment import Fragment
from tests.bench.flink_way import Way
from tests.bench.timers import TIMERS, leave_times


class TimedCluster(Cluster):
    """A cluster to which jobs of timed stages are submitted."""

    def submit(self, order: Order, path: Path) -> str:
        """Submit a job in a process of its own."""
        order.write(path)
        command = [sys.executable, "-W", "ignore", "-c", "from tests.bench.flink_timed import main; main()"]
        return subprocess.run(
            [*command, order.task.run, str(path)], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.split()[-1]


def driver_of(way: Way) -> type[FlinkDriver]:
    """The driver on Flink as a way has it."""

    class AsAsked(FlinkDriver):
        @property
        def cluster(self) -> Cluster:
            return TimedCluster(super().cluster.address) if way.timed else super().cluster

        def _order(self, fragments: tuple[Fragment, ...]) -> Order:
            order = super()._order(fragments)
            return replace(order, settings={**order.settings, **way.settings})

    return AsAsked


def main() -> None:
    """Run it."""
    config, release, way = Path(sys.argv[1]), Path(sys.argv[2]), Way.read(sys.argv[3])
    if way.stride:
        driver.WHOLE_DAY = way.stride
    if way.timed:
        from tests.bench import flink_timed

        flink_timed.install()
        TIMERS.seconds[flink_timed.START] = time.process_time()
    configuration = load(config)
    configuration = replace(configuration, release=replace(configuration.release, directory=release))
    chosen = driver_of(way) if way.driver == "flink" else None
    run(configuration, Progress(Console(stderr=True), quiet=True), chosen)
    if way.timed:
        leave_times(release.with_name(f"{release.name}.work"))


if __name__ == "__main__":
    main()
