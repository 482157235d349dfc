import copy
import dataclasses
import json
import multiprocessing
import os
import pickle
import stat
import traceback
from datetime import date
from hashlib import blake2b
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from anonymization import key_files
from anonymization.key_log import life_of, problems, read
from anonymization.keys import PURPOSES, KeyStore, MasterKey
from schemas.errors import HexafluxError, InputError, PrivacyRefusal, SystemFailure, UsageError

DAY = date(2026, 6, 13)
NEXT = date(2026, 6, 14)
TEST_KEY = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


def file_of(store: KeyStore) -> Path:
    return store.directory / "2026-06-13.key"


def told(error: HexafluxError) -> str:
    """All that an error could show to anyone: its chain, and what the exceptions in it carry."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(link)
        link = link.__cause__ or link.__context__
    shown = [repr(vars(one)) + repr(one.args) + repr(getattr(one, "doc", "")) for one in chain]
    return error.hint + "".join(traceback.format_exception(error)) + "".join(shown)


def test_a_key_is_made_once_and_then_opened(store: KeyStore) -> None:
    assert not store.exists(DAY)
    key = store.create_or_open(DAY)
    assert store.exists(DAY)
    assert store.create_or_open(DAY) == store.open(DAY) == key
    assert (key.day, len(key.master), len(key.key_id), len(key.commitment)) == (DAY, 32, 16, 64)


def test_keys_of_two_days_and_of_two_directories_differ(store: KeyStore, tmp_path: Path) -> None:
    keys = [
        store.create_or_open(DAY),
        store.create_or_open(NEXT),
        KeyStore(tmp_path / "b").create_or_open(DAY),
    ]
    assert len({key.master for key in keys}) == len({key.key_id for key in keys}) == 3


def test_the_file_and_the_directory_are_of_their_owner_alone(store: KeyStore) -> None:
    store.create_or_open(DAY)
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(file_of(store).stat().st_mode) == 0o600
    assert os.listdir(store.directory) == ["2026-06-13.key"]


def ask(directory: Path, together: Barrier, answers: "Queue[str]") -> None:
    together.wait()
    answers.put(KeyStore(directory).create_or_open(DAY).key_id)


def test_processes_that_ask_at_once_get_the_same_key(store: KeyStore) -> None:
    context = multiprocessing.get_context("spawn")
    together, answers = context.Barrier(3), context.Queue()
    processes = [context.Process(target=ask, args=(store.directory, together, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    key_ids = {answers.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert key_ids == {store.open(DAY).key_id}


def test_the_master_is_not_shown(store: KeyStore) -> None:
    key = store.create_or_open(DAY)
    shown = repr(key) + str(key) + f"{key}"
    assert key.key_id in shown
    assert "master" not in shown
    assert repr(key.master) not in shown
    assert key.master.hex() not in shown
    assert TEST_KEY not in repr(KeyStore(store.directory, TEST_KEY))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_day_key_cannot_be_pickled(store: KeyStore, protocol: int) -> None:
    key = store.create_or_open(DAY)
    for thing in (key, [key], {"a": key}):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(thing, protocol)
    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.deepcopy(key)


def test_subkeys_are_blake2b_of_purpose_and_day_under_the_master() -> None:
    key = MasterKey(DAY, "0" * 16, "0" * 64, "2026-06-13T03:00:00Z", bytes(range(32)))
    expected = blake2b(b"draw|2026-06-13", key=bytes(range(32)), digest_size=16).digest()
    assert key.subkey("draw") == expected
    other_day = dataclasses.replace(key, day=NEXT)
    subkeys = {one.subkey(purpose) for one in (key, other_day) for purpose in PURPOSES}
    assert len(subkeys) == 2 * len(PURPOSES)


def test_an_unknown_purpose_has_no_subkey(store: KeyStore) -> None:
    with pytest.raises(ValueError, match="expected a purpose among"):
        store.create_or_open(DAY).subkey("pseudonyms")


def test_the_commitment_is_not_a_hash_of_what_the_file_holds(store: KeyStore) -> None:
    store.create_or_open(DAY)
    record = json.loads(file_of(store).read_text())
    assert set(record) == {"key_id", "day", "created_at", "commitment", "master", "origin"}


def test_a_test_key_makes_equal_keys_in_equal_runs(tmp_path: Path) -> None:
    first, second = (KeyStore(tmp_path / name, TEST_KEY).create_or_open(DAY) for name in "ab")
    assert dataclasses.replace(first, created_at="") == dataclasses.replace(second, created_at="")
    assert first.master == blake2b(b"2026-06-13", key=bytes.fromhex(TEST_KEY), digest_size=32).digest()
    other = KeyStore(tmp_path / "c", "ac" * 32).create_or_open(DAY)
    following = KeyStore(tmp_path / "a", TEST_KEY).create_or_open(NEXT)
    assert len({first.master, other.master, following.master}) == 3
    assert len({first.key_id, other.key_id, following.key_id}) == 3


@pytest.mark.parametrize("test_key", ["", "ab" * 31, "ab" * 33, "zz" * 32, "ab" * 31 + "é1", "ab" * 32 + "\n"])
def test_a_malformed_test_key_is_refused_without_being_shown(tmp_path: Path, test_key: str) -> None:
    with pytest.raises(UsageError, match=r"\[test\] day_key: expected 64 hexadecimal digits") as refusal:
        KeyStore(tmp_path, test_key)
    assert not test_key or test_key not in str(refusal.value) + refusal.value.hint


@pytest.mark.parametrize(("made", "opened"), [(None, TEST_KEY), (TEST_KEY, None), (TEST_KEY, "ac" * 32)])
def test_a_key_of_another_origin_is_refused(tmp_path: Path, made: str | None, opened: str | None) -> None:
    key = KeyStore(tmp_path / "keys", made).create_or_open(DAY)
    with pytest.raises(PrivacyRefusal, match="2026-06-13") as refusal:
        KeyStore(tmp_path / "keys", opened).create_or_open(DAY)
    assert key.master.hex() not in told(refusal.value)


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602, 0o644, 0o666, 0o660, 0o610])
def test_a_key_that_others_could_read_or_write_is_refused(store: KeyStore, mode: int) -> None:
    key = store.create_or_open(DAY)
    file_of(store).chmod(mode)
    with pytest.raises(SystemFailure, match=f"mode {mode:04o}") as failure:
        store.create_or_open(DAY)
    assert f"chmod 600 {file_of(store)}" in failure.value.hint
    assert key.master.hex() not in told(failure.value)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_directory_that_others_could_enter_is_refused(store: KeyStore, mode: int) -> None:
    store.create_or_open(DAY)
    store.directory.chmod(mode)
    for method in (store.open, store.create_or_open):
        with pytest.raises(SystemFailure, match=f"mode {mode:04o}") as failure:
            method(DAY)
        assert f"chmod 700 {store.directory}" in failure.value.hint
    with pytest.raises(SystemFailure):
        store.create_or_open(NEXT)
    assert not store.exists(NEXT)


def test_keys_of_another_account_are_refused(store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    key = store.create_or_open(DAY)
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    for method in (store.open, store.create_or_open):
        with pytest.raises(SystemFailure, match=f"account {uid + 1}, got one of account {uid}") as failure:
            method(DAY)
        assert key.master.hex() not in told(failure.value)
    with pytest.raises(SystemFailure, match=r"2026-06-13\.key: expected a key of account"):
        key_files.read(file_of(store))


def test_a_link_is_not_a_key(store: KeyStore) -> None:
    store.create_or_open(DAY)
    target = store.directory / "elsewhere"
    file_of(store).rename(target)
    file_of(store).symlink_to(target)
    for method in (store.open, store.create_or_open, store.destroy):
        with pytest.raises(SystemFailure, match="symbolic link"):
            method(DAY)
    target.unlink()
    with pytest.raises(SystemFailure, match="symbolic link"):
        store.create_or_open(DAY)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_another_thing_than_a_file_is_not_a_key(store: KeyStore, make) -> None:  # type: ignore[no-untyped-def]
    store.create_or_open(NEXT)
    make(file_of(store))
    with pytest.raises(SystemFailure, match="expected a key file"):
        store.open(DAY)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text + text,
        lambda text: text.replace("2026-06-13", "2026-06-14"),
        lambda text: text.replace('"master"', '"main"'),
        lambda text: text.replace('"origin": "random"', '"origin": 1'),
        lambda text: text.replace('"created_at": "2', '"created_at": "x2'),
        lambda text: f"[{text}]",
        lambda text: "\0" * len(text),
        lambda text: "\udcff" + text,
        lambda text: "[" * 4096,
    ],
)
def test_a_damaged_key_is_bad_input_and_nothing_of_it_is_told(store: KeyStore, damage) -> None:  # type: ignore[no-untyped-def]
    key = store.create_or_open(DAY)
    text = file_of(store).read_text()
    file_of(store).write_bytes(damage(text).encode(errors="surrogateescape"))
    for method in (store.open, store.create_or_open):
        with pytest.raises(InputError, match="a damaged one") as refusal:
            method(DAY)
        assert key.master.hex()[:8] not in told(refusal.value)
    assert file_of(store).exists()


def test_a_key_with_a_damaged_master_is_bad_input(store: KeyStore) -> None:
    key = store.create_or_open(DAY)
    text = file_of(store).read_text()
    for master in (key.master.hex()[:-1], key.master.hex() + "0", "x" * 64, "٣" * 64):
        file_of(store).write_text(text.replace(key.master.hex(), master))
        with pytest.raises(InputError, match="a damaged one"):
            store.open(DAY)


def test_a_key_that_is_not_there_cannot_be_opened(store: KeyStore) -> None:
    for _ in range(2):
        with pytest.raises(SystemFailure, match="2026-06-13") as failure:
            store.open(DAY)
        assert "cannot be made again" in failure.value.hint
        store.create_or_open(NEXT)


@pytest.mark.parametrize(
    ("used", "hint"),
    [
        (False, "nothing of it was published: remove the working directory"),
        (True, "keep the release, and publish from"),
    ],
)
def test_what_to_do_about_a_lost_key_depends_on_whether_figures_of_its_day_may_be_out(
    store: KeyStore, used: bool, hint: str
) -> None:
    store.create_or_open(NEXT)
    store.used(NEXT)
    store.create_or_open(DAY)
    if used:
        store.used(DAY)
    file_of(store).unlink()
    for method in (store.open, store.create_or_open):
        with pytest.raises(SystemFailure, match="do not outlive a restart") as failure:
            method(DAY)
        assert hint in failure.value.hint


def test_a_destroyed_key_is_gone_and_the_next_one_is_another(store: KeyStore) -> None:
    key, kept = store.create_or_open(DAY), store.create_or_open(NEXT)
    store.destroy(DAY)
    assert os.listdir(store.directory) == ["2026-06-14.key"]
    assert not store.exists(DAY)
    store.destroy(DAY)
    assert store.open(NEXT) == kept
    assert store.create_or_open(DAY).master != key.master


def test_destroying_without_a_directory_is_nothing_to_do(store: KeyStore) -> None:
    store.destroy(DAY)
    assert not store.directory.exists()


def test_destruction_overwrites_the_bytes_of_the_file_in_place(store: KeyStore, tmp_path: Path) -> None:
    key = store.create_or_open(DAY)
    os.link(file_of(store), tmp_path / "same file")
    size = file_of(store).stat().st_size
    store.destroy(DAY)
    assert (tmp_path / "same file").read_bytes() == bytes(size)
    assert key.master.hex().encode() not in (tmp_path / "same file").read_bytes()


def test_destruction_reaches_what_killed_writers_left(store: KeyStore, tmp_path: Path) -> None:
    store.create_or_open(DAY)
    leftover = store.directory / ".2026-06-13.key.x.tmp"
    leftover.write_bytes(b"secret")
    os.link(leftover, tmp_path / "same file")
    store.destroy(DAY)
    assert not store.directory.exists()
    assert (tmp_path / "same file").read_bytes() == bytes(6)


def test_destruction_that_was_cut_short_is_finished_by_the_next(store: KeyStore) -> None:
    store.create_or_open(DAY)
    file_of(store).write_bytes(bytes(file_of(store).stat().st_size))
    assert store.exists(DAY)
    store.destroy(DAY)
    assert not store.exists(DAY)


def test_the_keys_of_all_other_days_are_destroyed_and_what_killed_writers_of_them_left(store: KeyStore) -> None:
    store.destroy_all_but([DAY])
    kept = store.create_or_open(DAY)
    store.create_or_open(NEXT)
    (store.directory / ".2026-06-15.key.x1.tmp").write_text("secret")
    (store.directory / "notes").touch()
    store.destroy_all_but([DAY])
    assert sorted(os.listdir(store.directory)) == ["2026-06-13.key", "notes"]
    assert store.open(DAY) == kept


def test_keys_from_a_day_on_and_what_is_being_written_of_them_are_left_alone(store: KeyStore) -> None:
    before, after = date(2026, 6, 12), date(2026, 6, 15)
    for day in (before, DAY, NEXT, after):
        store.create_or_open(day)
        (store.directory / f".{day.isoformat()}.key.x1.tmp").write_text("secret")
    store.destroy_all_but([after], since=NEXT)
    names = [f"{start}{day}.key{end}" for start, end in ((".", ".x1.tmp"), ("", "")) for day in (NEXT, after)]
    assert sorted(os.listdir(store.directory)) == names
    assert [(event, day) for event, day, _ in events(store) if event == "destroyed"] == [
        ("destroyed", "2026-06-12"),
        ("destroyed", "2026-06-13"),
    ]


def test_a_lost_key_is_logged_as_destroyed_only_before_the_day_from_which_keys_are_left_alone(store: KeyStore) -> None:
    for day in (DAY, NEXT):
        store.create_or_open(day)
        (store.directory / f"{day.isoformat()}.key").unlink()
    store.destroy_all_but([], since=NEXT)
    assert events(store)[2:] == [("destroyed", "2026-06-13", "key was found gone")]


def test_a_new_key_clears_what_a_killed_writer_left(store: KeyStore) -> None:
    store.create_or_open(NEXT)
    (store.directory / ".2026-06-13.key.x.tmp").write_bytes(b"secret")
    store.create_or_open(DAY)
    assert sorted(os.listdir(store.directory)) == ["2026-06-13.key", "2026-06-14.key"]


def test_destruction_reaches_the_disk_before_the_file_is_unlinked(
    store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create_or_open(DAY)
    steps: list[tuple[str, bool]] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        steps.append((name, store.exists(DAY)))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    store.destroy(DAY)
    assert steps == [
        ("2026-06-13.key", True),
        ("keys", False),
        ("key_log.jsonl", False),
        (store.directory.parent.name, False),
    ]


# The life-cycle log


def events(store: KeyStore) -> list[tuple[str, str, str]]:
    """Event, day and reason of each line; the log is sound."""
    lines = read(store.log.content())
    assert list(problems(lines)) == []
    return [(line.event, line.day, line.reason) for line in lines]


def test_every_key_is_logged_when_it_is_made_used_and_destroyed(store: KeyStore) -> None:
    key = store.create_or_open(DAY)
    assert store.create_or_open(DAY) == key
    store.used(DAY)
    store.used(DAY)
    store.create_or_open(NEXT)
    store.destroy(DAY)
    store.destroy(DAY)
    store.destroy_all_but([])
    assert events(store) == [
        ("created", "2026-06-13", "first event of the day"),
        ("last_used", "2026-06-13", "figures are final"),
        ("last_used", "2026-06-13", "figures are final"),
        ("created", "2026-06-14", "first event of the day"),
        ("destroyed", "2026-06-13", "day is published"),
        ("destroyed", "2026-06-14", "no event of the day counts, or the run began anew"),
    ]
    created = life_of(read(store.log.content()), key.key_id)["created"]
    assert (created.commitment, created.at, created.service) == (key.commitment, key.created_at, "file")
    assert key.master.hex().encode() not in store.log.content()
    assert stat.S_IMODE(store.log.path.stat().st_mode) == 0o600


def test_a_key_whose_maker_was_killed_is_logged_by_whoever_comes_next(store: KeyStore) -> None:
    key = store.create_or_open(DAY)
    store.log.remove()
    assert store.create_or_open(DAY) == key
    assert [event for event, *_ in events(store)] == ["created"]
    store.log.remove()
    store.destroy(DAY)
    assert [event for event, *_ in events(store)] == ["created", "destroyed"]


def test_a_destruction_that_was_cut_short_is_logged_by_the_next(store: KeyStore) -> None:
    store.create_or_open(DAY)
    store.create_or_open(NEXT)
    file_of(store).unlink()
    (store.directory / "2026-06-14.key").write_bytes(bytes(100))
    store.destroy_all_but([])
    assert events(store)[2:] == [
        ("destroyed", "2026-06-13", "key was found gone"),
        ("destroyed", "2026-06-14", "no event of the day counts, or the run began anew"),
    ]


def test_a_lost_key_is_not_made_again_and_the_error_says_what_to_do(store: KeyStore) -> None:
    store.create_or_open(DAY)
    file_of(store).unlink()
    for method in (store.open, store.create_or_open, store.used):
        with pytest.raises(SystemFailure, match="do not outlive a restart") as failure:
            method(DAY)
        assert "remove the working directory and run again" in failure.value.hint
        assert failure.value.exit_code == 4
    store.create_or_open(NEXT)
    assert [event for event, *_ in events(store)] == ["created", "created"]


def test_keys_of_a_configuration_are_logged_as_such(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "keys", TEST_KEY, in_memory=True)
    store.create_or_open(DAY)
    (line,) = read(store.log.content())
    assert (line.service, line.storage) == ("configuration", "configuration")
    assert line.erasure == "none: the key is in the configuration"
    store.destroy(DAY)


def test_nothing_is_written_where_there_is_nothing_to_destroy(tmp_path: Path) -> None:
    store = KeyStore(tmp_path / "keys", in_memory=True)
    store.destroy(DAY)
    store.destroy_all_but([])
    assert list(tmp_path.iterdir()) == []
