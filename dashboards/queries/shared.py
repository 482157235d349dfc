"""Pieces of SQL that several questions share."""

from typing import Final

PLACED: Final = "placed AS (SELECT part, inside FROM placement WHERE zone_id = $zone)"
"""The parts that have to do with a zone, and whether they lie in it."""

NAMED: Final = (
    "named AS (SELECT part, part.zone_id FROM part_zone JOIN part USING (part) WHERE part_zone.zone_id = $zone)"
)
"""The parts that a zone is named in, alone or in a pool."""

MEASURES: Final = (
    "devices::BIGINT AS devices, people::DOUBLE AS people, people_low::DOUBLE AS people_low, "
    "people_high::DOUBLE AS people_high"
)
"""The measures of a row as they were published."""

# Only for parts of one slot, which share nobody: their errors are independent. A sum of one row is that row.
SUMMED: Final = """
    sum(devices)::BIGINT AS devices,
    sum(people)::DOUBLE AS people,
    greatest(floor((sum(people) - sqrt(sum(power(people - people_low, 2)))) / 10) * 10, 0) AS people_low,
    ceil((sum(people) + sqrt(sum(power(people_high - people, 2)))) / 10) * 10 AS people_high
"""
