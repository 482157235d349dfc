"""Presence by zone and by hexagon, worked out by hand."""

import pyarrow as pa
import pytest

from pipelines.score import presence
from pipelines.score.places import numbered, touching
from tests.score.town import A_CELLS, B_CELLS, ZONES, dated, placed, values
from tests.tables import rows

KINDS = pa.table({"zone_id": ["A", "B", "V"], "kind": ["commune", "commune", "venue"]})


def by_zone(released: str, truth: str) -> pa.Table:
    parts = numbered(placed(released))
    return presence.by_zone(parts, touching(parts.parts, ZONES), KINDS, dated(truth))


def test_the_parts_of_a_zone_are_summed_and_their_errors_are_independent() -> None:
    pairs = by_zone(
        """
        window_start where people people_low people_high
        10:00        A     200    170        240
        10:00        V     100    60         130
        """,
        """
        window_start zone_id people
        10:00        A       310
        10:00        V       80
        """,
    )
    # 30 and 40 below make 50; 40 and 30 above make 50.
    assert rows(pairs, ["zone_id", "whole", "people", "people_low", "people_high", "truth"]) == [
        ("A", True, 300, 250, 350, 310),
        ("V", True, 100, 60, 130, 80),
    ]


def test_a_zone_in_a_pool_cannot_be_told_but_one_inside_a_part_of_its_own_can() -> None:
    pairs = by_zone(
        """
        window_start where people people_low people_high
        10:00        A|B   200    200        200
        10:00        V     100    100        100
        """,
        "window_start zone_id people\n10:00 A 1",
    )
    assert rows(pairs, ["zone_id", "whole"]) == [("A", False), ("B", False), ("V", True)]
    scored = presence.zones(pairs)
    assert scored.left_out == {"presence: zone and slot, for a pool reaches over its border": 2}
    assert {key for key in values(scored) if "coverage" not in key} == set()  # V has nobody: no relative error


def test_a_zone_that_the_truth_does_not_list_is_empty() -> None:
    pairs = by_zone(
        "window_start where people people_low people_high\n10:00 B 50 20 90",
        "window_start zone_id people\n10:15 B 70",
    )
    assert rows(pairs, ["zone_id", "people", "truth"]) == [("B", 50, 0)]


def hexagons(released: str, people: dict[str, int]) -> dict[str, float]:
    """Scores of a release against people by hexagon in the hour of 10:00."""
    cells = pa.array([int(cell, 16) for cell in people] + [None], pa.uint64())
    windows = dated("window_start window_end\n10:00 11:00")
    hours = {name: [windows[name][0].as_py()] * len(cells) for name in ("window_start", "window_end")}
    truth = pa.table({**hours, "hexagon": cells, "people": [*people.values(), 1_000]})
    return values(presence.hexagons(numbered(placed(released)), truth))


def test_the_slot_of_the_half_hour_is_compared_and_parts_are_spread_over_their_area() -> None:
    found = hexagons(
        """
        window_start window_end where people
        10:00        10:30      B     999
        10:30        10:45      B     100
        10:30        10:45      A     130
        10:45        11:00      B     999
        """,
        {A_CELLS[0]: 70, A_CELLS[1]: 60, B_CELLS[0]: 100},
    )
    # Of A, 6 of 13 cells are in the first hexagon: 60 people, and 70 in the second.
    assert found["presence.hexagon.misplaced"] == pytest.approx(20 / 2 / 230)


def test_people_who_are_not_published_are_misplaced_by_half_unless_the_sums_are_made_equal() -> None:
    found = hexagons("window_start window_end where people\n10:30 10:45 B 80", {B_CELLS[0]: 100})
    assert found["presence.hexagon.misplaced"] == pytest.approx(0.1)
    assert found["presence.hexagon.misplaced_scaled"] == 0


def test_all_in_the_wrong_hexagon_is_1() -> None:
    found = hexagons("window_start window_end where people\n10:30 10:45 B 100", {A_CELLS[1]: 100})
    assert found["presence.hexagon.misplaced_scaled"] == found["presence.hexagon.misplaced_worst_hour"] == 1


def test_an_hour_without_a_release_is_not_compared() -> None:
    assert hexagons("window_start window_end where people\n11:30 11:45 B 100", {B_CELLS[0]: 100}) == {}
