"""Answers: the roll takes the nullifier and the box counts, both or neither, and the first answer of a person stands.

Every answer does the same work, whether it counts or not: the nullifier is written into the roll together with others
that are taken out and put in again in their order, and every counter of the consultation is written. So neither time
nor the numbers of transactions that PostgreSQL keeps in rows tell whether an answer counted, which counter went up or
which nullifier is the newest. What a database writes to be safe against power cuts, and old versions of rows until
they are cleared away, do tell what changed together, see decision 0037.
"""

import secrets
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from sqlalchemy import Connection, Select, func, select, text, update
from sqlalchemy.engine.interfaces import DBAPICursor

from pipelines.server.consultations.definition import Definition
from pipelines.server.consultations.tables import BOX, CLOSED, CONSULTATIONS, OPEN, PUBLISHED, ROLL, without_statistics
from pipelines.server.store import Store
from schemas.errors import CheckFailed, SystemFailure, UsageError

COMPANY: Final = 32
"""Rows of the roll that are written again beside one: half of them next to it, half anywhere."""
_COMPACTING: Final = {
    "sqlite": ("PRAGMA secure_delete = ON", "VACUUM"),
    "postgresql": (
        # It takes as long as it takes.
        *("SET lock_timeout = 0", "SET statement_timeout = 0"),
        *map(without_statistics, (ROLL, BOX)),
        *(f"VACUUM (FULL) {table.name}" for table in (ROLL, BOX)),
    ),
}
_EMPTYING: Final = "PRAGMA wal_checkpoint(TRUNCATE)"


@dataclass(frozen=True)
class Kept:
    """A consultation as the database has it."""

    state: str
    k: int
    test: bool
    definition: Definition


@dataclass(frozen=True)
class Answer:
    """What a person answers: a nullifier, and the counter that it is for."""

    nullifier: bytes = field(repr=False)
    choice: str
    district: str
    age_band: str


Box = dict[tuple[str, str, str], int]
"""People by choice, district and age band, in the order of the definition."""


@dataclass(frozen=True)
class Answers:
    """The consultations of a database."""

    store: Store

    def open(self, definition: Definition, k: int, *, test: bool) -> None:
        """Enter a consultation with its empty roll and its counters at 0; raises UsageError where it is there."""
        self.store.write(lambda connection: _open(connection, definition, k, test=test))

    def all(self) -> list[Kept]:
        """The consultations in the order of their names."""
        with self.store.reading() as connection:
            found = connection.execute(select(CONSULTATIONS).order_by(CONSULTATIONS.c.id)).all()
        return [Kept(row.state, row.k, bool(row.test), Definition.of_json(row.definition)) for row in found]

    def kept(self, consultation: str) -> Kept | None:
        """A consultation, or None for no such."""
        with self.store.reading() as connection:
            return _kept(connection, consultation)

    def give(self, consultation: str, answer: Answer) -> bool | None:
        """Whether the answer counts: False where the person answered before, None where the consultation is closed."""
        return self.store.write(lambda connection: _give(connection, consultation, answer))

    def close(self, consultation: str) -> None:
        """Take no more answers; done before, it is nothing to do."""
        self.store.write(lambda connection: _close(connection, consultation))

    def box(self, consultation: str, definition: Definition) -> Box:
        """The box of a closed consultation.

        Raises UsageError for an open one, CheckFailed where the box does not hold as many as the roll.
        """
        with self.store.reading() as connection:
            kept = _kept(connection, consultation)
            if kept is None or kept.state != CLOSED:
                raise UsageError(f"{consultation}: expected a closed consultation, found none", "close it first")
            rows = connection.execute(select(BOX).where(BOX.c.consultation == consultation)).all()
            people = connection.execute(select(func.count()).where(ROLL.c.consultation == consultation)).scalar_one()
        found = {(row.choice, row.district, row.age_band): row.people for row in rows}
        if sum(found.values()) != people:
            raise CheckFailed(
                f"{consultation}: expected a box of as many answers as the roll has people, found another number",
                "restore the database as it was at the closing",
            )
        return {cell: found[cell] for cell in cells(definition)}

    def forget(self, consultation: str) -> None:
        """Remove roll and box of a published consultation, also from the files of the database; it can be repeated.

        Raises SystemFailure where somebody reads the database of SQLite, whose log of changes then stays.
        """
        self.store.write(lambda connection: _empty(connection, consultation))
        _compact(self.store)
        published = update(CONSULTATIONS).where(CONSULTATIONS.c.id == consultation).values(state=PUBLISHED)
        self.store.write(lambda connection: connection.execute(published))


def cells(definition: Definition) -> list[tuple[str, str, str]]:
    """Every choice, district and age band of a consultation."""
    choices, districts = ([each.id for each in listed] for listed in (definition.choice, definition.district))
    return list(product(choices, districts, definition.age_bands))


def _kept(connection: Connection, consultation: str) -> Kept | None:
    row = connection.execute(select(CONSULTATIONS).where(CONSULTATIONS.c.id == consultation)).one_or_none()
    return None if row is None else Kept(row.state, row.k, bool(row.test), Definition.of_json(row.definition))


def _open(connection: Connection, definition: Definition, k: int, *, test: bool) -> None:
    if _kept(connection, definition.id):
        raise UsageError(f"{definition.id}: expected a new consultation, found one that is there", "name it anew")
    row = {"id": definition.id, "state": OPEN, "k": k, "test": int(test), "definition": definition.as_json()}
    connection.execute(CONSULTATIONS.insert().values(row))
    names = ("consultation", "choice", "district", "age_band", "people")
    connection.execute(
        BOX.insert(), [dict(zip(names, (definition.id, *cell, 0), strict=True)) for cell in cells(definition)]
    )


def _give(connection: Connection, consultation: str, answer: Answer) -> bool | None:
    _lock(connection)
    state = select(CONSULTATIONS.c.state).where(CONSULTATIONS.c.id == consultation)
    if connection.execute(state).scalar_one_or_none() != OPEN:
        return None
    fresh = _enter(connection, consultation, answer.nullifier)
    _count(connection, consultation, answer, fresh=fresh)
    return fresh


def _close(connection: Connection, consultation: str) -> None:
    _lock(connection)
    opened = (CONSULTATIONS.c.id == consultation) & (CONSULTATIONS.c.state == OPEN)
    connection.execute(update(CONSULTATIONS).where(opened).values(state=CLOSED))


def _empty(connection: Connection, consultation: str) -> None:
    _lock(connection)
    for table in (ROLL, BOX):
        connection.execute(table.delete().where(table.c.consultation == consultation))


def _lock(connection: Connection) -> None:
    """Let answers come one after the other; SQLite does by itself."""
    if connection.dialect.name == "postgresql":
        # It comes before the snapshot, so that the one who waited sees what the others wrote.
        connection.execute(text(f"LOCK TABLE {BOX.name} IN EXCLUSIVE MODE"))


def company(connection: Connection, consultation: str, nullifier: bytes) -> set[bytes]:
    """A nullifier and the rows of the roll that are written with it, whether it is there or not: half beside it."""
    roll = select(ROLL.c.nullifier).where(ROLL.c.consultation == consultation)
    beside = _stretch(connection, roll, nullifier, COMPANY // 2 - 1)
    anywhere = _stretch(connection, roll, secrets.token_bytes(len(nullifier)), COMPANY // 2)
    return {nullifier} | beside | anywhere


def _enter(connection: Connection, consultation: str, nullifier: bytes) -> bool:
    """Write a nullifier into the roll, in company, whether it is there or not; whether it is new."""
    here = ROLL.c.consultation == consultation
    known = connection.execute(select(ROLL).where(here, ROLL.c.nullifier == nullifier)).first() is not None
    written = sorted(company(connection, consultation, nullifier))
    connection.execute(ROLL.delete().where(here, ROLL.c.nullifier.in_(written)))
    connection.execute(ROLL.insert(), [{"consultation": consultation, "nullifier": each} for each in written])
    return not known


def _stretch(connection: Connection, roll: Select[bytes], around: bytes, size: int) -> set[bytes]:
    """Rows of the roll next to a nullifier, so many before as chance has it, in a ring from last to first.

    Without chance and ring the newest would be the first of its stretch, or alone at the end.
    """
    key = ROLL.c.nullifier
    above, below = roll.where(key > around), roll.where(key < around)
    after = (above.order_by(key), below.order_by(key))
    before = (below.order_by(key.desc()), above.order_by(key.desc()))
    following, preceding = (
        [row for part in side for row in connection.execute(part.limit(size)).scalars()] for side in (after, before)
    )
    first = secrets.randbelow(size + 1)
    return {*preceding[:first], *following[: size - first]}


def _count(connection: Connection, consultation: str, answer: Answer, *, fresh: bool) -> None:
    """Write every counter, of which one goes up where the answer is a person's first."""
    chosen = (BOX.c.choice == answer.choice) & (BOX.c.district == answer.district)
    one = func.coalesce((chosen & (BOX.c.age_band == answer.age_band)).cast(BOX.c.people.type), 0) * int(fresh)
    connection.execute(update(BOX).where(BOX.c.consultation == consultation).values(people=BOX.c.people + one))


def _compact(store: Store) -> None:
    """Write the tables anew without what was deleted, and empty the log of changes where that can be done from here."""
    dialect = store.engine.dialect.name
    pooled = store.engine.raw_connection()
    try:
        if dialect == "postgresql":
            pooled.driver_connection.autocommit = True  # type: ignore[union-attr]
        cursor = pooled.cursor()
        for statement in _COMPACTING[dialect]:
            cursor.execute(statement)
        if dialect == "sqlite":
            _empty_log(cursor)
    finally:
        # Not given back: other requests begin transactions by themselves.
        pooled.invalidate()
        pooled.close()


def _empty_log(cursor: DBAPICursor) -> None:
    """Empty the log of changes of SQLite, which says by a row and no error that somebody still reads from it."""
    cursor.execute(_EMPTYING)
    busy, *_ = cursor.fetchone() or (1,)
    if busy:
        raise SystemFailure(
            "the database: expected nobody who reads it while roll and box are removed from its log, found somebody",
            "end the programs that read the database, then run close again",
        )
