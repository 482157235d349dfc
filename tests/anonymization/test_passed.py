from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from anonymization import passed
from anonymization.audit import audit
from anonymization.manifest import read_chain
from anonymization.passed import forget, verified, verified_head
from anonymization.verdict import Report
from schemas.errors import CheckFailed
from tests.anonymization.releases import draft, publish


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return publish(tmp_path / "release", draft())


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


def audits(release: Path, memory: Path | None) -> int:
    """How often it is audited when its head is asked for."""
    with mock.patch.object(passed, "audit", wraps=audit) as audited:
        assert verified_head(release, memory) == read_chain(release)[-1].sha256
    return audited.call_count


def remembered(memory: Path) -> Path:
    (file,) = (memory / "passed").iterdir()
    return file


def table(release: Path) -> Path:
    return release / "dwell" / "date=2026-06-20" / "part-0.parquet"


def test_a_release_that_passed_and_has_not_changed_is_not_audited_again(release: Path, memory: Path) -> None:
    assert [audits(release, memory) for _ in range(3)] == [1, 0, 0]


def test_without_a_folder_every_time_is_an_audit(release: Path) -> None:
    assert [audits(release, None) for _ in range(2)] == [1, 1]


def one_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "change",
    [
        lambda release: one_bit(table(release)),
        lambda release: one_bit(release / "manifest" / "zones.geojson"),
        lambda release: table(release).unlink(),
        lambda release: table(release).rename(table(release).with_name("part-1.parquet")),
        lambda release: (release / "more").touch(),
        lambda release: (release / "more").mkdir(),
        lambda release: (release / "more").symlink_to(table(release)),
    ],
    ids=["figures", "zones", "removed", "renamed", "added", "folder", "link"],
)
def test_a_release_that_changed_is_audited_again(release: Path, memory: Path, change: Callable[[Path], object]) -> None:
    assert audits(release, memory) == 1
    change(release)
    with pytest.raises(CheckFailed, match="does not verify"):
        verified_head(release, memory)


def test_the_report_that_is_remembered_is_that_of_the_audit(release: Path, memory: Path) -> None:
    before = verified(release, memory)
    with mock.patch.object(passed, "audit", side_effect=AssertionError):
        again = verified(release, memory)
    assert again == before
    assert again.report == audit(release, allow_test=True)


def test_a_forgotten_audit_is_carried_out_again(release: Path, memory: Path) -> None:
    assert audits(release, memory) == 1
    forget(release, memory)
    assert audits(release, memory) == 1


def sealed(release: Path, told: bytes) -> bytes:
    """What is remembered where somebody knows how it is sealed."""
    state = passed._state(release)
    assert state is not None
    return passed._seal(state, told) + b"\n" + told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"passed": true', b'"passed": false'),
        (b'"passed": true', b'"passed": 1'),
        (b'"checks": [', b'"checked": ['),
        (b'"checks": [', b'"checks": [1, '),
        (b'"criterion": ', b'"more": '),
        (b'"at": "', b'"at": "x'),
        (b"{", b""),
    ],
)
def test_a_tampered_entry_is_an_audit(release: Path, memory: Path, old: bytes, new: bytes) -> None:
    assert audits(release, memory) == 1
    right = remembered(memory).read_bytes()
    seal, _, told = right.partition(b"\n")
    changed = told.replace(old, new, 1)
    assert changed != told
    for entry in (seal + b"\n" + changed, sealed(release, changed)):
        remembered(memory).write_bytes(entry)
        assert audits(release, memory) == 1
        assert remembered(memory).read_bytes().partition(b'"report"')[2] == right.partition(b'"report"')[2]


@pytest.mark.parametrize("length", [0, 63, 65, 10_000])
def test_whatever_else_stands_in_the_folder_is_an_audit(release: Path, memory: Path, length: int) -> None:
    assert audits(release, memory) == 1
    right = remembered(memory).read_bytes()
    remembered(memory).write_bytes((right + b"0" * length)[:length])
    assert audits(release, memory) == 1
    assert remembered(memory).read_bytes().partition(b'"report"')[2] == right.partition(b'"report"')[2]


def test_the_verdict_on_another_release_is_none_on_this_one(release: Path, memory: Path, tmp_path: Path) -> None:
    content = draft()
    content.test = True
    other = publish(tmp_path / "other", content)
    assert audits(other, memory) == 1
    taken = remembered(memory).read_bytes()
    remembered(memory).unlink()
    assert audits(release, memory) == 1
    remembered(memory).write_bytes(taken)
    assert audits(release, memory) == 1


def test_other_code_audits_again(release: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert audits(release, memory) == 1
    monkeypatch.setattr(passed, "_code", lambda: "other")
    assert audits(release, memory) == 1


def test_a_release_that_fails_is_not_remembered(release: Path, memory: Path) -> None:
    one_bit(table(release))
    with pytest.raises(CheckFailed, match="dwell/date=2026-06-20"):
        verified_head(release, memory)
    assert not memory.exists()


def test_what_changes_while_it_is_audited_is_not_remembered(
    release: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def audit_and_spoil(root: Path, **options: bool) -> Report:
        report = audit(root, **options)
        one_bit(table(release))
        return report

    monkeypatch.setattr(passed, "audit", audit_and_spoil)
    verified_head(release, memory)
    assert not memory.exists()


def test_a_folder_that_cannot_be_written_changes_no_verdict(release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert [audits(release, tmp_path / "file") for _ in range(2)] == [1, 1]


def test_what_is_remembered_is_for_its_owner_only(release: Path, memory: Path) -> None:
    audits(release, memory)
    assert remembered(memory).stat().st_mode & 0o777 == 0o600
    assert remembered(memory).parent.stat().st_mode & 0o777 == 0o700
