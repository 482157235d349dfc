"""The indicators that split a part by one attribute, against the truth."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pipelines.score.figure import Figure, Scored
from pipelines.score.pairs import coverage, pairs_of
from pipelines.score.places import Parts
from pipelines.score.split import Split, compare
from pipelines.score.sql import ask
from schemas.vocabulary import ALL

ENOUGH_DEVICES: Final = 600
"""A split is compared by its distance where its part has at least so many printed devices."""

_DOMESTIC_AND_FOREIGN = """
    SELECT date, zone_id, CASE WHEN visitor_category LIKE 'foreign%' THEN 'foreign' ELSE {attribute} END AS value,
        sum(people)::DOUBLE AS people
    FROM truth GROUP BY ALL
"""
_PLAIN = "SELECT {keys}, zone_id, {attribute} AS value, sum(people)::DOUBLE AS people FROM truth GROUP BY ALL"
_ORIGINS = """
    SELECT date, zone_id, sum(people)::DOUBLE AS people, CASE
        WHEN origin IN (SELECT zone_id FROM kinds) OR length(origin) = 2 THEN origin
        WHEN origin LIKE '97%' THEN left(origin, 3)
        ELSE left(origin, 2) END AS value
    FROM truth GROUP BY ALL
"""
_DAYS = """
    SELECT date AS key, released.zone_id, kind, {attribute} AS value, devices, released.people, people_low, people_high
    FROM released JOIN kinds USING (zone_id)
    ORDER BY ALL
"""
_HOURS = """
    WITH alone AS (
        SELECT window_start, zone_id, any_value(part) AS part
        FROM (SELECT DISTINCT window_start, part FROM released) JOIN touching USING (part)
        GROUP BY ALL
        HAVING count(*) = 1 AND bool_and(inside)
    )
    SELECT window_start AS key, alone.zone_id, kind, {attribute} AS value, devices, people, people_low, people_high
    FROM alone JOIN released USING (window_start, part) JOIN kinds ON kinds.zone_id = alone.zone_id
    ORDER BY ALL
"""


@dataclass(frozen=True)
class Compared:
    """A part that was compared: its split, its printed devices."""

    split: Split
    devices: int


def of_a_day(name: str, attribute: str, released: pa.Table, kinds: pa.Table, truth: pa.Table) -> Scored:
    """An indicator of attendance, for the parts of a single zone; `truth` is that of attendance, or of dwell."""
    if attribute in ("age_band", "spc"):
        query = _DOMESTIC_AND_FOREIGN.format(attribute=attribute)
    elif attribute == "origin":
        query = _ORIGINS
    else:
        query = _PLAIN.format(keys="date", attribute=attribute)
    happened = ask(query, truth=truth, kinds=kinds)
    rows = ask(_DAYS.format(attribute=attribute), released=released, kinds=kinds)
    parts = ask("SELECT DISTINCT date, zone_id FROM released", released=released)
    return _scored(name, rows, happened.rename_columns({"date": "key"}), parts.num_rows)


def of_an_hour(
    name: str, attribute: str, released: Parts, touching: pa.Table, kinds: pa.Table, truth: pa.Table
) -> Scored:
    """An indicator of presence, for zones that are one part in the hour; the truth tells no foreign people apart."""
    happened = ask(_PLAIN.format(keys="window_start AS key", attribute=attribute), truth=truth)
    rows = ask(_HOURS.format(attribute=attribute), released=released.rows, touching=touching, kinds=kinds)
    rows = rows.filter(pa.compute.not_equal(rows["value"], "foreign"))
    parts = ask("SELECT DISTINCT window_start, part FROM released", released=released.rows)
    return _scored(name, rows, happened, parts.num_rows)


def _scored(name: str, rows: pa.Table, truth: pa.Table, parts: int) -> Scored:
    true: defaultdict[tuple[Any, str], dict[str, float]] = defaultdict(dict)
    for row in truth.to_pylist():
        true[row["key"], row["zone_id"]][row["value"]] = row["people"]
    published: defaultdict[tuple[Any, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.to_pylist():
        published[row["key"], row["zone_id"]].append(row)
    whole = [key for key, split in published.items() if split[0]["value"] == ALL]
    compared = list(_compared({key: split for key, split in published.items() if key not in set(whole)}, true))
    pairs = pairs_of([pair for each in compared for pair in each.split.pairs])
    figures = (*_distances(name, compared), *coverage(name, pairs))
    left_out = {
        f"{name}: part that is not a single zone": parts - len(published),
        f"{name}: part without a split": len(whole),
        f"{name}: part of fewer than {ENOUGH_DEVICES} devices (no distance)": sum(
            each.devices < ENOUGH_DEVICES for each in compared
        ),
    }
    return Scored(figures, left_out)


def _compared(
    published: Mapping[tuple[Any, str], Sequence[dict[str, Any]]], true: Mapping[tuple[Any, str], Mapping[str, float]]
) -> Iterator[Compared]:
    for key, rows in published.items():
        split = compare(rows, true.get(key, {}), str(rows[0]["kind"]))
        if split is not None:
            yield Compared(split, sum(row["devices"] for row in rows))


def _distances(name: str, compared: Sequence[Compared]) -> Iterator[Figure]:
    """Distances of the large parts; and over all parts, by people, the share of them in the right class."""
    large = [each.split for each in compared if each.devices >= ENOUGH_DEVICES]
    if large:
        distances, people = np.array([(split.distance, split.people) for split in large]).T
        yield Figure(f"{name}.distance.weighted", float(np.average(distances, weights=people)), len(large))
        yield Figure(f"{name}.distance.median", float(np.median(distances)), len(large))
        yield Figure(f"{name}.distance.max", float(distances.max()), len(large))
    if compared:
        distances, people = np.array([(each.split.distance, each.split.people) for each in compared]).T
        yield Figure(f"{name}.right", 1 - float(np.average(distances, weights=people)), len(compared))
