"""The manifest of a real run holds no exact count: every number in it is a term, a printed one or a rounded one."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anonymization.entries import PARTIAL_DAY, Body, Json
from pipelines.cli import main
from tests.oracle.generate import generate

TERMS = {"policy", "time", "estimation", "schema", "sequence"}
"""Terms of publication and numbers of the chain itself."""
PRINTED = {"files", "indicators", "key_log", "widths"}
"""What anybody counts in the printed rows, in the log of the keys, or works out of them."""


def run(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["hexaflux", "run", str(folder / "hexaflux.toml"), "--quiet"])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 0
    return folder / "release"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    generate(folder, devices=900, events=20_000, days=1, start=date(2026, 6, 20), seed=8, style="mixed")
    return run(folder)


def entries(release: Path) -> list[Body]:
    return [json.loads(path.read_bytes()) for path in sorted((release / "manifest/chain").iterdir())]


def numbers(value: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int | float]]:
    """Every number in a value, with the names on the way to it."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield path, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from numbers(each, (*path, name))
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each, path)


def test_every_number_of_the_manifest_is_a_term_or_printed_or_has_two_digits(release: Path) -> None:
    found = [number for entry in entries(release) for number in numbers(entry)]
    assert len(found) > 100
    for path, value in found:
        if path[0] in TERMS | PRINTED:
            continue
        assert path[0] == "input", path
        assert value >= 100, path
        assert len(str(value).rstrip("0")) <= 2, path


def test_the_totals_of_the_manifest_are_those_of_the_printed_rows(release: Path) -> None:
    entry = entries(release)[0]
    for name, totals in entry["indicators"].items():
        rows = pq.read_table(release / name)
        assert totals["rows"] == rows.num_rows
        assert totals["smallest"] == min(rows["devices"].to_pylist()) >= 20
        assert totals["rows_pooling_zones"] == sum("|" in zone for zone in rows["zone_id"].to_pylist())
        assert totals["windows"] == len(set(rows["window_start"].to_pylist()))


def test_files_of_the_input_are_told_by_digests_that_are_no_hash_of_them(release: Path) -> None:
    told = entries(release)[0]["input"]["files"]
    contents = [path.read_bytes() for path in (release.parent / "events").iterdir()]
    assert len(told) == len(contents) >= 1
    assert told == sorted(told)
    for content in contents:
        for name in ("sha256", "blake2b", "sha512", "md5"):
            once = hashlib.new(name, content).digest()
            hashes = {once.hex(), hashlib.sha256(once).hexdigest(), hashlib.blake2b(once, digest_size=32).hexdigest()}
            assert hashes.isdisjoint(told)


def test_a_partial_day_is_flagged_without_its_hours(tmp_path: Path) -> None:
    generate(tmp_path, devices=900, events=20_000, days=1, start=date(2026, 6, 20), seed=8, style="mixed")
    for path in (tmp_path / "events").iterdir():
        table = pq.read_table(path)
        hour = pc.hour(table["event_time"])
        pq.write_table(table.filter(pc.and_(pc.greater(hour, 9), pc.less(hour, 17))), path)
    text = "".join(path.read_text() for path in (run(tmp_path) / "manifest/chain").iterdir())
    flags = entries(tmp_path / "release")[0]["flags"]
    assert PARTIAL_DAY in flags
    assert not any(re.search(r"\d\d:\d\d", str(flag)) for flag in flags)
    assert "events only from" not in text
