import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import ClusterMetadata, TopicMetadata

from pipelines.sources import kafka, kafka_client
from pipelines.sources.kafka import Topic
from pipelines.sources.messages import Messages
from schemas.configuration import Kafka
from schemas.errors import InputError, SystemFailure, UsageError
from tests.pipelines.broker import Broker

ALL = 10**9


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    # This one never tells the id of a topic.
    monkeypatch.setattr(kafka, "ID_SECONDS", 0.1)
    return Broker()


def topic(broker: Broker, told: list[str] | None = None, **options: str) -> Topic:
    given = Kafka(broker.address, "t", "json", group="g", client=options)
    return Topic(given, print if told is None else told.append)


def everything(
    source: Topic, positions: dict[str, int], count: int, seconds: float = 20.0
) -> dict[str, list[Messages]]:
    """Takes until so many messages have come, and moves the positions on."""
    found: dict[str, list[Messages]] = {}
    end = time.monotonic() + seconds
    while sum(len(each.values) for some in found.values() for each in some) < count and time.monotonic() < end:
        for messages in source.take(positions, ALL, 0.3):
            found.setdefault(messages.partition, []).append(messages)
            positions[messages.partition] = messages.next_offset
    return found


def values(found: dict[str, list[Messages]]) -> dict[str, list[bytes | None]]:
    return {name: [value for each in some for value in each.values] for name, some in sorted(found.items())}


def test_all_partitions_are_read_from_their_beginning_in_their_order(broker: Broker) -> None:
    broker.write("t", 0, [b"a", b"b", None])
    broker.write("t", 3, [b"c"])
    with topic(broker) as source:
        assert source.partitions() == ("t/0", "t/1", "t/2", "t/3")
        positions: dict[str, int] = {}
        assert values(everything(source, positions, 4)) == {"t/0": [b"a", b"b", None], "t/3": [b"c"]}
        assert positions == {"t/0": 3, "t/3": 1}
        broker.write("t", 0, [b"d"])
        broker.write("t", 1, [b"e"])
        found = everything(source, positions, 2)
        assert values(found) == {"t/0": [b"d"], "t/1": [b"e"]}
        (messages,) = found["t/0"]
        assert messages.offsets.tolist() == [3]
        assert (messages.format, messages.schemas, messages.high, messages.lateness) == ("json", None, None, 0)


def test_a_follower_goes_on_from_its_positions_and_goes_back_to_them(broker: Broker) -> None:
    broker.write("t", 0, [b"%d" % number for number in range(10)])
    with topic(broker) as source:
        assert values(everything(source, {"t/0": 7}, 3)) == {"t/0": [b"7", b"8", b"9"]}
        assert values(everything(source, {"t/0": 8}, 2)) == {"t/0": [b"8", b"9"]}
        assert values(everything(source, {}, 10)) == {"t/0": [b"%d" % number for number in range(10)]}
        assert source.take({"t/0": 10, "other/9": 3, "folder": 4}, ALL, 0.3) == []


def test_about_so_many_rows_are_taken_and_the_rest_stays(broker: Broker) -> None:
    broker.write("t", 0, [b"{}\n{}"] * 1_000)
    with topic(broker) as source:
        time.sleep(1)
        positions: dict[str, int] = {}
        (first,) = source.take(positions, 600, 5)
        assert 300 <= len(first.values) <= 600
        assert len(values(everything(source, {"t/0": first.next_offset}, 1_000 - len(first.values)))["t/0"]) < 701


def test_so_many_bytes_are_taken_at_most(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    broker.write("t", 0, [b"x" * 1_000] * 2_000)
    monkeypatch.setattr(kafka, "TAKE_BYTES", 100_000)
    with topic(broker) as source:
        positions: dict[str, int] = {}
        for _ in range(2):
            (some,) = source.take(positions, ALL, 5)
            assert 100 <= len(some.values) <= 100 + kafka.POLL_MESSAGES
            positions["t/0"] = some.next_offset


def test_a_message_of_ten_megabytes_comes_like_any_other(broker: Broker) -> None:
    with topic(broker) as source:
        broker.write("t", 2, [b"x" * 10_000_000])
        assert [len(value or b"") for value in values(everything(source, {}, 1))["t/2"]] == [10_000_000]


def test_an_offset_that_the_broker_no_longer_has_is_bad_input_that_names_the_earliest(broker: Broker) -> None:
    broker.write("t", 1, [b"x" * 100_000] * 100)
    with topic(broker) as source, pytest.raises(InputError) as caught:
        source.take({"t/1": 3}, ALL, 5)
    assert caught.value.message.startswith("t/1: expected offset 3, got ")
    assert 3 < int(caught.value.message.split("got ")[1].split(" ")[0]) < 100
    assert "retention.ms" in caught.value.hint


def test_messages_that_are_removed_while_a_follower_stands_still_are_missed_loudly(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kafka_client.SETTINGS, "queued.max.messages.kbytes", 1)  # type: ignore[arg-type]
    broker.write("t", 1, [b"x" * 100_000] * 2)
    with topic(broker) as source:
        (some,) = source.take({}, 1, 5)
        broker.write("t", 1, [b"x" * 100_000] * 150)
        positions = {"t/1": some.next_offset}
        with pytest.raises(InputError, match=r"t/1: expected offset \d+, got \d+ as the earliest"):
            everything(source, positions, 1_000)


def test_a_position_after_the_end_is_bad_input(broker: Broker) -> None:
    broker.write("t", 1, [b"x"])
    with topic(broker) as source:
        assert source.take({"t/1": 1}, ALL, 0.2) == []
        with pytest.raises(InputError, match="t/1: expected messages up to offset 2, got a partition that ends at 1"):
            source.take({"t/1": 2}, ALL, 1)
        with pytest.raises(InputError, match="t/9: expected a partition that was read before"):
            source.take({"t/9": 2}, ALL, 1)


def test_brokers_that_tell_no_id_are_read_all_the_same(broker: Broker) -> None:
    broker.write("t", 0, [b"a"])
    with topic(broker) as source:
        assert values(everything(source, {}, 1)) == {"t/0": [b"a"]}
        assert source.ids() == {}


def test_a_topic_that_is_not_there_is_bad_input(broker: Broker) -> None:
    with topic(broker) as source, pytest.raises(InputError, match="expected a topic of the name t, got none"):
        source.take({}, ALL, 1)


def test_a_broker_that_does_not_know_the_topic_for_a_while_ends_nothing(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.write("t", 0, [b"a"])
    told: list[str] = []
    unknown, metadata = TopicMetadata(), ClusterMetadata()
    unknown.error, metadata.topics = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART), {"t": unknown}
    with topic(broker, told) as source:
        positions: dict[str, int] = {}
        everything(source, positions, 1)
        with monkeypatch.context() as patched:
            # Not for longer: a look that takes as long as a take leaves no time to read.
            patched.setattr(kafka, "LOOK_SECONDS", 0.0)
            patched.setattr(source, "_consumer", Unknowing(source._consumer, metadata))
            assert source.take(positions, ALL, 0.3) == []
        assert [text for text in told if "trying again" in text]
        broker.write("t", 0, [b"b"])
        assert values(everything(source, positions, 1)) == {"t/0": [b"b"]}


class Unknowing:
    """A client whose broker answers a question about topics with some metadata."""

    def __init__(self, client: Consumer, metadata: ClusterMetadata) -> None:
        self._client, self._metadata = client, metadata

    def list_topics(self, _topic: str, timeout: float) -> ClusterMetadata:
        return self._metadata

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


def test_new_partitions_are_noticed(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    broker.write("t", 0, [b"a"])
    broker.write("t", 1, [b"b"])
    monkeypatch.setattr(kafka, "LOOK_SECONDS", 0.5)
    with topic(broker) as source:
        source.partitions()
        source._known -= {1}  # As if the topic had been made with fewer.
        source._looked = time.monotonic()
        positions: dict[str, int] = {}
        assert values(everything(source, positions, 2)) == {"t/0": [b"a"], "t/1": [b"b"]}
        assert positions == {"t/0": 1, "t/1": 1}


def test_offsets_are_committed_to_the_group_only_when_told(broker: Broker) -> None:
    broker.write("t", 0, [b"a"] * 5)
    watcher = Consumer({"bootstrap.servers": broker.address, "group.id": "g", "log_level": 0})

    def committed() -> int:
        return int(watcher.committed([TopicPartition("t", 0)], timeout=10)[0].offset)

    positions: dict[str, int] = {}
    with topic(broker) as source:
        everything(source, positions, 5)
        assert committed() < 0
        source.committed({"t/0": 3})
        end = time.monotonic() + 20
        while committed() != 3 and time.monotonic() < end:
            source.take(positions, ALL, 0.2)
        assert committed() == 3
    assert committed() == 3
    watcher.close()


def test_how_far_a_follower_is_behind_is_known_from_the_last_fetch(broker: Broker) -> None:
    broker.write("t", 0, [b"a"] * 5)
    with topic(broker) as source:
        positions: dict[str, int] = {}
        everything(source, positions, 5)
        assert source.behind(positions)["t/0"] == 0
        assert source.behind({"t/0": 2})["t/0"] == 3


def test_brokers_that_cannot_be_reached_are_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "WAIT_SECONDS", 0.5)
    told: list[str] = []
    with Topic(Kafka("127.0.0.1:1", "t", "json"), told.append) as source:
        assert source.partitions() == ()
        assert source.take({"t/0": 3}, ALL, 1) == []
        source.committed({"t/0": 3})
        assert len(told) == 1
        assert told[0].startswith("Kafka: ")
        assert told[0].endswith("; trying again")
        started = time.monotonic()
    assert time.monotonic() - started < 10


def test_an_error_after_which_the_client_does_not_go_on_is_a_failure_of_the_system() -> None:
    told: list[str] = []
    with Topic(Kafka("127.0.0.1:1", "t", "json"), told.append) as source:
        source._looked = time.monotonic()
        source._troubles.enter(KafkaError(KafkaError._FATAL, "no more", fatal=True))
        with pytest.raises(SystemFailure, match=r"127\.0\.0\.1:1: the Kafka client stopped \(no more\)"):
            source.take({}, ALL, 0.1)
    assert not [text for text in told if "no more" in text]


def test_options_that_the_client_refuses_are_an_error_without_their_values(broker: Broker) -> None:
    with pytest.raises(UsageError, match=r"No such configuration property: .no\.such\.option.") as caught:
        topic(broker, **{"no.such.option": "s3cret"})
    assert "s3cret" not in caught.value.message
    with pytest.raises(UsageError, match="found: a value that it does not take") as caught:
        topic(broker, **{"security.protocol": "s3cret"})
    assert "s3cret" not in caught.value.message


def test_a_folder_without_schemas_is_bad_input(broker: Broker, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder with the schemas of messages"):
        Topic(Kafka(broker.address, "t", "avro", tmp_path), print)
