"""Dead letters of a follower: the latest are kept, whatever comes."""

from pathlib import Path

import pytest

from pipelines.dead_letters import remove_oldest


def filled(folder: Path, count: int) -> list[str]:
    """Files of ten bytes each, of as many steps."""
    for number in range(count):
        (folder / f"{number:06d}-000.parquet").write_bytes(b"0123456789")
    return [f"{number:06d}-000.parquet" for number in range(count)]


def standing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("files", "size", "kept"), [(4, 1_000, 4), (5, 1_000, 5), (6, 1_000, 5), (9, 49, 4), (9, 50, 5), (9, 9, 0)]
)
def test_the_latest_dead_letters_are_kept_up_to_a_number_and_a_size(
    tmp_path: Path, files: int, size: int, kept: int
) -> None:
    names = filled(tmp_path, 5)
    remove_oldest(tmp_path, files, size)
    assert standing(tmp_path) == names[5 - kept :]


def test_steps_beyond_a_million_are_later_than_those_before(tmp_path: Path) -> None:
    for name in ("999999-000.parquet", "1000000-000.parquet"):
        (tmp_path / name).touch()
    remove_oldest(tmp_path, files=1)
    assert standing(tmp_path) == ["1000000-000.parquet"]


def test_where_there_are_none_nothing_is_removed(tmp_path: Path) -> None:
    remove_oldest(tmp_path / "dead_letters", 1, 1)
    assert not (tmp_path / "dead_letters").exists()
