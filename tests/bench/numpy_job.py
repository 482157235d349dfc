"""The reference: the same kernels over the whole day at once, without Beam, durable state or protection.

Every event is taken as good (no row is judged), and every device as domestic, which the generated ones are.
"""

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.keys import PSEUDONYM
from anonymization.prf import hash_strings
from pipelines.arrays import instants, rows
from pipelines.day_register import DayRegister
from pipelines.days import Day
from pipelines.fold import Weigh, advance, merged
from pipelines.shards import split
from pipelines.stays import Locate
from schemas.tables import OPEN_STAY, PROBE
from schemas.vocabulary import EVENT_TYPES
from tests.bench.counts import Counted, of_presence
from tests.bench.setting import Setting, read_setting
from tests.bench.told import tell
from tests.bench.zone_counts import ZoneCounts, zone_counts

SHARDS = 32
THREADS = 2

In = TypeVar("In")
Out = TypeVar("Out")
ShardCounts = tuple[int, pa.Table, ZoneCounts]


def count(setting: Setting) -> Counted:
    """Count the day."""
    inputs, key = setting.inputs, setting.key
    assert inputs.register is not None
    pseudonym, locate = key.subkey(PSEUDONYM), inputs.locate(key)
    weigh, day = inputs.weighing(key.day).of, inputs.day(key.day, key)
    known = inputs.register.for_day(pseudonym, key.day.year)
    files = _each(lambda file: _probes(setting, file, pseudonym, known), setting.files)
    shards = [[file[shard] for file in files] for shard in range(SHARDS)]
    del files
    done = _each(lambda tables: _shard(setting, tables, locate, weigh, day), shards)
    presence = of_presence(merged([measures for _, measures, _ in done]), setting.whole_day.lattice)
    by_zone = reduce(add, (zones for _, _, zones in done)).counts()
    return Counted(sum(accepted for accepted, _, _ in done), presence | by_zone)


def _each(work: Callable[[In], Out], elements: Iterable[In]) -> list[Out]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, elements))


def _probes(setting: Setting, file: Path, pseudonym: bytes, register: DayRegister) -> list[pa.Table]:
    """A file's events as PROBE rows, by shard."""
    table = pq.read_table(file, read_dictionary=["cell_id", "event_type"], use_threads=False)
    device = hash_strings(pseudonym, table["subscriber_id"])
    at = register.find(device)
    time = instants(table, "event_time")
    types = pc.index_in(table["event_type"].cast(pa.string()), pa.array(EVENT_TYPES)).to_numpy()
    columns = {
        "device": device,
        "event_time": time,
        "cell": setting.inputs.network.lookup(table["cell_id"], time),
        "event_type": (types + 1).astype(np.int8),
        "line": register.line[at],
        "home_mcc": np.zeros(len(device), np.int16),
        "age_band": register.age_band[at],
        "spc": register.spc[at],
        "home_zone": register.home_zone[at],
    }
    return list(split(rows(PROBE, columns), SHARDS))


def _shard(setting: Setting, tables: list[pa.Table], locate: Locate, weigh: Weigh, day: Day) -> ShardCounts:
    """Events accepted, PRESENCE_COUNT rows, and the counts by zone."""
    events = pa.concat_tables(tables).combine_chunks()
    tables.clear()
    moved = advance(OPEN_STAY.empty(), events, setting.whole_day, locate, weigh)
    return moved.accepted, moved.measures, zone_counts(setting, day.tables(moved.closed))


if __name__ == "__main__":
    pa.set_cpu_count(THREADS)
    tell(count(read_setting(Path(sys.argv[1]))))
