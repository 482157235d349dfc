"""Attendance and nights, worked out by hand."""

import pyarrow as pa
import pytest

from pipelines.score import attendance, nights
from tests.score.town import dated, values
from tests.tables import rows

KINDS = pa.table({"zone_id": ["A", "B", "V"], "kind": ["commune", "commune", "venue"]})


def pooled(text: str) -> pa.Table:
    """A dated table in which `+` joins what is pooled."""
    found = dated(text)
    for name in found.column_names:
        if pa.types.is_string(found.schema.field(name).type):
            joined = [None if word is None else word.replace("+", "|") for word in found[name].to_pylist()]
            found = found.set_column(found.column_names.index(name), name, pa.array(joined, pa.string()))
    return found


def test_attendance_is_the_truth_of_all_ages_together() -> None:
    released = dated(
        """
        zone_id people people_low people_high
        A       90     80         100
        V       50     40         60
        """
    )
    truth = dated("zone_id | age_band | people\nA | <18 | 60\nA | 65+ | 40\nV | <18 | 40\nB | <18 | 9")
    pairs = attendance.by_zone(released, KINDS, truth)
    assert rows(pairs, ["zone_id", "kind", "people", "truth"]) == [("A", "commune", 90, 100), ("V", "venue", 50, 40)]
    found = values(attendance.zones(released, KINDS, truth))
    assert found["attendance.commune.all.bias"] == pytest.approx(-0.1)
    assert found["attendance.venue.0-300.median"] == pytest.approx(0.25)
    assert found["attendance.coverage.all"] == 1


def test_a_pool_of_zones_is_not_compared_but_counted() -> None:
    released = pooled("zone_id people people_low people_high\nA+B 90 80 100")
    found = attendance.zones(released, KINDS, dated("zone_id people\nA 100"))
    assert found.figures == ()
    assert found.left_out == {"attendance: part of more than one zone": 1}


def test_days_are_compared_one_by_one() -> None:
    released = dated("zone_id people people_low people_high\nA 100 100 100")
    truth = dated("zone_id people\nA 100")
    yesterday = truth.set_column(truth.column_names.index("date"), "date", pa.array([0], pa.date32()))
    pairs = attendance.by_zone(released, KINDS, pa.concat_tables([truth, yesterday]))
    assert rows(pairs, ["truth"]) == [(100,)]


def test_nights_are_compared_over_the_categories_that_are_published() -> None:
    released = pooled(
        """
        zone_id | visitor_category                     | people | people_low | people_high
        A       | resident                             | 270    | 250        | 290
        A       | excursionist+tourist                 | 50     | 40         | 60
        B       | foreign excursionist+foreign tourist | 20     | 10         | 30
        """
    )
    truth = dated(
        """
        zone_id | visitor_category | people
        A       | resident         | 300
        A       | tourist          | 20
        A       | foreign tourist  | 60
        V       | tourist          | 20
        """
    )
    pairs = nights.by_category(released, KINDS, truth)
    assert rows(pairs, ["zone_id", "people", "truth"]) == [("A", 50, 20), ("A", 270, 300), ("B", 20, 0)]
    found = values(nights.zones(released, KINDS, truth))
    assert found["nights.commune.300-1000.bias"] == 0  # 320 for 320
    assert found["nights.coverage.all"] == 0
    assert found["nights.published"] == pytest.approx(320 / 400)


def test_nights_of_a_pool_of_zones_are_not_compared() -> None:
    released = pooled("zone_id | visitor_category | people | people_low | people_high\nA+B | resident | 1 | 1 | 1")
    found = nights.zones(released, KINDS, dated("zone_id | visitor_category | people\nA | resident | 1"))
    assert found.figures == ()
    assert found.left_out == {"nights: row of more than one zone": 1}
