"""One of eight partitions of a topic stalls, and comes back."""

from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from confluent_kafka import Producer

from pipelines.configuration import load
from pipelines.follow.command import follower_of
from pipelines.follow.deliveries import AFTER_OUTAGE_SECONDS, IDLE_SECONDS
from pipelines.follow.follower import Follower
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.lateness import BUCKET
from pipelines.working_directory import WorkingDirectory
from schemas.vocabulary import EVENT_TYPES, EXCLUDED_LINE_TYPES
from tests.cluster.broker import Broker
from tests.cluster.messages import arrow
from tests.cluster.places import place_of_topic
from tests.follow.delivered import MINUTE, QUIET, Clock, Place, times, town
from tests.oracle.generate import Generated

pytestmark = pytest.mark.cluster

DAY = date(2026, 6, 12)
PARTITIONS, STALLED = 8, 3
ROWS = 100


def accepted(given: Generated) -> pa.Table:
    """The events of which none is rejected, in the order of time."""
    with duckdb.connect() as connection:
        for name in ("events", "subscribers", "cells"):
            connection.register(name, getattr(given, name))
        connection.register("types", pa.table({"event_type": EVENT_TYPES}))
        connection.register("excluded", pa.table({"line_type": sorted(EXCLUDED_LINE_TYPES)}))
        return connection.sql(
            """
            SELECT events.* FROM events WHERE event_time IS NOT NULL AND cell_id IN (SELECT cell_id FROM cells)
            AND (event_type IS NULL OR event_type IN (SELECT event_type FROM types))
            AND subscriber_id NOT IN (
                SELECT subscriber_id FROM subscribers WHERE subscriber_id IS NOT NULL AND (
                    opted_out OR replace(replace(lower(line_type), '-', '_'), ' ', '_') IN (FROM excluded)))
            ORDER BY event_time, subscriber_id, cell_id, event_type, home_mcc
            """
        ).to_arrow_table()


class Sent:
    """Events of a town, sent to the partition of their subscriber, each partition in the order of time."""

    def __init__(self, given: Generated, broker: Broker, topic: str) -> None:
        self.events = accepted(given)
        self.at = times(self.events)
        codes = self.events["subscriber_id"].combine_chunks().dictionary_encode().indices
        self.partition = pc.fill_null(codes, 0).to_numpy(zero_copy_only=False).astype(np.int64) % PARTITIONS
        self.topic, self.producer = topic, Producer({"bootstrap.servers": broker.address, "log_level": 0})

    def send(self, start: int, end: int, partitions: set[int]) -> np.ndarray:
        """int64[n]: the times of the events in [start, end) that are sent."""
        inside = (self.at >= start) & (self.at < end)
        for number in sorted(partitions):
            some = self.events.filter(pa.array(inside & (self.partition == number)))
            cuts = [(first, min(first + ROWS, some.num_rows)) for first in range(0, some.num_rows, ROWS)]
            for (value,) in arrow(some, cuts):
                self.producer.produce(self.topic, value, partition=number)
        assert self.producer.flush(30) == 0
        return self.at[inside & np.isin(self.partition, sorted(partitions))]


def follower(of: Place, clock: Clock) -> Follower:
    working = WorkingDirectory(of.release.with_name("release.work"))
    found = follower_of(inputs_of_now(load(of.config)), working, QUIET, silent, clock)
    working.path.mkdir(exist_ok=True)
    working.clear(found.closing.keys)
    found.working.sweep(found.state)
    return found


def take(found: Follower, rows: int) -> None:
    """Take rounds until so many rows have been read, and one more that publishes what is due."""
    for _ in range(60):
        if found.state.accounting.rows_in == rows:
            break
        found.round()
    assert found.state.accounting.rows_in == rows
    found.round()


def released(of: Place) -> set[tuple[str, str]]:
    """The rows of each indicator: a day that closes becomes other files, of the same rows."""
    return {
        (path.parents[1].name, repr(row))
        for path in of.release.rglob("*.parquet")
        for row in pq.read_table(path, partitioning=None).to_pylist()
    }


def test_the_others_publish_and_what_the_stalled_one_brings_back_is_counted_as_late(
    broker: Broker, tmp_path: Path
) -> None:
    given = town(tmp_path / "town", events=40_000)
    broker.create_topic("stalled", PARTITIONS)
    of, clock = place_of_topic(tmp_path / "place", given, broker.address, "stalled"), Clock()
    sent, everyone = Sent(given, broker, "stalled"), set(range(PARTITIONS))
    others = everyone - {STALLED}
    found = follower(of, clock)
    start = int(found.closing.grid(DAY.isoformat()).slots[0])
    hour = 60 * MINUTE

    rows = sent.send(0, start + hour, everyone).size + sent.send(start + hour, start + 8 * hour, others).size
    take(found, rows)
    assert found.state.days[DAY.isoformat()].published == 0, "the stalled partition holds the others"

    clock.seconds += IDLE_SECONDS
    rows += sent.send(start + 8 * hour, start + 9 * hour, others).size
    take(found, rows)
    # Nothing had come from anywhere for a minute: it may have been an outage.
    clock.seconds += AFTER_OUTAGE_SECONDS
    found.round()
    passed = found.state.days[DAY.isoformat()]
    # Nine hours less the lateness of 30 minutes and the hold of 110: six slots of an hour and two thirds.
    assert passed.published == 26
    before, late = released(of), found.state.accounting.late

    brought = sent.send(start + hour, start + 9 * hour, {STALLED})
    rows += brought.size
    take(found, rows)
    expected = int((brought < start + passed.bucket * BUCKET).sum())
    assert 0 < expected < brought.size
    assert found.state.accounting.all_rejected == 0
    assert found.state.accounting.late - late == expected
    assert found.state.accounting.balances
    assert before <= released(of)

    rows += sent.send(start + 9 * hour, start + 24 * hour, everyone).size
    after = start + timedelta(days=1) // timedelta(microseconds=1)
    rows += sent.send(after, after + 3 * hour, everyone).size
    take(found, rows)
    found.end()
    assert found.state.days[DAY.isoformat()].status == "closed"
    assert found.state.accounting.late - late == expected
    assert before <= released(of)
    assert not list(of.release.glob(f"*/date={DAY}/part-from-*.parquet"))
