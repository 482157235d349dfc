"""Sound releases as bytes by path, and what can happen to their bytes and files without the key of the operator."""

import json
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from hypothesis import strategies as st

from pipelines.cli import main
from tests.anonymization import releases as r
from tests.oracle.generate import generate
from tests.privacy.odd import edited, paths, raw_texts, with_raw

Files = dict[str, bytes]
"""A release: the bytes of each file by its path, with `/`."""

MONDAY: Final = date(2026, 6, 22)
PUBLIC: Final = "manifest/public.pem"
ODD_NAMES: Final = (
    "a\nb",
    "\x1b[31m",
    "\u202egpj",
    "é",
    "part-1.parquet",
    ".hidden",
    "000009.json",
    "x" * 200,
    "'\"<b>",
)


@cache
def made(name: str) -> Files:
    """A sound release: `two`, `three` days, `older` (the first two of the three), `other` numbers, `whole`, `run`."""
    folder = Path(tempfile.mkdtemp())
    try:
        return read(_run(folder) if name == "run" else r.publish(folder / "release", _content(name)))
    finally:
        shutil.rmtree(folder)


def _content(name: str) -> r.Draft:
    content = r.whole_draft() if name == "whole" else r.draft()
    if name == "three":
        monday = {each: r.table(each, rows, MONDAY) for each, rows in r.ROWS.items()}
        return replace(content, tables={**content.tables, MONDAY: monday}, key_ids=("0a", "0b", "0c"))
    return replace(content, key_ids=("0d", "0e")) if name == "other" else content


def _run(folder: Path) -> Path:
    """The release of a real run."""
    generate(folder, devices=900, events=20_000, days=2, start=r.SATURDAY, seed=8, style="mixed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["hexaflux", "run", str(folder / "hexaflux.toml"), "--quiet"])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    return folder / "release"


def read(release: Path) -> Files:
    """The files of a folder."""
    found = sorted(path for path in release.rglob("*") if path.is_file())
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in found}


def write(release: Path, files: Files) -> Path:
    """Make a folder hold these files and no others; what stands so already is left."""
    release.mkdir(parents=True, exist_ok=True)
    standing = read(release)
    for path in standing.keys() - files.keys():
        (release / path).unlink()
    for path in sorted(release.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for path, data in files.items():
        if standing.get(path) != data:
            (release / path).parent.mkdir(parents=True, exist_ok=True)
            (release / path).write_bytes(data)
    return release


@dataclass(frozen=True, repr=False)
class Damage:
    """A release before and after something happened to it."""

    before: Files
    after: Files

    @property
    def paths(self) -> list[str]:
        """Where the two differ."""
        both = self.before.keys() | self.after.keys()
        return sorted(path for path in both if self.before.get(path) != self.after.get(path))

    def __repr__(self) -> str:
        return "; ".join(f"{path!r}: {_difference(self.before.get(path), self.after.get(path))}" for path in self.paths)


def _difference(before: bytes | None, after: bytes | None) -> str:
    """What differs, from the first byte that does."""
    if before is None or after is None:
        return "added" if before is None else "removed"
    at = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    begin = max(at - 40, 0)
    return f"at {at} of {len(before)} bytes {before[begin : at + 40]!r} became {after[begin : at + 80]!r}"


@st.composite
def bytes_damaged(draw: st.DrawFn, files: Files) -> Files:
    """One file with bytes changed, cut off, put in, taken out or repeated, at any place."""
    path = draw(st.sampled_from(sorted(files)))
    data = files[path]
    at = draw(st.integers(0, max(len(data) - 1, 0)))
    end = min(at + draw(st.integers(1, 64)), len(data))
    kind = draw(st.sampled_from(["flip", "cut", "insert", "remove", "repeat", "zeros", "append"]))
    changed = {
        "flip": lambda: data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1 :] if data else b"",
        "cut": lambda: data[:at],
        "insert": lambda: data[:at] + draw(st.binary(min_size=1, max_size=16)) + data[at:],
        "remove": lambda: data[:at] + data[end:],
        "repeat": lambda: data[:end] + data[at:],
        "zeros": lambda: data[:at] + bytes(end - at) + data[end:],
        "append": lambda: data + draw(st.binary(min_size=1, max_size=16)),
    }[kind]()
    return {**files, path: changed}


@st.composite
def files_damaged(draw: st.DrawFn, files: Files) -> Files:
    """Files exchanged, copied over others, removed, renamed or added, one or several times."""
    for _ in range(draw(st.integers(1, 3))):
        if not files:
            return files
        one, other = draw(st.sampled_from(sorted(files))), draw(st.sampled_from(sorted(files)))
        kind = draw(st.sampled_from(["exchange", "copy", "remove", "rename", "add", "empty"]))
        beside = f"{one.rpartition('/')[0]}/{draw(st.sampled_from(ODD_NAMES))}"
        if kind == "exchange":
            files = {**files, one: files[other], other: files[one]}
        elif kind == "copy":
            files = {**files, one: files[other]}
        elif kind == "add":
            files = {**files, beside: files[other]}
        elif kind == "empty":
            files = {**files, one: b""}
        else:
            rest = {path: data for path, data in files.items() if path != one}
            files = rest if kind == "remove" else {**rest, beside: files[one]}
    return files


@st.composite
def lines_damaged(draw: st.DrawFn, files: Files) -> Files:
    """Lines of the log of the keys, of a statement or of the register repeated, removed, moved or torn."""
    texts = [path for path in sorted(files) if path.endswith((".jsonl", ".md", "policy.json"))]
    path = draw(st.sampled_from(texts))
    lines = files[path].splitlines(keepends=True)
    at, to = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    kind = draw(st.sampled_from(["repeat", "remove", "move", "reverse", "tear", "end"]))
    rest = [*lines[:at], *lines[at + 1 :]]
    changed = {
        "repeat": [*lines[:to], lines[at], *lines[to:]],
        "remove": rest,
        "move": [*rest[:to], lines[at], *rest[to:]],
        "reverse": lines[::-1],
        "tear": [*lines[:at], lines[at][: len(lines[at]) // 2]],
        "end": lines[:at],
    }[kind]
    return {**files, path: b"".join(changed)}


@st.composite
def json_damaged(draw: st.DrawFn, files: Files) -> Files:
    """One value anywhere in an entry, the head, the register, the log of the keys or the zones replaced, not signed."""
    texts = [path for path in sorted(files) if path.endswith(("json", "jsonl"))]
    path = draw(st.sampled_from(texts))
    lines = files[path].splitlines(keepends=True) if path.endswith(".jsonl") else [files[path]]
    at = draw(st.integers(0, len(lines) - 1))
    value = json.loads(lines[at])
    if draw(st.booleans()):
        way = draw(st.sampled_from(paths(value)))
        spaced = path.endswith(".geojson")
        new = with_raw(value, way, draw(raw_texts), (", ", ": ") if spaced else (",", ":"))
    else:
        _, changed = draw(edited(value))
        new = with_raw(
            changed, (), json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        )
    return {**files, path: b"".join([*lines[:at], new, *lines[at + 1 :]])}


@st.composite
def replayed(draw: st.DrawFn, files: Files, older: Files) -> Files:
    """Some files, or all of the manifest, put back to what they were when the release had fewer days."""
    same = sorted(older.keys() & files.keys())
    changed = [path for path in same if older[path] != files[path]]
    kind = draw(st.sampled_from(["manifest", "one", "some", "chain", "head"]))
    back = {
        "manifest": [path for path in older if path.startswith("manifest/")],
        "one": [draw(st.sampled_from(changed))],
        "some": draw(st.lists(st.sampled_from(changed), min_size=1, unique=True)),
        "chain": [path for path in older if path.startswith("manifest/chain/")],
        "head": ["manifest/head.json", "manifest/key_log.jsonl"],
    }[kind]
    kept = files
    if kind in ("manifest", "chain"):
        # The entries of the younger days go with what put the chain back.
        kept = {path: data for path, data in files.items() if not path.startswith("manifest/chain/")}
    return {**kept, **{path: older[path] for path in back}}


def damaged(files: Files) -> st.SearchStrategy[Files]:
    """Any damage that needs no key."""
    return st.one_of(
        bytes_damaged(files), files_damaged(files), lines_damaged(files), json_damaged(files), json_damaged(files)
    )
