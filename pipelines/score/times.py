"""When both a release and the truth speak: the slots, hours and days that can be compared at all."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from pipelines.score.sql import ask
from pipelines.score.truth import Truth
from schemas.errors import InputError

_WINDOW: Final = "window_start, window_end"
_HOUR: Final = ("presence_by_age", _WINDOW)
_DAY: Final = ("attendance", "date")
_TOLD_BY: Final = {
    "presence": ("presence", _WINDOW),
    "presence_by_age": _HOUR,
    "presence_by_spc": _HOUR,
    "flows": _HOUR,
}
"""By indicator, the table of the truth that has all of its windows, and the columns that name one; else _DAY."""


def common(tables: Mapping[str, pa.Table], truth: Truth) -> tuple[dict[str, pa.Table], dict[str, int]]:
    """Released tables without the rows of windows of which there is no truth, and how many rows these were.

    Raises InputError where no row is left of any: then the truth is of other days, or of other slots.
    """
    kept: dict[str, pa.Table] = {}
    left_out: dict[str, int] = {}
    for name, table in tables.items():
        source, columns = _TOLD_BY.get(name, _DAY)
        query = f"SELECT * FROM released SEMI JOIN truth USING ({columns})"  # noqa: S608
        kept[name] = ask(query, released=table, truth=truth[source])
        left_out[f"{name}: row of a time of which there is no truth"] = len(table) - len(kept[name])
    if tables and not any(map(len, kept.values())):
        raise InputError(
            "expected a truth of the days and slots of the release, found one of others",
            "give the truth of the simulation from which the release was made, and run it with slots of 15 minutes",
        )
    return kept, left_out
