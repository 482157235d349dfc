"""What reports of faults are told in a simulated town: during outages, and without one."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import h3.api.numpy_int as h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import Ints
from pipelines.quality.evidence import verdicts
from pipelines.quality.states import HOUR, UNKNOWN, States, beside_others
from schemas.tables import CELL_FACT, SERVING
from schemas.vocabulary import CELL_STATES, VERDICTS
from tests.bench.silent_rules import TIMES, Judged

REPORTS: Final = 3_000
"""False reports by day, and as many by night."""

MINUTE: Final = 60_000_000


def confusion(days: Sequence[Judged], chance: np.random.Generator) -> Iterator[tuple[str, Ints]]:
    """For each kind of report, int64[3]: how many get each of the verdicts."""
    for name, start in TIMES.items():
        cells = [_during(day, [cell], start, chance) for day in days for cell in day.expects_k(start).tolist()]
        yield f"outage of one cell, {name}", _counted(cells)
        sites = [
            _during(day, np.flatnonzero(day.town.site == site), start, chance)
            for day in days
            for site in np.unique(day.town.site[day.expects_k(start)]).tolist()
        ]
        yield f"outage of a whole site, {name}", _counted(sites)
    for name, hours in (("day, 08:00 to 20:00", (3, 15)), ("night, 00:00 to 05:00", (19, 24))):
        yield f"no outage, {name}", _counted([_nowhere(day, hours, REPORTS // len(days), chance) for day in days])


def _during(day: Judged, cells: Ints | list[int], start: int, chance: np.random.Generator) -> pa.Table:
    """The verdict on a report in the first 90 minutes of an outage, from where those cells serve most of all."""
    base = _base(day)
    own = day.out(np.array(cells), start).states()
    found = base.copy()
    found[cells] = own[cells]
    where = day.town.where
    share = np.where(np.isin(where.cell, cells), where.share, 0)
    hexagons, place = np.unique(where.hexagon, return_inverse=True)
    served = np.bincount(place, share)
    chosen = hexagons[served >= 0.9 * served.max()]
    at = day.heard.edges[start] + int(chance.integers(90)) * MINUTE
    return _verdicts(day, beside_others(found, where), chance.choice(chosen, 1), np.array([at]))


def _nowhere(day: Judged, hours: tuple[int, int], number: int, chance: np.random.Generator) -> pa.Table:
    """The verdicts on reports of a day without an outage, from where people are."""
    footprint = day.town.inputs.footprint
    hexagons = chance.choice(footprint.hexagons, number, p=footprint.prior / footprint.prior.sum())
    at = day.heard.edges[0] + chance.integers(hours[0] * 60, hours[1] * 60 - 60, number) * MINUTE
    return _verdicts(day, beside_others(_base(day), day.town.where), hexagons, at)


_KNOWN: dict[date, States] = {}


def _base(day: Judged) -> States:
    """The states of a day without an outage."""
    if day.heard.day not in _KNOWN:
        _KNOWN[day.heard.day] = day.states()
    return _KNOWN[day.heard.day]


def _verdicts(day: Judged, found: States, hexagons: npt.NDArray[np.uint64], at: Ints) -> pa.Table:
    names, where = day.town.inputs.network.identifiers, day.town.where
    near = np.isin(where.hexagon, hexagons)
    cell, hour = np.nonzero(found != UNKNOWN)
    some = np.isin(cell, where.cell[near])
    cell, hour = cell[some], hour[some]
    facts = pa.table(
        {
            "cell_id": names.take(pa.array(cell)),
            "hour_start": pa.array(day.heard.edges[0] + hour * HOUR).view(CELL_FACT.schema.field("hour_start").type),
            "state": pa.array(CELL_STATES).take(pa.array(found[cell, hour] - 1)),
        }
    )
    serving = pa.table(
        {
            "hexagon": where.hexagon[near],
            "cell_id": names.take(pa.array(where.cell[near])),
            "share": where.share[near],
        }
    )
    latitude, longitude = zip(*map(h3.cell_to_latlng, hexagons.tolist()), strict=True)
    reports = pa.table(
        {
            "id": [str(each) for each in range(at.size)],
            "latitude": latitude,
            "longitude": longitude,
            "requested_at": pa.array(at).view(CELL_FACT.schema.field("hour_start").type),
        }
    )
    until = int(day.heard.edges[-1]) + 24 * HOUR
    return verdicts(reports, facts, SERVING.conform(serving), until)


def _counted(tables: list[pa.Table]) -> Ints:
    said = pa.concat_tables(tables)["verdict"].to_pylist()
    return np.array([said.count(verdict) for verdict in VERDICTS], np.int64)
