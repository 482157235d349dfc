"""What figures of different populations tell together: differences of sets of which one holds the other."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anonymization.bounds import intervals
from anonymization.territory import ZoneArea
from pipelines.attacks.finding import Weakness
from pipelines.attacks.solving.day_figures import Clock, figures, numbered
from pipelines.attacks.solving.implications import LONGEST, Arrivals, Figures, Flow, Some, systems
from pipelines.attacks.solving.inner_zones import inner_rows
from pipelines.attacks.solving.joint import JOINT, Joint
from pipelines.attacks.target import Target, devices_behind
from tests.tables import table

K = 20
DAY = date(2026, 6, 10)


def of(
    visitors: Mapping[str, int] | None = None,
    *,
    arrivals: Mapping[str, Sequence[Arrivals]] | None = None,
    flows: Sequence[Flow] = (),
    crossing: Mapping[str, int] | None = None,
    some: Sequence[Some] = (),
    around: Mapping[str, frozenset[str]] | None = None,
    slack: int = 0,
) -> Figures:
    hours = {0: crossing} if crossing else {}
    return Figures(visitors or {}, arrivals or {}, flows, hours, some, around or {}, K, slack)


def told(of_day: Figures) -> list[tuple[int, int]]:
    """The intervals that lie in 1..k-1."""
    bounds = [tuple(each) for system in systems(of_day) for each in intervals(system).tolist()]
    return [(least, most) for least, most in bounds if least > 0 and most < K]


@pytest.mark.parametrize(("left", "expected"), [(0, []), (1, [(1, 1)]), (19, [(19, 19)]), (20, [])])
def test_visitors_who_did_not_leave_by_a_flow_are_told_where_few_are_left(left: int, expected: object) -> None:
    assert told(of({"A": 40 + left}, flows=[Flow("A", "B", 9, 40)])) == expected


@pytest.mark.parametrize(("left", "expected"), [(0, []), (1, [(1, 1)]), (19, [(19, 19)]), (20, [])])
def test_visitors_who_did_not_come_by_a_flow_are_told_where_few_are_left(left: int, expected: object) -> None:
    assert told(of({"B": 40 + left}, flows=[Flow("A", "B", 9, 40)])) == expected


def test_who_arrives_after_the_hour_of_a_flow_is_not_in_it() -> None:
    arrivals = {"A": [Arrivals(5, 25), Arrivals(9, 20), Arrivals(10, 60)]}
    assert told(of({"A": 105}, arrivals=arrivals, flows=[Flow("A", "B", 9, 40)])) == [(5, 5)]
    assert told(of({"A": 105}, arrivals=arrivals, flows=[Flow("A", "B", 10, 40)])) == []


def test_who_arrives_at_the_destination_long_after_a_flow_is_not_in_it() -> None:
    late = {"B": [Arrivals(9 + LONGEST, 50), Arrivals(10 + LONGEST, 60)]}
    assert told(of({"B": 110}, arrivals=late, flows=[Flow("A", "B", 9, 40)])) == [(10, 10)]


def test_visitors_of_a_part_around_a_flow_are_told_where_few_took_no_part_in_it() -> None:
    around = {"A": frozenset({"C"}), "B": frozenset({"C"})}
    # 5 visitors of the origin, of the destination, and of the part around them.
    assert told(of({"A": 45, "B": 45, "C": 45}, flows=[Flow("A", "B", 9, 40)], around=around)) == [(5, 5)] * 3
    assert told(of({"A": 65, "B": 70, "C": 100}, flows=[Flow("A", "B", 9, 40)], around=around)) == []


@pytest.mark.parametrize(("others", "expected"), [(0, []), (1, [(1, 1)]), (19, [(19, 19)]), (20, [])])
def test_who_came_without_the_night_is_told_where_they_are_few(others: int, expected: object) -> None:
    assert told(of(some=[Some(30 + others, 30)])) == expected


@pytest.mark.parametrize(("missed", "expected"), [(0, []), (1, [(1, 1)]), (19, [(19, 19)]), (20, [])])
def test_who_missed_a_zone_inside_another_is_told_where_they_are_few(missed: int, expected: object) -> None:
    visitors = {"C": 50 + missed, "A": 50}
    assert told(of(visitors, around={"A": frozenset({"C"})})) == expected


def test_who_neither_visits_nor_crosses_a_zone_inside_another_is_told() -> None:
    # 100 + 30 were in the outer zone in this hour or on this day, 75 + 48 in the inner one.
    figures_of_day = of({"C": 100, "A": 75}, crossing={"C": 30, "A": 48}, around={"A": frozenset({"C"})})
    assert (7, 7) in told(figures_of_day)


def test_rounded_figures_tell_less_than_exact_ones() -> None:
    exact, printed = (told(of({"A": 50}, flows=[Flow("A", "B", 9, 40)], slack=slack)) for slack in (0, 4))
    assert exact == [(10, 10)]
    assert printed == [(2, 18)]
    assert told(of({"A": 45}, flows=[Flow("A", "B", 9, 40)], slack=4)) == []


def test_a_flow_between_pools_that_are_no_part_tells_nothing() -> None:
    assert told(of({"A": 45}, flows=[Flow("A|B", "C", 9, 40)])) == []


def dated(text: str) -> pa.Table:
    rows = table(text, day=DAY)
    return rows.append_column("date", pa.array([DAY] * rows.num_rows, pa.date32()))


TABLES: Mapping[str, Any] = {
    "attendance": dated(
        """
        zone_id  devices
        C        80
        venue    50
        """
    ),
    "attendance_by_category": dated(
        """
        zone_id  visitor_category  devices
        C        resident          60
        """
    ),
    "nights": dated(
        """
        zone_id  visitor_category  devices
        C        resident          30
        D        resident          30
        """
    ),
    "dwell_by_arrival": dated(
        """
        zone_id  dwell_band  arrival_hour  devices
        C        >=8_h       04|05         80
        """
    ),
    "flows": dated(
        """
        window_start  zone_id  origin_zone_id  destination_zone_id  devices
        12:00         C        C               D                    20
        """
    ),
    "transit": dated(
        """
        window_start  zone_id  devices
        12:00         C        25
        12:00         D|E      25
        """
    ),
}


def read(day: date = DAY) -> Figures:
    zones = [
        ZoneArea(name, kind, parent, np.zeros(0, np.uint64), 1.0, False)
        for name, kind, parent in (("C", "commune", -1), ("D", "commune", -1), ("venue", "venue", 0))
    ]
    numbers = {name: np.array(rows["devices"].to_pylist()) for name, rows in TABLES.items()}
    clock = Clock(lambda instant: instant // 3_600_000_000 % 24, 5)
    return figures(numbered(TABLES, numbers, day, 4), zones, clock, K)


def test_figures_are_found_by_what_indicators_count() -> None:
    found = read()
    assert found.visitors == {"C": 80, "venue": 50}
    assert found.some == [Some(60, 30)]
    assert found.flows == [Flow("C", "D", 7, 20)]
    assert found.around == {"venue": frozenset({"C"})}
    assert (found.k, found.slack) == (K, 4)


def test_the_day_begins_at_its_first_hour() -> None:
    assert read().arrivals == {"C": [Arrivals(0, 80)]}


def test_only_zones_that_stand_alone_are_known_to_be_crossed() -> None:
    assert list(read().crossing.values()) == [{"C": 25}]


def test_another_day_is_another_system() -> None:
    assert read(date(2026, 6, 11)).visitors == {}


# Releases.


def test_a_release_tells_no_number_below_k(small_target: Target) -> None:
    joint = JOINT.subject(small_target)
    assert joint.base == small_target.policy.rounding
    found = JOINT.measure(joint, small_target)
    assert found.figures["numbers told by exact figures"] == found.figures["numbers told by printed figures"] == 0
    assert found.figures["strays"] == 0


@pytest.mark.parametrize("weakness", JOINT.weaknesses, ids=lambda each: each.name.en)
def test_every_weak_release_is_rounded_and_tells_numbers_all_the_same(
    small_target: Target, weakness: Weakness[Joint]
) -> None:
    joint = weakness.build(small_target)
    for name, printed in joint.printed.items():
        assert (printed % small_target.policy.rounding == 0).all()
        assert (np.abs(printed - joint.exact[name]) < small_target.policy.rounding).all()
    found = JOINT.measure(joint, small_target).figures
    assert found["numbers told by exact figures"] >= found["numbers told by printed figures"] > 0


def test_a_zone_inside_another_has_the_devices_that_visit_it(small_target: Target) -> None:
    k, tables = small_target.policy.k, small_target.tables
    inner = inner_rows("attendance", small_target)
    areas = {area.zone_id: area for area in inner.zones}
    around = dict(
        zip(
            zip(tables["attendance"]["zone_id"].to_pylist(), tables["attendance"]["date"].to_pylist(), strict=True),
            devices_behind(small_target.published, small_target)["attendance"].tolist(),
            strict=True,
        )
    )
    missed = []
    first = small_target.days[0].day
    rows = zip(inner.rows["zone_id"].to_pylist(), inner.rows["date"].to_pylist(), inner.exact.tolist(), strict=True)
    for name, day, devices in rows:
        outer = inner.zones[areas[name].parent]
        assert set(areas[name].cells.tolist()) < set(outer.cells.tolist())
        assert k <= devices <= around[outer.zone_id, day]
        missed += [around[outer.zone_id, day] - devices] if day == first else []
    # Half of k were to miss each zone; one who was in none of its hexagons for long may visit it with all of them.
    assert all(0 < each <= k // 2 for each in missed)
    assert k // 2 in missed


def test_zones_inside_the_zone_around_are_inside_the_inner_one(small_target: Target) -> None:
    zones = inner_rows("attendance", small_target).zones
    own = small_target.inputs.areas
    nested = [zone for zone, area in enumerate(own) if area.parent >= 0]
    divided = {area.parent: place for place, area in enumerate(zones) if place >= len(own)}
    assert nested
    for zone in nested:
        outer = own[zone].parent
        assert zones[zone].parent == divided.get(outer, outer)
