"""T10: whether the same windows, built several times, tell more than built once."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from anonymization.policy import USUAL_ROUNDING, Policy
from anonymization.rounding import round_to_base
from pipelines import release
from pipelines.arrays import Ints, column
from pipelines.attacks.finding import Attack, Level, Measured, Weakness, Words
from pipelines.attacks.target import Target
from pipelines.staging import Staging
from schemas.fields import DEVICES

_SOURCE: Final = "specification T10: one output, byte for byte"

Floats = npt.NDArray[np.float64]
Files = Mapping[str, bytes]
"""The Parquet files of a build by path."""


@dataclass(frozen=True)
class Builds:
    """Several builds of the same days, and the truth: `exact` gives the devices behind each row of each file."""

    files: tuple[Files, ...]
    exact: Mapping[str, Ints]


def _builds(target: Target) -> Builds:
    """The release, a second run of the same input, and what was counted in it, protected once more."""
    folder = target.scratch / "rebuild"
    for day, tables in _protected(target, target.policy):
        release.stage(folder / day, day, tables)
    again = {path: data for day in sorted(folder.iterdir()) for path, data in _files(day).items()}
    return Builds((_files(target.release), _files(target.reproduction.release), again), _exact(target))


def _protected(target: Target, policy: Policy) -> Iterator[tuple[str, Mapping[str, pa.Table]]]:
    """The tables of each day under a policy, from what was counted of it."""
    source, inputs = target.reproduction, replace(target.inputs, policy=policy)
    for key, measures, counted in zip(source.keys, source.measures, source.counted, strict=True):
        yield key.day.isoformat(), Staging(inputs, key).staged(measures, counted).tables


def _exact(target: Target) -> Mapping[str, Ints]:
    """The devices that are behind each row of each file."""
    return {
        f"{name}/date={day}/part-0.parquet": column(table, DEVICES.name).astype(np.int64)
        for day, tables in _protected(target, replace(target.policy, rounding=0))
        for name, table in tables.items()
        if table.num_rows
    }


def _files(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def _devices(data: bytes) -> Ints:
    return column(pq.read_table(pa.BufferReader(data), columns=[DEVICES.name]), DEVICES.name).astype(np.int64)


def _rounded_anew(target: Target) -> Builds:
    """Twenty builds, each of which draws its rounding afresh; of a file they have the devices alone."""
    # A release without rounding has nothing to draw.
    base = target.policy.rounding if target.policy.rounding > 1 else USUAL_ROUNDING
    draws = np.random.default_rng([target.seed, 10])
    exact = _exact(target)
    builds = tuple({path: _rounded(devices, base, draws) for path, devices in exact.items()} for _ in range(20))
    return Builds(builds, exact)


def _rounded(devices: Ints, base: int, draws: np.random.Generator) -> bytes:
    rounded = round_to_base(devices, draws.integers(0, 2**32, devices.size, np.uint32), base)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({DEVICES.name: rounded}), sink)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _averaged(builds: Builds, target: Target) -> Measured:
    """How many different outputs there are of a file, and how much nearer their mean comes to the exact counts."""
    paths = {path for files in builds.files for path in files}
    distinct = max((len({files.get(path) for files in builds.files}) for path in paths), default=0)
    printed, mean, exact = (np.concatenate([np.empty(0), *each]) for each in _figures(builds))
    figures = {
        "distinct outputs": distinct,
        "error taken off by averaging": _gain(np.abs(printed - exact), np.abs(mean - exact)),
        "exact in one build": float((printed == exact).mean()) if exact.size else 0.0,
        "exact after averaging": float((np.rint(mean) == exact).mean()) if exact.size else 0.0,
    }
    return Measured(figures, {"builds": len(builds.files), "files": len(paths), "figures": exact.size})


def _gain(of_one: Floats, of_mean: Floats) -> float:
    """The share of the error of one build that averaging takes off; no number where nothing could be compared."""
    if not of_one.size:
        return math.nan
    return float(1 - of_mean.sum() / of_one.sum()) if of_one.any() else 0.0


def _figures(builds: Builds) -> tuple[list[Floats], list[Floats], list[Floats]]:
    """Of each file with the same rows in every build: the figures of the first, their mean, and the exact counts."""
    printed, mean, truth = [], [], []
    for path, exact in builds.exact.items():
        devices = [_devices(files[path]) for files in builds.files if path in files]
        if len(devices) == len(builds.files) and all(each.size == exact.size for each in devices):
            printed.append(devices[0].astype(np.float64))
            mean.append(np.stack(devices).mean(axis=0))
            truth.append(exact.astype(np.float64))
    return printed, mean, truth


REBUILD: Final = Attack(
    number="T10",
    name=Words("Averaging", "Moyenne"),
    criterion="inference",
    what=Words(
        "every printed number of devices, over several builds of the same windows",
        "chaque nombre d'appareils imprimé, sur plusieurs constructions des mêmes fenêtres",
    ),
    knowledge=Words(
        "all builds of a window, and that rounding is unbiased",
        "toutes les constructions d'une fenêtre, et que l'arrondi est sans biais",
    ),
    control=Words("the error of one build alone", "l'erreur d'une seule construction"),
    levels=(Level("distinct outputs", 1, _SOURCE), Level("error taken off by averaging", 0, _SOURCE)),
    subject=_builds,
    measure=_averaged,
    weaknesses=(
        Weakness(Words("rounding drawn anew at every build", "arrondi retiré à chaque construction"), _rounded_anew),
    ),
)
