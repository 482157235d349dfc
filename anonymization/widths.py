"""The widths of a day before it is published: the linear programmes of the verifier on the tables that wait."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from anonymization.comparisons import published_in
from anonymization.nested import Ints, Limits, Pairs
from anonymization.origins import Origins
from anonymization.protect import Protection
from anonymization.systems import Pool, proof
from anonymization.territory import ZoneArea
from anonymization.zone_days import ZonePart, nested_parts


def widths_of_day(
    tables: Mapping[str, pa.Table], parts: Sequence[ZonePart], protection: Protection, first_hour: int
) -> dict[str, int | bool]:
    """How many systems of inequalities were looked at, and whether none tells a number below k; no number of devices.

    `tables`: the released day figures by zone of `parts`. Raises ValueError where no devices explain them.
    """
    territory, policy = protection.territory, protection.policy
    origins = Origins(territory.zones)
    names = [territory.name(part.nodes) for part in parts]
    turns = nested_parts(territory.zones, parts)
    none = np.zeros(0, np.int64)
    pairs = Pairs(*(np.concatenate([none, *(getattr(turn, end) for turn in turns)]) for end in ("inner", "outer")))

    def communes(part: int) -> list[str]:
        return [origins.names[place] for place in origins.residents(parts[part].zones).tolist()]

    published = published_in(tables, pa.array(names, pa.string()), first_hour, communes)
    printed = dict(zip(*(tables["attendance"][name].to_pylist() for name in ("zone_id", "devices")), strict=True))
    counts = np.array([printed[name] for name in names], np.int64)
    pools = _pools(territory.zones, parts, names, counts, pairs)
    return proof(published, names, pairs, pools, Limits(policy.k, max(policy.rounding - 1, 0))).stated()


def _pools(
    zones: Sequence[ZoneArea], parts: Sequence[ZonePart], names: Sequence[str], counts: Ints, pairs: Pairs
) -> Iterator[Pool]:
    """The parts of several zones, each with the largest part inside each of its zones."""
    inside: dict[int, list[int]] = {}
    for inner, outer in zip(pairs.inner.tolist(), pairs.outer.tolist(), strict=True):
        inside.setdefault(outer, []).append(inner)
    for place, part in enumerate(parts):
        if len(part.zones) > 1:
            largest = dict.fromkeys(part.zones, 0)
            for inner in inside.get(place, ()):
                around = {zone for each in parts[inner].zones for zone in part.zones if _is_inside(zones, each, zone)}
                if len(around) == 1:
                    zone = around.pop()
                    largest[zone] = max(largest[zone], int(counts[inner]))
            yield Pool(names[place], int(counts[place]), tuple(largest.values()))


def _is_inside(zones: Sequence[ZoneArea], place: int, outer: int) -> bool:
    while place >= 0 and place != outer:
        place = zones[place].parent
    return place == outer
