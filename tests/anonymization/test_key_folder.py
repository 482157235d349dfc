import os
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest

from anonymization import memory
from anonymization.key_folder import KeyFolder
from anonymization.key_log import read
from anonymization.keys import KeyStore
from anonymization.memory import Mount, mount_of, parsed
from schemas.errors import SystemFailure

DAY, NEXT = date(2026, 6, 13), date(2026, 6, 14)
MEMORY = "provable: overwritten in memory that is not swapped to a disk"
SWAP = "/dev/sda2 partition\n"
DISK = "not provable: a disk may keep what was overwritten"
MOUNTINFO = """\
22 27 0:21 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
23 22 0:22 / /mem/shm rw,nosuid - tmpfs tmpfs rw,size=64k
24 22 0:23 / /a\\040b ro,relatime shared:3 master:1 - tmpfs tmpfs rw,noswap
25 22 0:24 / /mem/shm rw - ramfs none rw
no mount
"""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that passes for a tmpfs, on a machine without swap."""
    base = tmp_path / "shm"
    base.mkdir(mode=0o1777)
    base.chmod(0o1777)
    mounted(tmp_path, monkeypatch, f"22 27 0:21 / / rw - ext4 d rw\n23 22 0:22 / {base} rw - tmpfs tmpfs rw\n")
    monkeypatch.setattr(memory, "BASES", (base,))
    return base


def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mountinfo: str, swaps: str = "Filename Type\n") -> None:
    (tmp_path / "mountinfo").write_text(mountinfo)
    (tmp_path / "swaps").write_text(swaps)
    monkeypatch.setattr(memory, "MOUNTS", tmp_path / "mountinfo")
    monkeypatch.setattr(memory, "SWAPS", tmp_path / "swaps")


@pytest.fixture
def store(base: Path, tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "release.work" / "keys", in_memory=True)


def target_of(store: KeyStore) -> Path:
    return Path(os.readlink(store.directory))


# Which files are in memory


def test_mounts_are_read_as_proc_lists_them() -> None:
    assert parsed(MOUNTINFO) == (
        Mount(Path("/"), "ext4", True, True),
        Mount(Path("/mem/shm"), "tmpfs", True, True),
        Mount(Path("/a b"), "tmpfs", False, False),
        Mount(Path("/mem/shm"), "ramfs", True, False),
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/mem/shm/x", "ramfs"), ("/mem/shm", "ramfs"), ("/mem/shmx", "ext4"), ("/a b/c/d", "tmpfs"), ("/a", "ext4")],
)
def test_a_path_is_in_the_deepest_and_the_latest_mount_around_it(path: str, kind: str) -> None:
    found = mount_of(Path(path), parsed(MOUNTINFO))
    assert found is not None
    assert found.kind == kind
    assert mount_of(Path(path), ()) is None


def test_this_machine_tells_its_mounts() -> None:
    assert not memory.MOUNTS.exists() or mount_of(Path("/"), memory.mounts()) is not None


@pytest.mark.parametrize(
    ("option", "mode", "usable"),
    [("rw", 0o1777, True), ("rw", 0o755, True), ("ro", 0o1777, False), ("rw", 0o777, False), ("rw", 0o775, False)],
)
def test_memory_in_which_others_could_exchange_a_folder_is_not_used(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, mode: int, usable: bool
) -> None:
    mounted(tmp_path, monkeypatch, f"23 22 0:22 / {base} {option} - tmpfs tmpfs rw\n")
    base.chmod(mode)
    assert memory.base() == (base if usable else None)


@pytest.mark.parametrize(
    ("kind", "option", "swaps", "storage", "erasure"),
    [
        ("tmpfs", "rw", "", "memory", MEMORY),
        ("tmpfs", "rw", SWAP, "memory", "not provable: memory may be swapped to a disk"),
        ("tmpfs", "rw,noswap", SWAP, "memory", MEMORY),
        ("ext4", "rw", "", "disk", DISK),
    ],
)  # fmt: skip
def test_the_log_says_where_a_key_was_and_whether_its_erasure_can_be_proved(
    store: KeyStore, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    kind: str, option: str, swaps: str, storage: str, erasure: str,
) -> None:  # fmt: skip
    mountinfo = f"22 27 0:21 / / rw - ext4 d rw\n23 22 0:22 / {base} rw - {kind} x {option}\n"
    mounted(tmp_path, monkeypatch, mountinfo, f"Filename Type\n{swaps}")
    store.create_or_open(DAY)
    store.destroy(DAY)
    lines = read(store.log.content())
    assert {(line.service, line.storage, line.erasure) for line in lines} == {("file", storage, erasure)}


def test_a_machine_that_does_not_tell_has_a_disk_and_may_swap(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SWAPS", tmp_path / "none")
    assert memory.has_swap()
    monkeypatch.setattr(memory, "MOUNTS", tmp_path / "none")
    store = KeyStore(tmp_path / "release.work" / "keys", in_memory=True)
    store.create_or_open(DAY)
    assert not store.directory.is_symlink()
    assert store.storage.erasure == DISK


# The folder in memory


def test_keys_in_memory_are_behind_a_link_and_of_their_owner_alone(store: KeyStore, base: Path) -> None:
    key = store.create_or_open(DAY)
    target = target_of(store)
    assert target.parent == base / f"hexaflux-{os.geteuid()}"
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((target / "2026-06-13.key").stat().st_mode) == 0o600
    assert store.create_or_open(DAY) == store.open(DAY) == key
    assert [path for path in store.directory.parent.iterdir() if not path.is_symlink()] == [store.log.path]


def test_after_the_last_key_neither_link_nor_folder_is_left(store: KeyStore, base: Path) -> None:
    store.create_or_open(DAY)
    store.create_or_open(NEXT)
    store.destroy(DAY)
    assert store.exists(NEXT)
    store.destroy(NEXT)
    assert list(base.iterdir()) == []
    assert list(store.directory.parent.iterdir()) == [store.log.path]
    assert store.create_or_open(DAY)


def test_two_working_directories_have_two_folders_and_one_is_left_when_the_other_goes(
    store: KeyStore, base: Path, tmp_path: Path
) -> None:
    other = KeyStore(tmp_path / "other.work" / "keys", in_memory=True)
    store.create_or_open(DAY)
    kept = other.create_or_open(DAY)
    assert target_of(store) != target_of(other)
    store.destroy_all_but([])
    assert other.open(DAY) == kept


def test_a_directory_on_the_disk_goes_on_being_used(store: KeyStore, base: Path) -> None:
    made = KeyStore(store.directory).create_or_open(DAY)
    assert store.create_or_open(DAY) == made
    assert store.create_or_open(NEXT)
    assert not store.directory.is_symlink()
    assert store.storage.erasure == DISK
    assert list(base.iterdir()) == []


@pytest.mark.parametrize("moved", ["elsewhere", "shm/hexaflux-{uid}/" + "0" * 32])
def test_a_link_to_anything_else_is_refused_and_nothing_there_is_touched(
    store: KeyStore, tmp_path: Path, moved: str
) -> None:
    store.create_or_open(DAY)
    target = tmp_path / moved.format(uid=os.geteuid())
    target_of(store).rename(target)
    store.directory.unlink()
    store.directory.symlink_to(target)
    for method in (store.open, store.create_or_open, store.used, store.destroy):
        with pytest.raises(SystemFailure, match="got a link to something else"):
            method(DAY)
    with pytest.raises(SystemFailure, match="got a link to something else"):
        store.destroy_all_but([])
    assert (target / "2026-06-13.key").read_bytes().startswith(b"{")


def test_a_copy_of_the_working_directory_does_not_reach_the_keys(store: KeyStore, tmp_path: Path) -> None:
    store.create_or_open(DAY)
    shutil.copytree(store.directory.parent, tmp_path / "copy.work", symlinks=True)
    with pytest.raises(SystemFailure, match="got a link to something else"):
        KeyStore(tmp_path / "copy.work" / "keys", in_memory=True).create_or_open(DAY)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o707, 0o770])
@pytest.mark.parametrize("around", [False, True])
def test_a_folder_in_memory_that_others_could_enter_is_refused(store: KeyStore, mode: int, around: bool) -> None:
    store.create_or_open(DAY)
    folder = target_of(store).parent if around else target_of(store)
    folder.chmod(mode)
    for method in (store.open, store.create_or_open, store.used):
        with pytest.raises(SystemFailure, match=f"{folder}.*mode {mode:04o}"):
            method(DAY)
    folder.chmod(0o700)
    store.destroy(DAY)


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("/")])
def test_something_else_where_the_folder_should_be_is_refused(store: KeyStore, base: Path, make) -> None:  # type: ignore[no-untyped-def]
    make(base / f"hexaflux-{os.geteuid()}")
    with pytest.raises(SystemFailure, match="expected a directory for keys"):
        store.create_or_open(DAY)
    assert not store.exists(DAY)


def test_a_folder_of_another_account_is_refused(
    store: KeyStore, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create_or_open(DAY)
    uid = os.geteuid()
    target_of(store).parent.rename(base / f"hexaflux-{uid + 1}")
    store.directory.unlink()
    store.directory.symlink_to(base / f"hexaflux-{uid + 1}" / next((base / f"hexaflux-{uid + 1}").iterdir()).name)
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    for method in (store.open, store.create_or_open):
        with pytest.raises(SystemFailure, match=f"expected a directory for keys of account {uid + 1}"):
            method(DAY)


# Restarts and removed working directories


def test_a_restart_loses_the_open_keys_and_the_day_cannot_go_on(store: KeyStore, base: Path) -> None:
    store.create_or_open(DAY)
    shutil.rmtree(base / f"hexaflux-{os.geteuid()}")
    for method in (store.open, store.create_or_open):
        with pytest.raises(SystemFailure, match="do not outlive a restart") as failure:
            method(DAY)
        assert "remove the working directory and run again" in failure.value.hint
    store.create_or_open(NEXT)
    store.destroy_all_but([])
    assert [(line.event, line.day, line.reason) for line in read(store.log.content())][2:] == [
        ("destroyed", "2026-06-13", "key was found gone"),
        ("destroyed", "2026-06-14", "no event of the day counts, or the run began anew"),
    ]
    assert list(base.iterdir()) == []


def test_keys_of_a_working_directory_that_was_removed_are_destroyed_before_new_ones_are_made(
    store: KeyStore, base: Path, tmp_path: Path
) -> None:
    key = store.create_or_open(DAY)
    os.link(target_of(store) / "2026-06-13.key", tmp_path / "same file")
    shutil.rmtree(store.directory.parent)
    assert store.create_or_open(DAY) != key
    assert set((tmp_path / "same file").read_bytes()) == {0}


def test_clearing_destroys_what_a_removed_working_directory_left_in_memory(
    store: KeyStore, base: Path, tmp_path: Path
) -> None:
    store.create_or_open(DAY)
    os.link(target_of(store) / "2026-06-13.key", tmp_path / "same file")
    shutil.rmtree(store.directory.parent)
    store.destroy_all_but([])
    assert list(base.iterdir()) == []
    assert set((tmp_path / "same file").read_bytes()) == {0}


def test_what_a_run_leaves_that_is_killed_between_folder_and_link_is_taken_away(store: KeyStore, base: Path) -> None:
    store.create_or_open(DAY)
    target = target_of(store)
    store.destroy(DAY)

    def folder_only() -> None:
        target.parent.mkdir(0o700)
        target.mkdir(0o700)

    for left in (folder_only, lambda: store.directory.symlink_to(target)):
        left()
        assert store.create_or_open(DAY)
        store.destroy(DAY)
        left()
        store.destroy_all_but([])
        assert not KeyFolder(store.directory, in_memory=True).is_there()
        assert list(base.iterdir()) == []
