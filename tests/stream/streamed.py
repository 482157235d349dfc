"""Streams for the stateful fold: events and watermarks in an order of the test's choosing, and what came of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import pairwise

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.test_stream import TestStream
from apache_beam.utils.timestamp import Timestamp

from pipelines.arrays import column, instants
from pipelines.calendar import Calendar
from pipelines.fold import Prepared, advance, merged
from pipelines.planning import Ground
from pipelines.publish import day_grid
from pipelines.shard_fold import Key, Terms, keyed
from pipelines.shards import split
from pipelines.state import Accounting
from pipelines.stateful import fold
from schemas.tables import OPEN_STAY, PROBE, STAY
from tests.pipelines.made import MINUTE

RUNNER = "BundleBasedDirectRunner"
EPOCH = date(1970, 1, 1)
HEXAGONS = 5
LATENESS = 30 * MINUTE
MILLISECOND = 1_000
"""In microseconds: the grain of Beam's watermarks."""
CALENDAR = Calendar("Europe/Paris", time(5), timedelta(minutes=15))


def prepared(day: date) -> Prepared:
    """Devices are elsewhere on another day, as under another key."""

    def locate(device: np.ndarray, cell: np.ndarray, home_zone: np.ndarray) -> np.ndarray:
        return hexagon_of(device, cell, day)

    def weigh(rows: pa.Table) -> np.ndarray:
        return 1000 + 10 * column(rows, "age_band").astype(np.int64) + column(rows, "home_mcc").astype(np.int64)

    return Prepared(locate, weigh)


def hexagon_of(device: np.ndarray, cell: np.ndarray, day: date) -> np.ndarray:
    return ((cell + (device % HEXAGONS).astype(np.int64) + day.toordinal()) % HEXAGONS).astype(np.int32)


TERMS = Terms(CALENDAR, Ground(HEXAGONS, (208,)), LATENESS, 2, prepared)

Told = tuple[str, object, object]
"""Where something was told, its key and its value."""

Script = Sequence[int | pa.Table | str]
"""Watermarks, PROBE rows that are delivered between them, and days of which nothing is delivered."""

TOLD: dict[str, list[Told]] = defaultdict(list)


@dataclass(frozen=True)
class Outcome:
    """All that was told, in its order: `taken` for each delivery, and the outputs by name."""

    told: list[Told] = field(default_factory=list)

    def of(self, name: str) -> list[tuple]:
        return [(key, value) for where, key, value in self.told if where == name]

    @property
    def windows(self) -> list[tuple[str, int, int]]:
        return [key for key, _ in self.of("measures")]

    def measures(self, day: str) -> pa.Table:
        return merged([table for (of, *_), table in self.of("measures") if of == day])

    def stays(self, day: str) -> list[tuple]:
        return rows_of(table for (of, _), table in self.of("stays") if of == day)

    def counted(self, day: str) -> Accounting:
        return sum((some for of, some in self.of("counted") if of == day), Accounting())


class Record(beam.DoFn):
    """Notes down what passes; the runner works in this process."""

    def __init__(self, run: str, name: str) -> None:
        self.run, self.name = run, name

    def process(self, element):  # Without types, which Beam would take for those of the stream.
        TOLD[self.run].append((self.name, *element))
        yield element


def streamed(script: Script, terms: Terms = TERMS) -> Outcome:
    """What comes of a stream; at its end the watermark passes everything."""
    stream = TestStream()
    for item in script:
        if isinstance(item, int):
            stream.advance_watermark_to(Timestamp(micros=item))
        elif isinstance(item, str):
            stream.add_elements(list(keyed(item, PROBE.empty(), terms.shards)))
        else:
            stream.add_elements(list(by_shard(item, terms)))
    return run(lambda pipeline: pipeline | stream, terms, RUNNER)


def run(
    source: Callable[[beam.Pipeline], beam.PCollection], terms: Terms, runner: str, flags: Sequence[str] = ()
) -> Outcome:
    with beam.Pipeline(runner=runner, options=PipelineOptions(list(flags))) as pipeline:
        return observed(source(pipeline), terms)


def observed(events: beam.PCollection, terms: Terms, name: str = "") -> Outcome:
    """What the fold tells of events, as soon as the pipeline has run as far; `name` is that of the run."""
    name = name or str(len(TOLD))
    found = fold(events | beam.ParDo(Record(name, "taken")), terms)
    for output, told in vars(found).items():
        told | output >> beam.ParDo(Record(name, output))
    return Outcome(TOLD[name])


def by_shard(events: pa.Table, terms: Terms = TERMS) -> Iterator[tuple[Key, pa.Table]]:
    """A delivery as the graph takes it: of each day in it, all shards."""
    days = terms.calendar.day_of(instants(events, "event_time"))
    for ordinal in np.unique(days).tolist():
        day = (EPOCH + timedelta(days=ordinal)).isoformat()
        yield from keyed(day, events.filter(pa.array(days == ordinal)), terms.shards)


def at_once(events: pa.Table, day: str, terms: Terms = TERMS) -> tuple[list[tuple], pa.Table]:
    """Closed stays and summed measures that one step of each shard makes of all events of a day."""
    privacy_day = date.fromisoformat(day)
    grid, by = day_grid(terms.calendar, privacy_day), terms.prepare(privacy_day)
    days = terms.calendar.day_of(instants(events, "event_time"))
    own = events.filter(pa.array(days == (privacy_day - EPOCH).days))
    step = terms.ground.step(grid, 0, 0, last=True)
    found = [
        advance(OPEN_STAY.empty(), table, step, by.locate, by.weigh, by.sampling) for table in split(own, terms.shards)
    ]
    return rows_of(each.closed for each in found), merged([each.measures for each in found])


def rows_of(tables: Iterable[pa.Table]) -> list[tuple]:
    """The rows of some STAY tables, in one order."""
    table = pa.concat_tables([STAY.empty(), *tables])
    return sorted(tuple(row.values()) for row in table.to_pylist())


def start_of(day: str) -> int:
    return CALENDAR.privacy_day(date.fromisoformat(day)).start


def signals(*seen: tuple[int, int, int]) -> pa.Table:
    """PROBE rows from (device, instant, cell)."""
    device, at, cell = (np.array(values) for values in zip(*seen, strict=True))
    return _probe(device, at, cell, np.zeros(at.size, np.int64))


def crowd(start: int, end: int, seed: int, devices: int = 60, events: int = 900) -> pa.Table:
    """PROBE rows of some devices in [start, end), one in twenty of them twice, in no order."""
    rng = np.random.default_rng(seed)
    device = rng.integers(0, 1 << 62, devices) * 4 + 1
    at, cell = rng.integers(start, end, events), rng.integers(0, 4, events)
    once = _probe(rng.choice(device, events), at, cell, rng.choice([0, 0, 208, 262], events))
    twice = np.append(np.arange(events), rng.integers(0, events, events // 20))
    return once.take(pa.array(rng.permutation(twice)))


def in_delay(events: pa.Table, seed: int, most: int = LATENESS, every: int = 20 * MINUTE) -> list[int | pa.Table]:
    """Events as they arrive, each up to `most` late, in deliveries of `every` with the watermark before each."""
    rng = np.random.default_rng(seed)
    arrival = instants(events, "event_time") + rng.integers(0, most + 1, events.num_rows)
    cuts = np.arange(arrival.min() // MILLISECOND * MILLISECOND, arrival.max() + every + 1, every)
    script: list[int | pa.Table] = []
    for low, high in pairwise(cuts.tolist()):
        script += [low, events.filter(pa.array((arrival >= low) & (arrival < high)))]
    return script


def _probe(device: np.ndarray, at: np.ndarray, cell: np.ndarray, home_mcc: np.ndarray) -> pa.Table:
    """PROBE rows; what is known of a device follows from it."""
    zeros = np.zeros(at.size, np.int64)
    columns = {"device": device.astype(np.uint64), "cell": cell, "event_type": zeros, "line": zeros}
    person = {"home_mcc": home_mcc, "age_band": device % 8, "spc": device % 9, "home_zone": zeros - 1}
    return PROBE.conform(pa.table({**columns, "event_time": pa.array(at).view(pa.timestamp("us", "UTC")), **person}))
