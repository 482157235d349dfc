"""Shards of a day in a cluster: whatever the order, and wherever it fails, the sums are those of one step over all."""

import contextlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TypeAlias, cast

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.arrays import column, instants
from pipelines.days import DayTables
from pipelines.flink.exchange import Announced, Found, ShardReceipt
from pipelines.flink.kept import read
from pipelines.flink.reading import MILLISECOND, NEVER, NO_ROWS, NO_SHARD, ByShard, Element
from pipelines.flink.shards import AGAIN, NOTHING, ShardDay
from pipelines.flink.work import WHOLE_DAY, Work
from pipelines.fold import Prepared, merged
from pipelines.ingest import ClosedDays
from pipelines.ipc import packed
from pipelines.lateness import BUCKET
from pipelines.publish import day_grid
from pipelines.quality.heard import merged_heard
from pipelines.shard_fold import ShardFold, Terms, buckets_of
from pipelines.shards import split
from pipelines.sums import HEARD_EVENTS, MEASURES, MERGE_AT_ONCE, SUMS
from schemas.errors import InputError
from schemas.tables import CROSSING, TRIP
from tests.flink.played import BEGINNING, END, Stages, Watermarks
from tests.pipelines.made import HOUR, MINUTE
from tests.stream.streamed import CALENDAR, EPOCH, TERMS, at_once, crowd, in_delay, rows_of, signals, start_of

DAY, NEXT = "2026-06-10", "2026-06-11"
START, AFTER = start_of(DAY), start_of("2026-06-12")
CROWD = crowd(START, AFTER, seed=1, devices=30, events=300)
STRIDE = 60


Of = tuple[str, int]
"""A shard of a day."""


@dataclass
class Handed:
    """What was handed on, in memory. Taken again after a failure, a task has to hand on the same.

    `tables` and `receipts`: of shards that are over. `once`: what was handed on at any time, also where it was taken
    back. `told`: the receipts in their order.
    """

    sums: dict[tuple[str, str, int], pa.Table] = field(default_factory=dict)
    tables: dict[Of, DayTables] = field(default_factory=dict)
    receipts: dict[Of, ShardReceipt] = field(default_factory=dict)
    order: list[tuple[str, int]] = field(default_factory=list)
    told: list[tuple[Of, ShardReceipt]] = field(default_factory=list)
    announced: Announced = field(default_factory=Announced)
    once: dict[object, pa.Table] = field(default_factory=dict)
    found_once: dict[Of, Found] = field(default_factory=dict)

    def hand_sum(self, day: str, end: int, name: str, table: pa.Table) -> None:
        assert table.schema.equals(SUMS[name][0].schema)
        assert self.once.setdefault((day, name, end), table).equals(table)
        self.sums[day, name, end] = table
        self.order.append((day, end))

    def hand_shard(self, day: str, shard: int, tables: DayTables, receipt: ShardReceipt) -> None:
        assert receipt.devices == tables.devices
        assert stays_of(self.tables.setdefault((day, shard), tables)) == stays_of(tables)
        assert self.found_once.setdefault((day, shard), receipt.found) == receipt.found
        self.tell_shard(day, shard, receipt)

    def tell_shard(self, day: str, shard: int, receipt: ShardReceipt) -> None:
        self.receipts[day, shard] = receipt
        self.told.append(((day, shard), receipt))

    def take_back(self, day: str, shard: int, bucket: int) -> None:
        self.receipts.pop((day, shard), None)
        self.sums = {key: table for key, table in self.sums.items() if key[0] != day or key[2] <= bucket}

    def publish(self, *days: str) -> None:
        """Announce that some days are published."""
        closed = ClosedDays(frozenset(days))
        self.announced = Announced(closed, closed, self.announced.number + 1)

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        yield

    def total(self, day: str, name: str = MEASURES) -> pa.Table:
        some = [table for (of, what, _), table in self.sums.items() if (of, what) == (day, name)]
        return merged(some) if name == MEASURES else merged_heard(some)

    def stays(self, day: str) -> list[tuple]:
        return sorted(row for of in self.receipts if of[0] == day for row in stays_of(self.tables[of]))

    def found(self, day: str) -> Found:
        return sum((receipt.found for of, receipt in self.receipts.items() if of[0] == day), Found())

    def ends(self, day: str) -> list[int]:
        """The ends of the strides of which both sums are there."""
        return sorted(
            end for of, name, end in self.sums if (of, name) == (day, MEASURES) and (of, HEARD_EVENTS, end) in self.sums
        )


def stays_of(tables: DayTables) -> list[tuple]:
    """The stays that stand for what is counted of them."""
    return [] if tables is NOTHING else rows_of([tables.visits])


@dataclass
class Working:
    """A task without inputs and keys; the stays of a day that is over stand for what is counted of them."""

    exchange: Handed
    terms: Terms

    def __post_init__(self) -> None:
        self.task, self.fold = SimpleNamespace(shards=self.terms.shards), ShardFold(self.terms)

    @property
    def announced(self) -> Announced:
        return self.exchange.announced

    def day(self, _: str) -> SimpleNamespace:
        return SimpleNamespace(tables=lambda stays: DayTables(stays.num_rows, stays, TRIP.empty(), CROSSING.empty()))


def work(handed: Handed, terms: Terms) -> Work:
    return cast(Work, Working(handed, terms))


def stages(handed: Handed, terms: Terms, kept: bytes | None = None, *, lost: bool = True) -> Stages:
    """The stages, from their beginning or from a snapshot, after which timers may be lost."""
    if kept is None:
        return Stages(work(handed, terms))
    first, last = pickle.loads(kept)  # noqa: S301
    if lost:
        first.timers.clear()
    return Stages(work(handed, terms), first, last)


def known(of: Stages, day: str = DAY, shard: int = 0) -> ShardDay | None:
    """What is kept of a shard."""
    kept = of.first.values.get((f"{day}/{shard}", "shard_day"))
    return None if kept is None else read(kept, ShardDay)


def of_day(of: Stages, day: str = DAY) -> set[str]:
    """The names of all that is kept of shards of a day."""
    return {name for key, name in of.first.values if key.startswith(day)}


def with_stride(stride: int, shards: int = 2) -> Terms:
    return replace(TERMS, stride=stride, shards=shards)


Item: TypeAlias = int | pa.Table


@dataclass
class Reader:
    """Hands on what a script holds, a delivery or a watermark at a time; goes on from `at` with the days in `days`."""

    script: Sequence[Item]
    shards: int
    at: int = 0
    days: frozenset[str] = frozenset()

    def begin(self) -> Iterator[Element]:
        """What comes first in a process."""
        self.by_shard = ByShard(self.shards)
        yield from self.by_shard.begin(sorted(self.days))

    def read(self) -> Iterator[Element]:
        item = self.script[self.at]
        self.at += 1
        if isinstance(item, int):
            yield "", NO_SHARD, b"", item // MILLISECOND
            return
        ordinals = CALENDAR.day_of(instants(item, "event_time"))
        for ordinal in np.unique(ordinals).tolist():
            day = EPOCH + timedelta(days=ordinal)
            self.days |= {day.isoformat()}
            yield from self.by_shard.elements(day, item.filter(pa.array(ordinals == ordinal)))


@dataclass
class Play:
    """Some readers and the stages after them, which can fail and go on from what was kept last."""

    scripts: Sequence[Sequence[Item]]
    terms: Terms
    handed: Handed = field(default_factory=Handed)
    kept: tuple[list[tuple[int, frozenset[str]]], bytes] | None = None

    def __post_init__(self) -> None:
        self.restore()

    def restore(self, *, lost: bool = True) -> None:
        """Go on from the last snapshot: timers may be lost, and what was handed on since stays where it is."""
        positions, kept = self.kept or ([(0, frozenset())] * len(self.scripts), None)
        self.stages = stages(self.handed, self.terms, kept, lost=lost)
        self.watermarks = Watermarks([BEGINNING] * len(self.scripts))
        given = zip(self.scripts, positions, strict=True)
        self.readers = [Reader(script, self.terms.shards, at, days) for script, (at, days) in given]
        for reader in self.readers:
            self._take(0, reader.begin())

    def snapshot(self) -> None:
        self.kept = [(reader.at, reader.days) for reader in self.readers], pickle.dumps(self.stages.snapshot())

    def turn(self, number: int) -> bool:
        """Let one of the readers go on; whether there is one that can."""
        left = [at for at, reader in enumerate(self.readers) if reader.at < len(reader.script)]
        if left:
            reader = left[number % len(left)]
            self._take(reader, self.readers[reader].read())
        return bool(left)

    def _take(self, reader: int, elements: Iterator[Element]) -> None:
        for element in elements:
            self.stages.take(element)
            if element[1] == NO_SHARD:
                self.stages.reach(self.watermarks.after(reader, element[3]))

    def end(self) -> Handed:
        while self.turn(0):
            pass
        self.stages.reach(END)
        return self.handed


def scripts(events: pa.Table, readers: int, seed: int) -> list[list[Item]]:
    """What readers take, each of its own devices, in a disorder of up to the lateness; the watermark goes before."""
    part = column(events, "device") // 4 % readers
    return [in_delay(events.filter(pa.array(part == each)), seed + each) for each in range(readers)]


def assert_whole(handed: Handed, events: pa.Table, *days: str) -> None:
    for day in days:
        stays, measures = at_once(events, day)
        assert stays
        assert handed.stays(day) == stays
        assert handed.total(day).equals(measures)
        own = CALENDAR.day_of(instants(events, "event_time")) == (date.fromisoformat(day) - EPOCH).days
        assert handed.found(day).rows == own.sum()
        assert handed.found(day).late == 0


TURNS = st.lists(st.one_of(st.integers(0, 7), st.sampled_from(["keep", "fail", "fail, with timers"])), max_size=60)


@settings(max_examples=10)
@given(
    turns=TURNS,
    readers=st.integers(1, 3),
    stride=st.sampled_from([90, 177, WHOLE_DAY]),
    shards=st.sampled_from([1, 2, 3]),
    seed=st.integers(0, 9),
)
def test_any_turns_of_readers_and_failures_anywhere_give_the_figures_of_one_step_over_all(
    turns: list[int | str], readers: int, stride: int, shards: int, seed: int
) -> None:
    play = Play(scripts(CROWD, readers, seed), with_stride(stride, shards))
    for turn in turns:
        if turn == "keep":
            play.snapshot()
        elif isinstance(turn, str):
            play.restore(lost=turn == "fail")
        else:
            play.turn(turn)
    handed = play.end()
    assert_whole(handed, CROWD, DAY, NEXT)
    for day in (DAY, NEXT):
        buckets = buckets_of(day_grid(CALENDAR, date.fromisoformat(day)))
        ends = [min(end, buckets) for end in range(stride, buckets + stride, stride)]
        assert handed.ends(day) == ends


def test_the_stride_changes_nothing_of_what_was_heard() -> None:
    heard = []
    for stride in (STRIDE, WHOLE_DAY):
        handed = Play(scripts(CROWD, 1, 1), with_stride(stride)).end()
        heard.append(handed.total(DAY, HEARD_EVENTS))
    assert heard[0].num_rows
    assert all(some.equals(heard[0]) for some in heard)


# Time


def passing(*script: Item) -> tuple[Stages, Handed]:
    """The stages after what a reader took, and what they handed on."""
    play = Play([script], with_stride(STRIDE))
    while play.turn(0):
        pass
    return play.stages, play.handed


def test_a_stride_is_handed_on_once_the_watermark_has_passed_it_by_the_lateness() -> None:
    due = START + STRIDE * BUCKET + TERMS.lateness
    _, before = passing(CROWD, due - MILLISECOND)
    assert before.sums == {}
    _, handed = passing(CROWD, due)
    assert list(handed.sums) == [(DAY, MEASURES, STRIDE), (DAY, HEARD_EVENTS, STRIDE)]


def test_strides_that_fall_due_together_come_in_their_order() -> None:
    _, handed = passing(CROWD, START + 5 * HOUR + TERMS.lateness)
    assert list(dict.fromkeys(handed.order)) == [(DAY, 60), (DAY, 120), (DAY, 180), (DAY, 240), (DAY, 300)]


def test_a_day_with_one_event_is_handed_on_as_a_whole_by_all_shards() -> None:
    one = signals((1, START + HOUR, 0))
    _, handed = passing(one, AFTER + 2 * HOUR)
    assert sorted(handed.receipts) == [(DAY, 0), (DAY, 1)]
    assert len(handed.sums) == 2 * 24
    assert handed.found(DAY) == Found(1)
    assert sum(tables is NOTHING for tables in handed.tables.values()) == 1


def test_rows_whose_stride_is_folded_are_late_and_counted_and_change_nothing() -> None:
    late = signals((5, START + 10 * MINUTE, 0), (9, START + 3 * HOUR, 0))
    reached = START + STRIDE * BUCKET + TERMS.lateness
    _, without = passing(signals((1, START + MINUTE, 0)), reached, signals((9, START + 3 * HOUR, 0)), AFTER + 2 * HOUR)
    _, handed = passing(signals((1, START + MINUTE, 0)), reached, late, AFTER + 2 * HOUR)
    assert handed.found(DAY) == Found(2, 0, late=1)
    assert without.found(DAY) == Found(2)
    assert handed.sums.keys() == without.sums.keys()
    assert all(table.equals(without.sums[key]) for key, table in handed.sums.items())


# The end of a day


OVER = start_of(NEXT) + TERMS.lateness
"""When the first day is over, and the second goes on."""


def take(to: Stages, events: pa.Table, day: str = DAY) -> None:
    """Have rows of a day come that has begun in this process."""
    by_shard = ByShard(TERMS.shards)
    by_shard.begun.add(day)
    for element in by_shard.elements(date.fromisoformat(day), events):
        to.take(element)


LATE = signals((1, START + HOUR, 0), (5, START + 23 * HOUR, 1))
"""Of one shard, the first hour and the last."""


def test_rows_that_come_after_the_end_of_a_day_are_counted_and_told_at_once_and_change_nothing_else() -> None:
    stages, handed = passing(CROWD, OVER)
    shard = by_number(LATE)
    receipts, sums, tables = dict(handed.receipts), dict(handed.sums), dict(handed.tables)
    for times in (1, 2):
        take(stages, LATE)
        assert handed.receipts[DAY, shard] == replace(
            receipts[DAY, shard], found=receipts[DAY, shard].found + Found(late=2 * times)
        )
        assert known(stages, shard=shard) == replace(
            ended(stages, shard), found=handed.receipts[DAY, shard].found, receipt=handed.receipts[DAY, shard]
        )
    assert handed.receipts[DAY, 1 - shard] == receipts[DAY, 1 - shard]
    assert handed.found(DAY).late == 4
    assert of_day(stages) == {"shard_day"}
    stages.reach((OVER + 2 * HOUR) // MILLISECOND)
    assert handed.tables == tables
    assert {key: table for key, table in handed.sums.items() if key[0] == DAY} == {
        key: table for key, table in sums.items() if key[0] == DAY
    }


def by_number(events: pa.Table) -> int:
    """The only shard that some rows are of."""
    (shard,) = [at for at, some in enumerate(split(events, TERMS.shards)) if some.num_rows]
    return shard


def ended(of: Stages, shard: int) -> ShardDay:
    found = known(of, shard=shard)
    assert found is not None
    assert found.receipt is not None
    return found


def test_every_shard_tells_one_time_at_which_it_handed_on_from_others() -> None:
    _, handed = passing(CROWD, OVER)
    again = Play([[CROWD, OVER]], with_stride(STRIDE), handed)
    first = dict(handed.receipts)
    again.end()
    for of in ((DAY, 0), (DAY, 1)):
        assert handed.receipts[of].handed > first[of].handed
        assert replace(handed.receipts[of], handed=0) == replace(first[of], handed=0)


@pytest.mark.parametrize("lost", [True, False])
def test_a_shard_that_is_over_and_begins_again_tells_its_receipt_again_as_it_was(lost: bool) -> None:
    play = Play([[CROWD, OVER]], with_stride(STRIDE))
    while play.turn(0):
        pass
    take(play.stages, LATE)
    play.snapshot()
    handed, receipts = play.handed, dict(play.handed.receipts)
    sums = dict(handed.sums)
    # Since then more has come, which the readers go back to.
    take(play.stages, LATE)
    assert handed.found(DAY).late == 4
    handed.told.clear()
    play.restore(lost=lost)
    assert [told for told in handed.told if told[0][0] == DAY] == [((DAY, at), receipts[DAY, at]) for at in (0, 1)]
    assert handed.receipts == receipts
    assert handed.sums == sums
    take(play.stages, LATE)
    assert handed.found(DAY).late == 4


@pytest.mark.parametrize("lost", [True, False])
def test_a_shard_that_is_restored_before_its_end_takes_back_what_it_had_handed_on_since(lost: bool) -> None:
    play = Play([[CROWD, OVER - 2 * HOUR - 1, OVER]], with_stride(STRIDE))
    play.turn(0)
    play.turn(0)
    play.snapshot()
    handed = play.handed
    ends, buckets = handed.ends(DAY), buckets_of(day_grid(CALENDAR, date.fromisoformat(DAY)))
    assert ends
    assert ends[-1] == buckets - 3 * STRIDE
    play.turn(0)
    whole, receipts = dict(handed.sums), dict(handed.receipts)
    assert handed.ends(DAY)[-1] == buckets
    assert receipts.keys() == {(DAY, 0), (DAY, 1)}
    play.restore(lost=lost)
    assert handed.ends(DAY) == ends
    assert handed.receipts == {}
    play.turn(0)
    assert handed.sums.keys() == whole.keys()
    assert {of: receipt.handed for of, receipt in handed.receipts.items()}.keys() == receipts.keys()
    assert all(handed.receipts[of].handed > receipt.handed for of, receipt in receipts.items())


def test_a_reader_that_begins_a_day_later_than_another_takes_nothing_back_that_is_whole() -> None:
    stages, handed = passing(CROWD, START + 5 * HOUR + TERMS.lateness)
    ends = handed.ends(DAY)
    assert ends == [60, 120, 180, 240, 300]
    for element in ByShard(TERMS.shards).begin([DAY]):
        stages.take(element)
    assert handed.ends(DAY) == ends
    stages.reach(END)
    assert_whole(handed, CROWD, DAY, NEXT)


@pytest.mark.parametrize("restored", ["not", "with timers", "without"])
def test_of_a_day_that_is_over_nothing_of_a_device_is_kept_and_once_it_is_published_nothing_at_all(
    restored: str,
) -> None:
    play = Play([[CROWD, OVER + MINUTE]], with_stride(STRIDE))
    while play.turn(0):
        pass
    play.snapshot()
    if restored != "not":
        play.restore(lost=restored == "without")
    stages, receipts, past = play.stages, dict(play.handed.receipts), OVER // MILLISECOND
    assert of_day(stages, NEXT) >= {"waiting", "shard_day"}
    for days in range(1, 40):
        stages.reach(past + days * AGAIN)
        assert of_day(stages) == {"shard_day"}
    assert {of: receipt for of, receipt in play.handed.receipts.items() if of[0] == DAY} == receipts
    play.handed.publish(DAY)
    stages.reach(past + 40 * AGAIN)
    assert of_day(stages) == set()
    assert of_day(stages, NEXT) == {"shard_day"}
    assert not [timer for timer in stages.first.timers if timer[1].startswith(DAY)]
    assert stages.last.values == {}


def test_a_stream_that_has_ended_sets_no_timer_anew() -> None:
    play = Play([[CROWD]], with_stride(STRIDE))
    handed = play.end()
    assert_whole(handed, CROWD, DAY, NEXT)
    assert play.stages.first.timers == set()


@pytest.mark.parametrize("begins", [True, False])
def test_rows_of_a_published_day_leave_nothing_behind_in_a_shard_that_knows_nothing_of_it(begins: bool) -> None:
    def prepare(_: date) -> Prepared:
        raise AssertionError("its key is gone")

    handed = Handed()
    handed.publish(DAY)
    found = stages(handed, replace(with_stride(STRIDE), prepare=prepare))
    if begins:
        for element in ByShard(TERMS.shards).begin([DAY]):
            found.take(element)
    take(found, LATE)
    found.reach(END)
    assert (found.first.values, found.first.timers) == ({}, set())
    assert (handed.sums, handed.receipts, handed.told) == ({}, {}, [])


def test_rows_of_a_published_day_make_a_shard_that_is_over_forget_it() -> None:
    found, handed = passing(CROWD, OVER)
    shard, told = by_number(LATE), len(handed.told)
    handed.publish(DAY)
    take(found, LATE)
    assert known(found, shard=shard) is None
    assert known(found, shard=1 - shard) is not None
    assert len(handed.told) == told


def test_a_day_that_is_late_but_not_published_is_counted_on() -> None:
    found, handed = passing(CROWD, OVER)
    handed.announced = Announced(ClosedDays(frozenset({DAY})), ClosedDays(frozenset()), 1)
    take(found, LATE)
    assert handed.found(DAY).late == 2


@pytest.mark.parametrize("lost", [True, False])
def test_a_shard_that_goes_back_before_the_end_of_a_published_day_forgets_it_without_its_key(lost: bool) -> None:
    before, _ = passing(CROWD, start_of(NEXT) - HOUR)
    first, last = before.snapshot()
    assert of_day(before) >= {"waiting", "open_stays"}
    if lost:
        first.timers.clear()

    def prepare(day: date) -> Prepared:
        assert day.isoformat() != DAY, "its key is gone"
        return TERMS.prepare(day)

    after = Handed()
    after.publish(DAY)
    restored = Stages(work(after, replace(TERMS, prepare=prepare)), first, last)
    for element in ByShard(TERMS.shards).begin([DAY, NEXT]):
        restored.take(element)
    restored.reach(start_of("2026-06-12") // MILLISECOND)
    assert of_day(restored) == set()
    assert {day for day, _, _ in after.sums} == {NEXT}
    assert not [day for day, _ in after.tables if day == DAY]


def test_an_element_of_progress_begins_no_day() -> None:
    stages, handed = passing(START, AFTER)
    assert (stages.first.values, stages.first.timers, handed.sums) == ({}, set(), {})


def test_the_first_events_of_a_day_begin_all_of_its_shards_once_in_a_process() -> None:
    by_shard = ByShard(3)
    one = signals((1, START, 0))
    first = list(by_shard.elements(date.fromisoformat(DAY), one))
    assert first[:3] == [(DAY, shard, NO_ROWS, NEVER) for shard in range(3)]
    assert len(first) == 4
    assert list(by_shard.elements(date.fromisoformat(DAY), one)) == first[3:]
    assert list(by_shard.begin([DAY])) == []
    assert len(list(by_shard.begin([DAY, NEXT]))) == 3


def test_without_the_elements_that_begin_a_day_again_a_restored_shard_would_stand_still() -> None:
    """What the restore relies on: were it not needed, the property above would say nothing."""
    stages, handed = passing(CROWD, START)
    first, last = stages.snapshot()
    first.timers.clear()
    assert first.values
    again = Stages(stages.work, first, last)
    again.reach(END)
    assert handed.sums == {}
    for element in ByShard(2).begin([DAY, NEXT]):
        again.take(element)
    again.reach(END)
    assert_whole(handed, CROWD, DAY, NEXT)


# Sums


@pytest.mark.parametrize("shards", [1, 2, MERGE_AT_ONCE, 3 * MERGE_AT_ONCE + 1])
def test_a_sum_is_handed_on_when_the_last_shard_has_told_its_own(shards: int) -> None:
    handed = Handed()
    found = stages(handed, with_stride(STRIDE, shards))
    _, measures = at_once(CROWD, DAY)
    assert measures.num_rows
    for told in range(shards):
        assert handed.sums == {}
        found._sum((DAY, 120, MEASURES, packed(measures)))
        tables = found.last.values.get((f"{DAY}/120/{MEASURES}", "told"), [])
        assert len(tables) < MERGE_AT_ONCE + (told + 1 < MERGE_AT_ONCE)
    assert handed.sums[DAY, MEASURES, 120].equals(merged([measures] * shards))
    assert found.last.values == {}


def test_an_error_of_a_shard_is_reported_as_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    reported = []

    class Reporting(Handed):
        @contextlib.contextmanager
        def reporting(self) -> Iterator[None]:
            try:
                yield
            except InputError as error:
                reported.append(error.message)
                raise

    def fails(_: date) -> Prepared:
        raise InputError("the key is gone", "begin anew")

    play = Play([[CROWD, AFTER]], replace(with_stride(STRIDE), prepare=fails), Reporting())
    with pytest.raises(InputError, match="the key is gone"):
        play.end()
    assert reported == ["the key is gone"]
