"""After a run, nothing of a person is left: no identifier, no key, no pseudonym, in any form, in any file."""

import base64
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization import memory
from anonymization.key_log import open_keys, problems, read
from pipelines.subscribers import read_register
from tests.oracle.generate import generate
from tests.paths import ROOT
from tests.privacy.haystack import Piece, pieces, search
from tests.privacy.needles import Needle, of_identifier, of_key, of_pseudonyms
from tests.privacy.witness import Seen

VICTIM = "208019876543210"
KEY = bytes.fromhex("8f3ad5c1e2b4976005fe19c8d3a7b264")
PSEUDONYM = 0xC3A5F1E2D4B69788


@dataclass(frozen=True)
class Watched:
    """A complete run over dirty events of two days, with people who opted out and holders of several lines."""

    folder: Path
    seen: Seen
    told: str

    @property
    def places(self) -> list[Path]:
        """Where something could remain: also the folder of the keys, if it is in memory."""
        names = ("release", "release.work", "scratch", "elsewhere")
        return [*(self.folder / name for name in names), *map(Path, self.seen.places)]


def watch(folder: Path, config: Path) -> tuple[Seen, str]:
    """Run a configuration with a witness; what it saw, and all that was told."""
    target = config.with_suffix(".seen.json")
    done = subprocess.run(
        [sys.executable, "-m", "tests.privacy.witness", str(config), str(target)],
        cwd=folder / "elsewhere",
        env={**os.environ, "TMPDIR": str(folder / "scratch"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        umask=0,
    )
    assert done.returncode == 0, done.stderr
    seen = Seen(**json.loads(target.read_text()))
    return seen, "\n".join((done.stdout, done.stderr, *seen.logged))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    folder = tmp_path_factory.mktemp("watched")
    generate(folder, devices=300, events=5000, days=2, start=date(2026, 3, 28), seed=4, style="mixed")
    register = pq.read_table(folder / "subscribers.parquet")
    holders = [f"HOLDER-{row // 2:06d}" for row in range(register.num_rows)]
    pq.write_table(register.append_column("holder", pa.array(holders)), folder / "subscribers.parquet")
    config = folder / "hexaflux.toml"
    # Without a census a run has something to warn of.
    config.write_text(config.read_text().partition("[test]")[0].replace('population = "population.csv"\n', ""))
    for name in ("scratch", "elsewhere"):
        (folder / name).mkdir()
    return Watched(folder, *watch(folder, config))


@pytest.fixture(scope="module")
def again(watched: Watched) -> Seen:
    """The same input once more, after its keys were destroyed, under a register that does not know it."""
    config = watched.folder / "again.toml"
    text = (watched.folder / "hexaflux.toml").read_text()
    assert text.count('directory = "release"') == 1
    names = 'directory = "again"\nregister = "again.jsonl"'
    config.write_text(text.replace('directory = "release"', names))
    return watch(watched.folder, config)[0]


def people(folder: Path) -> list[str]:
    """Every subscriber of events and register, and every holder, also as the register marks them before hashing."""
    events = [pq.read_table(path)["subscriber_id"] for path in sorted((folder / "events").iterdir())]
    register = pq.read_table(folder / "subscribers.parquet")
    columns = [*events, register["subscriber_id"], register["holder"]]
    names = {name for column in columns for name in column.to_pylist() if name}
    return sorted(names | {f"holder|{name}" for name in register["holder"].to_pylist()})


def needles(names: Sequence[str], keys: dict[str, bytes], pseudonyms: Sequence[int]) -> list[Needle]:
    found = [needle for name in names for needle in of_identifier(name)]
    found += [needle for name, key in keys.items() for needle in of_key(name, key)]
    return [*found, *of_pseudonyms(np.array(pseudonyms, np.uint64))]


def secrets_of(watched: Watched) -> list[Needle]:
    seen = watched.seen
    keys = {f"{day} {name}": bytes.fromhex(key) for day, named in seen.keys.items() for name, key in named.items()}
    return needles(people(watched.folder), keys, [device for some in seen.devices.values() for device in some])


def test_no_identifier_no_key_and_no_pseudonym_remains_in_any_file(watched: Watched) -> None:
    haystack = list(pieces(watched.places))
    names = [where for where, _ in haystack]
    assert sum(".parquet: column" in name for name in names) > 100
    for folder, days in (("dead_letters", 1), ("history", 2), ("quality", 2)):
        assert len({name.partition(":")[0] for name in names if name.startswith(f"{folder}/")}) >= days
    assert any(name == "state.json: JSON" for name in names)
    assert search(haystack, secrets_of(watched)) == []


def test_nothing_of_them_is_printed_or_logged(watched: Watched) -> None:
    rows = sum(pq.read_metadata(path).num_rows for path in (watched.folder / "events").iterdir())
    assert f"Rows in {rows:,} = accepted" in watched.told
    assert "Warning: " in watched.told
    assert search([("told", watched.told.encode())], secrets_of(watched)) == []


def test_the_input_itself_is_full_of_what_is_searched_for(watched: Watched) -> None:
    found = search(list(pieces([watched.folder / "events"])), secrets_of(watched))
    assert {form for form, _ in found} == {"text"}
    assert len(found) > 200


def test_the_run_had_keys_devices_and_people_to_leave_out(watched: Watched) -> None:
    seen = watched.seen
    assert list(seen.keys) == ["2026-03-28", "2026-03-29"]
    secrets = [key for named in seen.keys.values() for key in named.values()]
    assert len(set(secrets)) == len(secrets) == 10
    state = json.loads((watched.folder / "release.work" / "state.json").read_text())
    assert {"opted out", "line type left out", "missing subscriber_id"} <= state["accounting"]["rejected"].keys()
    assert read_register(watched.folder / "subscribers.parquet", {}).unit == "holders"


def test_no_pseudonym_of_a_day_is_one_of_another(watched: Watched) -> None:
    first, second = (set(devices) for devices in watched.seen.devices.values())
    assert min(len(first), len(second)) > 100
    assert first.isdisjoint(second)


def test_after_closing_the_same_input_cannot_reproduce_a_pseudonym(watched: Watched, again: Seen) -> None:
    assert again.devices.keys() == watched.seen.devices.keys()
    first, second = ({device for some in seen.devices.values() for device in some} for seen in (watched.seen, again))
    # The same people: each day has as many pseudonyms as before, and none of them is one of before.
    assert [len(some) for some in again.devices.values()] == [len(some) for some in watched.seen.devices.values()]
    assert min(len(first), len(second)) > 200
    assert first.isdisjoint(second)
    keys = [{key for named in seen.keys.values() for key in named.values()} for seen in (watched.seen, again)]
    assert keys[0].isdisjoint(keys[1])


def test_every_key_was_destroyed_as_the_log_says_and_its_folder_is_gone(watched: Watched) -> None:
    lines = read((watched.folder / "release.work" / "key_log.jsonl").read_bytes())
    assert list(problems(lines)) == []
    assert open_keys(lines) == {}
    events = {day: [line.event for line in lines if line.day == day] for day in watched.seen.keys}
    assert len(events) == 2
    assert events == {day: ["created", "last_used", "destroyed"] for day in events}
    (place,) = watched.seen.places
    assert not Path(place).exists()
    assert not os.path.lexists(watched.folder / "release.work" / "keys")
    in_memory = memory.base() is not None
    assert {line.storage for line in lines} == {"memory" if in_memory else "disk"}
    assert Path(place).is_relative_to(watched.folder) != in_memory


def test_open_keys_are_their_owners_alone_whatever_the_umask(watched: Watched) -> None:
    modes = {what: watched.seen.modes[what] for what in ("work", "keys", "around", "key", "log")}
    assert modes == {"work": ["700"], "keys": ["700"], "around": ["700"], "key": ["600"], "log": ["600"]}
    work = watched.folder / "release.work"
    assert work.stat().st_mode & 0o777 == 0o700
    assert list(work.rglob("*.key")) == []
    assert not any(path.suffix == ".arrow" for path in work.rglob("*"))


# The positive control: what the search is worth.

PLANTED = needles([VICTIM], {"key": KEY}, [PSEUDONYM])


def test_every_planted_form_is_found_where_it_was_planted(tmp_path: Path) -> None:
    noise = random.Random(1)
    for at, needle in enumerate(PLANTED):
        (tmp_path / f"{at}.bin").write_bytes(noise.randbytes(97) + needle.pattern + noise.randbytes(103))
    found = search(list(pieces([tmp_path])), PLANTED)
    assert {(needle.form, f"{at}.bin") for at, needle in enumerate(PLANTED)} - set(found) == set()
    assert len(PLANTED) > 150


def test_every_form_is_at_least_a_word_long_and_has_its_own_name() -> None:
    assert min(len(needle.pattern) for needle in PLANTED) >= 8
    assert len({needle.form for needle in PLANTED}) == len(PLANTED)


def test_noise_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "noise.bin").write_bytes(random.Random(2).randbytes(300_000))
    assert search(list(pieces([tmp_path])), PLANTED) == []


def a_column(folder: Path) -> None:
    pq.write_table(pa.table({"note": ["a", VICTIM]}), folder / "a.parquet", compression="zstd")


def a_number(folder: Path) -> None:
    pq.write_table(pa.table({"n": pa.array([7, int(VICTIM)])}), folder / "a.parquet", compression="zstd")


def a_list(folder: Path) -> None:
    lists = pa.array([[1, 2], [PSEUDONYM]], pa.list_(pa.uint64()))
    pq.write_table(pa.table({"cells": lists}), folder / "a.parquet", compression="zstd")


def parquet_metadata(folder: Path) -> None:
    table = pa.table({"n": [1]}).replace_schema_metadata({"by": VICTIM})
    pq.write_table(table, folder / "a.parquet")


def statistics(folder: Path) -> None:
    pq.write_table(pa.table({"n": pa.array([1, PSEUDONYM], pa.uint64())}), folder / "a.parquet")


def a_filtered_dictionary(folder: Path) -> None:
    column = pa.array(["a", VICTIM]).dictionary_encode().filter(pa.array([True, False]))
    write_arrow(folder, pa.table({"note": column}))


def a_compressed_arrow_file(folder: Path) -> None:
    write_arrow(folder, pa.table({"note": ["a" * 99, VICTIM]}), compression="zstd")


def escaped_json(folder: Path) -> None:
    text = "".join(f"\\u{ord(character):04x}" for character in VICTIM)
    (folder / "a.json").write_text(f'{{"deep": [{{"{text}": 1}}]}}')


def a_file_name(folder: Path) -> None:
    (folder / f"part-{VICTIM}.txt").write_bytes(b"")


def a_folder_name(folder: Path) -> None:
    (folder / f"device={PSEUDONYM}").mkdir()


def a_key_in_base64(folder: Path) -> None:
    (folder / "a.pem").write_bytes(b"-----BEGIN-----\n" + base64.b64encode(b"\x30\x2e" + KEY) + b"\n")


def write_arrow(folder: Path, table: pa.Table, **options: object) -> None:
    with pa.ipc.new_file(folder / "a.arrow", table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)


@pytest.mark.parametrize(
    "plant",
    [
        a_column,
        a_number,
        a_list,
        parquet_metadata,
        statistics,
        a_filtered_dictionary,
        a_compressed_arrow_file,
        escaped_json,
        a_file_name,
        a_folder_name,
        a_key_in_base64,
    ],
)
def test_what_is_planted_inside_a_file_format_is_found(tmp_path: Path, plant: Callable[[Path], None]) -> None:
    plant(tmp_path)
    found: list[Piece] = list(pieces([tmp_path]))
    assert search(found, PLANTED) != []
