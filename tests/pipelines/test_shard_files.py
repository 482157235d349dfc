"""Working files: record batches with numbers, there whole or not at all."""

from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.shard_files import BatchFile, read_batch, read_table, write_batches

SCHEMA = pa.schema([("value", pa.int64())])


def of(*values: int) -> pa.Table:
    return pa.table({"value": pa.array(values, pa.int64())}, schema=SCHEMA)


def test_a_batch_is_read_by_the_number_of_its_table(tmp_path: Path) -> None:
    path = tmp_path / "file.arrow"
    write_batches(path, SCHEMA, [of(1, 2), of(), pa.concat_tables([of(3), of(4, 5)])])
    assert [read_batch(path, number)["value"].to_pylist() for number in range(3)] == [[1, 2], [], [3, 4, 5]]
    assert read_table(path)["value"].to_pylist() == [1, 2, 3, 4, 5]


def test_a_file_appears_once_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "file.arrow"
    file = BatchFile(path, SCHEMA)
    file.append(of(1))
    assert not path.exists()
    file.close()
    assert read_table(path)["value"].to_pylist() == [1]


def test_a_file_that_an_error_leaves_does_not_appear(tmp_path: Path) -> None:
    path = tmp_path / "file.arrow"
    with pytest.raises(pa.ArrowInvalid):
        write_batches(path, SCHEMA, [of(1), pa.table({"other": ["text"]})])
    assert not path.exists()


def test_an_error_while_tables_are_made_leaves_the_file_before(tmp_path: Path) -> None:
    path = tmp_path / "file.arrow"
    write_batches(path, SCHEMA, [of(1)])
    with pytest.raises(ZeroDivisionError):
        write_batches(path, SCHEMA, (of(1 // number) for number in (1, 0)))
    assert read_table(path)["value"].to_pylist() == [1]
