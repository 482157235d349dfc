import shutil
from pathlib import Path

import duckdb
import pytest

from anonymization.released import open_release
from dashboards import queries
from dashboards.queries import Query
from dashboards.store import Store, open_store
from dashboards.texts import Text
from schemas.errors import CheckFailed, HexafluxError
from tests.anonymization.releases import draft, publish, replaced, with_value
from tests.dashboards.opened import CHANGE_OF_CLOCKS, open_page


@pytest.fixture
def copy(release: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(release, tmp_path / "copy"))


def test_a_tampered_file_is_refused_by_the_page(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copy / "dwell" / f"date={CHANGE_OF_CLOCKS}" / "part-0.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    monkeypatch.setenv("HEXAFLUX_RELEASE", str(copy))
    opened = open_page(copy, lang="en")
    assert "This release is not shown" in opened.text
    assert f"dwell/date={CHANGE_OF_CLOCKS}/part-0.parquet" in opened.app.code[0].value
    assert not opened.app.selectbox


def test_a_file_that_changes_after_the_audit_is_refused(copy: Path) -> None:
    head = open_release(copy).head
    path = copy / "presence" / f"date={CHANGE_OF_CLOCKS}" / "part-0.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckFailed, match="presence"):
        open_store(copy, None, verified=head)


def test_a_signed_release_that_breaks_a_rule_is_refused(tmp_path: Path) -> None:
    content = replaced(draft(), "attendance", lambda table: with_value(table, 4, "devices", 5))
    with pytest.raises(CheckFailed, match="k: "):
        open_store(publish(tmp_path / "release", content), None)


@pytest.mark.parametrize("name", ["", "nothing"])
def test_a_folder_without_a_release_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(HexafluxError):
        open_store(tmp_path / name, None)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY attendance TO '/tmp/never.csv'",
        "ATTACH '/tmp/never.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM release",
    ],
)
def test_the_database_reaches_nothing_outside(store: Store, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        store.ask(Query("outside", sql, Text("What is outside?", "Qu’y a-t-il dehors ?")))


def test_an_answer_is_kept_under_the_release_the_question_and_its_values(release: Path, tmp_path: Path) -> None:
    store = open_store(release, tmp_path)
    first = store.ask(queries.BY_AGE, zone="21231", day=CHANGE_OF_CLOCKS)
    store._connection.close()
    again = store.ask(queries.BY_AGE, zone="21231", day=CHANGE_OF_CLOCKS)
    assert again.equals(first)
    with pytest.raises(duckdb.Error):
        store.ask(queries.BY_AGE, zone="21166", day=CHANGE_OF_CLOCKS)


def test_days_without_an_indicator_are_shown_all_the_same(tmp_path: Path) -> None:
    content = draft()
    for tables in content.tables.values():
        del tables["presence"], tables["presence_by_age"], tables["dwell"]
    store = open_store(publish(tmp_path / "release", content), None)
    assert store.ask(queries.PRESENCE, zone="A", day="2026-06-20").empty
    assert store.ask(queries.BY_DWELL, zone="A", day="2026-06-20").empty
