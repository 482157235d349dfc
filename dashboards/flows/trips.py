"""Trips as tables: of one day, or of a mean day of a kind, from the published rows and never from what they leave out.

Pairs have one row each: `origin`, `destination`, `distance_class`, `hours` (published ones), `days` of the kind,
`days_published`, and `people`, `people_low`, `people_high`; those of one day also `devices`, the sum of these hours.
Of several days `people` is the mean over all of them with nothing in place of a day without a figure: there were as
many, or more. It is exact, so that sums are; what is shown of it is `in_tens`.
"""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
import pandas as pd

from dashboards.states import POOLED, PUBLISHED
from schemas.vocabulary import ALL, SEPARATOR

TENS: Final = 10
"""People are printed in tens, and so are sums and means of them."""
ENDS: Final = ("origin", "destination")


def of_day(rows: pd.DataFrame) -> pd.DataFrame:
    """The pairs of a day, from the answer to FLOWS."""
    found = rows[[*ENDS, "distance_class", "hours", "devices"]].assign(days=1, days_published=1)
    return _stated(found.assign(people=rows["trips"], people_low=rows["trips_low"], people_high=rows["trips_high"]))


def of_mean_day(rows: pd.DataFrame, weekday: str) -> pd.DataFrame:
    """The pairs of a mean day of a kind, from the answer to FLOWS_WEEKDAY_AVERAGE."""
    rows = rows[rows["weekday"] == weekday].reset_index(drop=True)
    share = rows["days_published"] / rows["days"]
    least = rows["trips_least"]
    return _stated(
        rows[[*ENDS, "distance_class", "hours", "days", "days_published"]].assign(
            people=least,
            people_low=_below(least - (rows["trips"] - rows["trips_low"]) * share),
            people_high=_above(least + (rows["trips_high"] - rows["trips"]) * share),
        )
    )


def of_zone(rows: pd.DataFrame, days: int, alone: Collection[str] = ()) -> pd.DataFrame:
    """A zone's trips by hour, from the answer to FLOWS_OF_ZONE for days of one kind: as many as `days`.

    One row per `clock`, `direction` and whether the zone is `alone` at that end; with `alone`, only under these names.
    """
    if alone:
        rows = rows.assign(alone=rows["alone"] & rows["zone_id"].isin(alone))
    rows = rows.assign(low=(rows["trips"] - rows["trips_low"]) ** 2, high=(rows["trips_high"] - rows["trips"]) ** 2)
    summed = rows.groupby(["clock", "direction", "alone"], sort=False, as_index=False).agg(
        people=("trips", "sum"), low=("low", "sum"), high=("high", "sum"), days_published=("day", "nunique")
    )
    mean = summed["people"] / days
    return summed[["clock", "direction", "alone", "days_published"]].assign(
        people=mean,
        people_low=_below(mean - np.sqrt(summed["low"]) / days),
        people_high=_above(mean + np.sqrt(summed["high"]) / days),
        days=days,
    )


def in_tens(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as they are shown: people in whole tens, as they are printed."""
    return rows.assign(people=_tens(rows["people"]))


def tens(people: float) -> float:
    """A number of people as it is shown: in whole tens."""
    return float(round(people / TENS)) * TENS


def pooled_share(pairs: pd.DataFrame) -> float | None:
    """The share of the trips that are in merged pairs; None of no trips."""
    whole = float(pairs["people"].sum())
    return float(pairs.loc[pairs["status"] == POOLED.code, "people"].sum()) / whole if whole else None


def by_end(pairs: pd.DataFrame, end: str) -> pd.DataFrame:
    """Trips by their origin or destination, most first: `place`, people with interval, `status`."""
    return _summed(pairs, end, "place")


def by_distance(pairs: pd.DataFrame) -> pd.DataFrame:
    """Trips by their class of distance, most first: `value`, people with interval, `status`."""
    return _summed(pairs, "distance_class", "value")


def touching(pairs: pd.DataFrame, zone_id: str, direction: str) -> pd.DataFrame:
    """The pairs that leave (`out`) or reach (`in`) a zone, or either (`both`), alone or in a pool that it is in."""
    leaves = naming(pairs["origin"], lambda members: zone_id in members)
    # A pool of origins goes anywhere, the zone included.
    reaches = naming(pairs["destination"], lambda members: zone_id in members or ALL in members)
    kept = {"out": leaves, "in": reaches, "both": leaves | reaches}[direction]
    return pairs[kept].reset_index(drop=True)


def within(pairs: pd.DataFrame, zones: Collection[str], everywhere: bool) -> pd.DataFrame:
    """The pairs of which both ends are surely among some zones; `everywhere`: whether no pair leads elsewhere."""
    among = set(zones)
    leaves = naming(pairs["origin"], lambda members: members <= among)
    reaches = naming(pairs["destination"], lambda members: members <= among or (everywhere and ALL in members))
    return pairs[leaves & reaches].reset_index(drop=True)


def naming(ends: pd.Series, rule: Callable[[set[str]], bool]) -> pd.Series:
    """Which rows have an end whose zones meet a rule."""
    known = {each: rule(set(each.split(SEPARATOR))) for each in ends.unique()}
    return ends.map(known).astype(bool)


def in_band(hour: int, first: int, last: int) -> bool:
    """Whether an hour of the clock is in a band that ends before `last`; a band may go over midnight."""
    return first <= hour < last if first < last else hour >= first or hour < last


def _stated(pairs: pd.DataFrame) -> pd.DataFrame:
    merged = pairs["origin"].str.contains(SEPARATOR, regex=False) | pairs["destination"].str.contains(
        SEPARATOR, regex=False
    )
    merged |= (pairs["origin"] == ALL) | (pairs["destination"] == ALL)
    stated = pairs.assign(status=np.where(merged, POOLED.code, PUBLISHED.code))
    return stated.sort_values(["people", *ENDS], ascending=[False, True, True]).reset_index(drop=True)


def _summed(pairs: pd.DataFrame, by: str, name: str) -> pd.DataFrame:
    squares = pairs.assign(
        low=(pairs["people"] - pairs["people_low"]) ** 2, high=(pairs["people_high"] - pairs["people"]) ** 2
    )
    found = squares.groupby(by, as_index=False).agg(people=("people", "sum"), low=("low", "sum"), high=("high", "sum"))
    merged = found[by].str.contains(SEPARATOR, regex=False) | (found[by] == ALL)
    people = found["people"]
    rows = pd.DataFrame(
        {
            name: found[by],
            "people": _tens(people),
            "people_low": _below(people - np.sqrt(found["low"])),
            "people_high": _above(people + np.sqrt(found["high"])),
            "status": np.where(merged, POOLED.code, PUBLISHED.code),
        }
    )
    return rows.sort_values(["people", name], ascending=[False, True]).reset_index(drop=True)


def _tens(values: pd.Series) -> pd.Series:
    return (values / TENS).round() * TENS


def _below(values: pd.Series) -> pd.Series:
    # The square root of a square may miss it by a hair.
    return (np.floor(values.round(6) / TENS) * TENS).clip(lower=0.0)


def _above(values: pd.Series) -> pd.Series:
    return np.ceil(values.round(6) / TENS) * TENS
