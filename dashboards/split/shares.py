"""What published classes tell of a share of people and of the median; merged ones leave both open.

The classes are rows with `value`, `people`, `people_low` and `people_high`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

import pandas as pd

from dashboards.baseline import Figure
from schemas.vocabulary import ALL, SEPARATOR


@dataclass(frozen=True)
class Share:
    """A share of people, at `least` and at `most` where a merged class lies on both sides, and the interval of both."""

    least: float
    most: float
    low: float
    high: float

    @property
    def one_sided(self) -> bool:
        """Whether only one side of it is published: the other is no published zero, and the share has no interval."""
        return self.least == self.most and self.least in (0.0, 1.0)

    @property
    def figure(self) -> Figure | None:
        """The share in per cent as one figure; None where it lies between two, or only one side is published."""
        if self.least != self.most or self.one_sided:
            return None
        return Figure(100 * self.least, 100 * self.low, 100 * self.high)


@dataclass(frozen=True)
class Middle:
    """Where the middle one of all people is, as places of bands: between `first` and `last` by the published classes.

    `low` and `high`: the same by the intervals of the classes.
    """

    first: int
    last: int
    low: int
    high: int

    @property
    def figure(self) -> Figure | None:
        """The place as one figure; None where it lies between two."""
        return Figure(self.first, self.low, self.high) if self.first == self.last else None


def share_of(rows: pd.DataFrame, wanted: Collection[str]) -> Share | None:
    """The share of the people who are in some of the classes; None where there are no rows."""
    inside, mixed = _sides(rows, wanted)
    whole = float(rows["people"].sum())
    if not whole:
        return None
    least, most = (float(rows["people"][chosen].sum()) / whole for chosen in (inside, inside | mixed))
    low = least - _margin(rows, inside, least, whole)
    high = most + _margin(rows, inside | mixed, most, whole)
    return Share(least, most, max(low, 0.0), min(high, 1.0))


def middle_of(rows: pd.DataFrame, bands: Sequence[str]) -> Middle | None:
    """The bands, in their order, that may hold the middle one of all people; None where there are no rows."""
    if not rows["people"].sum():
        return None
    plain = [place for place in range(len(bands)) if _may_hold(rows, bands, place, "people", "people")]
    wide = [place for place in range(len(bands)) if _may_hold(rows, bands, place, "people_low", "people_high")]
    return Middle(plain[0], plain[-1], wide[0], wide[-1])


def _may_hold(rows: pd.DataFrame, bands: Sequence[str], place: int, least: str, most: str) -> bool:
    """Whether as many people can be before the end of a band as after, and as many after its start as before.

    A class that is merged may be all on either side; those of the band itself never speak against it.
    """
    if not any(value == ALL or bands[place] in value.split(SEPARATOR) for value in rows["value"]):
        return False
    sides = (_sides(rows, others)[0] for others in (bands[:place], bands[place + 1 :]))
    return all(rows[least][side].sum() <= rows[most][~side].sum() for side in sides)


def _sides(rows: pd.DataFrame, wanted: Collection[str]) -> tuple[pd.Series, pd.Series]:
    """Which rows lie wholly in some classes, and which only in part."""
    members = [set(value.split(SEPARATOR)) for value in rows["value"]]
    chosen = set(wanted)
    whole = [each <= chosen for each in members]
    part = [not each <= chosen and bool(each & chosen | each & {ALL}) for each in members]
    return pd.Series(whole, rows.index, dtype=bool), pd.Series(part, rows.index, dtype=bool)


def _margin(rows: pd.DataFrame, chosen: pd.Series, share: float, whole: float) -> float:
    """Half the interval of a share; errors of different classes are independent."""
    errors = (rows["people"] - rows["people_low"]).clip(lower=rows["people_high"] - rows["people"])
    inside, outside = (sqrt(float((errors[side] ** 2).sum())) for side in (chosen, ~chosen))
    return sqrt(((1 - share) * inside) ** 2 + (share * outside) ** 2) / whole
