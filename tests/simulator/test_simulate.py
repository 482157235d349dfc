"""A simulation as a whole: the same twice, accepted by the real run, dirty and sparse as what networks deliver."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.happenings import Happening
from anonymization.released import as_stated
from pipelines.configuration import load
from pipelines.embedded import Outcome
from pipelines.feeds.command import build_feeds
from pipelines.simulator import feeds
from pipelines.simulator.settings import Settings
from pipelines.simulator.write import simulate
from schemas.errors import UsageError
from tests.cli.command import assert_refused, call
from tests.simulator.conftest import QUIET, Weekend

SMALL = Settings(devices=150, seed=3)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "one"
    simulate(folder, SMALL, QUIET)
    return folder


def test_the_same_settings_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "two", SMALL, QUIET)
    assert contents(small) == contents(tmp_path / "two")


def test_another_seed_gives_other_people(small: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "two", Settings(devices=150, seed=4), QUIET)
    same = {name for name, data in contents(small).items() if data == contents(tmp_path / "two").get(name)}
    assert {name for name in same if not name.startswith(feeds.FOLDER)} == {
        "hexaflux.toml",
        "roaming_share.csv",
        "zones.geojson",
    }


def test_everything_that_was_promised_is_there(small: Path) -> None:
    inputs = {"subscribers.parquet", "cells.csv", "zones.geojson", "population.csv", "roaming_share.csv"}
    assert {*inputs, "hexaflux.toml", "events", "truth", feeds.FOLDER} == {path.name for path in small.iterdir()}
    assert "[test]" not in (small / "hexaflux.toml").read_text(encoding="utf-8")
    assert len(list((small / "events").iterdir())) > 40


def test_the_feeds_of_the_town_build_without_an_error_and_all_that_is_beside_them_is_used(
    small: Path, tmp_path: Path
) -> None:
    built, _ = build_feeds(small / "hexaflux.toml", tmp_path / "feeds", "2026-06-20T20:30", QUIET, strict=True)
    assert [finding for finding in built.findings if finding.level == "error"] == []
    assert {module.feed.name for module in built.modules} == set(load(small / "hexaflux.toml").feeds) - {"town"}
    assert all(module.items for module in built.modules)
    written = (small / "hexaflux.toml").read_text(encoding="utf-8")
    top = {name.partition("/")[0] for name in contents(small / feeds.FOLDER)}
    assert [name for name in sorted(top) if f'"{feeds.FOLDER}/{name}"' not in written] == []


def test_the_command_writes_it_and_says_what_to_do_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ("--devices", 20, "--days", 1, "--start", "2026-06-22", "--seed", 9, "--market-share", 0.5, "--quiet")
    ran = call(monkeypatch, capfd, "simulate", tmp_path / "one", *options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [f"Publish it with: hexaflux run {tmp_path / 'one' / 'hexaflux.toml'}"]
    configuration = load(tmp_path / "one" / "hexaflux.toml")
    assert configuration.estimation.people_per_device == 2
    assert [event.start.date() for event in configuration.event] == [date(2026, 6, 22)]


@pytest.mark.parametrize("option", ["--devices=0", "--days=0", "--seed=-1", "--market-share=2", "--start=soon"])
def test_the_command_refuses_what_is_impossible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    ran = call(monkeypatch, capfd, "simulate", tmp_path / "one", option)
    assert_refused(ran, 2, option.partition("=")[0])
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize(
    ("start", "slots"), [(date(2026, 3, 28), 92), (date(2026, 10, 24), 100)], ids=["a day of 23 h", "a day of 25 h"]
)
def test_the_clock_may_change(tmp_path: Path, start: date, slots: int) -> None:
    simulate(tmp_path / "one", Settings(devices=30, days=1, start=start), QUIET)
    presence = pq.read_table(tmp_path / "one" / "truth" / "presence.parquet")
    assert len(set(presence["window_start"].to_pylist())) == slots


def test_a_single_subscriber_can_be_simulated(tmp_path: Path) -> None:
    assert simulate(tmp_path / "one", Settings(devices=1, days=1, market_share=1), QUIET).is_file()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    with pytest.raises(UsageError, match="empty folder"):
        simulate(tmp_path, SMALL, QUIET)
    assert contents(tmp_path) == {"mine": b"keep"}


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"market_share": 0.0}, "--market-share"),
        ({"market_share": 1.1}, "--market-share"),
        ({"market_share": float("nan")}, "--market-share"),
        ({"devices": 0}, "--devices"),
        ({"devices": 10**8}, "--devices"),
        ({"days": 0}, "--start"),
        ({"start": date(1999, 12, 31)}, "--start"),
    ],
)
def test_impossible_settings_are_refused(wrong: dict[str, float], option: str) -> None:
    with pytest.raises(UsageError, match=f"^{option}: expected"):
        Settings(**wrong)


def test_the_run_accepts_it_and_accounts_for_every_row(weekend: Weekend, outcome: Outcome) -> None:
    found = outcome.state.accounting
    assert found.balances
    assert (found.rows_in,) == weekend("SELECT count(*) FROM '{d}/events/*.parquet'")[0]
    assert found.duplicates / found.rows_in == pytest.approx(0.005, abs=0.001)
    assert set(found.rejected) == {
        "line type left out",
        "missing cell_id",
        "missing event_time",
        "missing subscriber_id",
        "opted out",
        "unknown cell",
        "unknown event_type",
        "unreadable event_time",
    }
    assert list(outcome.state.days) == ["2026-06-20", "2026-06-21"]
    assert audit(weekend.directory / "release", None, False).verdict


def test_the_festival_is_published(weekend: Weekend, outcome: Outcome) -> None:
    assert outcome.changed
    [(devices,)] = weekend(
        "SELECT devices FROM '{d}/release/attendance/date=2026-06-20/*.parquet' WHERE zone_id = 'lac-kir'"
    )
    [(truth,)] = weekend(
        "SELECT sum(people) FROM '{d}/truth/attendance.parquet' WHERE zone_id = 'lac-kir' AND date = '2026-06-20'"
    )
    # The places of devices are estimates: what is tested here is that the festival is seen, and about as large.
    assert 0.5 < devices / weekend.settings.market_share / truth < 1.5


def test_the_festival_is_stated_for_whoever_reads_the_release_alone(weekend: Weekend, outcome: Outcome) -> None:
    assert outcome.changed
    start, end = datetime(2026, 6, 20, 12, tzinfo=UTC), datetime(2026, 6, 20, 22, 30, tzinfo=UTC)
    assert as_stated(weekend.directory / "release").events() == (
        Happening("Festival du lac", "lac-kir", start, end, None),
    )


def test_devices_are_sparse_and_bursty(weekend: Weekend) -> None:
    [(median_day, idle, busy)] = weekend(
        """
        WITH device AS (
            SELECT subscriber_id, count(*) / 2 AS a_day,
                count(*) FILTER (hour(event_time AT TIME ZONE 'Europe/Paris') BETWEEN 9 AND 20) / 24 AS an_hour
            FROM '{d}/events/*.parquet' WHERE subscriber_id IS NOT NULL GROUP BY ALL)
        SELECT median(a_day), avg((an_hour < 1)::int), avg((an_hour > 12)::int) FROM device
        """
    )
    assert 20 < median_day < 60
    assert 0.08 < idle < 0.4
    assert 0.04 < busy < 0.2
    [(short, median, long)] = weekend(
        """
        WITH gap AS (
            SELECT epoch(event_time - lag(event_time) OVER (PARTITION BY subscriber_id ORDER BY event_time)) AS s
            FROM '{d}/events/*.parquet' WHERE event_time > '2000-01-01')
        SELECT avg((s < 60)::int), median(s), avg((s > 1800)::int) FROM gap
        """
    )
    # Within bursts seconds to minutes, between them an hour.
    assert short > 0.3
    assert 30 < median < 300
    assert long > 0.1


def test_each_class_of_use_has_its_rate(weekend: Weekend) -> None:
    rows = weekend(
        """
        SELECT count(*) / 24 FROM '{d}/events/*.parquet'
        WHERE hour(event_time AT TIME ZONE 'Europe/Paris') BETWEEN 9 AND 20 GROUP BY subscriber_id ORDER BY 1
        """
    )
    rates = [float(rate) for (rate,) in rows]
    cuts = [0, 0.25, 0.6, 0.88, 1]
    means = []
    for low, high in pairwise(cuts):
        part = rates[int(low * len(rates)) : int(high * len(rates))]
        means.append(sum(part) / len(part))
    assert means == pytest.approx([1, 2, 6, 15], rel=0.35)


def test_files_hold_an_hour_of_arrivals_out_of_order(weekend: Weekend) -> None:
    files = sorted((weekend.directory / "events").iterdir())
    assert len(files) >= 48
    times = [time for time in pq.read_table(files[20])["event_time"].to_pylist() if time is not None]
    assert times != sorted(times)
    earlier = pq.read_table(files[19])["event_time"].drop_null()
    assert max(earlier.to_pylist()) > min(time for time in times if time.year > 2000)


def test_the_register_is_incomplete_as_registers_are(weekend: Weekend) -> None:
    register = "'{d}/subscribers.parquet'"
    kinds = dict(weekend(f"SELECT line_type, count(*) FROM {register} GROUP BY 1"))
    assert kinds.keys() == {"mobile", "secondary", "M2M"}
    [(opted, age, spc, home)] = weekend(
        f"SELECT avg(opted_out::int), avg((age_band IS NULL)::int), avg((spc IS NULL)::int), "
        f"avg((home_zone IS NULL)::int) FROM {register} WHERE line_type = 'mobile'"
    )
    assert 0 < opted < 0.02
    assert 0 < age < spc < 0.2
    assert 0 < home < 0.1
    [(unknown,)] = weekend(
        f"SELECT count(DISTINCT subscriber_id) FROM '{{d}}/events/*.parquet' WHERE home_mcc = 208 "
        f"AND subscriber_id NOT IN (SELECT subscriber_id FROM {register})"
    )
    assert unknown > 0
    [(roamers,)] = weekend("SELECT count(DISTINCT subscriber_id) FROM '{d}/events/*.parquet' WHERE home_mcc <> 208")
    assert roamers > 0


def cost(devices: int, folder: Path) -> tuple[float, int]:
    """Processor seconds of a simulation, and its events."""
    begin = time.process_time()
    simulate(folder, Settings(devices=devices, days=1), QUIET)
    spent = time.process_time() - begin
    return spent, sum(pq.read_metadata(file).num_rows for file in (folder / "events").iterdir())


def turns(number: int) -> float:
    """Processor seconds of an empty loop."""
    begin = time.process_time()
    for _ in range(number):
        pass
    return time.process_time() - begin


def test_an_event_costs_less_than_a_few_hundred_turns_of_an_empty_loop(
    tmp_path: Path, small: Path, record_property: Callable[[str, object], None]
) -> None:
    few, some = cost(500, tmp_path / "few"), cost(4_500, tmp_path / "some")
    turn = min(turns(1_000_000) for _ in range(5)) / 1_000_000
    each = (some[0] - few[0]) / (some[1] - few[1])
    record_property("turns", each / turn)
    # Measured: 130 on an idle machine. A loop in Python over events would make it thousands.
    assert each / turn < 600
