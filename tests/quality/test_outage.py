"""A mast that fails for two hours: which parts are flagged, by both drivers, killed or not, and what is kept."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import duckdb
import h3.api.numpy_int as h3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.degraded import Degraded
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.inputs import inputs_of_now
from pipelines.quality.kept import keep
from pipelines.quality.listening import Listening
from pipelines.stays import HOLD
from pipelines.working_directory import WorkingDirectory
from schemas.tables import CELL_HISTORY
from tests.crash.runs import Case, killed_after
from tests.follow.delivered import Place, deliver, follower
from tests.quality.masts import CELLS, FIRST, QUIET, Masts, Outage, clock, early_flags, flags, given, midnight, place

OUTAGE = Outage("T1", 4, 12, 14)
MASTS = Masts(days=6, outages=(OUTAGE,))
DAY = FIRST + timedelta(days=OUTAGE.day)
NOON = {f"{12 + quarter // 4}:{quarter % 4 * 15:02}" for quarter in range(8)}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over all days."""
    found = given(tmp_path_factory.mktemp("masts") / "run", MASTS, "[engine]\nshards = 2\nstep_rows = 4000\n")
    run(load(found), QUIET)
    return found


def release(config: Path) -> Path:
    return config.parent / "release"


def working(config: Path) -> Path:
    return config.parent / "release.work"


def history(config: Path) -> dict[str, str]:
    folder = working(config) / "history"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def rows_of(config: Path, indicator: str, day: date) -> pa.Table:
    files = sorted((release(config) / indicator / f"date={day}").glob("*.parquet"))
    return pa.concat_tables([pq.read_table(file, partitioning=None) for file in files])


def reached(config: Path, cell: str) -> set[int]:
    """The hexagons of a cell's footprint."""
    inputs = inputs_of_now(load(config))
    (row,) = np.flatnonzero(np.array(inputs.network.cell_id.to_pylist()) == cell)
    found = inputs.footprint
    return set(found.hexagons[found.hexagon[found.first[row] : found.first[row + 1]]].tolist())


def parts_in_reach(config: Path, indicator: str, hexagons: set[int]) -> set[tuple[str, str, str]]:
    """Window, zone and first cell of each part of the day that holds one of the hexagons."""
    found = set()
    covered = {h3.cell_to_parent(hexagon, level) for hexagon in hexagons for level in range(5, 10)}
    for row in rows_of(config, indicator, DAY).to_pylist():
        if covered & set(row["cells"]):
            start = int(row["window_start"].timestamp()) * 1_000_000
            found.add((clock(start), row["zone_id"], f"{row['cells'][0]:x}"))
    return found


def named(some: list[Degraded], indicator: str) -> set[tuple[str, str, str]]:
    return {(clock(flag.start), *part) for flag in some if flag.indicator == indicator for part in flag.parts}


def test_exactly_the_parts_in_reach_are_flagged_in_the_windows_of_the_outage(config: Path) -> None:
    found = flags(release(config))
    assert list(found) == [DAY.isoformat()]
    in_reach = parts_in_reach(config, "presence", reached(config, OUTAGE.cell))
    expected = {part for part in in_reach if part[0] in NOON}
    assert len(expected) == 8
    assert named(found[DAY.isoformat()], "presence") == expected


def test_attendance_is_flagged_where_a_tenth_of_the_day_is_missing(config: Path) -> None:
    (found,) = flags(release(config)).values()
    assert named(found, "attendance") == parts_in_reach(config, "attendance", reached(config, OUTAGE.cell))


def test_the_release_verifies_and_its_audit_notes_the_flags(config: Path) -> None:
    report = audit(release(config), allow_test=True)
    assert report.verdict
    assert next(check.found for check in report.checks if check.name == "degraded") == "9 flags"
    told = f"privacy day {DAY}: 9 figures are degraded: the network was silent or out, and people may be missing"
    assert told in report.notes


def test_without_the_calibration_the_hamlet_would_be_silent(config: Path) -> None:
    inputs = inputs_of_now(load(config))
    hamlet = inputs.network.identifiers.to_pylist().index("H1")
    told = Listening(inputs, WorkingDirectory(working(config)), FIRST + timedelta(days=5)).expected
    quiet = told.events[hamlet].sum()
    assert told.worst[hamlet] > 20
    assert quiet > 20
    assert not any("H1" in text for text in reports(config).values())


def reports(config: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((working(config) / "quality").iterdir())}


def test_the_operator_reads_which_mast_it_was_and_when(config: Path) -> None:
    found = {name: json.loads(text) for name, text in reports(config).items()}
    assert list(found) == [f"date={FIRST + timedelta(days=day)}.json" for day in range(6)]
    told = found[f"date={DAY}.json"]
    (silence,) = told["silences"]
    assert {name: silence[name] for name in ("cell_id", "from", "to")} == {
        "cell_id": "T1",
        "from": "2026-06-12T10:00:00Z",
        "to": "2026-06-12T12:00:00Z",
    }
    assert 1200 < silence["expected_events"] < 1500
    assert told["longest_silence_minutes"] == 120
    assert told["degraded_rows"] == {"attendance": 1, "presence": 8}
    assert told["cells"] == {"on_air": 3, "heard": 3, "never_heard": 0}
    assert told["events"]["accepted"] == pc.sum(pc.equal(days_of(MASTS), OUTAGE.day)).as_py()
    assert [report["silences"] for name, report in found.items() if name != f"date={DAY}.json"] == [[]] * 5
    assert {path.stat().st_mode & 0o777 for path in (working(config) / "quality").iterdir()} == {0o600}


def days_of(masts: Masts) -> pa.Array:
    """The number of the day of each event."""
    times = masts.events()["event_time"].cast(pa.int64()).combine_chunks()
    return pa.array((times.to_numpy() - midnight(0)) // 86_400_000_000)


@pytest.mark.slow
def test_a_run_that_is_killed_while_the_day_is_closed_tells_the_same(config: Path, tmp_path: Path) -> None:
    given(tmp_path / "broken", MASTS, "[engine]\nshards = 2\nstep_rows = 4000\n")
    broken = Case(tmp_path / "broken")
    files = (
        broken.working / "history" / f"date={DAY}.parquet",
        broken.working / "quality" / f"date={DAY}.json",
        broken.release / "attendance" / f"date={DAY}",
    )
    for file in files:
        assert broken.run(partial(killed_after, file)) == -9, broken.log
    assert broken.run() == 0, broken.log
    assert flags(broken.release) == flags(release(config))
    assert history(broken.config) == history(config)
    assert reports(broken.config) == reports(config)


# Fewer devices than k


@pytest.mark.parametrize("devices", [19, 20, 21])
@pytest.mark.slow
def test_a_mast_that_expects_fewer_than_k_devices_is_not_told_of(devices: int, tmp_path: Path) -> None:
    few = replace(MASTS, devices={"town": devices, "suburb": 60, "hamlet": 40})
    config = given(tmp_path / "few", few)
    run(load(config), QUIET)
    assert (DAY.isoformat() in flags(release(config))) == (devices >= 20)
    assert ('"T1"' in reports(config)[f"date={DAY}.json"]) == (devices >= 20)
    kept = pq.read_table(working(config) / "history" / f"date={FIRST}.parquet", partitioning=None)
    assert ("T1" in kept["cell_id"].to_pylist()) == (devices >= 20)


def test_the_history_holds_no_hour_of_fewer_than_k_devices(config: Path) -> None:
    assert len(history(config)) == 6
    for path in (working(config) / "history").iterdir():
        kept = pq.read_table(path, partitioning=None)
        assert kept.schema.equals(CELL_HISTORY.schema)
        assert pc.min(kept["devices"]).as_py() >= 20
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_history_counts_what_sql_counts(config: Path) -> None:
    events = MASTS.events()
    begin = midnight(0) + 5 * 3_600_000_000
    sql = f"""
        WITH seen AS (SELECT *, (epoch_us(event_time) - {begin}) // 300000000 AS bin FROM events),
        reach AS (
            SELECT cell_id, subscriber_id, epoch_us(event_time) - {HOLD} AS low, epoch_us(event_time) + {HOLD} AS high
            FROM seen WHERE bin BETWEEN 0 AND 287
        ),
        known AS (
            SELECT cell_id, hour, count(DISTINCT subscriber_id) AS devices FROM reach, range(24) AS hours(hour)
            WHERE low < {begin} + (hour + 1) * 3600000000 AND high > {begin} + hour * 3600000000
            GROUP BY ALL
        )
        SELECT known.cell_id, known.hour, devices, count(seen.bin) AS events
        FROM known LEFT JOIN seen ON seen.cell_id = known.cell_id AND seen.bin // 12 = known.hour
        WHERE devices >= 20 GROUP BY ALL ORDER BY ALL
    """
    expected = duckdb.connect().register("events", events).sql(sql).fetchall()
    kept = pq.read_table(working(config) / "history" / f"date={FIRST}.parquet", partitioning=None)
    found = [(*list(row.values())[:3], sum(row["events"])) for row in kept.to_pylist()]
    assert found == expected
    assert {cell for cell, *_ in found} == set(CELLS)


# The history does not outlive its use


def test_days_of_more_than_two_weeks_ago_are_removed(tmp_path: Path) -> None:
    days = [date(2026, 6, 1) + timedelta(days=number) for number in range(20)]
    for day in days:
        keep(tmp_path / "history", day, CELL_HISTORY.empty())
    kept = [f"date={day}.parquet" for day in days[5:]]
    assert sorted(path.name for path in (tmp_path / "history").iterdir()) == kept


def test_what_is_cleared_keeps_neither_history_nor_reports(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release.work"
    for name in ("history", "quality"):
        (folder / name).mkdir(parents=True)
        (folder / name / "date=2026-06-08").write_text("x")
    directory = WorkingDirectory(folder)
    directory.clear(directory.key_service(load(config)))
    assert not (folder / "history").exists()
    assert not (folder / "quality").exists()


# Follow


def in_half_hours(events: pa.Table) -> Iterator[pa.Table]:
    number = events["event_time"].cast(pa.int64()).to_numpy() // (30 * 60_000_000)
    for some in np.split(np.arange(number.size), np.flatnonzero(np.diff(number)) + 1):
        yield events.take(pa.array(some))


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same events as they arrive."""
    config = place(tmp_path_factory.mktemp("masts") / "follow", "[engine]\nshards = 2\n")
    found = Place(config.parent)
    driver = follower(found)
    for number, some in enumerate(in_half_hours(MASTS.events())):
        deliver(found, some, f"{number:04d}")
        driver.round()
    return config


def test_a_follower_flags_the_same_parts_in_the_same_rows_as_a_run(config: Path, followed: Path) -> None:
    told, expected = flags(release(followed)), flags(release(config))
    assert told == expected
    assert rows_of(followed, "presence", DAY).equals(rows_of(config, "presence", DAY))
    assert list(history(followed).items()) == list(history(config).items())[:-1]


def test_windows_are_flagged_as_they_are_published(followed: Path) -> None:
    (early,), (day,) = early_flags(release(followed)).values(), flags(release(followed)).values()
    assert len(early) > 4
    assert set(early) == {flag for flag in day if flag.indicator == "presence"}
    assert [check for check in audit(release(followed), allow_test=True).checks if not check.passed] == []


@pytest.mark.slow
def test_a_day_that_was_begun_before_events_were_counted_is_neither_flagged_nor_kept(tmp_path: Path) -> None:
    config = place(tmp_path / "former", "[engine]\nshards = 2\n")
    to, day = Place(config.parent), FIRST + timedelta(days=3)
    driver, former = follower(to), False
    for number, some in enumerate(in_half_hours(replace(MASTS, days=5, outages=()).events())):
        deliver(to, some, f"{number:04d}")
        driver.round()
        known = driver.state.days.get(day.isoformat())
        if known and known.measures and not former:
            former = True
            driver.commit(driver.state.with_day(day.isoformat(), replace(known, heard=())))
    assert former
    assert driver.state.days[day.isoformat()].status == "closed"
    kept = [f"date={FIRST + timedelta(days=before)}" for before in range(3)]
    assert [name.removesuffix(".parquet") for name in history(config)] == kept
    assert [name.removesuffix(".json") for name in reports(config)] == kept
    assert flags(release(config)) == early_flags(release(config)) == {}


# Differential privacy


def test_under_differential_privacy_nothing_is_flagged(tmp_path: Path) -> None:
    dp = "[policy.dp]\nepsilon = 8.0\ndelta = 1e-6\nbudget_epsilon = 100.0\n"
    config = given(tmp_path / "dp", MASTS, dp)
    run(load(config), QUIET)
    assert flags(release(config)) == {}
    assert json.loads(reports(config)[f"date={DAY}.json"])["silences"] != []
