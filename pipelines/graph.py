"""The Beam graphs: what flows between the pure functions. Elements are (shard, Arrow table), keyed by shard.

    fragments -> read, pseudonymise, spool                  (ingest)
    spooled events + open stays -> by shard -> advance      (fold: one step of every shard)
    closed stays -> visits                                  (visits: once a privacy day is over)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

import apache_beam as beam
import pyarrow as pa
from apache_beam.options.pipeline_options import PipelineOptions

import pipelines.coder as _registers_the_coder_of_tables  # noqa: F401
from anonymization.keys import KeyStore
from pipelines.fold import Advance, Step, advance, merged
from pipelines.ingest import Ingestion
from pipelines.inputs import inputs_of
from pipelines.pooled import Pooled
from pipelines.receipts import FoldReceipt, VisitReceipt, reporting, write_receipt
from pipelines.shard_files import read_batch, write_batches
from pipelines.shards import split
from pipelines.sources.fragment import Fragment
from pipelines.state import ShardFile, WorkingDirectory
from pipelines.visits import Nests, nests, visits
from schemas.configuration import Configuration
from schemas.tables import OPEN_STAY, PRESENCE_COUNT, PROBE, STAY, VISIT

Sharded: TypeAlias = tuple[int, pa.Table]
Batches: TypeAlias = tuple[str, tuple[int, ...]]
"""A working file and the numbers of some of its record batches."""

RUNNER = "FnApiRunner"
"""Named outright: `DirectRunner` tries to download another engine, and picks one by whether the network is up."""


@dataclass(frozen=True)
class Place:
    """Where a stage works: the configuration, the working directory, the number of the step."""

    configuration: Configuration
    working: WorkingDirectory
    step: int

    @property
    def folder(self) -> Path:
        """The folder of the step's files."""
        return self.working.step(self.step)

    @property
    def keys(self) -> KeyStore:
        """The open day keys; a stage opens them itself, so that no key travels."""
        test = self.configuration.test
        return KeyStore(self.working.keys, test.day_key if test else None)


def run(build: Callable[[beam.Pipeline], object]) -> None:
    """Build and run a bounded pipeline in this process."""
    options = PipelineOptions([], direct_running_mode="in_memory", save_main_session=False)
    with beam.Pipeline(runner=RUNNER, options=options) as pipeline:
        build(pipeline)


def ingest(pipeline: beam.Pipeline, place: Place, fragments: Sequence[Fragment], closed: frozenset[str]) -> None:
    """Read fragments and spool their events, a receipt for each."""
    numbered = list(enumerate(fragments))
    pipeline | "Fragments" >> beam.Create(numbered) | "Ingest" >> beam.ParDo(Ingest(place, closed))


def fold(
    pipeline: beam.Pipeline,
    place: Place,
    day: date,
    step: Step,
    spools: Sequence[Batches],
    open_stays: Sequence[tuple[int, Batches]],
) -> None:
    """Advance every shard by one step; new open stays, closed stays and measures stand in the step's folder."""
    shards = place.configuration.engine.shards
    events = (
        pipeline
        | "Spooled events" >> beam.Create(list(spools), reshuffle=False)
        | "Split by shard" >> beam.ParDo(ReadAndSplit(place, shards)).with_output_types(tuple[int, pa.Table])
    )
    state = (
        pipeline
        | "Open stays" >> beam.Create(list(open_stays), reshuffle=False)
        | "Read open stays" >> beam.ParDo(ReadShard(place)).with_output_types(tuple[int, pa.Table])
    )
    (
        (events, state)
        | "Events and state" >> beam.Flatten()
        | "By shard" >> beam.GroupByKey()
        | "Advance" >> beam.ParDo(AdvanceShard(place, day, step))
        | "Write" >> beam.ParDo(WriteAdvances(place))
    )


def close(pipeline: beam.Pipeline, place: Place, stays: Sequence[tuple[int, tuple[Batches, ...]]]) -> None:
    """Make the visits of a privacy day from the closed stays of each shard."""
    (
        pipeline
        | "Closed stays" >> beam.Create(list(stays), reshuffle=False)
        | "Visits" >> beam.ParDo(VisitsOfShard(place))
        | "Write" >> beam.ParDo(WriteVisits(place))
    )


class Ingest(Pooled[tuple[int, Fragment], int]):
    """Fragments to spool files; yields nothing, leaves receipts."""

    def __init__(self, place: Place, closed: frozenset[str]) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place, self.closed = place, closed

    def prepare(self) -> None:
        """Read the small inputs."""
        inputs, working = inputs_of(self.place.configuration), self.place.working
        self.ingestion = Ingestion(inputs, self.place.keys, self.place.folder, working.dead_letters, self.closed)

    def work(self, element: tuple[int, Fragment]) -> list[int]:
        """Ingest one fragment."""
        number, fragment = element
        with reporting(self.place.folder):
            write_receipt(self.place.folder, number, self.ingestion.ingest(number, fragment))
        return []


class ReadAndSplit(Pooled[Batches, Sharded]):
    """Some batches of a spool file to the events of each shard."""

    def __init__(self, place: Place, shards: int) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place, self.shards = place, shards

    def work(self, element: Batches) -> list[Sharded]:
        """Read and split one file's batches."""
        with reporting(self.place.folder):
            return list(split(_read(self.place.working, element, PROBE.schema), self.shards))


class ReadShard(beam.DoFn):
    """The open stays of a shard, from the file of the step before."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def process(self, element: tuple[int, Batches]) -> Iterator[Sharded]:
        """Read one shard."""
        shard, batches = element
        with reporting(self.place.folder):
            yield shard, _read(self.place.working, batches, OPEN_STAY.schema)


class AdvanceShard(Pooled[tuple[int, Iterable[pa.Table]], tuple[int, Advance]]):
    """The fold: a shard's open stays and new events, one step further."""

    def __init__(self, place: Place, day: date, step: Step) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place, self.day, self.fold_step = place, day, step

    def prepare(self) -> None:
        """Read the small inputs and the day's key."""
        inputs = inputs_of(self.place.configuration)
        self.locate = inputs.locate(self.place.keys.open(self.day))

    def work(self, element: tuple[int, Iterable[pa.Table]]) -> list[tuple[int, Advance]]:
        """Advance one shard."""
        shard, tables = element
        state, events = [OPEN_STAY.empty()], [PROBE.empty()]
        for table in tables:
            (state if OPEN_STAY.names == tuple(table.column_names) else events).append(table)
        with reporting(self.place.folder):
            moved = advance(pa.concat_tables(state), pa.concat_tables(events), self.fold_step, self.locate)
        return [(shard, moved)]


class WriteAdvances(beam.DoFn):
    """Working files of a bundle of shards: open stays, closed stays, and the sum of their measures."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def start_bundle(self) -> None:
        """Begin with no shard."""
        self.advances: list[tuple[int, Advance]] = []

    def process(self, element: tuple[int, Advance]) -> None:
        """Keep a shard until the bundle is complete."""
        self.advances.append(element)

    def finish_bundle(self) -> None:
        """Write the files and the receipt."""
        if not self.advances:
            return
        self.advances.sort(key=lambda pair: pair[0])
        shards = tuple(shard for shard, _ in self.advances)
        moves = [moved for _, moved in self.advances]
        folder, name = self.place.folder, f"{shards[0]:05d}"
        with reporting(folder):
            for kind, table in (("open", OPEN_STAY), ("closed", STAY)):
                tables = (move.open_stays if kind == "open" else move.closed for move in moves)
                write_batches(folder / f"{kind}-{name}.arrow", table.schema, tables)
            sums = merged([move.measures for move in moves])
            write_batches(folder / f"measures-{name}.arrow", PRESENCE_COUNT.schema, [sums])
            receipt = FoldReceipt(
                ShardFile(f"{folder.name}/open-{name}.arrow", shards),
                ShardFile(f"{folder.name}/closed-{name}.arrow", shards),
                f"{folder.name}/measures-{name}.arrow",
                sum(move.accepted for move in moves),
                sum(move.duplicates for move in moves),
            )
            write_receipt(folder, shards[0], receipt)


class VisitsOfShard(Pooled[tuple[int, tuple[Batches, ...]], Sharded]):
    """The closed stays of a shard's day to its visits."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place = place

    def prepare(self) -> None:
        """Read which zones hold each hexagon."""
        territory = inputs_of(self.place.configuration).territory
        self.nests: Nests = nests(territory.innermost, [zone.parent for zone in territory.zones])

    def work(self, element: tuple[int, tuple[Batches, ...]]) -> list[Sharded]:
        """The visits of one shard."""
        shard, files = element
        with reporting(self.place.folder):
            stays = pa.concat_tables([_read(self.place.working, file, STAY.schema) for file in files])
            return [(shard, visits(stays, self.nests))]


class WriteVisits(beam.DoFn):
    """Working files of a bundle of shards' visits."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def start_bundle(self) -> None:
        """Begin with no shard."""
        self.tables: list[Sharded] = []

    def process(self, element: Sharded) -> None:
        """Keep a shard until the bundle is complete."""
        self.tables.append(element)

    def finish_bundle(self) -> None:
        """Write the file and the receipt."""
        if not self.tables:
            return
        self.tables.sort(key=lambda pair: pair[0])
        shards = tuple(shard for shard, _ in self.tables)
        folder, name = self.place.folder, f"visits-{shards[0]:05d}.arrow"
        with reporting(folder):
            write_batches(folder / name, VISIT.schema, (table for _, table in self.tables))
            write_receipt(folder, shards[0], VisitReceipt(ShardFile(f"{folder.name}/{name}", shards)))


def _read(working: WorkingDirectory, batches: Batches, schema: pa.Schema) -> pa.Table:
    """Some record batches of a working file as one table."""
    file, numbers = batches
    tables = [read_batch(working.resolve(file), number) for number in numbers]
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
