"""Events of a folder, in the order of time, some at a time."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from schemas.fields import INSTANT
from tests.cluster.ordered import PARTITION, ordered

PARTITIONS = 3
START = 1_781_924_400_000_000


def written(folder: Path, times: Sequence[int | None], files: int = 4) -> pa.Table:
    """Events at some times of 17 subscribers, in some files, in no order."""
    count = len(times)
    random = np.random.default_rng(1)
    events = pa.table(
        {
            "cell_id": pa.array([f"cell {number}" for number in range(count)]),
            "event_time": pa.array(times, INSTANT),
            "subscriber_id": pa.array([f"line {number}" for number in random.integers(0, 17, count)]),
            "not_ours": pa.array(range(count)),
        }
    ).take(pa.array(random.permutation(count)))
    for number in range(files):
        part = events.take(pa.array(np.arange(number, count, files)))
        pq.write_table(part, folder / f"{number}.parquet", row_group_size=100)
    return events


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    columns = [table["event_time"].cast(pa.int64()), table["subscriber_id"], table["cell_id"]]
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


@pytest.mark.parametrize("window_rows", [70, 1_000, 10_000])
def test_every_event_comes_once_in_the_order_of_time(tmp_path: Path, window_rows: int) -> None:
    # Half of the times are equal to others; some have none, and one is far away.
    times = [START + number // 2 * 7_000_001 for number in range(1_000)]
    events = written(tmp_path, [*times, None, None, 0])
    windows = list(ordered(tmp_path, PARTITIONS, window_rows))
    assert (len(windows) > 10) == (window_rows == 70)
    assert windows[0].column_names == ["event_time", "subscriber_id", "cell_id", PARTITION]
    found = [row for window in windows for row in rows(window)]
    assert found == sorted(rows(events), key=lambda row: (row[0] is not None, row[0] or 0, row[1:]))


def test_the_events_of_a_subscriber_go_to_one_partition_and_all_partitions_get_some(tmp_path: Path) -> None:
    written(tmp_path, [START + number for number in range(1_000)])
    table = pa.concat_tables(ordered(tmp_path, PARTITIONS, 300))
    pairs = table.group_by(["subscriber_id", PARTITION]).aggregate([])
    assert pairs.num_rows == 17
    assert sorted(pc.unique(pairs[PARTITION]).to_pylist()) == [0, 1, 2]


def test_a_folder_without_events_or_without_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected Parquet files"):
        next(ordered(tmp_path, PARTITIONS))
    pq.write_table(pa.table({"event_time": pa.array([1], INSTANT)}), tmp_path / "0.parquet")
    with pytest.raises(ValueError, match="subscriber_id"):
        next(ordered(tmp_path, PARTITIONS))
