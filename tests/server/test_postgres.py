"""The server keeps its tables in a real PostgreSQL."""

import pytest
import sqlalchemy as sql

from pipelines.server.store import open_store
from tests.paths import ROOT
from tests.server.postgres import Postgres

TABLES = sql.MetaData()
THINGS = sql.Table("things", TABLES, sql.Column("name", sql.String, primary_key=True))


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
