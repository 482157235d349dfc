"""A Kafka broker of its own on loopback, that can be stopped, killed and started again on the same data."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Final

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from confluent_kafka.cimpl import NewTopic

from tests.cluster.broker_files import HOST, LOGGING, free_ports, settings
from tests.cluster.jars import BrokerError, jars, java

READY_SECONDS: Final = 90.0
STOP_SECONDS: Final = 60.0
TOPIC_SECONDS: Final = 30.0
HEAP: Final = "512m"
# Any does.
_CLUSTER_ID: Final = "aGV4YWZsdXgtdGVzdHMtMQ"
# Half the work at the start (2.5 s instead of 4.8) and no more after it, with 4 M events sent: both cores are wanted.
_LIGHT: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


class Broker:
    """A broker whose data, settings and log stand in a folder; a killed one goes on from its data.

    Its ports stay the same. Used as a context it is started, and at the end killed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self._command = [java(), f"-Xmx{HEAP}", "-XX:+ExitOnOutOfMemoryError", *_LIGHT]
        self._command += [f"-Dlog4j2.configurationFile={folder / 'log4j2.xml'}", "-cp", f"{jars()}/*"]
        self._port, controller = free_ports(2)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "log4j2.xml").write_text(LOGGING, encoding="utf-8")
        self.settings.write_text(settings(self._port, controller, self.data), encoding="utf-8")

    @property
    def address(self) -> str:
        """What clients name as `bootstrap.servers`."""
        return f"{HOST}:{self._port}"

    @property
    def data(self) -> Path:
        """The folder of the topics."""
        return self.folder / "data"

    @property
    def settings(self) -> Path:
        """The broker's own configuration."""
        return self.folder / "server.properties"

    @property
    def log(self) -> Path:
        """What the broker says: warnings and errors."""
        return self.folder / "broker.log"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, on the data that is there, and wait until it serves all partitions."""
        if self.running:
            raise BrokerError("the broker runs already: stop it first")
        if not self.data.exists():
            self._format()
        with self.log.open("ab") as log:
            command = [*self._command, "kafka.Kafka", str(self.settings)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self._wait_until_ready()

    def stop(self) -> None:
        """End it in an orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, with SIGKILL."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it and start it again on the same data."""
        self.stop()
        self.start()

    def create_topic(self, name: str, partitions: int, **config: str) -> None:
        """Create a topic, and wait until it is served.

        `config` names its settings with `_` in place of dots, as in retention_bytes.
        """
        dotted = {key.replace("_", "."): value for key, value in config.items()}
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=dotted)
        # The answer never comes to a client that is gone.
        admin = self._admin()
        admin.create_topics([topic], request_timeout=TOPIC_SECONDS)[name].result(TOPIC_SECONDS)
        until = time.monotonic() + TOPIC_SECONDS
        while not _serves_all(admin, TOPIC_SECONDS):
            if time.monotonic() > until:
                raise BrokerError(f"topic {name} is not served {TOPIC_SECONDS:.0f} s after it was created")
            time.sleep(0.05)

    def delete_topic(self, name: str) -> None:
        """Delete a topic, and wait until it is gone."""
        admin = self._admin()
        admin.delete_topics([name], request_timeout=TOPIC_SECONDS)[name].result(TOPIC_SECONDS)
        until = time.monotonic() + TOPIC_SECONDS
        while name in admin.list_topics(timeout=TOPIC_SECONDS).topics:
            if time.monotonic() > until:
                raise BrokerError(f"topic {name} is there {TOPIC_SECONDS:.0f} s after it was deleted")
            time.sleep(0.05)

    def __enter__(self) -> "Broker":
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0})

    def _format(self) -> None:
        command = [*self._command, "kafka.tools.StorageTool", "format", "--cluster-id", _CLUSTER_ID]
        command += ["--config", str(self.settings)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=READY_SECONDS)
        if done.returncode:
            raise BrokerError(
                f"the storage of the broker could not be formatted (it needs Java 17):\n{done.stdout}{done.stderr}"
            )

    def _wait_until_ready(self) -> None:
        """Wait until all partitions are served; raise BrokerError where it ends, or takes too long."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if not self.running:
                raise BrokerError(f"the broker ended as it started (it needs Java 17):\n{self._last_words()}")
            # Only a socket is tried before: a client would write each refusal to the error stream.
            if _answers(self._port) and _serves_all(self._admin(), 5.0):
                return
            time.sleep(0.1)
        raise BrokerError(f"the broker is not ready after {READY_SECONDS:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def _end(self, number: signal.Signals) -> None:
        """End the process that was started here, and wait for its end; nothing happens where it has ended."""
        if self.process is None:
            return
        # By its number, which is not another's before `wait`.
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise BrokerError(f"the broker did not stop within {STOP_SECONDS:.0f} s, and was killed") from None


def _serves_all(admin: AdminClient, seconds: float) -> bool:
    """Whether each partition answers: there is no leader at first for those of a new topic, or after a start."""
    try:
        topics = admin.list_topics(timeout=seconds).topics
        partitions = [TopicPartition(name, number) for name, topic in topics.items() for number in topic.partitions]
        latest = dict.fromkeys(partitions, OffsetSpec.latest())
        asked = admin.list_offsets(latest, request_timeout=seconds) if partitions else {}
        for answer in asked.values():
            answer.result(seconds)
    except KafkaException:
        return False
    return True


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1.0).close()
    except OSError:
        return False
    return True
