"""Backlogs: how fast a follower takes what is there already, as files of an inbox or as messages of a topic."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.events import HOURS, Scale, write
from tests.bench.measured import Measured, measure
from tests.bench.session import Say
from tests.bench.topics import config_of, create, send_all
from tests.cluster.broker import Broker


@dataclass(frozen=True)
class Backlog:
    """What a follower took of a backlog: seconds on the wall and of processors, from its first round to its last."""

    rows: int
    seconds: float
    processor: float
    rounds: int
    slots: int
    run: Measured

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.rows / self.seconds

    @property
    def rate_of_processor(self) -> float:
        """Events per second of a processor."""
        return self.rows / self.processor


def of_topic(folder: Path, broker: Broker, form: str, events: int, devices: int, hours: int, say: Say) -> Backlog:
    """Send events of some hours to a topic, and follow it when they are all there."""
    say(f"{form}: writing and sending {events:,} events")
    write(folder, Scale(devices, max(events * HOURS // hours // devices, 1)), hours=hours)
    create(broker, form)
    sent = send_all(folder / "events", broker, form, form)
    say(f"{form}: following")
    return taken(config_of(folder, broker, form, form), sent.events)


def taken(config: Path, rows: int) -> Backlog:
    """Follow until so many rows are taken, in a process of its own; raises JobFailed where it fails."""
    run = measure([sys.executable, "-W", "ignore", "-m", "tests.bench.backlog_job", str(config), str(rows)])
    return Backlog(**json.loads(run.output), run=run)
