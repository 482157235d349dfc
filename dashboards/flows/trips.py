"""Trips as tables: of one day, or of a mean day of a kind, from the published rows and never from what they leave out.

Pairs have one row each: `origin`, `destination`, `distance_class`, `hours` (published ones), `days` of the kind,
`days_published`, and `people`, `people_low`, `people_high`; those of one day also `devices`, the sum of
these hours. Of several days `people` is the mean over all of them with
nothing in place of a day without a figure: there were as many, or more. People and bounds are exact, so that sums are;
what is shown of them is `in_tens`. Hours, days and pairs have people in common, so that their errors go together: the
bounds of a sum are the sums of the bounds, which are never too near.
"""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
import pandas as pd

from dashboards.arithmetic import MEASURES, in_tens
from dashboards.states import POOLED, PUBLISHED
from schemas.vocabulary import ALL, SEPARATOR

ENDS: Final = ("origin", "destination")


def of_day(rows: pd.DataFrame) -> pd.DataFrame:
    """The pairs of a day, from the answer to FLOWS."""
    found = rows[[*ENDS, "distance_class", "hours", "devices"]].assign(days=1, days_published=1)
    return _stated(found.assign(people=rows["trips"], people_low=rows["trips_low"], people_high=rows["trips_high"]))


def of_mean_day(rows: pd.DataFrame, weekday: str) -> pd.DataFrame:
    """The pairs of a mean day of a kind, from the answer to FLOWS_WEEKDAY_AVERAGE."""
    rows = rows[rows["weekday"] == weekday].reset_index(drop=True)
    share = rows["days_published"] / rows["days"]
    return _stated(
        rows[[*ENDS, "distance_class", "hours", "days", "days_published"]].assign(
            people=rows["trips_least"],
            people_low=rows["trips_low"] * share,
            people_high=rows["trips_high"] * share,
        )
    )


def of_zone(rows: pd.DataFrame, days: int, alone: Collection[str] = ()) -> pd.DataFrame:
    """A zone's trips by hour, from the answer to FLOWS_OF_ZONE for days of one kind: as many as `days`.

    One row per `clock`, `direction` and whether the zone is `alone` at that end; with `alone`, only under these names.
    """
    if alone:
        rows = rows.assign(alone=rows["alone"] & rows["zone_id"].isin(alone))
    summed = rows.groupby(["clock", "direction", "alone"], sort=False, as_index=False).agg(
        people=("trips", "sum"),
        people_low=("trips_low", "sum"),
        people_high=("trips_high", "sum"),
        days_published=("day", "nunique"),
    )
    return summed.assign(**{name: summed[name] / days for name in MEASURES}, days=days)


def pooled_share(pairs: pd.DataFrame) -> float | None:
    """The share of the trips that are in merged pairs; None of no trips."""
    whole = float(pairs["people"].sum())
    return float(pairs.loc[pairs["status"] == POOLED.code, "people"].sum()) / whole if whole else None


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with `at_least`: whether some of their days have no figure, so that there are as many people, or more."""
    return rows.assign(at_least=rows["days_published"] < rows["days"])


def partial(rows: pd.DataFrame) -> bool:
    """Whether a sum of rows is of as many people, or more."""
    return bool(told(rows)["at_least"].any())


def by_end(pairs: pd.DataFrame, end: str) -> pd.DataFrame:
    """Trips by their origin or destination, most first: `place`, people with interval, `status`, `at_least`.

    `at_least`: whether there may be more, as some are in pools with others, or some days have no figure.
    """
    return _summed(pairs, end, "place")


def by_distance(pairs: pd.DataFrame) -> pd.DataFrame:
    """Trips by their class of distance, most first: `value`, and the rest as `by_end`."""
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
    found = in_tens(pairs.groupby(by, as_index=False)[[*MEASURES]].sum()).rename(columns={by: name})
    merged = found[name].str.contains(SEPARATOR, regex=False) | (found[name] == ALL)
    pooled = {member for value in found.loc[merged, name] for member in value.split(SEPARATOR)}
    shared = ~merged & (found[name].isin(pooled) | (ALL in pooled))
    few = set(pairs.loc[pairs["days_published"] < pairs["days"], by])
    rows = found.assign(status=np.where(merged, POOLED.code, PUBLISHED.code), at_least=shared | found[name].isin(few))
    return rows.sort_values(["people", name], ascending=[False, True]).reset_index(drop=True)
