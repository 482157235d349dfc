"""What several builds of the same windows tell more than one."""

import math
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.attacks.files.rebuild import REBUILD, Builds
from pipelines.attacks.finding import Finding, Measured
from pipelines.attacks.target import Target

EXACT = {"a": np.array([21, 23, 25])}


def file(*devices: int) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"devices": pa.array(devices, pa.int64())}), sink)
    return sink.getvalue().to_pybytes()


def averaged(*files: dict[str, bytes]) -> Measured:
    return REBUILD.measure(Builds(files, EXACT), SimpleNamespace())


def broken(measured: Measured) -> list[str]:
    return [level.figure for level in Finding(REBUILD, measured, ()).beyond(measured)]


def test_the_same_bytes_again_tell_no_more_than_once() -> None:
    found = averaged(*[{"a": file(20, 25, 25)}] * 3)
    assert found.figures["distinct outputs"] == 1
    assert found.figures["error taken off by averaging"] == 0
    assert found.figures["exact in one build"] == found.figures["exact after averaging"] == 1 / 3
    assert broken(found) == []


def test_the_mean_of_builds_that_round_anew_comes_nearer_to_the_exact_counts() -> None:
    builds = [file(20, 20, 25), file(25, 25, 25), file(20, 25, 25), file(20, 20, 25), file(20, 25, 25)]
    found = averaged(*({"a": data} for data in builds))
    assert found.figures["distinct outputs"] == 3
    assert found.figures["error taken off by averaging"] == 1.0
    assert found.figures["exact in one build"] == 1 / 3
    assert found.figures["exact after averaging"] == 1
    assert broken(found) == ["distinct outputs", "error taken off by averaging"]


def test_a_file_that_one_build_does_not_have_is_another_output() -> None:
    data = file(20, 25, 25)
    assert averaged({"a": data}, {"a": data, "b": data}).figures["distinct outputs"] == 2


def test_builds_whose_rows_cannot_be_compared_are_not_taken_for_the_same() -> None:
    found = averaged({"a": file(20, 25)}, {"a": file(20, 25, 25)})
    assert math.isnan(found.figures["error taken off by averaging"])
    assert broken(found) == ["distinct outputs", "error taken off by averaging"]


def test_exact_counts_have_no_error_to_take_off() -> None:
    found = averaged(*[{"a": file(*EXACT["a"])}] * 2)
    assert found.figures["error taken off by averaging"] == 0
    assert found.figures["exact in one build"] == 1


def test_a_release_is_built_again_byte_for_byte(small_target: Target) -> None:
    found = REBUILD.measure(REBUILD.subject(small_target), small_target)
    assert broken(found) == []
    assert found.tried["builds"] == 3
    assert found.tried["figures"] == sum(table.num_rows for table in small_target.tables.values())
    assert found.figures["exact in one build"] < 0.5


def test_rounding_that_is_drawn_anew_is_averaged_away(small_target: Target) -> None:
    (weakness,) = REBUILD.weaknesses
    found = REBUILD.measure(weakness.build(small_target), small_target)
    assert broken(found) == ["distinct outputs", "error taken off by averaging"]
    assert found.figures["exact after averaging"] > 2 * found.figures["exact in one build"]
