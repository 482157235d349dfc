"""A cluster played in this process: its tasks, what it keeps for them, and time as it passes.

What a task does is what it does on Flink; here are only the parts of Flink around it: state by key, timers, watermarks,
and snapshots, after which timers may be lost, as those of PyFlink are.
"""

import copy
import pickle
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from anonymization.atomic import remove_tree
from pipelines.flink.cluster import Status
from pipelines.flink.order import Order
from pipelines.flink.reading import NO_SHARD, Element, FragmentReader, TopicReader
from pipelines.flink.shards import KeptShard, Shards, Sum, Summing
from pipelines.flink.work import Work
from schemas.errors import SystemFailure

BEGINNING, END = -(1 << 63), (1 << 63) - 1
"""The watermark before the first, and that after the last event."""


@dataclass
class Kept:
    """What an engine keeps for the keys of a stage; `key` is the one that the stage is called for."""

    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    timers: set[tuple[int, str]] = field(default_factory=set)
    watermark: int = BEGINNING
    key: str = ""

    def current_watermark(self) -> int:
        return self.watermark

    def register_event_time_timer(self, timestamp: int) -> None:
        self.timers.add((timestamp, self.key))

    def snapshot(self) -> "Kept":
        """A copy; watermarks are not kept."""
        return Kept(copy.deepcopy(self.values), set(self.timers))

    def due(self, watermark: int) -> Iterator[tuple[int, str]]:
        """Timers that a watermark reaches, the earliest first, and those that are set in the meantime."""
        self.watermark = max(self.watermark, watermark)
        while reached := [timer for timer in self.timers if timer[0] <= self.watermark]:
            first = min(reached)
            self.timers.remove(first)
            self.key = first[1]
            yield first


@dataclass
class One:
    """A value of the key that a stage is called for."""

    kept: Kept
    name: str

    def value(self) -> Any:
        return self.kept.values.get((self.kept.key, self.name))

    def update(self, value: object) -> None:
        self.kept.values[self.kept.key, self.name] = value

    def clear(self) -> None:
        self.kept.values.pop((self.kept.key, self.name), None)


@dataclass
class Many:
    """Values of the key that a stage is called for."""

    kept: Kept
    name: str

    def get(self) -> Iterable[bytes]:
        return list(self.kept.values.get((self.kept.key, self.name), ()))

    def add(self, value: bytes) -> None:
        self.kept.values.setdefault((self.kept.key, self.name), []).append(value)

    def update(self, values: Sequence[bytes]) -> None:
        self.kept.values[self.kept.key, self.name] = list(values)

    def clear(self) -> None:
        self.kept.values.pop((self.kept.key, self.name), None)


@dataclass
class Stages:
    """The stages after the readers: elements go in, and what comes of them goes to the exchange of the work.

    `last` and `first`: what is kept for the sums, and for shards.
    """

    work: Work
    first: Kept = field(default_factory=Kept)
    last: Kept = field(default_factory=Kept)

    def __post_init__(self) -> None:
        one = [One(self.first, name) for name in ("shard_day", "open_stays")]
        many = [Many(self.first, name) for name in ("waiting", "closed_stays")]
        self.shards = Shards(self.work, KeptShard(*one, *many))
        self.summing = Summing(self.work, One(self.last, "shards"), Many(self.last, "told"))

    def take(self, element: Element) -> None:
        self.first.key = f"{element[0]}/{element[1]}"
        self.shards.take(element, self.first)

    def reach(self, watermark: int) -> None:
        """Let the watermark pass."""
        for timestamp, key in self.first.due(watermark):
            day, _, shard = key.partition("/")
            for told in self.shards.due(day, int(shard), timestamp, self.first):
                self._sum(told)

    def _sum(self, told: Sum) -> None:
        self.last.key = f"{told[0]}/{told[1]}/{told[2]}"
        self.summing.take(told)

    def snapshot(self) -> tuple[Kept, Kept]:
        return self.first.snapshot(), self.last.snapshot()


@dataclass
class Watermarks:
    """The watermark of some readers: the least of what each has told."""

    told: list[int]

    def after(self, reader: int, progress: int) -> int:
        """Of elements up to a time, in milliseconds, the watermark is a millisecond before it."""
        self.told[reader] = max(self.told[reader], progress - 1)
        return min(self.told)


KEPT_TIMERS = (0.0, 0.5, 1.0)
"""Of timers PyFlink may lose where a job is restored: such parts are kept, by chance."""

Passing = Callable[[Element], Iterable[Element]]
"""What becomes of an element between a reader and its shard: it alone, where nothing goes wrong."""


class FileJob:
    """A bounded job: fragments go round among as many readers as there are tasks."""

    def __init__(self, order: Order, passing: Passing = lambda element: (element,)) -> None:
        self.order, self.passing = order, passing
        self.stages = Stages(Work(order.task))

    def play(self, turns: Iterator[int] | None = None) -> None:
        """To its end; `turns` says which reader is next, in turn where nothing is said."""
        numbers, tasks = range(len(self.order.fragments or ())), self.order.parallelism
        waiting = [self._elements(numbers[task::tasks]) for task in range(tasks)]
        while waiting:
            turn = next(turns, 0) if turns else 0
            reader = waiting.pop(turn % len(waiting))
            for element in reader:
                for passed in self.passing(element):
                    self.stages.take(passed)
                waiting.append(reader)
                break
        self.stages.reach(END)

    def _elements(self, numbers: Iterable[int]) -> Iterator[Element]:
        reader = FragmentReader(Work(self.order.task), self.order.step)
        return chain.from_iterable(map(reader.read, numbers))


class TopicJob:
    """An unbounded job, from its beginning or from a snapshot."""

    def __init__(self, order: Order, snapshot: bytes | None, passing: Passing, chance: random.Random) -> None:
        self.order, self.passing = order, passing
        nothing = [[Kept() for _ in range(order.readers)], Kept(), Kept()]
        kept = pickle.loads(snapshot) if snapshot else nothing  # noqa: S301
        self.positions, first, last = kept
        part = chance.choice(KEPT_TIMERS)
        first.timers = {timer for timer in sorted(first.timers) if chance.random() < part}
        self.stages = Stages(Work(order.task), first, last)
        self.watermarks = Watermarks([BEGINNING] * order.readers)
        readers = enumerate(self.positions)
        self.readers = [TopicReader(Work(order.task), at, order.readers, One(one, "read")) for at, one in readers]

    def wake(self, *readers: int) -> None:
        """Have some readers take what has arrived; all of them, where none is named."""
        for reader in readers or range(self.order.readers):
            for element in self.readers[reader].read():
                for passed in self.passing(element):
                    self.stages.take(passed)
                if element[1] == NO_SHARD:
                    self.stages.reach(self.watermarks.after(reader, element[3]))

    def snapshot(self) -> bytes:
        return pickle.dumps([[one.snapshot() for one in self.positions], *self.stages.snapshot()])

    def close(self) -> None:
        for reader in self.readers:
            reader.close()


@dataclass
class Played:
    """A job in a played cluster; `turns`: how often it is asked for before it plays."""

    order: Order
    job: FileJob | TopicJob
    state: Status = "running"
    error: Exception | None = None
    checkpoints: int = 0
    restored: int = 0
    asked: dict[str, bool | None] = field(default_factory=dict)


@dataclass
class PlayedCluster:
    """Stands where `Cluster` does. A bounded job plays when it is asked how it does, one that follows when it is woken.

    `asks`: how often a bounded job says that it runs before it plays. `calls`: what was asked of the cluster.
    """

    address: str = "played:8081"
    passing: Passing = lambda element: (element,)
    turns: Iterator[int] | None = None
    asks: int = 1
    jobs: dict[str, Played] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    savepoints: bool = True
    chance: random.Random = field(default_factory=lambda: random.Random(8))

    def see_that_it_answers(self) -> None:
        """It does."""

    def submit(self, order: Order, path: Path) -> str:
        order.write(path)
        number, read = f"{len(self.jobs) + 1:06x}".ljust(32, "0"), Order.read(path)
        place = read.settings.get("execution.state-recovery.path", "")
        self.calls.append(("submit", number, place))
        if read.fragments is None:
            snapshot = (_path(place) / "_metadata").read_bytes() if place else None
            job: FileJob | TopicJob = TopicJob(read, snapshot, self.passing, self.chance)
        else:
            job = FileJob(read, self.passing)
        self.jobs[number] = Played(read, job)
        return number

    def status(self, job: str) -> Status:
        if job not in self.jobs:
            return "unknown"
        found = self.jobs[job]
        if isinstance(found.job, FileJob) and found.state == "running":
            self._play(found, found.job)
        return found.state

    def _play(self, found: Played, job: FileJob) -> None:
        if found.error is not None:
            found.state = "ended"
        elif self.asks:
            self.asks -= 1
        else:
            try:
                job.play(self.turns)
                found.state = "finished"
            except Exception as error:  # noqa: BLE001
                # Flink takes it up again some times before it gives up.
                found.error = error

    def wake(self, *readers: int) -> None:
        """Wake readers of the job that runs; an error ends it."""
        for found in self.running_jobs():
            assert isinstance(found.job, TopicJob)
            try:
                found.job.wake(*readers)
            except Exception as error:  # noqa: BLE001
                found.error, found.state = error, "ended"

    def running_jobs(self) -> list[Played]:
        return [found for found in self.jobs.values() if found.state == "running"]

    def checkpoint(self, begun: bytes | None = None) -> None:
        """Have the job that runs take a checkpoint, and keep that alone; `begun`: a snapshot of when that was begun."""
        for number, found in self.jobs.items():
            if found.state == "running":
                found.checkpoints += 1
                folder = _path(found.order.settings["execution.checkpointing.dir"]) / number
                self._write(folder / f"chk-{found.checkpoints}", found.job, begun)
                remove_tree(folder / f"chk-{found.checkpoints - 1}")

    def take_checkpoint(self, job: str) -> str:
        """It is whole at once, or when it is asked for, by chance."""
        found = self.jobs.get(job)
        if found is None or found.state != "running":
            return ""
        asked = str(len(found.asked) + 1)
        found.asked[asked] = self.chance.random() < 0.5
        if found.asked[asked]:
            self.checkpoint()
        return asked

    def has_taken(self, job: str, asked: str) -> bool | None:
        found = self.jobs.get(job)
        if found is None or found.asked.get(asked) is None:
            return None
        if not found.asked[asked]:
            self.checkpoint()
            found.asked[asked] = True
            return False
        return True

    def restore(self, number: str) -> None:
        """Have a job go on from its last checkpoint after a failure, as Flink does by itself."""
        found = self.jobs[number]
        folder = _path(found.order.settings["execution.checkpointing.dir"]) / number
        begun_from = found.order.settings.get("execution.state-recovery.path", "")
        place = folder / f"chk-{found.checkpoints}" if found.checkpoints else begun_from and _path(begun_from)
        snapshot = (place / "_metadata").read_bytes() if place else None
        found.job = TopicJob(found.order, snapshot, self.passing, self.chance)
        found.restored += 1
        # Those that are under way fail.
        found.asked = {asked: taken or None for asked, taken in found.asked.items()}

    def _write(self, folder: Path, job: FileJob | TopicJob, snapshot: bytes | None = None) -> str:
        assert isinstance(job, TopicJob)
        folder.mkdir(parents=True)
        (folder / "_metadata").write_bytes(snapshot or job.snapshot())
        return folder.as_uri()

    def why(self, job: str) -> str:
        return f"{type(self.jobs[job].error).__name__} in a task"

    def restored(self, job: str) -> int:
        return self.jobs[job].restored

    def running(self) -> dict[str, str]:
        return {number: found.order.name for number, found in self.jobs.items() if found.state == "running"}

    def end_all_of(self, name: str, but: str = "") -> None:
        for number, of in self.running().items():
            if of == name and number != but:
                self.cancel(number)

    def cancel(self, job: str) -> None:
        self.calls.append(("cancel", job))
        if job in self.jobs and self.jobs[job].state == "running":
            self.jobs[job].state = "ended"

    def stop(self, job: str, folder: str) -> str:
        self.calls.append(("stop", job))
        if not self.savepoints or self.status(job) != "running":
            raise SystemFailure("expected a savepoint, got none", "look into the logs")
        found = self.jobs[job]
        place = self._write(_path(folder) / f"savepoint-{job[:6]}-{len(self.calls):012x}", found.job)
        found.state = "finished"
        # As Flink does, however they are retained.
        remove_tree(_path(found.order.settings["execution.checkpointing.dir"]) / job)
        return place

    def called(self, name: str) -> list[tuple[str, ...]]:
        return [call for call in self.calls if call[0] == name]


def _path(uri: str) -> Path:
    return Path(unquote(urlparse(uri).path))
