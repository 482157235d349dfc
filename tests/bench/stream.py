"""The benchmark of follow mode: a broker, a producer at a steady rate and a follower, beside each other.

Events of some hours are sent in as many minutes as are asked for: time goes by faster than in life, and windows fall
due every few seconds. Told are the rate that is sustained, how far memory moves in the second half, and how long after
the event that made a window due had been sent it stood in the release.
"""

import argparse
import contextlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from confluent_kafka import Consumer, TopicPartition
from rich.console import Console

from anonymization.entries import WINDOWS
from anonymization.manifest import CHAIN, read_chain
from pipelines.configuration import load
from pipelines.inputs import inputs_of_now
from pipelines.publish import day_grid
from pipelines.stays import HOLD
from tests.bench.events import DAY_START, HOURS, Scale, write
from tests.cluster.broker import Broker

EVENT_HOURS: Final = 6
"""Of which the first two and a half give no window: the hold and the lateness."""

PARTITIONS: Final = 4
METRICS_PORT: Final = 19_464
TOPIC: Final = "stream"
QUIET_SECONDS: Final = 10.0
"""A follower that counts no new row for so long has taken all."""

LATEST_SECONDS: Final = 10.0
STEADY_SHARE: Final = 0.05


@dataclass
class Watched:
    """What was seen of a follower, second by second: seconds since the start, rows, resident bytes."""

    at: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    resident: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a stream came to: rows that were counted and sent, rates, and resident bytes.

    `late`: seconds from when a window was due to when it stood in the release.
    """

    events: int
    sent: int
    sent_rate: float
    taken_rate: float
    resident_before: float
    resident_after: float
    late: tuple[float, ...]

    @property
    def moved(self) -> float:
        """By which share the mean of resident memory moved from the third to the last quarter of the time."""
        return self.resident_after / self.resident_before - 1


def main() -> int:
    """Run it; 1 where events were lost."""
    chosen = _parser().parse_args()
    results, errors = Console(), Console(stderr=True)
    events = int(chosen.rate * chosen.minutes * 60)
    with tempfile.TemporaryDirectory(prefix="hexaflux-stream-") as name:
        folder = Path(name)
        errors.print(f"{events:,} events: writing them", style="dim", highlight=False)
        scale = Scale(chosen.devices, max(events * HOURS // EVENT_HOURS // chosen.devices, 1))
        write(folder, scale, hours=EVENT_HOURS)
        with Broker(folder / "broker") as broker:
            outcome = stream(folder, broker, chosen.format, chosen.rate, errors)
    _tell(results, outcome, chosen)
    return 0 if outcome.events == outcome.sent else 1


def stream(folder: Path, broker: Broker, form: str, rate: float, errors: Console) -> Outcome:
    """Send the events of a folder to a topic at a rate, and follow it."""
    broker.create_topic(TOPIC, PARTITIONS)
    _use_topic(folder, broker, form)
    feed = [sys.executable, "-m", "tests.cluster.feed", str(folder / "events"), "--brokers", broker.address]
    feed += ["--topic", TOPIC, "--format", form, "--rate", str(rate), "--schemas", str(folder / "schemas")]
    follow = [sys.executable, "-c", "from pipelines.cli import main; main()", "follow", str(folder / "hexaflux.toml")]
    follow += ["--metrics-port", str(METRICS_PORT), "--json", "--quiet"]
    with _process(follow) as follower, _process(feed) as producer:
        errors.print("broker, producer and follower at work", style="dim", highlight=False)
        watched = _watch(follower, producer)
        follower.send_signal(signal.SIGTERM)
        told = json.loads(follower.communicate()[0])
    sent = json.loads(producer.communicate()[0])
    quarter = max(len(watched.resident) // 4, 1)
    return Outcome(
        events=told["rows_in"],
        sent=sent["events"],
        sent_rate=sent["events"] / sent["seconds"],
        taken_rate=_rate(watched),
        resident_before=float(np.mean(watched.resident[2 * quarter : 3 * quarter])),
        resident_after=float(np.mean(watched.resident[3 * quarter :])),
        late=tuple(_delays(folder, broker, sent["events"], rate)),
    )


def _use_topic(folder: Path, broker: Broker, form: str) -> None:
    """Let the configuration name the topic in place of the files."""
    config = folder / "hexaflux.toml"
    kafka = f'[input.kafka]\nbrokers = "{broker.address}"\ntopic = "{TOPIC}"\nformat = "{form}"\n'
    kafka += f'schemas = "{folder / "schemas"}"\n' if form == "avro" else ""
    text = config.read_text(encoding="utf-8").replace('events = "events"\n', "")
    config.write_text(text.replace("[release]", f"{kafka}\n[release]", 1), encoding="utf-8")


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended with the context."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


def _watch(follower: subprocess.Popen[str], producer: subprocess.Popen[str]) -> Watched:
    """Watch a follower until the producer has ended and nothing more comes."""
    watched, last = Watched(), 0.0
    began = changed = time.monotonic()
    while producer.poll() is None or time.monotonic() - changed < QUIET_SECONDS:
        time.sleep(1.0)
        if follower.poll() is not None:
            raise RuntimeError(f"the follower ended with exit code {follower.returncode}")
        with contextlib.suppress(OSError):
            rows = _rows()
            if rows > last:
                last, changed = rows, time.monotonic()
            if producer.poll() is None:
                watched.at.append(time.monotonic() - began)
                watched.rows.append(rows)
                watched.resident.append(_resident(follower.pid))
    return watched


def _rows() -> float:
    """All rows that the follower has counted."""
    with urllib.request.urlopen(f"http://127.0.0.1:{METRICS_PORT}/metrics") as answer:
        text = answer.read().decode()
    return sum(float(found) for found in re.findall(r"^hexaflux_rows_total\{[^}]*\} (\S+)", text, re.MULTILINE))


def _resident(pid: int) -> int:
    """Resident bytes of a process."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"^VmRSS:\s+(\d+) kB", text, re.MULTILINE)[0]) * 1024


def _rate(watched: Watched) -> float:
    """Rows per second from the first that were counted to the last."""
    at, rows = np.array(watched.at), np.array(watched.rows)
    first = int(np.argmax(rows > 0))
    return float((rows[-1] - rows[first]) / (at[-1] - at[first]))


def _delays(folder: Path, broker: Broker, events: int, rate: float) -> Iterator[float]:
    """For each entry of windows, the seconds from when its last slot was due to when it was chained."""
    configuration = load(folder / "hexaflux.toml")
    inputs, release = inputs_of_now(configuration), configuration.release.directory
    lateness = configuration.time.lateness.total_seconds() * 1e6
    began, start = _first_sent(broker), int(DAY_START.astype(np.int64))
    for entry in read_chain(release):
        if entry.kind == WINDOWS:
            grid = day_grid(inputs.calendar, DAY_START.astype("datetime64[D]").item())
            first = max(int(name[-11:-8]) for name in entry.block("files") if name.startswith("presence/"))
            due = int(grid.slots[first + 1]) + HOLD + lateness
            # Times are even over the hours, and events are sent in their order.
            sent = (due - start) / (EVENT_HOURS * 3_600_000_000) * events
            yield (release / CHAIN / entry.name).stat().st_mtime - (began + sent / rate)


def _first_sent(broker: Broker) -> float:
    """When the first message was sent, in seconds since the epoch."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "bench"})
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
    times = [message.timestamp()[1] for message in consumer.consume(PARTITIONS * 4, 10.0)]
    consumer.close()
    return min(times) / 1_000


def _tell(results: Console, outcome: Outcome, chosen: argparse.Namespace) -> None:
    late = np.array(outcome.late or (np.nan,))
    print_ = results.print
    print_(f"{chosen.format}, {chosen.minutes:g} minutes, {chosen.devices:,} devices", highlight=False)
    print_(f"sent {outcome.sent_rate:,.0f} events/s, taken {outcome.taken_rate:,.0f} events/s", highlight=False)
    print_(f"resident memory {outcome.resident_after / 2**30:.2f} GB, moved {outcome.moved:+.1%}", highlight=False)
    print_(
        f"windows: {len(outcome.late)} entries, {np.quantile(late, 0.5):.1f} s after they were due in the median, "
        f"{np.quantile(late, 0.95):.1f} s at the 95th percentile",
        highlight=False,
    )
    for text, met in (
        (f"taken as fast as asked for ({chosen.rate:,.0f} events/s)", outcome.taken_rate >= 0.98 * chosen.rate),
        ("memory flat: within 5 %", abs(outcome.moved) <= STEADY_SHARE),
        ("95 % of windows within 10 s", bool(np.quantile(late, 0.95) <= LATEST_SECONDS)),
    ):
        print_(f"{text}: {'met' if met else 'MISSED'}", highlight=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stream", description=__doc__)
    parser.add_argument("--format", choices=("arrow", "json", "avro"), default="arrow")
    parser.add_argument("--rate", type=float, default=200_000, help="events per second (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: %(default)s)")
    parser.add_argument("--devices", type=int, default=1_000_000, help="how many devices (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
