"""What a follower forgets: its state is as small after years as after a month, and nothing counts twice."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.follow.forgetting import KEPT_DAYS, without_gone_files, without_old_days
from pipelines.follow.inbox import CHANGED
from pipelines.state import DayFacts, DayState, Partition, State
from pipelines.working_directory import WorkingDirectory
from tests.follow.delivered import Place, deliver, follower, place
from tests.oracle.generate import Generated

FIRST, SECOND = date(2026, 6, 12), date(2026, 6, 13)
HOUR = 3_600_000_000


def in_state(of: Place) -> set[str]:
    """The files that the state on the disk names."""
    state = WorkingDirectory(of.release.with_name("release.work")).load()
    assert state is not None
    files = {name.rpartition("#")[0] for name in state.fragments}
    assert files == set(state.inputs)
    return files


def test_the_state_on_the_disk_does_not_grow_with_the_days_that_are_closed(tmp_path: Path) -> None:
    working = WorkingDirectory(tmp_path)
    sizes, state = list[int](), State("release", {})
    for number in range(400):
        day = date(2026, 1, 1) + timedelta(days=number)
        names = [f"{day}/{hour:02d}.parquet" for hour in range(24)]
        state = replace(
            state.with_day(day.isoformat(), DayState(facts=DayFacts(dict.fromkeys(names, "f" * 64)))),
            inputs=state.inputs | dict.fromkeys(names, (1, 2)),
            fragments=(*state.fragments, *(f"{name}#0" for name in names)),
            partitions=state.partitions | {day.isoformat(): Partition(number * 24 * HOUR)},
        )
        if number:
            before = (day - timedelta(days=1)).isoformat()
            state = without_old_days(state.with_day(before, DayState("closed")))
            state = without_gone_files(state, names, number * 24 * HOUR, HOUR // 2)
        working.commit(state)
        sizes.append((tmp_path / "state.json").stat().st_size)
    assert max(sizes) <= 1.02 * sizes[KEPT_DAYS + 1]
    assert state.closed_days == 399
    assert len(state.days) == KEPT_DAYS + 1
    assert state.closed_before == min(state.days)
    assert state.published


def test_days_before_one_that_is_open_alone_are_forgotten() -> None:
    days = {f"2026-01-{number:02d}": DayState("closed") for number in range(1, 32)}
    days |= {f"2026-02-{number:02d}": DayState("closed") for number in range(1, 28)}
    state = State("release", {}, days=days)
    assert without_old_days(state).left_out == 27
    opened = state.with_day("2026-01-05", DayState())
    assert without_old_days(opened) == opened
    whole = replace(state, days=dict(list(days.items())[:KEPT_DAYS]))
    assert without_old_days(whole) == whole


@pytest.mark.parametrize(("high", "kept"), [(0, False), (HOUR, False), (HOUR + 1, True)])
def test_a_partition_that_still_makes_events_late_is_not_forgotten(high: int, kept: bool) -> None:
    state = State("release", {}, partitions={"gone": Partition(high), "there": Partition(0)})
    found = without_gone_files(state, ["there/file"], HOUR // 2, HOUR // 2)
    assert set(found.partitions) == {"there", *(["gone"] if kept else [])}


@pytest.mark.slow
def test_files_that_are_gone_are_forgotten_once_their_days_are_closed_and_may_come_again(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = place(tmp_path / "place", given)
    found = follower(to)
    for number, some in enumerate(deliveries[:30]):
        deliver(to, some, f"{number:04d}")
        found.round()
    for path in to.inbox.iterdir():
        path.unlink()
    for number, some in enumerate(deliveries[30:], 30):
        deliver(to, some, f"{number:04d}")
        found.round()
    assert found.state.days[FIRST.isoformat()].status == "closed"
    named = in_state(to)
    assert named == {path.name for path in to.inbox.iterdir()}
    assert "0029.parquet" not in named
    before, published = found.state, files(to)
    deliver(to, deliveries[12], "0012")
    found.round()
    counted = found.state.accounting
    rejected = counted.all_rejected - before.accounting.all_rejected
    assert counted.rows_in - before.accounting.rows_in == deliveries[12].num_rows
    assert counted.late - before.accounting.late == deliveries[12].num_rows - rejected
    assert counted.accepted == before.accounting.accepted
    assert counted.balances
    assert found.state.days == before.days
    assert found.state.watermark == before.watermark
    assert files(to) == published


@pytest.mark.slow
def test_a_file_of_an_open_day_is_not_read_again_though_it_was_away(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = place(tmp_path / "place", given)
    found = follower(to)
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
        found.round()
        if number == 49:
            away = (to.inbox / "0049.parquet").rename(to.folder / "away.parquet")
    assert found.state.days[FIRST.isoformat()].status == "closed"
    assert "0049.parquet" in in_state(to)
    away.rename(to.inbox / "0049.parquet")
    rows = found.state.accounting.rows_in
    assert not found.round()
    assert not follower(to).round()
    assert found.state.accounting.rows_in == rows
    assert not found.inbox.refused


def files(of: Place) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in of.release.rglob("*") if path.is_file()}


def test_a_file_that_changes_after_it_was_read_is_told_once_and_not_read_again(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path
) -> None:
    to = place(tmp_path / "place", given)
    found, told = follower(to), list[tuple[str, object, object]]()
    found.log = lambda event, **facts: told.append((event, facts.get("file"), facts.get("reason")))
    for number, some in enumerate(deliveries[:3]):
        deliver(to, some, f"{number:04d}")
    while found.round():
        pass
    rows = found.state.accounting.rows_in
    assert found.told.refused == 0
    deliver(to, pa.concat_tables(deliveries[1:3]), "0001")
    for _ in range(3):
        assert not found.round()
    assert [each for each in told if each[0] == "file refused"] == [("file refused", "0001.parquet", CHANGED)]
    assert found.told.refused == 1
    assert found.state.accounting.rows_in == rows
    again = follower(to)
    assert not again.round()
    assert again.told.refused == 1
