"""What fails while a job of a cluster follows a topic: nothing is lost, counted twice, or counted as something else."""

import random
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from pipelines.flink.follower import FlinkFollower
from pipelines.flink.order import Order
from pipelines.flink.reading import Element
from pipelines.ipc import packed
from pipelines.sources.messages import Messages
from pipelines.state import Accounting
from pipelines.steps import Steps
from schemas.errors import SystemFailure
from tests.flink.conftest import played, shelved
from tests.flink.following import (
    EARLIER,
    FIRST,
    HALF,
    OVER,
    PARTITIONS,
    ROUNDS,
    SECOND,
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
from tests.flink.played import PlayedCluster, TopicJob
from tests.flink.shelf import Shelved, day_before, topic_place
from tests.follow.delivered import Place
from tests.oracle.generate import Generated


@pytest.fixture(scope="module")
def undisturbed(
    given: Generated, messages: dict[int, list[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Accounting:
    """The accounting of a follower of all messages until the first day is closed, where nothing fails."""
    with pytest.MonkeyPatch.context() as where:
        shelf, cluster = shelved(where), played(where)
        arrive(shelf, messages, OVER)
        return followed(tmp_path_factory.mktemp("undisturbed") / "place", given, cluster)


def followed(folder: Path, given: Generated, cluster: PlayedCluster) -> Accounting:
    """The accounting of a follower of what is on the shelf, where nothing fails."""
    with following(topic_place(folder, given), cluster) as follower:
        closing(follower, cluster)
        rounds(follower, cluster)
        return follower.state.accounting


# Restores while a day ends


def test_a_checkpoint_that_began_before_readers_heard_of_the_end_of_a_day_does_not_make_it_late(
    scene: Scene, undisturbed: Accounting, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        ((number, found),) = scene.cluster.jobs.items()
        assert isinstance(found.job, TopicJob)
        half = found.job.snapshot()
        arrive(scene.shelf, scene.messages, OVER, HALF)
        scene.cluster.wake()
        follower.round()
        assert len(exchange(to).shards(FIRST)) == 2
        with monkeypatch.context() as patched:
            # The one that is asked for is under way all the while.
            patched.setattr(PlayedCluster, "take_checkpoint", lambda *_: "1")
            patched.setattr(PlayedCluster, "has_taken", lambda *_: False)
            for _ in range(ROUNDS):
                scene.cluster.wake()
                scene.cluster.checkpoint(half)
                follower.round()
        assert FIRST not in exchange(to).announced.late
        scene.cluster.restore(number)
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        accounting = follower.state.accounting
    assert accounting == undisturbed
    assert_first_day_as_in(scene.whole, to)


def test_a_restore_between_what_readers_heard_and_the_checkpoint_that_is_asked_for_has_the_day_counted_again(
    scene: Scene, undisturbed: Accounting
) -> None:
    to = topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        (number,) = scene.cluster.running()
        arrive(scene.shelf, scene.messages, OVER, HALF)
        scene.cluster.wake()
        follower.round()
        scene.cluster.wake()
        scene.cluster.restore(number)
        # It is whole before any reader has taken something again.
        scene.shelf.at_once = 0
        follower.round()
        scene.cluster.checkpoint()
        follower.round()
        follower.round()
        scene.shelf.at_once = 1
        rounds(follower, scene.cluster, 5)
        assert FIRST not in exchange(to).announced.late
        scene.shelf.at_once = 1_000
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        accounting = follower.state.accounting
    assert accounting == undisturbed
    assert_first_day_as_in(scene.whole, to)


class AtOnce(random.Random):
    """A chance by which each checkpoint that is asked for is whole at once, and no timer outlives a restore."""

    def random(self) -> float:
        return 0.0


def test_a_restore_after_a_day_is_late_has_it_wait_until_its_shards_have_told_again(scene: Scene) -> None:
    to, under_way, is_slow = topic_place(scene.folder / "place", scene.given), list[Element](), False

    def passing(element: Element) -> list[Element]:
        """What a restored reader hands on takes a while to its shards."""
        if is_slow:
            under_way.append(element)
        return [] if is_slow else [element]

    scene.cluster.chance, scene.cluster.passing = AtOnce(), passing
    arrive(scene.shelf, scene.messages, OVER)
    late = iter(scene.messages[0])
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        before, (number,) = follower.state.accounting, scene.cluster.running()
        while FIRST not in exchange(to).announced.late:
            scene.shelf.put(PARTITIONS, next(late))
            scene.cluster.wake()
            follower.round()
        # Rows that were late in their shards after the last checkpoint are late in their reader after the restore.
        scene.cluster.wake()
        scene.cluster.restore(number)
        follower.round()
        follower.round()
        is_slow = True
        scene.cluster.wake()
        follower.round()
        assert follower.state.days[FIRST].status == "open"
        job = scene.cluster.jobs[number].job
        assert isinstance(job, TopicJob)
        for element in under_way:
            job.stages.take(element)
        is_slow = False
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        after = follower.state.accounting
    assert FIRST in {element[0] for element in under_way}
    assert late_rows(before, after) > 0
    assert_first_day_as_in(scene.whole, to)


def test_a_restore_to_before_the_beginning_of_a_day_that_is_over_has_all_of_it_counted_again(scene: Scene) -> None:
    to, before = topic_place(scene.folder / "place", scene.given), day_before(scene.given)
    for partition in range(PARTITIONS):
        scene.shelf.put(partition, *[packed(before.slice(at, 1)) for at in range(12)])
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        scene.shelf.at_once = 1
        rounds(follower, scene.cluster)
        (number,) = scene.cluster.jobs
        scene.shelf.at_once = 1_000
        scene.cluster.wake()
        follower.round()
        assert len(exchange(to).shards(FIRST)) == 2
        scene.cluster.restore(number)
        # It catches up, and has not come to the day again.
        scene.shelf.at_once = 1
        rounds(follower, scene.cluster, 8)
        assert FIRST not in exchange(to).announced.late
        scene.shelf.at_once = 1_000
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        state = follower.state
    assert state.accounting.late == 0
    assert state.accounting == followed(scene.folder / "other", scene.given, scene.cluster)
    assert_first_day_as_in(scene.whole, to)


# Two days that end together


@pytest.mark.parametrize("slow", [False, True], ids=["between rounds", "while days are published"])
def test_rows_that_readers_take_of_two_days_that_end_together_are_late_and_make_no_key_anew(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    publish_in_earnest(to, scene.folder)
    both = [packed(day_before(scene.given)), scene.messages[0][0], scene.messages[0][1]]
    scene.shelf.put(0, both[0])
    arrive(scene.shelf, scene.messages, OVER)
    close, take, closed = FlinkFollower._close, Shelved.take, list[str]()

    def closes(self: FlinkFollower, day: str, late: Collection[str] = ()) -> None:
        close(self, day, late)
        closed.append(day)
        scene.shelf.put(PARTITIONS, *both)
        scene.cluster.wake()

    with following(to, scene.cluster) as follower:

        def takes(self: Shelved, positions: Mapping[str, int], rows: int, seconds: float) -> list[Messages]:
            """A reader knows what was announced before, and waits for brokers."""
            for _ in range(3):
                follower.round()
            return take(self, positions, rows, seconds)

        rounds(follower, scene.cluster)
        before = follower.state.accounting
        monkeypatch.setattr(FlinkFollower, "_close", closes)
        if slow:
            monkeypatch.setattr(Shelved, "take", takes)
        for _ in range(ROUNDS):
            scene.shelf.put(PARTITIONS, *both)
            rounds(follower, scene.cluster)
        after = follower.state.accounting
        keys = {path.name for path in (to.folder / "release.work" / "keys").iterdir()}
    assert closed == [EARLIER, FIRST]
    assert keys == {f"{SECOND}.key"}
    assert late_rows(before, after) > 500
    assert after.balances


# Followers that are killed, and what they leave


@pytest.mark.parametrize("forgotten", [False, True], ids=["the job is known", "the job is forgotten"])
@pytest.mark.parametrize("until", [HALF, OVER], ids=["within a day", "after a day was closed"])
def test_a_follower_that_is_killed_with_a_savepoint_it_has_not_remembered_is_gone_on_with_from_that(
    scene: Scene, undisturbed: Accounting, monkeypatch: pytest.MonkeyPatch, until: int, forgotten: bool
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, until)
    before = killed_with_a_savepoint(to, scene.cluster, monkeypatch, closes=until == OVER)
    assert (committed(to).days[FIRST].status == "closed") is (until == OVER)
    if forgotten:
        scene.cluster.jobs = {f"forgotten-{number}": job for number, job in scene.cluster.jobs.items()}
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster, 3)
        assert follower.state.accounting == before
        arrive(scene.shelf, scene.messages, OVER, until)
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        accounting = follower.state.accounting
    assert ["/savepoints/savepoint-" in place for _, _, place in scene.cluster.called("submit")] == [False, True]
    assert accounting == undisturbed
    assert_first_day_as_in(scene.whole, to)


@pytest.mark.parametrize("forgotten", [False, True], ids=["the job is known", "the job is forgotten"])
def test_a_job_of_which_nothing_is_left_is_not_begun_from_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, forgotten: bool
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, HALF)
    killed_with_a_savepoint(to, scene.cluster, monkeypatch)
    for name in ("savepoints", "checkpoints"):
        shutil.rmtree(exchange(to).path / name)
    if forgotten:
        scene.cluster.jobs = {f"forgotten-{number}": job for number, job in scene.cluster.jobs.items()}
    state, released = committed(to), parquet(to)
    for _ in range(2):
        with (
            pytest.raises(SystemFailure, match="expected a savepoint or a checkpoint of job"),
            following(to, scene.cluster),
        ):
            pass
    assert len(scene.cluster.called("submit")) == 1
    assert scene.cluster.running() == {}
    assert committed(to) == state
    assert parquet(to) == released


def killed_with_a_savepoint(
    to: Place, cluster: PlayedCluster, where: pytest.MonkeyPatch, *, closes: bool = False
) -> Accounting:
    """A follower that is killed after the savepoint with which it ends its job; its accounting."""
    stop = PlayedCluster.stop

    def killed(self: PlayedCluster, job: str, folder: str) -> str:
        stop(self, job, folder)
        raise KeyboardInterrupt

    with where.context() as patched:
        patched.setattr(PlayedCluster, "stop", killed)
        with pytest.raises(KeyboardInterrupt), following(to, cluster) as follower:
            rounds(follower, cluster, ROUNDS if closes else 1)
    return committed(to).accounting


def test_rows_that_arrive_while_a_day_cannot_be_staged_are_counted_once_when_it_is_begun_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    arrive(scene.shelf, scene.messages, OVER)
    # Of this one the events of the morning are there twice.
    scene.shelf.put(0, scene.messages[0][5])

    def fails(*_: object) -> None:
        arrive(scene.shelf, scene.messages, OVER + 1, OVER)
        scene.shelf.put(PARTITIONS, *scene.messages[0][:10])
        scene.cluster.wake()
        raise SystemFailure("the disk is full", "make room")

    with monkeypatch.context() as patched:
        patched.setattr(Steps, "_stage", fails)
        with pytest.raises(SystemFailure, match="the disk is full"), following(to, scene.cluster) as follower:
            closing(follower, scene.cluster)
    assert committed(to).folded == Accounting()
    with following(to, scene.cluster) as follower:
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        accounting = follower.state.accounting
    assert_first_day_as_in(scene.whole, to)
    # The same, where it arrives once the day is published.
    del scene.shelf.values[PARTITIONS]
    with following(topic_place(scene.folder / "other", scene.given), scene.cluster) as follower:
        closing(follower, scene.cluster)
        scene.shelf.put(PARTITIONS, *scene.messages[0][:10])
        rounds(follower, scene.cluster)
        assert accounting == follower.state.accounting
    assert accounting.late > 100
    assert accounting.duplicates > 0


@pytest.mark.parametrize("wakes", [False, True], ids=["before it is woken", "after it was woken"])
def test_a_submission_that_outlives_its_follower_reads_nothing_and_is_cancelled(
    scene: Scene, undisturbed: Accounting, monkeypatch: pytest.MonkeyPatch, wakes: bool
) -> None:
    to = topic_place(scene.folder / "place", scene.given)
    submit, left = PlayedCluster.submit, list[Order]()

    def killed(_: PlayedCluster, order: Order, _path: Path) -> str:
        left.append(order)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(PlayedCluster, "submit", killed)
        with pytest.raises(KeyboardInterrupt), begun(to) as (follower, _, _):
            follower.round()
    arrive(scene.shelf, scene.messages, HALF)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        before, (known,) = follower.state, scene.cluster.running()
        # The order of the job that is at work stays where its tasks find it.
        orphan = submit(scene.cluster, left[0], scene.folder / "order.json")
        job = scene.cluster.jobs[orphan].job
        assert isinstance(job, TopicJob)
        if wakes:
            with pytest.raises(SystemFailure, match="another job of the same release is at work"):
                job.wake()
        follower.round()
        assert follower.state == before
        assert scene.cluster.called("cancel") == [("cancel", orphan)]
        assert list(scene.cluster.running()) == [known]
        arrive(scene.shelf, scene.messages, OVER, HALF)
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        accounting = follower.state.accounting
    assert accounting == undisturbed
    assert_first_day_as_in(scene.whole, to)


def test_a_first_start_that_was_killed_and_then_failed_goes_on_as_any_other(
    scene: Scene, undisturbed: Accounting, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, submit = topic_place(scene.folder / "place", scene.given), PlayedCluster.submit

    def killed(self: PlayedCluster, order: Order, path: Path) -> str:
        submit(self, order, path)
        raise KeyboardInterrupt

    def failed(_: PlayedCluster, _order: Order, _path: Path) -> str:
        raise SystemFailure("expected a job to be submitted, got no answer", "start it again")

    with monkeypatch.context() as patched:
        patched.setattr(PlayedCluster, "submit", killed)
        with pytest.raises(KeyboardInterrupt), begun(to) as (follower, _, _):
            follower.round()
    # What nobody knows of may read.
    arrive(scene.shelf, scene.messages, HALF)
    scene.cluster.wake()
    with monkeypatch.context() as patched:
        patched.setattr(PlayedCluster, "submit", failed)
        with pytest.raises(SystemFailure, match="to be submitted, got no answer"), begun(to) as (follower, _, _):
            follower.round()
    assert scene.cluster.running() == {}
    with following(to, scene.cluster) as again:
        assert again.state.accounting == Accounting()
        arrive(scene.shelf, scene.messages, OVER, HALF)
        closing(again, scene.cluster)
        rounds(again, scene.cluster)
        accounting = again.state.accounting
    assert accounting == undisturbed
    assert_first_day_as_in(scene.whole, to)


def test_a_job_that_its_follower_could_not_end_is_taken_over_by_the_next(
    scene: Scene, undisturbed: Accounting, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = topic_place(scene.folder / "place", scene.given)

    def away(*_: object) -> None:
        raise SystemFailure("expected an answer of the JobManager, got TimeoutError", "start the cluster")

    arrive(scene.shelf, scene.messages, HALF)
    with monkeypatch.context() as patched, following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        patched.setattr(PlayedCluster, "stop", away)
        patched.setattr(PlayedCluster, "cancel", away)
        follower.end()
    (number,) = scene.cluster.running()
    arrive(scene.shelf, scene.messages, OVER - 5, HALF)
    # Meanwhile it goes on, and what it had kept when the follower ended is gone.
    for _ in range(3):
        scene.cluster.wake()
        scene.cluster.checkpoint()
    arrive(scene.shelf, scene.messages, OVER, OVER - 5)
    with following(to, scene.cluster) as follower:
        assert list(scene.cluster.running()) == [number]
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        accounting = follower.state.accounting
    assert len(scene.cluster.called("submit")) == 1
    assert accounting == undisturbed
    assert_first_day_as_in(scene.whole, to)


# Whatever fails


def anything(follower: FlinkFollower, cluster: PlayedCluster) -> list[Callable[[], object]]:
    """Moves of readers, of the job, and of followers that end it and begin it anew."""

    def restore() -> None:
        (number,) = cluster.running()
        cluster.restore(number)

    def anew(savepoints: bool) -> None:
        cluster.savepoints = savepoints
        follower.end()
        cluster.savepoints = True
        follower.round()

    readers = [cluster.wake, lambda: cluster.wake(0), lambda: cluster.wake(1)]
    return [cluster.checkpoint, *readers, restore, lambda: anew(True), lambda: anew(False)]


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_come_while_a_day_ends_are_late_and_counted_once_whatever_fails_and_begins_anew(
    scene: Scene, seed: int
) -> None:
    drawn, to = random.Random(seed), topic_place(scene.folder / "place", scene.given, readers=2)
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        before, moves = follower.state.accounting, anything(follower, scene.cluster)
        for value in scene.messages[0][:30]:
            scene.shelf.put(PARTITIONS, value)
            drawn.choice(moves)()
            follower.round()
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        after = follower.state.accounting
    assert late_rows(before, after) > 100
    assert after.balances
    assert_first_day_as_in(scene.whole, to)


@pytest.mark.parametrize("seed", range(100, 106))
@pytest.mark.slow
def test_two_days_end_together_whatever_fails_and_begins_anew_however_little_readers_take_at_once(
    scene: Scene, seed: int
) -> None:
    drawn, to = random.Random(seed), topic_place(scene.folder / "place", scene.given, readers=2)
    scene.shelf.put(0, packed(day_before(scene.given)))
    scene.shelf.at_once = drawn.choice([2, 7, 1_000])
    arrive(scene.shelf, scene.messages, OVER)
    with following(to, scene.cluster) as follower:
        rounds(follower, scene.cluster)
        for _ in range(OVER // scene.shelf.at_once + 1):
            scene.cluster.wake()
        scene.cluster.checkpoint()
        follower.round()
        before, moves = follower.state.accounting, anything(follower, scene.cluster)
        for value in scene.messages[0][:30]:
            scene.shelf.put(PARTITIONS, value)
            drawn.choice(moves)()
            follower.round()
        scene.shelf.at_once = 1_000
        closing(follower, scene.cluster, EARLIER)
        closing(follower, scene.cluster)
        rounds(follower, scene.cluster)
        after = follower.state.accounting
    assert late_rows(before, after) > 100
    assert after.balances
    assert_first_day_as_in(scene.whole, to)
