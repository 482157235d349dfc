"""T1: the devices behind every row, of every indicator that is declared."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from pipelines.attacks.figures.threshold import THRESHOLD
from pipelines.attacks.target import Published, Target, devices_behind
from pipelines.attacks.weakened import without_threshold
from schemas.indicators import INDICATORS

SPLITS = [each.name for each in INDICATORS.values() if each.splits and not each.partial]


def test_a_release_has_no_row_below_k(small_target: Target) -> None:
    figures = THRESHOLD.measure(small_target.published, small_target).figures
    assert figures["rows below k"] == figures["rows of other devices"] == 0
    assert figures["fewest devices"] == small_target.policy.k


def test_every_row_below_k_is_counted(small_target: Target) -> None:
    weak = without_threshold(small_target)
    exact = np.concatenate([table["devices"].to_numpy() for table in weak.tables.values()])
    figures = THRESHOLD.measure(weak, small_target).figures
    assert figures["rows below k"] == (exact < small_target.policy.k).sum() > 1_000


@pytest.mark.parametrize("name", SPLITS)
def test_a_new_indicator_is_attacked_as_soon_as_it_is_declared(
    small_target: Target, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(INDICATORS, "new", replace(INDICATORS[name], name="new"))
    table = small_target.tables[name]
    # The first row says that it has one device more than rounding can have added.
    devices = table["devices"].to_numpy().copy()
    devices[0] += 2 * small_target.policy.rounding
    place = table.column_names.index("devices")
    false = table.set_column(place, table.schema.field(place), pa.chunked_array([devices]))
    published = Published({**small_target.tables, "new": false})
    behind = devices_behind(published, small_target)
    assert behind["new"].tolist() == behind[name].tolist()
    assert THRESHOLD.measure(published, small_target).figures["rows of other devices"] == 1
