"""A job of Python code that runs until it is ended: `python -m tests.cluster.flink_job`, in a cluster's environment.

It prints the job's id.
"""

import sys
import time

from pyflink.common import Configuration, Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.number_seq import NumberSequenceSource
from pyflink.java_gateway import get_gateway


def slowly(number: int) -> int:
    """The number, some time later."""
    time.sleep(0.05)
    return number


def main(address: str) -> None:
    """Send the job to the cluster at an address."""
    gateway = get_gateway()
    host, _, port = address.partition(":")
    flink = gateway.jvm.org.apache.flink
    # A remote environment would read no configuration.
    settings = Configuration(j_configuration=flink.configuration.GlobalConfiguration.loadConfiguration())
    remote = flink.streaming.api.environment.StreamExecutionEnvironment.createRemoteEnvironment
    none = gateway.new_array(gateway.jvm.String, 0)
    environment = StreamExecutionEnvironment(remote(host, int(port), settings._j_configuration, none))
    environment.set_parallelism(1)
    numbers = environment.from_source(
        NumberSequenceSource(0, 2**60), WatermarkStrategy.no_watermarks(), "numbers", Types.LONG()
    )
    numbers.map(slowly, Types.LONG()).print()
    print(environment.execute_async("slowly").get_job_id())


if __name__ == "__main__":
    main(sys.argv[1])
