"""Flows, worked out by hand."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.score import flows
from tests.score.town import dated, values
from tests.tables import rows

KINDS = pa.table({"zone_id": ["A", "B", "C", "V"], "kind": ["commune", "commune", "commune", "venue"]})
TRUTH = dated(
    """
    window_start origin_zone_id destination_zone_id people
    10:00        A              B                   100
    10:00        B              A                   80
    10:00        A              C                   60
    10:00        A              outside             500
    11:00        A              C                   60
    """
)
RELEASED = dated(
    """
    window_start | origin_zone_id | destination_zone_id | people | people_low | people_high
    10:00        | A              | B                   | 120    | 100        | 140
    10:00        | B              | all                 | 70     | 0          | 900
    10:00        | C              | A                   | 30     | 0          | 40
    11:00        | A              | V                   | 60     | 0          | 90
    11:00        | A              | C                   | 40     | 0          | 90
    """
)


def test_only_single_communes_are_paired_and_the_rest_is_0() -> None:
    hours = flows.by_hour(RELEASED, KINDS, TRUTH)
    assert rows(hours, ["origin_zone_id", "destination_zone_id", "printed", "people", "truth"]) == [
        ("A", "B", True, 120, 100),
        ("A", "C", False, 0, 60),
        ("A", "C", True, 40, 60),
        ("B", "A", False, 0, 80),
        ("C", "A", True, 30, 0),
    ]


def test_the_common_part_is_over_true_flows_that_are_large_enough() -> None:
    scored = flows.zones(RELEASED, KINDS, TRUTH, least=60)
    # By hour: 100 of 100, 0 of 80, 0 of 60, 40 of 60; 160 are published. C to A, which nobody went, is not among them.
    assert values(scored)["flows.hour.common_part"] == pytest.approx(2 * 140 / (160 + 300))
    # By day, A to C is 40 of 120.
    assert values(scored)["flows.day.common_part"] == pytest.approx(2 * 140 / (160 + 300))
    assert values(scored)["flows.own_row"] == pytest.approx(160 / 300)
    assert values(scored)["flows.from_little"] == pytest.approx(30 / 190)
    assert values(scored)["flows.hour.all.bias"] == pytest.approx((0.2 - 1 / 3) / 2)
    assert values(scored)["flows.coverage.all"] == 1
    assert scored.left_out == {"flows: row that is not of two communes": 2}


@pytest.mark.parametrize(("least", "pairs"), [(80, 2), (80.1, 1), (100.1, 0)])
def test_a_true_flow_counts_from_the_least_on(least: float, pairs: int) -> None:
    scored = flows.zones(RELEASED, KINDS, TRUTH, least)
    found = {figure.key: figure.scored for figure in scored.figures}
    assert found.get("flows.hour.common_part", 0) == pairs


def test_by_day_hours_that_are_each_too_small_count_together() -> None:
    found = {figure.key: figure.scored for figure in flows.zones(RELEASED, KINDS, TRUTH, least=110).figures}
    assert "flows.hour.common_part" not in found
    assert found["flows.day.common_part"] == 1


def test_nothing_in_common_is_0() -> None:
    pairs = pa.table({"people": [10.0, 0.0], "truth": [0.0, 10.0]})
    assert flows.common_part(pairs) == 0


def test_there_is_no_common_part_of_nothing() -> None:
    assert (
        flows.common_part(pa.table({"people": pa.array([], pa.float64()), "truth": pa.array([], pa.float64())})) is None
    )


flow = st.tuples(st.integers(0, 500), st.integers(0, 500))


@given(st.lists(flow, min_size=1).filter(lambda found: any(map(any, found))))
def test_the_common_part_is_symmetric_and_between_0_and_1(found: list[tuple[int, int]]) -> None:
    people, truth = ([float(each[side]) for each in found] for side in (0, 1))
    one, other = (pa.table({"people": a, "truth": b}) for a, b in ((people, truth), (truth, people)))
    common = flows.common_part(one)
    assert common == flows.common_part(other)
    assert common is not None
    assert 0 <= common <= 1
    assert (common == 1) == (people == truth)
