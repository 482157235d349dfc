"""What may change between privacy days, and what stays as it was published."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from rich.console import Console

from anonymization.audit import audit
from anonymization.manifest import read_chain
from pipelines.configuration import load
from pipelines.embedded import Outcome, run
from pipelines.progress import Progress
from tests.oracle.generate import generate

SECOND_DAY = datetime(2026, 6, 21, 3, tzinfo=UTC)


def digests(release: Path, day: str) -> dict[str, str]:
    return {
        str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in release.rglob(f"date={day}/*.parquet")
    }


def publish(config: Path) -> Outcome:
    return run(load(config), Progress(Console(stderr=True), quiet=True))


def test_a_change_of_zones_holds_from_the_next_privacy_day_and_is_logged(tmp_path: Path) -> None:
    given = generate(tmp_path, 1000, 20_000, 2, date(2026, 6, 20), 7, "dense")
    folder, release = tmp_path / "events", tmp_path / "release"
    events: pa.Table = ds.dataset(folder).to_table()
    for path in folder.iterdir():
        path.unlink()
    first = pc.less(events["event_time"], pa.scalar(SECOND_DAY, pa.timestamp("us", "UTC")))
    pq.write_table(events.filter(first), folder / "first.parquet")
    publish(given.config)
    before = digests(release, "2026-06-20")

    zones = tmp_path / "zones.geojson"
    zones.write_text(zones.read_text(encoding="utf-8").replace('"name": "', '"name": "New ', 1), encoding="utf-8")
    idle = publish(given.config)
    assert not idle.changed
    assert "zones changed: it holds for privacy days to come" in idle.warnings

    pq.write_table(events.filter(pc.invert(first)), folder / "second.parquet")
    assert publish(given.config).changed
    assert before
    assert digests(release, "2026-06-20") == before
    assert digests(release, "2026-06-21")
    days = [entry for entry in read_chain(release) if entry.kind == "day"]
    assert len({entry.body["zones_sha256"] for entry in days}) == 2
    report = audit(release, allow_test=True)
    assert report.verdict
    assert "zones_sha256 changed with privacy day 2026-06-21" in report.notes
