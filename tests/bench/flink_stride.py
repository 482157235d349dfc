"""A shard of a day in strides, as a stream has it, in this process: what Python alone takes, with nothing of Flink.

`python -m tests.bench.flink_stride CONFIG SHARDS` prints what a shard of so many took, as JSON.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from anonymization.keys import DayKey
from pipelines.arrays import instants
from pipelines.flink.kept import kept_table
from pipelines.ingest import ClosedDays, Ingestion
from pipelines.ipc import packed
from pipelines.lateness import BUCKET
from pipelines.publish import day_grid
from pipelines.shard_fold import BEGINNING, STRIDE, ShardFold, Terms, buckets_of
from pipelines.shards import split
from pipelines.sources.files import discover, fragments
from schemas.tables import OPEN_STAY, PROBE
from tests.bench.lots import CONFIG
from tests.bench.measured import measure
from tests.bench.setting import Setting, read_setting

LATENESS: Final = 600_000_000
"""Microseconds; nothing is late here."""


@dataclass(frozen=True)
class Strides:
    """Seconds of a processor for each stride of a shard: to fold it, and to pack and unpack it.

    Beside them its devices, its events, the bytes of the open stays that it keeps, and of the sums that it hands on.
    """

    devices: int
    events: float
    fold: float
    packing: float
    kept: float
    handed: float

    @property
    def seconds(self) -> float:
        """Of both."""
        return self.fold + self.packing


class _OneKey:
    """The key of the one day."""

    def __init__(self, key: DayKey) -> None:
        self.key = key

    def open(self, day: date) -> DayKey:
        return self.key

    create_or_open = open


def strides_of(lot: Path, shards: int) -> Strides:
    """What a shard of so many takes, measured in a process of its own."""
    run = measure([sys.executable, "-W", "ignore", "-m", "tests.bench.flink_stride", str(lot / CONFIG), str(shards)])
    return Strides(**json.loads(run.output))


def stepped(setting: Setting, events: pa.Table) -> Strides:
    """Take a shard's PROBE rows through a day, stride by stride."""
    inputs, key, day = setting.inputs, setting.key, setting.key.day.isoformat()
    prepared = inputs.prepared(key)
    fold = ShardFold(Terms(inputs.calendar, inputs.ground, LATENESS, 1, lambda _: prepared))
    grid = day_grid(inputs.calendar, key.day)
    stride = (instants(events, "event_time") - int(grid.slots[0])) // (STRIDE * BUCKET)
    count = -(-buckets_of(grid) // STRIDE)
    arriving = [packed(events.filter(pa.array(stride == number))) for number in range(count)]
    reached, stays, waiting = BEGINNING, packed(OPEN_STAY.empty()), packed(PROBE.empty())
    folded, began, kept, handed = 0.0, time.thread_time(), 0, 0
    for some in arriving:
        tables = kept_table(stays, OPEN_STAY), [kept_table(waiting, PROBE), kept_table(some, PROBE)]
        before = time.thread_time()
        found = fold.step(day, reached, *tables)
        folded += time.thread_time() - before
        reached, moved = found.reached, found.moved
        stays, waiting = packed(moved.open_stays), packed(found.waiting)
        kept += len(stays)
        handed += len(packed(moved.measures)) + len(packed(moved.heard)) + len(packed(moved.closed))
    took = time.thread_time() - began
    devices = len(np.unique(events.column("device").to_numpy()))
    return Strides(
        devices, events.num_rows / count, folded / count, (took - folded) / count, kept / count, handed / count
    )


def _shard(setting: Setting, shards: int) -> Iterator[pa.Table]:
    """The PROBE rows of the first shard."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ingestion = Ingestion(setting.inputs, _OneKey(setting.key), place, place, ClosedDays(frozenset()))
        for number, part in enumerate(fragments(discover(setting.configuration.input.files))):
            for _, events in ingestion.events(number, part):
                yield next(iter(split(events, shards)))


if __name__ == "__main__":
    read = read_setting(Path(sys.argv[1]))
    rows = pa.concat_tables([PROBE.empty(), *_shard(read, int(sys.argv[2]))]).combine_chunks()
    print(json.dumps(asdict(stepped(read, rows))))
