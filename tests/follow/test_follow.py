"""Follow mode: what is published while events arrive, and that it is what a run over all of them publishes."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from anonymization.audit import audit
from anonymization.entries import DAY, WINDOWS
from anonymization.manifest import read_chain
from pipelines import steps
from pipelines.configuration import load
from pipelines.embedded import run
from pipelines.follow import files, inbox
from schemas.indicators import INDICATORS
from tests.follow.delivered import (
    MINUTE,
    QUIET,
    Clock,
    Place,
    deliver,
    follower,
    in_delay,
    place,
    times,
    town,
    with_key_files,
)
from tests.oracle.generate import Generated

FIRST, SECOND = date(2026, 6, 12), date(2026, 6, 13)
DELIVERIES = 70
"""Of half an hour each: the first day, and eleven hours of the second."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("follow") / "town")


@pytest.fixture(scope="module")
def whole(given: Generated, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A run over all events."""
    found = place(tmp_path_factory.mktemp("whole") / "place", given)
    deliver(found, given.events, "all")
    run(load(found.config), QUIET)
    return found


@pytest.fixture(scope="module")
def followed(given: Generated, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The same events, up to 25 minutes late, each delivery taken before the next one arrives."""
    return take(place(tmp_path_factory.mktemp("followed") / "place", given), in_delay(given.events, 25)[:DELIVERIES])


def take(to: Place, deliveries: list[pa.Table]) -> Place:
    found = follower(to)
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
        assert found.round()
    return to


def parquet(of: Place) -> dict[str, str]:
    files = sorted(of.release.rglob("*.parquet"))
    return {str(path.relative_to(of.release)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_day_has_the_same_figures_as_in_a_run_over_all_events(whole: Place, followed: Place) -> None:
    for name in INDICATORS:
        assert followed.rows(name, FIRST).equals(whole.rows(name, FIRST)), name


def test_presence_of_an_open_day_is_there_as_far_as_no_event_can_change_it(whole: Place, followed: Place) -> None:
    for name in ("presence", "presence_by_age", "presence_by_spc"):
        early, late = followed.rows(name, SECOND), whole.rows(name, SECOND)
        assert 0 < early.num_rows < late.num_rows
        assert early.equals(late.slice(0, early.num_rows))
    assert not (followed.release / "attendance" / f"date={SECOND}").exists()


def test_a_day_that_is_over_has_the_files_of_a_run_byte_for_byte_and_no_others(whole: Place, followed: Place) -> None:
    ours, theirs = (
        {path: digest for path, digest in parquet(of).items() if f"date={FIRST}" in path} for of in (followed, whole)
    )
    assert ours == theirs
    assert {path.rpartition("/")[2] for path in ours} == {"part-0.parquet"}
    assert len(ours) >= 11


def test_windows_are_published_once_each_and_the_day_lists_files_of_its_own(followed: Place) -> None:
    entries = read_chain(followed.release)
    of_first = [entry for entry in entries if entry.privacy_day == FIRST.isoformat()]
    windows = [entry for entry in of_first if entry.kind == WINDOWS]
    assert len(windows) > 40
    listed = [path for entry in windows for path in entry.block("files")]
    assert len(listed) == len(set(listed))
    (day,) = [entry for entry in of_first if entry.kind == DAY]
    assert not set(listed) & set(day.block("files"))
    compaction = next(check for check in audit(followed.release, allow_test=True).checks if check.name == "compaction")
    assert compaction.passed
    assert compaction.found == f"{len(listed)} files of windows compared"


def test_a_release_of_an_open_day_passes_the_audit(followed: Place) -> None:
    report = audit(followed.release, allow_test=True)
    assert report.verdict, [check for check in report.checks if not check.passed]


@pytest.mark.slow
def test_windows_without_a_row_have_no_entry_and_leave_the_release_sound(given: Generated, tmp_path: Path) -> None:
    some = pc.unique(given.events["subscriber_id"].drop_null())[:15]
    few = given.events.filter(pc.is_in(given.events["subscriber_id"], some))
    of = take(place(tmp_path / "place", given), in_delay(few, 25)[:20])
    assert follower(of).state.days[FIRST.isoformat()].published > 10
    assert not of.release.exists()
    found = follower(of)
    for number, delivery in enumerate(in_delay(given.events, 25)[20:30]):
        deliver(of, delivery, f"later-{number}")
        assert found.round()
    assert of.rows("presence", FIRST).num_rows > 0
    report = audit(of.release, allow_test=True)
    assert report.verdict, [check for check in report.checks if not check.passed]


@pytest.mark.slow
def test_the_order_of_events_up_to_the_lateness_changes_no_figure(
    given: Generated, followed: Place, tmp_path: Path
) -> None:
    other = take(place(tmp_path / "place", given), in_delay(given.events, 28, seed=9)[:DELIVERIES])
    for name in INDICATORS:
        assert other.rows(name, FIRST).equals(followed.rows(name, FIRST)), name
    # Which slots of presence are published together depends on what arrives together; all else is of the whole day.
    ours, theirs = (
        {path: digest for path, digest in parquet(each).items() if f"date={FIRST}" in path and "presence" not in path}
        for each in (other, followed)
    )
    assert len(theirs) >= 8
    assert ours == theirs


@pytest.mark.slow
def test_events_beyond_the_lateness_change_the_count_of_late_events_alone(
    given: Generated, followed: Place, tmp_path: Path
) -> None:
    deliveries = in_delay(given.events, 25)[:DELIVERIES]
    at = times(deliveries[20])
    high = max(int(times(some).max()) for some in deliveries[:40])
    known = deliveries[20].filter(pa.array(at > 0))
    assert int(times(known).max()) < high - 40 * MINUTE
    late = take(place(tmp_path / "place", given), [*deliveries[:40], known, *deliveries[40:]])
    assert parquet(late) == parquet(followed)
    rejected = follower(followed).state.accounting
    counted = follower(late).state.accounting
    assert counted.late > 0
    assert counted.late + counted.all_rejected - rejected.all_rejected == known.num_rows
    assert counted.balances


@pytest.mark.parametrize("ahead", [pytest.param(26 * 60, marks=pytest.mark.slow), 12 * 365 * 24 * 60])
def test_events_far_ahead_of_their_partition_change_their_own_count_alone(
    given: Generated, followed: Place, tmp_path: Path, ahead: int
) -> None:
    deliveries = in_delay(given.events, 25)[:DELIVERIES]
    known = deliveries[20].filter(pa.array(times(deliveries[20]) > 0))
    wrong = known.slice(0, 3)
    at = pa.array(times(known).max() + ahead * MINUTE + np.arange(3)).cast(wrong.schema.field("event_time").type)
    wrong = wrong.set_column(0, wrong.schema.field("event_time"), at)
    deliveries[20] = pa.concat_tables([deliveries[20], wrong])
    fooled = take(place(tmp_path / "place", given), deliveries)
    assert parquet(fooled) == parquet(followed)
    ours, theirs = (follower(of).state.accounting for of in (fooled, followed))
    assert ours.rejected == theirs.rejected | {"far ahead of its partition": 3}
    assert ours == replace(theirs, rows_in=theirs.rows_in + 3, rejected=ours.rejected)
    assert ours.balances


def test_what_is_far_ahead_does_not_depend_on_how_deliveries_are_grouped(given: Generated, tmp_path: Path) -> None:
    deliveries = in_delay(given.events, 25)[:10]
    for number, ahead in enumerate([2, 400, 2, 30, 5_000, 400]):
        known = deliveries[number + 2].filter(pa.array(times(deliveries[number + 2]) > 0)).slice(0, 2)
        at = pa.array(times(known) + ahead * 24 * 60 * MINUTE).cast(known.schema.field("event_time").type)
        wrong = known.set_column(0, known.schema.field("event_time"), at)
        deliveries[number + 2] = pa.concat_tables([deliveries[number + 2], wrong])
    one_by_one, at_once = (place(tmp_path / name, given) for name in ("one", "all"))
    take(one_by_one, deliveries)
    for number, some in enumerate(deliveries):
        deliver(at_once, some, f"{number:04d}")
    found = follower(at_once)
    while found.round():
        pass
    ours, theirs = follower(one_by_one).state, found.state
    assert 0 < ours.accounting.rejected["far ahead of its partition"] <= 12
    assert ours.accounting == theirs.accounting
    assert ours.partitions == theirs.partitions


def test_what_comes_after_an_outage_of_days_is_taken(given: Generated, tmp_path: Path) -> None:
    to, deliveries = place(tmp_path / "place", given), in_delay(given.events, 25)
    later = deliveries[20].filter(pa.array(times(deliveries[20]) > 0))
    at = pa.array(times(later) + 3 * 24 * 60 * MINUTE).cast(later.schema.field("event_time").type)
    later = later.set_column(0, later.schema.field("event_time"), at)
    assert later.num_rows > 200
    found = follower(to)
    for number, some in enumerate([*deliveries[:3], later]):
        deliver(to, some, f"{number:04d}")
        assert found.round()
    assert found.state.days[FIRST.isoformat()].status == "closed"
    assert found.state.days["2026-06-15"].facts.events > 100
    assert "far ahead of its partition" not in found.state.accounting.rejected


@pytest.mark.slow
def test_a_key_of_a_day_far_ahead_goes_with_the_next_day_that_is_closed(given: Generated, tmp_path: Path) -> None:
    to, deliveries = with_key_files(tmp_path / "place", given), in_delay(given.events, 25)
    wrong = deliveries[3].filter(pa.array(times(deliveries[3]) > 0)).slice(0, 1)
    at = pa.array(times(wrong) + 4_000 * 24 * 60 * MINUTE).cast(wrong.schema.field("event_time").type)
    deliveries[3] = pa.concat_tables([deliveries[3], wrong.set_column(0, wrong.schema.field("event_time"), at)])
    found = follower(to)
    kept = list[list[str]]()
    for number, some in enumerate(deliveries[:54]):
        deliver(to, some, f"{number:04d}")
        found.round()
        kept.append(sorted(path.stem for path in found.working.keys.iterdir()))
    assert len(kept[3]) == 2
    assert kept[-1] == [SECOND.isoformat()]


def test_a_partition_that_lags_holds_the_windows_back_until_it_is_idle(given: Generated, tmp_path: Path) -> None:
    to, clock = place(tmp_path / "place", given), Clock()
    deliveries = in_delay(given.events, 0)
    found = follower(to, clock)
    deliver(to, deliveries[0], "slow/0000")
    for number, some in enumerate(deliveries[1:20]):
        deliver(to, some, f"quick/{number:04d}")
    while found.round():
        pass
    assert found.state.days[FIRST.isoformat()].published == 0
    clock.seconds += 59
    deliver(to, deliveries[20], "quick/0020")
    found.round()
    assert found.state.days[FIRST.isoformat()].published == 0
    clock.seconds += 1
    deliver(to, deliveries[21], "quick/0021")
    found.round()
    assert found.state.days[FIRST.isoformat()].published > 10


@pytest.mark.slow
def test_a_backlog_in_several_folders_makes_nothing_late(given: Generated, whole: Place, tmp_path: Path) -> None:
    to = place(tmp_path / "place", given, "[engine]\nstep_rows = 1000\n")
    for number, some in enumerate(in_delay(given.events, 0)):
        turn = np.arange(some.num_rows) % 3
        for folder in range(3):
            deliver(to, some.filter(pa.array(turn == folder)), f"{folder}/{number:04d}")
    rounds = 0
    # Again and again another follower: what is still to be read holds windows back from its first round on.
    while (found := follower(to)).round():
        rounds += 1
        found.round()
    assert rounds > 10
    assert found.state.accounting.rows_in == given.events.num_rows
    assert found.state.accounting.late == 0
    for name in INDICATORS:
        assert to.rows(name, FIRST).equals(whole.rows(name, FIRST)), name


def test_a_file_that_cannot_be_read_is_refused_and_holds_nobody_up(given: Generated, tmp_path: Path) -> None:
    to = place(tmp_path / "place", given)
    found, deliveries = follower(to), in_delay(given.events, 0)[:3]
    (to.inbox / "0000-torn.parquet").write_bytes(b"PAR1 and no more")
    (to.inbox / "notes.txt").write_text("no events")
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
    while found.round():
        pass
    assert sorted(found.inbox.refused) == ["0000-torn.parquet", "notes.txt"]
    assert found.state.accounting.rows_in == sum(some.num_rows for some in deliveries)


@pytest.mark.parametrize("question", [(inbox, "fragments"), (files, "mark_of"), (steps, "sha256_of")])
def test_a_file_that_is_moved_away_while_it_is_taken_is_left_out_and_read_when_it_is_back(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: tuple[ModuleType, str]
) -> None:
    to, away = place(tmp_path / "place", given), tmp_path / "away.parquet"
    found, deliveries = follower(to), in_delay(given.events, 0)[:3]
    for number, some in enumerate(deliveries):
        deliver(to, some, f"{number:04d}")
    moved, asked = to.inbox / "0002.parquet", getattr(*question)

    def ask(of: Path | dict[str, Path]) -> object:
        if moved in (of.values() if isinstance(of, dict) else [of]) and moved.exists():
            moved.rename(away)
        return asked(of)

    with monkeypatch.context() as patched:
        patched.setattr(*question, ask)
        assert found.round()
        found.round()
    assert away.exists()
    assert found.state.accounting.rows_in == sum(some.num_rows for some in deliveries[:2])
    away.rename(moved)
    while found.round():
        pass
    assert not found.inbox.refused
    assert found.state.accounting.rows_in == sum(some.num_rows for some in deliveries)


def test_an_empty_inbox_is_waited_for(given: Generated, tmp_path: Path) -> None:
    found = follower(place(tmp_path / "place", given))
    assert not found.round()
    assert not found.state.days
