"""Whether known points of a device single out a record in files that leave the pipeline."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from anonymization.policy import Policy
from pipelines.attacks.files.exports import Outputs
from pipelines.attacks.files.points import POINTS, Known, known, true_traces, unicity
from pipelines.attacks.files.unicity import UNICITY
from pipelines.attacks.finding import Finding, Measured
from pipelines.attacks.target import Target
from schemas.indicators import INDICATORS

DAY = date(2026, 6, 10)
START = datetime(2026, 6, 10, 3, tzinfo=UTC)
HEXAGONS = np.sort(np.array(h3.cell_to_children(h3.latlng_to_cell(47.32, 5.04, 8), 9)[:4], np.uint64))
CELLS = pa.list_(pa.uint64())
SLOTS = int(START.timestamp()) * 1_000_000 + np.arange(6) * 15 * 60_000_000
TRACES = np.array([[0, 1, 2, 3, -1], [0, 1, 2, 2, -1], [3, 3, -1, -1, -1], [3, 3, 3, 3, 3]], np.int32)


@pytest.fixture
def target(tmp_path: Path) -> SimpleNamespace:
    """A day of five slots and four devices, of which the third is in two slots only."""
    (tmp_path / "devices").mkdir()
    times = [START + timedelta(minutes=5 * at) for at in range(15)]
    rows = {"subscriber_id": ["A"] * 15, "time": times, "hexagon": pa.array([HEXAGONS[0]] * 15, pa.uint64())}
    pq.write_table(pa.table(rows), tmp_path / "devices" / f"date={DAY}.parquet")
    day = SimpleNamespace(day=DAY, traces=TRACES, grid=SimpleNamespace(slots=SLOTS), count=len(TRACES))
    return SimpleNamespace(
        truth=tmp_path,
        days=[day],
        inputs=SimpleNamespace(footprint=SimpleNamespace(hexagons=HEXAGONS)),
        policy=Policy(k=20, max_share=0.8, rounding=5, test=True),
        seed=1,
    )


def rows_of(*devices: int, **columns: object) -> pa.Table:
    """One row for each slot of some devices, under a name of each."""
    device, slot = np.nonzero(TRACES[list(devices)] >= 0)
    device = np.array(devices)[device]
    return pa.table(
        {
            "name": [f"p{at}" for at in device.tolist()],
            "begin": pa.array(SLOTS[slot]).view(pa.timestamp("us", "UTC")),
            "place": HEXAGONS[TRACES[device, slot]],
            **{name: [value] * device.size for name, value in columns.items()},
        }
    )


def measured(target: SimpleNamespace, outputs: Path) -> Measured:
    return UNICITY.measure(Outputs(outputs), target)


def put(outputs: Path, rows: pa.Table) -> Path:
    outputs.mkdir()
    pq.write_table(rows, outputs / "extract.parquet")
    return outputs


def test_an_extract_singles_out_each_device_that_is_alone_at_its_points(
    target: SimpleNamespace, tmp_path: Path
) -> None:
    found = measured(target, put(tmp_path / "out", rows_of(0, 1, 2, 3)))
    assert found.tried["devices"] == 3
    assert found.figures["unicity of outputs"] == 1
    assert found.figures["unicity of counted traces"] == 1
    assert found.figures["undeclared files and columns"] == 1


def test_two_records_with_all_points_single_out_nobody(target: SimpleNamespace, tmp_path: Path) -> None:
    twice = pa.concat_tables([rows_of(0), rows_of(0).set_column(0, "name", pa.array(["other"] * 4))])
    assert measured(target, put(tmp_path / "out", twice)).figures["unicity of outputs"] == 0


def test_a_record_that_has_all_points_by_being_everywhere_is_not_of_the_device(
    target: SimpleNamespace, tmp_path: Path
) -> None:
    everywhere = [(slot, hexagon) for slot in SLOTS[:-1].tolist() for hexagon in HEXAGONS.tolist()]
    slot, place = (np.array(each) for each in zip(*everywhere, strict=True))
    columns = {"name": ["x"] * slot.size, "begin": pa.array(slot).view(pa.timestamp("us", "UTC")), "place": place}
    assert measured(target, put(tmp_path / "out", pa.table(columns))).figures["unicity of outputs"] == 0


@pytest.mark.parametrize(("devices", "share"), [(19, 1 / 3), (20, 0), (21, 0)])
def test_rows_that_state_k_devices_are_about_a_group(
    target: SimpleNamespace, tmp_path: Path, devices: int, share: float
) -> None:
    found = measured(target, put(tmp_path / "out", rows_of(0, devices=devices)))
    assert found.figures["unicity of outputs"] == share


def test_an_extract_in_another_format_is_found_too(target: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    pyarrow.csv.write_csv(rows_of(0, 1, 2, 3), tmp_path / "out" / "extract.csv")
    assert measured(target, tmp_path / "out").figures["unicity of outputs"] == 1


def test_a_record_may_be_named_by_bytes(target: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(0, 1, 2, 3)
    names = pa.array([name.encode() + b"\xff" for name in rows["name"].to_pylist()], pa.binary())
    found = measured(target, put(tmp_path / "out", rows.set_column(0, "name", names)))
    assert found.figures["unicity of outputs"] == 1


def test_a_declared_table_with_one_column_more_is_told(target: SimpleNamespace, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "presence" / f"date={DAY}"
    folder.mkdir(parents=True)
    empty = INDICATORS["presence"].table.empty()
    pq.write_table(empty, folder / "part-0.parquet")
    assert measured(target, tmp_path / "out").figures["undeclared files and columns"] == 0
    pq.write_table(empty.append_column("pseudonym", pa.array([], pa.uint64())), folder / "part-0.parquet")
    assert measured(target, tmp_path / "out").figures["undeclared files and columns"] == 1


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("manifest/head.json", 0),
        ("manifest/chain/000001.json", 0),
        ("manifest/zones.geojson", 0),
        ("manifest/events.json", 0),
        ("manifest/devices.json", 1),
        ("presence/notes.txt", 1),
        ("state.json", 1),
    ],
)
def test_a_file_that_no_release_has_is_told(target: SimpleNamespace, tmp_path: Path, name: str, count: int) -> None:
    (tmp_path / "out" / name).parent.mkdir(parents=True)
    (tmp_path / "out" / name).write_text("{}")
    assert measured(target, tmp_path / "out").figures["undeclared files and columns"] == count


def test_points_are_of_slots_in_which_a_device_is_somewhere() -> None:
    some = known(TRACES, 10, np.random.default_rng(1))
    assert some.device.tolist() == [0, 1, 3]
    assert all((TRACES[device, slots] >= 0).all() for device, slots in zip(some.device, some.slots, strict=True))
    assert all(len(set(slots)) == POINTS for slots in some.slots.tolist())
    assert known(TRACES, 2, np.random.default_rng(1)).device.size == 2


def test_who_shares_all_known_points_is_not_unique() -> None:
    traces = np.array([[1, 1, 1, 1, 2], [1, 1, 1, 1, 3], [2, 2, 2, 2, 2]])
    slots = np.array([[0, 1, 2, 3], [0, 1, 2, 4], [0, 1, 2, 3]])
    assert unicity(traces, Known(np.array([0, 1, 2]), slots)) == pytest.approx(2 / 3)


def test_a_true_trace_is_where_a_slot_begins(target: SimpleNamespace) -> None:
    assert true_traces(target.truth, DAY, SLOTS).tolist() == [[HEXAGONS[0]] * 5]
    later = true_traces(target.truth, DAY, SLOTS + 30 * 60_000_000)
    assert later.tolist() == [[HEXAGONS[0]] * 3 + [-1, -1]]


@pytest.mark.slow
def test_no_record_of_a_release_is_about_one_device(small_target: Target) -> None:
    found = UNICITY.measure(UNICITY.subject(small_target), small_target)
    assert Finding(UNICITY, found, ()).beyond(found) == ()
    assert found.tried["files"] > 20
    assert found.figures["unicity of counted traces"] > 0.5


@pytest.mark.parametrize(("at", "undeclared"), [(0, 1), (1, 0), (2, 0)], ids=["extract", "declared", "export"])
def test_single_devices_among_the_outputs_are_found(small_target: Target, at: int, undeclared: int) -> None:
    found = UNICITY.measure(UNICITY.weaknesses[at].build(small_target), small_target)
    assert found.figures["unicity of outputs"] > 0.5
    assert found.figures["undeclared files and columns"] == undeclared


def test_a_column_that_no_indicator_has_is_told_of_an_export(target: SimpleNamespace, tmp_path: Path) -> None:
    for name in ("release", "export"):
        (tmp_path / name).mkdir()
    rows = INDICATORS["presence"].table.empty().drop_columns(["cells"])
    pyarrow.csv.write_csv(rows, tmp_path / "export" / "presence.csv")
    outputs = Outputs(tmp_path / "release", (tmp_path / "export",))
    assert UNICITY.measure(outputs, target).figures["undeclared files and columns"] == 0
    pyarrow.csv.write_csv(rows.append_column("device", pa.array([], pa.int64())), tmp_path / "export" / "presence.csv")
    assert UNICITY.measure(outputs, target).figures["undeclared files and columns"] == 1


# Forms in which places stand.


def as_list(hexagon: int) -> object:
    return [hexagon]


def as_text(hexagon: int) -> object:
    return f"{hexagon:x}"


def as_texts(hexagon: int) -> object:
    return f"{hexagon:X} {hexagon:x}"


@pytest.mark.parametrize("form", [as_list, as_text, as_texts])
def test_places_are_found_as_lists_and_as_text(
    target: SimpleNamespace, tmp_path: Path, form: Callable[[int], object]
) -> None:
    rows = rows_of(0, 1, 2, 3)
    places = pa.array([form(hexagon) for hexagon in rows["place"].to_pylist()], None if form is not as_list else CELLS)
    found = measured(target, put(tmp_path / "out", rows.set_column(2, "place", places)))
    assert found.figures["unicity of outputs"] == 1


def test_instants_may_be_text(target: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(0, 1, 2, 3)
    written = pa.array([each.isoformat() for each in rows["begin"].to_pylist()])
    found = measured(target, put(tmp_path / "out", rows.set_column(1, "begin", written)))
    assert found.figures["unicity of outputs"] == 1


def test_a_larger_cell_singles_out_who_is_alone_in_it(target: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(0)
    whole = pa.array([[h3.cell_to_parent(int(HEXAGONS[0]), 8)]] * rows.num_rows, CELLS)
    around = rows.set_column(2, "place", whole)
    # Devices 0, 1 and 3 are all in the larger cell in four slots or more.
    assert measured(target, put(tmp_path / "out", around)).figures["unicity of outputs"] == 0
    target.days[0].traces = np.where(np.arange(len(TRACES))[:, None] == 0, TRACES, -1)
    assert measured(target, tmp_path / "out").figures["unicity of outputs"] == 1


def test_geojson_is_read_as_a_table(target: SimpleNamespace, tmp_path: Path) -> None:
    rows = rows_of(0, 1, 2, 3).to_pylist()
    features = [
        {
            "type": "Feature",
            "geometry": None,
            "properties": {"name": row["name"], "begin": row["begin"].isoformat(), "cells": f"{row['place']:x}"},
        }
        for row in rows
    ]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "e.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert measured(target, tmp_path / "out").figures["unicity of outputs"] == 1


def test_exports_are_searched_too(small_target: Target) -> None:
    outputs = UNICITY.subject(small_target)
    assert [folder.name for folder in outputs.exports] == ["csv", "geojson", "geoparquet"]
    assert all(len(list(folder.iterdir())) >= len(small_target.tables) for folder in outputs.exports)
