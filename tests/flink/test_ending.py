"""The cut behind which a day may be published: no restore goes back behind it, whatever came before."""

from dataclasses import dataclass, field
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from pipelines.flink.cluster import Cluster
from pipelines.flink.ending import Cut, Passage
from pipelines.flink.exchange import ReaderReceipt
from pipelines.state import Accounting


@dataclass
class Job:
    """A job as a cut sees it: what is announced, what readers tell of it, and checkpoints that are asked for.

    `attempt`: how often it was restored. `begun`: of each checkpoint the attempt, and what all readers had heard.
    """

    readers: int = 2
    announced: int = 0
    attempt: int = 0
    heard: list[int] = field(default_factory=lambda: [0, 0])
    opened: list[int] = field(default_factory=lambda: [0, 0])
    begun: list[tuple[int, int]] = field(default_factory=list)
    taken: dict[str, bool | None] = field(default_factory=dict)
    is_gone: bool = False

    def announce(self) -> int:
        self.announced += 1
        return self.announced

    def take_checkpoint(self, job: str) -> str:
        assert job == "17"
        if self.is_gone:
            return ""
        self.begun.append((self.attempt, min(self.heard)))
        self.taken[str(len(self.begun))] = False
        return str(len(self.begun))

    def has_taken(self, job: str, asked: str) -> bool | None:
        assert job == "17"
        return self.taken.get(asked)

    def hear(self, *readers: int) -> None:
        """Some readers take, and tell so; all, where none is named."""
        for reader in readers or range(self.readers):
            self.heard[reader], self.opened[reader] = self.announced, self.attempt

    def keep(self) -> None:
        """Every checkpoint that is under way becomes whole."""
        self.taken = {asked: True if taken is False else taken for asked, taken in self.taken.items()}

    def restore(self) -> None:
        """Those that are under way fail; readers tell what they told before until they take again."""
        self.attempt += 1
        self.taken = {asked: taken or None for asked, taken in self.taken.items()}

    def receipts(self) -> list[ReaderReceipt]:
        told = zip(self.heard, self.opened, strict=True)
        return [ReaderReceipt(Accounting(), {}, {}, {}, heard=heard, opened=opened + 1) for heard, opened in told]

    def cut(self) -> Cut:
        return Cut(self.announce, cast(Cluster, self), "17")


def passages(cut: Cut, job: Job, times: int = 3) -> list[Passage]:
    return [cut.passage(job.receipts()) for _ in range(times)]


def test_a_cut_is_a_checkpoint_between_two_announcements_that_all_readers_heard() -> None:
    job = Job()
    cut = job.cut()
    assert passages(cut, job) == ["waiting"] * 3
    job.hear(0)
    assert passages(cut, job) == ["waiting"] * 3
    assert job.begun == [], "one reader has not heard"
    job.hear(1)
    assert passages(cut, job) == ["waiting"] * 3
    assert job.begun == [(0, 1)], "it is asked for once"
    job.keep()
    assert passages(cut, job) == ["waiting"] * 3
    assert job.announced == 2
    job.hear(1)
    assert passages(cut, job) == ["waiting"] * 3
    job.hear(0)
    assert passages(cut, job) == ["passed"] * 3
    assert len(job.begun) == 1


def test_a_checkpoint_that_fails_is_asked_for_again() -> None:
    job = Job()
    cut = job.cut()
    job.hear()
    cut.passage(job.receipts())
    job.taken["1"] = None
    assert passages(cut, job) == ["waiting"] * 3
    assert len(job.begun) == 2
    job.keep()
    cut.passage(job.receipts())
    job.hear()
    assert cut.passage(job.receipts()) == "passed"


def test_where_the_job_is_gone_a_checkpoint_is_asked_for_until_it_is_back() -> None:
    job = Job(is_gone=True)
    cut = job.cut()
    job.hear()
    assert passages(cut, job, 5) == ["waiting"] * 5
    job.is_gone = False
    cut.passage(job.receipts())
    assert len(job.begun) == 1


def test_a_restore_after_readers_heard_breaks_a_cut_also_where_the_checkpoint_was_whole() -> None:
    job = Job()
    cut = job.cut()
    job.hear()
    cut.passage(job.receipts())
    job.keep()
    cut.passage(job.receipts())
    job.restore()
    assert cut.passage(job.receipts()) == "waiting", "what readers tell is of before"
    job.hear()
    assert cut.passage(job.receipts()) == "broken"


def test_a_restore_before_readers_heard_breaks_nothing() -> None:
    job = Job()
    job.hear()
    cut = job.cut()
    job.restore()
    job.hear()
    cut.passage(job.receipts())
    job.keep()
    cut.passage(job.receipts())
    job.hear()
    assert cut.passage(job.receipts()) == "passed"


MOVES = st.lists(st.sampled_from(["first", "second", "keep", "restore", "look"]), max_size=40)


@given(MOVES)
def test_whatever_happens_a_cut_that_is_passed_has_a_checkpoint_of_the_attempt_that_readers_heard_in(
    moves: list[str],
) -> None:
    job = Job()
    cut = job.cut()
    for move in moves:
        if move == "look":
            passage = cut.passage(job.receipts())
            if passage == "passed":
                whole = [begun for number, begun in enumerate(job.begun, 1) if job.taken[str(number)]]
                # Restores since are of a checkpoint that is as late, or later.
                assert any(attempt == job.opened[0] and heard >= 1 for attempt, heard in whole)
                assert job.opened[0] == job.opened[1]
            if passage != "waiting":
                return
        elif move == "keep":
            job.keep()
        elif move == "restore":
            job.restore()
        else:
            job.hear(0 if move == "first" else 1)
