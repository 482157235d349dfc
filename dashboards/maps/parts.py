"""The published parts of presence at one instant, as areas of a map coloured by how dense people are in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import h3
import numpy as np
import pandas as pd

from dashboards import degraded, queries, texts
from dashboards.maps.area import Area, hexagons
from dashboards.maps.mapframe import Frame, colour, frame_of, steps
from dashboards.states import DEGRADED, POOLED, PUBLISHED, State
from dashboards.texts import Text
from dashboards.view import View

HEXAGON: Final = Text("1 hexagon", "1 hexagone")
HEXAGONS: Final = Text("{count} hexagons together", "{count} hexagones ensemble")
PER_KM2: Final = Text("{density} per km² over {area} km²", "{density} par km² sur {area} km²")
REACHES_OUT: Final = Text("reaches beyond the zone", "dépasse la zone")


@dataclass(frozen=True)
class Snapshot:
    """The parts in view at an instant (the answer to PARTS, with `state` and `hexagons`), and the same as areas.

    `bounds` are those of the colours, which are the same all day; `finest` the resolution of the hexagons.
    """

    parts: pd.DataFrame
    areas: Sequence[Area]
    bounds: list[float]
    finest: int

    @property
    def pooled_share(self) -> float | None:
        """The share of the people in the parts of the zone who are not in a single hexagon of it; None of nobody."""
        own = self.parts[self.parts["touches"]]
        whole = float(own["people"].sum())
        apart = own["inside"].eq(True) & (own["hexagons"] == 1)
        return 1 - float(own["people"][apart].sum()) / whole if whole else None


def snapshot(view: View, moment: datetime) -> Snapshot:
    """The parts around the zone at a local instant."""
    corners = corners_of(frame_of(view.zone))
    parts = view.ask(queries.PARTS, at=moment.astimezone(UTC).isoformat(), **corners)
    greatest = view.store.ask(queries.GREATEST_DENSITY, day=view.day.date.isoformat(), **corners)["density"].max()
    finest = int(view.store.ask(queries.FINEST)["resolution"].max())
    parts["hexagons"] = [hexagons(cells, finest) for cells in parts["cells"]]
    parts["state"] = _states(view, moment, parts)
    bounds = steps(float(greatest) if pd.notna(greatest) else 1.0)
    return Snapshot(parts, [_area(view, row, bounds) for _, row in parts.iterrows()], bounds, finest)


def corners_of(frame: Frame) -> dict[str, float]:
    """The edges of a map, as questions name them."""
    return {"west": frame.west, "south": frame.south, "east": frame.east, "north": frame.north}


def size(view: View, count: int) -> str:
    """How many hexagons a part has, in words."""
    return view.say(HEXAGON) if count == 1 else view.say(HEXAGONS, count=view.number(count))


def density(view: View, row: pd.Series) -> str:
    """How dense people are in a part."""
    found = row["people"] / row["km2"]
    return view.number(found, 0 if found >= 10 else 1)


def key_of(cells: np.ndarray) -> str:
    """What names a part in an address: the first of its hexagons."""
    name: str = h3.int_to_str(int(min(cells)))
    return name


def _states(view: View, moment: datetime, parts: pd.DataFrame) -> list[State]:
    flags = degraded.flags_of(view.day, "presence")
    start = moment.astimezone(UTC)
    named = (
        (start, zone_id, f"{int(cells[0]):x}") for zone_id, cells in zip(parts["zone_id"], parts["cells"], strict=True)
    )
    return [
        DEGRADED if name in flags else POOLED if count > 1 else PUBLISHED
        for name, count in zip(named, parts["hexagons"], strict=True)
    ]


def _area(view: View, row: pd.Series, bounds: Sequence[float]) -> Area:
    cells = tuple(int(cell) for cell in row["cells"])
    lines = [
        view.area(row["zone_id"]),
        view.say(texts.PEOPLE_BETWEEN, people=view.number(row["people"]), between=view.between(row)),
        view.say(PER_KM2, density=density(view, row), area=view.number(row["km2"], 1)),
        size(view, row["hexagons"]),
    ]
    if row["touches"] and not row["inside"]:
        lines.append(view.say(REACHES_OUT))
    state: State = row["state"]
    if state is not PUBLISHED:
        lines.append(state.explained(view.language))
    figure = f"{view.number(row['people'])} {view.say(texts.PEOPLE)}"
    fill = colour(float(row["people"]) / float(row["km2"]), bounds)
    return Area(key_of(row["cells"]), lines[0], cells, fill, state, row["hexagons"] > 1, tuple(lines), "", figure)
