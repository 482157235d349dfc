"""A reader's share of a topic: how far it has come, up to when it has seen every event, and what it tells of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import add
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from pipelines.arrays import instants
from pipelines.configuration import load
from pipelines.flink import share as module
from pipelines.flink.exchange import ReadDay, ReaderReceipt
from pipelines.flink.kept import read, written
from pipelines.flink.reading import NEVER, NO_ROWS, NO_SHARD, TopicReader
from pipelines.flink.share import Share
from pipelines.flink.work import Work
from pipelines.follow.deliveries import IDLE_SECONDS
from pipelines.ingest import ClosedDays
from pipelines.inputs import inputs_of
from pipelines.kept_inputs import KeptInputs, marks_of
from pipelines.sources import kafka
from pipelines.state import Accounting, name_of_terms
from schemas.errors import InputError, UsageError
from schemas.tables import PROBE
from tests.flink.played import Kept, One
from tests.flink.shelf import Shelf, in_messages, row, task, topic_place
from tests.follow.delivered import Clock, Place
from tests.oracle.generate import Generated
from tests.pipelines.broker import Broker
from tests.pipelines.made import HOUR

FIRST, SECOND = "2026-06-12", "2026-06-13"
"""Privacy days from 05:00 in Paris, which is 03:00 UTC."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=found, time_ns=lambda: 1))
    return found


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Shelf:
    found = Shelf()
    monkeypatch.setattr(module, "Topic", found.topic)
    return found


@pytest.fixture
def to(tmp_path: Path, given: Generated) -> Place:
    return ready(topic_place(tmp_path / "place", given, form="json"))


def ready(of: Place) -> Place:
    """Its exchange is there, as a driver makes it."""
    found = Work(task(of))
    found.working.path.mkdir(mode=0o700)
    found.exchange.begin()
    return of


def share(of: Place, reader: int = 0, readers: int = 1, known: ReaderReceipt | None = None) -> Share:
    return Share(Work(task(of)), reader, readers, known)


def taken(of: Share) -> list[tuple[str, list[int]]]:
    """Days and times, in microseconds, of what is taken."""
    return [(day.isoformat(), instants(events, "event_time").tolist()) for day, events in of.take()]


T10, T11, T12 = "2026-06-12T10:00:00Z", "2026-06-12T11:00:00Z", "2026-06-12T12:00:00Z"
I10 = 1781258400_000_000
I11, I12 = I10 + HOUR, I10 + 2 * HOUR


def progress(of: Share) -> int | None:
    list(of.take())
    return of.receipt.progress


# Positions


def test_a_share_goes_on_after_what_it_has_taken(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.put(0, row(given, T10), row(given, T11))
    found = share(to)
    assert taken(found) == [(FIRST, [I10, I11])]
    assert taken(found) == []
    shelf.put(0, row(given, T12))
    assert taken(found) == [(FIRST, [I12])]
    assert found.receipt.partitions["t/0"].offset == 3
    assert shelf.committed == {"t/0": 3}


def test_a_share_that_is_begun_again_goes_on_from_its_receipt(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.put(0, row(given, T10), row(given, T11))
    first = share(to)
    taken(first)
    shelf.put(0, row(given, T12))
    again = share(to, known=read(written(first.receipt), ReaderReceipt))
    assert taken(again) == [(FIRST, [I12])]
    assert taken(first) == [(FIRST, [I12])]
    assert again.receipt == first.receipt


def test_a_share_that_goes_back_takes_the_same_again(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.put(0, row(given, T10))
    shelf.put(1, row(given, T11))
    first, again = share(to), share(to)
    assert taken(first) == taken(again)
    assert first.receipt == again.receipt


def test_the_round_is_how_often_something_was_read(given: Generated, shelf: Shelf, to: Place) -> None:
    found = share(to)
    for expected in (0, 0, 1, 1, 2):
        if expected > found.receipt.round:
            shelf.put(0, row(given, T10))
        taken(found)
        assert found.receipt.round == expected


# Progress


def test_progress_is_the_least_of_all_partitions(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.put(0, row(given, T10))
    shelf.put(1, row(given, T12))
    found = share(to)
    assert progress(found) == I10
    shelf.put(0, row(given, T11))
    assert progress(found) == I11


def test_there_is_no_progress_while_a_partition_that_is_known_has_told_nothing(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    shelf.expected = {0, 1}
    shelf.put(0, row(given, T10))
    found = share(to)
    assert progress(found) is None
    shelf.put(1, row(given, T12))
    assert progress(found) == I10


def test_a_partition_without_a_delivery_for_a_minute_holds_the_others_up_no_more(
    given: Generated, shelf: Shelf, to: Place, clock: Clock
) -> None:
    shelf.expected = {0, 1}
    shelf.put(0, row(given, T10))
    found = share(to)
    assert progress(found) is None
    clock.seconds = IDLE_SECONDS - 1
    shelf.put(0, row(given, T11))
    assert progress(found) is None
    clock.seconds = IDLE_SECONDS
    assert progress(found) == I11


def test_a_partition_with_messages_that_wait_is_not_idle(
    given: Generated, shelf: Shelf, to: Place, clock: Clock
) -> None:
    shelf.put(0, row(given, T12))
    shelf.put(1, row(given, T10), row(given, T11))
    shelf.at_once = 1
    found = share(to)
    assert progress(found) == I10
    clock.seconds = IDLE_SECONDS - 1
    # Only the other delivers now.
    whole, shelf.values[1] = shelf.values[1], shelf.values[1][:1]
    shelf.put(0, row(given, T12))
    assert progress(found) == I10
    clock.seconds = IDLE_SECONDS + 1
    shelf.values[1] = whole
    found._look(found.topic.partitions())
    assert found.receipt.progress == I10
    assert found.receipt.behind == 1
    shelf.values[1] = whole[:1]
    found._look(found.topic.partitions())
    assert found.receipt.progress == I12


def test_progress_never_goes_back(given: Generated, shelf: Shelf, to: Place, clock: Clock) -> None:
    shelf.expected = {0, 1}
    shelf.put(0, row(given, T12))
    found = share(to)
    taken(found)
    clock.seconds = IDLE_SECONDS - 1
    shelf.put(0, row(given, T12))
    taken(found)
    clock.seconds = IDLE_SECONDS
    assert progress(found) == I12
    shelf.put(1, row(given, T10))
    assert progress(found) == I12
    again = share(to, known=found.receipt)
    assert progress(again) == I12


def told(of: Share) -> int | None:
    """Progress after a round, which the exchange is told of, as a reader does."""
    found = progress(of)
    of.work.exchange.tell(of.name, of.receipt)
    return found


def test_a_reader_whose_partitions_are_idle_follows_those_that_read(
    given: Generated, shelf: Shelf, to: Place, clock: Clock
) -> None:
    silent, other = share(to, 0, 2), share(to, 1, 2)
    shelf.put(0, row(given, T10))
    shelf.put(1, row(given, T11))
    assert (told(silent), told(other)) == (I10, I11)
    clock.seconds = IDLE_SECONDS - 1
    shelf.put(1, row(given, T12))
    assert (told(other), told(silent)) == (I12, I10)
    clock.seconds = IDLE_SECONDS
    assert told(silent) == I10
    shelf.put(1, row(given, T12))
    assert (told(other), told(silent)) == (I12, I12)


def test_readers_that_are_all_idle_stay_where_they_are(given: Generated, shelf: Shelf, to: Place, clock: Clock) -> None:
    first, second = share(to, 0, 2), share(to, 1, 2)
    shelf.put(0, row(given, T10))
    shelf.put(1, row(given, T11))
    assert (told(first), told(second)) == (I10, I11)
    for _ in range(3):
        clock.seconds += IDLE_SECONDS
        assert (told(first), told(second)) == (I10, I11)


def test_a_reader_without_partitions_follows_those_that_read(
    given: Generated, shelf: Shelf, to: Place, clock: Clock
) -> None:
    first, without = share(to, 0, 2), share(to, 1, 2)
    shelf.put(0, row(given, T10))
    assert (told(first), told(without)) == (I10, None)
    shelf.put(0, row(given, T11))
    assert (told(first), told(without)) == (I11, I11)


def test_a_reader_whose_brokers_have_not_answered_follows_nobody(
    given: Generated, shelf: Shelf, to: Place, clock: Clock
) -> None:
    first, without = share(to, 0, 2), share(to, 1, 2)
    for instant, expected in ((T10, I10), (T11, I11)):
        shelf.put(0, row(given, instant))
        shelf.answers = False
        assert (told(first), told(without)) == (expected, None)


def test_progress_stays_while_all_are_idle(given: Generated, shelf: Shelf, to: Place, clock: Clock) -> None:
    shelf.put(0, row(given, T10))
    found = share(to)
    taken(found)
    clock.seconds = 10 * IDLE_SECONDS
    assert progress(found) == I10


# What is late


def test_what_is_late_depends_on_the_messages_before_in_the_partition_alone(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    assert task(to).lateness < 7 * HOUR
    late = row(given, "2026-06-12T05:00:00Z")
    shelf.put(0, row(given, T12), late)
    shelf.put(1, late, row(given, T12))
    found = share(to)
    days = taken(found)
    assert sorted(time for _, some in days for time in some) == [I12 - 7 * HOUR, I12, I12]
    assert found.receipt.accounting == Accounting(4, 3, late=1)
    assert found.receipt.days == {FIRST: ReadDay(120, 3)}


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_what_is_late_does_not_depend_on_how_many_messages_are_taken_at_once(
    given: Generated, shelf: Shelf, to: Place, at_once: int
) -> None:
    times = ["10:00", "08:30", "12:00", "05:00", "11:50"]
    shelf.put(0, *(row(given, f"2026-06-12T{time}:00Z") for time in times))
    shelf.at_once = at_once
    found, seen = share(to), list[int]()
    for _ in times:
        seen += [time for _, some in taken(found) for time in some]
    whole = share(to)
    shelf.at_once = 10
    assert sorted(seen) == sorted(time for _, some in taken(whole) for time in some)
    assert found.receipt.accounting == whole.receipt.accounting
    assert found.receipt.accounting.late >= 1
    assert replace(found.receipt, round=1) == whole.receipt


NONE = ClosedDays(frozenset())


def days(*some: str) -> ClosedDays:
    return ClosedDays(frozenset(some))


def test_rows_of_a_late_day_are_late_at_the_reader_and_the_day_is_told_until_it_is_published(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    shelf.put(0, row(given, T10), row(given, "2026-06-13T10:00:00Z"))
    found = share(to)
    taken(found)
    both = {FIRST: ReadDay(420, 1), SECOND: ReadDay(420, 1)}
    assert found.open_days() == [FIRST, SECOND]
    assert found.receipt.days == both
    found.work.exchange.announce(days(FIRST), NONE)
    shelf.put(1, row(given, T10), row(given, "2026-06-13T09:00:00Z"))
    assert [day for day, _ in taken(found)] == [SECOND]
    assert found.receipt.accounting == Accounting(4, 3, late=1)
    assert found.open_days() == [FIRST, SECOND]
    assert found.receipt.days == both | {SECOND: ReadDay(360, 2)}
    found.work.exchange.announce(days(FIRST), days(FIRST))
    assert found.open_days() == [SECOND]
    assert taken(found) == []
    assert found.receipt.days == {SECOND: ReadDay(360, 2)}
    shelf.put(1, row(given, T10))
    assert taken(found) == []
    assert found.receipt.accounting == Accounting(5, 3, late=2)
    assert found.receipt.days == {SECOND: ReadDay(360, 2)}


def test_a_reader_takes_no_key_for_a_late_day(given: Generated, shelf: Shelf, to: Place) -> None:
    found = share(to)
    found.work.exchange.announce(days(FIRST), NONE)
    shelf.put(0, row(given, T10))
    assert taken(found) == []
    assert found.receipt.accounting == Accounting(1, 0, late=1)
    assert not found.work.keys.exists(date.fromisoformat(FIRST))
    shelf.put(0, row(given, "2026-06-13T10:00:00Z"))
    assert [day for day, _ in taken(found)] == [SECOND]
    assert found.work.keys.exists(date.fromisoformat(SECOND))


def test_an_announcement_is_heard_with_what_is_taken_after_it_also_where_nothing_arrived(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    found = share(to)
    taken(found)
    assert found.receipt.heard == 0
    for number in (1, 2):
        assert found.work.exchange.announce(NONE, NONE) == number
        assert found.receipt.heard == number - 1
        taken(found)
        assert (found.receipt.heard, found.receipt.round) == (number, 0)
    shelf.put(0, row(given, T10))
    found.work.exchange.announce(NONE, NONE)
    taken(found)
    assert (found.receipt.heard, found.receipt.round) == (3, 1)


def test_what_is_announced_while_a_reader_takes_is_heard_the_next_time(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    found = share(to)
    shelf.put(0, row(given, T10))
    shelf.put(1, row(given, T11))
    taking = found.take()
    next(taking)
    found.work.exchange.announce(days(FIRST), days(FIRST))
    assert [day.isoformat() for day, _ in taking] == [FIRST]
    # Its rows are handed on, so it is told how many.
    assert (found.receipt.heard, found.receipt.days) == (0, {FIRST: ReadDay(420, 2)})
    taken(found)
    assert (found.receipt.heard, found.receipt.days) == (1, {})


def test_a_restored_reader_tells_the_announcement_that_it_goes_by_now(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    shelf.put(0, row(given, T10))
    first = share(to)
    first.work.exchange.announce(NONE, NONE)
    taken(first)
    first.work.exchange.announce(days(FIRST), days(FIRST))
    again = share(to, known=read(written(first.receipt), ReaderReceipt))
    assert again.open_days() == []
    taken(again)
    assert (again.receipt.heard, again.receipt.days) == (2, {})


# Terms


def test_a_day_is_told_with_the_terms_that_the_task_has_for_it(given: Generated, shelf: Shelf, to: Place) -> None:
    now = load(to.config)
    keeping = KeptInputs(Work(task(to)).working.kept_inputs)
    old, new = (
        name_of_terms(keeping.keep(inputs_of(each), marks_of(each)).digests)
        for each in (now, replace(now, policy=replace(now.policy, k=30)))
    )
    assert old != new
    told = replace(task(to), terms=new, begun={FIRST: old})
    found = Share(Work(told), 0, 1, None)
    shelf.put(0, row(given, T10), row(given, "2026-06-13T10:00:00Z"))
    taken(found)
    assert {day: some.terms for day, some in found.receipt.days.items()} == {FIRST: old, SECOND: new}


def test_a_day_keeps_the_terms_that_it_was_begun_with(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.put(0, row(given, T10))
    first = share(to)
    taken(first)
    before = replace(first.receipt, days={FIRST: replace(first.receipt.days[FIRST], terms="begun with")})
    shelf.put(0, row(given, T11))
    again = share(to, known=before)
    taken(again)
    assert again.receipt.days == {FIRST: ReadDay(420, 2, "begun with")}


# What is told


def test_the_receipt_tells_of_each_day_its_first_minute_and_how_many_rows_were_handed_on(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    shelf.put(0, row(given, T10), row(given, "2026-06-13T04:00:00Z"), b"poison")
    shelf.put(1, row(given, "2026-06-12T09:58:30Z"))
    found = share(to)
    handed = list(found.take())
    assert {day.isoformat() for day, _ in handed} == {FIRST, SECOND}
    assert all(events.schema.equals(PROBE.schema) for _, events in handed)
    receipt = found.receipt
    assert receipt.days == {FIRST: ReadDay(298 + 120, 2), SECOND: ReadDay(60, 1)}
    assert (receipt.accounting.rows_in, receipt.accounting.accepted) == (4, 3)
    assert receipt.accounting.rejected == {"malformed row": 1}
    assert receipt.accounting.balances


def test_the_digest_of_a_partition_does_not_depend_on_how_its_messages_are_taken(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    shelf.put(0, row(given, T10), row(given, T11))
    one, two = share(to), share(to)
    taken(one)
    shelf.at_once = 1
    for _ in range(2):
        taken(two)
    assert one.receipt.digests == two.receipt.digests
    assert one.receipt.digests.keys() == {"t/0"}


def test_messages_of_other_lengths_have_another_digest(given: Generated, shelf: Shelf, to: Place) -> None:
    digests = []
    for values in ([b"ab", b"c"], [b"a", b"bc"], [b"abc"]):
        shelf.values = {0: values}
        found = share(to)
        taken(found)
        digests.append(found.receipt.digests["t/0"])
    assert len(set(digests)) == 3


def test_dead_letters_of_readers_do_not_meet(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.put(0, b"poison")
    shelf.put(1, b"poison")
    for reader in range(2):
        taken(share(to, reader, 2))
    letters = sorted(path for path in (to.folder / "release.work" / "dead_letters").rglob("*") if path.is_file())
    assert [path.parent.name for path in letters] == ["reader-000", "reader-001"]


def test_a_topic_that_was_made_anew_is_refused(given: Generated, shelf: Shelf, to: Place) -> None:
    shelf.id = "one"
    shelf.put(0, row(given, T10))
    found = share(to)
    taken(found)
    assert found.receipt.topics == {"t": "one"}
    shelf.id = "another"
    for each in (found, share(to, known=found.receipt)):
        with pytest.raises(InputError, match="expected the topic that was read before, got another") as raised:
            list(each.take())
        assert "to another release" in raised.value.hint


def test_a_configuration_without_the_topic_is_bad_usage(given: Generated, shelf: Shelf, to: Place) -> None:
    text = to.config.read_text(encoding="utf-8")
    kafka = text[text.index("[input.kafka]") : text.index("[release]")]
    to.config.write_text(text.replace(kafka, "").replace("[input]\n", '[input]\nevents = "events"\n'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"\[input\.kafka\]: expected a topic"):
        share(to)


# Shares


def test_two_shares_together_read_what_one_reads(given: Generated, shelf: Shelf, tmp_path: Path) -> None:
    to = ready(topic_place(tmp_path / "arrow", given))
    shelf.values = in_messages(given.events, 3, minutes=30)
    whole, parts = share(to), [share(to, reader, 2) for reader in range(2)]
    one = pa.concat_tables([events for _, events in whole.take()])
    two = pa.concat_tables([events for part in parts for _, events in part.take()])
    order = [(name, "ascending") for name in PROBE.names]
    assert one.sort_by(order).equals(two.sort_by(order))
    receipts = [part.receipt for part in parts]
    assert [sorted(receipt.partitions) for receipt in receipts] == [["t/0", "t/2"], ["t/1"]]
    assert receipts[0].partitions | receipts[1].partitions == whole.receipt.partitions
    assert receipts[0].digests | receipts[1].digests == whole.receipt.digests
    assert receipts[0].accounting + receipts[1].accounting == whole.receipt.accounting
    assert whole.receipt.accounting.rows_in == given.events.num_rows
    for day, read_day in whole.receipt.days.items():
        told = [receipt.days[day] for receipt in receipts if day in receipt.days]
        assert reduce(add, told) == read_day
    assert min(receipt.progress or 0 for receipt in receipts) == whole.receipt.progress


def test_two_shares_read_a_topic_of_a_broker_between_them(
    given: Generated, to: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "ID_SECONDS", 0.1)
    broker = Broker()
    for number in range(4):
        broker.write("t", number, [row(given, T10), row(given, T11)])
    text = to.config.read_text(encoding="utf-8")
    to.config.write_text(text.replace("127.0.0.1:1", broker.address), encoding="utf-8")
    parts = [share(to, reader, 2) for reader in range(2)]
    try:
        for part in parts:
            while part.receipt.accounting.rows_in < 4:
                list(part.take())
    finally:
        for part in parts:
            part.close()
    assert [sorted(part.receipt.partitions) for part in parts] == [["t/0", "t/2"], ["t/1", "t/3"]]
    assert [part.receipt.progress for part in parts] == [I11, I11]


# The reader around a share


def reader(of: Place, kept: Kept) -> TopicReader:
    return TopicReader(Work(task(of)), 0, 1, One(kept, "read"))


@pytest.fixture
def _at_any_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.0)
    return


@pytest.mark.usefixtures("_at_any_time")
def test_a_reader_tells_of_progress_after_all_that_it_speaks_of(given: Generated, shelf: Shelf, to: Place) -> None:
    found, shelf.at_once = reader(to, Kept()), 1
    shelf.put(0, row(given, T10), row(given, T11))
    for instant in (I10, I11):
        told = list(found.read())
        assert [element[1] == NO_SHARD for element in told] == [False] * (len(told) - 1) + [True]
        assert [element[3] for element in told] == [NEVER] * (len(told) - 1) + [instant // 1_000]
    assert list(found.read()) == []


@pytest.mark.usefixtures("_at_any_time")
def test_a_restored_reader_begins_its_open_days_and_tells_its_progress_again(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    kept = Kept()
    shelf.put(0, row(given, T10))
    first = list(reader(to, kept).read())
    again = list(reader(to, kept).read())
    begun = [element for element in first if element[1] != NO_SHARD][:2]
    assert again == [*begun, first[-1]]


def test_a_reader_that_is_woken_a_moment_after_it_was_done_does_nothing(
    given: Generated, shelf: Shelf, to: Place, clock: Clock
) -> None:
    found = reader(to, Kept())
    list(found.read())
    shelf.put(0, row(given, T10))
    assert list(found.read()) == []
    clock.seconds += module.EVERY_SECONDS
    assert list(found.read())


@pytest.mark.usefixtures("_at_any_time")
def test_a_reader_keeps_what_it_tells_the_exchange(given: Generated, shelf: Shelf, to: Place) -> None:
    kept = Kept()
    found = reader(to, kept)
    shelf.put(0, row(given, T10))
    list(found.read())
    told = found.work.exchange.all_told(ReaderReceipt).get("reader-000")
    assert told is not None
    assert told == read(kept.values["", "read"], ReaderReceipt)
    assert told.accounting == Accounting(1, 1)


@pytest.mark.usefixtures("_at_any_time")
def test_a_reader_tells_what_it_has_heard_where_nothing_arrived_and_no_element_then(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    kept = Kept()
    found = reader(to, kept)
    shelf.put(0, row(given, T10))
    list(found.read())
    exchange = found.work.exchange
    for number in (1, 2):
        exchange.announce(NONE, NONE)
        assert list(found.read()) == []
        told = exchange.all_told(ReaderReceipt).get("reader-000")
        assert told is not None
        assert (told.heard, told.round) == (number, 1)
        assert told == read(kept.values["", "read"], ReaderReceipt)


@pytest.mark.usefixtures("_at_any_time")
def test_a_reader_tells_that_it_has_heard_once_all_rows_before_that_are_handed_on(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    found = reader(to, Kept())
    exchange = found.work.exchange
    exchange.announce(NONE, NONE)
    shelf.put(0, row(given, T10))
    for element in found.read():
        if element[1] != NO_SHARD:
            assert exchange.all_told(ReaderReceipt).get("reader-000") is None
    told = exchange.all_told(ReaderReceipt).get("reader-000")
    assert told is not None
    assert (told.heard, told.days) == (1, {FIRST: ReadDay(420, 1)})


@pytest.mark.usefixtures("_at_any_time")
def test_a_restored_reader_begins_late_days_again_and_published_ones_not(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    kept = Kept()
    shelf.put(0, row(given, T10), row(given, "2026-06-13T10:00:00Z"))
    found = reader(to, kept)
    list(found.read())
    for published, expected in ((NONE, {FIRST, SECOND}), (days(FIRST), {SECOND})):
        found.work.exchange.announce(days(FIRST), published)
        begun = [element for element in reader(to, kept).read() if element[1] != NO_SHARD]
        assert {element[0] for element in begun} == expected
        assert all(element[2] == NO_ROWS for element in begun)


@pytest.mark.usefixtures("_at_any_time")
def test_an_error_of_a_reader_is_reported_as_itself_and_its_position_is_not_kept(
    given: Generated, shelf: Shelf, to: Place
) -> None:
    kept, shelf.id = Kept(), "one"
    found = reader(to, kept)
    shelf.put(0, row(given, T10))
    list(found.read())
    before, shelf.id = dict(kept.values), "another"
    shelf.put(0, row(given, T11))
    with pytest.raises(InputError):
        list(found.read())
    assert kept.values == before
    with pytest.raises(InputError, match="expected the topic that was read before"):
        found.work.exchange.raise_reported()


def test_a_reader_that_never_read_leaves_no_brokers(shelf: Shelf, to: Place) -> None:
    found = reader(to, Kept())
    found.close()
    list(found.read())
    found.close()
    assert found.share is not None
    assert found.share.topic.closed  # type: ignore[attr-defined]
