"""Events delivered to an inbox as time goes by, and followers that take them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console

from pipelines.configuration import load
from pipelines.follow.files import FileFollower
from pipelines.follow.log import silent
from pipelines.inputs import inputs_of_now
from pipelines.progress import Progress
from pipelines.working_directory import WorkingDirectory
from schemas.indicators import INDICATORS
from tests.oracle.generate import Generated, generate

QUIET = Progress(Console(stderr=True), quiet=True)
MINUTE = 60_000_000
SMALL = {"subscribers": "subscribers.parquet", "cells": "cells.csv", "zones": "zones.geojson"}
TEST = f'[test]\nday_key = "{7:064x}"\n'


@dataclass(frozen=True)
class Place:
    """A folder with a configuration, an inbox and what comes of them."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "hexaflux.toml"

    @property
    def inbox(self) -> Path:
        return self.folder / "events"

    @property
    def release(self) -> Path:
        return self.folder / "release"

    def rows(self, indicator: str, day: date) -> pa.Table:
        """What is released of a day, in the order of the names of the files."""
        files = sorted((self.release / indicator / f"date={day}").glob("*.parquet"))
        read = [pq.read_table(file, partitioning=None) for file in files]
        return pa.concat_tables([INDICATORS[indicator].table.empty(), *read])


def town(folder: Path, start: date = date(2026, 6, 12), days: int = 2, events: int = 60_000) -> Generated:
    """Some days of a few thousand devices."""
    return generate(folder, 3_000, events, days, start, 5, "mixed")


def place(folder: Path, given: Generated, *sections: str) -> Place:
    """A new place for the events of a town, with an empty inbox."""
    (folder / "events").mkdir(parents=True)
    paths = "\n".join(f'{name} = "{given.directory / file}"' for name, file in SMALL.items())
    text = f'[input]\nevents = "events"\n{paths}\n[release]\ndirectory = "release"\n{TEST}' + "\n".join(sections)
    (folder / "hexaflux.toml").write_text(text, encoding="utf-8")
    return Place(folder)


def with_key_files(folder: Path, given: Generated) -> Place:
    """A place whose day keys are files, as those of all but test releases."""
    found = place(folder, given)
    found.config.write_text(found.config.read_text(encoding="utf-8").replace(TEST, ""), encoding="utf-8")
    return found


def times(events: pa.Table) -> np.ndarray:
    """int64[n]: the time of each event, the earliest where there is none that can be read."""
    return np.nan_to_num(pc.cast(events["event_time"], pa.int64()).to_numpy(), nan=0).astype(np.int64)


def in_delay(events: pa.Table, most: int, seed: int = 1) -> list[pa.Table]:
    """Events in deliveries of half an hour each, in the order in which they arrive: up to `most` minutes late."""
    at = times(events)
    arrival = at + np.random.default_rng(seed).integers(0, most * MINUTE + 1, at.size)
    arrival[at == 0] = arrival[at > 0].min()
    number = (arrival - arrival.min()) // (30 * MINUTE)
    order = np.argsort(arrival, kind="stable")
    cuts = np.flatnonzero(np.diff(number[order])) + 1
    return [events.take(pa.array(some)) for some in np.split(order, cuts)]


def deliver(to: Place, events: pa.Table, name: str) -> None:
    """A file that appears when it is complete."""
    path = to.inbox / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    hidden = path.with_name(f".{path.name}")
    pq.write_table(events, hidden)
    hidden.rename(path)


def follower(of: Place, clock: "Clock | None" = None) -> FileFollower:
    """A follower that goes on from what is committed."""
    inputs, working = inputs_of_now(load(of.config)), WorkingDirectory(of.release.with_name("release.work"))
    found = FileFollower(inputs, working, QUIET, silent, clock or Clock())
    begun = working.load()
    if begun is None:
        working.path.mkdir(exist_ok=True)
        working.clear(found.closing.keys)
    else:
        found.go_on(begun)
    found.working.sweep(found.state)
    return found


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds
