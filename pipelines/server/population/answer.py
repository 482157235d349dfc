"""What is answered: for each hour and geohash cell, a density, or why there is none."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import numpy as np

from pipelines.server.population.density import Truths, of_boxes
from pipelines.server.population.forecast import earlier_hours, forecast
from pipelines.server.population.geohash import Boxes
from pipelines.server.population.grid import Numbers, Shares
from pipelines.server.population.snapshot import Snapshot

SUPPORTED_SHARE: Final = 0.5
"""A cell is answered for where at least so much of its area is in the territory."""
TEST: Final = "This is a test release: its figures are not of real people."
_LARGEST: Final = 2**31 - 1
_SECONDS: Final = 3600
_WITHOUT: Final = ("NO_DATA", "LOW_DENSITY")
_ESTIMATED: Final = len(_WITHOUT)
Status: TypeAlias = Literal["SUPPORTED_AREA", "PART_OF_AREA_NOT_SUPPORTED", "AREA_NOT_SUPPORTED"]


@dataclass(frozen=True)
class Asked:
    """The cells, as they are written and as boxes in degrees, and the hours, counted from 1970 in UTC.

    `to_come`: whether the hours are to be forecast.
    """

    geohashes: Sequence[str]
    boxes: Boxes
    hours: range
    to_come: bool

    @property
    def size(self) -> int:
        """How many densities are asked for."""
        return len(self.geohashes) * len(self.hours)


@dataclass(frozen=True)
class Answered:
    """One hour: float64[n, 3] with NaN where there is no density; `low`: which of them are held back below k.

    `degraded`: over which of them the network was silent or out.
    """

    densities: Numbers
    low: Truths
    degraded: Truths


def answer(snapshot: Snapshot, asked: Asked, operation: str = "") -> bytes:
    """The body of a response, JSON; with `operation`, that of a callback.

    Raises CheckFailed where a file of the release is no longer as it was published.
    """
    shares = snapshot.grid.shares(asked.boxes)
    supported = np.bincount(shares.box, shares.share, len(asked.boxes)) >= SUPPORTED_SHARE
    status = status_of(supported)
    hours = asked.hours if supported.any() else range(0)
    answered = [_hour(snapshot, hour, shares, len(asked.boxes), asked.to_come) for hour in hours]
    fields = {"status": status, "statusInfo": _info(answered, supported, asked.to_come, snapshot.release.test)}
    fields |= {"operationId": operation} if operation else {}
    head = json.dumps({name: value for name, value in fields.items() if value}, separators=(",", ":"))
    timed = ",".join(
        _interval(hour, asked.geohashes, each, supported) for hour, each in zip(hours, answered, strict=True)
    )
    return f'{head[:-1]},"timedPopulationDensityData":[{timed}]}}'.encode()


def status_of(supported: Truths) -> Status:
    """Whether all, some or none of the cells are in the territory."""
    if not supported.any():
        return "AREA_NOT_SUPPORTED"
    return "SUPPORTED_AREA" if supported.all() else "PART_OF_AREA_NOT_SUPPORTED"


def _hour(snapshot: Snapshot, hour: int, shares: Shares, boxes: int, to_come: bool) -> Answered:
    """The answer for an hour, forecast where it is to come."""
    hours = earlier_hours(hour, snapshot.zone, snapshot.knows) if to_come else [hour]
    published = [density for each in hours if (density := snapshot.at(each)) is not None]
    if not published:
        return Answered(np.full((boxes, 3), np.nan), np.zeros(boxes, np.bool_), np.zeros(boxes, np.bool_))
    # An hour of which the whole territory is below k has no row at all.
    held_back = any(not np.isfinite(density).any() for density in published)
    found = np.stack([of_boxes(density, shares, boxes) for density in published])
    flagged = np.any([snapshot.degraded(each) for each in hours], axis=0)[shares.hexagon]
    degraded = np.bincount(shares.box[flagged], minlength=boxes) > 0
    return Answered(forecast(found) if to_come else found[0], np.full(boxes, held_back), degraded)


def _interval(hour: int, geohashes: Sequence[str], answered: Answered, supported: Truths) -> str:
    there = np.isfinite(answered.densities[:, 0]) & supported
    bounded = np.clip(np.nan_to_num(answered.densities), 0, _LARGEST)
    people, low, high = np.rint(bounded[:, 0]), np.floor(bounded[:, 1]), np.ceil(bounded[:, 2])
    rows = np.stack([people, low, high], axis=1).astype(np.int64).tolist()
    kinds = np.where(there, _ESTIMATED, np.where(answered.low & supported, 1, 0)).tolist()
    cells = ",".join(
        f'{{"geohash":"{geohash}","dataType":"DENSITY_ESTIMATION",'
        f'"pplDensity":{row[0]},"minPplDensity":{row[1]},"maxPplDensity":{row[2]}}}'
        if kind == _ESTIMATED
        else f'{{"geohash":"{geohash}","dataType":"{_WITHOUT[kind]}"}}'
        for geohash, kind, row in zip(geohashes, kinds, rows, strict=True)
    )
    return f'{{"startTime":"{_instant(hour)}","endTime":"{_instant(hour + 1)}","cellPopulationDensityData":[{cells}]}}'


def _info(answered: Sequence[Answered], supported: Truths, to_come: bool, test: bool) -> str:
    """What a reader has to know of the figures, at most 512 characters; "" where there is nothing to say."""
    missing = sum(not (np.isfinite(each.densities[supported, 0]) | each.low[supported]).any() for each in answered)
    degraded = sum(bool(each.degraded[supported].any()) for each in answered)
    told = [TEST] if test else []
    return " ".join([*told, *_sentences(missing, degraded, len(answered), to_come)])


def _sentences(missing: int, degraded: int, hours: int, to_come: bool) -> Iterator[str]:
    if to_come and missing < hours:
        yield (
            "Hours to come are forecast: the mean of up to 4 published days of the same weekday at the same hour, from "
            "the lowest to the highest bound of these days; public holidays and events are not known."
        )
    if missing:
        why = "fewer than 2 such days are published" if to_come else "the release has no figures of them"
        yield f"{missing} of {hours} hours have no data: {why}."
    if degraded:
        stand = "stand on days when" if to_come else "are degraded:"
        yield f"{degraded} of {hours} hours {stand} radio cells were silent or out, so that people may be missing."


def _instant(hour: int) -> str:
    return datetime.fromtimestamp(hour * _SECONDS, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
