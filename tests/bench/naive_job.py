"""The naive Beam job: a dict for each event, a GroupByKey by device, plain Python for each device.

It counts what every job counts, presence, and not what hexaflux counts besides: its time is that of a part of the work.
It judges no row and takes every device as domestic and of unknown home, which the generated ones are.
"""

# mypy: disallow-untyped-calls=False

import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TypedDict

import apache_beam as beam
import numpy as np
from apache_beam.options.pipeline_options import PipelineOptions

from anonymization.keys import DRAW, PSEUDONYM
from anonymization.prf import hash_columns, hash_strings, uniform32
from tests.bench import counts
from tests.bench.counts import Counted
from tests.bench.naive_day import Person, Place, World, places
from tests.bench.setting import Setting, read_setting
from tests.bench.told import tell
from tests.oracle.edges import microseconds

EVENTS = "events"
"""Where events are counted, among the indicators."""


class Event(TypedDict):
    """A row of an events file."""

    event_time: datetime
    subscriber_id: str
    cell_id: str
    event_type: str


class CountDevice(beam.DoFn):
    """A device and its events to everywhere that the device counts."""

    def __init__(self, world: World) -> None:
        self.world = world

    def process(self, element: tuple[str, Iterable[Event]]) -> Iterator[tuple[Place, int]]:
        """Order the events, leave out duplicates, and count."""
        subscriber, events = element
        cells = self.world.cells
        sightings = sorted({(microseconds(e["event_time"]), cells[e["cell_id"]], e["event_type"]) for e in events})
        yield (EVENTS, ()), len(sightings)
        for place in places(sightings, self.world.people[subscriber], self.world):
            yield place, 1


class WriteBundle(beam.DoFn):
    """Counts to a file for each bundle: text sinks take half as long again as all that goes before."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def start_bundle(self) -> None:
        """Begin with nothing."""
        self.totals: list[tuple[Place, int]] = []

    def process(self, element: tuple[Place, int]) -> None:
        """Keep a count until the bundle is complete."""
        self.totals.append(element)

    def finish_bundle(self) -> None:
        """Write the file."""
        handle, _ = tempfile.mkstemp(dir=self.folder)
        with open(handle, "w") as file:
            json.dump(self.totals, file)


def count(setting: Setting) -> Counted:
    """Count the day."""
    options = PipelineOptions([], direct_running_mode="in_memory", save_main_session=False)
    with tempfile.TemporaryDirectory() as folder:
        with beam.Pipeline(runner="FnApiRunner", options=options) as pipeline:
            (
                pipeline
                | "Events" >> beam.io.ReadFromParquet(str(setting.configuration.input.files / "*.parquet"))
                | "Device" >> beam.Map(lambda event: (event["subscriber_id"], event))
                | "Events of a device" >> beam.GroupByKey()
                | "Count" >> beam.ParDo(CountDevice(_world(setting)))
                | "Add" >> beam.CombinePerKey(sum)
                | "Write" >> beam.ParDo(WriteBundle(folder))
            )
        bundles = [json.loads(path.read_bytes()) for path in Path(folder).iterdir()]
    return _counted(chain.from_iterable(bundles))


def _counted(totals: Iterable[tuple[Place, int]]) -> Counted:
    """The counts in the form that all jobs share."""
    found: dict[str, list[list[int]]] = {name: [] for name in (EVENTS, *counts.PRESENCE)}
    for (indicator, place), devices in totals:
        found[indicator].append([*place, devices])
    [[accepted]] = found.pop(EVENTS)
    return Counted(accepted, {name: counts.ordered(np.array(rows, np.int64)) for name, rows in found.items()})


def _world(setting: Setting) -> World:
    """The small inputs as plain lists."""
    inputs = setting.inputs
    register, plan = inputs.register, inputs.footprint
    assert register is not None
    pseudonym = hash_strings(setting.key.subkey(PSEUDONYM), register.subscriber_id)
    uniform = uniform32(hash_columns(setting.key.subkey(DRAW), pseudonym)).tolist()
    known = zip(uniform, register.age_band.tolist(), register.spc.tolist(), strict=True)
    pairs = zip(plan.first[:-1].tolist(), plan.first[1:].tolist(), strict=True)
    return World(
        people={name: Person(*facts) for name, facts in zip(register.subscriber_id.to_pylist(), known, strict=True)},
        cells={name: row for row, name in enumerate(inputs.network.cell_id.to_pylist())},
        footprints=[(plan.anybody.upper[start:end].tolist(), plan.hexagon[start:end].tolist()) for start, end in pairs],
        slots=setting.slots.tolist(),
        half_hours=frozenset(setting.half_hours.tolist()),
    )


if __name__ == "__main__":
    ready = read_setting(Path(sys.argv[1]))
    began = time.perf_counter()
    counted = count(ready)
    tell(counted, time.perf_counter() - began)
