"""Events at a steady rate: a broker, a producer and a follower beside each other, for some minutes.

Events of some hours are sent in as many minutes as are asked for: time goes by faster than in life, and windows fall
due every few seconds. Some hours more are taken before, so that windows are published, and stays open, from the start.
"""

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from anonymization.entries import WINDOWS
from anonymization.manifest import CHAIN, read_chain
from pipelines.configuration import load
from pipelines.inputs import inputs_of_now
from pipelines.publish import day_grid
from pipelines.stays import HOLD
from tests.bench.command import following
from tests.bench.events import DAY_START, HOURS, Scale, write
from tests.bench.session import Say
from tests.bench.topics import config_of, create, send, send_all
from tests.bench.watched import Watched, counted, processor
from tests.cluster.broker import Broker

BEFORE_HOURS: Final = 4
"""So many hours are taken before: more than the hold and the lateness."""

STEADY_HOURS: Final = 6
"""So many are sent at the rate."""

METRICS_PORT: Final = 19_464
TOPIC: Final = "steady"
ROUNDED: Final = 4 * (20 - 1)
"""So many rows at most are taken and not told: each of four outcomes is told down to a multiple of k."""

QUIET_SECONDS: Final = 10.0
"""A follower that counts no new row for so long has taken all."""


@dataclass(frozen=True)
class Load:
    """What is sent: `rate` in events per second."""

    rate: float
    minutes: float
    devices: int

    @property
    def scale(self) -> Scale:
        """Devices and their events of a day."""
        return Scale(self.devices, max(round(self.rate * self.minutes * 60 * HOURS / STEADY_HOURS / self.devices), 1))


@dataclass(frozen=True)
class Steady:
    """What a steady stream came to.

    `sent`, `taken`: rows in all, and `lag`, rows that were not yet taken when the last was sent; `rate`: taken per
    second while they were sent. `seen`: the follower in that time. `late`: seconds from when the event that made a
    window due had been sent to when the window stood in the release. `producer`, `broker`: processors at work.
    `alone`: what the producer sends per second with nothing to hold it.
    """

    sent: int
    taken: int
    lag: int
    rate: float
    seen: Watched
    late: tuple[float, ...]
    producer: float
    broker: float
    alone: float

    @property
    def halves(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Resident bytes in the first and in the second half of the time."""
        middle = (self.seen.at[0] + self.seen.at[-1]) / 2
        first = [size for at, size in zip(self.seen.at, self.seen.resident, strict=True) if at < middle]
        return tuple(first), tuple(self.seen.resident[len(first) :])

    @property
    def moved(self) -> tuple[float, float]:
        """By which share resident memory moved from the first half to the second: its mean, and its peak."""
        first, second = self.halves
        return float(np.mean(second) / np.mean(first) - 1), max(second) / max(first) - 1


def steady(folder: Path, broker: Broker, asked: Load, say: Say) -> Steady:
    """Follow a topic to which events are sent at a steady rate; raises RuntimeError where the follower ends."""
    say(f"writing {asked.scale.events * (BEFORE_HOURS + STEADY_HOURS) // HOURS:,} events")
    write(folder, asked.scale, hours=BEFORE_HOURS + STEADY_HOURS)
    before = folder / "before"
    before.mkdir()
    for hour in range(BEFORE_HOURS):
        (folder / "events" / f"{hour:02d}.parquet").rename(before / f"{hour:02d}.parquet")
    say("the producer alone")
    create(broker, TOPIC)
    alone = send_all(before, broker, TOPIC)
    config = config_of(folder, broker, TOPIC, "arrow")
    watched = Watched()
    with following(config, "--metrics-port", str(METRICS_PORT)) as follower:
        say("taking the hours before")
        _watch_until_taken(follower, watched, alone.events)
        say("broker, producer and follower at work")
        used = processor(_pid(broker))
        with send(folder / "events", broker, TOPIC, rate=asked.rate) as producer:
            while producer.poll() is None:
                _look(follower, watched)
            used = processor(_pid(broker)) - used
            told = json.loads(producer.communicate()[0])
        seen = watched.between(told["began"], told["began"] + told["seconds"])
        sent = alone.events + told["events"]
        _watch_until_taken(follower, watched, sent)
        follower.send_signal(signal.SIGTERM)
        taken = json.loads(follower.communicate()[0])["rows_in"]
    return Steady(
        sent=sent,
        taken=taken,
        lag=sent - int(seen.counts[-1]),
        rate=seen.rate,
        seen=seen,
        late=tuple(_delays(config, told["began"], told["events"], asked.rate)),
        producer=told["processor"] / told["seconds"],
        broker=used / told["seconds"],
        alone=alone.events / alone.seconds,
    )


def _pid(broker: Broker) -> int:
    assert broker.process is not None
    return broker.process.pid


def _look(follower: subprocess.Popen[str], watched: Watched) -> None:
    """Look at a follower, and wait a second."""
    if follower.poll() is not None:
        raise RuntimeError(f"the follower ended with exit code {follower.returncode}")
    with contextlib.suppress(OSError):
        watched.look(follower.pid, lambda: counted(METRICS_PORT, "hexaflux_rows_total"))
    time.sleep(1.0)


def _watch_until_taken(follower: subprocess.Popen[str], watched: Watched, rows: int) -> None:
    """Watch until so many rows are counted, as far as they are told, or none is for a while; and a look longer."""
    since, last = time.monotonic(), 0.0
    while last + ROUNDED < rows and time.monotonic() - since < QUIET_SECONDS:
        _look(follower, watched)
        now = watched.counts[-1] if watched.counts else 0.0
        if now > last or not now:
            since, last = time.monotonic(), now
    _look(follower, watched)


def _delays(config: Path, began: float, events: int, rate: float) -> Iterator[float]:
    """For each entry of windows, the seconds from when its first slot was due to when it was chained.

    Of those alone that fell due while events were sent.
    """
    configuration = load(config)
    inputs, release = inputs_of_now(configuration), configuration.release.directory
    lateness = configuration.time.lateness.total_seconds() * 1e6
    grid = day_grid(inputs.calendar, DAY_START.astype("datetime64[D]").item())
    start = int(DAY_START.astype(np.int64)) + BEFORE_HOURS * 3_600_000_000
    for entry in read_chain(release):
        if entry.kind == WINDOWS:
            first = min(int(name[-11:-8]) for name in entry.block("files") if name.startswith("presence/"))
            due = int(grid.slots[first + 1]) + HOLD + lateness
            # Times are even over the hours, and events are sent in their order.
            sent = (due - start) / (STEADY_HOURS * 3_600_000_000) * events
            if 0 <= sent < events:
                yield (release / CHAIN / entry.name).stat().st_mtime - (began + sent / rate)
