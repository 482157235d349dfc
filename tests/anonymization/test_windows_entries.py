"""Windows of a day that is still open: what their entries may say in the chain, and what a reader sees of the day."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.dpia import dpia
from anonymization.entries import DAY, STATEMENTS, WINDOWS, Body, Entry, Json, days_of
from anonymization.manifest import HEAD, append, read_chain
from anonymization.released import open_release
from anonymization.verdict import Report
from tests.anonymization import releases as r
from tests.anonymization.releases import KEY, failed, followed_draft, message, publish_followed, replaced, rewrite

SATURDAY_WINDOWS = ("presence/date=2026-06-20/part-from-000.parquet", "presence/date=2026-06-20/part-from-001.parquet")
SUNDAY_WINDOWS = ("presence/date=2026-06-21/part-from-000.parquet", "presence/date=2026-06-21/part-from-001.parquet")

Change = Callable[[list[Body]], list[Body]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entries 1 to 3: windows, windows and the whole of Saturday; 4: the end of its key; 5, 6: windows of Sunday."""
    return publish_followed(tmp_path_factory.mktemp("followed") / "release", followed_draft())


@pytest.fixture
def release(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "release")


def changed(bodies: list[Body], number: int, **values: Json) -> list[Body]:
    """The bodies of which that of an entry, counted from 1, states other values."""
    return [body | values if at == number else body for at, body in enumerate(bodies, 1)]


def ordered(*numbers: int) -> Change:
    """Entries in another order, some left out or again."""
    return lambda bodies: [bodies[number - 1] for number in numbers]


def with_files(number: int, change: Callable[[dict[str, Json]], dict[str, Json]]) -> Change:
    """Another list of files in an entry."""
    return lambda bodies: changed(bodies, number, files=change(dict(bodies[number - 1]["files"])))  # type: ignore[arg-type]


def audited(release: Path, change: Change) -> Report:
    """The report on a release whose chain was made anew by somebody who holds the key."""
    rewrite(release, change)
    return audit(release)


# What passes


def test_a_release_with_an_open_day_passes_and_tells_of_it(release: Path) -> None:
    assert [entry.kind for entry in read_chain(release)] == [WINDOWS, WINDOWS, DAY, "key_destroyed", WINDOWS, WINDOWS]
    report = audit(release)
    assert failed(report) == set()
    assert report.notes == (
        "key not pinned: the release vouches for itself; give the operator's key with --public-key",
        "privacy day 2026-06-21 is still open: 2 windows of presence so far",
    )


def test_a_key_in_use_is_no_note_and_one_that_outlives_its_day_is(release: Path) -> None:
    assert audited(release, ordered(1, 2, 3, 5, 6)).notes[1:] == (
        "privacy day 2026-06-21 is still open: 2 windows of presence so far",
        "key of 2026-06-20 not yet destroyed",
    )


def test_other_steps_of_an_open_day_are_no_change_but_other_numbers_are(tmp_path: Path) -> None:
    steps = [entry.body["steps"] for entry in read_chain(publish_followed(tmp_path / "sound", followed_draft()))[2:5:2]]
    assert steps[0] != steps[1]
    content = replace(followed_draft(), last_policy=r.policy(k=25))
    content = replaced(content, "presence", lambda rows: rows.filter(r.pc.greater(rows["devices"], 39)), r.SUNDAY)
    del content.tables[r.SUNDAY]["presence_by_age"]
    report = audit(publish_followed(tmp_path / "release", content))
    assert failed(report) == set()
    assert [note for note in report.notes if "changed" in note] == [
        "policy changed with privacy day 2026-06-21: k from 20 to 25, nested_least from 20 to 25, "
        "pool_target from 39 to 49"
    ]


def test_an_open_day_is_read_with_all_its_windows(published: Path) -> None:
    found = open_release(published)
    saturday, sunday = found.days
    assert found.rows("attendance") == saturday.rows("attendance") == 5
    assert tuple(sunday.files_of("presence")) == SUNDAY_WINDOWS
    assert [found.table("presence", day).num_rows for day in found.days] == [len(r.PRESENCE) + 1, len(r.PRESENCE)]


def test_a_draft_assessment_tells_the_volume_of_a_day_that_is_over(published: Path, tmp_path: Path) -> None:
    assert "120000 accepted events, 4300 devices" in dpia(published, "en")
    only_open = replace(followed_draft(), tables={r.SUNDAY: followed_draft().tables[r.SUNDAY]}, key_ids=("0b",))
    text = dpia(publish_followed(tmp_path / "open", only_open), "en")
    assert "(not told while the day is open) accepted events" in text


def entry(kind: str, day: str, *files: str) -> Entry:
    return Entry("", b"", {"kind": kind, "privacy_day": day, "files": dict.fromkeys(files)})


def test_a_day_is_what_its_windows_state_until_it_is_over() -> None:
    entries = [
        entry(WINDOWS, "1", "a"),
        entry(WINDOWS, "2", "x"),
        entry(WINDOWS, "1", "b"),
        entry("key_destroyed", "1"),
        entry(DAY, "1", "a", "b", "c"),
    ]
    some = [days_of(entries[:number]) for number in range(6)]
    told = [[(day.privacy_day, "".join(day.block("files"))) for day in days] for days in some]
    assert told == [
        [],
        [("1", "a")],
        [("1", "a"), ("2", "x")],
        [("2", "x"), ("1", "ab")],
        [("2", "x"), ("1", "ab")],
        [("2", "x"), ("1", "abc")],
    ]
    assert [day.kind for day in days_of(entries)] == [WINDOWS, DAY]


# What the chain refuses


def rename(files: dict[str, Json], old: str, new: str) -> dict[str, Json]:
    return {new if path == old else path: record for path, record in files.items()}


def other_hash(files: dict[str, Json]) -> dict[str, Json]:
    return files | {SATURDAY_WINDOWS[0]: {"sha256": "ab" * 32, "rows": 3}}


CHAIN: dict[str, tuple[Change, str]] = {
    "a file that two entries of windows list": (
        with_files(2, lambda files: files | {SATURDAY_WINDOWS[0]: {"sha256": "ab" * 32, "rows": 3}}),
        f"000002.json lists {SATURDAY_WINDOWS[0]} a second time",
    ),
    "an entry that is put there again": (
        ordered(1, 2, 3, 4, 5, 6, 6),
        f"000007.json lists {SUNDAY_WINDOWS[1]} a second time",
    ),
    "windows after the entry of their day": (
        ordered(1, 3, 2, 4, 5, 6),
        "000003.json publishes windows of privacy day 2026-06-20, which was over",
    ),
    "windows after the end of their key": (
        ordered(1, 3, 4, 2, 5, 6),
        "000004.json publishes windows of privacy day 2026-06-20, which was over",
    ),
    "windows after the end of a key without a day": (
        ordered(1, 4, 2, 5, 6),
        "000003.json publishes windows of privacy day 2026-06-20, which was over",
    ),
    "a day that leaves out a file of its windows": (
        with_files(3, lambda files: {path: files[path] for path in files if path != SATURDAY_WINDOWS[1]}),
        f"000003.json does not list {SATURDAY_WINDOWS[1]} as it was published before",
    ),
    "a day that lists a file of its windows with another hash": (
        with_files(3, other_hash),
        f"000003.json does not list {SATURDAY_WINDOWS[0]} as it was published before",
    ),
    "windows without a file": (with_files(5, lambda _: {}), "000005.json publishes no window"),
    "windows under differential privacy": (
        lambda bodies: changed(bodies, 5, dp={}),
        "000005.json publishes windows under differential privacy, which is counted by the day",
    ),
    "figures of a whole day while it is open": (
        with_files(6, lambda files: rename(files, SUNDAY_WINDOWS[1], "attendance/date=2026-06-21/part-0.parquet")),
        "000006.json publishes attendance of a day that is still open",
    ),
}


@pytest.mark.parametrize("case", CHAIN)
def test_windows_that_are_not_in_order_fail_though_all_is_signed(case: str, release: Path) -> None:
    change, sentence = CHAIN[case]
    report = audited(release, change)
    assert "chain" in failed(report)
    assert sentence in message(report, "chain")


TERMS: dict[str, Json] = {
    "policy": r.policy(k=25),
    "time": {"timezone": "UTC", "slot_minutes": 15, "privacy_day_starts": "05:00"},
    "estimation": {"confidence": 0.9},
    "unit": "SIMs",
    "zones_sha256": "ab" * 32,
    "key": {"key_id": "0c" * 8, "commitment": "0c" * 32, "created_at": r.MORNING},
    "register": False,
    "dp": {},
    "test": True,
}


@pytest.mark.parametrize("number", [2, 3], ids=["windows", "day"])
@pytest.mark.parametrize("name", TERMS)
def test_other_terms_within_a_day_fail_though_all_is_signed(name: str, number: int, release: Path) -> None:
    report = audited(release, lambda bodies: changed(bodies, number, **{name: TERMS[name]}))
    assert f"00000{number}.json has other terms than 000001.json: {name}" in message(report, "chain")


def test_an_end_of_the_chain_that_was_windows_is_missed(release: Path) -> None:
    (release / "manifest/chain/000006.json").unlink()
    report = audit(release)
    assert message(report, "chain") == f"{HEAD} does not state the last entry of the chain"
    assert f"{SUNDAY_WINDOWS[1]} is not listed in the manifest" in message(report, "structure")


# Keys


def test_two_days_with_many_entries_share_no_key(tmp_path: Path) -> None:
    content = replace(followed_draft(), key_ids=("0a", "0a"))
    report = audit(publish_followed(tmp_path / "release", content))
    for number in (5, 6):
        assert f"00000{number}.json has the key_id of 000003.json" in message(report, "keys")
        assert f"00000{number}.json has the commitment of 000003.json" in message(report, "keys")


@pytest.mark.parametrize("order", [(1, 2, 4, 5, 6), (1, 2, 4, 3, 5, 6)], ids=["no day", "the day after it"])
def test_the_key_of_an_open_day_that_is_destroyed_fails_though_all_is_signed(
    order: tuple[int, ...], release: Path
) -> None:
    report = audited(release, ordered(*order))
    assert "000003.json destroys the key of a privacy day that is still open" in message(report, "keys")


# Files, rows and words


def test_a_file_of_windows_that_is_missing_or_changed_is_named(release: Path) -> None:
    (release / SATURDAY_WINDOWS[0]).write_bytes((release / SATURDAY_WINDOWS[1]).read_bytes())
    (release / SUNDAY_WINDOWS[1]).unlink()
    report = audit(release)
    assert f"{SATURDAY_WINDOWS[0]} differs from the file that is listed" in message(report, "structure")
    assert f"{SUNDAY_WINDOWS[1]} is listed but not there" in message(report, "structure")
    for name in ("000001.json", "000003.json", "000006.json"):
        assert f"{name}: figures not checked: files are not there as listed" in message(report, "statement")


def test_a_file_of_another_day_is_named_with_the_entry_that_lists_it(release: Path) -> None:
    other = "presence/date=2026-06-22/part-from-000.parquet"
    report = audited(release, with_files(5, lambda files: rename(files, SUNDAY_WINDOWS[0], other)))
    assert f"000005.json lists {other}, which is of another privacy day" in message(report, "structure")


@pytest.mark.parametrize(("devices", "passes"), [(15, False), (20, True)])
def test_a_row_below_k_in_windows_of_an_open_day_fails(devices: int, passes: bool, tmp_path: Path) -> None:
    content = replaced(followed_draft(), "presence", lambda rows: r.with_value(rows, 5, "devices", devices), r.SUNDAY)
    report = audit(publish_followed(tmp_path / "release", content))
    assert (failed(report) == set()) == passes
    assert ("presence/date=2026-06-21: 1 counts below 20" in message(report, "k")) != passes


@pytest.mark.parametrize("number", [1, 6], ids=["of a day that is over", "of an open day"])
def test_totals_of_windows_that_are_not_those_of_their_rows_fail(number: int, release: Path) -> None:
    def more(bodies: list[Body]) -> list[Body]:
        totals = json.loads(json.dumps(bodies[number - 1]["indicators"]))
        totals["presence"]["rows"] += 1
        return changed(bodies, number, indicators=totals)

    assert message(audited(release, more), "statement") == (
        f"00000{number}.json: the figures of presence are not those of its printed rows"
    )


@pytest.mark.parametrize("number", [1, 5, 6])
def test_words_told_with_windows_follow_from_the_entries_up_to_them(number: int, release: Path) -> None:
    path = STATEMENTS["en"]

    def other(bodies: list[Body]) -> list[Body]:
        shared = dict(bodies[number - 1]["shared"]) | {path: "ab" * 32}  # type: ignore[arg-type]
        return changed(bodies, number, shared=shared)

    assert message(audited(release, other), "statement") == f"00000{number}.json: {path} is not what the entry gives"


def test_a_window_that_is_published_again_with_other_counts_fails_though_all_is_signed(release: Path) -> None:
    rows = pq.read_table(release / SUNDAY_WINDOWS[0], partitioning=None)
    again = r.with_value(rows, 0, "devices", 65)
    r.plain_parquet(again, release / SUNDAY_WINDOWS[1])
    sha256 = hashlib.sha256((release / SUNDAY_WINDOWS[1]).read_bytes()).hexdigest()

    def listing(bodies: list[Body]) -> list[Body]:
        totals = r.totals_of_files(release, [SUNDAY_WINDOWS[1]])
        files: Body = {SUNDAY_WINDOWS[1]: {"sha256": sha256, "rows": again.num_rows}}
        return changed(bodies, 6, files=files, indicators=totals)

    report = audited(release, listing)
    assert not {"structure", "chain", "statement"} & failed(report)
    assert "rows that are double or not in canonical order" in message(report, "schema")
    assert "parts overlap another of their window" in message(report, "disjointness")


# Writing


def unnumbered(entry: Entry) -> Body:
    """What was given to `append`."""
    added = ("sequence", "previous", "signature", "key_log")
    return {name: value for name, value in entry.body.items() if name not in added}


@pytest.mark.parametrize("head", ["as it was before", "whole"])
def test_an_entry_of_windows_that_is_written_again_after_a_crash_stands_once(head: str, release: Path) -> None:
    entries = read_chain(release)
    log, whole = (release / "manifest/key_log.jsonl").read_bytes(), (release / HEAD).read_bytes()
    (release / "manifest/chain/000006.json").unlink()
    append(release, unnumbered(entries[4]), KEY, log)
    former = (release / HEAD).read_bytes()
    assert read_chain(release) == entries[:5]
    (release / "manifest/chain/000006.json").write_bytes(entries[5].data)
    (release / HEAD).write_bytes(former if head == "as it was before" else whole)
    again = unnumbered(entries[5]) | {"created_at": "2026-06-23T00:00:00Z"}
    assert append(release, again, KEY, log) == entries[5]
    assert read_chain(release) == entries
    assert (release / HEAD).read_bytes() == whole


def test_windows_with_other_files_are_another_entry(release: Path) -> None:
    entries = read_chain(release)
    log = (release / "manifest/key_log.jsonl").read_bytes()
    more: Json = {"presence/date=2026-06-21/part-from-002.parquet": {"sha256": "ab" * 32, "rows": 1}}
    assert append(release, unnumbered(entries[5]) | {"files": more}, KEY, log).body["sequence"] == 7
    assert append(release, unnumbered(entries[5]) | {"kind": DAY}, KEY, log).body["sequence"] == 8
    assert append(release, unnumbered(entries[5]) | {"kind": DAY, "files": {}}, KEY, log).body["sequence"] == 8
