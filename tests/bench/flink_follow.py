"""Followers of the same backlog in a topic, by themselves and with a job of Flink, and what each of them used."""

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa

from pipelines.configuration import load
from pipelines.state import State
from pipelines.stays import HOLD
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.bench import lots
from tests.bench.command import following
from tests.bench.events import DAY_START, HOURS
from tests.bench.flink_parts import DRIVER, SUBMISSION
from tests.bench.flink_turns import Job, Run, Turns, released
from tests.bench.flink_way import Way
from tests.bench.measured import JobFailed
from tests.bench.topics import config_of, create, send_all
from tests.cluster.broker import Broker
from tests.follow.delivered import MINUTE, Place

TOPIC_HOURS: Final = 28
"""So many hours are sent: a privacy day, and of the next one enough to end it and to have windows fall due."""

DAYS: Final[tuple[date, ...]] = tuple((DAY_START.astype("datetime64[D]") + np.arange(2)).tolist())
LOOK_SECONDS: Final = 0.25
"""How often it is looked whether all is published: seconds are no finer."""

PATIENCE: Final = 300.0
"""Seconds without any progress after which nothing more is waited for: more than a checkpoint or a day take."""

END_SECONDS: Final = 120.0

Rows = Mapping[str, pa.Table]
"""What is released, by indicator and day."""


@dataclass(frozen=True)
class Topic:
    """A topic with a backlog of `sent` events: its inputs, and the configuration that names it."""

    inputs: Path
    config: Path
    sent: int

    @property
    def slots(self) -> int:
        """How many slots of the second day fall due by the last event, in whatever strides it is folded."""
        times = load(self.config).time
        since = (TOPIC_HOURS - HOURS) * 60 * MINUTE - times.lateness_us - HOLD
        return int(since // (times.slot.total_seconds() * 1e6))

    def is_taken(self, state: State | None) -> bool:
        """Whether all rows have come in, the first day is closed, and all windows of the second are published."""
        if state is None or state.accounting.rows_in < self.sent or not state.closed_days:
            return False
        second = state.days.get(DAYS[1].isoformat())
        return second is not None and second.published >= self.slots


class Compared:
    """Holds what is released against what was first of the same events; `same` counts how often it was the same."""

    def __init__(self) -> None:
        self.same = 0
        self._first: dict[int, Rows] = {}

    def see(self, devices: int, rows: Rows) -> None:
        """Raise JobFailed where other rows are released, or in another order."""
        first = self._first.setdefault(devices, rows)
        if other := [name for name, table in rows.items() if not table.equals(first[name], check_metadata=True)]:
            raise JobFailed(f"other rows are released than by the first follower: {', '.join(other)}")
        self.same += 1


class Follows:
    """Has ways follow topics of a broker, beside the cluster of other turns.

    Raises JobFailed where a follower fails, loses or doubles a row, or publishes other rows than the first of its
    topic.
    """

    def __init__(self, turns: Turns, broker: Broker, checkpoint_every: str) -> None:
        self.turns, self.broker, self.every = turns, broker, checkpoint_every
        self.compared = Compared()
        self._topics: dict[int, Topic] = {}

    def run(self, devices: int, way: Way) -> Run:
        """Follow from the beginning to the end, into a release that is removed."""
        topic = self._topics.get(devices) or self._filled(devices)
        self.turns.say(f"{topic.sent:,} events in a topic: {way}")
        of = Place(self.turns.folder / "followed")
        of.folder.mkdir()
        try:
            found = self._followed(topic, of, way)
            self.compared.see(devices, rows_of(of))
        finally:
            shutil.rmtree(of.folder, ignore_errors=True)
        return found

    def _filled(self, devices: int) -> Topic:
        lot = lots.folder_of(self.turns.cache, devices, TOPIC_HOURS)
        self.turns.say(f"{devices:,} devices: writing and sending their events of {TOPIC_HOURS} hours")
        lots.write(lot, devices, TOPIC_HOURS)
        name = f"devices-{devices}"
        create(self.broker, name)
        sent = send_all(lot / "events", self.broker, name)
        return self._topics.setdefault(devices, Topic(lot, config_of(lot, self.broker, name, "arrow"), sent.events))

    def _followed(self, topic: Topic, of: Place, way: Way) -> Run:
        config = topic.config.with_name("way.toml")
        flink = f'{way.toml(self.turns.cluster.address)}checkpoint_every = "{self.every}"\n'
        config.write_text(topic.config.read_text(encoding="utf-8") + flink, encoding="utf-8")
        environment, options = self.turns.cluster.environment, ("--release", str(of.release))
        with (of.folder / "errors").open("w+") as errors:
            # What is there before the follower is none of its own: it is looked at first.
            watch, began = self.turns.watch(way), time.perf_counter()
            with following(config, *options, errors=errors, environment=environment) as follower:
                watch.add(DRIVER, follower.pid, SUBMISSION)
                with watch:
                    _wait_until_taken(topic, of, follower, errors)
                    seconds = time.perf_counter() - began
                _end(follower, errors)
        see_that_all_is_counted(topic, _state_of(of))
        job = self._job() if way.driver == "flink" else None
        return Run(topic.sent, seconds, watch.used, released(of.release), job)

    def _job(self) -> Job:
        job = self.turns.job()
        return with_checkpoints(job, self.turns.cluster.ask(f"/jobs/{job.number}/checkpoints"))


def with_checkpoints(job: Job, answer: Mapping[str, Any]) -> Job:
    """A job with what REST answers of its checkpoints; raises JobFailed where it began anew, and counted rows twice."""
    counts = answer["counts"]
    if counts["restored"]:
        raise JobFailed(f"the job failed and was restored, {counts['restored']} times: this is no measure of it")
    return replace(job, checkpoints=counts["completed"])


def rows_of(of: Place) -> dict[str, pa.Table]:
    """All that is released; raises JobFailed where nothing is on one of the days."""
    for day in DAYS:
        if not of.rows("presence", day).num_rows:
            raise JobFailed(f"{day}: no presence is released, which proves nothing")
    return {f"{name} of {day}": of.rows(name, day) for name in INDICATORS for day in DAYS}


def _wait_until_taken(topic: Topic, of: Place, follower: subprocess.Popen[str], errors: IO[str]) -> None:
    """Wait until all is published; raises JobFailed where the follower ends, or comes no further."""
    state, since = _state_of(of), time.monotonic()
    while not topic.is_taken(state):
        if follower.poll() is not None:
            raise JobFailed(f"the follower ended with exit code {follower.returncode}\n{_last_words(errors)}")
        if time.monotonic() - since > PATIENCE:
            raise JobFailed(f"nothing moved for {PATIENCE:.0f} s: {_told(state)}; {topic.sent:,} rows were sent")
        time.sleep(LOOK_SECONDS)
        before, state = state, _state_of(of)
        since = since if state == before else time.monotonic()


def _told(state: State | None) -> str:
    """How far a follower has come."""
    if state is None:
        return "nothing is committed"
    days = {day: f"{known.status}, {known.published} slots" for day, known in state.days.items()}
    return f"{state.accounting.rows_in:,} rows in, {days}"


def _state_of(of: Place) -> State | None:
    return WorkingDirectory(of.release.with_name("release.work")).load()


def _end(follower: subprocess.Popen[str], errors: IO[str]) -> None:
    """End a follower in an orderly way; raises JobFailed where it does not."""
    follower.send_signal(signal.SIGTERM)
    try:
        code = follower.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        raise JobFailed(f"the follower did not end within {END_SECONDS:.0f} s") from None
    if code:
        raise JobFailed(f"the follower ended with exit code {code}\n{_last_words(errors)}")


def _last_words(errors: IO[str]) -> str:
    errors.seek(0)
    return errors.read()[-2000:]


def see_that_all_is_counted(topic: Topic, state: State | None) -> None:
    """Raise JobFailed where a follower lost a row, took one twice, or came too late for one."""
    if state is None or not topic.is_taken(state):
        raise JobFailed("what was published is not in the state any more")
    counted = state.accounting
    if counted.rows_in != topic.sent or counted.late or not counted.balances:
        raise JobFailed(f"expected {topic.sent:,} rows in, none of them late, got {counted}")
