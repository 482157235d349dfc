"""The client of Kafka: its options, and what becomes of its errors."""

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition, libversion
from confluent_kafka.admin import AdminClient

from schemas.configuration import Kafka
from schemas.errors import SystemFailure, UsageError

T = TypeVar("T")

AHEAD_KIB: Final = 64 << 10
"""So much is fetched while a step runs; then the partitions are left alone until it is taken."""

QUIET_SECONDS: Final = 10.0
"""How long after one error that passes others are not told."""

SETTINGS: Final[Mapping[str, str | int | bool]] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    # A position that is gone must be an error: any other answer leaves out messages, or takes them twice.
    "auto.offset.reset": "error",
    "allow.auto.create.topics": False,
    # The end of a transaction takes an offset that is never delivered: only this tells that there is nothing before it.
    "enable.partition.eof": True,
    "queued.max.messages.kbytes": AHEAD_KIB,
    "fetch.max.bytes": 16 << 20,
    # Of a full second by default: a partition whose messages were taken would wait so long for more.
    "fetch.queue.backoff.ms": 50,
    "reconnect.backoff.ms": 500,
}


class Troubles:
    """Errors of the client: those that pass are told, and one after which it does not go on is kept.

    `answered`: whether the brokers have answered since the last of them.
    """

    def __init__(self, brokers: str, told: Callable[[str], None]) -> None:
        self._brokers, self._told = brokers, told
        self._told_at = -QUIET_SECONDS
        self._fatal: KafkaError | None = None
        self.answered = False

    def enter(self, error: KafkaError) -> None:
        """Keep or tell an error; those that follow at once are not told."""
        self.answered = False
        now = time.monotonic()
        if error.fatal():
            self._fatal = error
        elif now - self._told_at >= QUIET_SECONDS:
            self._told_at = now
            self._told(f"Kafka: {error.str()}; trying again")

    def on_commit(self, error: KafkaError | None, _: list[TopicPartition]) -> None:
        """Hear how a commit went."""
        if error is not None:
            self.enter(error)

    def tolerate(self, call: Callable[[], T]) -> T | None:
        """What a call gives; None where it fails in a way that may pass."""
        try:
            found = call()
        except KafkaException as error:
            self.enter(error.args[0])
            return None
        self.answered = True
        return found

    def see_that_it_goes_on(self) -> None:
        """Raise SystemFailure after an error that does not pass."""
        if self._fatal is not None:
            raise SystemFailure(
                f"{self._brokers}: the Kafka client stopped ({self._fatal.str()})",
                "run the same command again: it goes on from the last finished step",
            )


def consumer(settings: Kafka, troubles: Troubles) -> Consumer:
    """The client; raises UsageError for options that it refuses, without their values, which may be secret."""
    heard = {"error_cb": troubles.enter, "on_commit": troubles.on_commit}
    options: dict[str, object] = {**_options(settings), **heard}
    try:
        return Consumer(options)
    except KafkaException as error:
        text = error.args[0].str()
        found = text if text.startswith("No such configuration property") else "a value that it does not take"
        raise UsageError(
            f"[input.kafka.client]: expected options of librdkafka {libversion()[0]}, found: {found}",
            "see the options of a consumer in CONFIGURATION.md of librdkafka",
        ) from None


def asker(settings: Kafka) -> AdminClient:
    """A client that asks about topics, which the other cannot, with options that the other has taken."""
    return AdminClient(_options(settings))


def topic_id(client: AdminClient, topic: str, seconds: float) -> str:
    """The id that brokers give to each topic that is made; empty where they do not tell it."""
    try:
        asked = client.describe_topics(TopicCollection([topic]), request_timeout=seconds)
        found = asked[topic].result().topic_id
    except KafkaException:
        return ""
    known = found.get_most_significant_bits() or found.get_least_significant_bits()
    return str(found) if known else ""


def _options(settings: Kafka) -> dict[str, str | int | float | bool]:
    return {
        # What matters is told; the library's own log goes to the standard error, unbidden.
        "log_level": 0,
        **settings.client,
        **SETTINGS,
        "bootstrap.servers": settings.brokers,
        "group.id": settings.group,
    }
