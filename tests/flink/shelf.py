"""A topic that is a shelf of messages in memory, and places whose release is counted by a cluster."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.configuration import load
from pipelines.flink.work import Task
from pipelines.ipc import packed
from pipelines.shard_fold import STRIDE
from pipelines.sources.messages import Messages
from schemas.configuration import Kafka
from tests.follow import delivered
from tests.follow.delivered import Place, times
from tests.oracle.generate import Generated

TOPIC = "t"


@dataclass
class Shelf:
    """Messages by the numbers of their partitions; `expected` are partitions that are known, with messages or without.

    Takes give up to `at_once` messages of each partition. `committed`: what readers told the brokers last. `answers`:
    whether brokers have told which partitions there are.
    """

    values: dict[int, list[bytes]] = field(default_factory=dict)
    expected: set[int] = field(default_factory=set)
    id: str = ""
    at_once: int = 1_000
    answers: bool = True
    committed: dict[str, int] = field(default_factory=dict)

    def topic(self, settings: Kafka, told: Callable[[str], None], share: tuple[int, int] = (0, 1)) -> "Shelved":
        """What stands where `Topic` does."""
        assert settings.topic == TOPIC
        return Shelved(self, settings.format, *share)

    def put(self, partition: int, *values: bytes) -> None:
        self.values.setdefault(partition, []).extend(values)


@dataclass
class Shelved:
    """A share of the partitions of a shelf."""

    shelf: Shelf
    form: str
    rest: int = 0
    readers: int = 1
    closed: bool = False

    @property
    def _mine(self) -> list[int]:
        return [at for at in sorted(self.shelf.values.keys() | self.shelf.expected) if at % self.readers == self.rest]

    def ids(self) -> dict[str, str]:
        return {TOPIC: self.shelf.id} if self.shelf.id else {}

    @property
    def is_known(self) -> bool:
        return self.shelf.answers

    def partitions(self) -> tuple[str, ...]:
        return tuple(f"{TOPIC}/{number}" for number in self._mine)

    def take(self, positions: Mapping[str, int], _rows: int, _seconds: float) -> list[Messages]:
        taken = []
        for number in self._mine:
            name = f"{TOPIC}/{number}"
            start = positions.get(name, 0)
            some = tuple(self.shelf.values.get(number, ())[start : start + self.shelf.at_once])
            if some:
                taken.append(Messages(name, start + np.arange(len(some)), some, self.form))
        return taken

    def behind(self, positions: Mapping[str, int]) -> dict[str, int]:
        values = self.shelf.values
        return {f"{TOPIC}/{at}": len(values.get(at, ())) - positions.get(f"{TOPIC}/{at}", 0) for at in self._mine}

    def committed(self, positions: Mapping[str, int]) -> None:
        self.shelf.committed |= positions

    def close(self) -> None:
        self.closed = True


def place(folder: Path, given: Generated, *sections: str) -> Place:
    """A place whose files a cluster counts."""
    return delivered.place(folder, given, '[engine]\ndriver = "flink"\nshards = 2\n', *sections)


def topic_place(
    folder: Path, given: Generated, *sections: str, driver: str = "flink", readers: int = 1, form: str = "arrow"
) -> Place:
    """A place whose topic is followed, by a cluster or by one process."""
    engine = f'[engine]\ndriver = "{driver}"\nshards = 2\n[engine.flink]\nreaders = {readers}\n'
    to = delivered.place(folder, given, engine, *sections)
    text = to.config.read_text(encoding="utf-8").replace('events = "events"\n', "")
    kafka = f'[input.kafka]\nbrokers = "127.0.0.1:1"\ntopic = "{TOPIC}"\nformat = "{form}"\n'
    to.config.write_text(text.replace("[release]\n", f"{kafka}[release]\n", 1), encoding="utf-8")
    return to


def task(of: Place, terms: str = "", stride: int = STRIDE) -> Task:
    """What a task of a release is told."""
    configuration = load(of.config)
    engine, lateness = configuration.engine, configuration.time.lateness_us
    exchange = of.folder / "release.work" / "flink"
    return Task(str(of.config), str(of.release), str(exchange), engine.shards, stride, lateness, terms)


def day_before(given: Generated) -> pa.Table:
    """Some events of the morning of the first day of a town, a day earlier, in the order of time."""
    at = times(given.events)
    early = np.flatnonzero((at > 0) & (at < at[at > 0].min() + 6 * 60 * delivered.MINUTE))[:40]
    morning = given.events.take(pa.array(early[np.argsort(at[early])]))
    column = morning.schema.get_field_index("event_time")
    earlier = pc.subtract(morning["event_time"], pa.scalar(timedelta(days=1), pa.duration("us")))
    return morning.set_column(column, morning.schema.field(column), earlier.cast(morning.schema.field(column).type))


def row(given: Generated, time: str, cell: str = "") -> bytes:
    """A message of JSON with one event of a subscriber, at a time in ISO 8601."""
    known = given.events.filter(pa.array(times(given.events) > 0)).drop_null()
    return json.dumps(
        {"event_time": time, "subscriber_id": subscriber(given), "cell_id": cell or known["cell_id"][0].as_py()}
    ).encode()


def subscriber(given: Generated) -> str:
    """One who has not opted out."""
    register = pq.read_table(given.directory / "subscribers.parquet").to_pylist()
    people = [each for each in register if each["opted_out"] is False and each["line_type"] is None]
    return str(people[0]["subscriber_id"])


def in_messages(events: pa.Table, partitions: int, minutes: int = 30, most: int = 20) -> dict[int, list[bytes]]:
    """Events as messages of partitions, each with those of its own subscribers that arrive in some minutes."""
    found: dict[int, list[bytes]] = {}
    names = events["subscriber_id"].fill_null("")
    numbers = {name: at for at, name in enumerate(sorted(names.unique().to_pylist()))}
    part = np.array([numbers[name] % partitions for name in names.to_pylist()])
    for number in range(partitions):
        some = delivered.in_delay(events.filter(pa.array(part == number)), most, seed=number)
        found[number] = [packed(each) for each in some]
    return found


def until(messages: Mapping[int, Sequence[bytes]], share: float) -> dict[int, list[bytes]]:
    """The first part of each partition."""
    return {number: list(some[: int(len(some) * share)]) for number, some in messages.items()}
