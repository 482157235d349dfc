"""What cannot be read while events are followed: counted, listed without its values, and in nobody's way."""

import io
import json
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import fastavro
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.configuration import load
from pipelines.dead_letters import remove_oldest
from pipelines.follow import follower as module
from pipelines.follow.log import silent
from pipelines.follow.topic import TopicFollower
from pipelines.inputs import inputs_of_now
from pipelines.sources.messages import Messages
from pipelines.working_directory import WorkingDirectory
from tests.follow.delivered import QUIET, Clock, Place, deliver, follower, in_delay, place, times, town
from tests.oracle.generate import Generated

HUGE = 10 << 20
WHO = "208017777777777"
SCHEMA = {
    "type": "record",
    "name": "probe",
    "fields": [
        {"name": "event_time", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "subscriber_id", "type": "string"},
        {"name": "cell_id", "type": "string"},
    ],
}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    return town(tmp_path_factory.mktemp("poison") / "town", events=6_000)


@dataclass
class Waiting:
    """A topic of one partition with messages that wait; what it was told to commit."""

    form: str
    values: Sequence[bytes]
    schemas: Path | None = None
    committed_to: list[Mapping[str, int]] = field(default_factory=list)

    def ids(self) -> dict[str, str]:
        return {}

    def partitions(self) -> Collection[str]:
        return ("t/0",)

    def take(self, positions: Mapping[str, int], _rows: int, _seconds: float) -> list[Messages]:
        start = positions.get("t/0", 0)
        some = tuple(self.values[start : start + 40])
        return [Messages("t/0", start + np.arange(len(some)), some, self.form, self.schemas)] if some else []

    def behind(self, positions: Mapping[str, int]) -> dict[str, int]:
        return {"t/0": len(self.values) - positions.get("t/0", 0)}

    def committed(self, positions: Mapping[str, int]) -> None:
        self.committed_to.append(positions)

    def close(self) -> None:
        """Nothing."""


def of_topic(folder: Path, given: Generated, form: str) -> Place:
    to = place(folder, given, "[engine]\nshards = 2\n")
    text = to.config.read_text(encoding="utf-8").replace('events = "events"\n', "")
    kafka = f'[input.kafka]\nbrokers = "127.0.0.1:1"\ntopic = "t"\nformat = "{form}"\n'
    if form == "avro":
        (folder / "schemas").mkdir()
        (folder / "schemas" / "7.avsc").write_text(json.dumps(SCHEMA), encoding="utf-8")
        kafka += 'schemas = "schemas"\n'
    to.config.write_text(text.replace("[release]\n", f"{kafka}[release]\n", 1), encoding="utf-8")
    return to


def good(given: Generated, count: int) -> list[dict[str, object]]:
    events = given.events.filter(pa.array(times(given.events) > 0)).select(["event_time", "subscriber_id", "cell_id"])
    whole = [row for row in events.to_pylist() if row["subscriber_id"] and row["cell_id"]]
    return sorted(whole, key=lambda row: row["event_time"])[:count]


def as_json(row: Mapping[str, object]) -> bytes:
    return json.dumps(row, default=str).encode()


def as_avro(row: Mapping[str, object]) -> bytes:
    stream = io.BytesIO(struct.pack(">bI", 0, 7))
    stream.seek(0, io.SEEK_END)
    fastavro.schemaless_writer(stream, fastavro.parse_schema(SCHEMA), row)
    return stream.getvalue()


def as_arrow(row: Mapping[str, object]) -> bytes:
    stream, table = io.BytesIO(), pa.Table.from_pylist([dict(row)])
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


WRITERS = {"json": as_json, "avro": as_avro, "arrow": as_arrow}


def poison(form: str) -> list[bytes]:
    """What cannot be read: three messages, of which the last has 10 MB."""
    row = {"event_time": 1_781_000_000_000_000, "subscriber_id": WHO, "cell_id": "c"}
    if form == "json":
        return [as_json(row)[:-3], WHO.encode(), b"x" * HUGE]
    whole = WRITERS[form](row)
    if form == "arrow":
        return [whole.replace(b"cell_id", b"cell_\xff\xfe"), whole[:-30], whole + b"\0" * HUGE]
    return [whole[:-4], struct.pack(">bI", 0, 8) + whole[5:], whole + b"\0" * HUGE]


def letters(of: Place) -> list[dict[str, object]]:
    files = sorted((of.folder / "release.work" / "dead_letters").glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


@pytest.mark.parametrize("form", WRITERS)
def test_poisoned_messages_are_listed_by_their_offsets_and_hold_nobody_up(
    given: Generated, tmp_path: Path, form: str
) -> None:
    to = of_topic(tmp_path / "place", given, form)
    values = [WRITERS[form](row) for row in good(given, 90)]
    wrong = [10, 20, 50]
    for at, value in zip(wrong, poison(form), strict=True):
        values.insert(at, value)
    inputs, working = inputs_of_now(load(to.config)), WorkingDirectory(to.folder / "release.work")
    working.path.mkdir()
    topic = Waiting(form, values, to.folder / "schemas")
    found = TopicFollower(inputs, working, QUIET, silent, Clock(), topic)  # type: ignore[arg-type]
    while found.round():
        pass
    counted = found.state.accounting
    assert counted.rows_in == 93
    assert counted.rejected["malformed row"] == 3
    assert counted.accepted > 50
    assert counted.balances
    assert topic.committed_to[-1] == {"t/0": 93}
    malformed = [row for row in letters(to) if row["reason"] == "malformed row"]
    assert malformed == [{"file": "t/0", "row": at, "reason": "malformed row"} for at in wrong]
    for path in (to.folder / "release.work").rglob("*"):
        assert path.is_dir() or WHO.encode() not in path.read_bytes(), path


def test_bad_rows_of_a_file_in_an_inbox_are_listed_by_their_numbers(given: Generated, tmp_path: Path) -> None:
    to = place(tmp_path / "place", given)
    rows = good(given, 5)
    lines = [f"{row['event_time'].isoformat()},{row['subscriber_id']},{row['cell_id']}" for row in rows]  # type: ignore[attr-defined]
    lines[1:1] = [f"never,{WHO},c1", f"one,field,too,many,{WHO}"]
    (to.inbox / "0001.csv").write_text("\n".join(["event_time,subscriber_id,cell_id", *lines]) + "\n", encoding="utf-8")
    found = follower(to)
    while found.round():
        pass
    assert found.state.accounting.rows_in == 7
    assert found.state.accounting.balances
    told = {(row["file"], row["row"]): row["reason"] for row in letters(to)}
    assert told["0001.csv", 2] == "unreadable event_time"
    assert told["0001.csv", 3] == "malformed row"
    assert WHO.encode() not in b"".join(path.read_bytes() for path in to.folder.glob("release.work/dead_letters/*"))


def test_a_message_with_a_column_of_an_odd_type_is_rejected_rows(given: Generated, tmp_path: Path) -> None:
    to = of_topic(tmp_path / "place", given, "arrow")
    rows = good(given, 9)
    values = [as_arrow(row) for row in rows]
    values[4:4] = [
        as_arrow(rows[4] | odd) for odd in ({"cell_id": np.float16(1.5)}, {"event_time": np.uint64(1 << 63)})
    ]
    inputs, working = inputs_of_now(load(to.config)), WorkingDirectory(to.folder / "release.work")
    working.path.mkdir()
    found = TopicFollower(inputs, working, QUIET, silent, Clock(), Waiting("arrow", values))  # type: ignore[arg-type]
    while found.round():
        pass
    told = {(row["row"], row["reason"]) for row in letters(to)}
    assert told >= {(4, "missing cell_id"), (5, "unreadable event_time")}
    assert found.state.partitions["t/0"].offset == found.state.accounting.rows_in == 11


def test_files_that_were_written_badly_stop_no_inbox(given: Generated, tmp_path: Path) -> None:
    to = place(tmp_path / "place", given)
    events = pa.Table.from_pylist(good(given, 5))
    cells = pa.array(np.arange(5, dtype=np.float16))
    deliver(to, events.set_column(2, "cell_id", cells), "0001")
    deliver(to, events.set_column(0, "event_time", pa.array([1 << 63] * 5, pa.uint64())), "0002")
    deliver(to, events.set_column(2, "cell_id", pa.array([b"\xff\xfe"] * 5).view(pa.string())), "0003")
    deliver(to, events.rename_columns(["event_time", "subscriber_id", "cell_ix"]), "0004")
    path = to.inbox / "0004.parquet"
    path.write_bytes(path.read_bytes().replace(b"cell_ix", b"cell_\xff\xfe"))
    deliver(to, events, "0005")
    found = follower(to)
    while found.round():
        pass
    assert sorted(found.inbox.refused) == ["0003.parquet", "0004.parquet"]
    assert found.state.accounting.rows_in == 15
    told = {(row["file"], row["reason"]) for row in letters(to)}
    assert told >= {("0001.parquet", "missing cell_id"), ("0002.parquet", "unreadable event_time")}
    assert "0005.parquet" in found.state.inputs


def test_dead_letters_of_a_follower_do_not_grow_for_ever(
    given: Generated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "remove_oldest", lambda folder: remove_oldest(folder, files=3))
    to = place(tmp_path / "place", given)
    found = follower(to)
    for number, some in enumerate(in_delay(given.events, 0)[:8]):
        deliver(to, some, f"{number:04d}")
        found.round()
    kept = {str(row["file"]) for row in letters(to)}
    assert kept == {"0005.parquet", "0006.parquet", "0007.parquet"}
