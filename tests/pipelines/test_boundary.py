from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anonymization.prf import hash_strings
from pipelines.boundary import Crossed, cross
from pipelines.conform import conform
from pipelines.network import network
from pipelines.sources.files import discover, fragments, read, read_table
from pipelines.subscribers import register
from schemas.tables import PROBE

KEY = b"0123456789abcdef"
TIME = "2026-06-21T12:00:00Z"
SAMPLE = Path(__file__).parents[3] / "shared/data/multimno_sample"


def events(*subscribers: str | None, **columns: list[object]) -> pa.Table:
    rows = len(subscribers)
    good = {"event_time": [TIME] * rows, "subscriber_id": list(subscribers), "cell_id": ["c"] * rows}
    return pa.table(good | columns)


def crossed(table: pa.Table, subscribers: pa.Table | None = None, cells: list[int] | None = None) -> Crossed:
    conformed = conform(table)
    rows = np.array(cells if cells is not None else [5] * len(conformed.row), np.int32)
    day = None if subscribers is None else register(subscribers).for_day(KEY, 2026)
    return cross(conformed, rows, KEY, day)


def reasons(found: Crossed) -> dict[str, list[int]]:
    return {reason: rows.tolist() for reason, rows in found.rejected.items()}


def pseudonyms(*texts: str) -> list[int]:
    return hash_strings(KEY, pa.array(texts)).tolist()


def test_events_become_probes_of_pseudonyms() -> None:
    found = crossed(events("208010000000001", "b", event_type=["sms", None]))
    assert found.probes.schema == PROBE.schema
    assert found.probes.to_pylist() == [
        {
            "device": device,
            "event_time": found.probes.column("event_time")[0].as_py(),
            "cell": 5,
            "event_type": code,
            "line": 0,
            "home_mcc": mcc,
            "age_band": 7,
            "spc": 8,
            "home_zone": -1,
        }
        for device, code, mcc in zip(pseudonyms("208010000000001", "b"), (6, 0), (208, 0), strict=True)
    ]
    assert found.rejected == {}


def test_no_probe_holds_an_identifier() -> None:
    found = crossed(events("208010000000001", "b"), pa.table({"subscriber_id": ["b"], "holder": ["h"]}))
    assert not any(pa.types.is_string(kind) or pa.types.is_binary(kind) for kind in found.probes.schema.types)


def test_attributes_come_from_the_register_and_are_unknown_outside_it() -> None:
    subscribers = pa.table(
        {"subscriber_id": ["a", "b"], "holder": ["h", "h"], "spc": ["3", "4"], "age_band": ["65+", "<18"]}
    ).append_column("home_zone", pa.array(["z", "y"]))
    probes = crossed(events("b", "x", "a"), subscribers).probes.to_pydict()
    holder, stranger = pseudonyms("holder|h", "x")
    assert probes["device"] == [holder, stranger, holder]
    assert probes["line"] == [1, 0, 0]
    assert probes["age_band"] == [6, 7, 6]
    assert probes["spc"] == [2, 8, 2]
    assert probes["home_zone"] == [1, -1, 1]


def test_a_row_is_rejected_for_the_first_of_its_faults_under_its_input_index() -> None:
    subscribers = pa.table({"subscriber_id": ["out", "m2m"], "opted_out": [True, False], "line_type": ["m2m", "m2m"]})
    table = events(None, "out", "out", "out", "m2m", "m2m", "a")
    found = crossed(table, subscribers, cells=[-1, -2, 0, -2, 0, 0])
    assert reasons(found) == {
        "unknown cell": [1],
        "cell not valid at that time": [2, 4],
        "opted out": [3],
        "line type left out": [5],
    }
    assert found.probes.column("device").to_pylist() == pseudonyms("a")


def test_the_order_of_the_events_is_kept() -> None:
    names = [f"s{row * 7919 % 1000}" for row in range(1000)]
    assert crossed(events(*names)).probes.column("device").to_pylist() == pseudonyms(*names)


def test_a_part_of_the_events_crosses_as_it_does_in_the_whole() -> None:
    conformed = conform(events(*"abcdef"))
    mask = np.array([True, False, True, True, False, True])
    cells = np.arange(6, dtype=np.int32)
    whole = cross(conformed, cells, KEY, None).probes.filter(pa.array(mask))
    assert cross(conformed.select(mask), cells[mask], KEY, None).probes == whole


def test_another_key_gives_other_pseudonyms() -> None:
    conformed = conform(events("a"))
    cells = np.zeros(1, np.int32)
    devices = {cross(conformed, cells, key, None).probes.column("device")[0].as_py() for key in (KEY, KEY[::-1])}
    assert len(devices) == 2


def test_no_events_make_no_probes() -> None:
    assert crossed(events(None)).probes == PROBE.empty()


def test_every_row_of_the_multimno_sample_is_a_probe_or_rejected_once() -> None:
    if not SAMPLE.exists():
        pytest.skip("the multimno sample is not part of the project")
    (part,) = fragments(discover(SAMPLE / "mno_events.parquet"))
    (batch,) = read(part, {"event_time": "timestamp", "subscriber_id": "user_id", "home_mcc": "mcc"})
    cells = read_table(SAMPLE / "mno_network.parquet", "cells", {}).column("cell_id").unique()
    sites = network(pa.table({"cell_id": cells, "latitude": [40.4] * len(cells), "longitude": [-3.7] * len(cells)}))
    conformed = conform(batch.table)
    times = conformed.events.column("event_time").cast(pa.int64()).to_numpy()
    found = cross(conformed, sites.lookup(conformed.events.column("cell_id"), times), KEY, None)
    counts = Counter({reason: len(rows) for reason, rows in (conformed.rejected | found.rejected).items()})
    assert counts["missing event_time"] == 594
    assert counts["unknown cell"] > 0
    assert 0 < len(set(found.probes.column("device").to_pylist())) <= 10
    assert found.probes.num_rows + counts.total() == batch.rows == 1823
