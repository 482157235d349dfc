import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization.entries import (
    FIELDS,
    SHARED,
    DayRecord,
    FileRecord,
    Json,
    canonical_json,
    day_entry,
    key_destroyed_entry,
    parse_entry,
)
from anonymization.manifest import append, read_chain
from schemas.errors import InputError, SystemFailure
from tests.anonymization.releases import KEY, NOON, OTHER_KEY, SATURDAY, SUNDAY

PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    PLAIN | TEXT, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXT, v, max_size=3), max_leaves=5
)


def record(day: date = SATURDAY, *, release_id: str = "dijon", rows: int = 3) -> DayRecord:
    return DayRecord(
        release_id=release_id,
        test=False,
        privacy_day=day,
        policy={"k": 20, "max_share": 0.8, "rounding": 5},
        timezone="Europe/Paris",
        slot_minutes=15,
        privacy_day_starts="05:00",
        estimation={"confidence": 0.95},
        unit="holders",
        files={f"presence/date={day}/part-0.parquet": FileRecord("ab" * 32, rows)},
        shared=dict.fromkeys(SHARED, "cd" * 32),
        flags=(),
        key_id="0a",
        key_commitment="ef" * 32,
        key_created_at="2026-06-20T03:00:00Z",
        version="0.1.0",
        created_at=NOON,
    )


@settings(max_examples=50)
@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_canonical_json_reads_back_to_the_same_bytes(body: dict[str, Json]) -> None:
    data = canonical_json(body)
    assert parse_entry("000001.json", data).data == data
    assert json.loads(data) == body


def test_canonical_json_sorts_keys_and_keeps_letters() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}\n'.encode()


def test_entries_are_numbered_chained_and_complete(tmp_path: Path) -> None:
    day = append(tmp_path, day_entry(record()), KEY)
    gone = append(tmp_path, key_destroyed_entry(day, NOON, "0.1.0", NOON), KEY)
    assert read_chain(tmp_path) == [day, gone]
    assert [day.name, gone.name] == ["000001.json", "000002.json"]
    assert day.body["previous"] == "0" * 64
    assert gone.body["previous"] == day.sha256
    assert set(day.body) == FIELDS["day"]
    assert set(gone.body) == FIELDS["key_destroyed"]
    assert gone.body["key"] == {"key_id": "0a", "destroyed_at": "2026-06-22T12:00:00Z"}
    assert sorted(path.name for path in (tmp_path / "manifest").rglob("*")) == [
        "000001.json",
        "000002.json",
        "chain",
        "public.pem",
    ]


def test_a_day_that_is_published_is_not_entered_again(tmp_path: Path) -> None:
    first = append(tmp_path, day_entry(record()), KEY)
    append(tmp_path, day_entry(record(SUNDAY)), KEY)
    assert append(tmp_path, day_entry(record(rows=9)), KEY) == first
    assert len(read_chain(tmp_path)) == 2


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "manifest/chain").mkdir(parents=True)
    (tmp_path / "manifest/chain/.000001.json.abc.tmp").write_bytes(b"{")
    (tmp_path / "manifest/.public.pem.abc.tmp").write_bytes(b"-")
    append(tmp_path, day_entry(record()), KEY)
    assert not list(tmp_path.rglob(".*"))


def test_another_release_or_key_is_refused(tmp_path: Path) -> None:
    append(tmp_path, day_entry(record()), KEY)
    with pytest.raises(InputError, match="another release"):
        append(tmp_path, day_entry(record(SUNDAY, release_id="lyon")), KEY)
    with pytest.raises(SystemFailure, match="another key"):
        append(tmp_path, day_entry(record(SUNDAY)), OTHER_KEY)
    assert len(read_chain(tmp_path)) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[]\n", b'{"b":1, "a":2}\n', b'{"a":NaN}\n', b"\xff"])
def test_a_damaged_entry_is_bad_input_that_names_the_file(damage: bytes, tmp_path: Path) -> None:
    append(tmp_path, day_entry(record()), KEY)
    (tmp_path / "manifest/chain/000001.json").write_bytes(damage)
    with pytest.raises(InputError, match=r"manifest/chain/000001\.json"):
        append(tmp_path, day_entry(record(SUNDAY)), KEY)


def test_a_gap_in_the_chain_is_bad_input(tmp_path: Path) -> None:
    append(tmp_path, day_entry(record()), KEY)
    append(tmp_path, day_entry(record(SUNDAY)), KEY)
    (tmp_path / "manifest/chain/000001.json").unlink()
    with pytest.raises(InputError, match="expected entry 1"):
        read_chain(tmp_path)


def test_instants_are_written_in_utc(tmp_path: Path) -> None:
    day = append(tmp_path, day_entry(record()), KEY)
    paris = datetime(2026, 6, 21, 6, tzinfo=timezone(timedelta(hours=2)))
    body = key_destroyed_entry(day, paris, "0.1.0", paris)
    assert body["created_at"] == "2026-06-21T04:00:00Z"
    with pytest.raises(ValueError, match="naive"):
        key_destroyed_entry(day, datetime(2026, 6, 21), "0.1.0", datetime.now(UTC))
