"""The report on how well a day was heard: for the operator, in the working directory, and nowhere else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from anonymization.atomic import leftovers, make_directory, write_bytes
from anonymization.degraded import Degraded
from anonymization.entries import Body, Json
from pipelines.arrays import Bools, Ints
from pipelines.instants import iso_utc
from pipelines.quality.history import PER_HOUR
from pipelines.quality.silence import Silences
from pipelines.state import Accounting, Partition

KEPT_DAYS: Final = 90
"""Reports of so many days are kept: a quarter, to see which masts fail again (the project's own)."""

_MINUTE: Final = 60_000_000
_HOUR: Final = 60 * _MINUTE


@dataclass(frozen=True)
class Heard:
    """A day as it was heard: `events` int64[cells, bins], `on_air` bool[cells, bins], `edges` int64[bins + 1].

    `taken`: events of the day with duplicates; `rows`: where all rows went since the release was begun, for what is
    rejected or late is not told apart by day; `partitions`: how far each part of the delivery had come. `confirmed`:
    how many outages of the day are confirmed, for which rows are flagged too.
    """

    day: date
    edges: Ints
    events: Ints
    on_air: Bools
    taken: int
    rows: Accounting
    partitions: Mapping[str, Partition]
    confirmed: int = 0


def quality(heard: Heard, silences: Silences, cell_id: list[str], degraded: Iterable[Degraded]) -> Body:
    """The report as JSON: times in UTC, silences beyond the history of their cells, longest first.

    It outlives the day, and what ends a silence may be one device: all times are to the hour, outwards.
    """
    accepted, on_air = int(heard.events.sum()), heard.on_air.any(axis=1)
    spoke = heard.events.any(axis=1)
    hours = np.add.reduceat(heard.events.sum(axis=0), np.arange(0, heard.edges.size - 1, PER_HOUR))
    first, last = silences.first // PER_HOUR * PER_HOUR, -(-silences.last // PER_HOUR) * PER_HOUR
    begin, end = heard.edges[first], heard.edges[np.minimum(last, heard.edges.size - 1)]
    length = (end - begin) // _MINUTE
    flagged: dict[str, int] = {}
    for flag in degraded:
        flagged[flag.indicator] = flagged.get(flag.indicator, 0) + len(flag.parts)
    return {
        "privacy_day": heard.day.isoformat(),
        "events": {"accepted": accepted, "duplicates": heard.taken - accepted},
        "rows_since_the_release_was_begun": _rows(heard.rows),
        "cells": {"on_air": int(on_air.sum()), "heard": int(spoke.sum()), "never_heard": int((on_air & ~spoke).sum())},
        "hours_without_events": [iso_utc(heard.edges[hour * PER_HOUR]) for hour in np.flatnonzero(hours == 0).tolist()],
        "partitions_behind": _behind(heard),
        "longest_silence_minutes": int(length.max(initial=0)),
        "silences": [
            {
                "cell_id": cell_id[silences.cell[at]],
                "from": iso_utc(begin[at]),
                "to": iso_utc(end[at]),
                "expected_events": round(float(silences.missing[at])),
            }
            for at in np.argsort(-length, kind="stable").tolist()
        ],
        "confirmed_outages": heard.confirmed,
        "degraded_rows": {name: flagged[name] for name in sorted(flagged)},
    }


def write_quality(folder: Path, day: date, report: Body) -> None:
    """Write the report of a day, to be read by the operator alone; what is there of the day is replaced.

    Reports of KEPT_DAYS before it or more are removed.
    """
    make_directory(folder, 0o700)
    path, oldest = _file(folder, day), _file(folder, day - timedelta(days=KEPT_DAYS - 1)).name
    for old in folder.glob("date=*.json"):
        if old.name < oldest:
            old.unlink()
    for leftover in leftovers(path):
        leftover.unlink()
    write_bytes(path, json.dumps(report, indent=1, ensure_ascii=False).encode() + b"\n", 0o600)


def _file(folder: Path, day: date) -> Path:
    return folder / f"date={day.isoformat()}.json"


def _rows(rows: Accounting) -> Json:
    return {
        "rows_in": rows.rows_in,
        "accepted": rows.accepted,
        "duplicates": rows.duplicates,
        "late": rows.late,
        "rejected": {**rows.rejected},
    }


def _behind(heard: Heard) -> Json:
    """The partitions of the delivery whose latest event is before the end of the day, with its hour if there is one."""
    return {
        name: None if each.high is None else iso_utc(each.high // _HOUR * _HOUR)
        for name, each in sorted(heard.partitions.items())
        if each.high is None or each.high < heard.edges[-1]
    }
