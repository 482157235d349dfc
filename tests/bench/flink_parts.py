"""Where seconds of processors go in a run by either driver: its timed functions, the threads of Java, and the rest."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from tests.bench.used import Used

DRIVER, SUBMISSION, MANAGER, TASKS, WORKERS = (
    "driver",
    "submission",
    "JobManager",
    "TaskManager",
    "Python workers",
)
"""Groups of processes."""

START: Final = "start of Python: imports"
READ: Final = "read Parquet"
CONFORM: Final = "judge rows"
CROSS: Final = "look up cells, pseudonymise"
REGISTER: Final = "register under the day's key"
INGEST: Final = "rest of reading"
SPLIT: Final = "split by shard"
FOLD: Final = "fold"
SUM: Final = "sum over shards"
DAY: Final = "places, visits and trips of a shard's day"
FILES: Final = "write and read working files"
PUBLISH: Final = "protect, sign and publish"
PACK: Final = "pack Arrow IPC"
UNPACK: Final = "unpack Arrow IPC"
STATE: Final = "ask Flink for state, in Python"
STAGE: Final = "rest of the stages"

SHARED: Final = (START, READ, CONFORM, CROSS, REGISTER, INGEST, SPLIT, FOLD, SUM, DAY, FILES, PUBLISH)
"""What both drivers do."""

JAVA: Final[Mapping[str, tuple[str, ...]]] = {
    "Java: RocksDB in the background": ("rocksdb",),
    "Java: gRPC with Python": ("grpc",),
    "Java: tasks, coders and shuffle": ("Read", "Follow", "Sum shards", "Source", "Flink Netty"),
    "Java: garbage": ("VM Thread", "GC "),
    "Java: compiling": ("C1 ", "C2 "),
}
"""Threads of a TaskManager by the beginnings of their names."""

REST_OF_WORKERS: Final = "PyFlink and Beam in workers: bundles, coders, gRPC, timers; not timed"
REST_OF_TASKS: Final = "Java: others"
REST_OF_DRIVER: Final = "rest of the driver: not timed"

ROWS: Final = (
    *(*SHARED, PACK, UNPACK, STATE, STAGE, REST_OF_WORKERS),
    *(*JAVA, REST_OF_TASKS, MANAGER, SUBMISSION, REST_OF_DRIVER),
)
"""All parts, in the order in which they are told."""


def parts(used: Used, driver: Mapping[str, float], workers: Mapping[str, float]) -> dict[str, float]:
    """Seconds of each part; together they are all that was used. The times are those of the driver and the workers."""
    found: Counter[str] = Counter()
    for times in (driver, workers):
        found.update(times)
    found[REST_OF_WORKERS] += used.processor[WORKERS] - sum(workers.values())
    found[REST_OF_DRIVER] += used.processor[DRIVER] - sum(driver.values())
    java = {part: _of_threads(used, beginnings) for part, beginnings in JAVA.items()}
    found.update(java)
    found[REST_OF_TASKS] += used.processor[TASKS] - sum(java.values())
    found.update({group: used.processor[group] for group in (MANAGER, SUBMISSION)})
    return {part: found[part] for part in ROWS}


def _of_threads(used: Used, beginnings: tuple[str, ...]) -> float:
    return sum(
        seconds for (group, name), seconds in used.threads.items() if group == TASKS and name.startswith(beginnings)
    )
