"""Splits of a day and of an hour: which parts are compared, and with which truth."""

import pyarrow as pa
import pytest

from pipelines.score import attribute
from pipelines.score.places import numbered, touching
from tests.score.town import ZONES, dated, placed, values

KINDS = pa.table({"zone_id": ["A", "B", "V"], "kind": ["commune", "commune", "venue"]})


def test_foreign_visitors_are_one_class_of_age_whatever_their_age() -> None:
    scored = attribute.of_a_day(
        "attendance_by_age",
        "age_band",
        dated(
            """
            zone_id | age_band | devices | people | people_low | people_high
            A       | <18      | 300     | 3000   | 2900       | 3100
            A       | 65+      | 250     | 2500   | 2400       | 2600
            A       | foreign  | 50      | 500    | 400        | 600
            """
        ),
        KINDS,
        dated(
            """
            zone_id | age_band | visitor_category     | people
            A       | <18      | resident             | 3000
            A       | 65+      | excursionist         | 2000
            A       | 65+      | foreign tourist      | 600
            A       | <18      | foreign excursionist | 400
            """
        ),
    )
    # Of 6000 people, 500 are of 65+ and not foreign.
    assert values(scored)["attendance_by_age.distance.median"] == pytest.approx(500 / 6000)
    # 1000 foreign people are not among 400 to 600, nor 2000 of 65+ among 2400 to 2600.
    assert values(scored)["attendance_by_age.coverage.1000-2000"] == 0
    assert values(scored)["attendance_by_age.coverage.2000-5000"] == 0.5


@pytest.mark.parametrize(("devices", "distances"), [(599, 0), (600, 1), (601, 1)])
def test_a_distance_needs_600_devices(devices: int, distances: int) -> None:
    released = dated(
        f"""
        zone_id | dwell_band | devices      | people | people_low | people_high
        B       | 1-2 h      | 100          | 10     | 0          | 20
        B       | >=8 h      | {devices - 100} | 30     | 0          | 90
        """
    )
    truth = dated("zone_id | dwell_band | people\nB | 1-2 h | 20\nB | >=8 h | 20")
    found = attribute.of_a_day("dwell", "dwell_band", released, KINDS, truth)
    assert ("dwell.distance.median" in values(found)) == bool(distances)
    assert values(found)["dwell.right"] == pytest.approx(0.75)
    assert found.left_out["dwell: part of fewer than 600 devices (no distance)"] == 1 - distances


def test_pools_of_zones_and_parts_without_a_split_are_counted_and_not_compared() -> None:
    released = dated(
        """
        zone_id ; age_band ; devices ; people ; people_low ; people_high
        A/B     ; <18      ; 900     ; 10     ; 0          ; 20
        A/B     ; 65+      ; 900     ; 10     ; 0          ; 20
        V       ; all      ; 900     ; 30     ; 0          ; 90
        """.replace(";", "|")
    )
    names = pa.array([name.replace("/", "|") for name in released["zone_id"].to_pylist()])
    released = released.set_column(released.column_names.index("zone_id"), "zone_id", names)
    truth = dated("zone_id | age_band | visitor_category | people\nV | <18 | resident | 20")
    found = attribute.of_a_day("attendance_by_age", "age_band", released, KINDS, truth)
    assert found.figures == ()
    assert found.left_out["attendance_by_age: part that is not a single zone"] == 1
    assert found.left_out["attendance_by_age: part without a split"] == 1


def test_large_parts_weigh_more_in_the_weighted_distance() -> None:
    released = dated(
        """
        zone_id | dwell_band | devices | people | people_low | people_high
        A       | 1-2 h      | 600     | 10     | 0          | 20
        B       | 1-2 h      | 600     | 10     | 0          | 20
        """
    )
    truth = dated("zone_id | dwell_band | people\nA | 1-2 h | 300\nB | 1-2 h | 50\nB | >=8 h | 50")
    found = values(attribute.of_a_day("dwell", "dwell_band", released, KINDS, truth))
    # 0 for the 300 people of A, a half for the 100 of B.
    assert found["dwell.distance.weighted"] == pytest.approx(0.125)
    assert found["dwell.distance.median"] == pytest.approx(0.25)
    assert found["dwell.distance.max"] == pytest.approx(0.5)


def test_an_origin_is_a_zone_or_a_departement_or_a_country() -> None:
    released = dated(
        """
        zone_id | origin | devices | people | people_low | people_high
        A       | B      | 20      | 20     | 20         | 20
        A       | 2A     | 20      | 20     | 20         | 20
        A       | 974    | 20      | 20     | 20         | 20
        A       | 21     | 20      | 20     | 20         | 20
        A       | DE     | 20      | 20     | 20         | 20
        """
    )
    truth = dated(
        """
        zone_id | origin | people
        A       | B      | 20
        A       | 2A004  | 20
        A       | 97411  | 15
        A       | 97412  | 5
        A       | 21999  | 20
        A       | DE     | 20
        """
    )
    found = values(attribute.of_a_day("attendance_by_origin", "origin", released, KINDS, truth))
    assert found["attendance_by_origin.right"] == 1
    assert found["attendance_by_origin.coverage.all"] == 1


def of_an_hour(released: str, truth: str):
    parts = numbered(placed(released))
    return attribute.of_an_hour("presence_by_age", "age_band", parts, touching(parts.parts, ZONES), KINDS, dated(truth))


def test_in_an_hour_a_zone_is_compared_where_it_is_one_part() -> None:
    found = of_an_hour(
        """
        window_start | where | age_band | devices | people | people_low | people_high
        10:00        | B     | <18      | 300     | 30     | 20         | 40
        10:00        | B     | 65+      | 300     | 30     | 20         | 40
        10:00        | B     | foreign  | 20      | 90     | 20         | 90
        10:00        | A     | <18      | 600     | 10     | 0          | 20
        10:00        | V     | <18      | 600     | 10     | 0          | 20
        """,
        """
        window_start | zone_id | age_band | people
        10:00        | B       | <18      | 40
        10:00        | B       | 65+      | 20
        10:00        | V       | <18      | 20
        """,
    )
    # A has two parts, its own and that of the venue in it; the foreign people of B are of some age in the truth.
    assert found.left_out["presence_by_age: part that is not a single zone"] == 1
    assert values(found)["presence_by_age.distance.max"] == pytest.approx(1 / 6)
    assert values(found)["presence_by_age.right"] == pytest.approx(1 - 60 / 80 / 6)


def test_hours_are_compared_one_by_one() -> None:
    found = of_an_hour(
        """
        window_start | where | age_band | devices | people | people_low | people_high
        10:00        | B     | <18      | 600     | 30     | 20         | 40
        11:00        | B     | 65+      | 600     | 30     | 20         | 40
        """,
        """
        window_start | zone_id | age_band | people
        10:00        | B       | <18      | 40
        11:00        | B       | <18      | 40
        """,
    )
    assert values(found)["presence_by_age.distance.median"] == 0.5
