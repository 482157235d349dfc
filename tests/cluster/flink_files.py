"""What a cluster of Flink is started with: its jars, its settings and its logging."""

import importlib.util
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.cluster.broker_files import HOST
from tests.cluster.flink_errors import FlinkError

# What a TaskManager takes from the size of the machine, if its own scripts start it, is named in full. Its heap is 512
# MB, of the tasks and the framework; RocksDB has the managed memory.
_SETTINGS: Final = {
    "jobmanager.rpc.address": HOST,
    "jobmanager.bind-host": HOST,
    "rest.address": HOST,
    "rest.bind-address": HOST,
    "taskmanager.host": HOST,
    "taskmanager.bind-host": HOST,
    "taskmanager.memory.task.heap.size": "448m",
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.framework.heap.size": "64m",
    "taskmanager.memory.framework.off-heap.size": "64m",
    "taskmanager.memory.network.min": "32m",
    "taskmanager.memory.network.max": "32m",
    "taskmanager.memory.managed.size": "256m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "64m",
    "taskmanager.memory.jvm-overhead.max": "64m",
    "python.executable": sys.executable,
    "python.client.executable": sys.executable,
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "1000",
    "restart-strategy.fixed-delay.delay": "500 ms",
    # A killed TaskManager is missed after 3 s, not 50.
    "heartbeat.interval": "500 ms",
    "heartbeat.timeout": "3 s",
    # One that is there before the JobManager would wait 10 s.
    "cluster.registration.error-delay": "500 ms",
}

_LOGGING: Final = """rootLogger.level = INFO
rootLogger.appenderRef.file.ref = file
appender.file.name = file
appender.file.type = File
appender.file.fileName = ${sys:log.file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{1}: %m%n
"""


def home() -> Path:
    """The folder of the installed Flink, which is not imported; raises FlinkError where there is none."""
    found = importlib.util.find_spec("pyflink")
    for place in found.submodule_search_locations or () if found else ():
        # One package brings the Python code and the jar in `opt`, another one all other jars.
        if any(Path(place).glob("lib/flink-dist-*.jar")) and any(Path(place).glob("opt/flink-python-*.jar")):
            return Path(place)
    raise FlinkError(f"Flink is not installed for {sys.executable}: run `make flink`")


def python_jar(flink: Path) -> Path:
    """The jar that runs Python code, with its own copy of Beam."""
    return next(flink.glob("opt/flink-python-*.jar"))


def classpath(flink: Path, classes: Path) -> str:
    """The jars that a JobManager and a TaskManager need to run Python code; the folder of classes goes before them."""
    return os.pathsep.join([str(classes), f"{flink}/lib/*", str(python_jar(flink))])


def opened(flink: Path) -> list[str]:
    """The options of Java that open to Flink what it needs of the JDK, as its own configuration has them."""
    return re.findall(r"--add-(?:opens|exports)=\S+", (flink / "conf" / "config.yaml").read_text(encoding="utf-8"))


def write_configuration(folder: Path, ports: Sequence[int], slots: int, settings: Mapping[str, str]) -> None:
    """Write what JobManager, TaskManagers and clients read, into the folder's `conf`; `settings` wins.

    The ports are those of the JobManager's RPC, REST and files.
    """
    rpc, rest, files = map(str, ports)
    own = {"jobmanager.rpc.port": rpc, "rest.port": rest, "rest.bind-port": rest, "blob.server.port": files}
    own |= {"taskmanager.numberOfTaskSlots": str(slots), "taskmanager.cpu.cores": f"{slots}.0"}
    # A client takes its options of Java from here, too.
    own |= {"io.tmp.dirs": str(folder / "tmp"), "env.java.opts.all": " ".join(opened(home()))}
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in {**_SETTINGS, **own, **settings}.items()]
    (folder / "conf" / "config.yaml").write_text("".join(lines), encoding="utf-8")
    for name in ("log4j.properties", "log4j-cli.properties"):
        (folder / "conf" / name).write_text(_LOGGING, encoding="utf-8")


def environment(folder: Path, pythonpath: Sequence[Path]) -> dict[str, str]:
    """The environment of the cluster's processes and clients, with Python code from `pythonpath`."""
    flink = home()
    places = {f"FLINK_{name.upper()}_DIR": str(flink / name) for name in ("lib", "opt", "plugins")}
    places |= {f"FLINK_{name.upper()}_DIR": str(folder / name) for name in ("conf", "log")}
    path = os.pathsep.join(map(str, pythonpath))
    # Its compiled modules were built against another Beam. What is not empty counts as true.
    return {**os.environ, **places, "FLINK_HOME": str(flink), "PYTHONPATH": path, "PYFLINK_CYTHON_ENABLED": ""}
