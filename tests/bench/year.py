"""A year of a release that a follower wrote, of small days: how long it takes to audit, and to open and read.

`--kept` leaves the files of windows where they were published, as in releases of form 2.
"""

import argparse
import hashlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymization import key_log, signing
from anonymization.audit import audit
from anonymization.entries import Body, Entry, Json, canonical_json
from anonymization.manifest import CHAIN, HEAD, KEY_LOG, NOTHING_BEFORE, entry_name, head_of, read_chain
from anonymization.records import FileRecord
from anonymization.released import open_release
from anonymization.row_digest import RowDigest
from tests.anonymization import releases as r

SLOTS: Final = 96
EARLY: Final = ("presence", "presence_by_age", "presence_by_spc")
_AGAIN: Final = {"presence": (SLOTS, 15), "presence_by_age": (24, 60), "presence_by_spc": (24, 60)}
"""So many windows of so many minutes."""

BY_SPC: Final[list[r.Row]] = [
    ("10:00", "A", [r.A], "1|2", 35),
    ("10:00", "A", [r.A], "4", 25),
    ("10:00", "B", [r.B], "all", 40),
    ("10:00", "C|rest", [r.C, r.REST], "3|4", 25),
    ("10:00", "C|rest", [r.C, r.REST], "5", 20),
]
T = TypeVar("T")
Files = dict[str, pa.Table]
"""The rows of released files by path."""


def content() -> r.Draft:
    """A draft of three days with every slot and hour of presence, where clocks do not change; the last stays open."""
    found = r.draft()
    monday = r.SUNDAY + timedelta(days=1)
    days = {**found.tables, monday: {name: r.table(name, rows, monday) for name, rows in r.ROWS.items()}}
    rows = {"presence": r.PRESENCE[:3], "presence_by_age": r.PRESENCE_BY_AGE, "presence_by_spc": BY_SPC}
    tables = {
        day: {**of_day, **{name: _all_day(r.table(name, rows[name], day), day, *_AGAIN[name]) for name in EARLY}}
        for day, of_day in days.items()
    }
    return replace(found, tables=tables, timezone="Etc/GMT-2", events=r.events_json([]), key_ids=("0a", "0b", "0c"))


def _all_day(rows: pa.Table, day: date, windows: int, minutes: int) -> pa.Table:
    first = r.table("attendance", r.ATTENDANCE[:1], day)["window_start"].cast(pa.int64())[0].as_py()
    begin = first - rows["window_start"].cast(pa.int64())[0].as_py()
    return pa.concat_tables([shifted(rows, begin + at * minutes * 60_000_000) for at in range(windows)])


def shifted(rows: pa.Table, by: int) -> pa.Table:
    """Rows of other windows, so many microseconds later."""
    for name in ("window_start", "window_end"):
        place, kind = rows.schema.get_field_index(name), rows.schema.field(name)
        rows = rows.set_column(place, kind, pc.add(rows[name].cast(pa.int64()), by).cast(kind.type))
    return rows


def write(folder: Path, days: int, *, compacted: bool) -> Path:
    """A release of so many days: the first two of a draft, and the second of them again and again."""
    kept, compact = (
        r.publish_followed(folder / name, content(), early=SLOTS, compacted=name == "compact")
        for name in ("kept", "compact")
    )
    template = compact if compacted else kept
    drafted = {day: _files(kept, day) | _files(compact, day) for day in (r.SATURDAY, r.SUNDAY)}
    entries = read_chain(template)
    release = folder / "release"
    (release / CHAIN).mkdir(parents=True)
    for path in sorted((template / "manifest").glob("*.*")):
        (release / "manifest" / path.name).write_bytes(path.read_bytes())
    chain, lines = list[Entry](), list[key_log.Line]()
    for number in range(days):
        day = r.SATURDAY + timedelta(days=number)
        of = min(day, r.SUNDAY)
        bodies = [entry.body for entry in entries if entry.privacy_day == of.isoformat()]
        records = _of_day(release, drafted[of], of, day, listed=set(bodies[-2]["files"]))  # type: ignore[arg-type]
        for body in bodies:
            chain.append(_entry(body, of, day, records, chain, lines))
            (release / CHAIN / chain[-1].name).write_bytes(chain[-1].data)
    (release / KEY_LOG).write_bytes(b"".join(map(key_log.encode, lines)))
    (release / HEAD).write_bytes(canonical_json(head_of(chain, r.KEY)))
    return release


def _files(release: Path, day: date) -> Files:
    return {
        path.relative_to(release).as_posix(): pq.read_table(path, partitioning=None)
        for path in sorted(release.glob(f"*/date={day}/*.parquet"))
    }


def _of_day(release: Path, rows: Files, of: date, day: date, listed: set[str]) -> dict[str, FileRecord]:
    """What is said of each file of a day by its path in the draft; those that are listed are written."""
    found: dict[str, FileRecord] = {}
    for path, table in rows.items():
        later, sink = shifted(table, (day - of) // timedelta(microseconds=1)), io.BytesIO()
        pq.write_table(later, sink, use_dictionary=False, compression="zstd")
        digest = RowDigest(later.schema)
        digest.add(later)
        found[path] = FileRecord(hashlib.sha256(sink.getvalue()).hexdigest(), later.num_rows, digest.hexdigest())
        if path in listed:
            target = release / _at(path, of, day)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(sink.getvalue())
    return found


def _at(path: str, of: date, day: date) -> str:
    return path.replace(of.isoformat(), day.isoformat())


def _entry(
    body: Body, of: date, day: date, records: dict[str, FileRecord], chain: list[Entry], lines: list[key_log.Line]
) -> Entry:
    """An entry of a day of the draft as one of another day, and the lines of the log of the keys that go with it."""
    key_id = f"{day:%Y%m%d}{0:08x}"
    key: Body = {"key_id": key_id, "destroyed_at": r.noon_after(day)}
    events = (key_log.DESTROYED,)
    told = {name: value for name, value in body.items() if name != "signature"}
    if isinstance(files := body.get("files"), dict):
        told["files"] = {_at(path, of, day): _record(record, records[path]) for path, record in files.items()}
        key = {"key_id": key_id, "commitment": key_id * 4, "created_at": r.MORNING}
        begun = lines and lines[-1].key_id == key_id
        events = (key_log.LAST_USED,) if begun else (key_log.CREATED, key_log.LAST_USED)
    for event in events:
        pinned = key_log.head(lines[-1:])
        at = r.noon_after(day) if event == key_log.DESTROYED else r.MORNING
        stated = (event, day.isoformat(), key_id, key_id * 4, at, "file", "tmpfs", "provable: in memory", "test")
        lines.append(key_log.Line(len(lines) + 1, pinned.sha256, *stated))
    log: Body = {"entries": len(lines), "sha256": key_log.head(lines[-1:]).sha256}
    linked: Body = {"sequence": len(chain) + 1, "previous": chain[-1].sha256 if chain else NOTHING_BEFORE}
    unsigned: Body = {**told, **linked, "privacy_day": day.isoformat(), "key": key, "key_log": log}
    data = canonical_json(unsigned | {"signature": signing.sign(r.KEY, canonical_json(unsigned))})
    return Entry(entry_name(len(chain) + 1), data, json.loads(data))


def _record(stated: Json, found: FileRecord) -> Body:
    told = found.stated()
    return {name: told[name] for name in stated} if isinstance(stated, dict) else {}


def _timed(name: str, does: Callable[[], T]) -> T:
    """What is done, and how long it took: by the clock, and of the processors."""
    began, busy = time.perf_counter(), time.process_time()
    done = does()
    print(f"{name}: {time.perf_counter() - began:.1f} s, {time.process_time() - busy:.1f} s of a processor")
    return done


def _all_rows(release: Path, head: str) -> int:
    """Open a release that was verified before, and read all its tables, as the dashboard does."""
    found = open_release(release, head)
    return sum(table.num_rows for name in found.indicators for _, table in found.tables(name))


def main() -> None:
    """Write a year, and measure it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--kept", action="store_true", help="leave the files of windows where they are")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        release = write(Path(folder), chosen.days, compacted=not chosen.kept)
        files = [path for path in release.rglob("*") if path.is_file()]
        parquet = [path for path in files if path.suffix == ".parquet"]
        size = sum(path.stat().st_size for path in parquet)
        print(f"{chosen.days} days: {len(parquet)} Parquet files, {size / 1e6:.1f} MB; {len(files)} files in all")
        report = _timed("audit", lambda: audit(release))
        if not report.verdict:
            raise SystemExit("; ".join(check.message for check in report.checks if not check.passed))
        head = read_chain(release)[-1].sha256
        _timed("open and read all tables", lambda: _all_rows(release, head))


if __name__ == "__main__":
    main()
