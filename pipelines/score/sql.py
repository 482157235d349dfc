"""SQL over Arrow tables: the joins of the comparisons."""

from functools import cache
from typing import Any

import duckdb
import pyarrow as pa


def ask(query: str, /, **tables: pa.Table) -> pa.Table:
    """The answer to a query over tables by their names; instants are in UTC. Not for several threads."""
    connection = _connection()
    for name, table in tables.items():
        connection.register(name, table)
    try:
        return connection.sql(query).to_arrow_table()
    finally:
        for name in tables:
            connection.unregister(name)


@cache
def _connection() -> Any:
    """One for all queries: to open one takes longer than most of them do."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    # Several threads add up in any order: the last digits would differ from one call to the next.
    connection.execute("SET threads = 1")
    # It would write into what a command prints.
    connection.execute("SET enable_progress_bar = false")
    return connection
