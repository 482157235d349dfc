"""The cut behind which a day may be published: no restore goes back behind it, whatever came before."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.flink.cluster import Checkpoints
from pipelines.flink.ending import Cut

NUMBER = 3
"""Of the announcement that readers have to hear."""

Look = tuple[int, Checkpoints]
"""What is seen of a job: the announcement that all readers go by, and its checkpoints."""


def passed(*looks: Look, restored: int = 0) -> list[bool]:
    """Whether a cut is passed, after each look."""
    cut = Cut(NUMBER, restored)
    return [cut.is_passed(heard, now) for heard, now in looks]


BEFORE, HEARD = NUMBER - 1, NUMBER


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        # Whatever is whole, it is nothing before all have heard.
        ([(0, Checkpoints(4, 4)), (BEFORE, Checkpoints(9, 9))], [False, False]),
        # What was whole when they had heard began before.
        ([(HEARD, Checkpoints(4, 4)), (HEARD, Checkpoints(4, 4))], [False, False]),
        # The next one that is whole counts, not the one that begins.
        (
            [(HEARD, Checkpoints(4, 4)), (HEARD, Checkpoints(5, 4)), (HEARD, Checkpoints(5, 5))],
            [False, False, True],
        ),
        # One that was under way when they had heard may have begun before.
        (
            [(HEARD, Checkpoints(5, 4)), (HEARD, Checkpoints(5, 5)), (HEARD, Checkpoints(6, 5))],
            [False, False, False],
        ),
        ([(HEARD, Checkpoints(5, 4)), (HEARD, Checkpoints(6, 6))], [False, True]),
        # What began while it was not known whether all had heard does not count.
        (
            [(BEFORE, Checkpoints(4, 4)), (HEARD, Checkpoints(5, 4)), (HEARD, Checkpoints(5, 5))],
            [False, False, False],
        ),
        # The first of all.
        ([(HEARD, Checkpoints()), (HEARD, Checkpoints(1)), (HEARD, Checkpoints(1, 1))], [False, False, True]),
        # A number may be left out: a savepoint or a failure has it.
        ([(HEARD, Checkpoints(4, 4)), (HEARD, Checkpoints(5, 4)), (HEARD, Checkpoints(6, 6))], [False, False, True]),
        # A later announcement tells what this one told.
        ([(HEARD + 2, Checkpoints(4, 4)), (HEARD + 2, Checkpoints(5, 5))], [False, True]),
        # Readers that are gone back tell a former number again until they read: that is no cut less.
        ([(HEARD, Checkpoints(4, 4)), (BEFORE, Checkpoints(5, 5))], [False, True]),
    ],
)
def test_a_cut_is_passed_with_a_whole_checkpoint_that_begins_after_all_have_heard(
    looks: Sequence[Look], expected: list[bool]
) -> None:
    assert passed(*looks) == expected


@pytest.mark.parametrize(("whole", "expected"), [(6, False), (7, False), (8, True)])
def test_a_whole_checkpoint_counts_from_the_one_after_the_last_that_had_begun(whole: int, expected: bool) -> None:
    assert passed((HEARD, Checkpoints(7, 5)), (HEARD, Checkpoints(8, whole))) == [False, expected]


@pytest.mark.parametrize(("heard", "expected"), [(NUMBER - 1, False), (NUMBER, True), (NUMBER + 1, True)])
def test_all_have_heard_from_the_number_of_the_announcement_on(heard: int, expected: bool) -> None:
    assert passed((heard, Checkpoints(7, 7)), (heard, Checkpoints(8, 8))) == [False, expected]


def test_looking_again_changes_nothing() -> None:
    last = ((HEARD, Checkpoints(8, 7)), (HEARD, Checkpoints(8, 8)))
    for times in (1, 5):
        assert passed(*[(HEARD, Checkpoints(7, 6))] * times, *last) == [*[False] * times, False, True]


@pytest.mark.parametrize(
    ("before", "now", "broken"),
    [
        (0, 0, False),
        (0, 1, True),
        (2, 2, False),
        (2, 3, True),
        # The JobManager was started again, and counts anew.
        (2, 1, True),
        (2, 0, True),
    ],
)
def test_a_restore_since_breaks_a_cut_however_it_is_counted(before: int, now: int, broken: bool) -> None:
    cut = Cut(NUMBER, before)
    for checkpoints in (Checkpoints(9, 9, now), Checkpoints(0, 0, now)):
        assert cut.is_broken(checkpoints) is broken


def test_checkpoints_alone_break_no_cut() -> None:
    cut = Cut(NUMBER, 1)
    for begun in range(9):
        now = Checkpoints(begun + 1, begun, 1)
        assert not cut.is_broken(now)
        cut.is_passed(HEARD, now)


# Any order of what happens in a job


@dataclass
class Job:
    """A job with checkpoints one at a time: when each began, counted in what happened, and what all had heard then."""

    heard: int = 0
    began: list[int] = field(default_factory=list)
    whole: int = 0
    failed: int = 0
    restored: int = 0

    def happen(self, what: str) -> None:
        under_way = len(self.began) > max(self.whole, self.failed)
        if what == "hear":
            self.heard += 1
        elif what == "begin" and not under_way:
            self.began.append(self.heard)
        elif what == "whole" and under_way:
            self.whole = len(self.began)
        elif what == "fail" and under_way:
            self.failed = len(self.began)
        elif what == "restore":
            self.restored += 1
            self.failed = len(self.began)

    @property
    def checkpoints(self) -> Checkpoints:
        return Checkpoints(len(self.began), self.whole, self.restored)


HAPPENS = st.lists(st.sampled_from(["hear", "begin", "whole", "fail", "restore", "look", "look"]), max_size=40)


@given(HAPPENS)
def test_behind_a_cut_there_is_always_a_whole_checkpoint_that_began_when_all_had_heard(happens: list[str]) -> None:
    job = Job()
    cut = Cut(NUMBER, job.restored)
    for what in happens:
        if what != "look":
            job.happen(what)
            continue
        now = job.checkpoints
        if cut.is_broken(now):
            assert job.restored
            return
        assert job.restored == 0
        if cut.is_passed(job.heard, now):
            assert job.began[job.whole - 1] >= NUMBER
            return


@given(HAPPENS)
def test_a_cut_is_passed_in_the_end_where_readers_hear_and_checkpoints_become_whole(happens: list[str]) -> None:
    job = Job()
    for what in happens:
        job.happen(what)
    cut = Cut(job.heard + 1, job.restored)
    looks = ["hear", "look", "whole", "begin", "whole", "look"]
    told = []
    for what in looks:
        if what == "look":
            told.append(cut.is_passed(job.heard, job.checkpoints))
        else:
            job.happen(what)
    assert told == [False, True]
