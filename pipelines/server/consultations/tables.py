"""What the database keeps of consultations: which there are, the roll, and the box; nothing joins roll and box.

`ROLL` holds a nullifier for each person who answered, sorted by it in SQLite (no row numbers that would tell who came
first). `BOX` holds no ballots but a counter for each choice, district and age band, made with 0 when the consultation
opens: no row of it comes into being with an answer.
"""

from typing import Final

from sqlalchemy import DDL, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table, event
from sqlalchemy.dialects import postgresql

TABLES: Final = MetaData()

OPEN, CLOSED, PUBLISHED = "open", "closed", "published"
"""The states of a consultation: it goes on in this order, and never back."""

CONSULTATIONS: Final = Table(
    "consultations",
    TABLES,
    Column("id", String(40), primary_key=True),
    Column("state", String(9), nullable=False),
    Column("k", Integer, nullable=False),
    Column("test", Integer, nullable=False),
    Column("definition", String, nullable=False),
)

ROLL: Final = Table(
    "consultation_roll",
    TABLES,
    Column("consultation", ForeignKey(CONSULTATIONS.c.id), primary_key=True),
    Column("nullifier", LargeBinary(32), primary_key=True),
    sqlite_with_rowid=False,
)

BOX: Final = Table(
    "consultation_box",
    TABLES,
    Column("consultation", ForeignKey(CONSULTATIONS.c.id), primary_key=True),
    Column("choice", String(40), primary_key=True),
    Column("district", String(40), primary_key=True),
    Column("age_band", String(10), primary_key=True),
    Column("people", Integer, nullable=False),
    sqlite_with_rowid=False,
)


def without_statistics(table: Table) -> str:
    """The statement that lets PostgreSQL keep no values of a table for its planner, and removes those that it keeps.

    `ANALYZE`, which it also runs by itself, would copy nullifiers and counters into its catalogue, where they outlive
    their table's rows. It removes them where a column gets a type, be it the one that it has.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    changes = (
        f"ALTER COLUMN {column.name} SET STATISTICS 0, ALTER COLUMN {column.name} TYPE {column.type.compile(dialect)}"
        for column in table.columns
    )
    return f"ALTER TABLE {table.name} {', '.join(changes)}"


for _table in (ROLL, BOX):
    _made = DDL(without_statistics(_table))  # type: ignore[no-untyped-call]
    event.listen(_table, "after_create", _made.execute_if(dialect="postgresql"))
