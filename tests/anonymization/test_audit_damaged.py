import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.entries import Json, canonical_json
from anonymization.report import to_text
from anonymization.signing import public_pem, sign
from tests.anonymization import releases as r
from tests.anonymization.releases import draft, failed, message, publish


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("sound") / "release", draft())


ENTRY_1, ENTRY_2 = "manifest/chain/000001.json", "manifest/chain/000002.json"
FIRST_FILE = "presence/date=2026-06-20/part-0.parquet"
SECOND_FILE = "presence/date=2026-06-21/part-0.parquet"


def truncate(path: str) -> Callable[[Path], object]:
    return lambda release: (release / path).write_bytes((release / path).read_bytes()[:-7])


def write(path: str, data: bytes) -> Callable[[Path], object]:
    return lambda release: (release / path).write_bytes(data)


def remove(path: str) -> Callable[[Path], object]:
    return lambda release: (release / path).unlink()


def copy(source: str, target: str) -> Callable[[Path], object]:
    return lambda release: (release / target).write_bytes((release / source).read_bytes())


def swap(one: str, other: str) -> Callable[[Path], None]:
    def swapped(release: Path) -> None:
        first, second = (release / one).read_bytes(), (release / other).read_bytes()
        (release / one).write_bytes(second)
        (release / other).write_bytes(first)

    return swapped


def link(path: str) -> Callable[[Path], None]:
    def linked(release: Path) -> None:
        (release / path).rename(release.parent / "elsewhere")
        (release / path).symlink_to(release.parent / "elsewhere")

    return linked


def edit(path: str, change: Callable[[dict[str, Json]], dict[str, Json]]) -> Callable[[Path], object]:
    return lambda release: (release / path).write_bytes(
        canonical_json(change(json.loads((release / path).read_bytes())))
    )


def signed_by_another(entry: dict[str, Json]) -> dict[str, Json]:
    body = {name: value for name, value in entry.items() if name != "signature"}
    return body | {"signature": sign(r.OTHER_KEY, canonical_json(body))}


DAMAGED: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "a file is missing": ("structure", FIRST_FILE, remove(FIRST_FILE)),
    "a file is added": (
        "structure",
        "presence/date=2026-06-20/part-1.parquet",
        copy(FIRST_FILE, "presence/date=2026-06-20/part-1.parquet"),
    ),
    "a hidden file is added": ("structure", "presence/.part-0.parquet", write("presence/.part-0.parquet", b"")),
    "a temporary file is left": (
        "structure",
        "manifest/chain/.000001.json.x.tmp",
        write("manifest/chain/.000001.json.x.tmp", b"{}"),
    ),
    "a folder is added": ("structure", "state", lambda release: (release / "state").mkdir()),
    "files of two days are swapped": ("structure", FIRST_FILE, swap(FIRST_FILE, SECOND_FILE)),
    "a file is truncated": ("structure", FIRST_FILE, truncate(FIRST_FILE)),
    "a file is a link": ("structure", FIRST_FILE, link(FIRST_FILE)),
    "a folder is a link": ("structure", "presence", link("presence")),
    "a pipe stands among the files": (
        "structure",
        "presence/pipe",
        lambda release: os.mkfifo(release / "presence/pipe"),
    ),
    "the public key is missing": ("structure", "manifest/public.pem", remove("manifest/public.pem")),
    "the zones are missing": ("zones", "manifest/zones.geojson", remove("manifest/zones.geojson")),
    "a statement is changed": ("structure", "manifest/statement.fr.md", write("manifest/statement.fr.md", b"Rien.\n")),
    "a statement is missing": ("structure", "manifest/statement.en.md", remove("manifest/statement.en.md")),
    "the last entry is truncated": ("chain", "000004.json", truncate("manifest/chain/000004.json")),
    "an entry is truncated": ("chain", "000001.json", truncate(ENTRY_1)),
    "an entry is garbage": ("chain", "000001.json", write(ENTRY_1, b"\xff\x00 nothing")),
    "an entry is a list": ("chain", "000001.json", write(ENTRY_1, b"[]\n")),
    "an entry is an empty object": ("chain", "000001.json", write(ENTRY_1, b"{}\n")),
    "an entry holds no number": ("chain", "000001.json", write(ENTRY_1, b'{"sequence":NaN}\n')),
    "an entry holds half a character": ("chain", "000001.json", write(ENTRY_1, b'{"kind":"\\ud800"}\n')),
    "an entry is nested too deep": ("chain", "000001.json", write(ENTRY_1, b'{"a":' + b"[" * 200_000)),
    "an entry holds a huge number": ("chain", "000001.json", write(ENTRY_1, b'{"a":' + b"9" * 10_000 + b"}\n")),
    "an entry holds a number of more than 64 bits": (
        "chain",
        "000001.json",
        lambda p: (p / ENTRY_1).write_bytes(
            (p / ENTRY_1).read_bytes().replace(b'"sequence":1', b'"sequence":%d' % 2**64)
        ),
    ),
    "an entry is not canonical": (
        "chain",
        "000001.json",
        lambda p: (p / ENTRY_1).write_bytes((p / ENTRY_1).read_bytes() + b"\n"),
    ),
    "the first entry is removed": ("chain", "000002.json", remove(ENTRY_1)),
    "an entry in the middle is removed": ("chain", "000003.json", remove(ENTRY_2)),
    "all entries are removed": (
        "chain",
        "manifest/head.json",
        lambda p: [path.unlink() for path in (p / "manifest/chain").iterdir()],
    ),
    "entries are reordered": ("chain", "000001.json", swap(ENTRY_1, ENTRY_2)),
    "an entry is repeated": ("chain", "000005.json", copy(ENTRY_1, "manifest/chain/000005.json")),
    "an entry has another number": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"sequence": 7})),
    "an entry is signed by another": ("chain", "000001.json", edit(ENTRY_1, signed_by_another)),
    "an entry is of an unknown kind": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"kind": "correction"})),
    "an entry says more": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"late": 3})),
    "a signature is no text": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"signature": 5})),
    "a signature is no base64": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"signature": "é"})),
    "files are no object": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"files": [1]})),
    "a listed file has no record": (
        "structure",
        FIRST_FILE,
        edit(ENTRY_1, lambda e: e | {"files": {FIRST_FILE: None}}),
    ),
    "a listed file is outside": (
        "structure",
        "../x",
        edit(ENTRY_1, lambda e: e | {"files": {"../x": {"sha256": "", "rows": 0}}}),
    ),
    "a privacy day is no date": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"privacy_day": "20260620"})),
    "the last privacy day of all": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"privacy_day": "9999-12-31"})),
    "a key is no object": ("keys", "000001.json", edit(ENTRY_1, lambda e: e | {"key": None})),
    "flags are a number": ("chain", "000001.json", edit(ENTRY_1, lambda e: e | {"flags": 3})),
    "the public key is garbage": ("chain", "manifest/public.pem", write("manifest/public.pem", b"nothing")),
    "the public key is another": (
        "chain",
        "manifest/public.pem",
        write("manifest/public.pem", public_pem(r.OTHER_KEY)),
    ),
    "the public key says more": (
        "chain",
        "manifest/public.pem",
        write("manifest/public.pem", public_pem(r.KEY) + b"more\n"),
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_fails_its_check(case: str, sound: Path, tmp_path: Path) -> None:
    name, named, damage = DAMAGED[case]
    release = shutil.copytree(sound, tmp_path / "release")
    damage(release)
    report = audit(release)
    assert name in failed(report), to_text(report)
    assert named in message(report, name)
    assert not report.verdict
    assert "could not be looked at" not in to_text(report)


def test_a_changed_byte_in_any_file_fails(sound: Path, tmp_path: Path) -> None:
    release = shutil.copytree(sound, tmp_path / "release")
    for path in sorted(path for path in release.rglob("*") if path.is_file()):
        data = path.read_bytes()
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
        report = audit(release)
        assert not report.verdict, path
        assert path.name in to_text(report), path
        path.write_bytes(data)
    assert audit(release).verdict
