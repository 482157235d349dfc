"""A topic as a broker tells of it: what is still to be read, and whether it is the one that was read."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer

from pipelines.configuration import load
from pipelines.follow.command import follower_of
from pipelines.follow.follower import Follower
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.sources.kafka import Topic
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Kafka
from schemas.errors import InputError
from tests.cluster.broker import Broker
from tests.cluster.places import place_of_topic
from tests.follow.delivered import QUIET, Place, town

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


def test_a_topic_that_was_made_anew_is_not_read_from_the_middle(broker: Broker, tmp_path: Path) -> None:
    given = town(tmp_path / "town", events=2_000)
    broker.create_topic("anew", 2)
    of = place_of_topic(tmp_path / "place", given, broker.address, "anew", "json")
    send(broker, "anew", 10)
    found = follower(of)
    found.round()
    while found.state.accounting.rows_in < 10:
        found.round()
    found.end()
    committed = found.state
    assert list(committed.topics) == ["anew"]
    broker.delete_topic("anew")
    broker.create_topic("anew", 2)
    send(broker, "anew", 20)
    again = follower(of)
    with pytest.raises(InputError, match="anew: expected the topic that was read before, got another of the same name"):
        again.round()
    again.end()
    assert again.state == committed
    # A state of a version that kept no id goes on.
    older = follower(of)
    older.go_on(replace(committed, topics={}))
    while older.state.accounting.rows_in < 20:
        older.round()
    older.end()
    assert older.state.topics != committed.topics


def send(broker: Broker, topic: str, count: int) -> None:
    producer = Producer({"bootstrap.servers": broker.address, "log_level": 0})
    for number in range(count):
        producer.produce(topic, b"{}", partition=number % 2)
    assert producer.flush(SECONDS) == 0


def follower(of: Place) -> Follower:
    """A follower that goes on from what is committed."""
    working = WorkingDirectory(of.release.with_name("release.work"))
    found, begun = follower_of(inputs_of_now(load(of.config)), working, QUIET, silent), working.load()
    if begun is None:
        working.path.mkdir()
        working.clear(found.closing.keys)
    else:
        found.go_on(begun)
    return found
