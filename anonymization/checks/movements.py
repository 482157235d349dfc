"""Movements: flows join the parts of attendance, one layer at a time, and no pair of parts stands in two rows.

Who moves has visited both ends. So a row leaves nobody of a part at one of its ends, or at least k, as far as rounding
lets that be seen.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anonymization.checks.day import Day, devices, starts
from anonymization.checks.endpoints import Endpoints, Joined
from anonymization.checks.parts import Parts, codes, joined_codes
from anonymization.checks.rule import Finding, Rule, where
from anonymization.checks.spans import Bools, Ints, merged, spans
from anonymization.distances import EARTH_RADIUS_KM
from anonymization.nested import Limits
from anonymization.verdict import SINGLING_OUT
from schemas.vocabulary import ALL, DISTANCE_CLASS_STARTS_KM, DISTANCE_CLASSES, SEPARATOR


def examine(day: Day) -> Finding:
    """The flows of an hour; the figure counts their rows."""
    table, label = day.rows_of("flows"), day.label("flows")
    if day.zones is None or day.whole is None or not table.num_rows:
        return Finding(())
    flows = _Flows(table, day.whole.endpoints)
    problems: list[str] = []
    for sentence, bad in _wrong(flows).items():
        problems += where(label, table, bad, sentence)
    problems += where(label, table, _elsewhere(flows, day), "rows whose cells are not those of their origin")
    problems += where(label, table, _twice(flows), "rows that hold a pair of another row of the hour")
    problems += where(label, table, _isolating(flows, day.whole), "rows that leave a few visitors of an end")
    return Finding(tuple(problems), table.num_rows)


@dataclass(frozen=True)
class _Flows:
    """Rows of flows; `origin`, `destination`: int64[rows], the place of each row's name among the names that occur."""

    table: pa.Table
    ends: Endpoints

    @cached_property
    def origin(self) -> Ints:
        return codes([self.table["origin_zone_id"]])[0]

    @cached_property
    def destination(self) -> Ints:
        return codes([self.table["destination_zone_id"]])[0]

    @cached_property
    def origins(self) -> Joined:
        return self.ends.joined(pc.unique(self.table["origin_zone_id"]))

    @cached_property
    def destinations(self) -> Joined:
        return self.ends.joined(pc.unique(self.table["destination_zone_id"]))

    @cached_property
    def to_all(self) -> Bools:
        """bool[rows]: whether a row goes to `all`."""
        return self.holds("destination_zone_id", ALL)

    @cached_property
    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """int64[n] each: row, origin and destination of each pair, where a row has one sound origin."""
        single = self.origins.sound[self.origin] & (self.origins.count[self.origin] == 1)
        rows = np.flatnonzero(single)
        which, destination = self.destinations.of(self.destination[rows])
        origin = self.origins.of(self.origin[rows])[1]
        return rows[which], origin[which], destination

    def holds(self, column: str, value: str) -> Bools:
        """bool[rows]: whether a column holds a value."""
        found: Bools = pc.equal(self.table[column], value).to_numpy()
        return found


def _wrong(flows: _Flows) -> dict[str, Bools]:
    """bool[rows] by what is wrong with what a row prints; each is looked at only where those before are right."""
    origin, destination = flows.origin, flows.destination
    sound = flows.origins.sound[origin]
    pooled = flows.origins.count[origin] > 1
    to_all = sound & ((pooled != flows.to_all) | (pooled != flows.holds("distance_class", ALL)))
    plain = sound & ~to_all & ~pooled
    same_layer = flows.origins.layer[origin] == flows.destinations.layer[destination]
    joined = plain & flows.destinations.sound[destination] & same_layer
    row, begin, end = flows.pairs
    returns = np.zeros(origin.size, np.bool_)
    returns[row[begin == end]] = True
    return {
        "rows whose zone is not their origin": pc.not_equal(
            flows.table["zone_id"], flows.table["origin_zone_id"]
        ).to_numpy(),
        "rows whose origin is not made of parts of attendance": ~sound,
        "rows that go to `all` from one part, or to a part from several": to_all,
        "rows whose destination is not made of parts of attendance of the origin's layer": plain & ~joined,
        "rows that end where they begin": joined & returns,
        "rows of another distance class": joined & ~returns & _misses(flows),
    }


def _misses(flows: _Flows) -> Bools:
    """bool[rows]: whether a row does not print the classes of its distances, joined in their order."""
    row, begin, end = flows.pairs
    centroids = flows.ends.centroids
    chords = np.linalg.norm(centroids[begin] - centroids[end], axis=1)
    kilometres = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chords / 2, 1))
    met = np.zeros(flows.table.num_rows, np.int64)
    np.bitwise_or.at(met, row, 1 << (np.searchsorted(np.array(DISTANCE_CLASS_STARTS_KM), kilometres, "right") - 1))
    names = [
        SEPARATOR.join(name for place, name in enumerate(DISTANCE_CLASSES) if of >> place & 1)
        for of in range(1 << len(DISTANCE_CLASSES))
    ]
    expected = pa.array(names, pa.string()).take(pa.array(met))
    misses: Bools = pc.not_equal(flows.table["distance_class"], expected).to_numpy()
    return misses


def _elsewhere(flows: _Flows, day: Day) -> Bools:
    """bool[rows]: whether the cells of a row cover something else than its zones do in attendance."""
    parts, origins, code = day.parts, flows.ends.parts, day.part_of("flows")
    joined = flows.ends.joined(parts.names)
    used = np.bincount(code, minlength=parts.count) > 0
    single = np.flatnonzero(used & (joined.count == 1))
    differ = np.zeros(parts.count, np.bool_)
    differ[single] = _differ(parts, single, origins, joined.of(single)[1])
    # Few are left, and pools: the same area may be written in other cells.
    for part in np.flatnonzero(used & (differ | (joined.count > 1))).tolist():
        cells = np.concatenate([origins.cells_of(origin) for origin in joined.of(np.array([part]))[1].tolist()])
        areas = merged(*spans(parts.cells_of(part))), merged(*spans(cells))
        differ[part] = not all(np.array_equal(one, other) for one, other in zip(*areas, strict=True))
    found: Bools = differ[code]
    return found


def _differ(parts: Parts, of: Ints, others: Parts, other: Ints) -> Bools:
    """bool[n]: whether parts `of` and `other`, int64[n] places in two lists of parts, have other cells."""
    differ: Bools = parts.sizes[of] != others.sizes[other]
    alike = np.flatnonzero(~differ)
    row, place = parts.places(of[alike])
    differ[alike[row[parts.cells[place] != others.cells[others.places(other[alike])[1]]]]] = True
    return differ


def _twice(flows: _Flows) -> Bools:
    """bool[rows]: whether a row holds a pair of parts that another row of its hour holds."""
    hour = codes([pa.array(starts(flows.table))])[0]
    row, begin, end = flows.pairs
    twice = np.zeros(hour.size, np.bool_)
    pair = joined_codes(hour[row], begin, end)
    twice[row[np.bincount(pair)[pair] > 1]] = True
    # To go to `all` is to go to each part, so that no other row has the same origin.
    to_all = np.flatnonzero(flows.to_all)
    which, origin = flows.origins.of(flows.origin[to_all])
    rows, origins = np.concatenate([to_all[which], row]), np.concatenate([origin, begin])
    whole = np.repeat([True, False], [which.size, row.size])
    place = joined_codes(hour[rows], origins)
    wholes, pairs = (np.bincount(place[which], minlength=place.size) for which in (whole, ~whole))
    twice[rows[(wholes + (pairs > 0) > 1)[place] & (wholes[place] > 0)]] = True
    return twice


def _isolating(flows: _Flows, whole: Day) -> Bools:
    """bool[rows]: whether the visitors of a row's only origin or destination who are not in it must be 1 to k - 1."""
    attended, moving = whole.rows_of("attendance"), devices(flows.table)
    visitors = np.zeros(flows.ends.parts.count, np.int64)
    visitors[flows.ends.parts.code["attendance"]] = devices(attended)
    limits = Limits(whole.terms.k, whole.terms.slack)
    found = np.zeros(moving.size, np.bool_)
    for ends, name in ((flows.origins, flows.origin), (flows.destinations, flows.destination)):
        rows = np.flatnonzero((ends.count == 1)[name])
        part = ends.of(name[rows])[1]
        found[rows] |= limits.forbids(visitors[part] - moving[rows], np.full(rows.size, 2))
    return found


RULE = Rule(
    name="movements",
    criterion=SINGLING_OUT,
    threshold="flows between the parts of attendance of one layer, each pair of an hour in one row; of the visitors of "
    "an end, none or what can be {terms.k} left",
    found="{:.0f} rows of flows",
    combine=sum,
    examine=examine,
    dp=False,
)
