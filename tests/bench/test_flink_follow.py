"""The benchmark of followers on Flink: when a follower has taken all, what fails it, and what is told."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.state import Accounting, DayState, State
from tests.bench import flink
from tests.bench.events import Scale, write
from tests.bench.flink_follow import (
    DAYS,
    TOPIC_HOURS,
    Compared,
    Follows,
    Topic,
    rows_of,
    see_that_all_is_counted,
    with_checkpoints,
)
from tests.bench.flink_found import EMBEDDED, FLINK, Asked, Found
from tests.bench.flink_parts import DRIVER
from tests.bench.flink_report import follow_section
from tests.bench.flink_turns import Job, Run, Turns
from tests.bench.flink_way import Way
from tests.bench.lots import CONFIG, folder_of
from tests.bench.measured import JobFailed
from tests.bench.used import Used
from tests.cluster.broker import Broker
from tests.follow.delivered import Place

FIRST, SECOND = (day.isoformat() for day in DAYS)
SENT = 1_000
SLOTS = 6
"""Of 28 hours: 4 after the day, less 30 minutes of lateness and 110 in which stays may still change."""


def of(processor: float, events: int = 40_000, job: Job | None = None) -> Run:
    return Run(events, processor, Used(Counter({DRIVER: processor}), peaks={"all": 1, DRIVER: 1}), {}, job)


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    write(tmp_path, Scale(10), hours=1)
    return Topic(tmp_path, tmp_path / CONFIG, SENT)


@pytest.fixture
def taken() -> State:
    days = {FIRST: DayState("closed"), SECOND: DayState(published=SLOTS)}
    return State("release", {}, accounting=Accounting(SENT, SENT), days=days)


def test_all_is_taken_as_soon_as_rows_the_first_day_and_the_windows_of_the_second_are(
    topic: Topic, taken: State
) -> None:
    assert topic.is_taken(taken)
    assert not topic.is_taken(None)
    assert not topic.is_taken(replace(taken, accounting=Accounting(SENT - 1, SENT - 1)))
    assert not topic.is_taken(taken.with_day(FIRST, DayState("staged")))
    assert not topic.is_taken(taken.with_day(SECOND, DayState(published=SLOTS - 1)))


@pytest.mark.parametrize(
    "counted",
    [Accounting(SENT + 1, SENT + 1), Accounting(SENT, SENT - 1, late=1), Accounting(SENT, SENT - 1)],
    ids=["a row twice", "a late row", "a row of which nothing is known"],
)
def test_a_row_that_is_not_counted_once_is_a_failure(counted: Accounting, topic: Topic, taken: State) -> None:
    see_that_all_is_counted(topic, taken)
    with pytest.raises(JobFailed, match="rows in, none of them late"):
        see_that_all_is_counted(topic, replace(taken, accounting=counted))


def test_other_rows_than_those_of_the_first_follower_are_a_failure_that_tells_where() -> None:
    compared, rows = Compared(), {"presence": pa.table({"devices": [20, 25]}), "nights": pa.table({"devices": [30]})}
    compared.see(10, rows)
    compared.see(10, dict(rows))
    with pytest.raises(JobFailed, match=r": nights$"):
        compared.see(10, rows | {"nights": pa.table({"devices": [35]})})
    with pytest.raises(JobFailed, match=r": presence$"):
        compared.see(10, rows | {"presence": pa.table({"devices": [25, 20]})})
    compared.see(20, rows | {"nights": pa.table({"devices": [35]})})
    assert compared.same == 3


def test_a_release_without_presence_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match=f"{FIRST}: no presence"):
        rows_of(Place(tmp_path))


def test_a_job_that_was_restored_is_no_measure() -> None:
    job = Job("7", 1.0, ())
    assert with_checkpoints(job, {"counts": {"completed": 3, "restored": 0}}).checkpoints == 3
    with pytest.raises(JobFailed, match="restored"):
        with_checkpoints(job, {"counts": {"completed": 3, "restored": 1}})


def test_the_section_of_followers_tells_of_both_drivers_and_leaves_the_other_section_alone() -> None:
    few = {EMBEDDED: [of(5.0)], FLINK: [of(50.0, job=Job("1", 40.0, (), 4))]}
    many = {EMBEDDED: [of(15.0, 2_040_000)], FLINK: [of(90.0, 2_040_000, Job("2", 80.0, (), 8))]}
    found = Found(Asked(), follow_few=few, follow_many=many, followed=4, load=(0.1, 0.2, 0.3))
    text = follow_section(found)
    assert "| embedded driver | 15.0 | 15.0 | 5.0 | 136,000 | 200,000 |" in text
    assert "| Flink / embedded driver | 6.00 | 6.00 | 10.00 | 0.17 | 0.25 |" in text
    assert "- checkpoints that it took: 8" in text
    page = flink.written("# Page\n\n## On Flink\n\nas it was\n", found)
    assert "## On Flink\n\nas it was\n" in page
    assert f"## {flink.FOLLOW_TITLE}\n\n{text}" in page


def test_events_of_more_hours_are_kept_apart(tmp_path: Path) -> None:
    assert folder_of(tmp_path, 10) != folder_of(tmp_path, 10, TOPIC_HOURS)


@pytest.mark.soak
def test_a_follower_by_itself_and_one_on_flink_take_and_publish_the_same(tmp_path: Path) -> None:
    with Turns(tmp_path, tmp_path, print) as turns, Broker(tmp_path / "broker") as broker:
        follows = Follows(turns, broker, "3s")
        alone, on_flink = (follows.run(500, way) for way in (Way("embedded"), Way()))
    assert follows.compared.same == 2
    assert alone.events == on_flink.events > 20_000
    assert 0 < alone.processor < on_flink.processor
    assert alone.job is None
    assert on_flink.job is not None
    assert on_flink.job.checkpoints
