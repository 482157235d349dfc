"""What a user meets whose input, configuration or release directory is not what it should be."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from tests.cli.command import (
    Call,
    Ran,
    assert_refused,
    edit,
    events,
    identifiers,
    replace_events,
    without_test_section,
)

CONFIG = "hexaflux.toml"


@dataclass(frozen=True)
class Case:
    """What is done to a good folder, and what the run says then."""

    spoil: Callable[[Path], object]
    code: int
    words: tuple[str, ...]


def drop(name: str) -> Callable[[Path], object]:
    return lambda folder: replace_events(folder, events(folder).drop_columns([name]))


def as_csv(**options: object) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        table = events(folder)
        for file in (folder / "events").iterdir():
            file.unlink()
        pc.write_csv(table, folder / "events" / "all.csv", pc.WriteOptions(**options))

    return spoil


def unknown_cells(folder: Path) -> None:
    table = events(folder)
    replace_events(folder, table.set_column(2, "cell_id", pa.array(["elsewhere"] * table.num_rows)))


def crossing_zones(folder: Path) -> None:
    content = json.loads((folder / "zones.geojson").read_text())
    first = content["features"][0]
    shifted = json.loads(json.dumps(first))
    shifted["properties"]["zone_id"] = "shifted"
    shifted["geometry"]["coordinates"] = list(moved(shifted["geometry"]["coordinates"]))
    content["features"] = [first, shifted]
    (folder / "zones.geojson").write_text(json.dumps(content))


def moved(places: list[object]) -> Iterator[object]:
    for place in places:
        if isinstance(place, list) and isinstance(place[0], float):
            yield [place[0] + 0.01, *place[1:]]
        elif isinstance(place, list):
            yield list(moved(place))


def cut_in_half(folder: Path) -> None:
    file = max((folder / "events").iterdir(), key=lambda path: path.stat().st_size)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garbled_pages(folder: Path) -> None:
    file = max((folder / "events").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(file.read_bytes())
    content[100:900] = bytes(800)
    file.write_bytes(content)


def only(name: str, content: bytes) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        for file in (folder / "events").iterdir():
            file.unlink()
        (folder / "events" / name).write_bytes(content)

    return spoil


def beside(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def empty_folder(folder: Path) -> None:
    for file in (folder / "events").iterdir():
        file.unlink()


def toml(old: str, new: str) -> Callable[[Path], object]:
    return lambda folder: edit(folder / CONFIG, old, new)


def below_release(line: str) -> Callable[[Path], object]:
    return toml("[release]\n", f"{line}\n[release]\n")


BINARY = bytes(range(256)) * 20
TRUNCATED = "bytes that do not decode"

INPUT = {
    "missing column": Case(drop("cell_id"), 2, ("cell_id", "[input.columns.events]", "their_name")),
    "missing column in a CSV": Case(
        lambda folder: [drop("event_time")(folder), as_csv()(folder)], 2, ("all.csv", "event_time")
    ),
    "a CSV without header": Case(as_csv(include_header=False), 2, ("all.csv", "column names")),
    "unknown cells everywhere": Case(unknown_cells, 2, ("every one is rejected", "unknown cell: 1,000")),
    "crossing zones": Case(crossing_zones, 2, ("242100410", "shifted", 'crossing = "clip"')),
    "truncated Parquet": Case(cut_in_half, 2, ("part-0", TRUNCATED)),
    "garbled Parquet pages": Case(garbled_pages, 2, ("part-0", TRUNCATED)),
    "a binary file named .csv": Case(only("a.csv", BINARY), 2, ("a.csv", "not UTF-8 text")),
    "a binary file named .parquet": Case(only("a.parquet", BINARY), 2, ("a.parquet", TRUNCATED)),
    "a binary file named .csv.gz": Case(only("a.csv.gz", BINARY), 2, ("a.csv.gz", TRUNCATED)),
    "a binary file named .jsonl": Case(only("a.jsonl", BINARY), 2, ("a.jsonl", "not UTF-8 text")),
    "empty folder": Case(empty_folder, 2, ("events", "a folder without any")),
    "no folder": Case(toml('"events"', '"nowhere"'), 2, ("nowhere", "nothing of that name")),
    "0-byte Parquet": Case(beside("events/zero.parquet", b""), 2, ("zero.parquet", "an empty file")),
    "0-byte CSV": Case(beside("events/zero.csv", b""), 2, ("zero.csv", "an empty file")),
    "a file of another kind": Case(beside("events/notes.txt", b"hello"), 2, ("notes.txt", ".parquet")),
    "0-byte cells": Case(beside("cells.csv", b""), 2, ("cells.csv", "an empty file")),
    "no column in the cells": Case(
        beside("cells.csv", b"cell_id,latitude\na,47\n"), 2, ("longitude", "[input.columns.cells]")
    ),
    "zones that are no GeoJSON": Case(beside("zones.geojson", b'{"type"'), 2, ("zones.geojson", "GeoJSON")),
    "a binary register": Case(beside("subscribers.parquet", BINARY), 2, ("subscribers.parquet", TRUNCATED)),
}
CONFIGURATION = {
    "k = 5": Case(below_release("[policy]\nk = 5"), 3, ("[policy] k", "at least 11", "k = 20")),
    "unknown key": Case(toml("directory =", "directoire ="), 2, ("directoire", "did you mean directory?")),
    "unknown section": Case(below_release("[polisy]\nk = 20"), 2, ("polisy", "did you mean policy?")),
    "invalid TOML": Case(toml("[input]", "[input"), 2, (CONFIG, "valid TOML", "line 1")),
    "another encoding": Case(beside(CONFIG, b"# caf\xe9"), 2, (CONFIG, "UTF-8")),
    "a text for a number": Case(below_release('[policy]\nk = "20"'), 2, ("[policy] k", "a whole number", "k = 20")),
    "a number for a path": Case(toml('"events"', "7"), 2, ("[input] events", "a text in quotes")),
    "an impossible value": Case(below_release('[time]\nslot = "7min"'), 2, ("[time] slot", "5, 10, 15")),
    "no time zone": Case(below_release('[area]\ntimezone = "Paris"'), 2, ("Europe/Paris",)),
    "no release": Case(toml('directory = "release"', ""), 2, ("[release] directory", "a value")),
    "the release over its input": Case(toml('"release"', '"."'), 2, ("outside the release",)),
    "a short test key": Case(toml('day_key = "', 'day_key = "0'), 2, ("[test] day_key", "64 hexadecimal digits")),
}


@pytest.mark.parametrize("case", [*INPUT, *CONFIGURATION])
def test_what_cannot_be_published_is_refused_in_two_lines_and_leaves_nothing(
    hexaflux: Call, folder: Path, case: str
) -> None:
    known = identifiers(folder)
    wanted = (INPUT | CONFIGURATION)[case]
    wanted.spoil(folder)
    before = files(folder)
    ran = hexaflux("run", folder / CONFIG)
    assert_refused(ran, wanted.code, *wanted.words)
    assert [name for name in known if name in ran.err] == []
    assert files(folder) == before


@pytest.mark.parametrize("case", ["missing column", "unknown cells everywhere", "truncated Parquet", "k = 5"])
def test_an_empty_release_folder_stays_empty(hexaflux: Call, folder: Path, case: str) -> None:
    (folder / "release").mkdir()
    wanted = (INPUT | CONFIGURATION)[case]
    wanted.spoil(folder)
    before = files(folder)
    assert_refused(hexaflux("run", folder / CONFIG), wanted.code)
    assert files(folder) == before


def test_what_was_refused_can_be_mended_and_run(hexaflux: Call, folder: Path) -> None:
    table = events(folder)
    drop("cell_id")(folder)
    assert_refused(hexaflux("run", folder / CONFIG), 2)
    replace_events(folder, table)
    assert hexaflux("run", folder / CONFIG).code == 0
    assert hexaflux("audit", folder / "release", "--allow-test").code == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere.toml", ("nowhere.toml", "found nothing", "a TOML file")),
        ("events", ("events", "found a folder")),
    ],
)
def test_a_configuration_that_is_not_there_is_bad_usage(
    hexaflux: Call, folder: Path, name: str, words: tuple[str, ...]
) -> None:
    assert_refused(hexaflux("run", folder / name), 2, *words)


def test_a_release_directory_with_foreign_files_is_left_alone(hexaflux: Call, folder: Path) -> None:
    (folder / "release").mkdir()
    (folder / "release" / "thesis.odt").write_bytes(b"years of work")
    before = files(folder)
    assert_refused(hexaflux("run", folder / CONFIG), 2, "release", "other files")
    assert files(folder) == before


def test_a_file_in_the_place_of_the_release_is_left_alone(hexaflux: Call, folder: Path) -> None:
    (folder / "release").write_bytes(b"years of work")
    before = files(folder)
    assert_refused(hexaflux("run", folder / CONFIG), 2, "release", "a file")
    assert files(folder) == before


def test_a_release_without_its_working_directory_is_final(hexaflux: Call, folder: Path) -> None:
    assert hexaflux("run", folder / CONFIG).code == 0
    (folder / "release.work").rename(folder / "elsewhere")
    before = files(folder)
    assert_refused(hexaflux("run", folder / CONFIG), 3, "a release stands there", "final")
    assert files(folder) == before


def test_a_day_is_published_once(hexaflux: Call, folder: Path) -> None:
    without_test_section(folder)
    assert hexaflux("run", folder / CONFIG).code == 0
    before = files(folder)
    ran = hexaflux("run", folder / CONFIG, "--release", folder / "second")
    assert_refused(ran, 3, "privacy day 2026-06-10", "already published", "continue the first release")
    assert files(folder) == before
    assert hexaflux("run", folder / CONFIG).code == 0


def test_another_policy_changes_nothing_that_is_published(hexaflux: Call, folder: Path) -> None:
    assert hexaflux("run", folder / CONFIG).code == 0
    before = files(folder)
    below_release("[policy]\nk = 30")(folder)
    ran = hexaflux("run", folder / CONFIG)
    assert ran.code == 0
    assert "policy changed: it holds for privacy days to come" in ran.err
    edit(folder / CONFIG, "[policy]\nk = 30\n", "")
    assert files(folder) == before


def test_a_damaged_register_of_publications_refuses_all(hexaflux: Call, folder: Path) -> None:
    without_test_section(folder)
    beside("publications.jsonl", b"not a publication\n{}\n")(folder)
    before = files(folder)
    assert_refused(hexaflux("run", folder / CONFIG), 3, "publications.jsonl, line 1", "restore the register")
    assert files(folder) == before


def test_the_release_of_the_command_line_is_checked_as_that_of_the_configuration(hexaflux: Call, folder: Path) -> None:
    toml("[release]\n", '[release]\nsigning_key = "out/key.pem"\n')(folder)
    ran = hexaflux("run", folder / CONFIG, "--release", folder / "out")
    assert_refused(ran, 2, "[release] signing_key", "outside the release")
    assert not (folder / "out").exists()


def test_no_row_at_all_is_no_error_and_says_that_nothing_was_published(hexaflux: Call, folder: Path) -> None:
    replace_events(folder, events(folder).slice(0, 0))
    ran = hexaflux("run", folder / CONFIG)
    assert ran.code == 0
    assert "Rows in 0 = accepted 0" in ran.out
    assert "Nothing was published" in ran.out
    assert "Verify" not in ran.out
    assert not (folder / "release").exists()


def test_events_of_people_who_all_opted_out_are_no_error(hexaflux: Call, folder: Path) -> None:
    everyone = pa.array(sorted(identifiers(folder)))
    register = pa.table({"subscriber_id": everyone, "opted_out": pa.array([True] * len(everyone))})
    pq.write_table(register, folder / "subscribers.parquet")
    ran = hexaflux("run", folder / CONFIG)
    assert ran.code == 0
    assert "opted out: 1,000" in ran.out
    # Not even the number of a row of somebody who opted out is kept.
    assert list((folder / "release.work").rglob("*.parquet")) == []


@pytest.mark.parametrize("case", ["a CSV without header", "unknown key"])
def test_a_process_of_its_own_says_the_same(folder: Path, case: str) -> None:
    known = identifiers(folder)
    wanted = (INPUT | CONFIGURATION)[case]
    wanted.spoil(folder)
    before = files(folder)
    command = [str(Path(sys.executable).with_name("hexaflux")), "run", CONFIG]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert_refused(Ran(done.returncode, done.stdout, done.stderr), wanted.code, *wanted.words)
    assert [name for name in known if name in done.stderr] == []
    assert files(folder) == before


def files(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below a folder, with its content."""
    paths = [Path(root) / name for root, folders, names in os.walk(folder) for name in (*folders, *names)]
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}
