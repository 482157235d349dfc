"""One day figure by zone, protected by itself: what a test of a single indicator asks for.

The software has one door, which compares all figures of a day: a table that passed it alone is not safe beside others.
"""

from collections.abc import Sequence

import pyarrow as pa

from anonymization.comparisons import BY_ARRIVAL, BY_ORIGIN, NIGHTS
from anonymization.origins import OriginTally
from anonymization.protect import Protection
from anonymization.protect_days import Day, protect_attendance
from anonymization.tally import Tally
from anonymization.zone_days import ZonePart
from schemas.indicators import INDICATORS, Indicator


def protect_zone_day(
    indicator: Indicator, parts: Sequence[ZonePart], day: Day, counts: Tally, protection: Protection
) -> pa.Table:
    """One released day figure by zone, protected by itself."""
    return protect_attendance(parts, {indicator.name: counts}, None, day, protection)[indicator.name]


def protect_nights(parts: Sequence[ZonePart], day: Day, counts: Tally, protection: Protection) -> pa.Table:
    """The released `nights`, protected by itself."""
    return protect_zone_day(INDICATORS[NIGHTS], parts, day, counts, protection)


def protect_arrivals(parts: Sequence[ZonePart], day: Day, counts: Tally, protection: Protection) -> pa.Table:
    """The released `dwell_by_arrival`, protected by itself."""
    return protect_zone_day(INDICATORS[BY_ARRIVAL], parts, day, counts, protection)


def protect_origins(parts: Sequence[ZonePart], day: Day, counts: OriginTally, protection: Protection) -> pa.Table:
    """The released `attendance_by_origin`, protected by itself."""
    return protect_attendance(parts, {}, counts, day, protection)[BY_ORIGIN]
