"""Every export holds what the release holds: the sums are those of the release, read by other programs."""

from pathlib import Path

import duckdb
import pytest

from anonymization.released import Release
from pipelines.exports.command import export
from pipelines.exports.formats import FORMATS
from tests.anonymization.releases import publish, whole_draft
from tests.exports.opened import SUMS, of_release


@pytest.mark.parametrize("format", SUMS)
def test_the_sums_of_an_export_are_those_of_the_release(format: str, handmade: Release, tmp_path: Path) -> None:
    FORMATS[format].write(handmade, tmp_path, lambda _: None)
    assert SUMS[format](tmp_path) == of_release(handmade.root, FORMATS[format].indicators or None)


@pytest.mark.parametrize("format", SUMS)
def test_the_sums_of_an_audited_export_of_every_indicator_are_those_of_the_release(format: str, tmp_path: Path) -> None:
    root = publish(tmp_path / "release", whole_draft())
    export(root, format, tmp_path / "out")
    expected = of_release(root, FORMATS[format].indicators or None)
    assert set(expected) >= {"flows"}
    assert SUMS[format](tmp_path / "out") == expected


@pytest.mark.parametrize("format", [name for name in SUMS if name != "omx"])
@pytest.mark.slow
def test_the_sums_of_a_real_export_are_those_of_the_release(format: str, published: Path, tmp_path: Path) -> None:
    export(published, format, tmp_path / "out")
    expected = of_release(published)
    assert len(expected) >= 7
    assert SUMS[format](tmp_path / "out") == expected


@pytest.mark.parametrize("format", FORMATS)
def test_progress_ends_at_the_rows_of_the_release(format: str, handmade: Release, tmp_path: Path) -> None:
    done: list[float] = []
    FORMATS[format].write(handmade, tmp_path, done.append)
    assert sum(done) == FORMATS[format].rows(handmade)


def test_the_rows_of_a_csv_are_those_of_the_release(handmade: Release, tmp_path: Path) -> None:
    FORMATS["csv"].write(handmade, tmp_path, lambda _: None)
    for name in handmade.indicators:
        released = (
            f"SELECT * EXCLUDE (cells) FROM read_parquet('{handmade.root}/{name}/*/*.parquet', hive_partitioning=0)"
        )
        exported = f"SELECT * EXCLUDE (cells) FROM read_csv('{tmp_path}/{name}.csv', all_varchar=1)"
        names = [name for name in duckdb.sql(exported).columns if not name.startswith("window")]
        chosen = ", ".join(f"CAST({column} AS VARCHAR)" for column in names if not column.startswith("people"))
        assert (
            duckdb.sql(f"SELECT {chosen} FROM ({released})").fetchall()
            == duckdb.sql(f"SELECT {chosen} FROM ({exported})").fetchall()
        )
