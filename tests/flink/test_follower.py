"""A topic that is followed by a job of a cluster: what is published, and how the job goes on, whatever ends it."""

import random
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from anonymization.audit import audit
from anonymization.keys import KeyStore
from pipelines.flink import follower as module
from pipelines.flink.exchange import ReaderReceipt
from pipelines.flink.follower import FlinkFollower
from pipelines.flink.reading import NO_ROWS, Element
from pipelines.follow.terms import LOOK_SECONDS
from pipelines.shard_fold import STRIDE
from schemas.errors import InputError, PrivacyRefusal, SystemFailure, UsageError
from tests.flink.following import (
    FIRST,
    HALF,
    OVER,
    PARTITIONS,
    ROUNDS,
    SECOND,
    Logged,
    Scene,
    arrive,
    assert_first_day_as_in,
    begun,
    closing,
    committed,
    exchange,
    following,
    late_rows,
    parquet,
    publish_in_earnest,
    rounds,
)
from tests.flink.shelf import topic_place
from tests.follow.delivered import SMALL, Place
from tests.oracle.generate import Generated


@pytest.mark.slow
def test_a_job_publishes_the_files_of_the_follower_in_one_process_byte_for_byte(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRIDE", STRIDE)
    arrive(scene.shelf, scene.messages, OVER)
    alone = topic_place(scene.folder / "alone", scene.given, driver="embedded")
    with begun(alone) as (found, _, _):
        while found.round():
            pass
        expected = found.state
    to = topic_place(scene.folder / "cluster", scene.given, readers=2)
    with following(to, scene.cluster) as follower:
        closing(follower, scene.cluster)
        state = follower.state
    assert state.days[SECOND].published == expected.days[SECOND].published > 10
    assert parquet(to) == parquet(alone)
    assert state.watermark == expected.watermark
    assert state.partitions == expected.partitions
    assert state.accounting.rows_in == expected.accounting.rows_in > 3_000
    assert state.accounting.rejected == expected.accounting.rejected
    assert state.accounting.balances
    assert audit(to.release, allow_test=True).verdict


def test_windows_are_published_while_events_arrive_and_the_day_is_that_of_a_run(scene: Scene) -> None:
    to, published = topic_place(scene.folder / "place", scene.given, readers=2), []
    with following(to, scene.cluster) as follower:
        for hour in range(0, OVER, 6):
            arrive(scene.shelf, scene.messages, hour + 6, hour)
            rounds(follower, scene.cluster)
            if follower.state.days[FIRST].status == "open":
                published.append(follower.state.days[FIRST].published)
        closing(follower, scene.cluster)
    assert published == sorted(published)
    assert len(set(published)) > 4
    assert_first_day_as_in(scene.whole, to)
    assert audit(to.release, allow_test=True).verdict


# Stops, kills and failures


def test_a_follower_that_is_stopped_ends_its_job_with_a_savepoint_from_which_the_next_goes_on(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    for since, until in ((0, HALF), (HALF, 2 * HALF), (2 * HALF, OVER)):
        with following(to, scene.cluster) as follower:
            arrive(scene.shelf, scene.messages, until, since)
            if until == OVER:
                closing(follower, scene.cluster)
            else:
                rounds(follower, scene.cluster)
        assert scene.cluster.running() == {}
        job = exchange(to).job
        assert job is not None
        assert job.stopped_at.startswith("file:///")
    places = [place for _, _, place in scene.cluster.called("submit")]
    assert places[0] == ""
    assert all("/savepoints/savepoint-" in place for place in places[1:])
    assert len(places) == 3
    assert_first_day_as_in(scene.whole, to)


def test_a_follower_that_is_killed_leaves_its_job_at_work_and_the_next_goes_on_with_it(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    with begun(to) as (follower, _, _):
        follower.round()
    arrive(scene.shelf, scene.messages, HALF)
    scene.cluster.wake()
    arrive(scene.shelf, scene.messages, OVER, HALF)
    scene.cluster.wake()
    with following(to, scene.cluster) as again:
        closing(again, scene.cluster)
        assert len(scene.cluster.called("submit")) == 1
        assert len(scene.cluster.running()) == 1
    assert_first_day_as_in(scene.whole, to)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.slow
def test_a_job_that_fails_anywhere_and_is_restored_without_its_timers_gives_the_same_day(
    scene: Scene, seed: int
) -> None:
    drawn, to, failures = random.Random(seed), topic_place(scene.folder / "place", scene.given, readers=2), 0
    scene.shelf.at_once = 3
    with following(to, scene.cluster) as follower:
        (number,) = scene.cluster.running()
        arrive(scene.shelf, scene.messages, OVER)
        for _ in range(40):
            move = drawn.choice(["first", "second", "keep", "fail", "publish"])
            if move == "keep":
                scene.cluster.checkpoint()
            elif move == "fail":
                scene.cluster.restore(number)
                failures += 1
            elif move == "publish":
                follower.round()
            else:
                scene.cluster.wake(0 if move == "first" else 1)
        assert failures > 2
        rounds(follower, scene.cluster, 20)
        closing(follower, scene.cluster)
        state = follower.state
    assert state.days[FIRST].status == "closed"
    assert state.accounting.balances
    assert state.partitions["t/0"].offset == len(scene.shelf.values[0])
    assert_first_day_as_in(scene.whole, to)


def test_without_a_savepoint_the_next_follower_goes_on_from_the_last_checkpoint(scene: Scene) -> None:
    to, log = topic_place(scene.folder / "place", scene.given), Logged()
    scene.cluster.savepoints = False
    with following(to, scene.cluster, log) as follower:
        arrive(scene.shelf, scene.messages, HALF)
        rounds(follower, scene.cluster)
        arrive(scene.shelf, scene.messages, 2 * HALF, HALF)
        scene.cluster.wake()
    assert scene.cluster.running() == {}
    assert len(log.of("no savepoint")) == 1
    with following(to, scene.cluster) as follower:
        arrive(scene.shelf, scene.messages, OVER, 2 * HALF)
        closing(follower, scene.cluster)
    assert scene.cluster.called("submit")[1][2].endswith("/chk-1")
    assert_first_day_as_in(scene.whole, to)


def test_a_job_that_ends_by_itself_ends_the_follower_and_the_next_goes_on_from_its_last_checkpoint(
    scene: Scene,
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        (found,) = scene.cluster.running_jobs()
        found.error, found.state = ZeroDivisionError(), "ended"
        with pytest.raises(SystemFailure, match="to go on, got ZeroDivisionError in a task") as raised:
            follower.round()
    assert "it goes on where it was" in raised.value.hint
    arrive(scene.shelf, scene.messages, OVER, HALF)
    with following(to, scene.cluster) as follower:
        closing(follower, scene.cluster)
    assert [place.rpartition("/")[2] for _, _, place in scene.cluster.called("submit")] == ["", "chk-1"]
    assert_first_day_as_in(scene.whole, to)


def test_a_job_that_the_cluster_has_forgotten_is_begun_from_its_last_checkpoint(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        bucket = follower.state.days[FIRST].bucket
        (gone,) = scene.cluster.jobs.values()
        scene.cluster.jobs = {"gone": replace(gone, state="ended")}
        follower.round()
        assert scene.cluster.called("submit")[1][2].endswith("/chk-1")
        arrive(scene.shelf, scene.messages, HALF + 10, HALF)
        rounds(follower, scene.cluster)
        assert follower.state.days[FIRST].bucket > bucket > 0


def test_a_job_that_the_cluster_has_forgotten_before_its_first_checkpoint_is_begun_from_nothing(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        scene.cluster.wake()
        follower.round()
        rows = follower.state.accounting.rows_in
        (gone,) = scene.cluster.jobs.values()
        scene.cluster.jobs = {"gone": replace(gone, state="ended")}
        follower.round()
        assert [place for _, _, place in scene.cluster.called("submit")] == ["", ""]
        rounds(follower, scene.cluster)
        assert follower.state.accounting.rows_in == rows > 0
        arrive(scene.shelf, scene.messages, OVER, HALF)
        closing(follower, scene.cluster)
        assert follower.state.accounting.balances
    assert_first_day_as_in(scene.whole, to)


def test_nothing_is_published_before_the_job_could_be_restored(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        scene.cluster.wake()
        follower.round()
        follower.round()
        assert exchange(to).sums(FIRST, 0, module.STRIDE, 1_440)
        assert parquet(to) == {}
        assert follower.state.days[FIRST].bucket == 0
        scene.cluster.checkpoint()
        follower.round()
        assert parquet(to)


# Errors


def test_an_error_of_a_reader_is_raised_as_itself_and_ends_the_job(scene: Scene) -> None:
    to, scene.shelf.id = topic_place(scene.folder / "place", scene.given), "one"
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        scene.shelf.id = "another"
        scene.cluster.wake()
        with pytest.raises(InputError, match="expected the topic that was read before, got another"):
            follower.round()
    assert scene.cluster.running() == {}


def test_a_day_that_was_published_before_is_refused_as_itself_and_ends_the_job(scene: Scene) -> None:
    places = [topic_place(scene.folder / name, scene.given) for name in ("first", "second")]
    for to in places:
        publish_in_earnest(to, scene.folder)
    arrive(scene.shelf, scene.messages, HALF)
    with following(places[0], scene.cluster) as follower:
        rounds(follower, scene.cluster)
    assert parquet(places[0])
    with pytest.raises(PrivacyRefusal), following(places[1], scene.cluster) as follower:
        rounds(follower, scene.cluster)
    assert scene.cluster.running() == {}
    assert parquet(places[1]) == {}


class Damaged:
    """Drops or doubles one element with rows of the first day on its way to a shard."""

    def __init__(self, times: int) -> None:
        self.times, self.at = times, 3

    def __call__(self, element: Element) -> Iterable[Element]:
        if element[0] != FIRST or bytes(element[2]) == NO_ROWS:
            return [element]
        self.at -= 1
        return [element] * (self.times if self.at == 0 else 1)


@pytest.mark.parametrize(("times", "got"), [(2, "more"), (0, "fewer")])
def test_rows_that_are_lost_or_counted_twice_end_the_follower_before_the_day_is_published(
    scene: Scene, times: int, got: str
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    scene.cluster.passing = Damaged(times)
    arrive(scene.shelf, scene.messages, OVER)
    with pytest.raises(SystemFailure, match=f"as were handed on, got {got}"), following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster, ROUNDS)
    assert not [name for name in parquet(to) if FIRST in name]


def test_rows_that_shards_have_found_before_a_reader_tells_of_them_end_nothing(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        known = exchange(to).shards(FIRST)[0]
        # A take that is under way: what it handed on it tells at its end.
        early = replace(known.found, late=known.found.late + 5)
        exchange(to).tell_shard(FIRST, 0, replace(known, found=early))
        rounds(follower, scene.cluster, 6)
        assert FIRST not in exchange(to).announced.late
        exchange(to).tell_shard(FIRST, 0, known)
        closing(follower, scene.cluster)


def test_a_day_waits_for_the_last_reader_to_hear_of_its_end(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        scene.cluster.wake()
        for _ in range(ROUNDS):
            scene.cluster.wake(0)
            scene.cluster.checkpoint()
            follower.round()
        assert follower.state.days[FIRST].status == "open"
        closing(follower, scene.cluster)
        assert follower.state.accounting.balances


def test_a_follower_that_is_killed_after_readers_have_heard_that_a_day_is_closed_closes_it_when_it_is_begun_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = topic_place(scene.folder / "place", scene.given)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    arrive(scene.shelf, scene.messages, OVER - 1)
    with begun(to) as (follower, _, _):
        assert isinstance(follower, FlinkFollower)
        follower.round()
        with monkeypatch.context() as patched:
            patched.setattr(FlinkFollower, "close", killed)
            with pytest.raises(KeyboardInterrupt):
                closing(follower, scene.cluster)
    assert FIRST in exchange(to).announced.late
    assert FIRST not in exchange(to).announced.published
    arrive(scene.shelf, scene.messages, OVER, OVER - 1)
    scene.cluster.wake()
    with following(to, scene.cluster) as again:
        closing(again, scene.cluster)
        assert again.state.accounting.balances
    assert_first_day_as_in(scene.whole, to)


def test_a_release_is_read_by_as_many_readers_as_it_was_begun_with(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
    text = to.config.read_text(encoding="utf-8")
    to.config.write_text(text.replace("readers = 2", "readers = 3"), encoding="utf-8")
    expected = "readers: expected 2, as when this release was begun, got 3"
    with pytest.raises(UsageError, match=expected) as raised, following(to, scene.cluster):
        pass
    assert "write readers = 2" in raised.value.hint
    to.config.write_text(text, encoding="utf-8")
    with following(to, scene.cluster):
        assert len(scene.cluster.running()) == 1


# Inputs that change


def own(folder: Path, given: Generated) -> Place:
    """A place with small inputs of its own, which a test may change."""
    found = topic_place(folder, given)
    for file in SMALL.values():
        shutil.copy(given.directory / file, folder / file)
    text = found.config.read_text(encoding="utf-8").replace(str(given.directory), str(folder))
    found.config.write_text(text, encoding="utf-8")
    return found


def renamed(of: Place) -> None:
    zones = of.folder / SMALL["zones"]
    hidden = zones.with_name(".new")
    hidden.write_bytes(zones.read_bytes().replace(b'"name": "', b'"name": "New ', 1))
    hidden.rename(zones)


def test_inputs_that_change_end_and_begin_the_job_and_a_day_keeps_what_it_began_with(scene: Scene) -> None:
    to = own(scene.folder / "place", scene.given)
    with begun(to) as (follower, terms, clock):
        assert isinstance(follower, FlinkFollower)
        follower.round()
        arrive(scene.shelf, scene.messages, HALF)
        rounds(follower, scene.cluster)
        before = follower.state.terms
        renamed(to)
        clock.seconds += LOOK_SECONDS
        inputs = terms.renewed(follower.kept)
        assert inputs is not None
        follower.begin_days_with(inputs)
        assert len(scene.cluster.called("stop")) == 1
        arrive(scene.shelf, scene.messages, OVER, HALF)
        follower.round()
        closing(follower, scene.cluster)
        state = follower.state
        follower.end()
    (_, _, first), (_, _, second) = scene.cluster.called("submit")
    assert (first, "/savepoints/savepoint-" in second) == ("", True)
    tasks = [found.order.task for found in scene.cluster.jobs.values()]
    assert tasks[0].terms == before != tasks[1].terms
    assert tasks[1].begun == {FIRST: before}
    assert state.days[SECOND].terms == tasks[1].terms
    assert_first_day_as_in(scene.whole, to)


# What is left of what was


def test_former_checkpoints_and_savepoints_go_once_the_job_has_its_own(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)

    def left() -> list[str]:
        return sorted(f"{path.parent.name}/{path.name}" for path in exchange(to).path.glob("*points/*"))

    (first,) = scene.cluster.jobs
    assert left() == [f"savepoints/savepoint-{first[:6]}-000000000002"]
    with following(to, scene.cluster) as follower:
        follower.round()
        assert left() == [f"savepoints/savepoint-{first[:6]}-000000000002"]
        scene.cluster.checkpoint()
        follower.round()
        (second,) = scene.cluster.running()
        assert left() == [f"checkpoints/{second}"]


def test_a_job_of_a_release_that_was_removed_is_cancelled_and_nothing_of_it_is_used(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    text = to.config.read_text(encoding="utf-8").replace("[engine.flink]", '[engine.flink]\nexchange = "exchange"')
    to.config.write_text(text, encoding="utf-8")
    arrive(scene.shelf, scene.messages, HALF)
    with begun(to) as (follower, _, _):
        assert isinstance(follower, FlinkFollower)
        follower.round()
        rounds(follower, scene.cluster)
    (first,) = scene.cluster.running()
    for name in ("release", "release.work"):
        shutil.rmtree(to.folder / name)
    scene.shelf.values = {}
    with following(to, scene.cluster) as follower:
        assert scene.cluster.called("cancel") == [("cancel", first)]
        assert [place for _, _, place in scene.cluster.called("submit")] == ["", ""]
        rounds(follower, scene.cluster)
        assert follower.state.accounting.rows_in == 0
        assert follower.state.days == {}
    assert parquet(to) == {}


def test_the_key_of_a_day_goes_after_readers_have_heard_that_it_is_closed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    publish_in_earnest(to, scene.folder)
    heard, destroy = list[bool](), KeyStore.destroy

    def seen(self: KeyStore, day: date) -> None:
        told = exchange(to).all_told(ReaderReceipt).get("reader-000")
        assert told is not None
        heard.append(day.isoformat() in exchange(to).announced.late and told.heard == exchange(to).announced.number)
        destroy(self, day)

    monkeypatch.setattr(KeyStore, "destroy", seen)
    with following(to, scene.cluster) as follower:
        arrive(scene.shelf, scene.messages, OVER)
        closing(follower, scene.cluster)
    assert heard[0]
    assert all(heard)
    keys = {path.name for path in (to.folder / "release.work" / "keys").iterdir()}
    assert keys == {f"{SECOND}.key"}
    assert not exchange(to).day(FIRST).exists()
    assert exchange(to).day(SECOND).exists()


def test_events_of_a_day_that_is_closed_are_late_also_without_its_key(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        closing(follower, scene.cluster)
        published, late = parquet(to), follower.state.accounting.late
        # A partition that is new has them again.
        scene.shelf.put(PARTITIONS, *scene.messages[0][:10])
        rounds(follower, scene.cluster)
        assert follower.state.accounting.late > late + 100
        assert follower.state.accounting.balances
    assert parquet(to) == published
    assert committed(to).days[FIRST].status == "closed"


def test_a_restore_after_a_day_was_published_changes_nothing_of_it(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        closing(follower, scene.cluster)
        published, accounting = parquet(to), follower.state.accounting
        (number,) = scene.cluster.running()
        for _ in range(3):
            scene.cluster.restore(number)
            rounds(follower, scene.cluster)
        assert follower.state.accounting == accounting
        assert not exchange(to).day(FIRST).exists()
    assert {name: data for name, data in parquet(to).items() if name in published} == published
    assert_first_day_as_in(scene.whole, to)


@pytest.mark.parametrize("seed", range(3))
def test_rows_that_come_while_a_day_ends_are_late_and_counted_once_whatever_fails_in_between(
    scene: Scene, seed: int
) -> None:
    drawn, to = random.Random(seed), topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        before, (number,) = follower.state.accounting, scene.cluster.running()
        moves = [
            scene.cluster.checkpoint,
            scene.cluster.wake,
            lambda: scene.cluster.wake(0),
            lambda: scene.cluster.restore(number),
        ]
        for value in scene.messages[0][:24]:
            # A partition that is new has events of the day again.
            scene.shelf.put(PARTITIONS, value)
            drawn.choice(moves)()
            follower.round()
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        after = follower.state.accounting
    assert late_rows(before, after) > 100
    assert_first_day_as_in(scene.whole, to)


def test_keys_of_days_before_the_open_ones_go_with_a_day_that_ends_and_those_of_days_to_come_stay(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        for day in ("2026-06-01", "2026-06-11", "2026-06-14"):
            follower.closing.keys.create_or_open(date.fromisoformat(day))
        closing(follower, scene.cluster)
        there = [date(2026, 6, day) for day in range(1, 20) if follower.closing.keys.exists(date(2026, 6, day))]
    assert [day.isoformat() for day in there] == [SECOND, "2026-06-14"]


def test_a_job_is_not_begun_anew_where_the_exchange_or_the_address_of_one_at_work_is_another(scene: Scene) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    with begun(to) as (follower, _, _):
        assert isinstance(follower, FlinkFollower)
        follower.round()
        rounds(follower, scene.cluster)
    text = to.config.read_text(encoding="utf-8")
    elsewhere = text.replace("[engine.flink]", '[engine.flink]\nexchange = "elsewhere"')
    to.config.write_text(elsewhere, encoding="utf-8")
    expected = "exchange: expected the folder of the job of this release"
    with pytest.raises(UsageError, match=expected), following(to, scene.cluster):
        pass
    to.config.write_text(text, encoding="utf-8")
    scene.cluster.address = "another:8081"
    expected = "address: expected played:8081, where the job of this release runs"
    with pytest.raises(UsageError, match=expected), begun(to) as (follower, _, _):
        follower.round()
    scene.cluster.address = "played:8081"
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
    scene.cluster.address = "another:8081"
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
    assert len(scene.cluster.called("submit")) == 2


def test_a_day_that_a_job_began_while_nobody_published_keeps_what_it_began_with(scene: Scene) -> None:
    to = own(scene.folder / "place", scene.given)
    with begun(to) as (follower, _, _):
        follower.round()
        before = follower.state.terms
    arrive(scene.shelf, scene.messages, HALF)
    scene.cluster.wake()
    scene.cluster.checkpoint()
    renamed(to)
    with begun(to) as (follower, _, _):
        assert isinstance(follower, FlinkFollower)
        assert follower.state.terms != before
        assert follower.state.days[FIRST].terms == before
        follower.round()
        arrive(scene.shelf, scene.messages, OVER, HALF)
        closing(follower, scene.cluster)
        follower.end()
    assert_first_day_as_in(scene.whole, to)


@pytest.mark.parametrize("heard", [False, True], ids=["before readers have heard of it", "after"])
def test_a_restore_from_before_the_end_of_a_day_has_it_counted_again_before_anything_of_it_is_late(
    scene: Scene, heard: bool
) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        arrive(scene.shelf, scene.messages, OVER, HALF)
        scene.cluster.wake()
        follower.round()
        assert len(exchange(to).shards(FIRST)) == 2
        if heard:
            scene.cluster.wake()
            follower.round()
        (number,) = scene.cluster.running()
        scene.cluster.restore(number)
        # What shards had handed on before is still there where the next checkpoints are taken.
        scene.shelf.at_once = 1
        scene.cluster.checkpoint()
        follower.round()
        rounds(follower, scene.cluster, 3)
        assert FIRST not in exchange(to).announced.late
        scene.shelf.at_once = 1_000
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        state = follower.state
    assert state.accounting.late == 0
    assert state.accounting.balances
    assert_first_day_as_in(scene.whole, to)
