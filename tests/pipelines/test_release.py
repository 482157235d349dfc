from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.release import stage, write_public
from schemas import tables
from schemas.errors import PrivacyRefusal
from schemas.indicators import INDICATORS
from schemas.tables import PROBE, STAY, Sensitivity, Table

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
