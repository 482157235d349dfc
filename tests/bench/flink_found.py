"""What the benchmark on Flink is asked for, and what it found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from tests.bench.flink_stride import Strides
from tests.bench.flink_turns import Run

TURNS, FOLLOW, PARTS, WAYS, COSTS = ASKED = ("turns", "follow", "parts", "ways", "costs")

STRIDE: Final = 5
"""Buckets: how often a stream is folded."""

SHARDS: Final = 32
STRIDES_OF: Final = (3200, 32, 4)
"""Of so many shards one is taken through the strides of a day, by Python alone."""
MANY_SHARDS: Final = 128
FEW, FEW_SHARDS, FEW_STRIDES = "few events", "few events, many shards", "few events, in strides"
SOME, SOME_STRIDES = "some events", "some events, in strides"
AS_IT_IS: Final = "as it is: 32 shards, 2 tasks, RocksDB, bundles of 100 ms"
EMBEDDED, FLINK = "embedded driver", "Flink"


@dataclass(frozen=True)
class Asked:
    """What is measured: devices of 40 events a day each, almost none of them, those of variants, and of a topic.

    `checkpoint_every`: of jobs that follow, as the configuration has it.
    """

    parts: tuple[str, ...] = ASKED
    devices: int = 250_000
    few: int = 1_000
    some: int = 50_000
    follow: int = 200_000
    rounds: int = 2
    checkpoint_every: str = "10s"


@dataclass
class Found:
    """What was measured: runs of each way by its name, with almost no events and with many, and so on.

    `same`: how many runs published the same as the first of their events, and `followed`, how many followers.
    """

    asked: Asked
    few: dict[str, list[Run]] = field(default_factory=dict)
    many: dict[str, list[Run]] = field(default_factory=dict)
    follow_few: dict[str, list[Run]] = field(default_factory=dict)
    follow_many: dict[str, list[Run]] = field(default_factory=dict)
    timed: dict[str, tuple[Run, Run]] = field(default_factory=dict)
    ways: dict[str, list[Run]] = field(default_factory=dict)
    costs: dict[str, list[Run]] = field(default_factory=dict)
    strides: dict[int, list[Strides]] = field(default_factory=dict)
    same: int = 0
    followed: int = 0
    load: tuple[float, ...] = ()


def processor(runs: Sequence[Run]) -> float:
    """Seconds of processors of a run, the median of the rounds."""
    return median(run.processor for run in runs)


def seconds(runs: Sequence[Run]) -> float:
    """Seconds of a run, the median of the rounds."""
    return median(run.seconds for run in runs)


@dataclass(frozen=True)
class Costs:
    """Seconds of processors on Flink: of a shard of a day, of a stride of a shard with few events, and with some."""

    shard_day: float
    stride: float
    stride_of_some: float


STRIDES: Final = 24 * 60 // STRIDE
"""Of a day."""


def costs(found: Found) -> Costs:
    """From the differences of runs; strides of one key follow each other without a bundle between."""
    took = {name: processor(runs) for name, runs in found.costs.items()}
    steps = STRIDES * SHARDS
    return Costs(
        (took[FEW_SHARDS] - took[FEW]) / (MANY_SHARDS - SHARDS),
        (took[FEW_STRIDES] - took[FEW]) / steps,
        (took[SOME_STRIDES] - took[SOME]) / steps,
    )
