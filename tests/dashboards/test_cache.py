import pickle
import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from anonymization.own_folder import usual_folder
from dashboards.cache import Cache

TABLE = pa.table({"people": [120.0, 80.0], "zone_id": ["A", "B"]})


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return Path.touch, (self.mark,)


def poison(folder: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(folder / "cache.db") as database:
        assert database.execute(sql, values).rowcount > 0


def kept(folder: Path) -> Cache:
    cache = Cache(folder)
    cache.set("key", TABLE)
    return cache


def test_what_was_kept_is_there_for_another_process(tmp_path: Path) -> None:
    kept(tmp_path)
    assert Cache(tmp_path).get("key").equals(TABLE)
    assert Cache(tmp_path).get("another key") is None


@pytest.mark.parametrize(
    ("sql", "as_file"),
    [
        ("UPDATE Cache SET value = ?, mode = 4", False),
        ("UPDATE Cache SET value = ?, mode = 1", False),
        ("UPDATE Cache SET value = ?", False),
        ("UPDATE Cache SET value = NULL, mode = 4, filename = ?", True),
        ("UPDATE Cache SET value = NULL, mode = 2, filename = ?", True),
        ("UPDATE Cache SET value = NULL, mode = 3, filename = ?", True),
    ],
)
def test_a_poisoned_answer_is_a_miss_and_runs_nothing(tmp_path: Path, sql: str, as_file: bool) -> None:
    cache, mark = kept(tmp_path / "cache"), tmp_path / "mark"
    bomb = pickle.dumps(Bomb(mark))
    (tmp_path / "bomb").write_bytes(bomb)
    poison(tmp_path / "cache", sql, "../bomb" if as_file else bomb)
    assert cache.get("key") is None
    assert not mark.exists()
    assert (tmp_path / "bomb").exists()
    cache.set("key", TABLE)
    assert cache.get("key").equals(TABLE)


def test_a_poisoned_key_runs_nothing(tmp_path: Path) -> None:
    cache, mark = kept(tmp_path / "cache"), tmp_path / "mark"
    poison(tmp_path / "cache", "UPDATE Cache SET key = ?, raw = 0", pickle.dumps(Bomb(mark)))
    assert cache.get("key") is None
    assert Cache(tmp_path / "cache").get("key") is None
    assert not mark.exists()


def test_an_answer_that_was_damaged_or_moved_to_another_key_is_a_miss(tmp_path: Path) -> None:
    cache = kept(tmp_path)
    poison(tmp_path, "UPDATE Cache SET key = 'other'")
    assert cache.get("other") is None
    cache.set("key", TABLE)
    poison(tmp_path, "UPDATE Cache SET value = CAST(substr(value, 1, length(value) - 9) || zeroblob(9) AS BLOB)")
    assert cache.get("key") is None


def test_a_file_that_is_no_database_leaves_a_cache_that_forgets(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"not a database" * 100)
    cache = kept(tmp_path)
    assert cache.get("key") is None


def test_the_usual_folder_is_for_its_owner_only(cache_folder: Path) -> None:
    assert usual_folder() == cache_folder
    assert cache_folder.stat().st_mode & 0o777 == 0o700


def test_what_is_kept_is_for_its_owner_only(tmp_path: Path) -> None:
    kept(tmp_path)
    assert (tmp_path / "cache.db").stat().st_mode & 0o777 == 0o600
