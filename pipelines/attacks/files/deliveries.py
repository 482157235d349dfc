"""Events that come late: a sample of the input is run without them, and run on when they have come."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console

from anonymization.atomic import make_directory
from anonymization.entries import DAY
from anonymization.manifest import read_chain
from anonymization.prf import KEY_BYTES, hash_strings
from pipelines.arrays import Bools, instants
from pipelines.attacks.identities import U64, events
from pipelines.attacks.target import Target
from pipelines.conform import conform
from pipelines.day_register import KEPT
from pipelines.embedded import run
from pipelines.ingest import EPOCH
from pipelines.inputs import Inputs
from pipelines.progress import Progress
from pipelines.texts import texts
from schemas.configuration import Configuration
from schemas.fields import CELL_ID, EVENT_TIME, SUBSCRIBER_ID

SHARES: Final = (0.0, 0.02, 0.1)
"""Shares of the devices whose events come late, all of them (source: specification T6)."""

_BEFORE, _AFTER, _LATE = "before", "release", "2.parquet"

_MOST_DEVICES: Final = 3000
_MOST_EVENTS: Final = 300_000


@dataclass(frozen=True)
class Delivery:
    """Two runs of one configuration below `folder`: of the events in time, and on with those that were late.

    `late`: events of the first run's day that came with the second, as far as they would have counted.
    """

    folder: Path
    late: int

    @property
    def before(self) -> Path:
        """The release as the first run left it."""
        return self.folder / _BEFORE

    @property
    def after(self) -> Path:
        """The release as the second run left it."""
        return self.folder / _AFTER

    @property
    def told(self) -> object:
        """The number of late events that the manifest tells with the last day."""
        days = [entry for entry in read_chain(self.after) if entry.kind == DAY]
        return days[-1].block("input")["late"]


def deliveries(target: Target) -> tuple[Delivery, ...]:
    """A delivery for each of SHARES, of the first privacy day; made once, then found again."""
    folder = target.scratch / "deliveries"
    if not folder.is_dir():
        rows = _sample(target)
        draw = _draws(rows, target.seed + 1)
        for share in SHARES:
            _deliver(folder / f"{share:.0%}", rows, draw < int(share * 2**64), target.inputs.configuration)
    found = (folder / f"{share:.0%}" for share in SHARES)
    return tuple(Delivery(each, _late_in(each / "events" / _LATE, target.inputs)) for each in found)


def _late_in(file: Path, inputs: Inputs) -> int:
    """How many events of a delivery would have counted: of lines that no register leaves out, in cells that are known.

    Counted here, and not by what the product says of them.
    """
    if not file.is_file():
        return 0
    rows, register = pq.read_table(file), inputs.register
    counts = pc.is_in(texts(rows[CELL_ID.name]), inputs.network.cell_id)
    if register:
        left_out = register.subscriber_id.filter(pa.array(register.excluded != KEPT))
        counts = pc.and_(counts, pc.invert(pc.is_in(texts(rows[SUBSCRIBER_ID.name]), left_out)))
    return int(pc.sum(counts).as_py() or 0)


def _deliver(folder: Path, rows: pa.Table, late: Bools, whole: Configuration) -> None:
    """Run the events in time, then the late ones with the same once more a day later, in whose manifest they count."""
    make_directory(folder / "events")
    paths = replace(whole.input, events=folder / "events", columns={**whole.input.columns, "events": {}})
    settings = replace(whole.release, directory=folder / _AFTER, signing_key=folder / "signing_key.pem")
    configuration = replace(whole, input=paths, release=settings)
    quiet = Progress(Console(stderr=True), quiet=True)
    pq.write_table(rows.filter(pa.array(~late)), folder / "events" / "1.parquet")
    run(configuration, quiet)
    copytree(folder / _AFTER, folder / _BEFORE)
    if late.any():
        come = rows.filter(pa.array(late))
        pq.write_table(come, folder / "events" / _LATE)
        pq.write_table(_a_day_later(come), folder / "events" / "3.parquet")
    run(configuration, quiet)


def _a_day_later(rows: pa.Table) -> pa.Table:
    moved = pc.add(rows[EVENT_TIME.name], pa.scalar(timedelta(days=1)))
    return rows.set_column(rows.column_names.index(EVENT_TIME.name), EVENT_TIME.name, moved)


def _sample(target: Target) -> pa.Table:
    """The events of some devices on the first privacy day, drawn by their identifiers."""
    inputs = target.inputs
    day = (target.days[0].day - EPOCH).days
    found = []
    for table in events(inputs.configuration):
        conformed = conform(table)
        some = conformed.select(inputs.calendar.day_of(instants(conformed.events, EVENT_TIME.name)) == day)
        at = table.column_names.index(EVENT_TIME.name)
        found.append(table.take(some.row).set_column(at, EVENT_TIME.name, some.events[EVENT_TIME.name]))
    rows = pa.concat_tables(found, promote_options="permissive")
    draw = _draws(rows, target.seed)
    values, events_of = np.unique(draw, return_counts=True)
    kept = min(int(np.searchsorted(np.cumsum(events_of), _MOST_EVENTS, "right")), _MOST_DEVICES, values.size)
    return rows.filter(pa.array(draw <= values[max(kept, 1) - 1]))


def _draws(rows: pa.Table, seed: int) -> U64:
    """uint64[n]: a number for each event that is the same for all of a subscriber."""
    return hash_strings(seed.to_bytes(KEY_BYTES, "little"), rows[SUBSCRIBER_ID.name].cast(pa.string()))
