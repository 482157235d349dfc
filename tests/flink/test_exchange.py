"""The exchange: what tasks hand on is whole or not there, comes in order, and survives no clearing."""

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.days import DAY_TABLES, DayTables
from pipelines.flink import exchange as module
from pipelines.flink.exchange import (
    DEBUG,
    Announced,
    Exchange,
    Found,
    Job,
    ReadDay,
    ReaderReceipt,
    ShardReceipt,
)
from pipelines.ingest import ClosedDays, Receipt
from pipelines.shard_files import read_table
from pipelines.state import Accounting, Partition, Spool
from pipelines.sums import HEARD_EVENTS, MEASURES
from schemas.errors import HexafluxError, InputError, PrivacyRefusal, SystemFailure, UsageError
from schemas.tables import CROSSING, HEARD, PRESENCE_COUNT, TRIP, VISIT
from tests.tables import table

DAY = "2026-06-10"
BOTH = ((MEASURES, PRESENCE_COUNT), (HEARD_EVENTS, HEARD))
READER = ReaderReceipt(
    Accounting(9, 6, 1, 1, {"malformed row": 1}),
    {"t/0": Partition(1_000, 7, 2), "t/1": Partition(None)},
    {DAY: ReadDay(300, 6, "terms")},
    {"t": "id"},
    {"t/0": "ab" * 32},
    progress=999,
    behind=3,
    round=4,
    heard=2,
)
NONE = Found()
JOB = Job("17", "work", "there:8081")
FRAGMENT = Receipt(Accounting(2, 2), ((DAY, Spool("", (3, 4), (1, 1))),), 12, 1)


@pytest.fixture
def there(tmp_path: Path) -> Exchange:
    found = Exchange(tmp_path / "exchange")
    found.begin()
    return found


def measures(devices: int = 1) -> pa.Table:
    return PRESENCE_COUNT.conform(table(f"place devices weight\n1 {devices} 1000"))


def hand(to: Exchange, *ends: int, name: str = "") -> None:
    """Hand on sums of strides with some ends, of one name or of both."""
    for each, declared in BOTH:
        if name in ("", each):
            for end in ends:
                to.hand_sum(DAY, end, each, declared.empty())


def over(devices: int = 0, found: Found = NONE, handed: int = 1) -> ShardReceipt:
    """The receipt of a shard that is over."""
    return ShardReceipt(devices, found, handed)


def nothing(devices: int = 0) -> DayTables:
    return DayTables(devices, VISIT.empty(), TRIP.empty(), CROSSING.empty())


# Readers


def test_what_readers_tell_is_read_as_they_told_it_and_later_takes_the_place_of_former(there: Exchange) -> None:
    assert (there.all_told(ReaderReceipt).get("reader-000"), there.count_told()) == (None, 0)
    there.tell("reader-001", READER)
    there.tell("reader-000", ReaderReceipt(Accounting(), {}, {}, {}))
    there.tell("reader-000", READER)
    assert there.all_told(ReaderReceipt).get("reader-000") == READER
    assert list(there.all_told(ReaderReceipt).values()) == [READER, READER]
    assert there.count_told() == 2


def test_a_receipt_of_a_fragment_is_read_as_it_was_told(there: Exchange) -> None:
    there.tell("fragment-000003", FRAGMENT)
    assert there.all_told(Receipt).get("fragment-000003") == FRAGMENT


def test_a_job_is_remembered_until_there_is_none(there: Exchange) -> None:
    assert there.job is None
    for job in (JOB, Job("17", "work", "there:8081", "file:/before", "file:/there")):
        there.remember(job)
        assert there.job == job
    there.remember(None)
    there.remember(None)
    assert there.job is None


# Sums


@pytest.mark.parametrize(
    ("handed", "after", "found"),
    [
        ([], 0, []),
        ([5, 10, 15], 0, [5, 10, 15]),
        ([15, 5, 10], 0, [5, 10, 15]),
        ([5, 15, 20], 0, [5]),
        ([10, 15], 0, []),
        ([5, 10, 15], 10, [15]),
        ([15, 20, 23], 10, [15, 20, 23]),
        ([5, 10, 15, 20, 23], 23, []),
        # A stride that another stride has left is none of these.
        ([7, 5, 12], 0, [5]),
    ],
)
def test_sums_come_in_order_up_to_the_first_gap(
    there: Exchange, handed: Sequence[int], after: int, found: list[int]
) -> None:
    hand(there, *handed)
    assert there.sums(DAY, after, 5, 23) == found


@pytest.mark.parametrize(("one", "other"), [(MEASURES, HEARD_EVENTS), (HEARD_EVENTS, MEASURES)])
def test_a_stride_is_there_once_both_of_its_sums_are(there: Exchange, one: str, other: str) -> None:
    hand(there, 5, 10, name=one)
    assert there.sums(DAY, 0, 5, 20) == []
    hand(there, 5, name=other)
    assert there.sums(DAY, 0, 5, 20) == [5]


@given(st.sets(st.integers(1, 12)), st.integers(0, 12), st.integers(1, 60))
def test_sums_are_the_longest_row_of_strides_without_a_gap(
    tmp_path_factory: pytest.TempPathFactory, whole: set[int], begun: int, last: int
) -> None:
    to, buckets = Exchange(tmp_path_factory.mktemp("exchange")), 55 + last
    ends = [min(5 * number, buckets) for number in range(1, 40) if 5 * (number - 1) < buckets]
    folder = to.day(DAY)
    folder.mkdir(parents=True)
    for number in whole & set(range(1, len(ends) + 1)):
        for name in (MEASURES, HEARD_EVENTS):
            (folder / f"{name}-{ends[number - 1]:05d}.arrow").touch()
    found = to.sums(DAY, ([0, *ends])[min(begun, len(ends))], 5, buckets)
    expected = []
    for number in range(min(begun, len(ends)) + 1, len(ends) + 1):
        if number not in whole:
            break
        expected.append(ends[number - 1])
    assert found == expected


def test_a_sum_that_was_not_written_to_its_end_is_not_there(there: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    hand(there, 5)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        patched.setattr(Path, "replace", killed)
        patched.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            hand(there, 10)
    assert there.sums(DAY, 0, 5, 20) == [5]
    # A kill leaves a file that is begun where it is.
    (there.day(DAY) / ".measures-00010.arrow.tmp").write_bytes(b"half")
    (there.day(DAY) / ".heard-00010.arrow.tmp").write_bytes(b"half")
    assert there.sums(DAY, 0, 5, 20) == [5]


# Taking


def test_sums_that_are_taken_stand_in_the_folder_of_the_step_as_links_and_outlive_the_exchange(
    there: Exchange, tmp_path: Path
) -> None:
    folder = tmp_path / "000007"
    folder.mkdir()
    there.hand_sum(DAY, 5, MEASURES, measures(3))
    there.hand_sum(DAY, 5, HEARD_EVENTS, HEARD.empty())
    taken = there.take_sums(DAY, [5], folder)
    assert taken == (("000007/measures-00005.arrow",), ("000007/heard-00005.arrow",))
    assert (folder / "measures-00005.arrow").samefile(there.day(DAY) / "measures-00005.arrow")
    there.forget(DAY)
    assert read_table(folder / "measures-00005.arrow").equals(measures(3))


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.ENOTSUP])
def test_across_file_systems_what_is_taken_is_copied(
    there: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    there.hand_sum(DAY, 5, MEASURES, measures(3))
    hand(there, 5, name=HEARD_EVENTS)
    monkeypatch.setattr(os, "link", refused)
    there.take_sums(DAY, [5], tmp_path)
    assert not (tmp_path / "measures-00005.arrow").samefile(there.day(DAY) / "measures-00005.arrow")
    assert read_table(tmp_path / "measures-00005.arrow").equals(measures(3))


def test_a_full_disk_is_no_reason_to_copy(there: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    hand(there, 5)
    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="No space left"):
        there.take_sums(DAY, [5], tmp_path)


def test_what_is_taken_again_takes_the_place_of_what_a_killed_step_took(there: Exchange, tmp_path: Path) -> None:
    (tmp_path / "measures-00005.arrow").write_bytes(b"of a killed step")
    there.hand_sum(DAY, 5, MEASURES, measures(3))
    hand(there, 5, name=HEARD_EVENTS)
    for _ in range(2):
        there.take_sums(DAY, [5], tmp_path)
        assert read_table(tmp_path / "measures-00005.arrow").equals(measures(3))


def test_shards_of_a_day_are_told_with_all_their_tables(there: Exchange, tmp_path: Path) -> None:
    folder = tmp_path / "000009"
    folder.mkdir()
    for shard in (11, 2):
        there.hand_shard(DAY, shard, nothing(shard), over(shard, Found(5, 2, shard), 700 + shard))
    assert there.shards(DAY) == {shard: ShardReceipt(shard, Found(5, 2, shard), 700 + shard) for shard in (2, 11)}
    first, second = there.take_shards(DAY, folder)
    assert (first.devices, second.devices) == (2, 11)
    assert (second.visits.file, second.visits.shards) == ("000009/visits-00011.arrow", (11,))
    tables = {path.name: read_table(path) for path in folder.iterdir()}
    names = {f"{name}-{shard:05d}.arrow": declared for name, declared in DAY_TABLES.items() for shard in (2, 11)}
    assert {name: some.schema for name, some in tables.items()} == {name: of.schema for name, of in names.items()}


def test_a_shard_whose_tables_are_not_all_written_is_not_there(
    there: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, written = module.write_batches, list[Path]()

    def dying(path: Path, schema: pa.Schema, tables: Sequence[pa.Table]) -> None:
        if len(written) == len(DAY_TABLES) - 1:
            raise KeyboardInterrupt
        written.append(path)
        whole(path, schema, tables)

    monkeypatch.setattr(module, "write_batches", dying)
    with pytest.raises(KeyboardInterrupt):
        there.hand_shard(DAY, 0, nothing(), over())
    assert written
    assert there.shards(DAY) == {}


def test_what_shards_found_adds_up_and_is_all_of_their_rows() -> None:
    found = Found(5, 2, 1) + Found(3, 0, 4)
    assert found == Found(8, 2, 5)
    assert found.rows == 13
    change = found.accounting
    assert (change.rows_in, change.accepted, change.duplicates, change.late) == (0, -7, 2, 5)
    assert (Accounting(13, 13) + change).balances


# What tasks go by


def those(*days: str, before: str = "") -> ClosedDays:
    return ClosedDays(frozenset(days), before)


def test_before_anything_is_announced_no_day_is_late_or_published_and_readers_have_heard_of_that(
    there: Exchange,
) -> None:
    announced = there.announced
    assert announced == Announced(those(), those(), 0)
    assert ReaderReceipt(Accounting(), {}, {}, {}).heard == announced.number
    assert DAY not in announced.late
    assert DAY not in announced.published


def test_tasks_go_by_what_was_announced_last(there: Exchange) -> None:
    there.announce(those(DAY, before="2026-06-01"), those(before="2026-05-01"))
    late, published = there.announced.late, there.announced.published
    days = ("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01", DAY)
    assert [day in late for day in days] == [True, True, True, False, True]
    assert [day in published for day in days] == [True, False, False, False, False]
    there.announce(those(), those())
    assert DAY not in there.announced.late


def test_the_number_of_an_announcement_goes_up_by_one_and_survives_reopening(there: Exchange) -> None:
    assert [there.announce(those(), those()) for _ in range(3)] == [1, 2, 3]
    again = Exchange(there.path)
    again.begin()
    assert again.announced.number == 3
    assert again.announce(those(DAY), those()) == 4
    assert there.announced == Announced(those(DAY), those(), 4)


def test_an_announcement_needs_no_job_to_have_begun(tmp_path: Path) -> None:
    found = Exchange(tmp_path / "not" / "there")
    assert found.announce(those(DAY), those()) == 1
    assert DAY in found.announced.late


def test_an_announcement_that_was_not_written_to_its_end_is_none(
    there: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    there.announce(those(), those())
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        patched.setattr(Path, "replace", killed)
        patched.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            there.announce(those(DAY), those(DAY))
    assert there.announced == Announced(those(), those(), 1)


# Days of readers


def test_what_was_read_of_a_day_adds_up_from_its_first_bucket_on_under_the_terms_that_it_began_with() -> None:
    first, second = ReadDay(300, 6, "old"), ReadDay(290, 4, "new")
    assert first + second == ReadDay(290, 10, "old")
    assert second + first == ReadDay(290, 10, "new")


# Going back


def files(of: Exchange, day: str) -> set[str]:
    return {path.name for path in of.day(day).iterdir()}


def test_a_shard_that_goes_back_takes_its_receipt_and_the_sums_after_its_bucket_back_and_nothing_else(
    there: Exchange,
) -> None:
    hand(there, 5, 10, 15)
    for shard in (1, 2, 12):
        there.hand_shard(DAY, shard, nothing(), over())
    there.hand_sum("2026-06-11", 15, MEASURES, PRESENCE_COUNT.empty())
    there.hand_shard("2026-06-11", 2, nothing(), over())
    before, other = files(there, DAY), files(there, "2026-06-11")
    there.take_back(DAY, 2, 10)
    gone = {"measures-00015.arrow", "heard-00015.arrow", "shard-00002.json"}
    assert before - files(there, DAY) == gone
    assert files(there, DAY) <= before
    assert there.sums(DAY, 0, 5, 20) == [5, 10]
    assert there.shards(DAY).keys() == {1, 12}
    assert files(there, "2026-06-11") == other


def test_a_shard_that_goes_back_to_its_beginning_takes_all_sums_back(there: Exchange) -> None:
    hand(there, 5, 10)
    there.take_back(DAY, 0, 0)
    assert files(there, DAY) == set()


def test_a_shard_that_had_handed_nothing_on_takes_nothing_back(there: Exchange) -> None:
    there.take_back(DAY, 0, 0)
    assert not there.day(DAY).exists()
    hand(there, 5)
    for _ in range(2):
        there.take_back(DAY, 0, 5)
    assert there.sums(DAY, 0, 5, 20) == [5]


def test_a_shard_tells_of_more_rows_without_its_tables(there: Exchange) -> None:
    there.hand_shard(DAY, 3, nothing(7), over(7, Found(5, 2), 700))
    tables = {path.name: path.stat().st_mtime_ns for path in there.day(DAY).glob("*.arrow")}
    assert len(tables) == len(DAY_TABLES)
    there.tell_shard(DAY, 3, over(7, Found(5, 2, 4), 700))
    assert there.shards(DAY) == {3: ShardReceipt(7, Found(5, 2, 4), 700)}
    assert {path.name: path.stat().st_mtime_ns for path in there.day(DAY).glob("*.arrow")} == tables


# Forgetting


def test_what_is_forgotten_is_one_day(there: Exchange) -> None:
    hand(there, 5)
    there.hand_shard("2026-06-11", 0, nothing(), over())
    there.forget(DAY)
    there.forget(DAY)
    assert there.sums(DAY, 0, 5, 20) == []
    assert there.shards("2026-06-11")


# Errors


@pytest.mark.parametrize("kind", [InputError, PrivacyRefusal, SystemFailure, UsageError])
def test_an_error_for_people_comes_out_as_what_it_was(there: Exchange, kind: type[HexafluxError]) -> None:
    with pytest.raises(kind), there.reporting():
        raise kind("é: expected, got", "do")
    with pytest.raises(HexafluxError) as raised:
        there.raise_reported()
    assert type(raised.value) is kind
    assert (raised.value.message, raised.value.hint) == ("é: expected, got", "do")


def test_what_the_system_refuses_comes_out_as_a_failure_for_whoever_runs_it(there: Exchange) -> None:
    with pytest.raises(SystemFailure), there.reporting():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere")
    with pytest.raises(SystemFailure, match=r"^/somewhere: no space left on the disk$") as raised:
        there.raise_reported()
    assert "goes on from the last finished step" in raised.value.hint


def test_the_first_error_is_the_one_that_is_told(there: Exchange) -> None:
    for kind in (InputError, SystemFailure):
        with pytest.raises(kind), there.reporting():
            raise kind(kind.__name__, "do")
    with pytest.raises(InputError, match="InputError"):
        there.raise_reported()


def test_an_error_that_nobody_foresaw_is_told_without_its_text(
    there: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DEBUG, raising=False)
    with pytest.raises(SystemFailure) as raised, there.reporting():
        raise KeyError("208010000000007")
    assert raised.value.__suppress_context__
    assert raised.value.message == "a task: unexpected KeyError"
    assert "208010000000007" not in raised.value.hint
    there.raise_reported()


def test_an_error_that_nobody_foresaw_is_told_whole_to_who_looks_for_it(
    there: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEBUG, "1")
    with pytest.raises(ZeroDivisionError), there.reporting():
        _ = 1 // 0
    there.raise_reported()


def test_an_error_that_cannot_be_written_is_raised_all_the_same(there: Exchange) -> None:
    shutil.rmtree(there.path)
    there.path.write_bytes(b"a file")
    with pytest.raises(InputError, match="expected"), there.reporting():
        raise InputError("expected", "do")


def test_what_is_reported_holds_no_place_in_a_program(there: Exchange) -> None:
    with pytest.raises(InputError), there.reporting():
        raise InputError("expected", "do")
    written = (there.path / "stopped.json").read_text(encoding="utf-8")
    assert "Traceback" not in written
    assert ".py" not in written


# Beginning and clearing


def test_a_job_that_begins_forgets_the_error_of_the_one_before_and_nothing_else(there: Exchange) -> None:
    hand(there, 5)
    there.tell("reader-000", READER)
    with pytest.raises(InputError), there.reporting():
        raise InputError("expected", "do")
    there.begin()
    there.raise_reported()
    assert there.sums(DAY, 0, 5, 20) == [5]
    assert there.all_told(ReaderReceipt).get("reader-000") == READER


def test_nothing_is_left_of_an_exchange_that_is_cleared_and_what_is_not_its_own_stays(there: Exchange) -> None:
    hand(there, 5)
    there.tell("reader-000", READER)
    there.announce(those(DAY), those(DAY))
    there.remember(JOB)
    there.order.write_bytes(b"{}")
    for name in ("checkpoints/17/chk-1", "savepoints/savepoint-17"):
        (there.path / name).mkdir(parents=True)
        (there.path / name / "_metadata").touch()
    with pytest.raises(InputError), there.reporting():
        raise InputError("expected", "do")
    (there.path / "of others").touch()
    there.clear()
    there.clear()
    assert [path.name for path in there.path.iterdir()] == ["of others"]


def test_days_that_are_kept_stay_where_all_else_is_cleared(there: Exchange) -> None:
    hand(there, 5)
    there.hand_shard("2026-06-11", 0, nothing(), over())
    there.tell("reader-000", READER)
    there.clear({DAY})
    assert there.sums(DAY, 0, 5, 20) == [5]
    assert there.shards("2026-06-11") == {}
    assert there.count_told() == 0


def test_the_exchange_is_for_its_owner_alone(there: Exchange) -> None:
    there.tell("reader-000", READER)
    there.remember(JOB)
    assert there.path.stat().st_mode & 0o077 == 0
    files = [path for path in there.path.rglob("*") if path.is_file()]
    assert len(files) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_what_was_handed_on_of_published_days_is_removed_and_of_others_late_or_not_is_kept(there: Exchange) -> None:
    there.forget_published()
    for day in ("2026-06-11", "2026-06-12", "2026-06-13", "2026-06-14"):
        there.hand_shard(day, 0, nothing(), over())
    there.forget_published()
    assert len(list((there.path / "days").iterdir())) == 4
    there.announce(those("2026-06-12", "2026-06-13", before="2026-06-12"), those("2026-06-12", before="2026-06-12"))
    for _ in range(2):
        there.forget_published()
        assert sorted(folder.name for folder in (there.path / "days").iterdir()) == ["2026-06-13", "2026-06-14"]
    assert there.shards("2026-06-13")
