"""Messages at the boundary: what is late is decided row by row, in the order of the partition, however it is cut."""

import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from pipelines import ingest
from pipelines.configuration import load
from pipelines.ingest import ClosedDays, Ingestion, Receipt
from pipelines.inputs import Inputs, inputs_of_now
from pipelines.lateness import BUCKET, first_bucket
from pipelines.open_registers import OpenRegisters
from pipelines.progress import Progress
from pipelines.shard_files import read_table
from pipelines.sources.fragment import MALFORMED_ROW
from pipelines.sources.messages import Messages
from pipelines.state import Accounting
from pipelines.steps import Steps
from pipelines.working_directory import WorkingDirectory
from tests.cli.command import good_input

DAY = date(2026, 6, 10)
SECOND, MINUTE = 1_000_000, 60_000_000
START = int(datetime(2026, 6, 10, 3, tzinfo=UTC).timestamp()) * SECOND
LATENESS = 30 * MINUTE
NOWHERE = "nowhere"
NOBODY = ClosedDays(frozenset())

Row = tuple[int, str, str]
"""An event: its time, its subscriber, its cell."""


@dataclass(frozen=True)
class Town:
    """Small inputs, and who is in them."""

    inputs: Inputs
    cells: Sequence[str]
    opted_out: str


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    made = good_input(tmp_path_factory.mktemp("messages") / "town")
    register = made.subscribers.to_pylist()
    gone = "208019999999999"
    register.append(dict.fromkeys(register[0]) | {"subscriber_id": gone, "opted_out": True})
    pq.write_table(pa.Table.from_pylist(register, made.subscribers.schema), made.directory / "subscribers.parquet")
    return Town(inputs_of_now(load(made.config)), made.cells["cell_id"].to_pylist(), gone)


@dataclass(frozen=True)
class Desk:
    """Where messages are ingested, one lot after another."""

    town: Town
    folder: Path

    def ingest(self, messages: Messages, closed: ClosedDays = NOBODY) -> Receipt:
        working = WorkingDirectory(self.folder / "release.work")
        place, keys = (
            working.step(len(list(self.folder.rglob("steps/*"))) + 1),
            working.key_service(self.town.inputs.configuration),
        )
        return Ingestion(self.town.inputs, keys, place, working.dead_letters, closed).ingest(0, messages)

    def spooled(self, receipts: Sequence[Receipt]) -> list[dict[str, object]]:
        """All events that count, in an order of their own."""
        files = [spool.file for receipt in receipts for _, spool in receipt.spools]
        tables = [read_table(self.folder / "release.work" / "steps" / file) for file in files]
        return sorted((row for table in tables for row in table.to_pylist()), key=repr)

    def letters(self) -> list[tuple[str, int, str]]:
        files = sorted((self.folder / "release.work" / "dead_letters").glob("*.parquet"))
        return [tuple(row.values()) for file in files for row in pq.read_table(file).to_pylist()]


@pytest.fixture
def desk(town: Town, tmp_path: Path) -> Desk:
    return Desk(town, tmp_path)


def message(rows: Sequence[Row]) -> bytes:
    """One message of JSON Lines."""
    lines = ({"event_time": time // 1000, "subscriber_id": who, "cell_id": cell} for time, who, cell in rows)
    return b"\n".join(json.dumps(line).encode() for line in lines)


def lot(rows: Sequence[Sequence[Row]], first: int = 0, step: int = 3, **changes: object) -> Messages:
    values = tuple(message(some) for some in rows)
    offsets = first + step * np.arange(len(values))
    return replace(Messages("t/0", offsets, values, "json", None, None, LATENESS), **changes)  # type: ignore[arg-type]


def drawn(town: Town, seed: int, count: int = 300) -> list[list[Row]]:
    """Messages of up to four events around a time that runs through a day, some hours behind, some of no cell."""
    rng = np.random.default_rng(seed)
    cells = [*town.cells, *[NOWHERE] * (len(town.cells) // 6)]
    behind = np.where(rng.random(count) < 0.3, rng.integers(0, 120, count), 0) * MINUTE
    at = START + np.arange(count) * 5 * MINUTE - behind
    return [
        [
            (int(time + rng.integers(0, 20) * MINUTE), f"20801{rng.integers(0, 40):010d}", str(rng.choice(cells)))
            for _ in range(rng.integers(1, 5))
        ]
        for time in at
    ]


def expected(rows: Sequence[Sequence[Row]], high: int | None = None) -> tuple[list[Row], list[Row], int | None]:
    """What is accepted, what is late, and the latest time, one event after another."""
    accepted, late = list[Row](), list[Row]()
    for some in rows:
        before = high
        for row in (row for row in some if row[2] != NOWHERE):
            since = timedelta(microseconds=row[0] - START) // timedelta(days=1)
            start = START + since * 24 * 60 * MINUTE
            ends = start + ((row[0] - start) // BUCKET + 1) * BUCKET
            (late if before is not None and ends <= before - LATENESS else accepted).append(row)
            high = row[0] if high is None else max(high, row[0])
    return accepted, late, high


@pytest.mark.parametrize("seed", range(5))
def test_an_event_is_late_if_its_bucket_ends_before_the_latest_of_earlier_messages_less_the_lateness(
    desk: Desk, seed: int
) -> None:
    rows = drawn(desk.town, seed)
    accepted, late, high = expected(rows)
    receipt = desk.ingest(lot(rows))
    rejected = sum(row[2] == NOWHERE for some in rows for row in some)
    counts = Accounting(sum(map(len, rows)), len(accepted), 0, len(late), {"unknown cell": rejected})
    assert receipt.accounting == counts
    assert receipt.accounting.balances
    assert min(len(late), rejected) > 20
    assert receipt.high == high
    spooled = Counter(int(row["event_time"].timestamp()) * SECOND for row in desk.spooled([receipt]))  # type: ignore[attr-defined]
    assert spooled == Counter(row[0] for row in accepted)


@pytest.mark.parametrize("seed", range(3))
def test_how_a_partition_is_cut_changes_nothing(desk: Desk, seed: int) -> None:
    rows = drawn(desk.town, seed)
    whole = desk.ingest(lot(rows))
    cuts = [0, *sorted(np.random.default_rng(seed).choice(np.arange(1, 300), 6, replace=False).tolist()), 300]
    high, receipts = None, list[Receipt]()
    for begin, end in pairwise(cuts):
        receipts.append(desk.ingest(lot(rows[begin:end], first=3 * begin, high=high)))
        high = receipts[-1].high
    assert sum((receipt.accounting for receipt in receipts), Accounting()) == whole.accounting
    assert high == whole.high
    assert desk.spooled(receipts) == desk.spooled([whole])


@pytest.mark.parametrize(("clock", "late"), [(572.5, 0), (572, 0), (571.999, 1), (571, 1)])
def test_whole_buckets_are_late(desk: Desk, clock: float, late: int) -> None:
    at, cell = START + 602 * MINUTE + MINUTE // 2, desk.town.cells[0]
    receipt = desk.ingest(lot([[(at, "a", cell)], [(START + int(clock * MINUTE), "b", cell)]]))
    assert (receipt.accounting.accepted, receipt.accounting.late) == (2 - late, late)
    assert first_bucket(at, LATENESS, START) * BUCKET == 572 * MINUTE


def test_no_event_is_late_for_another_of_its_own_message(desk: Desk) -> None:
    at, cell = START + 600 * MINUTE, desk.town.cells[0]
    both = [(at, "a", cell), (START, "b", cell)]
    assert desk.ingest(lot([both])).accounting == Accounting(2, 2)
    assert desk.ingest(lot([both], high=at)).accounting == Accounting(2, 1, 0, 1)


def test_a_rejected_row_makes_no_other_late_and_is_not_late_itself(desk: Desk) -> None:
    at, (cell, *_) = START + 600 * MINUTE, desk.town.cells
    ahead = at + 300 * MINUTE
    rows = [
        [(at, "a", cell)],
        [(ahead, "b", NOWHERE), (ahead, "", cell), (ahead, desk.town.opted_out, cell)],
        [(at - 20 * MINUTE, "c", cell)],
        [(START, "d", NOWHERE), (START, desk.town.opted_out, cell)],
        [(START, "e", cell)],
    ]
    messages = lot(rows)
    messages = replace(messages, values=(*messages.values[:2], b"{", *messages.values[3:]))
    messages = replace(messages, values=(*messages.values, None), offsets=np.array([5, 6, 9, 20, 21, 40]))
    receipt = desk.ingest(messages)
    reasons = {MALFORMED_ROW: 2, "missing subscriber_id": 1, "opted out": 2, "unknown cell": 2}
    assert receipt.accounting == Accounting(9, 1, 0, 1, reasons)
    assert receipt.accounting.balances
    assert receipt.high == at
    assert sorted(desk.letters()) == [
        ("t/0", 6, "missing subscriber_id"),
        ("t/0", 6, "unknown cell"),
        ("t/0", 9, MALFORMED_ROW),
        ("t/0", 20, "unknown cell"),
        ("t/0", 40, MALFORMED_ROW),
    ]


def test_events_of_a_closed_day_are_late_and_still_tell_how_far_the_partition_is(desk: Desk) -> None:
    at, cell = START + 600 * MINUTE, desk.town.cells[0]
    rows = [[(at, "a", cell)], [(at + 1440 * MINUTE, "b", cell)], [(at + 5 * MINUTE, desk.town.opted_out, cell)]]
    receipt = desk.ingest(lot(rows), ClosedDays(frozenset({DAY.isoformat()})))
    assert receipt.accounting == Accounting(3, 1, 0, 1, {"opted out": 1})
    assert [day for day, _ in receipt.spools] == ["2026-06-11"]
    assert desk.ingest(lot(rows[:1]), ClosedDays(frozenset(), "2026-06-11")).accounting == Accounting(1, 0, 0, 1)
    assert desk.ingest(lot(rows[:1]), ClosedDays(frozenset(), "2026-06-11")).high == at


def test_messages_without_an_event_leave_the_latest_time_as_it_was(desk: Desk) -> None:
    bad = Messages("t/0", np.array([1, 2]), (None, b"x"), "json", None, None, LATENESS)
    assert desk.ingest(bad) == Receipt(Accounting(2, rejected={MALFORMED_ROW: 2}), (), None)
    assert desk.ingest(replace(bad, high=START)).high == START


def test_schemas_that_change_from_message_to_message_change_nothing(desk: Desk) -> None:
    rows = drawn(desk.town, 9)
    whole = desk.ingest(lot(rows))
    mixed = lot(rows, format="arrow", values=tuple(arrow(some, at % 3) for at, some in enumerate(rows)))
    receipt = desk.ingest(mixed)
    assert (receipt.accounting, receipt.high) == (whole.accounting, whole.high)
    assert desk.spooled([receipt]) == desk.spooled([whole])


def arrow(rows: Sequence[Row], kind: int) -> bytes:
    times, subscribers, cells = map(list, zip(*rows, strict=True))
    time = [pa.array(times, pa.timestamp("us")), pa.array(times, pa.timestamp("us", "UTC")), None][kind]
    cell = pa.array(cells).dictionary_encode() if kind == 1 else pa.array(cells, pa.large_string())
    table = pa.table(
        {"event_time": pa.array([at // 1000 for at in times]) if time is None else time, "subscriber_id": subscribers}
        | {"cell_id": cell}
    )
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


def test_a_step_ingests_the_messages_of_several_partitions(desk: Desk, tmp_path: Path) -> None:
    working = WorkingDirectory(tmp_path / "steps.work")
    steps = Steps(desk.town.inputs, working, Progress(Console(stderr=True), quiet=True))
    rows = [drawn(desk.town, seed, 100) for seed in range(3)]
    lots = [lot(some, partition=f"t/{number}") for number, some in enumerate(rows)]
    receipts = steps.read(lots, NOBODY)
    assert [receipt.accounting for receipt in receipts] == [desk.ingest(some).accounting for some in lots]
    assert [receipt.high for receipt in receipts] == [expected(some)[2] for some in rows]
    files = [spool.file for receipt in receipts for _, spool in receipt.spools]
    spooled = sum(read_table(working.resolve(file)).num_rows for file in files)
    assert spooled == sum(receipt.accounting.accepted for receipt in receipts)
    assert sum(sum(spool.rows) for receipt in receipts for _, spool in receipt.spools) == spooled


@pytest.mark.parametrize(("few", "whole"), [(3, False), (2, True)])
def test_for_few_events_of_a_day_the_whole_register_is_not_hashed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, few: int, whole: bool
) -> None:
    monkeypatch.setattr(ingest, "FEW", few)
    monkeypatch.setattr(ingest, "OPEN_REGISTERS", opened := OpenRegisters())
    cell, who = desk.town.cells[0], desk.town.inputs.register.subscriber_id[0].as_py()  # type: ignore[union-attr]
    receipt = desk.ingest(lot([[(START, who, cell), (START, desk.town.opted_out, cell)]]))
    assert receipt.accounting == Accounting(2, 1, 0, 0, {"opted out": 1})
    assert opened.days == ({DAY} if whole else frozenset())


def test_a_wrong_clock_is_rejected_by_its_offset_and_leaves_the_latest_time_as_it_was(desk: Desk) -> None:
    at, cell = START + 600 * MINUTE, desk.town.cells[0]
    wrong = at + 4_000 * 1440 * MINUTE
    receipt = desk.ingest(lot([[(at, "a", cell)], [(wrong, "b", cell), (at, "c", cell)], [(at, "d", cell)]]))
    assert receipt.accounting == Accounting(4, 3, 0, 0, {"far ahead of its partition": 1})
    assert receipt.accounting.balances
    assert (receipt.high, receipt.doubted) == (at, 0)
    assert [day for day, _ in receipt.spools] == [DAY.isoformat()]
    assert desk.letters() == [("t/0", 3, "far ahead of its partition")]
