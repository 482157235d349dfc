"""Beam's job server with a Flink inside it, and workers for it: threads of this process."""

import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Final

import grpc
from apache_beam.portability.api import beam_fn_api_pb2_grpc
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
from apache_beam.utils.thread_pool_executor import shared_unbounded_instance

from tests.cluster.broker_files import HOST, free_ports
from tests.cluster.flink_loopback import JOB_SERVER as LAYOUT
from tests.cluster.flink_loopback import write_class
from tests.cluster.jars import FLINK_RUNNER, JOB_SERVER, BrokerError, jars, java

READY_SECONDS: Final = 90.0
HEAP: Final = "768m"

_LIGHT: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# What Flink 1.19 asks of Java 17.
_OPENED: Final = (
    *("java.lang", "java.lang.reflect", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.text", "java.time"),
    *("java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks"),
)
# Of the Flink within it.
_SETTINGS: Final = f"jobmanager.bind-host: {HOST}\nrest.address: {HOST}\nrest.bind-address: {HOST}\n"


class JobServer:
    """A job server whose log and files stand in a folder; used as a context it is started, and at the end killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Those that Beam starts itself would listen on all interfaces.
        self._workers = grpc.server(shared_unbounded_instance())
        self._workers_port = self._workers.add_insecure_port(f"{HOST}:0")
        pool = BeamFnExternalWorkerPoolServicer()
        beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, self._workers)
        self._port, artifacts, expansion = free_ports(3)
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        self._command = [java(), f"-Xmx{HEAP}", *_LIGHT, *opened, f"-Djava.io.tmpdir={folder}"]
        library = jars(wanted=JOB_SERVER)
        write_class(library / f"beam-sdks-java-core-{FLINK_RUNNER}.jar", folder / "classes", LAYOUT)
        (folder / "config.yaml").write_text(_SETTINGS, encoding="utf-8")
        self._command += ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", f"{folder / 'classes'}:{library}/*"]
        self._command += ["org.apache.beam.runners.flink.FlinkJobServerDriver", "--flink-master=[local]"]
        self._command += [f"--flink-conf-dir={folder}"]
        self._command += [f"--job-host={HOST}", f"--job-port={self._port}", f"--artifact-port={artifacts}"]
        self._command += [f"--expansion-port={expansion}", f"--artifacts-dir={folder / 'artifacts'}"]

    @property
    def flags(self) -> list[str]:
        """The options of a pipeline that `PortableRunner` is to give to this server."""
        workers = ["--environment_type=EXTERNAL", f"--environment_config={HOST}:{self._workers_port}"]
        return [f"--job_endpoint={HOST}:{self._port}", *workers, "--parallelism=1"]

    @property
    def log(self) -> Path:
        """What the server and its Flink say: warnings and errors."""
        return self.folder / "job-server.log"

    def __enter__(self) -> "JobServer":
        self._workers.start()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._kill()

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not _answers(self._port):
            if self.process.poll() is not None or time.monotonic() > until:
                said = self.log.read_text(encoding="utf-8", errors="replace")[-3000:]
                raise BrokerError(f"the job server of Beam did not start (it needs Java 17):\n{said}")
            time.sleep(0.1)

    def _kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._workers.stop(None)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1.0).close()
    except OSError:
        return False
    return True
