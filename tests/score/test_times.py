"""What is compared is of a time of which there is a truth."""

import pyarrow as pa
import pytest

from pipelines.score.times import common
from schemas.errors import InputError
from tests.score.town import dated, truth
from tests.tables import rows


def test_slots_hours_and_days_without_a_truth_are_left_out_and_counted() -> None:
    released = {
        "presence": dated(
            """
            window_start window_end people
            10:00        10:15      1
            10:00        10:30      2
            10:15        10:30      3
            10:30        10:45      4
            """
        ),
        "presence_by_spc": dated("window_start window_end people\n11:00 12:00 1\n12:00 13:00 2"),
        "dwell": dated("zone_id people\nA 1"),
    }
    tomorrow = released["dwell"].set_column(2, "date", pa.array([99_999], pa.date32()))
    released["dwell"] = pa.concat_tables([released["dwell"], tomorrow])
    kept, left_out = common(released, truth())
    assert rows(kept["presence"], ["people"]) == [(1,), (4,)]
    assert rows(kept["presence_by_spc"], ["people"]) == [(1,)]
    assert rows(kept["dwell"], ["date"]) == [(released["dwell"]["date"][0].as_py(),)]
    assert {name.partition(":")[0]: number for name, number in left_out.items()} == {
        "presence": 2,
        "presence_by_spc": 1,
        "dwell": 1,
    }


def test_a_truth_of_other_days_is_refused() -> None:
    with pytest.raises(InputError, match="truth of the days and slots"):
        common({"presence": dated("window_start window_end people\n12:00 12:15 1")}, truth())


def test_a_release_of_nothing_is_no_reason_to_refuse_a_truth() -> None:
    assert common({}, truth()) == ({}, {})
