import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.release import files_of, remove_windows, stage, with_windows, write_public
from schemas import tables
from schemas.errors import InputError, PrivacyRefusal
from schemas.indicators import INDICATORS
from schemas.tables import PROBE, STAY, Sensitivity, Table
from tests.anonymization import releases as r

DECLARED = [declared for declared in vars(tables).values() if isinstance(declared, Table)]
PERSONAL = [declared for declared in DECLARED if declared.sensitivity is not Sensitivity.PUBLIC]


@pytest.mark.parametrize("declared", PERSONAL, ids=lambda declared: declared.name)
def test_a_table_that_is_not_public_is_refused_and_nothing_is_written(declared: Table, tmp_path: Path) -> None:
    with pytest.raises(PrivacyRefusal, match=f"table {declared.name}: expected a public table"):
        write_public(tmp_path / "part-0.parquet", declared, declared.empty())
    assert list(tmp_path.iterdir()) == []


def test_tables_of_persons_are_personal_unless_they_say_otherwise() -> None:
    assert {PROBE.name, STAY.name} <= {declared.name for declared in PERSONAL}
    assert Table("new", "One row.", PROBE.fields).sensitivity is Sensitivity.PERSONAL


def test_a_public_table_is_written_without_a_dictionary(tmp_path: Path) -> None:
    presence = INDICATORS["presence"].table
    rows = presence.empty()
    write_public(tmp_path / "part-0.parquet", presence, rows)
    assert pq.read_table(tmp_path / "part-0.parquet").schema.equals(rows.schema)


def test_an_indicator_without_rows_has_no_file_and_former_files_are_gone(tmp_path: Path) -> None:
    (tmp_path / "staged/presence/date=2026-06-20").mkdir(parents=True)
    (tmp_path / "staged/presence/date=2026-06-20/part-0.parquet").write_bytes(b"former")
    stage(tmp_path / "staged", "2026-06-20", {"presence": INDICATORS["presence"].table.empty()})
    assert not list((tmp_path / "staged").rglob("*.parquet"))


def released(folder: Path, *windows: pa.Table) -> dict[str, tuple[str, int]]:
    """Files of windows of a day in a release, with SHA-256 and rows."""
    for number, rows in enumerate(windows):
        path = folder / "presence/date=2026-06-20" / f"part-from-{number:03d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_public(path, INDICATORS["presence"].table, rows)
    return {name: (record.sha256, record.rows) for name, record in files_of(folder).items()}


def test_a_day_is_made_of_its_windows_as_they_were_published_and_of_what_is_left(tmp_path: Path) -> None:
    rows = r.table("presence", r.PRESENCE)
    files = released(tmp_path, rows.slice(0, 3), rows.slice(3, 2))
    attendance = r.table("attendance", r.ATTENDANCE)
    found = with_windows(tmp_path, files, {"presence": rows.slice(5), "attendance": attendance})
    assert found == {"presence": rows, "attendance": attendance}
    assert with_windows(tmp_path, files, {}) == {"presence": rows.slice(0, 5)}


@pytest.mark.parametrize("data", [b"", b"damaged"], ids=["not there", "damaged"])
def test_a_day_does_not_end_without_a_file_of_its_windows_as_it_was_published(data: bytes, tmp_path: Path) -> None:
    files = released(tmp_path, r.table("presence", r.PRESENCE))
    (path,) = (tmp_path / name for name in files)
    path.unlink()
    if data:
        path.write_bytes(data)
    with pytest.raises(InputError, match=re.escape(f"{path}: expected the file as it was published")):
        with_windows(tmp_path, files, {})


def test_files_of_windows_go_unless_their_day_lists_them_and_no_other_file_does(tmp_path: Path) -> None:
    rows = r.table("presence", r.PRESENCE)
    first, second = released(tmp_path, rows.slice(0, 3), rows.slice(3))
    for name in ("presence/date=2026-06-20/part-0.parquet", "presence/date=2026-06-21/part-from-000.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    remove_windows(tmp_path, "2026-06-20", [second])
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.parquet")}
    assert first not in left
    assert len(left) == 3
    assert second in left
