"""What the published classes of those who came tell: the median of dwell, the share who live elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from dashboards.baseline import Figure
from schemas.vocabulary import ALL, DWELL_BANDS, SEPARATOR

RESIDENT = "resident"


@dataclass(frozen=True)
class Bands:
    """The dwell bands in which a median lies, from `first` to `last`: several where one merged class holds it."""

    first: str
    last: str

    def meets(self, other: "Bands") -> bool:
        """Whether two have a band in common."""
        places = [DWELL_BANDS.index(band) for band in (self.first, other.last, other.first, self.last)]
        return places[0] <= places[1] and places[2] <= places[3]


@dataclass(frozen=True)
class Share:
    """A share of people: from `least` to `most`, as merged classes leave it, with the interval of both."""

    least: float
    most: float
    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether the published classes tell it."""
        return self.least == self.most

    @property
    def figure(self) -> Figure:
        """Its middle, with the interval of all that it can be."""
        return Figure((self.least + self.most) / 2, self.low, self.high)


def median_dwell(rows: pd.DataFrame) -> tuple[Bands, Bands] | None:
    """The bands that hold the median by the published figures, and those that may hold it by their intervals."""
    if rows.empty or list(rows["value"]) == [ALL]:
        return None
    shares = {band: _share(rows, set(DWELL_BANDS[place:])) for place, band in enumerate(DWELL_BANDS)}
    return (
        Bands(_last(shares, lambda share: share.least >= 0.5), _last(shares, lambda share: share.most >= 0.5)),
        Bands(_last(shares, lambda share: share.low >= 0.5), _last(shares, lambda share: share.high >= 0.5)),
    )


def from_elsewhere(rows: pd.DataFrame) -> Share | None:
    """The share of those who do not live in the zone, of the visitor categories; None where they tell nothing."""
    members = {member for value in rows["value"] for member in value.split(SEPARATOR)}
    if rows.empty or members <= {ALL}:
        return None
    found = _share(rows, members - {RESIDENT})
    return None if (found.least, found.most) == (0, 1) else found


def _share(rows: pd.DataFrame, wanted: set[str]) -> Share:
    """The share of people in wanted classes; a merged class may lie on both sides."""
    members = [set(value.split(SEPARATOR)) for value in rows["value"]]
    sure = pd.Series([each <= wanted for each in members], rows.index)
    possible = pd.Series([bool(each & wanted) for each in members], rows.index)
    people, low, high = (rows[name] for name in ("people", "people_low", "people_high"))
    whole = people.sum() or 1.0
    return Share(
        float(people[sure].sum() / whole),
        float(people[possible].sum() / whole),
        _of(low[sure].sum(), high[~sure].sum()),
        _of(high[possible].sum(), low[~possible].sum()),
    )


def _of(part: float, rest: float) -> float:
    return float(part / (part + rest)) if part + rest else 0.0


def _last(shares: dict[str, Share], holds: Callable[[Share], bool]) -> str:
    """The longest band for which something holds; it always does for the first, in which everybody stayed as long."""
    return [band for band, share in shares.items() if holds(share)][-1]
