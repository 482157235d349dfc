"""The matrix of flows, from zone to zone: people where a pair has a figure, and what each other pair is."""

from dataclasses import dataclass
from typing import Final

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboards.arithmetic import MEASURES
from dashboards.charts import Chart, dressed
from dashboards.maps.mapframe import RAMP
from dashboards.palette import Paint
from dashboards.states import NO_DATA, POOLED, PUBLISHED
from dashboards.texts import Language
from schemas.vocabulary import ALL, SEPARATOR

MOST_ZONES: Final = 40
MOST_WITH_NUMBERS: Final = 15
SAME: Final = "same_zone"
"""Of a zone to itself: a trip leads to another zone."""


Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]
Words = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Matrix:
    """Origins by destinations: double[n, n] people and interval, null where there is no figure, and `status`.

    `more`: bool[n, n], whether the pair is in a merged pair as well, so that there are as many people or more.
    """

    zones: tuple[str, ...]
    people: Numbers
    low: Numbers
    high: Numbers
    status: Words
    more: npt.NDArray[np.bool_]


def matrix(pairs: pd.DataFrame, zones: tuple[str, ...]) -> Matrix:
    """The matrix of some zones, from pairs as `trips` has them; pools are not spread over it."""
    places = pd.Index(zones)
    size = len(zones)
    origin, destination = (places.get_indexer(pairs[end]) for end in ("origin", "destination"))
    single = (origin >= 0) & (destination >= 0)
    at = (origin[single], destination[single])
    people, low, high = (_placed(pairs[name].to_numpy()[single], at, size) for name in MEASURES)
    rest = pairs[~single]
    merged = (_members(rest["origin"], zones).T @ _members(rest["destination"], zones)) > 0
    status = np.where(~np.isnan(people), PUBLISHED.code, np.where(merged, POOLED.code, NO_DATA.code)).astype(object)
    np.fill_diagonal(status, SAME)
    missing = (pairs["days_published"] < pairs["days"]).to_numpy(dtype=float)[single]
    more = ~np.isnan(people) & (merged | (_placed(missing, at, size) > 0))
    return Matrix(zones, people, low, high, status, more)


def busiest(pairs: pd.DataFrame, zones: tuple[str, ...]) -> tuple[str, ...]:
    """As many zones as a matrix can show, those with the most trips of their own first to stay; in their order."""
    if len(zones) <= MOST_ZONES:
        return zones
    ends = pd.concat([pairs.set_index(end)["people"] for end in ("origin", "destination")])
    sums = ends.groupby(level=0).sum().reindex(list(zones)).fillna(0.0)
    kept = set(sums.sort_values(ascending=False, kind="stable").index[:MOST_ZONES])
    return tuple(zone for zone in zones if zone in kept)


def wide(grid: Numbers, found: Matrix) -> pd.DataFrame:
    """One row for each origin and one column for each destination; a pair without a figure has its status."""
    cells = np.where(np.isnan(grid), found.status, grid.astype(object))
    frame = pd.DataFrame(cells, columns=list(found.zones))
    frame.insert(0, "origin", list(found.zones))
    return frame


def long(found: Matrix) -> pd.DataFrame:
    """One row for each pair of two zones: `origin`, `destination`, people and interval, `status` and `more`."""
    size = len(found.zones)
    zones = np.array(found.zones, object)
    frame = pd.DataFrame(
        {
            "origin": np.repeat(zones, size),
            "destination": np.tile(zones, size),
            "people": found.people.ravel(),
            "people_low": found.low.ravel(),
            "people_high": found.high.ravel(),
            "status": found.status.ravel(),
            "at_least": found.more.ravel(),
        }
    )
    return frame[frame["status"] != SAME].reset_index(drop=True)


def chart(cells: pd.DataFrame, order: list[str], titles: tuple[str, str], language: Language, paint: Paint) -> Chart:
    """The matrix as a picture: `from`, `to`, `people`, `status`, `written` and `tip` of each pair.

    Colour and number say how many; a pair that is only in pools has a slash, one without any figure a dot.
    """
    x = alt.X(
        "to:N",
        sort=order,
        title=titles[1],
        axis=alt.Axis(orient="top", labelAngle=-60, labelLimit=130, labelOverlap=False),
    )
    y = alt.Y("from:N", sort=order, title=titles[0], axis=alt.Axis(labelLimit=150, labelOverlap=False))
    colour = alt.Color("people:Q", scale=alt.Scale(type="sqrt", range=list(RAMP)), legend=None)
    base = alt.Chart(cells).encode(x=x, y=y, tooltip=alt.Tooltip("tip:N", title=" "))
    published = base.transform_filter(alt.datum.status == PUBLISHED.code)
    pooled = base.transform_filter(alt.datum.status == POOLED.code)
    nothing = base.transform_filter(alt.datum.status == NO_DATA.code)
    many = len(order) > MOST_WITH_NUMBERS
    # Where every pair is in a pool there is no largest one.
    middle = float(cells["people"].fillna(0).max() if len(cells) else 0) * 0.3
    ink = alt.condition(alt.datum.people > middle, alt.value("#ffffff"), alt.value("#10151f"))
    layers = [
        published.mark_rect(stroke=paint.ground, strokeWidth=1).encode(color=colour),
        pooled.mark_rect(color=paint.shared, stroke=paint.ground, strokeWidth=1),
        pooled.mark_text(text="╱", color=paint.text, fontSize=9 if many else 13),
        nothing.mark_text(text="·", color=paint.muted, fontSize=12),
        published.mark_text(fontSize=9 if many else 11).encode(
            text=alt.Text("sign:N" if many else "written:N"), color=ink
        ),
    ]
    return dressed(alt.layer(*layers), language, paint)


def side(zones: int) -> int:
    """The height of the picture, in pixels."""
    return min(max(zones * 26, 160), 760) + 110


def _members(ends: pd.Series, zones: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """int64[rows, zones]: 1 where an end names a zone, or all of them."""
    places = {zone: place for place, zone in enumerate(zones)}
    known, row = np.unique(ends.to_numpy(dtype=object).astype(str), return_inverse=True)
    found = np.zeros((len(known), len(zones)), np.int64)
    for at, end in enumerate(known.tolist()):
        members = zones if end == ALL else end.split(SEPARATOR)
        found[at, [places[zone] for zone in members if zone in places]] = 1
    return found[row]


def _placed(values: Numbers, at: tuple[Places, Places], size: int) -> Numbers:
    """double[n, n]: the sum of the values of each pair; null where there is none."""
    found, counted = np.zeros((size, size)), np.zeros((size, size), np.int64)
    np.add.at(found, at, values)
    np.add.at(counted, at, 1)
    return np.where(counted > 0, found, np.nan)
