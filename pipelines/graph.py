"""The Beam graphs: what flows between the pure functions. Elements are shards and Arrow tables.

fragments, messages -> read, pseudonymise, spool by shard            (ingest)
shards -> read events and open stays, advance -> sum the measures    (fold: one step of every shard)
shards -> read closed stays, visits, trips, crossings                (close: once a privacy day is over)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.windowed_value import WindowedValue

import pipelines.coder as _registers_the_coder_of_tables  # noqa: F401
from anonymization.key_service import KeyService
from pipelines.days import DAY_TABLES, DayTables
from pipelines.fold import Advance, Prepared, Step, advance, between
from pipelines.ingest import ClosedDays, Ingestion, Source
from pipelines.inputs import inputs_of
from pipelines.planning import Batch, ShardInput
from pipelines.pooled import Pooled, in_global_window
from pipelines.receipts import DayReceipt, FoldReceipt, reporting, write_receipt
from pipelines.shard_files import BatchFile, read_batch, write_batches
from pipelines.state import ShardFile
from pipelines.sums import MERGE_AT_ONCE, SUMS
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import Configuration
from schemas.tables import OPEN_STAY, PROBE, STAY

RUNNER = "FnApiRunner"
"""Named outright: `DirectRunner` tries to download another engine, and picks one by whether the network is up."""


def file_of(sums: str) -> str:
    """The file in a step's folder with sums of a name."""
    return f"{sums}.arrow"


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
    def keys(self) -> KeyService:
        """The open day keys; a stage opens them itself, so that no key travels."""
        return self.working.key_service(self.configuration)


_HANDED: dict[Path, dict[int, Source]] = {}
"""What a step ingests, by its folder, handed over within this process.

Beam pickles and compresses what it carries: 60 MB of messages took 30 s of a processor and 500 MB of memory (measured).
"""


def run(build: Callable[[beam.Pipeline], object]) -> None:
    """Build and run a bounded pipeline in this process."""
    options = PipelineOptions([], direct_running_mode="in_memory", save_main_session=False)
    try:
        with beam.Pipeline(runner=RUNNER, options=options) as pipeline:
            build(pipeline)
    except RuntimeError as error:
        # What Beam makes of Ctrl-C inside a stage.
        if str(error).startswith("KeyboardInterrupt"):
            raise KeyboardInterrupt from None
        raise


def ingest(
    pipeline: beam.Pipeline,
    place: Place,
    sources: Sequence[Source],
    closed: ClosedDays,
    begun: Mapping[str, Configuration],
) -> None:
    """Read fragments or messages and spool their events, a receipt for each.

    `begun`: the configurations of the privacy days that have begun, with what each keeps.
    """
    _HANDED[place.folder] = dict(enumerate(sources))
    numbers = list(range(len(sources)))
    pipeline | "Sources" >> beam.Create(numbers) | "Ingest" >> beam.ParDo(Ingest(place, closed, begun))


def fold(pipeline: beam.Pipeline, place: Place, day: date, step: Step, shards: Sequence[ShardInput]) -> None:
    """Advance every shard by one step; new open stays, closed stays and measures stand in the step's folder."""
    (
        pipeline
        | "Shards" >> beam.Create(list(shards), reshuffle=False)
        | "Advance" >> beam.ParDo(AdvanceShard(place, day, step))
        | "Write stays" >> beam.ParDo(WriteStays(place)).with_output_types(tuple[str, pa.Table])
        | "Counts of all shards" >> beam.GroupByKey()
        | "Write counts" >> beam.ParDo(WriteCounts(place))
    )


def close(pipeline: beam.Pipeline, place: Place, day: date, stays: Sequence[tuple[int, tuple[Batch, ...]]]) -> None:
    """Make the visits, trips and crossings of a privacy day from the closed stays of each shard."""
    (
        pipeline
        | "Closed stays" >> beam.Create(list(stays), reshuffle=False)
        | "Day" >> beam.ParDo(DayOfShard(place, day))
        | "Write" >> beam.ParDo(WriteDay(place))
    )


@dataclass(frozen=True)
class Preparation:
    """Reads what the fold needs of a privacy day, its key among it: called in the worker."""

    place: Place

    def __call__(self, day: date) -> Prepared:
        """Raises SystemFailure where the key of the day is gone."""
        inputs = inputs_of(self.place.configuration)
        with reporting(self.place.folder):
            return inputs.prepared(self.place.keys.open(day))


class Ingest(Pooled[int, int]):
    """Fragments and messages, by their numbers, to spool files; yields nothing, leaves receipts."""

    def __init__(self, place: Place, closed: ClosedDays, begun: Mapping[str, Configuration]) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place, self.closed, self.begun = place, closed, begun

    def prepare(self) -> None:
        """Read the small inputs."""
        inputs, working = inputs_of(self.place.configuration), self.place.working
        begun = {day: inputs_of(configuration) for day, configuration in self.begun.items()}
        self.ingestion = Ingestion(inputs, self.place.keys, self.place.folder, working.dead_letters, self.closed, begun)

    def work(self, element: int) -> list[int]:
        """Ingest one fragment, or the messages of one partition."""
        source = _HANDED[self.place.folder].pop(element)
        with reporting(self.place.folder):
            write_receipt(self.place.folder, element, self.ingestion.ingest(element, source))
        return []


class AdvanceShard(Pooled[ShardInput, tuple[int, Advance]]):
    """The fold: a shard's open stays and new events, one step further."""

    def __init__(self, place: Place, day: date, step: Step) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place, self.day, self.fold_step = place, day, step

    def prepare(self) -> None:
        """Read the small inputs and the day's key."""
        self.prepared = Preparation(self.place)(self.day)

    def work(self, element: ShardInput) -> list[tuple[int, Advance]]:
        """Advance one shard."""
        working = self.place.working
        with reporting(self.place.folder):
            events = [between(_read(working, [batch], PROBE.schema), *span) for batch, span in element.events]
            open_stays = _read(working, element.open_stays, OPEN_STAY.schema)
            together = pa.concat_tables([PROBE.empty(), *events])
            return [(element.shard, self._advance(open_stays, together))]

    def _advance(self, open_stays: pa.Table, events: pa.Table) -> Advance:
        by = self.prepared
        return advance(open_stays, events, self.fold_step, by.locate, by.weigh, by.sampling)


class WriteStays(beam.DoFn):
    """Working files of a bundle of shards: open and closed stays; hands on the sums of the bundle's counts.

    It writes a shard as soon as that is ready, while others are still counted.
    """

    def __init__(self, place: Place) -> None:
        self.place = place

    def start_bundle(self) -> None:
        """Begin with no shard."""
        self.shards: list[int] = []
        self.counts: tuple[list[pa.Table], ...] = tuple([] for _ in SUMS)
        self.carried = self.accepted = self.duplicates = 0

    def process(self, element: tuple[int, Advance]) -> None:
        """Write a shard's stays, and add up its counts."""
        shard, moved = element
        folder = self.place.folder
        with reporting(folder):
            if not self.shards:
                self.opened = BatchFile(folder / f"open-{shard:05d}.arrow", OPEN_STAY.schema)
                self.closed = BatchFile(folder / f"closed-{shard:05d}.arrow", STAY.schema)
            self.shards.append(shard)
            self.opened.append(moved.open_stays)
            self.closed.append(moved.closed)
            for (_, total), counts, count in zip(
                SUMS.values(), self.counts, (moved.measures, moved.heard), strict=True
            ):
                counts.append(count)
                if len(counts) > MERGE_AT_ONCE:
                    counts[:] = [total(counts)]
            self.carried += moved.open_stays.num_rows
            self.accepted += moved.accepted
            self.duplicates += moved.duplicates

    def finish_bundle(self) -> Iterator[WindowedValue]:
        """Finish the files and write the receipt."""
        if not self.shards:
            return
        folder, name, shards = self.place.folder, f"{self.shards[0]:05d}", tuple(self.shards)
        with reporting(folder):
            self.opened.close()
            self.closed.close()
            receipt = FoldReceipt(
                ShardFile(f"{folder.name}/open-{name}.arrow", shards),
                self.carried,
                ShardFile(f"{folder.name}/closed-{name}.arrow", shards),
                self.accepted,
                self.duplicates,
            )
            write_receipt(folder, shards[0], receipt)
        for (kind, (_, total)), counts in zip(SUMS.items(), self.counts, strict=True):
            yield in_global_window((kind, total(counts)))


class WriteCounts(beam.DoFn):
    """The counts of a step, summed over all shards, each kind as one working file."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def process(self, element: tuple[str, Iterable[pa.Table]]) -> None:
        """Sum and write."""
        name, tables = element
        table, total = SUMS[name]
        with reporting(self.place.folder):
            write_batches(self.place.folder / file_of(name), table.schema, [total(list(tables))])


class DayOfShard(Pooled[tuple[int, tuple[Batch, ...]], tuple[int, DayTables]]):
    """The closed stays of a shard's day to what is counted of the day."""

    def __init__(self, place: Place, day: date) -> None:
        super().__init__(place.configuration.engine.workers)
        self.place, self.date = place, day

    def prepare(self) -> None:
        """Read the small inputs and the day's key."""
        inputs = inputs_of(self.place.configuration)
        with reporting(self.place.folder):
            self.day = inputs.day(self.date, self.place.keys.open(self.date))

    def work(self, element: tuple[int, tuple[Batch, ...]]) -> list[tuple[int, DayTables]]:
        """The tables of one shard."""
        shard, files = element
        with reporting(self.place.folder):
            return [(shard, self.day.tables(_read(self.place.working, files, STAY.schema)))]


class WriteDay(beam.DoFn):
    """Working files of what a bundle of shards did on a day."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def start_bundle(self) -> None:
        """Begin with no shard."""
        self.shards: list[int] = []
        self.files: dict[str, BatchFile] = {}
        self.devices = 0

    def process(self, element: tuple[int, DayTables]) -> None:
        """Write the tables of a shard."""
        shard, tables = element
        with reporting(self.place.folder):
            for name, table in DAY_TABLES.items():
                if not self.shards:
                    self.files[name] = BatchFile(self.place.folder / f"{name}-{shard:05d}.arrow", table.schema)
                self.files[name].append(getattr(tables, name))
            self.shards.append(shard)
            self.devices += tables.devices

    def finish_bundle(self) -> None:
        """Finish the files and write the receipt."""
        if not self.shards:
            return
        folder, name, shards = self.place.folder, f"{self.shards[0]:05d}", tuple(self.shards)
        with reporting(folder):
            for file in self.files.values():
                file.close()
            files = {table: ShardFile(f"{folder.name}/{table}-{name}.arrow", shards) for table in DAY_TABLES}
            write_receipt(folder, shards[0], DayReceipt(self.devices, **files))


def _read(working: WorkingDirectory, batches: Sequence[Batch], schema: pa.Schema) -> pa.Table:
    """Some record batches of working files as one table."""
    tables = [read_batch(working.resolve(file), number) for file, number in batches]
    return pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
