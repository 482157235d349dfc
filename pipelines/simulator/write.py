"""The folder of a simulation: inputs that `hexaflux run` accepts, and the truth beside them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from anonymization.atomic import make_directory, write_bytes
from pipelines.progress import Advance, Progress
from pipelines.simulator import feeds, frame, static
from pipelines.simulator.counts import Count, total
from pipelines.simulator.delivery import Rows, delivered, files, joined, table
from pipelines.simulator.lines import register
from pipelines.simulator.movement import Paths
from pipelines.simulator.parquet import write_table, writing
from pipelines.simulator.phones import events
from pipelines.simulator.plane import chance
from pipelines.simulator.settings import Settings
from pipelines.simulator.town import Town, town, walk
from pipelines.simulator.traces import Tracer
from pipelines.simulator.truth import hexagons, observe
from pipelines.simulator.truth_tables import TABLES
from pipelines.simulator.truth_tables import table as truth_table
from schemas.errors import UsageError

CONFIGURATION = "hexaflux.toml"


def simulate(directory: Path, settings: Settings, progress: Progress) -> Path:
    """Write a simulation into a folder that is new or empty, and return its configuration.

    The same settings give the same bytes. Raises UsageError for a folder that holds something.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(
            f"{directory}: expected a new or an empty folder, found another", "give the name of a new folder"
        )
    make_directory(directory)
    found = town(settings)
    with progress.task("Simulating", settings.days * len(list(found.chunks))) as advance:
        _Writer(directory, found).write(advance)
    _write_static(directory, found)
    return directory / CONFIGURATION


def _write_static(directory: Path, found: Town) -> None:
    people = register(found.lines, found.people, found.origins, chance(found.settings.seed, "register"))
    write_table(people, directory / "subscribers.parquet")
    pyarrow.csv.write_csv(found.radio.masts.table(found.area.plane), directory / "cells.csv")
    pyarrow.csv.write_csv(static.population(found), directory / "population.csv")
    pyarrow.csv.write_csv(static.roaming_share(found), directory / "roaming_share.csv")
    write_bytes(directory / "zones.geojson", static.zones(found))
    sources = feeds.sources(found.settings)
    feeds.write(directory, sources)
    # The last file: a folder that has it is whole.
    text = f"{static.configuration(found)}\n{feeds.tables(frozenset(sources))}\n{static.server()}"
    write_bytes(directory / CONFIGURATION, text.encode())


@dataclass
class _Writer:
    """Writes the days one after the other; rows that arrive after their day are kept for the next."""

    directory: Path
    found: Town
    waiting: list[Rows] = field(default_factory=list)

    def write(self, advance: Advance) -> None:
        """Write all days."""
        for folder in ("events", "truth", "truth/devices"):
            make_directory(self.directory / folder)
        days = [self._day(number, advance) for number in range(self.found.settings.days)]
        for name in TABLES:
            whole = pa.concat_tables([tables[name] for tables in days])
            write_table(whole, self.directory / "truth" / f"{name}.parquet")

    def _day(self, number: int, advance: Advance) -> dict[str, pa.Table]:
        """Write the events and the traces of a day; returns its truth."""
        found = self.found
        observed: list[dict[str, Count]] = []
        names, day = frame.names(found, number), frame.grid_of(found.settings, number)
        zoning = frame.zoning(found)
        tracer = Tracer(found.lines, zoning, names)
        with writing(self.directory / "truth" / "devices" / f"date={names.day}.parquet") as write:
            for chunk in found.chunks:
                ways = walk(found, number, chunk)
                self.waiting.append(_sent(found, number, chunk, ways))
                where = hexagons(ways, found.area, day.instants)
                observed.append(observe(found.people.take(chunk), ways, where, zoning, day))
                write(tracer.traces(chunk, where))
                advance(1)
        self._deliver(None if number == found.settings.days - 1 else found.settings.bounds(number).end)
        return {name: truth_table(name, total([seen[name] for seen in observed]), names) for name in TABLES}

    def _deliver(self, until: int | None) -> None:
        """Write the files of the hours before an instant."""
        lines, cells = self.found.lines, pa.array(self.found.radio.masts.cell_id)
        ready, rest = files(joined(self.waiting), until)
        self.waiting = [rest]
        identifiers = pa.array(lines.subscriber_id)
        for end, rows in ready:
            name = f"{datetime.fromtimestamp(end / 1e6, UTC):%Y-%m-%dT%H%M}.parquet"
            write_table(table(rows, identifiers, lines.mcc, cells), self.directory / "events" / name)


def _sent(found: Town, number: int, chunk: slice, ways: Paths) -> Rows:
    """What the lines of some of the people signal on a day, as it is sent."""
    random = chance(found.settings.seed, "phones", number, chunk.start)
    seen = events(found.lines.phones.of(chunk), ways, found.radio, random)
    time = found.settings.bounds(number).start + np.rint(seen.time * 1_000).astype(np.int64) * 1_000
    return delivered(time, seen.line, seen.cell, seen.kind, random)
