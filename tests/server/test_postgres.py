"""The server keeps its tables in a real PostgreSQL."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sql

from pipelines.server import store as stores
from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.tables import ROLL
from pipelines.server.consultations.tables import TABLES as CONSULTED
from pipelines.server.reports.register import Register
from pipelines.server.reports.report import Event
from pipelines.server.reports.tables import REPORTS
from pipelines.server.store import Store, open_store
from tests.paths import ROOT
from tests.server.postgres import Postgres
from tests.server.reports.made import BASE, NOON, sent
from tests.server.reports.made import served as reporting

TABLES = sql.MetaData()
THINGS = sql.Table("things", TABLES, sql.Column("name", sql.String, primary_key=True))
NAMES = count()


@pytest.fixture
def database(postgresql: Postgres) -> str:
    return postgresql.database(f"server{next(NAMES)}")


@contextlib.contextmanager
def opened(database: str) -> Iterator[Store]:
    with contextlib.closing(open_store(database, ROOT)) as store:
        store.create(TABLES)
        yield store


def test_a_store_on_postgresql_keeps_what_was_written_and_undoes_what_failed(postgresql: Postgres) -> None:
    store = open_store(postgresql.database("kept"), ROOT)
    store.create(TABLES)
    with store.writing() as connection:
        connection.execute(THINGS.insert().values(name="kept"))
    with pytest.raises(sql.exc.IntegrityError), store.writing() as connection:
        connection.execute(THINGS.insert(), [{"name": "undone"}, {"name": "kept"}])
    with store.reading() as connection:
        assert connection.execute(sql.select(THINGS.c.name)).scalars().all() == ["kept"]
    store.close()


def test_each_database_is_new_and_empty(postgresql: Postgres) -> None:
    first = open_store(postgresql.database("first"), ROOT)
    first.create(TABLES)
    second = open_store(postgresql.database("second"), ROOT)
    assert sql.inspect(first.engine).get_table_names() == ["things"]
    assert sql.inspect(second.engine).get_table_names() == []
    first.close()
    second.close()


def test_transactions_that_meet_are_done_one_after_the_other(database: str) -> None:
    def add(connection: sql.Connection) -> int:
        number = connection.execute(sql.select(sql.func.count()).select_from(THINGS)).scalar_one()
        connection.execute(THINGS.insert().values(name=str(number)))
        return number

    with opened(database) as store, ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(lambda _: store.write(add), range(12))) == list(range(12))


def test_what_fails_for_its_own_sake_is_not_done_again(database: str) -> None:
    tries = []

    def twice(connection: sql.Connection) -> None:
        tries.append(connection)
        connection.execute(THINGS.insert(), [{"name": "twice"}] * 2)

    with opened(database) as store:
        with pytest.raises(sql.exc.IntegrityError):
            store.write(twice)
        assert len(tries) == 1


def test_who_reads_makes_nobody_write_again_and_can_write_nothing(database: str) -> None:
    with opened(database) as store:
        with store.reading() as reading:
            assert reading.execute(sql.select(sql.func.count()).select_from(THINGS)).scalar_one() == 0
            store.write(lambda connection: connection.execute(THINGS.insert().values(name="new")))
            assert reading.execute(sql.select(sql.func.count()).select_from(THINGS)).scalar_one() == 0
        with store.reading() as reading, pytest.raises(sql.exc.InternalError):
            reading.execute(THINGS.insert().values(name="other"))
        store.write(lambda connection: connection.execute(THINGS.insert().values(name="other")))


def test_reports_and_actions_at_once_are_all_kept(database: str, tmp_path: Path) -> None:
    server = reporting(tmp_path, database)
    with contextlib.closing(server.store), ThreadPoolExecutor(16) as pool:
        client, register = server.client(), Register(server.store)
        names = list(pool.map(lambda _: sent(client), range(16)))
        changed = pool.map(lambda name: register.append(name, Event("published", NOON)), names * 2)
        assert sum(changed) == len(names)
        assert {len(register.get(name).events) for name in names} == {2}


def test_a_locked_table_is_waited_for_a_little_and_then_told_as_busy(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "LOCKED_SECONDS", 0.3)
    server = reporting(tmp_path, database)
    client = server.client()
    with contextlib.closing(server.store), server.store.writing() as locking, ThreadPoolExecutor(30) as pool:
        locking.execute(sql.text(f"LOCK TABLE {REPORTS.name} IN ACCESS EXCLUSIVE MODE"))
        found = list(pool.map(lambda _: client.get(f"{BASE}/requests.json").status_code, range(30)))
        assert set(found) == {503}
        assert client.get("/health").status_code == 200


def test_the_tables_of_a_consultation_are_compacted_however_long_that_waits(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "LOCKED_SECONDS", 0.1)
    with contextlib.closing(open_store(database, ROOT)) as store, ThreadPoolExecutor() as pool:
        store.create(CONSULTED)
        with store.reading() as reading:
            reading.execute(ROLL.select())
            waiting = pool.submit(Answers(store).forget, "playground")
            time.sleep(0.3)
            assert not waiting.done()
        waiting.result(10)
