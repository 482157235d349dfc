"""The stages of a job on Flink with timers in them, and the embedded driver's: where seconds of processors go.

Each worker leaves its times in the exchange. `main` submits a job of such stages, as `pipelines.flink.job` does.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache, wraps
from types import ModuleType
from typing import Any, Final

from pipelines import graph, ingest, shard_fold, steps, sums
from pipelines.days import Day
from pipelines.flink import job, reading, shards
from pipelines.flink.exchange import Exchange
from pipelines.flink.shards import KeptShard
from pipelines.flink.stages import FoldShard, ReadFragment, SumShards
from pipelines.shard_files import BatchFile
from tests.bench.flink_parts import (
    CONFORM,
    CROSS,
    DAY,
    FILES,
    FOLD,
    INGEST,
    PACK,
    PUBLISH,
    READ,
    REGISTER,
    SPLIT,
    STAGE,
    START,
    STATE,
    SUM,
    UNPACK,
)
from tests.bench.timers import TIMERS, leave_times

_FUNCTIONS: Final[tuple[tuple[ModuleType, str, str], ...]] = (
    (ingest, "conform", CONFORM),
    (ingest, "cross", CROSS),
    (ingest, "write_batches", FILES),
    (graph, "write_batches", FILES),
    (graph, "read_batch", FILES),
    (graph, "advance", FOLD),
    (shard_fold, "advance", FOLD),
    (reading, "packed", PACK),
    (shards, "packed", PACK),
    (shards, "kept_table", UNPACK),
)
_GENERATORS: Final[tuple[tuple[ModuleType, str, str], ...]] = (
    (ingest, "read", READ),
    (ingest, "split", SPLIT),
    (reading, "split", SPLIT),
)
_METHODS: Final[tuple[tuple[type, str, str], ...]] = (
    (ingest.Ingestion, "_register", REGISTER),
    (Day, "tables", DAY),
    (BatchFile, "append", FILES),
    (steps.Steps, "close", PUBLISH),
)
_HANDED: Final = ("tell", "hand_sum", "hand_shard")


@cache
def install() -> None:
    """Put timers around the functions that both drivers call, once for a process."""
    for module, name, part in _FUNCTIONS:
        setattr(module, name, TIMERS.function(part, getattr(module, name)))
    for module, name, part in _GENERATORS:
        setattr(module, name, TIMERS.generator(part, getattr(module, name)))
    for kind, name, part in _METHODS:
        setattr(kind, name, TIMERS.function(part, getattr(kind, name)))
    ingest.Reading.__iter__ = TIMERS.generator(INGEST, ingest.Reading.__iter__)
    sums.SUMS.update({name: (table, TIMERS.function(SUM, total)) for name, (table, total) in sums.SUMS.items()})
    for name in _HANDED:
        setattr(Exchange, name, _leaving_times(TIMERS.function(FILES, getattr(Exchange, name))))


def _leaving_times(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def leaving(exchange: Exchange, *arguments: Any, **named: Any) -> None:
        function(exchange, *arguments, **named)
        leave_times(exchange.path)

    return leaving


def _begin() -> None:
    """The first stage of a worker: all before it was its start."""
    install()
    if not TIMERS.seconds[START]:
        TIMERS.seconds[START] = time.process_time()


class _TimedState:
    """State of a key, with each call timed."""

    def __init__(self, state: Any) -> None:
        for name in ("value", "update", "clear", "add", "get"):
            if hasattr(state, name):
                setattr(self, name, TIMERS.function(STATE, _at_once(getattr(state, name))))


def _at_once(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose answer is there when it returns: what Flink is asked for a list comes as that is read."""

    def answered(*arguments: Any) -> Any:
        found = function(*arguments)
        return found if found is None or isinstance(found, (bytes, int)) else list(found)

    return answered


def _timed_states(kept: KeptShard) -> KeptShard:
    return KeptShard(**{each.name: _TimedState(getattr(kept, each.name)) for each in fields(kept)})


class TimedRead(ReadFragment):
    """Reads fragments, timed."""

    def open(self, runtime_context: Any) -> None:
        """Flink's hook."""
        _begin()
        super().open(runtime_context)
        self.flat_map = TIMERS.generator(STAGE, super().flat_map)


class TimedFold(FoldShard):
    """Folds shards, timed."""

    def open(self, runtime_context: Any) -> None:
        """Flink's hook."""
        _begin()
        super().open(runtime_context)
        self.shards.kept = _timed_states(self.shards.kept)
        self.process_element = TIMERS.function(STAGE, super().process_element)
        self.on_timer = TIMERS.generator(STAGE, super().on_timer)


class TimedSum(SumShards):
    """Sums shards, timed."""

    def open(self, runtime_context: Any) -> None:
        """Flink's hook."""
        _begin()
        super().open(runtime_context)
        self.summing.heard, self.summing.told = _TimedState(self.summing.heard), _TimedState(self.summing.told)
        self.process_element = TIMERS.function(STAGE, super().process_element)


_STAGES: Final[Mapping[str, type]] = {"ReadFragment": TimedRead, "FoldShard": TimedFold, "SumShards": TimedSum}


def main() -> None:
    """Submit the job of an order, with timed stages."""
    for name, stage in _STAGES.items():
        setattr(job, name, stage)
    job.main()
