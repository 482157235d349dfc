"""The jobs that are held against each other count the same."""

from pathlib import Path

import pytest

from tests.bench import captured_job, duckdb_job, naive_job, numpy_job
from tests.bench.counts import OF_DAY, PRESENCE, differences
from tests.bench.events import Scale, write
from tests.bench.setting import read_setting


@pytest.mark.slow
def test_all_jobs_count_the_same(tmp_path: Path) -> None:
    write(tmp_path, Scale(500))
    setting = read_setting(tmp_path / "hexaflux.toml")
    expected = captured_job.count(setting).summary()
    assert all(expected[name]["devices"] for name in (*PRESENCE, *OF_DAY))
    for job, counted in ((numpy_job, {*PRESENCE, *OF_DAY}), (naive_job, PRESENCE), (duckdb_job, PRESENCE)):
        found = job.count(setting).summary()
        assert found.keys() - {"events"} == set(counted)
        assert differences(found, expected) == []
