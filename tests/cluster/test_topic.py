"""A topic as a broker tells of it: what is still to be read, and whether it is the one that was read."""

import time

import pytest
from confluent_kafka import Producer

from pipelines.sources.kafka import Topic
from schemas.configuration import Kafka
from tests.cluster.broker import Broker

pytestmark = pytest.mark.cluster

ALL = 10**9
SECONDS = 30.0


def topic(broker: Broker, name: str) -> Topic:
    return Topic(Kafka(broker.address, name, "json"), print)


def take(source: Topic, positions: dict[str, int], behind: dict[str, int]) -> None:
    """Take messages for a second, and on until so many offsets are still to be read; fails after a while."""
    since = time.monotonic()
    while (spent := time.monotonic() - since) < 1.0 or (source.behind(positions) != behind and spent < SECONDS):
        for messages in source.take(positions, ALL, 0.3):
            positions[messages.partition] = messages.next_offset
    assert source.behind(positions) == behind


class Transactions:
    """A producer that sends messages in transactions."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self.topic = topic
        self.producer = Producer({"bootstrap.servers": broker.address, "transactional.id": topic, "log_level": 0})
        self.producer.init_transactions(SECONDS)

    def begin(self, *partitions: int) -> None:
        self.producer.begin_transaction()
        for number in partitions:
            self.producer.produce(self.topic, b"{}", partition=number)
        assert self.producer.flush(SECONDS) == 0

    def commit(self) -> None:
        self.producer.commit_transaction(SECONDS)

    def abort(self) -> None:
        self.producer.abort_transaction(SECONDS)


def test_after_the_end_of_a_transaction_nothing_is_still_to_be_read(broker: Broker) -> None:
    broker.create_topic("transactions", 3)
    sent = Transactions(broker, "transactions")
    sent.begin(0, 0, 1)
    sent.commit()
    nothing = {"transactions/0": 0, "transactions/1": 0, "transactions/2": 0}
    positions: dict[str, int] = {}
    with topic(broker, "transactions") as source:
        take(source, positions, nothing)
        assert positions == {"transactions/0": 2, "transactions/1": 1}
        # In one that is aborted no message is delivered at all.
        sent.begin(1, 2)
        sent.abort()
        take(source, positions, nothing)
        assert positions == {"transactions/0": 2, "transactions/1": 1}
        sent.begin(0)
        take(source, positions, {**nothing, "transactions/0": 1})
        sent.commit()
        take(source, positions, nothing)
        assert positions["transactions/0"] == 4
        assert source.behind({**positions, "transactions/0": 1})["transactions/0"] > 0
    with topic(broker, "transactions") as source:
        take(source, positions, nothing)
