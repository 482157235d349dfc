"""Where events come from: files or a Kafka topic, and what is impossible in `[input.kafka]`."""

import re
from collections.abc import Mapping
from typing import Final

from pipelines.configuration_errors import Location, refusal, shown, write
from schemas.configuration import Input, Kafka
from schemas.errors import UsageError

FORMATS: Final = ("json", "avro", "arrow")

_OWN: Final = "the position is part of the state of the release, and is committed with it"
_BOUNDED: Final = "what is fetched ahead is bounded, so that memory does not grow"
_WRITTEN: Final = "it has a key of its own below [input.kafka]"
OWNED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("bootstrap.servers", "metadata.broker.list", "group.id"), _WRITTEN),
    **dict.fromkeys(
        (
            "auto.commit.enable",
            "auto.commit.interval.ms",
            "auto.offset.reset",
            "enable.auto.commit",
            "enable.auto.offset.store",
            "enable.partition.eof",
            "offset.store.method",
        ),
        _OWN,
    ),
    **dict.fromkeys(
        (
            "fetch.max.bytes",
            "fetch.queue.backoff.ms",
            "queued.max.messages.kbytes",
            "queued.min.messages",
        ),
        _BOUNDED,
    ),
    **dict.fromkeys(("group.instance.id", "group.protocol"), "one follower reads all partitions of the topic"),
    **dict.fromkeys(("allow.auto.create.topics",), "a topic that is not there is an error, and is not created"),
}
"""The options of librdkafka that this software sets itself, each with the reason."""

_BROKERS: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")


def check_source(section: Input) -> None:
    """Raise UsageError unless there are either files or a topic, and the topic can be read as it is written."""
    if section.events is None and section.kafka is None:
        hint = write(("input", "events"))
        raise refusal(("input", "events"), "a value", "none", f"write a table [input.kafka], or {hint}")
    if section.kafka is None:
        return
    if section.events is not None:
        hint = "remove events to follow the topic, or [input.kafka] to read files"
        raise refusal(("input", "events"), "none beside [input.kafka]", shown(str(section.events)), hint)
    _check_kafka(section.kafka)


def _check_kafka(kafka: Kafka) -> None:
    if not all(is_address(broker) for broker in kafka.brokers.split(",")):
        raise _impossible("brokers", "host:port,host:port", kafka.brokers)
    if not _TOPIC.fullmatch(kafka.topic) or kafka.topic in (".", ".."):
        raise _impossible("topic", "the name of a topic, of letters, digits, dots, dashes and underscores", kafka.topic)
    if kafka.format not in FORMATS:
        raise _impossible("format", '"json", "avro" or "arrow"', kafka.format)
    if kafka.format == "avro" and kafka.schemas is None:
        raise refusal(
            ("input.kafka", "schemas"), "a folder with the schemas of avro", "none", write(("input.kafka", "schemas"))
        )
    for option in kafka.client:
        if option in OWNED:
            location: Location = ("input.kafka", "client", option)
            raise refusal(location, f"no such option, as {OWNED[option]}", "one", f"remove {option}")


def is_address(text: str) -> bool:
    """Whether a text is a host and a port."""
    match = _BROKERS.fullmatch(text.strip())
    return match is not None and 0 < int(match[1]) <= 65_535


def _impossible(key: str, expected: str, value: str) -> UsageError:
    location = ("input.kafka", key)
    return refusal(location, expected, shown(value), write(location))
