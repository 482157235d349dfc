"""Whether an identifier is found wherever it was left behind, in whatever form, and nothing where it was not."""

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.prf import hash_strings
from pipelines.attacks.files.dictionary import DICTIONARY
from pipelines.attacks.files.needles import HASHES
from pipelines.attacks.files.patterns import patterns
from pipelines.attacks.finding import Finding
from pipelines.attacks.target import Target
from pipelines.subscribers import register

VICTIM, NEIGHBOUR, HOLDER = "208019876543210", "208019876543211", "C00000481"
PSEUDONYM = 0xC3A5F1E2D4B69788


@pytest.fixture
def target(tmp_path: Path) -> SimpleNamespace:
    """One subscriber, whose holder is known and who was there on one day."""
    (tmp_path / "truth" / "devices").mkdir(parents=True)
    pq.write_table(pa.table({"subscriber_id": [VICTIM]}), tmp_path / "truth" / "devices" / "date=2026-06-10.parquet")
    known = register(pa.table({"subscriber_id": [VICTIM], "holder": [HOLDER]}))
    pq.write_table(
        pa.table({"event_time": ["2026-06-10T09:00"], "subscriber_id": [VICTIM], "cell_id": ["1"]}),
        tmp_path / "events.parquet",
    )
    files = SimpleNamespace(files=tmp_path / "events.parquet", columns={})
    days = [SimpleNamespace(day=date(2026, 6, 10), pseudonym=np.array([PSEUDONYM], np.uint64))]
    return SimpleNamespace(
        truth=tmp_path / "truth",
        inputs=SimpleNamespace(register=known, configuration=SimpleNamespace(input=files)),
        days=days,
        scratch=tmp_path / "scratch",
    )


def found(target: SimpleNamespace, folder: Path) -> dict[str, float]:
    return dict(DICTIONARY.measure((folder,), target).figures)


NOTHING = {"identifiers found": 0, "pseudonyms found": 0, "share found": 0, "others found": 0}
SUBSCRIBER = NOTHING | {"identifiers found": 1, "share found": 1}


def write(folder: Path, name: str, data: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


HEADS = {name: hashed(VICTIM.encode()) for name, hashed in HASHES.items()} | {
    "siphash": hash_strings(bytes(16), pa.array([VICTIM])).tobytes()
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize(
    "written",
    [
        lambda head: head,
        lambda head: head[:8],
        lambda head: head[:8][::-1],
        lambda head: head.hex().encode(),
        lambda head: head[:8].hex().upper().encode(),
        base64.b64encode,
        lambda head: base64.urlsafe_b64encode(head[:8]),
        lambda head: str(int.from_bytes(head[:8], "little")).encode(),
        lambda head: str(int.from_bytes(head[:8], "big")).encode(),
    ],
    ids=["bytes", "8 bytes", "backwards", "hex", "HEX", "base64", "base64 of URLs", "little decimal", "big decimal"],
)
def test_a_hash_without_a_key_is_found_whole_or_cut_to_64_bits(
    target: SimpleNamespace, tmp_path: Path, head: bytes, written: Callable[[bytes], bytes]
) -> None:
    write(tmp_path / "kept", "a.bin", b"before " + written(head) + b" after")
    assert found(target, tmp_path / "kept") == SUBSCRIBER


@pytest.mark.parametrize(
    "data",
    [
        VICTIM.encode(),
        base64.b64encode(VICTIM.encode()),
        int(VICTIM).to_bytes(8, "little"),
        int(VICTIM).to_bytes(8, "big"),
        np.float64(int(VICTIM)).tobytes(),
    ],
    ids=["text", "base64", "number", "number backwards", "double"],
)
def test_an_identifier_as_it_is_is_found(target: SimpleNamespace, tmp_path: Path, data: bytes) -> None:
    write(tmp_path / "kept", "a.bin", data)
    assert found(target, tmp_path / "kept") == SUBSCRIBER


def test_a_holder_is_an_identifier_but_no_subscriber(target: SimpleNamespace, tmp_path: Path) -> None:
    write(tmp_path / "kept", "a.log", HOLDER.encode())
    assert found(target, tmp_path / "kept") == NOTHING | {"identifiers found": 1}


def test_an_identifier_that_nobody_has_is_told_apart(target: SimpleNamespace, tmp_path: Path) -> None:
    write(tmp_path / "kept", "a.log", hashlib.sha256(NEIGHBOUR.encode()).digest())
    assert found(target, tmp_path / "kept") == NOTHING | {"others found": 1}


@pytest.mark.parametrize("order", ["little", "big"])
def test_a_pseudonym_of_a_closed_day_is_found(target: SimpleNamespace, tmp_path: Path, order: str) -> None:
    write(tmp_path / "kept", "a.bin", PSEUDONYM.to_bytes(8, order))
    assert found(target, tmp_path / "kept") == NOTHING | {"pseudonyms found": 1}


def compressed_column(folder: Path) -> None:
    pq.write_table(pa.table({"note": ["a", VICTIM]}), folder / "a.parquet", compression="zstd")


def list_of_numbers(folder: Path) -> None:
    rows = pa.array([[1], [int.from_bytes(HEADS["md5"][:8], "little")]], pa.list_(pa.uint64()))
    pq.write_table(pa.table({"cells": rows}), folder / "a.parquet", compression="zstd")


def metadata(folder: Path) -> None:
    rows = pa.table({"n": [1]}).replace_schema_metadata({"by": VICTIM})
    with pa.ipc.new_file(folder / "a.arrow", rows.schema) as writer:
        writer.write_table(rows)


def filtered_dictionary(folder: Path) -> None:
    column = pa.array(["a", VICTIM]).dictionary_encode().filter(pa.array([True, False]))
    rows = pa.table({"note": column})
    with pa.ipc.new_file(folder / "a.arrow", rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)


def escaped_json(folder: Path) -> None:
    text = "".join(f"\\u{ord(character):04x}" for character in VICTIM)
    (folder / "a.json").write_text(f'{{"deep": [{{"{text}": 1}}]}}')


def line_of_json(folder: Path) -> None:
    text = "".join(f"\\u{ord(character):04x}" for character in VICTIM)
    (folder / "a.jsonl").write_text(json.dumps({"a": 1}) + f'\n["{text}"]\n')


def compressed_lines(folder: Path) -> None:
    with pa.output_stream(str(folder / "a.csv.gz"), compression="gzip") as stream:
        stream.write(f"n,id\n1,{VICTIM}\n".encode())


def file_name(folder: Path) -> None:
    (folder / f"part-{VICTIM}.txt").write_bytes(b"")


@pytest.mark.parametrize(
    "plant",
    [
        compressed_column,
        list_of_numbers,
        metadata,
        filtered_dictionary,
        escaped_json,
        line_of_json,
        compressed_lines,
        file_name,
    ],
)
def test_what_stands_inside_a_file_format_is_found(
    target: SimpleNamespace, tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    (tmp_path / "kept").mkdir()
    plant(tmp_path / "kept")
    assert found(target, tmp_path / "kept") == SUBSCRIBER


def test_noise_damaged_files_and_other_text_hold_nobody(target: SimpleNamespace, tmp_path: Path) -> None:
    write(tmp_path / "kept", "noise.bin", np.random.default_rng(1).bytes(300_000))
    write(tmp_path / "kept", "a.parquet", b"PAR1 no table PAR1")
    write(tmp_path / "kept", "a.json", b'{"broken": [')
    write(tmp_path / "kept", "a.txt", VICTIM[:-1].encode() + b"9")
    assert found(target, tmp_path / "kept") == NOTHING


@pytest.mark.parametrize("data", [VICTIM.encode(), HEADS["md5"][:8], HEADS["md5"].hex().encode()])
@pytest.mark.parametrize("place", [0, 1, (1 << 17) - 8, (1 << 17) - 1, 1 << 17, (1 << 17) + 1, -1])
def test_what_is_sought_is_found_at_every_place_of_a_long_text(
    target: SimpleNamespace, tmp_path: Path, data: bytes, place: int
) -> None:
    size = 300_000
    place %= size - len(data) + 1
    write(tmp_path / "kept", "a.bin", bytes(place) + data + bytes(size - len(data) - place))
    assert found(target, tmp_path / "kept") == SUBSCRIBER


def test_of_texts_that_begin_alike_the_right_ones_are_found() -> None:
    names = pa.array([f"20801{at:010}" for at in range(1000)], pa.binary())
    (sought,) = patterns([(names, np.arange(1000))])
    assert sorted(sought.owners(b"..208010000000123.208010000000999")) == [123, 999]


def test_a_text_that_is_shorter_than_a_word_is_not_sought() -> None:
    sought = patterns([(pa.array([b"1234567", b"12345678"]), np.arange(2))])
    assert [each.owner.tolist() for each in sought] == [[1]]


def test_marks_without_a_key_give_everybody_away(small_target: Target) -> None:
    letters, spools = (
        DICTIONARY.measure(weakness.build(small_target), small_target) for weakness in DICTIONARY.weaknesses
    )
    assert letters.figures["share found"] == 1
    assert letters.figures["others found"] == letters.figures["pseudonyms found"] == 0
    assert spools.figures["pseudonyms found"] == spools.tried["pseudonyms"] > 500
    assert spools.figures["identifiers found"] == 0


@pytest.mark.slow
def test_nobody_is_found_in_what_is_kept_of_a_run(small_target: Target) -> None:
    measured = DICTIONARY.measure(DICTIONARY.subject(small_target), small_target)
    assert Finding(DICTIONARY, measured, ()).beyond(measured) == ()
    assert measured.tried["files"] > 30
