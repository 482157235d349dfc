import json
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymization import manifest
from anonymization.entries import FIELDS, Entry, Json, canonical_json, days_of, parse_entry
from anonymization.key_log import CREATED, DESTROYED, head, read
from anonymization.manifest import Chain, append, read_chain
from anonymization.records import DayRecord, FileRecord, InputRecord, day_entry, key_destroyed_entry, public_count
from schemas.errors import InputError, SystemFailure
from tests.anonymization.releases import KEY, NOON, OTHER_KEY, SATURDAY, SOFTWARE, SUNDAY, key_log, noon_after, policy

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
        policy=policy(),
        timezone="Europe/Paris",
        slot_minutes=15,
        privacy_day_starts="05:00",
        estimation={"confidence": 0.95, "people_per_device": 2.0},
        unit="holders",
        files={f"presence/date={day}/part-0.parquet": FileRecord("ab" * 32, rows)},
        zones_sha256="cd" * 32,
        events_sha256="ef" * 32,
        flags=(),
        key_id="0a",
        key_commitment="ef" * 32,
        key_created_at="2026-06-20T03:00:00Z",
        software=SOFTWARE,
        created_at=NOON,
        input=InputRecord(("ab",), 1_234_567, 99, 100),
        register=True,
        steps=("pseudonyms",),
        indicators={},
        widths={},
    )


LOG = key_log((CREATED, SATURDAY, "0a" * 8))


def publish_day(release: Path, of: DayRecord, key: Ed25519PrivateKey) -> Entry:
    return append(release, day_entry(of, []), key, LOG)


@settings(max_examples=50)
@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_canonical_json_reads_back_to_the_same_bytes(body: dict[str, Json]) -> None:
    data = canonical_json(body)
    assert parse_entry("000001.json", data).data == data
    assert json.loads(data) == body


def test_canonical_json_sorts_keys_and_keeps_letters() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}\n'.encode()


def test_entries_are_numbered_chained_and_complete(tmp_path: Path) -> None:
    day = publish_day(tmp_path, record(), KEY)
    gone = append(tmp_path, key_destroyed_entry(day, noon_after(SATURDAY), SOFTWARE, NOON), KEY, LOG)
    assert read_chain(tmp_path) == [day, gone]
    assert [day.name, gone.name] == ["000001.json", "000002.json"]
    assert day.body["previous"] == "0" * 64
    assert gone.body["previous"] == day.sha256
    assert set(day.body) == FIELDS["day"]
    assert set(gone.body) == FIELDS["key_destroyed"]
    assert gone.body["key"] == {"key_id": "0a", "destroyed_at": "2026-06-21T12:00:00Z"}
    assert sorted(path.name for path in (tmp_path / "manifest").rglob("*")) == [
        "000001.json",
        "000002.json",
        "chain",
        "head.json",
        "key_log.jsonl",
        "public.pem",
    ]


def test_the_head_states_the_last_entry_and_every_entry_the_log_of_the_keys(tmp_path: Path) -> None:
    day = publish_day(tmp_path, record(), KEY)
    grown = key_log((CREATED, SATURDAY, "0a" * 8), (DESTROYED, SATURDAY, "0a" * 8))
    gone = append(tmp_path, key_destroyed_entry(day, noon_after(SATURDAY), SOFTWARE, NOON), KEY, grown)
    assert day.body["key_log"] == vars(head(read(LOG)))
    assert gone.body["key_log"] == vars(head(read(grown)))
    assert (tmp_path / "manifest/key_log.jsonl").read_bytes() == grown
    stated = json.loads((tmp_path / "manifest/head.json").read_bytes())
    assert (stated["entries"], stated["sha256"]) == (2, gone.sha256)


def test_a_head_that_a_killed_writer_left_behind_is_written_again(tmp_path: Path) -> None:
    publish_day(tmp_path, record(), KEY)
    former = (tmp_path / "manifest/head.json").read_bytes()
    publish_day(tmp_path, record(SUNDAY), KEY)
    latest = (tmp_path / "manifest/head.json").read_bytes()
    (tmp_path / "manifest/head.json").write_bytes(former)
    publish_day(tmp_path, record(SUNDAY), KEY)
    assert (tmp_path / "manifest/head.json").read_bytes() == latest


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, None),
        (99, None),
        (100, 100),
        (104, 100),
        (105, 110),
        (999, 1000),
        (1_234_567, 1_200_000),
        (1_250_000, 1_300_000),
    ],
)
def test_a_count_is_told_in_two_digits_and_not_below_100(count: int, told: int | None) -> None:
    assert public_count(count) == told


def test_a_day_tells_of_its_input_in_round_numbers_only(tmp_path: Path) -> None:
    body = publish_day(tmp_path, record(), KEY).body
    assert body["input"] == {"files": ["ab"], "events": 1_200_000, "devices": None, "late": 100}


def test_a_day_that_is_published_is_not_entered_again(tmp_path: Path) -> None:
    first = publish_day(tmp_path, record(), KEY)
    publish_day(tmp_path, record(SUNDAY), KEY)
    assert publish_day(tmp_path, record(rows=9), KEY) == first
    assert len(read_chain(tmp_path)) == 2


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "manifest/chain").mkdir(parents=True)
    (tmp_path / "manifest/chain/.000001.json.abc.tmp").write_bytes(b"{")
    (tmp_path / "manifest/.public.pem.abc.tmp").write_bytes(b"-")
    publish_day(tmp_path, record(), KEY)
    assert not list(tmp_path.rglob(".*"))


def test_another_release_or_key_is_refused(tmp_path: Path) -> None:
    publish_day(tmp_path, record(), KEY)
    with pytest.raises(InputError, match="another release"):
        publish_day(tmp_path, record(SUNDAY, release_id="lyon"), KEY)
    with pytest.raises(SystemFailure, match="another key"):
        publish_day(tmp_path, record(SUNDAY), OTHER_KEY)
    assert len(read_chain(tmp_path)) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[]\n", b'{"b":1, "a":2}\n', b'{"a":NaN}\n', b"\xff"])
def test_a_damaged_entry_is_bad_input_that_names_the_file(damage: bytes, tmp_path: Path) -> None:
    publish_day(tmp_path, record(), KEY)
    (tmp_path / "manifest/chain/000001.json").write_bytes(damage)
    with pytest.raises(InputError, match=r"manifest/chain/000001\.json"):
        publish_day(tmp_path, record(SUNDAY), KEY)


def test_a_gap_in_the_chain_is_bad_input(tmp_path: Path) -> None:
    publish_day(tmp_path, record(), KEY)
    publish_day(tmp_path, record(SUNDAY), KEY)
    (tmp_path / "manifest/chain/000001.json").unlink()
    with pytest.raises(InputError, match="expected entry 1"):
        read_chain(tmp_path)


# A writer that goes on with its chain


def followed(chain: Chain, days: int) -> list[Entry]:
    """The days from Saturday on, each with an entry of its own."""
    some = [SATURDAY + timedelta(days=number) for number in range(days)]
    return [chain.append(day_entry(record(day), []), KEY, LOG) for day in some]


def test_an_entry_reads_no_more_of_a_long_chain_than_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(tmp_path)
    entries = followed(chain, 30)
    read: list[str] = []

    def noted(name: str, data: bytes) -> Entry:
        read.append(name)
        return parse_entry(name, data)

    monkeypatch.setattr(manifest, "parse_entry", noted)
    assert followed(chain, 31)[:30] == entries
    assert read == [entry.name for entry in entries]
    read.clear()
    chain.append(day_entry(record(SATURDAY + timedelta(days=31)), []), KEY, LOG)
    assert (len(chain.days()), read) == (32, [])
    assert len(Chain(tmp_path).days()) == len(read) == 32


def test_a_writer_knows_the_days_as_they_are_read(tmp_path: Path) -> None:
    ours, theirs = Chain(tmp_path), Chain(tmp_path)
    assert ours.days() == ()
    for number in range(6):
        body = day_entry(record(SATURDAY + timedelta(days=number)), [])
        (ours if number % 3 else theirs).append(body, KEY, LOG)
        assert ours.days() == theirs.days() == days_of(read_chain(tmp_path))
    assert json.loads((tmp_path / "manifest/head.json").read_bytes())["entries"] == 6


def test_an_entry_that_was_written_without_its_head_is_gone_on_from(tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    followed(chain, 2)
    former = (tmp_path / "manifest/head.json").read_bytes()
    Chain(tmp_path).append(day_entry(record(date(2026, 6, 23)), []), KEY, LOG)
    (tmp_path / "manifest/head.json").write_bytes(former)
    chain.append(day_entry(record(date(2026, 6, 23)), []), KEY, LOG)
    assert len(read_chain(tmp_path)) == 3
    assert json.loads((tmp_path / "manifest/head.json").read_bytes())["entries"] == 3


def remove_first(folder: Path) -> None:
    (folder / "000001.json").unlink()


def damage(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(b"{}\n")


@pytest.mark.parametrize(
    "harm",
    [remove_first, damage("000001.json"), damage("000003.json"), damage("000004.json"), damage("notes.txt")],
    ids=["no first entry", "another first entry", "another last entry", "an entry too many", "a file too many"],
)
def test_a_damaged_chain_is_refused_by_who_goes_on_with_it(harm: Callable[[Path], object], tmp_path: Path) -> None:
    followed(Chain(tmp_path), 3)
    harm(tmp_path / "manifest/chain")
    with pytest.raises(InputError, match="manifest/chain/"):
        Chain(tmp_path).append(day_entry(record(date(2026, 6, 23)), []), KEY, LOG)


@pytest.mark.parametrize("name", ["000003.json", "000004.json"], ids=["another last entry", "an entry too many"])
def test_an_end_that_is_not_as_its_writer_left_it_is_refused(name: str, tmp_path: Path) -> None:
    chain = Chain(tmp_path)
    followed(chain, 3)
    damage(name)(tmp_path / "manifest/chain")
    with pytest.raises(InputError, match=f"manifest/chain/{name}"):
        chain.append(day_entry(record(date(2026, 6, 23)), []), KEY, LOG)


def test_instants_are_written_in_utc(tmp_path: Path) -> None:
    day = publish_day(tmp_path, record(), KEY)
    paris = datetime(2026, 6, 21, 6, tzinfo=timezone(timedelta(hours=2)))
    body = key_destroyed_entry(day, noon_after(SATURDAY), SOFTWARE, paris)
    assert body["created_at"] == "2026-06-21T04:00:00Z"
    with pytest.raises(ValueError, match="naive"):
        key_destroyed_entry(day, noon_after(SATURDAY), SOFTWARE, datetime(2026, 6, 21))
