"""The run on the real geography of Côte-d'Or: 698 communes, Orange's masts, simulated people."""

from pathlib import Path

import duckdb
import pytest

from anonymization.audit import audit
from pipelines.configuration import load
from pipelines.embedded import Outcome, run
from tests.paths import shared_data
from tests.simulator.conftest import QUIET
from tests.simulator.cote_d_or import DIJON, PEOPLE, Department, write, zone_ids


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cote_d_or")


@pytest.fixture(scope="module")
def department(folder: Path) -> Department:
    return write(folder, shared_data())


@pytest.fixture(scope="module")
def outcome(folder: Path, department: Department) -> Outcome:
    return run(load(folder / "hexaflux.toml"), QUIET)


def test_every_row_is_accounted_for(outcome: Outcome) -> None:
    found = outcome.state.accounting
    assert found.balances
    assert found.accepted > 0.95 * found.rows_in > 200_000


def test_the_release_passes_its_audit(folder: Path, outcome: Outcome) -> None:
    assert outcome.changed
    assert audit(folder / "release", None, False).verdict


def test_each_commune_stands_once_alone_or_in_a_pool(folder: Path, outcome: Outcome) -> None:
    assert outcome.changed
    rows = duckdb.sql(f"SELECT zone_id FROM '{folder}/release/attendance/*/*.parquet'").fetchall()
    named = [zone for (zones,) in rows for zone in zones.split("|")]
    assert sorted(named) == sorted(set(named))
    assert set(named) <= set(zone_ids(shared_data()))
    assert len(named) > 600


def test_dijon_has_about_the_people_it_has(folder: Path, department: Department, outcome: Outcome) -> None:
    assert outcome.changed
    [(people,)] = duckdb.sql(
        f"SELECT people FROM '{folder}/release/attendance/*/*.parquet' WHERE zone_id = '{DIJON}'"
    ).fetchall()
    assert people == pytest.approx(department.attendance(DIJON), rel=0.15)


def test_the_whole_department_is_seen(folder: Path, outcome: Outcome) -> None:
    assert outcome.changed
    [(least, most)] = duckdb.sql(
        f"""
        SELECT min(people), max(people) FROM (
            SELECT sum(people) AS people FROM '{folder}/release/presence/*/*.parquet'
            WHERE hour(window_start AT TIME ZONE 'Europe/Paris') BETWEEN 9 AND 20 GROUP BY window_start)
        """
    ).fetchall()
    assert 0.75 * PEOPLE < least <= most < 1.02 * PEOPLE
