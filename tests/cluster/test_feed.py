"""What a feed sends stands in the topic: whole, in order, at its rate, also when the broker is killed."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from schemas.fields import INSTANT
from tests.cluster.broker import Broker
from tests.paths import ROOT

pytestmark = pytest.mark.cluster

EVENTS = 20_000
PARTITIONS = 3

Row = tuple[int, str, str, str | None]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of events, in no order, each at a time of its own."""
    folder, random = tmp_path_factory.mktemp("events"), np.random.default_rng(7)
    order = random.permutation(EVENTS)
    kinds = np.array(["call", "sms", "data", None])
    table = pa.table(
        {
            "event_time": pa.array(1_781_924_400_000_000 + order * 1_000_001).cast(INSTANT),
            "subscriber_id": pa.array([f"20801{number:010d}" for number in random.integers(0, 500, EVENTS)]),
            "cell_id": pa.array([f"20801-é{number}" for number in random.integers(0, 50, EVENTS)]),
            "event_type": pa.array(kinds[random.integers(0, len(kinds), EVENTS)], pa.string()),
        }
    )
    for number in range(2):
        pq.write_table(table.slice(number * EVENTS // 2, EVENTS // 2), folder / f"{number}.parquet")
    return folder


def start(broker: Broker, topic: str, events: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.cluster.feed", str(events), "--brokers", broker.address]
    command += ["--topic", topic, *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> dict[str, float]:
    """What a feed says that it sent."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    said: dict[str, float] = json.loads(output)
    return said


def values(broker: Broker, topic: str) -> list[list[bytes]]:
    """The values of all messages of each partition, in their order."""
    settings = {"bootstrap.servers": broker.address, "group.id": "test", "enable.auto.commit": False}
    consumer = Consumer({**settings, "enable.partition.eof": False})
    places = [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)]
    ends = [consumer.get_watermark_offsets(place, timeout=30)[1] for place in places]
    consumer.assign(places)
    found: list[list[bytes]] = [[] for _ in places]
    until = time.monotonic() + 60
    while [len(some) for some in found] != ends and time.monotonic() < until:
        for message in consumer.consume(1_000, 0.5):
            assert message.error() is None
            found[message.partition() or 0].append(message.value() or b"")
    consumer.close()
    assert [len(some) for some in found] == ends
    return found


def decoded(name: str, value: bytes, schemas: Path) -> Iterator[Row]:
    if name == "arrow":
        table = pa.ipc.open_stream(value).read_all()
        times = table["event_time"].cast(pa.int64()).to_pylist()
        yield from zip(times, *(column.to_pylist() for column in table.columns[1:]), strict=True)
        return
    if name == "json":
        record = json.loads(value)
        record["event_time"] = datetime.fromisoformat(record["event_time"])
    else:
        schema = fastavro.parse_schema(json.loads((schemas / f"{int.from_bytes(value[1:5])}.avsc").read_bytes()))
        record = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
    at = record.pop("event_time")
    yield (int(at.timestamp()) * 1_000_000 + at.microsecond, *record.values())


def assert_all_sent(events: Path, found: list[list[Row]]) -> None:
    """All events once, in the order of time in each partition, and those of a subscriber in one."""
    table = pq.read_table(events)
    times = table["event_time"].cast(pa.int64()).to_pylist()
    given = sorted(zip(times, *(column.to_pylist() for column in table.columns[1:]), strict=True))
    assert sorted(row for rows in found for row in rows) == given
    assert all(rows == sorted(rows) for rows in found)
    lines = [{row[1] for row in rows} for rows in found]
    assert all(lines)
    assert sum(map(len, lines)) == len(set.union(*lines))


@pytest.mark.parametrize("name", ["arrow", "json", "avro"])
def test_all_events_are_in_the_topic_in_their_order(broker: Broker, events: Path, tmp_path: Path, name: str) -> None:
    topic = f"all-{name}"
    broker.create_topic(topic, PARTITIONS)
    said = ended(start(broker, topic, events, "--format", name, "--rows", "500", "--schemas", str(tmp_path)))
    sent = values(broker, topic)
    assert_all_sent(events, [[row for value in some for row in decoded(name, value, tmp_path)] for some in sent])
    messages = sum(map(len, sent))
    assert (said["events"], said["messages"], said["failed"]) == (EVENTS, messages, 0)
    assert said["bytes"] == sum(len(value) for some in sent for value in some)
    assert EVENTS / 500 <= messages <= EVENTS / 500 + PARTITIONS if name == "arrow" else messages == EVENTS


def test_a_feed_keeps_its_rate_and_its_limit(broker: Broker, events: Path) -> None:
    broker.create_topic("slow", PARTITIONS)
    said = ended(start(broker, "slow", events, "--format", "json", "--rate", "2000", "--limit", "6000"))
    assert said["events"] == said["messages"] == 6_000
    assert said["seconds"] >= 3.0


def test_nothing_is_lost_or_doubled_when_the_broker_is_killed(broker: Broker, events: Path, tmp_path: Path) -> None:
    broker.create_topic("killed", PARTITIONS)
    process = start(broker, "killed", events, "--rate", "2000", "--rows", "100")
    wait_for_messages(broker, "killed")
    broker.kill()
    assert process.poll() is None
    broker.start()
    assert ended(process)["failed"] == 0
    sent = values(broker, "killed")
    assert_all_sent(events, [[row for value in some for row in decoded("arrow", value, tmp_path)] for some in sent])


def test_a_feed_to_a_topic_that_is_not_there_ends_with_an_error(broker: Broker, events: Path) -> None:
    process = start(broker, "nowhere", events)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "UNKNOWN_TOPIC" in errors


def wait_for_messages(broker: Broker, topic: str) -> None:
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "test"})
    until = time.monotonic() + 60
    while consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)[1] == 0:
        assert time.monotonic() < until, "no message within a minute"
        time.sleep(0.05)
    consumer.close()
