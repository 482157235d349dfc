"""A producer of its own process: sends the probe events of a folder of Parquet files to a Kafka topic.

Events go out in the order of event_time, those of a subscriber always to the same partition. The last line on stdout
is a JSON object with what was sent; the exit code is 1 where the broker did not take all of it, 2 where nothing could
be sent.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from tests.cluster.messages import FORMATS, SCHEMA_NUMBER, Cuts, avro_schema
from tests.cluster.ordered import PARTITION, ordered

ARROW_ROWS: Final = 5_000
BURST_SECONDS: Final = 0.05
"""Formats of one event per message are cut so fine that a rate is kept to within so long."""

MOST_EVENTS_AT_ONCE: Final = 10_000
IN_FLIGHT_BYTES: Final = 64 << 20
"""About so much may be on its way to the broker; then the feed waits."""

FLUSH_SECONDS: Final = 300.0
TOPIC_SECONDS: Final = 30.0

_SETTINGS: Final = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 20,
    "batch.size": 1 << 20,
    "message.max.bytes": 32 << 20,
    # The limit is IN_FLIGHT_BYTES: a full queue would refuse messages in the middle of a batch, out of order.
    "queue.buffering.max.messages": 10_000_000,
    "queue.buffering.max.kbytes": 2_000_000,
    "delivery.report.only.error": True,
}


@dataclass(frozen=True)
class Feed:
    """What is sent, where to and how fast.

    `rows`: events of an Arrow message, about. `rate`: events per second, None for as fast as the broker takes them.
    `limit`: the first so many events only.
    """

    events: Path
    brokers: str
    topic: str
    format: str = "arrow"
    rows: int = ARROW_ROWS
    rate: float | None = None
    limit: int | None = None
    schemas: Path | None = None
    compression: str = "lz4"

    def block(self, partitions: int) -> int:
        """So many events, next to each other in time, are sent partition by partition."""
        if self.format == "arrow":
            return self.rows * partitions
        if self.rate is None:
            return MOST_EVENTS_AT_ONCE
        return int(min(max(self.rate * BURST_SECONDS, partitions), MOST_EVENTS_AT_ONCE))


@dataclass
class Sent:
    """What was sent so far: events, messages and bytes before compression; `failed` messages were not taken.

    `began`: when the first of them was, in seconds since the epoch; `seconds` from then on; `processor`: seconds of
    processors, the reading and sorting of the events included.
    """

    events: int = 0
    messages: int = 0
    bytes: int = 0
    failed: int = 0
    began: float = 0.0
    seconds: float = 0.0
    processor: float = 0.0

    def refused(self, error: KafkaError | None, message: Message) -> None:
        """Count a message that could not be delivered."""
        self.failed += error is not None


def feed(what: Feed) -> Sent:
    """Send the events, and wait until the broker has them; raises KafkaException without broker or topic."""
    sent = Sent()
    settings = {"bootstrap.servers": what.brokers, "compression.type": what.compression, "on_delivery": sent.refused}
    producer = Producer({**_SETTINGS, **settings})
    partitions = _partitions(producer, what.topic)
    start = None
    for partition, values, count in _messages(what, partitions):
        if start is None:
            # The first sort of many events takes seconds, which are not to be made up for.
            start, sent.began = time.perf_counter(), time.time()
        _send(producer, what.topic, partition, values, sent)
        sent.events += count
        if what.rate is not None:
            _wait(producer, start + sent.events / what.rate)
    sent.failed += producer.flush(FLUSH_SECONDS)
    sent.seconds = round(time.perf_counter() - start, 3) if start is not None else 0.0
    sent.processor = round(time.process_time(), 3)
    return sent


def _partitions(producer: Producer, topic: str) -> int:
    found = producer.list_topics(topic, timeout=TOPIC_SECONDS).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)
    return len(found.partitions)


def _messages(what: Feed, partitions: int) -> Iterator[tuple[int, list[bytes], int]]:
    """Where messages go, their values, and how many events they hold."""
    encode = FORMATS[what.format]
    for number, window in enumerate(_limited(what, partitions)):
        rows, cuts, to = _in_blocks(window[PARTITION].to_numpy(), what.block(partitions), partitions)
        events = window.drop_columns(PARTITION).take(pa.array(rows))
        if number == 0 and what.format == "avro" and what.schemas is not None:
            what.schemas.mkdir(parents=True, exist_ok=True)
            (what.schemas / f"{SCHEMA_NUMBER}.avsc").write_text(avro_schema(events.schema), encoding="utf-8")
        for partition, values, (begin, end) in zip(to, encode(events, cuts), cuts, strict=True):
            yield partition, values, end - begin


def _limited(what: Feed, partitions: int) -> Iterator[pa.Table]:
    left = what.limit
    for window in ordered(what.events, partitions):
        yield window if left is None else window.slice(0, left)
        if left is not None:
            left = max(left - window.num_rows, 0)
            if not left:
                return


def _in_blocks(partition: np.ndarray, block: int, partitions: int) -> tuple[np.ndarray, Cuts, list[int]]:
    """The order of rows by block and partition, where each of these begins and ends in it, and its partition."""
    key = np.arange(len(partition)) // block * partitions + partition
    rows = np.argsort(key, kind="stable")
    found, begins = np.unique(key[rows], return_index=True)
    ends = [*begins[1:].tolist(), len(partition)]
    return rows, list(zip(begins.tolist(), ends, strict=True)), (found % partitions).tolist()


def _send(producer: Producer, topic: str, partition: int, values: list[bytes], sent: Sent) -> None:
    sent.messages += len(values)
    sent.bytes += sum(map(len, values))
    producer.poll(0)
    while len(producer) * sent.bytes > IN_FLIGHT_BYTES * sent.messages:
        producer.poll(0.01)
    messages = [{"value": value} for value in values]
    if producer.produce_batch(topic, messages, partition=partition) != len(messages):
        raise RuntimeError(next(str(message["_error"]) for message in messages if "_error" in message))


def _wait(producer: Producer, until: float) -> None:
    while (left := until - time.perf_counter()) > 0:
        producer.poll(left)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.feed", description=__doc__)
    parser.add_argument("events", type=Path, help="folder of Parquet files")
    parser.add_argument("--brokers", required=True, help="host:port")
    parser.add_argument("--topic", required=True)
    parser.add_argument("--format", choices=FORMATS, default="arrow")
    parser.add_argument(
        "--rows", type=int, default=ARROW_ROWS, help="events of an Arrow message (default: %(default)s)"
    )
    parser.add_argument("--rate", type=float, help="events per second (default: as fast as possible)")
    parser.add_argument("--limit", type=int, help="only the first so many events")
    parser.add_argument("--schemas", type=Path, help=f"write the Avro schema into this folder, as {SCHEMA_NUMBER}.avsc")
    parser.add_argument("--compression", choices=("none", "lz4", "zstd", "snappy", "gzip"), default="lz4")
    return parser


def main() -> int:
    """Send, and say what was sent."""
    try:
        sent = feed(Feed(**vars(_parser().parse_args())))
    except (KafkaException, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(asdict(sent)), flush=True)
    return 1 if sent.failed else 0


if __name__ == "__main__":
    sys.exit(main())
