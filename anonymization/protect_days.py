"""Day figures by zone: the plain one, its attributes, and what is split below the classes of an attribute.

The figures of a day are protected together: what one attribute tells of a zone is compared with what the others tell of
the zones around it (`collapse.py`).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.collapse import without_isolating
from anonymization.comparisons import BY_ARRIVAL, BY_CATEGORY, BY_ORIGIN, DWELLS, NIGHTS
from anonymization.day_rows import (
    DayRows,
    arrival_rows,
    class_rows,
    night_rows,
    origin_rows,
    plain_rows,
)
from anonymization.origins import Origins, OriginTally
from anonymization.protect import Protection, Rows, released
from anonymization.tally import Tally, nothing
from anonymization.zone_days import ZonePart, nested_parts
from schemas.indicators import INDICATORS, Indicator
from schemas.vocabulary import ARRIVAL_HOURS, DWELL_BANDS

Ints = npt.NDArray[np.int64]
Day = tuple[int, int]
"""The instants at which a privacy day begins and ends."""

FIRST_HOUR = 5
"""The clock hour in which privacy days usually begin."""


def protect_attendance(
    parts: Sequence[ZonePart],
    counts: Mapping[str, Tally],
    origins: OriginTally | None,
    day: Day,
    protection: Protection,
    first_hour: int = FIRST_HOUR,
) -> dict[str, pa.Table]:
    """The released day figures by zone, for each indicator that is counted: the tables of `attendance_rows`."""
    return released_day(attendance_rows(parts, counts, origins, protection, first_hour), parts, day, protection)


def attendance_rows(
    parts: Sequence[ZonePart],
    counts: Mapping[str, Tally],
    origins: OriginTally | None,
    protection: Protection,
    first_hour: int = FIRST_HOUR,
) -> dict[str, DayRows]:
    """The rows by indicator as they will be printed, with exact counts, such that no two of them isolate anybody.

    `counts`: a tally for each indicator, but that by origin. The plain figure is [parts]; an attribute is [parts,
    classes], for age and class one column more, foreign devices last; `nights` [parts, categories, 2]: who did not
    spend the night, and who did; `dwell_by_arrival` [parts, bands, 24]: by local hour. `first_hour`: the clock hour in
    which the day begins. A part that holds a sensitive zone is published as a plain figure only. Raises ValueError
    where the counts are not those of the parts.
    """
    for name, tally in counts.items():
        _must_match(INDICATORS[name], parts, _per_part(tally))
    whole = [name for name in counts if not INDICATORS[name].attributes]
    plain = _splittable(parts, protection)
    rows, arrivals = _split(parts, plain, {name: counts[name] for name in counts if name not in whole}, protection)
    places = Origins(protection.territory.zones)
    if origins is not None:
        _must_match(INDICATORS[BY_ORIGIN], parts, origins.per_part(len(parts)))
        rows[BY_ORIGIN] = origin_rows(places, parts, plain, origins, protection.policy)
    turns = nested_parts(protection.territory.zones, parts)

    def residents(part: int) -> Ints:
        return places.residents(parts[part].zones)

    rows = without_isolating(rows, turns, protection.policy.k, places.place, first_hour, residents, arrivals)
    rows |= {name: plain_rows(counts[name]) for name in whole}
    wanted = [name for name in INDICATORS if name in counts or (name == BY_ORIGIN and origins is not None)]
    return {name: rows[name] for name in wanted}


def released_day(
    rows: Mapping[str, DayRows], parts: Sequence[ZonePart], day: Day, protection: Protection
) -> dict[str, pa.Table]:
    """The public tables of the rows of a day, by indicator."""
    return {name: _released(INDICATORS[name], parts, day, each, protection) for name, each in rows.items()}


def _split(
    parts: Sequence[ZonePart], plain: Ints, counts: Mapping[str, Tally], protection: Protection
) -> tuple[dict[str, DayRows], DayRows]:
    """The rows of each attribute, and what stands in `dwell_by_arrival` without hours.

    What nights and arrivals split is compared, too, whether or not it is asked for.
    """
    policy = protection.policy
    above = {BY_CATEGORY: NIGHTS, DWELLS: BY_ARRIVAL}
    summed = {name: counts[below].sum(axis=2) for name, below in above.items() if below in counts}
    arrivals = nothing(len(parts), len(DWELL_BANDS), len(ARRIVAL_HOURS))
    by_arrival, without_hours = arrival_rows(counts.get(BY_ARRIVAL, arrivals)[plain], policy)
    rows = {
        name: class_rows(INDICATORS[name], tally[plain], policy)
        for name, tally in {**summed, **counts}.items()
        if name not in above.values()
    }
    if NIGHTS in counts:
        rows[NIGHTS] = night_rows(counts[NIGHTS][plain], policy)
    if BY_ARRIVAL in counts:
        rows[BY_ARRIVAL] = by_arrival
    return {name: each.in_parts(plain) for name, each in rows.items()}, without_hours.in_parts(plain)


def _splittable(parts: Sequence[ZonePart], protection: Protection) -> Ints:
    """int64[...]: the parts without a sensitive zone."""
    zones = protection.territory.zones
    return np.array(
        [at for at, part in enumerate(parts) if not any(zones[zone].sensitive for zone in part.zones)], np.int64
    )


def _per_part(counts: Tally) -> Tally:
    """The sums over all axes but the first."""
    while len(counts.shape) > 1:
        counts = counts.sum(axis=1)
    return counts


def _must_match(indicator: Indicator, parts: Sequence[ZonePart], counts: Tally) -> None:
    """Raise ValueError where counts are not of exactly the devices of the parts: k was tested on these."""
    expected = np.array([part.devices for part in parts], np.int64)
    if counts.shape != expected.shape or (counts.devices != expected).any():
        raise ValueError(f"{indicator.name}: expected the devices of the day's parts, got other counts")


def _released(
    indicator: Indicator, parts: Sequence[ZonePart], day: Day, rows: DayRows, protection: Protection
) -> pa.Table:
    """Rows of one day window."""
    start, end, block = (np.full(rows.part.size, number, np.int64) for number in (*day, -1))
    shapes = [each.nodes for each in parts]
    return released(
        indicator, Rows(start, end, block, rows.part, shapes, rows.values, rows.devices_of, rows.tally), protection
    )
