"""The jobs on Flink: their graphs, and their submission in a process of its own, which has a Java machine.

fragments -> read, pseudonymise, split by shard        (bounded: `ReadFragment`, in parallel)
ticks     -> the same, of a share of a topic           (unbounded: `ReadTopic`, a chain for each reader)
shards    -> fold as the watermark passes              (`FoldShard`, by privacy day and shard)
sums      -> sum over all shards                       (`SumShards`, by privacy day and stride)

    python -m pipelines.flink.job RUN ORDER.json

prints the number that the cluster gives the job; it ends with an error where the order is of another run.
"""

import sys
from pathlib import Path
from typing import Final

from pyflink.common import Configuration, Types, WatermarkStrategy
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from pipelines.flink.order import Order
from pipelines.flink.stages import (
    FoldShard,
    Progress,
    ReadFragment,
    ReadTopic,
    SumShards,
    element_type,
    sum_type,
)

KEY_GROUPS: Final = 4096
"""Into so many groups Flink divides keys: the most tasks that may ever share a job."""

TICKS: Final = """
CREATE TEMPORARY TABLE ticks (tick BIGINT)
WITH ('connector' = 'datagen', 'rows-per-second' = '5', 'scan.parallelism' = '1')
"""
"""What wakes readers: Flink has no source in Python, and timers of PyFlink may be lost where a job is restored."""


def main() -> None:
    """Submit the job of an order."""
    run, path = sys.argv[1:]
    order = Order.read(Path(path))
    if order.task.run != run:
        sys.exit("expected the order of this run, got another: a later follower has begun")
    environment = _environment(order)
    if order.fragments is None:
        _topic(environment, order)
    else:
        _files(environment, order)
    print(environment.execute_async(order.name).get_job_id())  # noqa: T201


def _environment(order: Order) -> StreamExecutionEnvironment:
    """An environment of the cluster: one that only is told of a remote target works in the client, and says nothing."""
    gateway = get_gateway()
    java = gateway.jvm.org.apache.flink
    settings = Configuration(j_configuration=java.configuration.GlobalConfiguration.loadConfiguration())
    for name, value in order.settings.items():
        settings.set_string(name, value)
    host, _, port = order.address.rpartition(":")
    none = gateway.new_array(gateway.jvm.String, 0)
    remote = java.streaming.api.environment.StreamExecutionEnvironment.createRemoteEnvironment
    environment = StreamExecutionEnvironment(remote(host.strip("[]"), int(port), settings._j_configuration, none))
    environment.set_max_parallelism(KEY_GROUPS)
    # A step from one task to many would put elements out of order.
    environment.set_parallelism(1)
    return environment


def _files(environment: StreamExecutionEnvironment, order: Order) -> None:
    """A stream with an end: in batch mode timers that Python sets come when Flink is at another key, and are lost."""
    numbers = environment.from_collection(list(range(len(order.fragments or ()))), Types.INT())
    read = (
        numbers.rebalance()
        .flat_map(ReadFragment(order.task, order.step), element_type())
        .name("Read files")
        .set_parallelism(order.parallelism)
    )
    _fold(read, order)


def _topic(environment: StreamExecutionEnvironment, order: Order) -> None:
    """Each reader is a chain of one task, so that the watermark is the least of all, and each keeps its positions."""
    tables = StreamTableEnvironment.create(environment)
    tables.execute_sql(TICKS)
    ticks = tables.to_data_stream(tables.from_path("ticks"))
    # Not Flink's idleness: where all readers are idle, it takes the furthest of them for the watermark.
    progress = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Progress())
    read = [
        ticks.key_by(_nothing, Types.INT())
        .process(ReadTopic(order.task, reader, order.readers), element_type())
        .name(f"Read topic, share {reader}")
        .uid(f"reader-{reader}")
        .assign_timestamps_and_watermarks(progress)
        for reader in range(order.readers)
    ]
    _fold(read[0].union(*read[1:]) if read[1:] else read[0], order)


def _fold(events: DataStream, order: Order) -> None:
    (
        events.key_by(_shard, Types.STRING())
        .process(FoldShard(order.task), sum_type())
        .name("Follow devices")
        .uid("fold")
        .set_parallelism(order.parallelism)
        .key_by(_stride, Types.STRING())
        .process(SumShards(order.task), Types.STRING())
        .name("Sum shards")
        .uid("sum")
        .set_parallelism(order.parallelism)
    )


def _nothing(_tick: object) -> int:
    return 0


def _shard(element: tuple[str, int, bytes, int]) -> str:
    return f"{element[0]}/{element[1]}"


def _stride(told: tuple[str, int, str, bytes]) -> str:
    return f"{told[0]}/{told[1]}/{told[2]}"


if __name__ == "__main__":
    main()
