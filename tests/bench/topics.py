"""Topics that events of a folder are sent to, by a process of its own, and configurations that name them."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.cluster.broker import Broker
from tests.cluster.feed import Sent

PARTITIONS: Final = 4


def create(broker: Broker, topic: str) -> None:
    """Create a topic."""
    broker.create_topic(topic, PARTITIONS)


@contextlib.contextmanager
def send(
    events: Path, broker: Broker, topic: str, form: str = "arrow", rate: float | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A producer of the events of a folder, ended with the context; the Avro schema goes beside that folder."""
    command = [sys.executable, "-m", "tests.cluster.feed", str(events), "--brokers", broker.address]
    command += ["--topic", topic, "--format", form, "--schemas", str(events.with_name("schemas"))]
    command += [] if rate is None else ["--rate", str(rate)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


def send_all(events: Path, broker: Broker, topic: str, form: str = "arrow") -> Sent:
    """Send the events of a folder as fast as the broker takes them; raises RuntimeError where it does not."""
    with send(events, broker, topic, form) as producer:
        output = producer.communicate()[0]
    if producer.returncode:
        raise RuntimeError(f"the producer ended with exit code {producer.returncode}")
    return Sent(**json.loads(output))


def config_of(folder: Path, broker: Broker, topic: str, form: str) -> Path:
    """A configuration beside that of a folder, which names the topic in place of the files."""
    kafka = f'[input.kafka]\nbrokers = "{broker.address}"\ntopic = "{topic}"\nformat = "{form}"\n'
    kafka += f'schemas = "{folder / "schemas"}"\n' if form == "avro" else ""
    text = (folder / "hexaflux.toml").read_text(encoding="utf-8").replace('events = "events"\n', "")
    config = folder / f"{topic}.toml"
    config.write_text(text.replace("[release]", f"{kafka}\n[release]", 1), encoding="utf-8")
    return config
