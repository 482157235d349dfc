"""Probe events as messages that come out of order, up to the lateness, and some of them more than once."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tests.follow.delivered import MINUTE, times

TWICE: Final = 0.03
"""The share of messages that are sent twice in a row."""

AGAIN: Final = 0.03
"""As many are followed by an earlier one, at a new offset."""

REMEMBERED: Final = 100
"""How many messages back that one may be: some copies are duplicates, some are late by then."""

CLOSING_ROWS: Final = 50
"""So many, as some events are rejected."""

LATER: Final = 23 * 60 * MINUTE

Message = tuple[int, pa.Table]
"""A partition, and the events of a message to it."""


@dataclass(frozen=True)
class Deliveries:
    """How events are delivered: in how many portions and partitions, with about how many rows to a message.

    `delay`: up to so many minutes pass from an event to its arrival.
    """

    portions: int
    partitions: int
    rows: int
    delay: int
    seed: int

    def of(self, events: pa.Table) -> Iterator[list[Message]]:
        """The messages of each portion, in the order in which they are sent; the portions follow on each other."""
        chance, before = random.Random(self.seed), deque[Message](maxlen=REMEMBERED)
        order, partition = self._arrivals(events), self._partitions(events)
        for some in np.array_split(order, self.portions):
            yield list(_repeated(self._messages(events, some, partition), chance, before))

    def closing(self, events: pa.Table) -> list[Message]:
        """A message to each partition with its last events, 23 hours later: all days before are over with them.

        No two are equal: until an event is folded nobody knows it for a duplicate.
        """
        order, partition = np.argsort(times(events), kind="stable"), self._partitions(events)
        own = [order[partition[order] == number][-CLOSING_ROWS:] for number in range(self.partitions)]
        return [(number, _later(events.take(pa.array(mine)))) for number, mine in enumerate(own)]

    def _arrivals(self, events: pa.Table) -> np.ndarray:
        """int64[n]: the rows in the order in which they arrive; those without a time arrive first."""
        delay = np.random.default_rng(self.seed).integers(0, self.delay * MINUTE, events.num_rows)
        return np.argsort(times(events) + delay, kind="stable")

    def _partitions(self, events: pa.Table) -> np.ndarray:
        """int64[n]: all events of a device go to one partition, those without a device to the first."""
        device = pc.dictionary_encode(events["subscriber_id"].combine_chunks()).indices
        return pc.fill_null(device, 0).to_numpy() % self.partitions

    def _messages(self, events: pa.Table, some: np.ndarray, partition: np.ndarray) -> Iterator[Message]:
        """The rows of a portion by message: the partitions take turns."""
        own = [some[partition[some] == number] for number in range(self.partitions)]
        for start in range(0, max(map(len, own)), self.rows):
            for number, mine in enumerate(own):
                if start < len(mine):
                    yield number, events.take(pa.array(mine[start : start + self.rows]))


def _repeated(messages: Iterator[Message], chance: random.Random, before: deque[Message]) -> Iterator[Message]:
    """The messages, and copies of some of them; `before` keeps the latest."""
    for message in messages:
        yield message
        if chance.random() < TWICE:
            yield message
        if before and chance.random() < AGAIN:
            yield chance.choice(before)
        before.append(message)


def _later(events: pa.Table) -> pa.Table:
    """The events 23 hours later, each at an instant of its own: a day ahead they would be taken for a wrong clock."""
    at = pa.array(times(events) + LATER + np.arange(events.num_rows)).cast(events["event_time"].type)
    return events.set_column(events.schema.get_field_index("event_time"), "event_time", at)


def together(messages: Sequence[Message]) -> pa.Table:
    """The events of all messages, copies included."""
    return pa.concat_tables([events for _, events in messages])
