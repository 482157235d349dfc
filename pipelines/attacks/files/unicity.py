"""T13: whether a few known points of a device single out a record in anything that leaves the pipeline."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization.checks.evidence import is_entry
from anonymization.checks.structure import OWN
from anonymization.entries import SHARED
from pipelines.arrays import Ints, column
from pipelines.attacks.files.exports import Outputs, exported
from pipelines.attacks.files.extracts import exported_extract, with_an_extract, with_single_devices
from pipelines.attacks.files.haystack import files, table
from pipelines.attacks.files.points import POINTS, known, placed, true_traces, unicity
from pipelines.attacks.files.records import records
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target
from pipelines.exports.columns import EXPLAINED
from pipelines.score.sql import ask
from schemas.fields import DEVICES
from schemas.indicators import INDICATORS

_SOURCE: Final = "specification T13: no row is about one device"

_TARGETS: Final = 500
"""Devices of each day of which points are known."""

_OUTLINE: Final = "geometry"

_ALIKE: Final = 0.9
"""Share of the rows of a record that must be where the device was: else another record was found."""


def _outputs(target: Target) -> Outputs:
    """The release and its exports."""
    return Outputs(target.release, tuple(exported(target).values()))


def _singled_out(outputs: Outputs, target: Target) -> Measured:
    """The share of known devices that have one record alone, in any table, and what is declared nowhere."""
    draws = np.random.default_rng([target.seed, 13])
    some = [known(day.traces, _TARGETS, draws) for day in target.days]
    pairs = [(np.repeat(each.device, POINTS), each.slots.reshape(-1)) for each in some]
    points = _points(pairs, target)
    tables = {path: rows for path in outputs.files if (rows := table(path)) is not None}
    found = [_found(each, points, target) for rows in tables.values() for each in _records(rows, target)]
    devices = sum(each.device.size for each in some)
    singled_out = np.unique(np.concatenate([np.empty(0, np.int64), *found])).size
    truth = [true_traces(target.truth, day.day, day.grid.slots) for day in target.days]
    undeclared = sum(_undeclared(path, outputs.release) for path in files(outputs.release))
    exported = [rows for path, rows in tables.items() if any(map(path.is_relative_to, outputs.exports))]
    figures = {
        "unicity of outputs": singled_out / max(devices, 1),
        "undeclared files and columns": undeclared + sum(map(_undeclared_columns, exported)),
        "unicity of true traces": _mean([unicity(each, known(each, _TARGETS, draws)) for each in truth]),
        "unicity of counted traces": _mean(
            [unicity(day.traces, each) for day, each in zip(target.days, some, strict=True)]
        ),
    }
    tried = {"devices": devices, "points of each": POINTS, "files": len(outputs.files), "tables": len(tables)}
    return Measured(figures, tried)


def _mean(values: list[float]) -> float:
    return sum(values) / max(len(values), 1)


def _points(pairs: Sequence[tuple[Ints, ...]], target: Target) -> pa.Table:
    """(device, slot, hexagon): where pairs of a device and a slot are, of each day."""
    days, hexagons = enumerate(target.days), target.inputs.footprint.hexagons
    return pa.concat_tables(placed(at, day, pair, hexagons) for (at, day), pair in zip(days, pairs, strict=True))


def _found(records: pa.Table, points: pa.Table, target: Target) -> Ints:
    """The devices of which all points are in one record alone, which is where they were, and nobody else."""
    alone = ask(
        f"""
        WITH hits AS (
            SELECT device, record FROM points JOIN records USING (slot, hexagon)
            GROUP BY device, record HAVING count(DISTINCT slot) = {POINTS}
        )
        SELECT device, any_value(record) AS record FROM hits GROUP BY device HAVING count(*) = 1
        """,  # noqa: S608 - numbers of this module
        records=records,
        points=points,
    )
    if not alone.num_rows:
        return np.zeros(0, np.int64)
    found = ask(
        f"""
        WITH known AS (SELECT * FROM records SEMI JOIN alone USING (record)),
        sizes AS (SELECT record, count(DISTINCT row) AS size FROM known GROUP BY record),
        theirs AS (
            SELECT record, device FROM known JOIN traces USING (slot, hexagon) JOIN sizes USING (record)
            GROUP BY record, device, size HAVING count(DISTINCT row) >= {_ALIKE} * size
        ), single AS (
            SELECT record, any_value(device) AS device FROM theirs GROUP BY record HAVING count(*) = 1
        )
        SELECT device FROM alone JOIN single USING (record, device)
        """,  # noqa: S608 - numbers of this module
        records=records,
        alone=alone,
        traces=_points([np.nonzero(day.traces >= 0) for day in target.days], target),
    )
    return column(found, "device").astype(np.int64)


def _records(rows: pa.Table, target: Target) -> Iterator[pa.Table]:
    """The records of a table; rows that state at least as many devices as can be printed are about a group."""
    if DEVICES.name in rows.column_names:
        rows = rows.filter(pc.less(rows[DEVICES.name], target.policy.printed_minimum))
    starts = np.concatenate([day.grid.slots[:-1] for day in target.days])
    return records(rows, target.inputs.footprint.hexagons, starts)


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


def _undeclared_columns(exported: pa.Table) -> int:
    """The columns of an exported table that no indicator has, nor what explains the columns of all."""
    declared = {name for indicator in INDICATORS.values() for name in indicator.table.names}
    return len(set(exported.column_names) - declared - {*EXPLAINED, _OUTLINE})


UNICITY: Final = Attack(
    number="T13",
    name=Words("Unicity", "Unicité"),
    criterion="singling out",
    what=Words(
        "every file of the release and of its exports as tables: its form, and any record that has all known points of "
        "a device, whose places may be numbers, texts or lists",
        "chaque fichier publié et chaque export en table : sa forme, et tout enregistrement qui a tous les points "
        "connus d'un appareil, dont les lieux sont des nombres, des textes ou des listes",
    ),
    knowledge=Words(
        "four random slots of a device, and the hexagons where it was counted in them",
        "quatre créneaux au hasard d'un appareil, et les hexagones où il y a été compté",
    ),
    control=Words("the same on the traces themselves", "la même chose sur les traces elles-mêmes"),
    levels=(Level("unicity of outputs", 0, _SOURCE), Level("undeclared files and columns", 0, _SOURCE)),
    subject=_outputs,
    measure=_singled_out,
    weaknesses=(
        Weakness(
            Words("a pseudonymised extract among the outputs", "un extrait pseudonymisé parmi les fichiers"),
            with_an_extract,
        ),
        Weakness(
            Words("rows of single devices, in the declared form", "des lignes d'appareils isolés, de forme déclarée"),
            with_single_devices,
            breaks=("unicity of outputs",),
        ),
        Weakness(
            Words("an export with single devices", "un export avec des appareils isolés"),
            exported_extract,
            breaks=("unicity of outputs",),
        ),
    ),
)
