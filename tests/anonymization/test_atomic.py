import os
import stat
from pathlib import Path

import pytest

from anonymization import atomic


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_written_file_holds_the_bytes_and_has_the_mode(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "a", b"one")
    atomic.write_bytes(tmp_path / "b", b"", mode=0o600)
    assert (tmp_path / "a").read_bytes() == b"one"
    assert [mode(tmp_path / name) for name in "ab"] == [0o644, 0o600]


def test_a_second_write_replaces_the_first_and_its_mode(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "a", b"one", mode=0o600)
    atomic.write_bytes(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert mode(tmp_path / "a") == 0o644
    assert os.listdir(tmp_path) == ["a"]


def test_the_temporary_file_is_hidden_beside_its_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    rename = os.replace

    def watch(source: str, target: Path) -> None:
        seen.extend(os.listdir(tmp_path))
        assert atomic.leftovers(target) == [Path(source)]
        rename(source, target)

    monkeypatch.setattr(os, "replace", watch)
    atomic.write_bytes(tmp_path / "a[1]", b"one")
    assert len(seen) == 1
    assert seen[0].startswith(".")


def test_the_bytes_and_then_the_rename_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, rename = os.fsync, os.replace

    def watch_fsync(descriptor: int) -> None:
        steps.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def watch_rename(source: str, target: Path) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", watch_fsync)
    monkeypatch.setattr(os, "replace", watch_rename)
    atomic.write_bytes(tmp_path / "a", b"one")
    assert steps == ["file", "rename", "directory"]


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic.write_bytes(tmp_path / "a", b"one")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        atomic.write_bytes(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a"]


def test_a_missing_directory_reaches_the_caller_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic.write_bytes(tmp_path / "none" / "a", b"one")
    with pytest.raises(FileNotFoundError):
        atomic.fsync_directory(tmp_path / "none")


def test_leftovers_are_those_of_one_file(tmp_path: Path) -> None:
    for name in (".a.1.tmp", ".a.2.tmp", ".b.1.tmp", "a", "a.tmp"):
        (tmp_path / name).touch()
    assert [path.name for path in atomic.leftovers(tmp_path / "a")] == [".a.1.tmp", ".a.2.tmp"]


def test_a_removed_tree_is_gone_and_removing_it_again_is_nothing(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "a").touch()
    atomic.remove_tree(tree)
    assert not tree.exists()
    atomic.remove_tree(tree)


def test_a_link_is_not_followed_by_a_removal(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a").touch()
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    atomic.remove_tree(tmp_path / "tree")
    with pytest.raises(OSError, match="symbolic link"):
        atomic.remove_tree(tmp_path / "link")
    assert (tmp_path / "kept" / "a").exists()


def test_what_is_written_in_the_place_of_a_file_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")
    with atomic.replacing(target) as temporary:
        temporary.write_text("new")
        assert (target.read_text(), temporary.parent) == ("old", tmp_path)
    assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_write_that_fails_midway_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_text("old")

    def half() -> None:
        with atomic.replacing(target) as temporary:
            temporary.write_text("ne")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        half()
    assert target.read_text() == "old"


def test_a_directory_and_those_above_it_are_made_to_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lasting: list[Path] = []
    monkeypatch.setattr(atomic, "fsync_directory", lasting.append)
    atomic.make_directory(tmp_path / "a" / "b", 0o700)
    assert lasting == [tmp_path, tmp_path / "a"]
    assert [mode(tmp_path / name) & 0o077 == 0 for name in ("a", "a/b")] == [False, True]
    atomic.make_directory(tmp_path / "a" / "b")
    assert len(lasting) == 2
