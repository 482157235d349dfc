"""What an operator sees on a terminal, where no log is written."""

import io

from rich.console import Console

from pipelines.follow.display import Display
from pipelines.follow.told import Told


def shown(display: Display, told: Told) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(display.table(told, 1_000.0))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def display() -> Display:
    return Display(Console(file=io.StringIO(), force_terminal=True), "UTC", quiet=False)


def test_the_last_trouble_stays_in_sight() -> None:
    found = display()
    assert "last trouble" not in shown(found, Told())
    found.log("file refused", file="north/7.parquet", reason="expected a Parquet file, got [bold]text")
    found.log("files read", files=1, last="8.parquet", rows=20, late=0)
    text = shown(found, Told(refused=1))
    assert "file refused: north/7.parquet: expected a Parquet file, got [bold]text" in text
    assert "1 files that could not be read" in text
    found.log("inputs refused", reason="no such zones")
    found.log("broker", trouble="all are down")
    text = shown(found, Told(inputs_refused=True))
    assert "broker: all are down" in text
    assert "no such zones" not in text
    assert "the former ones hold" in text


def test_rows_are_shown_as_they_are_told() -> None:
    text = shown(display(), Told(outcomes={"accepted": 1_240, "late": 20}))
    assert "1,260 in all" in text
    assert "accepted 1,240, late 20" in text
