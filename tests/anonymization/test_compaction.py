"""Days that are over in one file an indicator: what was published of them while they were open is still shown."""

import hashlib
import json
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymization.audit import audit
from anonymization.entries import WINDOWS, Body, Json
from anonymization.manifest import append, read_chain
from anonymization.released import open_release
from anonymization.row_digest import RowDigest, digest_of_file
from anonymization.verdict import Report
from schemas.indicators import INDICATORS
from tests.anonymization import releases as r
from tests.anonymization.releases import KEY, failed, followed_draft, message, publish_followed, rewrite

DAY = "presence/date=2026-06-20"
FIRST, SECOND = (f"{DAY}/part-from-00{number}.parquet" for number in (0, 1))
WHOLE = f"{DAY}/part-0.parquet"

Rows = Callable[[pa.Table], pa.Table]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entries 1 to 3: windows, windows and the whole of Saturday; 4: the end of its key; 5, 6: windows of Sunday."""
    return publish_followed(tmp_path_factory.mktemp("followed") / "release", followed_draft(), compacted=True)


@pytest.fixture
def release(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "release")


def audited(release: Path, number: int, change: Callable[[Body], Body]) -> Report:
    """The report on a release of which an entry, counted from 1, was changed by somebody who holds the key."""
    rewrite(release, lambda bodies: [change(body) if at == number else body for at, body in enumerate(bodies, 1)])
    return audit(release)


def with_rows(release: Path, change: Rows) -> Report:
    """The report on a release whose day has other rows of presence, and states them as it must."""
    rows = change(pq.read_table(release / WHOLE, partitioning=None))
    r.plain_parquet(rows, release / WHOLE)
    record: Body = {"sha256": hashlib.sha256((release / WHOLE).read_bytes()).hexdigest(), "rows": rows.num_rows}

    def listing(body: Body) -> Body:
        files: Json = {**body["files"], WHOLE: record}  # type: ignore[dict-item]
        return body | {"files": files, "indicators": r.totals_of_files(release, files)}  # type: ignore[arg-type]

    return audited(release, 3, listing)


def moved(rows: pa.Table, row: int, to: int) -> pa.Table:
    """The rows with one of them at another place."""
    order = [at for at in range(rows.num_rows) if at != row]
    return rows.take(pa.array([*order[:to], row, *order[to:]]))


# What passes


def test_a_day_that_is_over_passes_without_the_files_of_its_windows(release: Path) -> None:
    assert [path.name for path in sorted((release / DAY).iterdir())] == ["part-0.parquet"]
    report = audit(release)
    assert failed(report) == set()
    # One of presence for each window, and those by age with the first.
    assert next(check.found for check in report.checks if check.name == "compaction") == "3 files of windows compared"
    assert [open_release(release).table("presence", day).num_rows for day in open_release(release).days] == [7, 6]


def test_files_of_windows_that_a_kill_left_pass_as_they_were_published_and_no_others_do(
    release: Path, tmp_path: Path
) -> None:
    open_day = publish_followed(tmp_path / "open", followed_draft(), early=3)
    shutil.copy(open_day / FIRST, release / FIRST)
    assert failed(audit(release)) == set()
    shutil.copy(open_day / SECOND, release / FIRST)
    report = audit(release)
    assert failed(report) == {"structure"}
    assert message(report, "structure") == f"{FIRST} differs from the file that is listed"


def test_a_release_of_the_earlier_form_passes_with_its_files_of_windows(tmp_path: Path) -> None:
    former = publish_followed(tmp_path / "release", followed_draft())
    rewrite(former, lambda bodies: [body | {"schema": 2} for body in bodies])
    assert failed(audit(former)) == set()
    assert (former / FIRST).exists()


# What fails, though all is signed


CHANGES: dict[str, tuple[Rows, str]] = {
    "changed": (
        lambda rows: r.with_intervals(r.with_value(r.with_value(rows, 0, "devices", 65), 0, "people", 130.0)),
        f"{DAY} does not hold the rows of {FIRST} as 000001.json published them",
    ),
    "removed": (
        lambda rows: r.without_row(rows, 1),
        f"{DAY} does not hold the rows of {FIRST} as 000001.json published them",
    ),
    "removed with its window": (
        lambda rows: rows.slice(0, 3),
        f"{DAY} does not hold the rows of {SECOND} as 000002.json published them",
    ),
    "moved": (
        lambda rows: moved(rows, 0, 1),
        f"{DAY} does not hold the rows of {FIRST} as 000001.json published them",
    ),
    "moved to another window": (
        lambda rows: moved(r.with_value(rows, 2, "window_start", rows["window_start"][3].as_py()), 2, 4),
        f"{DAY} does not hold the rows of {FIRST} as 000001.json published them",
    ),
    "added": (
        lambda rows: pa.concat_tables(
            [rows.slice(0, 1), r.with_value(rows.slice(0, 1), 0, "zone_id", "AA"), rows.slice(1)]
        ),
        f"{DAY} does not hold the rows of {FIRST} as 000001.json published them",
    ),
    "added to the last window that was published": (
        lambda rows: pa.concat_tables(
            [rows.slice(0, 6), r.with_value(rows.slice(5, 1), 0, "zone_id", "rest|s"), rows.slice(6)]
        ),
        f"{DAY}: a window has rows of two publications",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_row_that_is_not_as_its_window_was_published_fails_though_all_is_signed(case: str, release: Path) -> None:
    change, sentence = CHANGES[case]
    report = with_rows(release, change)
    assert not {"structure", "chain", "statement"} & failed(report)
    assert sentence in message(report, "compaction")


def test_a_row_of_a_window_that_was_not_published_before_is_for_the_other_checks(release: Path) -> None:
    report = with_rows(release, lambda rows: r.without_row(rows, 6))
    assert failed(report) == set()


def test_an_hour_that_was_published_gets_no_rows_of_an_indicator_that_it_had_none_of(release: Path) -> None:
    def without_age(body: Body) -> Body:
        of_age = {"files": "presence_by_age/", "indicators": "presence_by_age"}
        kept = {
            block: {name: value for name, value in body[block].items() if not name.startswith(begin)}  # type: ignore[union-attr]
            for block, begin in of_age.items()
        }
        return body | kept  # type: ignore[operator]

    # Entry 1 publishes the slot that stands for the hour; the day alone has the rows of the hour.
    report = audited(release, 1, without_age)
    assert "compaction" in failed(report)
    age = DAY.replace("presence", "presence_by_age")
    assert message(report, "compaction") == f"{age}: a window has rows of two publications"


def test_the_next_hour_of_an_indicator_that_no_window_had_may_come_with_the_day(tmp_path: Path) -> None:
    later = r.table("presence_by_age", [("11:00", "A", [r.A], "all", 30)])
    content = r.replaced(followed_draft(), "presence_by_age", lambda _: later)
    release = publish_followed(tmp_path / "next", content, compacted=True)
    assert "compaction" not in failed(audit(release))


def test_windows_that_state_another_digest_or_figure_fail_though_all_is_signed(release: Path) -> None:
    def other_digest(body: Body) -> Body:
        files = json.loads(json.dumps(body["files"]))
        files[SECOND]["rows_sha256"] = "ab" * 32
        return body | {"files": files}

    report = audited(release, 2, other_digest)
    assert failed(report) == {"compaction"}
    assert message(report, "compaction") == f"{DAY} does not hold the rows of {SECOND} as 000002.json published them"


def test_windows_that_state_other_figures_than_their_rows_in_the_day_give_fail(release: Path) -> None:
    def other_figures(body: Body) -> Body:
        totals = json.loads(json.dumps(body["indicators"]))
        totals["presence"]["rows"] += 1
        return body | {"indicators": totals}

    report = audited(release, 2, other_figures)
    assert message(report, "compaction") == "000002.json: the figures of presence are not those of its printed rows"


def test_files_of_windows_without_a_digest_may_not_go(release: Path) -> None:
    def without(body: Body) -> Body:
        files = json.loads(json.dumps(body["files"]))
        del files[SECOND]["rows_sha256"]
        return body | {"files": files}

    assert f"000003.json does not list {SECOND} as it was published before" in message(
        audited(release, 2, without), "chain"
    )


def test_a_day_without_its_own_file_is_not_compared_and_fails(release: Path) -> None:
    (release / WHOLE).unlink()
    report = audit(release)
    assert f"{DAY}: windows not compared: {WHOLE} is not there as listed" in message(report, "compaction")


# The digest


def streams(rows: pa.Table) -> Iterator[bytes]:
    """What a digest is made of, a value at a time."""
    for name in rows.column_names:
        kind = rows.schema.field(name).type
        values = rows[name].cast(pa.int64()).to_pylist() if pa.types.is_timestamp(kind) else rows[name].to_pylist()
        if pa.types.is_string(kind):
            texts = [value.encode() for value in values]
            yield b"".join(struct.pack("<q", len(text)) for text in texts)
            yield b"".join(texts)
        elif pa.types.is_list(kind):
            yield b"".join(struct.pack("<q", len(value)) for value in values)
            yield b"".join(struct.pack("<Q", cell) for value in values for cell in value)
        else:
            form = "<d" if pa.types.is_floating(kind) else "<?" if pa.types.is_boolean(kind) else "<q"
            yield b"".join(struct.pack(form, value) for value in values)


@pytest.mark.parametrize("name", sorted(r.ROWS))
def test_a_digest_of_rows_is_what_its_page_says_however_they_are_cut_and_encoded(name: str, tmp_path: Path) -> None:
    schema = INDICATORS[name].table.schema
    rows = r.table(name, [row if row[1] != "B" else (row[0], "Bé", *row[2:]) for row in r.ROWS[name]])
    expected = hashlib.sha256(b"".join(hashlib.sha256(stream).digest() for stream in streams(rows))).hexdigest()
    whole, cut = RowDigest(schema), RowDigest(schema)
    whole.add(rows)
    for at in range(rows.num_rows):
        cut.add(rows.slice(at, 1))
    pq.write_table(rows, tmp_path / "rows.parquet", use_dictionary=True, compression="gzip", row_group_size=2)
    assert {whole.hexdigest(), cut.hexdigest(), digest_of_file(tmp_path / "rows.parquet", schema)} == {expected}


def test_a_digest_of_other_columns_or_of_nulls_is_refused() -> None:
    rows = r.table("presence", r.PRESENCE)
    digest = RowDigest(INDICATORS["presence"].table.schema)
    with pytest.raises(ValueError, match="declared schema"):
        digest.add(rows.drop_columns(["people"]))
    with pytest.raises(ValueError, match="nulls"):
        digest.add(r.with_value(rows, 0, "zone_id", None))
    with pytest.raises(ValueError, match="nulls"):
        digest.add(r.with_value(rows, 0, "cells", [None]))


# Writing


def test_windows_that_a_version_without_digests_was_killed_at_are_not_stated_again(tmp_path: Path) -> None:
    former = publish_followed(tmp_path / "release", followed_draft())
    last = read_chain(former)[-1]
    assert last.kind == WINDOWS
    added = ("sequence", "previous", "signature", "key_log")
    again = {name: value for name, value in last.body.items() if name not in added}
    files = {path: {**record, "rows_sha256": "ab" * 32} for path, record in last.block("files").items()}  # type: ignore[dict-item]
    log = (former / "manifest/key_log.jsonl").read_bytes()
    assert append(former, again | {"files": files}, KEY, log) == last
