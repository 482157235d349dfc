"""The command line as a test meets it: an input folder to spoil, a call in this process, what every error owes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import inputs
from pipelines.cli import main
from tests.oracle.generate import Generated, generate

DAY = date(2026, 6, 10)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote to its two streams."""

    code: int
    out: str
    err: str


Call = Callable[..., Ran]


def good_input(folder: Path) -> Generated:
    """One privacy day of 120 devices, enough for something to be published."""
    return generate(folder, devices=80, events=1000, days=1, start=DAY, seed=1, style="dense", cells=40)


def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *arguments: object) -> Ran:
    """Run a command in this process; what C libraries write is captured too."""
    # A process of its own would read its small inputs anew.
    monkeypatch.setattr(inputs, "_READ", {})
    monkeypatch.setattr(sys, "argv", ["hexaflux", *map(str, arguments)])
    capfd.readouterr()
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capfd.readouterr()
    return Ran(int(stop.value.code or 0), out, err)


def assert_refused(ran: Ran, code: int, *words: str) -> None:
    """One `Error:` line, one `Hint:` line, nothing else anywhere, and the words that a user needs."""
    assert ran.code == code, ran
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Error", "Hint"], ran.err
    assert all(len(line) > len("Error: ") + 5 for line in lines)
    assert "Traceback" not in ran.err
    assert "while running" not in ran.err
    missing = [word for word in words if word not in ran.err]
    assert missing == [], ran.err


def identifiers(folder: Path) -> set[str]:
    """Every subscriber of the register and of the events."""
    files = [folder / "subscribers.parquet", *sorted((folder / "events").glob("*.parquet"))]
    columns = [pq.read_table(file, columns=["subscriber_id"])["subscriber_id"] for file in files]
    return {text for column in columns for text in column.to_pylist() if text}


def events(folder: Path) -> pa.Table:
    """All rows of the events folder."""
    return pa.concat_tables([pq.read_table(file) for file in sorted((folder / "events").iterdir())])


def replace_events(folder: Path, table: pa.Table) -> None:
    """Put one Parquet file in the place of the events."""
    for file in (folder / "events").iterdir():
        file.unlink()
    pq.write_table(table, folder / "events" / "all.parquet")


def edit(file: Path, old: str, new: str) -> None:
    """Change a text file."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def without_census(folder: Path) -> None:
    """Make a configuration in which one factor stands for all devices, of which a run warns."""
    edit(folder / "hexaflux.toml", 'population = "population.csv"\n', "")


def without_test_section(folder: Path) -> None:
    """Make a configuration whose release is entered in the register of publications."""
    config = folder / "hexaflux.toml"
    config.write_text(config.read_text(encoding="utf-8").partition("[test]")[0], encoding="utf-8")
