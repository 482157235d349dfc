"""Reports of faults beside a run and a follower: what is told of masts that fail, and to whom."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.inputs import inputs_of_now
from pipelines.quality import facts
from pipelines.quality.heard import heard
from pipelines.quality.listening import Listening
from pipelines.quality.outages import Outage, write_outages
from pipelines.quality.states import HOUR
from pipelines.quality.telling import tell
from pipelines.working_directory import WorkingDirectory
from schemas.configuration import DifferentialPrivacy
from schemas.tables import CELL_FACT, FAULT_REPORT
from tests.follow.delivered import Place, deliver, follower
from tests.quality import masts
from tests.quality.masts import FIRST, PLACES, QUIET, Masts, early_flags, flags, midnight, place

LAST = FIRST + timedelta(days=3)
"""The first day that has a history."""

MASTS = Masts(days=4, devices={"town": 30, "suburb": 19, "hamlet": 20}, outages=(masts.Outage("T1", 3, 12, 14),))
CELLS = "T1,47.32,5.04,900\nT2,47.321,5.045,900\nS1,47.32,5.24,900\nH1,47.52,5.04,900\n"


def events() -> pa.Table:
    """Those of the masts, and as many of a second mast in the town that does not fail."""
    healthy = replace(MASTS, outages=()).events()
    second = healthy.filter(pc.equal(healthy["cell_id"], "T1"))
    names = pc.binary_join_element_wise(second["subscriber_id"], "second", "-")
    second = second.set_column(1, "subscriber_id", names).set_column(2, "cell_id", pa.repeat("T2", second.num_rows))
    return pa.concat_tables([MASTS.events(), second]).sort_by("event_time")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over all days, beside a folder of facts."""
    folder = tmp_path_factory.mktemp("faults") / "run"
    found = place(folder, "[engine]\nshards = 2\n")
    (folder / "cells.csv").write_text(f"cell_id,latitude,longitude,range_m\n{CELLS}")
    pq.write_table(events(), folder / "events" / "all.parquet")
    (folder / "release.faults").mkdir()
    run(load(found), QUIET)
    return found


def folder_of(config: Path) -> Path:
    return facts.folder_of(config.parent / "release")


def told(config: Path, day: date = LAST) -> dict[str, str]:
    """The states of each cell by the local hours from 08:00 to 18:00: `u` up, `s` silent, `.` nothing."""
    rows = pq.read_table(facts.file_of(folder_of(config), day), partitioning=None)
    assert rows.schema.remove_metadata().equals(CELL_FACT.schema.remove_metadata())
    found = {cell: ["."] * 24 for cell in ("T1", "T2", "S1", "H1")}
    for row in rows.to_pylist():
        found[row["cell_id"]][(int(row["hour_start"].timestamp()) * 1_000_000 - midnight(3)) // HOUR] = row["state"][0]
    return {cell: "".join(states[8:18]) for cell, states in found.items()}


def test_a_mast_that_fails_is_silent_beside_one_that_is_heard_and_nothing_is_told_of_fewer_than_k(config: Path) -> None:
    # The suburb has 19 devices; the hamlet is heard in rare bursts, which tell nothing of an hour.
    assert told(config) == {"T1": "uuuussuuuu", "T2": "uuuuuuuuuu", "S1": "." * 10, "H1": "." * 10}


def test_nothing_is_told_before_there_is_a_history(config: Path) -> None:
    files = sorted((folder_of(config) / "cells").iterdir())
    assert [pq.read_metadata(file).num_rows > 0 for file in files] == [False, False, False, True]
    assert facts.until(files[0]) == midnight(1) + 5 * HOUR


def reports(*asked: tuple[str, float]) -> pa.Table:
    """Reports from a place, at an hour of the local clock of the last day."""
    at = [midnight(3) + int(hour * HOUR) for _, hour in asked]
    return FAULT_REPORT.conform(
        pa.table(
            {
                "id": [str(number) for number in range(len(asked))],
                "latitude": [PLACES[name][0] for name, _ in asked],
                "longitude": [PLACES[name][1] for name, _ in asked],
                "requested_at": pa.array(at).view(pa.timestamp("us", "UTC")),
            }
        )
    )


def test_reports_are_told_what_the_masts_around_them_tell(config: Path) -> None:
    asked = reports(("town", 12.5), ("town", 16.5), ("town", 10.5), ("suburb", 12.5), ("hamlet", 12.5), ("town", 99.0))
    found = facts.evidence_of(folder_of(config), asked)["verdict"].to_pylist()
    assert found == ["corroborated", "contradicted", "contradicted", "cannot tell", "cannot tell", None]


def test_who_reads_the_folder_reads_no_count_and_no_device(config: Path) -> None:
    paths = [path for path in sorted(folder_of(config).rglob("*")) if path.is_file()]
    assert {path.name for path in paths} == {
        "serving.parquet",
        *(f"date={FIRST + timedelta(day)}.parquet" for day in range(4)),
    }
    names = {name for path in paths for name in pq.read_schema(path).names}
    assert names == {"cell_id", "hour_start", "state", "hexagon", "share"}
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o640}


def test_the_cells_that_serve_a_hexagon_have_the_whole_chance(config: Path) -> None:
    path = folder_of(config) / "serving.parquet"
    sums = duckdb.sql(f"SELECT sum(share), count(*) FROM '{path}' GROUP BY hexagon").fetchall()
    assert [total for total, _ in sums] == pytest.approx([1.0] * len(sums))
    assert {count for _, count in sums} == {1, 2}


# What is written, when and for how long


@pytest.fixture
def listening(config: Path) -> Listening:
    return Listening(inputs_of_now(load(config)), WorkingDirectory(config.parent / "release.work"), LAST)


def heard_of(listening: Listening, until: int) -> pa.Table:
    """The HEARD rows of the last day before an instant."""
    rows = events()
    time = rows["event_time"].cast(pa.int64()).to_numpy()
    some = (time >= int(listening.edges[0])) & (time < until)
    cell = listening.inputs.network.lookup(rows["cell_id"], time)
    return heard(cell[some], time[some], int(listening.edges[0]))


def test_what_is_told_while_the_day_is_open_is_what_is_told_of_it_at_its_end(
    config: Path, listening: Listening, tmp_path: Path
) -> None:
    whole = pq.read_table(facts.file_of(folder_of(config), LAST), partitioning=None)
    for hour, minute in ((8, 59), (13, 0), (13, 1), (15, 30)):
        until = midnight(3) + hour * HOUR + minute * HOUR // 60
        tell(listening, tmp_path, heard_of(listening, until), until)
        known = facts.until(facts.file_of(tmp_path, LAST))
        assert known == until // HOUR * HOUR
        rows = pq.read_table(facts.file_of(tmp_path, LAST), partitioning=None)
        before = whole.filter(pc.less(whole["hour_start"].cast(pa.int64()), known))
        assert rows.equals(before)


def test_nothing_is_written_where_nobody_made_the_folder(listening: Listening, tmp_path: Path) -> None:
    tell(listening, tmp_path / "nowhere", None, int(listening.edges[-1]))
    assert not (tmp_path / "nowhere").exists()


def test_of_a_day_that_was_not_heard_whole_it_is_told_that_nothing_is_known(
    listening: Listening, tmp_path: Path
) -> None:
    tell(listening, tmp_path, None, int(listening.edges[-1]))
    assert facts.evidence_of(tmp_path, reports(("town", 12.5)))["verdict"].to_pylist() == ["cannot tell"]


def test_under_differential_privacy_nothing_is_told(listening: Listening, tmp_path: Path) -> None:
    settings = listening.inputs.configuration
    dp = replace(settings.policy, dp=DifferentialPrivacy(epsilon=8.0, budget_epsilon=100.0))
    private = replace(listening, inputs=replace(listening.inputs, configuration=replace(settings, policy=dp)))
    until = int(listening.edges[-1])
    tell(private, tmp_path, heard_of(listening, until), until)
    assert facts.evidence_of(tmp_path, reports(("town", 12.5)))["verdict"].to_pylist() == ["cannot tell"]


def test_facts_of_more_than_two_weeks_ago_are_removed(tmp_path: Path) -> None:
    days = [FIRST + timedelta(days=number) for number in range(20)]
    for day in days:
        facts.write(tmp_path, day, CELL_FACT.empty(), 5)
    assert sorted(path.name for path in (tmp_path / "cells").iterdir()) == [f"date={day}.parquet" for day in days[6:]]


# Confirmed outages


def test_an_outage_that_is_confirmed_after_its_windows_are_published_is_flagged_with_the_day(tmp_path: Path) -> None:
    config = place(tmp_path / "follow", "[engine]\nshards = 2\n")
    to = Place(config.parent)
    driver = follower(to)
    rows = Masts(days=2, devices=dict.fromkeys(PLACES, 25)).events()
    begin, end = midnight(0) + 9 * HOUR, midnight(0) + 11 * HOUR + HOUR // 2
    for number, some in enumerate(in_three_hours(rows)):
        if number == 3:
            assert early_flags(to.release) == {}
            assert len(to.rows("presence", FIRST)) > 0
            facts.folder_of(to.release).mkdir()
            write_outages(facts.folder_of(to.release), [Outage(begin, end, "17", *PLACES["hamlet"])])
        deliver(to, some, f"{number:04d}")
        driver.round()
    assert driver.state.days[FIRST.isoformat()].status == "closed"
    (flagged,) = flags(to.release).values()
    found = {(flag.start, *part) for flag in flagged if flag.indicator == "presence" for part in flag.parts}
    assert found == holding(to.rows("presence", FIRST), PLACES["hamlet"], begin, end)
    assert [flag.start for flag in flagged if flag.indicator == "attendance"] == [midnight(0) + 5 * HOUR]
    quality = [json.loads(path.read_text()) for path in sorted((config.parent / "release.work" / "quality").iterdir())]
    assert [(day["confirmed_outages"], day["silences"]) for day in quality] == [(1, [])]
    assert [check.name for check in audit(to.release, allow_test=True).checks if not check.passed] == []


def holding(rows: pa.Table, at: tuple[float, float], begin: int, end: int) -> set[tuple[int, str, str]]:
    """Window, zone and first cell of each part in [begin, end) that holds a place: one in each slot."""
    holds = {h3.latlng_to_cell(*at, resolution) for resolution in range(5, 10)}
    found = set()
    for row in rows.to_pylist():
        start = int(row["window_start"].timestamp()) * 1_000_000
        if begin <= start < end and holds & set(row["cells"]):
            found.add((start, row["zone_id"], f"{row['cells'][0]:x}"))
    assert len(found) == (end - begin) // (HOUR // 4)
    return found


def in_three_hours(rows: pa.Table) -> Iterator[pa.Table]:
    """Deliveries of three hours each."""
    number = rows["event_time"].cast(pa.int64()).to_numpy() // (3 * HOUR)
    for some in np.split(np.arange(number.size), np.flatnonzero(np.diff(number)) + 1):
        yield rows.take(pa.array(some))
