"""What is open nearest to a place, as the crow flies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.feeds.states import OPEN, Standing
from schemas.feeds import Text
from schemas.great_circle import metres

Position = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True)
class Near:
    """Something open, and how far it is in kilometres."""

    standing: Standing
    km: float


def nearest(rows: Iterable[Standing], place: Position) -> list[Near]:
    """What is open and has a position, the nearest first."""
    found = [Near(row, kilometres(place, row.item.position)) for row in rows if row.state is OPEN and row.item.position]
    return sorted(found, key=lambda each: (each.km, each.standing.item.key))


def kilometres(one: Position, other: Position) -> float:
    """The great-circle distance of two positions."""
    (longitude, latitude), (other_longitude, other_latitude) = one, other
    return metres(latitude, longitude, other_latitude, other_longitude) / 1000


def services(rows: Sequence[Standing]) -> dict[str, Text]:
    """What can be looked for, by a key: the tags of what has hours and a position; its categories where it has none."""
    able = [row.item for row in rows if row.item.opening is not None and row.item.position is not None]
    tagged = [tag for item in able for tag in item.tags]
    texts = tagged or [item.category for item in able]
    named = {text.fr: text for text in texts if text.fr}
    return {key: named[key] for key in sorted(named)}


def offering(rows: Iterable[Standing], service: str) -> list[Standing]:
    """What offers a service or is of a category, all of it for ""."""
    return [row for row in rows if not service or service in {text.fr for text in (*row.item.tags, row.item.category)}]


def coordinates(written: str) -> Position | None:
    """A latitude and a longitude as people write them: `47.32, 5.04` or `47,32 ; 5,04`; None for anything else."""
    decimals = written.replace(",", ".") if ";" in written else written
    found = re.fullmatch(r"\s*(-?\d{1,2}(?:\.\d{1,12})?)\s*[;,\s]\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*", decimals)
    if found is None:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    return (longitude, latitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
