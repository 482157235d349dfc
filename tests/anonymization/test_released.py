"""A release as it is read: audited first, and each file only as it was published."""

from pathlib import Path
from unittest import mock

import pytest

from anonymization import passed
from anonymization.audit import audit
from anonymization.manifest import read_chain
from anonymization.released import open_release
from schemas.errors import CheckFailed
from tests.anonymization.releases import draft, publish


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return publish(tmp_path / "release", draft())


def first(root: Path, indicator: str) -> Path:
    """The file of the first day."""
    return min(root.glob(f"{indicator}/*/*.parquet"))


def spoil(root: Path, indicator: str) -> None:
    path = first(root, indicator)
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def test_a_sound_release_says_what_its_entries_state(root: Path) -> None:
    release = open_release(root)
    entries = read_chain(root)
    assert release.head == entries[-1].sha256
    assert [day.date for day in release.days] == sorted(draft().tables)
    for day in release.days:
        assert (day.unit, day.terms.confidence) == ("holders", 0.95)
        rows = {name: release.table(name, day).num_rows for name in release.indicators}
        assert rows == {name: day.rows(name) for name in release.indicators}


def test_a_release_is_audited_unless_its_head_has_just_been(root: Path) -> None:
    head = read_chain(root)[-1].sha256
    with mock.patch.object(passed, "audit", wraps=audit) as audited:
        for verified, audits in ((head, 0), ("", 1), ("00" * 32, 2)):
            assert open_release(root, verified).head == head
            assert audited.call_count == audits


def test_a_damaged_release_is_refused_with_the_reason(root: Path) -> None:
    spoil(root, "attendance")
    with pytest.raises(CheckFailed, match=r"does not verify .*attendance"):
        open_release(root)


def test_a_file_that_changes_after_the_audit_is_refused_when_it_is_read(root: Path) -> None:
    release = open_release(root)
    spoil(root, "attendance")
    with pytest.raises(CheckFailed, match="is not as it was published"):
        release.table("attendance", release.days[0])
    first(root, "presence").unlink()
    with pytest.raises(CheckFailed, match="cannot be read"):
        release.table("presence", release.days[0])
