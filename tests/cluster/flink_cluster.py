"""A cluster of Flink of its own on loopback, whose TaskManagers can be killed."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final

from tests.cluster.broker_files import HOST, free_ports
from tests.cluster.flink_errors import FlinkError
from tests.cluster.flink_files import classpath, environment, home, opened, python_jar, write_configuration
from tests.cluster.flink_loopback import write_class
from tests.cluster.jars import java
from tests.paths import ROOT

READY_SECONDS: Final = 90.0
STOP_SECONDS: Final = 20.0
GROUP_SECONDS: Final = 5.0
REST_SECONDS: Final = 30.0
JOBMANAGER: Final = "jobmanager"

_LIGHT: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
_JOBMANAGER: Final = (
    *("-Xmx384m", "-XX:MaxMetaspaceSize=256m"),
    "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
)
# As the settings have it: the direct memory is that of the network and the framework, and some more.
_TASKMANAGER: Final = (
    *("-Xmx512m", "-XX:MaxMetaspaceSize=256m", "-XX:MaxDirectMemorySize=128m"),
    "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
)


class FlinkCluster:
    """One JobManager and some TaskManagers, each a process of its own; settings, logs and so on stand in a folder.

    `settings` are Flink's, beside those of `flink_files`. Python code comes from the checkout, or else from
    `pythonpath` alone. Used as a context it is started, and at the end stopped.
    """

    def __init__(
        self,
        folder: Path,
        taskmanagers: int = 2,
        slots: int = 2,
        settings: Mapping[str, str] = MappingProxyType({}),
        pythonpath: Sequence[Path] = (),
    ) -> None:
        self.folder = folder.resolve()
        self.environment = environment(self.folder, pythonpath or (ROOT,))
        """What a client has to be started with."""
        self._count = taskmanagers
        self._started = 0
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("classes", "conf", "log", "tmp"):
            (self.folder / name).mkdir(exist_ok=True)
        ports = free_ports(3)
        self._rest = ports[1]
        write_configuration(self.folder, ports, slots, settings)
        write_class(python_jar(home()), self.folder / "classes")
        self._java = [java(), *_LIGHT, *opened(home()), "-cp", classpath(home(), self.folder / "classes")]
        self._java += [f"-Djava.io.tmpdir={self.folder / 'tmp'}"]
        self._java += [f"-Dlog4j.configurationFile={self.folder / 'conf' / 'log4j.properties'}"]

    @property
    def address(self) -> str:
        """Host and port of REST, which clients name."""
        return f"{HOST}:{self._rest}"

    @property
    def pids(self) -> dict[str, int]:
        """The processes that were started here and neither killed nor stopped, by name: the JobManager is the first."""
        return {name: process.pid for name, process in self._processes.items()}

    @property
    def taskmanagers(self) -> list[str]:
        """Names of the TaskManagers, the oldest first."""
        return [name for name in self._processes if name != JOBMANAGER]

    def start(self) -> None:
        """Start all processes, and wait until all TaskManagers have joined; nothing is left where that fails."""
        try:
            self._start(JOBMANAGER, *_JOBMANAGER)
            self._wait_until_joined([self._start_one() for _ in range(self._count)])
        except BaseException:
            self.stop()
            raise

    def start_taskmanager(self) -> str:
        """Start one TaskManager more, and wait until it has joined; its name is returned."""
        name = self._start_one()
        self._wait_until_joined([name])
        return name

    def kill_taskmanager(self, name: str) -> None:
        """End a TaskManager and its Python workers at once, with SIGKILL."""
        _kill(self._processes.pop(name))

    def replace_dead(self) -> list[str]:
        """Start a TaskManager for each that has ended by itself, as a supervisor would; the names of those."""
        dead = self._dead(self.taskmanagers)
        for name in dead:
            # Its Python workers may live on.
            self.kill_taskmanager(name)
            self.start_taskmanager()
        return dead

    def joined(self) -> set[str]:
        """Names of the TaskManagers whose slots the JobManager counts with."""
        # It hears of the slots a moment after it lists the TaskManager.
        return {each["id"] for each in self.ask("/taskmanagers")["taskmanagers"] if each["slotsNumber"]}

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """What REST answers to a request, whose body is sent as JSON; raises FlinkError where it refuses."""
        connection = HTTPConnection(HOST, self._rest, timeout=REST_SECONDS)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
        if answer.status >= 400:
            raise FlinkError(f"{method} {path} was answered with {answer.status}: {text}")
        return json.loads(text or "{}")

    def stop(self) -> None:
        """End all processes in an orderly way, and kill what is left of them."""
        ending, self._processes = [*self._processes.values()], {}
        try:
            for process in ending:
                os.kill(process.pid, signal.SIGTERM)
            _wait_until(lambda: all(map(_ended, ending)), STOP_SECONDS)
        finally:
            for process in ending:
                _kill(process)

    def __enter__(self) -> "FlinkCluster":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start_one(self) -> str:
        name = f"taskmanager-{self._started}"
        self._started += 1
        self._start(name, *_TASKMANAGER, "-D", f"taskmanager.resource-id={name}")
        return name

    def _start(self, name: str, *arguments: str) -> None:
        """Start one of the processes, whose arguments are options of Java, the class and what is said to the class."""
        command = [*self._java, f"-Dlog.file={self._log(name)}", *arguments, "--configDir", str(self.folder / "conf")]
        with self._log(name).open("ab") as log:
            # In a group of its own, as Python workers do not end with a TaskManager that is killed; and in the folder,
            # as workers take modules from where they stand before those of PYTHONPATH.
            self._processes[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self.environment,
                umask=0o077,
                start_new_session=True,
            )

    def _wait_until_joined(self, names: Sequence[str]) -> None:
        """Wait until TaskManagers have joined; raise FlinkError where a process ends, or it takes too long."""
        awaited = [JOBMANAGER, *names]
        if not _wait_until(lambda: self._have_joined(names) or bool(self._dead(awaited)), READY_SECONDS):
            raise FlinkError(f"Flink is not ready after {READY_SECONDS:.0f} s:\n{self._last_words(awaited)}")
        if dead := self._dead(awaited):
            raise FlinkError(f"Flink ended as it started:\n{self._last_words(dead)}")

    def _have_joined(self, names: Sequence[str]) -> bool:
        try:
            return self.joined().issuperset(names)
        except (OSError, HTTPException, FlinkError):
            # It does not listen yet, or has no leader yet.
            return False

    def _dead(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if _ended(self._processes[name])]

    def _log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    def _last_words(self, names: Sequence[str]) -> str:
        texts = {name: self._log(name).read_text(encoding="utf-8", errors="replace") for name in names}
        return "\n".join(f"{name}: {text[-6000:]}" for name, text in texts.items())


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended; its number, which is that of its group, is not given to another before `_kill`."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that was started here, with all of its group, and wait for their end."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # Not for ever: the dead stay in the group until whoever takes in orphans has seen their end.
    _wait_until(lambda: not _is_there(process.pid), GROUP_SECONDS)


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def _wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, for so long at most; whether it came."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
