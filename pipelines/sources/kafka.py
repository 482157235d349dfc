"""A Kafka topic: messages of all its partitions from positions that the caller keeps."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

import numpy as np
from confluent_kafka import (
    OFFSET_BEGINNING,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from pipelines.sources import messages_avro
from pipelines.sources.kafka_client import Troubles, asker, consumer, topic_id
from pipelines.sources.messages import FORMATS, Messages
from schemas.configuration import Kafka
from schemas.errors import InputError

TAKE_BYTES: Final = 128 << 20
"""So many bytes of messages are taken at once, about, however few rows they have: memory is bounded by them."""

LOOK_SECONDS: Final = 30.0
"""How often it is looked for new partitions."""

WAIT_SECONDS: Final = 10.0
"""How long a broker may take to answer a question about the topic."""

ID_SECONDS: Final = 3.0
"""How long they may take to tell the id of the topic: some never do."""

_POSITION_GONE: Final = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)

POLL_MESSAGES: Final = 500
POLL_SECONDS: Final = 0.1


@dataclass
class Taken:
    """Messages of a partition, as they come."""

    offsets: list[int] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)


class Topic:
    """All partitions of a topic, read by one follower: another that follows it reads all of them too.

    With `share` (r, n) only those whose numbers leave r when they are divided by n: others of the same follower read
    the rest.

    Consumer groups do not share the work out: positions belong to a release, and are committed with its state. The
    offsets that are committed to the group tell a monitor how far the follower is, and are never read.

    `told` hears of brokers that cannot be reached, and the like: that is tried again for ever. Raises UsageError for
    options that the client refuses, and InputError for schemas that cannot be read.
    """

    def __init__(self, settings: Kafka, told: Callable[[str], None], share: tuple[int, int] = (0, 1)) -> None:
        if settings.format == "avro" and settings.schemas is not None:
            messages_avro.check(settings.schemas)
        self.settings = settings
        self._rest, self._readers = share
        self._troubles = Troubles(settings.brokers, told)
        self._rows = FORMATS[settings.format].rows
        self._known: set[int] = set()
        self._told = False
        self._assigned: dict[int, int] = {}
        # For each partition a position, and up to which offset there is no message from there on.
        self._empty: dict[int, tuple[int, int]] = {}
        self._looked: float | None = None
        self._consumer = consumer(settings, self._troubles)
        self._asker = asker(settings)
        self._id = ""

    def ids(self) -> dict[str, str]:
        """The id of the topic by its name, as the brokers told it last; empty where they did not."""
        return {self.settings.topic: self._id} if self._id else {}

    @property
    def is_known(self) -> bool:
        """Whether a broker has told which partitions there are."""
        return self._told

    def partitions(self) -> tuple[str, ...]:
        """The names of the partitions that are known, in order; none as long as no broker has answered."""
        if not self._known:
            self._look()
        return tuple(self._name(number) for number in sorted(self._known))

    def take(self, positions: Mapping[str, int], rows: int, seconds: float) -> list[Messages]:
        """The messages from some positions on, of each partition in its order; the earliest where there is none.

        Waits up to `seconds`, and ends with about `rows` rows, or TAKE_BYTES, whichever comes first. Called with the
        positions after what it gave before, it goes on; with others, it goes back or forth to these. Raises InputError
        for a topic that is not there, and for a position whose messages the broker has no more; SystemFailure for an
        error after which the client does not go on.
        """
        end = time.monotonic() + seconds
        taken: dict[int, Taken] = {}
        if self._ready(positions):
            size = count = 0
            while count < rows and size < TAKE_BYTES and (left := end - time.monotonic()) > 0:
                for message in self._consumer.consume(min(rows - count, POLL_MESSAGES), min(left, POLL_SECONDS)):
                    if error := message.error():
                        self._hear(message, error)
                        continue
                    value = self._enter(message, taken)
                    size += len(value or b"")
                    count += self._rows(value) if value else 1
        else:
            # Nothing is read; errors of the brokers are heard of.
            self._consumer.consume(1, max(end - time.monotonic(), 0.0))
        self._troubles.see_that_it_goes_on()
        return [self._messages(number, some) for number, some in sorted(taken.items())]

    def committed(self, positions: Mapping[str, int]) -> None:
        """Tell the group how far the follower is; nothing waits for the answer, and a failure is told.

        Left out while the brokers do not answer: the next time tells more.
        """
        here = ((self._number(name), at) for name, at in positions.items())
        offsets = [self._place(number, at) for number, at in here if number is not None]
        if offsets and self._troubles.answered:
            # A commit that waits for a broker that is down was seen to wait 45 s, and so was closing after one.
            with suppress(KafkaException):
                self._consumer.commit(offsets=offsets, asynchronous=True)

    def behind(self, positions: Mapping[str, int]) -> dict[str, int]:
        """How many offsets of each partition are still to be read, as far as the last fetch tells.

        Those before the end of a partition that no message has are none of them.
        """
        found: dict[str, int] = {}
        for number in self._assigned:
            name = self._name(number)
            start, end = self._empty.get(number, (None, 0))
            with suppress(KafkaException):
                low, high = self._consumer.get_watermark_offsets(self._place(number), cached=True)
                at = end if start == positions.get(name, OFFSET_BEGINNING) else positions.get(name, max(low, 0))
                found[name] = max(high - at, 0)
        return found

    def close(self) -> None:
        """Leave the brokers."""
        self._consumer.close()

    def __enter__(self) -> "Topic":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Positions

    def _ready(self, positions: Mapping[str, int]) -> bool:
        """Whether the client reads all partitions from where the caller is; makes it so where brokers answer."""
        if self._looked is None or time.monotonic() - self._looked >= LOOK_SECONDS:
            self._look()
        here = {number: at for name, at in positions.items() if (number := self._number(name)) is not None}
        for number in sorted(here.keys() - self._known if self._known else ()):
            raise InputError(
                f"{self._name(number)}: expected a partition that was read before, got none of that number",
                "the topic was made anew: follow it under another name, to another release",
            )
        wanted = {number: here.get(number, OFFSET_BEGINNING) for number in sorted(self._known)}
        return bool(wanted) and (wanted == self._assigned or self._assign(wanted))

    def _look(self) -> None:
        """Look which partitions there are."""
        found = self._troubles.tolerate(lambda: self._consumer.list_topics(self.settings.topic, timeout=WAIT_SECONDS))
        # To ask brokers that do not answer takes long, and is not needed where partitions are known.
        self._looked = time.monotonic() if self._known or found else None
        if found is None:
            return
        topic = found.topics[self.settings.topic]
        # A broker that has just started may not know yet what was there before.
        unknown = topic.error is not None and topic.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART
        if unknown and not self._known:
            raise InputError(
                f"[input.kafka] topic: expected a topic of the name {self.settings.topic}, got none on the brokers",
                "create it, or check its name and what the client may read",
            )
        if topic.error is not None:
            self._troubles.enter(topic.error)
            return
        self._told = True
        self._known |= {number for number in topic.partitions if number % self._readers == self._rest}
        self._id = topic_id(self._asker, self.settings.topic, ID_SECONDS)

    def _assign(self, wanted: Mapping[int, int]) -> bool:
        """Have the client read from some positions; whether the brokers have answered, and have them."""
        # Nothing may come from where the caller is not, while brokers do not answer.
        self._consumer.unassign()
        self._assigned = {}
        for number, at in wanted.items():
            if at != OFFSET_BEGINNING:
                kept = self._kept(number)
                if kept is None:
                    return False
                if not kept[0] <= at <= kept[1]:
                    raise self._gone(number, at, *kept)
        self._consumer.assign([self._place(number, at) for number, at in wanted.items()])
        self._assigned = dict(wanted)
        return True

    def _kept(self, number: int) -> tuple[int, int] | None:
        """The earliest offset of a partition that the brokers have, and the one after the last; None: no answer."""
        place = self._place(number)
        found: tuple[int, int] | None = self._troubles.tolerate(
            lambda: self._consumer.get_watermark_offsets(place, timeout=WAIT_SECONDS)
        )
        return found

    def _see_what_is_gone(self, number: int) -> None:
        """Raise InputError where the next messages of a partition are gone; else the next take goes there again."""
        at, kept = self._assigned.get(number, OFFSET_BEGINNING), self._kept(number)
        self._assigned = {}
        if kept and at != OFFSET_BEGINNING and not kept[0] <= at <= kept[1]:
            raise self._gone(number, at, *kept)

    def _gone(self, number: int, at: int, earliest: int, after: int) -> InputError:
        if at > after:
            return InputError(
                f"{self._name(number)}: expected messages up to offset {at}, got a partition that ends at {after}",
                "the topic was made anew, or lost messages: follow it to another release",
            )
        return InputError(
            f"{self._name(number)}: expected offset {at}, got {earliest} as the earliest that the brokers have",
            "messages were removed before they were read: keep them longer than a follower may stand still "
            "(retention.ms), and follow the topic to another release",
        )

    # Messages

    def _hear(self, message: Message, error: KafkaError) -> None:
        """Hear what came in place of a message; it is raised, told, or the end of a partition."""
        number, offset = message.partition(), message.offset()
        if error.code() == KafkaError._PARTITION_EOF:
            if number in self._assigned and offset is not None:
                self._empty[number] = (self._assigned[number], offset)
            return
        self._troubles.enter(error)
        if number is not None and error.code() in _POSITION_GONE:
            self._see_what_is_gone(number)

    def _enter(self, message: Message, taken: dict[int, Taken]) -> bytes | None:
        """Enter a message, and give its value."""
        number, offset = message.partition(), message.offset()
        if number is None or offset is None:
            return None
        self._troubles.answered = True
        value: bytes | None = message.value()
        some = taken.setdefault(number, Taken())
        some.offsets.append(offset)
        some.values.append(value)
        self._assigned[number] = offset + 1
        return value

    def _messages(self, number: int, some: Taken) -> Messages:
        offsets = np.array(some.offsets, np.int64)
        kafka = self.settings
        return Messages(self._name(number), offsets, tuple(some.values), kafka.format, kafka.schemas)

    # Names

    def _name(self, number: int) -> str:
        return f"{self.settings.topic}/{number}"

    def _number(self, name: str) -> int | None:
        """The number of a partition of this topic; None where the name is of something else."""
        topic, _, number = name.rpartition("/")
        return int(number) if topic == self.settings.topic and number.isdecimal() else None

    def _place(self, number: int, at: int = OFFSET_BEGINNING) -> TopicPartition:
        return TopicPartition(self.settings.topic, number, at)


def refuse_another_topic(known: Mapping[str, str], ids: Mapping[str, str]) -> None:
    """Raise InputError where a topic has another id than was known: positions are places in that which was read."""
    for name, found in ids.items():
        if known.get(name, found) != found:
            raise InputError(
                f"{name}: expected the topic that was read before, got another of the same name",
                "the topic was made anew: follow it under another name, to another release",
            )
