"""Outages that a technical service has confirmed: what the file may say, and which published parts they touch."""

import json
from datetime import UTC, datetime
from pathlib import Path

import h3.api.numpy_int as h3
import pyarrow as pa
import pytest

from anonymization.degraded import Degraded
from pipelines.quality.confirmed import touched, with_confirmed
from pipelines.quality.outages import LASTS, LONGEST_ID, NAME, Outage, read_outages, write_outages
from schemas.errors import InputError

SECOND, MINUTE = 1_000_000, 60_000_000
NOON = int(datetime(2026, 6, 12, 12, tzinfo=UTC).timestamp()) * SECOND
QUARTER = 15 * MINUTE
PLACE, OTHER = (47.32, 5.04), (47.40, 5.10)


def outage(start: int = 0, end: int = QUARTER, place: tuple[float, float] = PLACE, name: str = "17") -> Outage:
    """An outage from an instant after noon to another."""
    return Outage(NOON + start, end if end == LASTS else NOON + end, name, *place)


# The file


def test_what_is_written_reads_as_it_was_in_the_order_of_time(tmp_path: Path) -> None:
    given = (outage(MINUTE, LASTS, name="é"), outage(0, MINUTE), outage(0, MINUTE, OTHER))
    write_outages(tmp_path, given)
    assert read_outages(tmp_path) == tuple(sorted(given))
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o640
    write_outages(tmp_path, ())
    assert read_outages(tmp_path) == ()


def test_nothing_is_written_where_it_stands_already(tmp_path: Path) -> None:
    write_outages(tmp_path, ())
    assert list(tmp_path.iterdir()) == []
    write_outages(tmp_path, [outage()])
    before = (tmp_path / NAME).stat().st_ino
    write_outages(tmp_path, [outage()])
    assert (tmp_path / NAME).stat().st_ino == before


def test_no_folder_is_made_for_outages(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_outages(tmp_path / "release.faults", [outage()])
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_file_there_is_no_outage(tmp_path: Path) -> None:
    assert read_outages(tmp_path / "nowhere") == ()


LINE = {"id": "17", "latitude": 47.32, "longitude": 5, "from": "2026-06-12T12:00:00Z", "to": "2026-06-12T12:15:00Z"}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        json.dumps({**LINE, "by": "somebody"}),
        json.dumps({key: value for key, value in LINE.items() if key != "to"}),
        *(json.dumps({**LINE, "id": value}) for value in (17, "", "x" * (LONGEST_ID + 1))),
        *(json.dumps({**LINE, "latitude": value}) for value in (90.1, "47", None, True, float("nan"))),
        *(json.dumps({**LINE, "longitude": value}) for value in (180.1, float("inf"))),
        *(json.dumps({**LINE, "from": value}) for value in (None, "2026-06-12T12:00:00", "2026-13-12T12:00:00Z", 5)),
        *(json.dumps({**LINE, "to": value}) for value in ("2026-06-12T12:00:00Z", "2026-06-12T11:59:59Z", "")),
    ],
)
def test_any_other_line_is_refused_and_named_without_what_it_says(line: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(f"{json.dumps(LINE)}\n\n{line}\n")
    with pytest.raises(InputError, match="line 3") as refused:
        read_outages(tmp_path)
    assert "somebody" not in refused.value.told()


def test_an_outage_that_would_not_be_read_is_not_written(tmp_path: Path) -> None:
    write_outages(tmp_path, [outage()])
    with pytest.raises(InputError):
        write_outages(tmp_path, [outage(MINUTE, 0)])
    assert read_outages(tmp_path) == (outage(),)


# What they touch


def rows(*cells: list[int], start: int = NOON, length: int = QUARTER) -> pa.Table:
    """Parts of a window, A, B and so on."""
    instant = pa.timestamp("us", "UTC")
    return pa.table(
        {
            "window_start": pa.array([start] * len(cells)).view(instant),
            "window_end": pa.array([start + length] * len(cells)).view(instant),
            "zone_id": [chr(65 + at) for at in range(len(cells))],
            "cells": pa.array(cells, pa.list_(pa.uint64())),
        }
    )


def hexagon(place: tuple[float, float], resolution: int = 9) -> int:
    return int(h3.latlng_to_cell(*place, resolution))


BOTH = rows([hexagon(PLACE)], [hexagon(OTHER)])


@pytest.mark.parametrize(
    ("start", "end", "is_touched"),
    [
        (-MINUTE, 89 * SECOND, False),
        (-MINUTE, 90 * SECOND, True),
        (0, 91 * SECOND, True),
        (QUARTER - 89 * SECOND, LASTS, False),
        (QUARTER - 90 * SECOND, LASTS, True),
        (QUARTER, LASTS, False),
        (-QUARTER, 0, False),
    ],
)
def test_an_outage_of_a_tenth_of_a_window_touches_the_part_that_holds_its_place(
    start: int, end: int, is_touched: bool
) -> None:
    found = touched(BOTH, NOON, NOON + QUARTER, [outage(start, end)], 9)
    assert found.tolist() == [is_touched, False]


def test_a_part_holds_a_place_in_any_of_its_cells_of_any_resolution() -> None:
    parts = rows([hexagon(OTHER), hexagon(PLACE, 7)], [hexagon(OTHER, 6)], [hexagon((48.0, 6.0), 5)])
    assert touched(parts, NOON, NOON + QUARTER, [outage()], 9).tolist() == [True, False, False]
    assert touched(parts, NOON, NOON + QUARTER, [outage(), outage(place=OTHER)], 9).tolist() == [True, True, False]


def test_confirmed_flags_join_those_of_silent_cells_in_the_order_of_the_rows() -> None:
    named = [("A", f"{hexagon(PLACE):x}"), ("B", f"{hexagon(OTHER):x}")]
    silent, earlier = Degraded("presence", NOON, (named[1],)), Degraded("presence", NOON - QUARTER, (named[0],))
    day = rows([hexagon(PLACE)], start=NOON - 12 * 60 * MINUTE, length=24 * 60 * MINUTE)
    tables = {"presence": BOTH, "dwell": BOTH, "attendance": day}
    found = with_confirmed((earlier, silent), tables, [outage()], 9)
    assert found == (earlier, Degraded("presence", NOON, tuple(named)))
    found = with_confirmed((), tables, [outage(0, 144 * MINUTE)], 9)
    assert [(flag.indicator, flag.parts) for flag in found] == [("presence", (named[0],)), ("attendance", (named[0],))]


def test_without_an_outage_flags_stay_as_they_are() -> None:
    flags = (Degraded("presence", NOON, (("B", "8"),)),)
    assert with_confirmed(flags, {"presence": BOTH}, (), 9) == flags
