"""Following a Kafka topic: messages of all its partitions, from the positions that the state holds."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from pipelines.embedded import INGEST_ROWS
from pipelines.follow.follower import Follower
from pipelines.follow.log import Log
from pipelines.ingest import Receipt
from pipelines.inputs import Inputs
from pipelines.progress import Progress
from pipelines.sources.kafka import Topic, refuse_another_topic
from pipelines.sources.messages import Messages
from pipelines.state import Partition, State
from pipelines.steps import MarkInput
from pipelines.working_directory import WorkingDirectory

WAIT_SECONDS: Final = 1.0
"""How long messages are waited for in a round."""


class TopicFollower(Follower):
    """Takes the messages of a topic; positions are committed with the state, and nowhere else are they read from."""

    def __init__(
        self,
        inputs: Inputs,
        working: WorkingDirectory,
        progress: Progress,
        log: Log,
        clock: Callable[[], float],
        topic: Topic,
    ) -> None:
        super().__init__(inputs, working, progress, log, clock)
        self.topic = topic

    @property
    def refused(self) -> int:
        """None: what cannot be read of a message is a rejected row."""
        return 0

    @property
    def behind(self) -> int:
        """As far as the last fetch tells."""
        return sum(self.topic.behind(self._positions).values())

    def end(self) -> None:
        """Leave the brokers."""
        self.topic.close()

    def expected(self) -> Collection[str]:
        """All partitions of the topic: one that has not delivered yet may have the earliest events."""
        return self.topic.partitions()

    def idle(self) -> list[str]:
        """The partitions that have delivered nothing for a minute, and have nothing that is still to be read."""
        return self.deliveries.idle(self.topic.behind(self._positions))

    @property
    def _positions(self) -> dict[str, int]:
        return {name: partition.offset for name, partition in self.state.partitions.items()}

    def take(self) -> bool:
        """Read the messages that have arrived in a step."""
        self.deliveries.expect(self.expected())
        positions = self._positions
        rows = INGEST_ROWS * self.configuration.engine.step_rows
        some = [self._after(each) for each in self.topic.take(positions, rows, WAIT_SECONDS)]
        refuse_another_topic(self.state.topics, self.topic.ids())
        if not some:
            return False
        self.closing.refuse_useless_signing_key()
        state = replace(self.state, step=self.state.step + 1, topics=self.state.topics | self.topic.ids())
        for messages, receipt in zip(some, self.read(some, self.closed()), strict=True):
            state = self._with_messages(state, messages, receipt)
        self.enter(state)
        self.topic.committed(self._positions)
        return True

    def _after(self, messages: Messages) -> Messages:
        """Messages with what is late in them: it depends on those before them in their partition."""
        known = self.state.partitions.get(messages.partition)
        known = known or Partition(None)
        return replace(messages, high=known.high, doubted=known.doubted, lateness=self.lateness)

    def _with_messages(self, state: State, messages: Messages, receipt: Receipt) -> State:
        """A state with messages of a partition."""
        name = messages.partition
        self.deliveries.arrived(name)
        # What is late among themselves is left out already; what the fold has passed is not.
        state = self.entered(state, receipt, self.first_taken(state, None), self._mark_of(messages))
        partition = Partition(receipt.high, messages.next_offset, receipt.doubted)
        return replace(state, partitions=state.partitions | {name: partition})

    def _mark_of(self, messages: Messages) -> MarkInput:
        """What marks messages among a day's inputs: one digest for each partition, over all that came before."""
        digest = _digest(messages.values)

        def mark(day: str, files: dict[str, str]) -> dict[str, str]:
            before = files.get(messages.partition, "")
            both = hashlib.sha256(before.encode() + digest).digest()
            return {**files, messages.partition: self.closing.input_mark(day, both)}

        return mark


def _digest(values: Sequence[bytes | None]) -> bytes:
    """SHA-256 over the values of messages, each with its length before it."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(len(value or b"").to_bytes(8, "big"))
        digest.update(value or b"")
    return digest.digest()
