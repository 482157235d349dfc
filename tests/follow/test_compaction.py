"""Days that end in one file an indicator, also where their windows were begun otherwise or were left waiting."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from anonymization.audit import audit
from anonymization.entries import DAY, WINDOWS
from anonymization.manifest import read_chain
from anonymization.records import FileRecord
from pipelines import stating
from pipelines.closing import Closing
from pipelines.configuration import load
from pipelines.embedded import run
from tests.follow.delivered import QUIET, Place, deliver, follower, place
from tests.oracle.generate import Generated

FIRST = "2026-06-12"


def taken(to: Place, deliveries: list[pa.Table], begin: int = 0) -> Place:
    """A place whose follower has taken deliveries one by one, numbered from `begin`."""
    found = follower(to)
    for number, some in enumerate(deliveries, begin):
        deliver(to, some, f"{number:04d}")
        assert found.round()
    return to


@pytest.mark.slow
def test_a_day_that_a_version_without_digests_began_keeps_its_files_of_windows(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = place(tmp_path / "place", given)
    with monkeypatch.context() as former:

        def without(path: Path, file: FileRecord) -> FileRecord:
            return replace(file, rows_sha256=None)

        former.setattr(stating, "_with_rows", without)
        taken(to, deliveries[:20])
    taken(to, deliveries[20:], 20)
    entries = [entry for entry in read_chain(to.release) if entry.privacy_day == FIRST]
    listed = {
        path: record for entry in entries if entry.kind == WINDOWS for path, record in entry.block("files").items()
    }
    stated = [isinstance(record, dict) and "rows_sha256" in record for record in listed.values()]
    assert any(stated)
    assert not all(stated)
    (day,) = [entry for entry in entries if entry.kind == DAY]
    assert {path: day.block("files").get(path) for path in listed} == listed
    assert all((to.release / path).exists() for path in listed)
    report = audit(to.release, allow_test=True)
    assert report.verdict, [check for check in report.checks if not check.passed]


@pytest.mark.slow
def test_a_run_that_ends_a_day_publishes_the_windows_that_waited(
    given: Generated, deliveries: list[pa.Table], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = taken(place(tmp_path / "place", given), deliveries[:12])
    deliver(to, deliveries[12], "0012")
    found = follower(to)
    with monkeypatch.context() as killed:
        killed.setattr(Closing, "publish_windows", interrupt)
        with pytest.raises(KeyboardInterrupt):
            found.round()
    assert follower(to).state.days[FIRST].waiting_slots
    run(load(to.config), QUIET)
    assert [entry.kind for entry in read_chain(to.release)][-2:] == [DAY, "key_destroyed"]
    assert [path.name for path in (to.release / f"presence/date={FIRST}").iterdir()] == ["part-0.parquet"]
    report = audit(to.release, allow_test=True)
    assert report.verdict, [check for check in report.checks if not check.passed]


def interrupt(*_: object) -> None:
    """What a kill between staging and publishing does."""
    raise KeyboardInterrupt
