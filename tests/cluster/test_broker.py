"""A broker keeps what it has acknowledged, also when it is killed."""

from collections import Counter
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from tests.cluster.broker import Broker
from tests.cluster.jars import BrokerError

pytestmark = pytest.mark.cluster

MESSAGES = 10_000
PARTITIONS = 3


def text(number: int) -> bytes:
    return f"message {number}".encode()


class Delivered:
    """The messages that the broker has acknowledged."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        self.count += 1


def produce(broker: Broker, topic: str, numbers: range, told: Delivered, producer: Producer | None = None) -> Producer:
    """Hand messages to a producer, number n for partition n modulo the partitions."""
    found = producer or Producer({"bootstrap.servers": broker.address, "acks": "all", "enable.idempotence": True})
    for number in numbers:
        found.produce(topic, text(number), partition=number % PARTITIONS, on_delivery=told)
        found.poll(0)
    return found


def consumer(broker: Broker, topic: str, group: str) -> Consumer:
    settings = {"bootstrap.servers": broker.address, "group.id": group, "enable.auto.commit": False}
    found = Consumer({**settings, "auto.offset.reset": "earliest"})
    found.subscribe([topic])
    return found


def take(of: Consumer, count: int) -> list[Message]:
    """The next messages, at least so many."""
    taken: list[Message] = []
    for _ in range(120):
        if len(taken) >= count:
            return taken
        taken += [message for message in of.consume(1_000, 0.5) if message.error() is None]
    raise AssertionError(f"expected {count} messages within a minute, got {len(taken)}")


def assert_all_once_and_in_order(messages: list[Message]) -> None:
    assert Counter(message.value() for message in messages) == Counter(map(text, range(MESSAGES)))
    for partition in range(PARTITIONS):
        values = [message.value() for message in messages if message.partition() == partition]
        assert values == [text(number) for number in range(partition, MESSAGES, PARTITIONS)]


def test_messages_acknowledged_before_and_after_a_kill_are_all_there(broker: Broker) -> None:
    topic, told = "killed", Delivered()
    broker.create_topic(topic, PARTITIONS)
    producer = produce(broker, topic, range(MESSAGES // 2), told)
    while told.count < MESSAGES // 4:
        producer.poll(0.1)
    broker.kill()
    assert not broker.running
    produce(broker, topic, range(MESSAGES // 2, MESSAGES), told, producer)
    broker.start()
    assert producer.flush(60) == 0
    assert told.count == MESSAGES
    reader = consumer(broker, topic, "killed")
    assert_all_once_and_in_order(take(reader, MESSAGES))
    assert reader.consume(1, 1.0) == []
    reader.close()


def test_a_group_goes_on_from_its_committed_offsets_after_a_kill_and_a_restart(broker: Broker) -> None:
    topic, told = "committed", Delivered()
    broker.create_topic(topic, PARTITIONS)
    assert produce(broker, topic, range(MESSAGES), told).flush(60) == 0
    taken: list[Message] = []
    for end in (broker.kill, broker.stop):
        reader = consumer(broker, topic, "committed")
        taken += take(reader, MESSAGES // 4)
        reader.commit(asynchronous=False)
        reader.close()
        end()
        broker.start()
    reader = consumer(broker, topic, "committed")
    assert_all_once_and_in_order([*taken, *take(reader, MESSAGES - len(taken))])
    reader.close()


def test_a_topic_has_the_partitions_and_settings_that_were_asked_for(broker: Broker) -> None:
    broker.create_topic("eight", 8, retention_bytes="1048576")
    reader = consumer(broker, "eight", "eight")
    assert len(reader.list_topics("eight", timeout=10).topics["eight"].partitions) == 8
    assert reader.get_watermark_offsets(TopicPartition("eight", 7), timeout=10) == (0, 0)
    reader.close()


def test_a_broker_that_cannot_start_says_why(broker: Broker, tmp_path: Path) -> None:
    other = Broker(tmp_path / "other")
    other.settings.write_text("process.roles=nobody\n", encoding="utf-8")
    other.data.mkdir()
    with pytest.raises(BrokerError, match="nobody"):
        other.start()
