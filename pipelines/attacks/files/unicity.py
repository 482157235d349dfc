"""T13: whether a few known points of a device single out a record in anything that leaves the pipeline."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.atomic import make_directory, remove_tree
from anonymization.checks.evidence import is_entry
from anonymization.checks.structure import OWN
from anonymization.entries import SHARED
from pipelines.arrays import Ints, column
from pipelines.attacks.devices import DayDevices
from pipelines.attacks.files.haystack import files, table
from pipelines.attacks.files.points import POINTS, Known, known, true_traces, unicity
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target
from pipelines.instants import instants
from pipelines.score.sql import ask
from pipelines.texts import combined
from schemas.fields import DEVICES
from schemas.indicators import INDICATORS

_SOURCE: Final = "specification T13: no row is about one device"

_TARGETS: Final = 500
"""Devices of each day of which points are known."""

_ALIKE: Final = 0.9
"""Share of the rows of a record that must be where the device was: else another record was found."""


def _singled_out(outputs: Path, target: Target) -> Measured:
    """The share of known devices that have one record alone, in any table, and what is declared nowhere."""
    draws = np.random.default_rng([target.seed, 13])
    some = [known(day.traces, _TARGETS, draws) for day in target.days]
    points, traces = _points(some, target), _traces(some, target)
    found = [_found(records, points, traces) for records in _records(outputs, target)]
    devices = sum(each.device.size for each in some)
    singled_out = np.unique(np.concatenate([np.empty(0, np.int64), *found])).size
    truth = [true_traces(target.truth, day.day, day.grid.slots) for day in target.days]
    figures = {
        "unicity of outputs": singled_out / max(devices, 1),
        "undeclared files and columns": sum(_undeclared(path, outputs) for path in files(outputs)),
        "unicity of true traces": _mean([unicity(each, known(each, _TARGETS, draws)) for each in truth]),
        "unicity of counted traces": _mean(
            [unicity(day.traces, each) for day, each in zip(target.days, some, strict=True)]
        ),
    }
    return Measured(figures, {"devices": devices, "points of each": POINTS, "files": len(files(outputs))})


def _mean(values: list[float]) -> float:
    return sum(values) / max(len(values), 1)


def _points(some: list[Known], target: Target) -> pa.Table:
    """(target, slot, hexagon): the known points; `slot` begins then, `hexagon` is its H3 index."""
    return pa.concat_tables(
        _placed(at, np.repeat(np.arange(each.device.size), POINTS), each.slots.reshape(-1), each, target)
        for at, each in enumerate(some)
    )


def _traces(some: list[Known], target: Target) -> pa.Table:
    """(target, slot, hexagon): all points of the same devices, to judge what was found."""
    tables = []
    for at, each in enumerate(some):
        place, slot = np.nonzero(target.days[at].traces[each.device] >= 0)
        tables.append(_placed(at, place, slot, each, target))
    return pa.concat_tables(tables)


def _placed(day: int, place: Ints, slot: Ints, some: Known, target: Target) -> pa.Table:
    """The rows of some devices of a day, by their places among those that are known and by slots."""
    devices, hexagons = target.days[day], target.inputs.footprint.hexagons
    columns = {
        "target": day * _TARGETS + place,
        "slot": devices.grid.slots[slot],
        "hexagon": hexagons[devices.traces[some.device[place], slot]],
    }
    return pa.table(columns)


def _found(records: pa.Table, points: pa.Table, traces: pa.Table) -> Ints:
    """The targets of whom all points are in one record alone, which is theirs."""
    found = ask(
        f"""
        WITH hits AS (
            SELECT target, record FROM points JOIN records USING (slot, hexagon)
            GROUP BY target, record HAVING count(DISTINCT slot) = {POINTS}
        ), alone AS (
            SELECT target, any_value(record) AS record FROM hits GROUP BY target HAVING count(*) = 1
        )
        SELECT target FROM alone JOIN records USING (record) LEFT JOIN traces t USING (target, slot, hexagon)
        GROUP BY target HAVING count(t.target) >= {_ALIKE} * count(*)
        """,  # noqa: S608 - numbers of this module
        records=records,
        points=points,
        traces=traces,
    )
    return column(found, "target").astype(np.int64)


def _records(outputs: Path, target: Target) -> Iterator[pa.Table]:
    """(record, slot, hexagon): each way in which rows of one value of a column may be about one device.

    Any table with an instant and a hexagon is taken, and any other column of it; rows that state at least as many
    devices as can be printed are about a group.
    """
    starts = np.concatenate([day.grid.slots[:-1] for day in target.days])
    for rows in filter(None, map(table, files(outputs))):
        if DEVICES.name in rows.column_names:
            rows = rows.filter(pc.less(rows[DEVICES.name], target.policy.printed_minimum))
        times = [field.name for field in rows.schema if pa.types.is_timestamp(field.type)]
        for place in _places(rows, target) if times else ():
            slot = starts[np.searchsorted(starts, instants(rows[times[0]]).microseconds, "right") - 1]
            for field in rows.schema:
                if field.name not in (times[0], place) and not pa.types.is_nested(field.type):
                    record = combined(rows[field.name]).dictionary_encode().indices
                    yield pa.table({"record": record, "slot": slot, "hexagon": rows[place].cast(pa.uint64())})


def _places(rows: pa.Table, target: Target) -> list[str]:
    """The columns of a table that hold hexagons of the territory."""
    hexagons = pa.array(target.inputs.footprint.hexagons)
    numbers = [field.name for field in rows.schema if pa.types.is_integer(field.type)]
    return [name for name in numbers if pc.any(pc.is_in(rows[name].cast(pa.uint64(), safe=False), hexagons)).as_py()]


def _undeclared(path: Path, outputs: Path) -> int:
    """1 for a file that no release has; else the columns of a table that its indicator does not have as they are."""
    name = path.relative_to(outputs).as_posix()
    indicator = INDICATORS.get(name.split("/")[0])
    if indicator is None or path.suffix != ".parquet":
        return 0 if name in (*SHARED, *OWN) or is_entry(name) else 1
    declared, found = (
        dict(zip(schema.names, schema.types, strict=True)) for schema in (indicator.table.schema, pq.read_schema(path))
    )
    return len(declared.items() ^ found.items())


def _with_an_extract(target: Target) -> Path:
    """The release, and among its files the points of all devices under random pseudonyms of each day."""
    outputs = target.scratch / "unicity"
    remove_tree(outputs)
    copytree(target.release, outputs)
    draws = np.random.default_rng([target.seed, 13, 1])
    extract = pa.concat_tables(_extract(day, target, draws) for day in target.days)
    make_directory(outputs / "extract")
    pq.write_table(extract, outputs / "extract" / "points.parquet")
    return outputs


def _extract(day: DayDevices, target: Target, draws: np.random.Generator) -> pa.Table:
    pseudonym = draws.permutation(day.count).astype(np.int64) + (day.day.toordinal() << 32)
    device, slot = np.nonzero(day.traces >= 0)
    columns = {
        "pseudonym": pseudonym[device],
        "slot": pa.array(day.grid.slots[slot]).view(pa.timestamp("us", "UTC")),
        "hexagon": target.inputs.footprint.hexagons[day.traces[device, slot]],
    }
    return pa.table(columns)


UNICITY: Final = Attack(
    number="T13",
    name=Words("Unicity", "Unicité"),
    criterion="singling out",
    what=Words(
        "every file of the release: its form, and any record that has all known points of a device",
        "chaque fichier publié : sa forme, et tout enregistrement qui a tous les points connus d'un appareil",
    ),
    knowledge=Words(
        "four random slots of a device, and the hexagons where it was counted in them",
        "quatre créneaux au hasard d'un appareil, et les hexagones où il y a été compté",
    ),
    control=Words("the same on the traces themselves", "la même chose sur les traces elles-mêmes"),
    levels=(Level("unicity of outputs", 0, _SOURCE), Level("undeclared files and columns", 0, _SOURCE)),
    subject=lambda target: target.release,
    measure=_singled_out,
    weaknesses=(
        Weakness(
            Words("a pseudonymised extract among the outputs", "un extrait pseudonymisé parmi les fichiers"),
            _with_an_extract,
        ),
    ),
)
