"""Presence by half hour, as Flux Vision delivers it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from anonymization.released import Day
from pipelines.exports.fluxvision_lines import MASKED, Row, volume
from pipelines.exports.zones import Zone
from schemas.vocabulary import SEPARATOR

PRESENCE: Final = "presence"

_HALF_HOUR: Final = 30 * 60 * 1_000_000
_EVERYBODY: Final = "(total)"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Line = tuple[str, str, str, str, str]


def half_hours(table: pa.Table, day: Day, zones: Sequence[Zone]) -> Iterator[Line]:
    """Local date, local time, zone, type and volume of a day of presence, by time and then zone.

    A zone is counted with those inside it. The volume is the mean of the slots that the half hour meets: two of 15
    minutes, or the one that it lies in. It is masked where one of them is. A repeated hour is there twice.
    """
    slots, edges = _slots(table), day.terms.edges("slot")
    volumes = {start: [volume(rows, zone.inside) for zone in zones] for start, rows in slots.items()}
    masked = [MASKED] * len(zones)
    for begin in range(day.terms.start, day.terms.end, _HALF_HOUR):
        met = edges[:-1][(edges[:-1] < begin + _HALF_HOUR) & (edges[1:] > begin)].tolist()
        local = (_EPOCH + timedelta(microseconds=begin)).astimezone(ZoneInfo(day.timezone))
        stated = zip(*(volumes.get(start, masked) for start in met), strict=True)
        for zone, several in zip(zones, stated, strict=True):
            yield f"{local:%Y-%m-%d}", f"{local:%H:%M}", zone.label, _EVERYBODY, _mean(several)


def _slots(table: pa.Table) -> dict[int, list[Row]]:
    """For each slot, by its start in microseconds, the people of each part's zones."""
    summed = (
        table.select(["window_start", "zone_id", "people"])
        .group_by(["window_start", "zone_id"])
        .aggregate([("people", "sum")])
    )
    starts = summed["window_start"].cast(pa.int64()).to_pylist()
    slots: dict[int, list[Row]] = {}
    for start, zone_id, people in zip(
        starts, summed["zone_id"].to_pylist(), summed["people_sum"].to_pylist(), strict=True
    ):
        slots.setdefault(start, []).append((frozenset(zone_id.split(SEPARATOR)), people))
    return slots


def _mean(volumes: Sequence[str]) -> str:
    """The rounded mean, a half upwards."""
    if MASKED in volumes:
        return MASKED
    return str(int(np.floor(np.mean([int(each) for each in volumes]) + 0.5)))
