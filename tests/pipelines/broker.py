"""A Kafka broker inside this process: the mock cluster of librdkafka, which keeps 5 MiB of each partition."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from confluent_kafka import Producer


@dataclass
class Broker:
    """A broker with topics of four partitions, made when first written to."""

    producer: Producer = field(
        default_factory=lambda: Producer(
            {"test.mock.num.brokers": 1, "log_level": 0, "linger.ms": 0, "message.max.bytes": 20_000_000}
        )
    )

    @property
    def address(self) -> str:
        brokers = self.producer.list_topics(timeout=10).brokers.values()
        return ",".join(f"{broker.host}:{broker.port}" for broker in brokers)

    def write(self, topic: str, partition: int, values: Sequence[bytes | None]) -> None:
        """Append messages to a partition, and wait until they are there."""
        for value in values:
            self.producer.produce(topic, value, partition=partition)
        assert self.producer.flush(20) == 0
