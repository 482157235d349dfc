"""What the server keeps: one database, SQLite in a file or PostgreSQL, of which every service declares its tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from schemas.errors import SystemFailure, UsageError

BUSY_SECONDS: Final = 10
"""For how long a writer waits for another one."""
_READING: Final = "reading"
_PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_SECONDS}000")


class Store:
    """A database in which each `writing()` happens whole or not at all, and is on the disk when it has ended."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def create(self, tables: MetaData) -> None:
        """Make the tables that are not there; raises SystemFailure where the database does not let it."""
        try:
            tables.create_all(self.engine)
        except SQLAlchemyError as error:
            raise _unusable(self.engine.url, error) from None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database."""
        with self.engine.connect() as connection:
            yield connection.execution_options(**{_READING: True})

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at its end, undone by an exception; writers of SQLite come one after the other."""
        with self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def open_store(database: str, folder: Path) -> Store:
    """The store that `[server] database` names; the path of a file follows `folder`.

    Raises UsageError for anything but a path and a PostgreSQL URL, SystemFailure where it cannot be opened.
    """
    store = Store(_engine(_url(database, folder)))
    try:
        with store.reading():
            return store
    except SQLAlchemyError as error:
        raise _unusable(store.engine.url, error) from None


def _url(database: str, folder: Path) -> URL:
    if "://" not in database:
        return URL.create("sqlite", database=str(folder / database))
    try:
        url = make_url(database)
    except ArgumentError:
        url = URL.create("unknown")
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        # The URL may hold a password: it is not shown.
        raise UsageError(
            "[server] database: expected a path or a URL postgresql://user@host/name, found another kind of URL",
            'write database = "server.db", or database = "postgresql://hexaflux@localhost/hexaflux"',
        )
    return url.set(drivername="postgresql+psycopg")


def _engine(url: URL) -> Engine:
    if url.drivername != "sqlite":
        return create_engine(url, pool_pre_ping=True, isolation_level="SERIALIZABLE")
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: object) -> None:
        # The driver would begin transactions by itself, and only at the first change.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE, or two readers that become writers would refuse each other; who only reads waits for no writer.
        reading = connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _unusable(url: URL, error: SQLAlchemyError) -> SystemFailure:
    kind = "an SQLite file that can be written" if url.drivername == "sqlite" else "a PostgreSQL database that answers"
    where = url.database if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
    return SystemFailure(
        f"{where}: expected {kind}, found {type(error).__name__}",
        "see that the folder can be written or that PostgreSQL runs, or change [server] database",
    )
