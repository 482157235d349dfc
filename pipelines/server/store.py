"""What the server keeps: one database, SQLite in a file or PostgreSQL, of which every service declares its tables."""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from schemas.errors import SystemFailure, UsageError

Result = TypeVar("Result")
BUSY_SECONDS: Final = 10
"""For how long a writer waits for another one, and whoever asks for a connection."""
LOCKED_SECONDS: Final = 5
"""For how long a statement of PostgreSQL waits for a lock, and for a connection; so the next ones are answered too."""
STATEMENT_SECONDS: Final = 30
"""How long a statement of PostgreSQL may take."""
_TRIES: Final = 10
_AGAIN: Final = ("40001", "40P01")
"""What PostgreSQL says of a transaction that it undid for another one's sake."""
_PAUSE: Final = (0.01, 0.5)
"""Seconds before the second try at most, doubled for each try after it, and at most before any."""
_READING: Final = "reading"
_PRAGMAS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_SECONDS}000")
_SNAPSHOT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Of who reads PostgreSQL: one state of the database, for which no transaction has to be undone."""


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
        options = {_READING: True} if self.engine.dialect.name == "sqlite" else _SNAPSHOT
        with self.engine.connect() as connection:
            yield connection.execution_options(**options)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returns, of a transaction that is done again where PostgreSQL undid it for another one's sake.

        So nothing but the database may be changed in it.
        """
        for tries in range(_TRIES):
            try:
                with self.writing() as connection:
                    return work(connection)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", "") not in _AGAIN or tries == _TRIES - 1:
                    raise
            # Whoever met once would meet again if all waited equally long.
            time.sleep(secrets.SystemRandom().uniform(0, min(_PAUSE[0] * 2**tries, _PAUSE[1])))
        raise AssertionError("unreachable")

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

    A file that is not there is made for its owner alone. Raises UsageError for anything but a path and a PostgreSQL
    URL, SystemFailure where it cannot be opened.
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
        engine = create_engine(url, pool_pre_ping=True, pool_timeout=LOCKED_SECONDS, isolation_level="SERIALIZABLE")

        @event.listens_for(engine, "connect")
        def _bound(connection: DBAPIConnection, _: object) -> None:
            bounds = {"lock_timeout": LOCKED_SECONDS, "statement_timeout": STATEMENT_SECONDS}
            _execute(connection, (f"SET {name} = {int(seconds * 1000)}" for name, seconds in bounds.items()))
            connection.commit()

        return engine
    _make(Path(str(url.database)))
    engine = create_engine(url, pool_timeout=BUSY_SECONDS)

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: object) -> None:
        # The driver would begin transactions by itself, and only at the first change.
        connection.isolation_level = None
        _execute(connection, (f"PRAGMA {pragma}" for pragma in _PRAGMAS))

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # IMMEDIATE, or two readers that become writers would refuse each other; who only reads waits for no writer.
        reading = connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _make(path: Path) -> None:
    """Make the file of a database that its owner alone may read: SQLite gives its log the same mode."""
    # What cannot be made is told by whoever opens it.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _execute(connection: DBAPIConnection, statements: Iterable[str]) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def _unusable(url: URL, error: SQLAlchemyError) -> SystemFailure:
    kind = "an SQLite file that can be written" if url.drivername == "sqlite" else "a PostgreSQL database that answers"
    where = url.database if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
    return SystemFailure(
        f"{where}: expected {kind}, found {type(error).__name__}",
        "see that the folder can be written or that PostgreSQL runs, or change [server] database",
    )
