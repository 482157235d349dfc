"""Rows that may describe one place twice."""

import re
from typing import Final

from pipelines.feeds.inclusion.communes import spelling
from pipelines.feeds.inclusion.spot import Spot
from pipelines.feeds.rows import Finding, Row, Rows
from schemas.feeds import Text

_BETWEEN: Final = re.compile(r"\s-\s")
_DIGIT: Final = re.compile(r"\d")


def twins(rows: Rows, file: str) -> tuple[Finding, ...]:
    """A warning for each row that has the name, the address or the point of a row before it in its commune."""
    found: list[Finding] = []
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        name, places = _name(row), _places(row)
        spot = Spot.of(file, row)
        if name in seen:
            expected = Text("a name that no other row of the commune has", "un nom qu’aucune autre ligne n’a")
            found.append(spot.warning("nom", expected, _told(seen[name])))
        twin = next((seen[place] for place in places if place in seen), None)
        if twin is not None:
            expected = Text(
                "an address and a point of its own; it may be one place twice, or two services at one address",
                "une adresse et un point à lui\u202f; peut-être un lieu deux fois, ou deux services au même endroit",
            )
            found.append(spot.warning("adresse", expected, _told(twin)))
        seen = {name: row} | dict.fromkeys(places, row) | seen
    return tuple(found)


def _name(row: Row) -> tuple[str, ...]:
    return "name", spelling(str(row["commune"])), spelling(str(row["nom"]))


def _places(row: Row) -> list[tuple[str, ...]]:
    """What may show that a row is at the place of another one: each part of its address, and its point."""
    whole = str(row["adresse"])
    parts = [part for part in _BETWEEN.split(whole) if _DIGIT.search(part)] or [whole]
    found: list[tuple[str, ...]] = [("address", spelling(str(row["commune"])), spelling(part)) for part in parts]
    if row["latitude"] is not None and row["longitude"] is not None:
        found.append(("point", str(row["latitude"]), str(row["longitude"])))
    return found


def _told(row: Row) -> str:
    return f"the same in row {row['line']}, {row['nom']}"
